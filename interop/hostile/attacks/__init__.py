"""The attacks; every file here registers its own, and they run in this order."""
from . import frames, mutants, payloads, crowds, floods, web  # noqa: F401
