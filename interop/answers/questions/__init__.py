"""The questions, family by family: every file here with CHAPTERS is one; README.md says what else it may hold."""
import importlib
import pkgutil

_MODULES = [(file.name, importlib.import_module(f"{__name__}.{file.name}")) for file in pkgutil.iter_modules(__path__)]
FAMILIES = {name: module for name, module in _MODULES if hasattr(module, "CHAPTERS")}
