"""Settings from outside the command line: a TOML file and CXKIT_* variables.

For each option the first that is given counts: flag, environment variable, file, default. What is
not known is an error with a suggestion, so that a typing mistake never passes in silence.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cxkit.errors import CxError, RequestError, did_you_mean, visible
from cxkit.terms import OPTIONS, ROLES
from cxkit.values import Shape, Spell, convert, long_option

FILE = "cxkit.toml"
CHART = {"font": Shape("font", str), "footer": Shape("footer", str)}
MISSING = {"words": Shape("words", str, many=True, default=())}
SECTIONS: dict[str, Iterable[str]] = {
    "columns": ROLES,
    "defaults": [name for name in OPTIONS if name != "config"],
    "chart": CHART,
    "missing": MISSING,
}
# Variables that are no options.
ALSO = ("CXKIT_DEBUG",)


class Settings(NamedTuple):
    """The options of one run, however they were given.

    Args:
        values: by option, those that were given, in the option's type.
        said: by option, what the user calls it: `--min-n`, `CXKIT_MIN_N`, `min_n in cxkit.toml`.
        flags: the options that were given on the command line itself.
        chart: the `[chart]` section.
        missing: further words that stand for no answer.
    """

    values: Mapping[str, Any]
    said: Mapping[str, str]
    flags: frozenset[str]
    chart: Mapping[str, Any]
    missing: tuple[str, ...]

    def spell(self, name: str) -> str:
        """What the user calls an option."""
        return self.said.get(name) or long_option(name)


def settle(
    flags: Mapping[str, Any],
    shapes: Mapping[str, Shape],
    environ: Mapping[str, str] = os.environ,
    folder: str | Path = ".",
) -> tuple[Settings, list[CxError]]:
    """All settings of a run, and everything that is wrong with them.

    Args:
        flags: the options of the command line, None or missing where not given.
        shapes: what the options of this command hold; others are checked by name and passed over.
        environ: the environment.
        folder: where `cxkit.toml` is looked for.
    """
    wrong: list[CxError] = []
    variables = _variables(environ, wrong)
    file, named = _find(flags.get("config") or variables.pop("config", None), folder, wrong)
    sections = _sections(file, named, wrong)
    layers: tuple[tuple[Mapping[str, Any], Spell], ...] = (
        (sections["defaults"] | sections["columns"], lambda name: f"{_key(name)} in {named}"),
        (variables, _variable),
        ({name: value for name, value in flags.items() if value is not None}, long_option),
    )
    values: dict[str, Any] = {}
    said: dict[str, str] = {}
    for layer, spell in layers:
        for name, value in _one_format(layer, spell, wrong).items():
            if name in shapes:
                _take(values, said, shapes[name], value, spell(name), wrong)
    return (
        Settings(
            values,
            said,
            frozenset(name for name, value in flags.items() if value is not None),
            _chart(sections["chart"], file, named, wrong),
            _missing(sections["missing"], named, wrong),
        ),
        wrong,
    )


def _take(
    values: dict[str, Any],
    said: dict[str, str],
    shape: Shape,
    value: Any,
    spelled: str,
    wrong: list[CxError],
) -> None:
    try:
        values[shape.name] = convert(value, shape, spelled)
    except CxError as error:
        wrong.append(error)
    said[shape.name] = spelled


def _one_format(layer: Mapping[str, Any], spell: Spell, wrong: list[CxError]) -> dict[str, Any]:
    """`--json` and `--csv` said as `--format`; two formats of one layer contradict each other."""
    rest = {name: value for name, value in layer.items() if name not in ("json", "csv")}
    flags: dict[str, Any] = {}
    for name in ("json", "csv"):
        if layer.get(name) is not None:
            _take(flags, {}, Shape(name, bool), layer[name], spell(name), wrong)
    short = [name for name, asked in flags.items() if asked]
    asked = [*short, *([rest["format"]] if "format" in rest else [])]
    if len(set(asked)) > 1:
        names = [spell(name) for name in (*short, *(["format"] if "format" in rest else []))]
        wrong.append(RequestError("usage", f"{' and '.join(names)} contradict each other"))
    return rest | ({"format": asked[0]} if asked else {})


def _key(name: str) -> str:
    """An option's name in files and variables: `for` of `for_`, which Python cannot name so."""
    return name.rstrip("_")


# The environment


def _variable(name: str) -> str:
    return f"CXKIT_{_key(name).upper()}"


def _variables(environ: Mapping[str, str], wrong: list[CxError]) -> dict[str, Any]:
    """Options from the environment; an empty variable is not given, a list has a value a line."""
    known = {_variable(name): name for name in (*OPTIONS, *ROLES)}
    found: dict[str, Any] = {}
    for variable, value in environ.items():
        if not variable.startswith("CXKIT_") or variable in ALSO or not value:
            continue
        if variable not in known:
            wrong.append(_unknown_variable(variable))
        else:
            lines = value.splitlines()
            found[known[variable]] = lines if len(lines) > 1 else value
    return found


def _unknown_variable(variable: str) -> CxError:
    close = did_you_mean(variable.removeprefix("CXKIT_"), (*OPTIONS, *ROLES))
    hints = [("did you mean", " or ".join(_variable(name) for name in close))] if close else []
    message = f"{visible(variable)} is set, and there is no such option"
    return RequestError("environment", message, hints)


def _unknown(message: str, word: str, known: Iterable[str]) -> CxError:
    close = did_you_mean(word, known)
    hint = ("did you mean", " or ".join(close)) if close else ("known", ", ".join(known))
    return RequestError("config", message, [hint])


# The file


def _find(given: Any, folder: str | Path, wrong: list[CxError]) -> tuple[Mapping[str, Any], Path]:
    """The settings of the file asked for, or of the working folder's if it has one."""
    path = Path(given) if given else Path(folder, FILE)
    if not given and not os.path.lexists(path):
        return {}, path
    try:
        return _parse(path), path
    except CxError as error:
        wrong.append(error)
    return {}, path


def _parse(path: Path) -> Mapping[str, Any]:
    import tomllib

    name = visible(path, 200)
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n"))
    except OSError as error:
        raise RequestError("config", f"cannot read {name}: {_why(error)}") from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise RequestError("config", f"{name}, line {line}: not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise RequestError("config", _bad_toml(name, str(error))) from None


def _why(error: OSError) -> str:
    reason = error.strerror or str(error)
    return reason[:1].lower() + reason[1:]


def _bad_toml(name: str, message: str) -> str:
    """`cxkit.toml, line 3: expected '=' after a key`."""
    match = re.fullmatch(r"(.*?) ?\(at (?:line (\d+), column \d+|end of document)\)", message, re.S)
    text, line = (match[1], match[2]) if match else (message, None)
    where = f"line {line}" if line else "at the end"
    return f"{name}, {where}: {visible(text[:1].lower() + text[1:], 120)}"


def _sections(
    file: Mapping[str, Any], path: Path, wrong: list[CxError]
) -> dict[str, dict[str, Any]]:
    """The sections with the keys they know; every other name is a fault."""
    name = visible(path, 200)
    for section, content in file.items():
        if section not in SECTIONS:
            wrong.append(_misplaced(name, section, content))
        elif not isinstance(content, dict):
            message = f"{name}: {section} must be a section, [{section}]"
            wrong.append(RequestError("config", message))
    return {
        section: _keys(file.get(section), section, known, name, wrong)
        for section, known in SECTIONS.items()
    }


def _misplaced(name: str, key: str, content: object) -> CxError:
    """A name at the top level of the file that is no section."""
    home = next((section for section, known in SECTIONS.items() if key in map(_key, known)), None)
    if home and not isinstance(content, dict):
        return RequestError("config", f"{name}: {visible(key)} belongs in [{home}]")
    message = f'{name}: no section "{visible(key)}"'
    return _unknown(message, key, [f"[{section}]" for section in SECTIONS])


def _keys(
    content: Any, section: str, known: Iterable[str], name: str, wrong: list[CxError]
) -> dict[str, Any]:
    if not isinstance(content, dict):
        return {}
    names = {_key(one): one for one in known}
    for key in content:
        if key not in names:
            message = f'{name}: unknown key "{visible(key)}" in [{section}]'
            wrong.append(_unknown(message, key, names))
    return {names[key]: value for key, value in content.items() if key in names}


def _chart(
    content: Mapping[str, Any], file: Mapping[str, Any], path: Path, wrong: list[CxError]
) -> dict[str, Any]:
    """The `[chart]` section; a font file is named from the folder of the configuration."""
    chart: dict[str, Any] = {}
    for key, value in content.items():
        _take(chart, {}, CHART[key], value, f"{key} in {visible(path, 200)}", wrong)
    if "font" in chart and (path.parent / chart["font"]).is_file():
        chart["font"] = str(path.parent / chart["font"])
    return chart


def _missing(content: Mapping[str, Any], path: Path, wrong: list[CxError]) -> tuple[str, ...]:
    taken: dict[str, Any] = {"words": ()}
    if "words" in content:
        said = f"words in {visible(path, 200)}"
        _take(taken, {}, MISSING["words"], content["words"], said, wrong)
    return tuple(taken["words"])
