"""Customer-experience analytics: from the exports you already have to figures that can be defended.

One function for each command, under the same name and with the same keywords:

    result = cxkit.nps("survey.csv", by="region")
    result.rows, result.summary, result.notes
    cxkit.write(result, "nps.png")
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

from cxkit.commands import COMMANDS

__version__ = "0.1.0"

# Public names and where they are defined; each is imported when it is first used.
_HOMES = {
    "read": "cxkit.reading",
    "render": "cxkit.output",
    "write": "cxkit.output",
    "Chart": "cxkit.result",
    "Ledger": "cxkit.result",
    "Note": "cxkit.result",
    "Result": "cxkit.result",
    "Source": "cxkit.source",
    "CxError": "cxkit.errors",
    "DataError": "cxkit.errors",
    "RequestError": "cxkit.errors",
}
_COMMANDS = {command.name: command for command in COMMANDS}

__all__ = [*_COMMANDS, *_HOMES, "__version__"]


def _public(name: str) -> Any:
    """A public object: a command's function, or a name from its home."""
    from cxkit import notebook

    notebook.hook()
    if name in _COMMANDS:
        from cxkit.commands import function

        return function(_COMMANDS[name])
    return getattr(import_module(_HOMES[name]), name)


class _Package(ModuleType):
    """The package, whose commands are functions although their modules have the same names."""

    def __getattr__(self, name: str) -> Any:
        if name not in _COMMANDS and name not in _HOMES:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        found = self.__dict__[name] = _public(name)
        return found

    def __setattr__(self, name: str, value: Any) -> None:
        # importing cxkit.nps would put the module where the function is
        if not (name in _COMMANDS and isinstance(value, ModuleType)):
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted(__all__)


sys.modules[__name__].__class__ = _Package
