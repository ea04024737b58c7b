"""The messages that the suite sends and reads, by name; every file here adds its own."""
import importlib
import pkgutil

from wire import Api

ALL = {}
for _file in pkgutil.iter_modules(__path__):
    for _name, _api in vars(importlib.import_module(f"{__name__}.{_file.name}")).items():
        if isinstance(_api, Api):
            assert ALL.setdefault(_name, _api) is _api, f"{_name} is defined twice"
