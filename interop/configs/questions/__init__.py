"""The families: a broker's settings beside the base (PROPERTIES), and a conversation with it (CHAPTERS).

A chapter yields (label, API, version, body) and is sent the answer. The label None means: not compared. `@API` asks
the controller's listener.
"""
from . import changed, configured, defaults, every, groups

FAMILIES = {module.__name__.rpartition(".")[2]: module for module in (defaults, configured, every, changed, groups)}
