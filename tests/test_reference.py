"""`docs/reference.md` is made from the glossary and from the commands themselves.

After a change of either: `python tests/test_reference.py` writes it anew.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from cxkit import cli, commands, config, terms, topics, values
from cxkit.checks import profile
from cxkit.result import REASONS

FILE = Path(__file__).parents[1] / "docs" / "reference.md"
PANELS = ("Input", "Columns", "Slice", "Statistics", "Output", "Reading")
SUMMARY = ("omnibus_p", "target", "target_probability")
UNITS = {
    "text": "", "count": "answers", "points": "points, −100…100", "change": "points, −200…200",
    "rate": "fraction, 0–1", "p": "0–1", "probability": "0–1", "number": "", "list": "",
    "rate-change": "fraction", "number-change": "", "money": "the file's currency",
    "main": "that of the main figure",
}  # fmt: skip
OTHERS = UNITS | {"count": ""}  # rows, cells and lines, not answers
LEFT_OUT = {
    "preview": "a preview made by the survey's author",
    "test": "a test answer",
    "unfinished": "an answer that was not finished",
    "where": "`--where` does not hold",
    "no-date": "no date, or none that can be read, where one is needed",
    "period": "outside `--since`, `--until` and `--last`",
    "missing": "no answer",
    "invalid": "an answer that is not on the scale",
    "weight": "no weight",
    "incomplete": "one of several answers that are needed together is missing",
    "superseded": "another answer of the same customer counts (`--keep`)",
    "no-customer": "no customer",
    "no-amount": "no amount",
    "cancelled": "a cancelled order",
    "voided": "a voided order",
    "unpaid": "an order that was not paid",
    "return": "goods sent back",
}
HEAD = """\
# Reference

Made from the glossary and the commands by `tests/test_reference.py`; changes made here are lost.
"""


def reference() -> str:
    """The text of the page."""
    parts = [HEAD]
    for command in commands.COMMANDS:
        parts += [f"## cxkit {command.name}", *_command(command)]
    parts += ["## Columns", COLUMNS, *_columns(), "## Headings only", *_headings()]
    parts += ["## Roles", ROLES, *_roles(), "## The ledger", LEDGER, *_reasons()]
    parts += ["## Exit codes", *_codes(), "## Settings", *_settings()]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


COLUMNS = """\
Of `rows`, by command, in CSV and JSON in this order. Names stay English in every language; the
headings are those of printed tables. Undefined is `null`."""
OF_NPS = """\
The grouping columns stand behind `table`, `period` behind them. `summary` has those from `n` to
`n_effective`, and the last three."""
OF_PROFILE = "And of `profile`, what `summary` holds of each column of the file:"
ROLES = """\
A column plays a role if its option names it. Where a command cannot do without the role, the
column is found by its name; large and small letters, `_`, `-` and blanks make no difference."""
LEDGER = """\
`read` = `used` + all of `left_out`. A row counts under the first reason that applies, in this
order. With `--count` these are answers, not rows."""


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def _command(command: commands.Command) -> Iterable[str]:
    module = commands.load(command)
    analysis = getattr(module, command.name)
    every = (*cli.OUTPUT, *commands.shapes(analysis), *commands.READING)
    without = getattr(module, "WITHOUT", ())
    shapes = {shape.name: shape for shape in every if shape.name not in without}
    yield " ".join((analysis.__doc__ or "").split("\n\n")[0].split())
    if examples := getattr(module, "EXAMPLES", ()):
        yield "```text\n" + "\n".join(examples) + "\n```"
    for panel in PANELS:
        listed = [name for name in terms.OPTIONS if terms.OPTIONS[name].panel == panel]
        if not set(listed) & set(shapes):
            continue
        yield f"**{panel}**"
        yield table(
            ("option", "value", "default", "meaning"),
            [_option(shapes[name]) for name in listed if name in shapes],
        )
    aliases = [alias for alias in commands.ALIASES if alias.command == command.name]
    for alias in aliases:
        preset = " ".join(f"{values.long_option(k)} {v}" for k, v in alias.preset.items())
        yield f"`cxkit {alias.name}` is `{f'cxkit {command.name} {preset}'.strip()}`."


def _option(shape: values.Shape) -> tuple[str, ...]:
    option = terms.OPTIONS[shape.name]
    text = shape.help or option.help
    names = [cli.SHORT[shape.name]] if shape.name in cli.SHORT else []
    names.append(values.long_option(shape.name))
    value = " ".join(shape.choices or option.choices) or option.metavar
    default = "" if shape.type is bool or shape.default in (None, ()) else str(shape.default)
    meaning = text + ("; may be repeated" if shape.many and "repeated" not in text else "")
    return ", ".join(f"`{name}`" for name in names), _code(value), _code(default), meaning


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _columns() -> Iterable[str]:
    for command in commands.COMMANDS:
        named = tuple(getattr(commands.load(command), "COLUMNS", ()))
        yield f"### {command.name}"
        if command.name == "nps":
            yield OF_NPS
            named = ("table", "period", *named, *SUMMARY)
        yield _listed(named, UNITS if command.name == "nps" else OTHERS)
        if command.name == "check":
            yield OF_PROFILE
            yield _listed(profile.KINDS, OTHERS)


def _listed(names: Iterable[str], units: Mapping[str, str] = UNITS) -> str:
    rows = [
        (_code(name), term.en, term.vi, term.kind, units[term.kind], term.meaning)
        for name in dict.fromkeys(names)
        if (term := terms.COLUMNS.get(name))
    ]
    return table(("column", "heading", "Vietnamese", "kind", "unit", "meaning"), rows)


def _public() -> Iterable[str]:
    for command in commands.COMMANDS:
        yield from getattr(commands.load(command), "COLUMNS", ())


def _headings() -> Iterable[str]:
    known = {"table", "period", *_public(), *profile.KINDS, *SUMMARY}
    rows = [
        (term.en, term.vi, term.meaning)
        for name, term in terms.COLUMNS.items()
        if name not in known
    ]
    yield "Columns of printed tables that are made of several columns."
    yield table(("heading", "Vietnamese", "meaning"), rows)


def _roles() -> Iterable[str]:
    rows = [
        (_code(values.long_option(name)), role.help, ", ".join(role.names) or "only given")
        for name, role in terms.ROLES.items()
    ]
    yield table(("option", "role", "found under these names"), rows)


def _reasons() -> Iterable[str]:
    yield table(("reason", "a row with"), [(_code(r), LEFT_OUT[r]) for r in REASONS])


def _codes() -> Iterable[str]:
    text = re.sub(r"\n {4,}", " ", topics.TOPICS["exit-codes"][1])
    yield table(("code", "meaning"), re.findall(r"(?m)^ +(\d+) +(.+)$", text))
    yield text.split("\n\n", 1)[1]


def _settings() -> Iterable[str]:
    yield "For each option the first that is given counts: flag, variable, file, default."
    sections = {
        "columns": "which column plays which role: "
        + ", ".join(map(_code, config.SECTIONS["columns"])),
        "defaults": "any option of a command, in lower case with `_`",
        "chart": ", ".join(map(_code, config.SECTIONS["chart"])),
        "missing": "`words`: further words for no answer",
    }
    assert set(sections) == set(config.SECTIONS)
    rows = [(f"`[{name}]` in `{config.FILE}`", text) for name, text in sections.items()]
    rows += [
        ("`CXKIT_MIN_N`, …", "any option in capitals; several values stand on lines of their own"),
        ("`CXKIT_DEBUG`", "the trace of a bug is printed"),
        ("`NO_COLOR`, `FORCE_COLOR`", "no colour, or colour, whatever stdout is"),
        ("`COLUMNS`", "the width of a terminal"),
        ("`SOURCE_DATE_EPOCH`", "the date written into workbooks"),
    ]
    yield table(("where", "what"), rows)


def test_the_reference_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == reference(), "run python tests/test_reference.py"


def test_every_reason_is_explained() -> None:
    assert list(LEFT_OUT) == list(REASONS)


def test_every_option_is_listed() -> None:
    """Under its command, with what it means there."""
    parts = reference().split("\n## ")
    for command in commands.COMMANDS:
        part = next(one for one in parts if one.startswith(f"cxkit {command.name}\n"))
        for shape in commands.shapes(getattr(commands.load(command), command.name)):
            assert f"`{values.long_option(shape.name)}`" in part, (command.name, shape.name)
    convert = next(one for one in parts if one.startswith("cxkit convert\n"))
    assert ".md" not in convert
    assert ".json" not in convert


def test_columns_are_listed_by_command() -> None:
    text = reference().partition("## Columns")[2]
    check = text.partition("### check")[2].partition("### convert")[0]
    assert "`first_line`" in check
    assert "`holds`" in check
    assert "`nps`" not in check
    assert "| count |  |" in check
    assert "| count | answers |" not in check


def test_every_column_is_listed() -> None:
    text = reference()
    for name, term in terms.COLUMNS.items():
        assert f"`{name}`" in text or term.meaning in text, name


if __name__ == "__main__":
    FILE.write_text(reference(), encoding="utf-8")
