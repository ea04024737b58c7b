"""The attacks; every file here registers its own, and they run in this order."""
from . import frames, mutants, payloads, crowds, floods  # noqa: F401
