"""`docs/reference.md` is made from the glossary and from the commands themselves.

After a change of either: `python tests/test_reference.py` writes it anew.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import cxkit
from cxkit import cli, commands, config, glossary, terms, topics, values
from cxkit.checks import profile
from cxkit.result import REASONS, Result

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docs" / "reference.md"
PANELS = ("Input", "Columns", "Slice", "Statistics", "Output", "Reading")
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
Of `rows`, by command and view, in CSV and JSON in this order; then the entries of `summary` in
JSON. Names stay English in every language; the headings are those of printed tables. Undefined is
`null`. Columns of `--by` stand behind `table`, which names them where several tables are asked
for."""
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


@cache
def results() -> dict[str, dict[str, Result]]:
    """A result of every command whose columns depend on what is asked, by what is asked."""
    survey = cxkit.sample("survey", rows=600).rows
    orders = cxkit.sample("orders", rows=3_000).rows
    touches = cxkit.sample("touchpoints", rows=1_000).rows
    contracts = str(ROOT / "examples" / "contracts.csv")
    rated, times = {"drivers": ["buy", "delivery"]}, {"start": "start", "end": "end"}
    stages = {"stages": ["buy", "delivery"], "score": "score", "metric": "csat"}
    return {
        "nps": {"": cxkit.nps(survey, period="month")},
        "csat": {"": cxkit.csat(survey, period="month")},
        "ces": {"": cxkit.ces(survey, period="month")},
        "journey": {
            "": cxkit.journey(touches, stage="stage"),
            "--metric csat": cxkit.journey(survey, **stages),
            "--view flow": cxkit.journey(touches, view="flow"),
            "--view funnel": cxkit.journey(touches, view="funnel"),
            "--view channels": cxkit.journey(touches, view="channels"),
            "--view units": cxkit.journey(survey, view="units", unit="region"),
        },
        "drivers": {
            "": cxkit.drivers(survey, **rated),
            "--view kano": cxkit.drivers(survey, **rated, view="kano"),
        },
        "monetize": {"": cxkit.monetize(survey, orders=orders)},
        "retention": {
            "": cxkit.retention(orders, survey=survey),
            "--view cohorts": cxkit.retention(orders, view="cohorts"),
        },
        "survival": {"": cxkit.survival(contracts, **times)},
        "clv": {
            "": cxkit.clv(orders),
            "--view customers": cxkit.clv(orders, view="customers"),
            "--model sbg": cxkit.clv(contracts, model="sbg", **times),
        },
        "referrals": {
            "": cxkit.referrals(orders, survey=survey),
            "--view advocates": cxkit.referrals(orders, view="advocates"),
            "--view generations": cxkit.referrals(orders, view="generations"),
        },
        "pareto": {
            "": cxkit.pareto(orders),
            "--view items": cxkit.pareto(orders, view="items"),
        },
        "growth": {"": cxkit.growth(orders)},
        "gap": {"": cxkit.gap(survey, expected=["buy"], perceived=["delivery"])},
        "compare": {"": cxkit.compare(survey)},
        "experience": {
            "": cxkit.experience(survey, success="buy", ease="browse", emotion="support")
        },
    }  # fmt: skip


# What is said of the columns of a command.
SAID = {
    "nps": "`period` with `--period` only.",
    "csat": "`period` with `--period` only.",
    "ces": "`period` with `--period` only.",
    "retention": "`category` with `--survey` only.",
    "referrals": "`category` with `--survey` only.",
    "survival": "The rows are the curve: one for each time at which customers left or were last "
    "seen. The printed table, survival at a few round times, is made from them.",
    "clv": "With `--by` the rows are groups, and `purchases` and `renewals` are null. With "
    "`--model sbg` and without `--amount` a period that is paid counts 1.",
}


def _columns() -> Iterable[str]:
    for command in commands.COMMANDS:
        yield f"### {command.name}"
        units = UNITS if command.name == "nps" else OTHERS
        if said := SAID.get(command.name):
            yield said
        if command.name in results():
            yield from _views(command.name, units)
        else:
            yield _listed(commands.load(command).COLUMNS, units)
        if command.name == "check":
            yield OF_PROFILE
            yield _listed(profile.KINDS, OTHERS)


def _views(command: str, units: Mapping[str, str]) -> Iterable[str]:
    """The columns of each view of a command, and what its summary holds."""
    told: set[str] = set()
    for asked, result in results()[command].items():
        if asked:
            yield f"With `{asked}`:"
        yield _listed(result.rows.columns, units, result)
        told |= {*result.rows.columns}
        summary = [*result.summary]
        yield "`summary`: " + " ".join(map(_code, summary))
        if more := [name for name in summary if name not in told]:
            yield _listed(more, units, result)
            told |= {*more}


def _listed(
    names: Iterable[str], units: Mapping[str, str] = UNITS, result: Result | None = None
) -> str:
    rows = [
        (_code(name), term.en, term.vi, kind, units[kind], term.meaning)
        for name in dict.fromkeys(names)
        if (term := terms.COLUMNS.get(name))
        for kind in [_kind(name, result)]
    ]
    return table(("column", "heading", "Vietnamese", "kind", "unit", "meaning"), rows)


def _kind(name: str, result: Result | None) -> str:
    """How a column is written; limits as the figure they belong to."""
    if result is None:
        return terms.COLUMNS[name].kind
    return glossary.kind(name, glossary.main(result.command, result.view), result.kinds)


def _public() -> Iterable[str]:
    for command in commands.COMMANDS:
        for result in results().get(command.name, {}).values():
            yield from (*result.rows.columns, *result.summary)
        yield from getattr(commands.load(command), "COLUMNS", ())


def _headings() -> Iterable[str]:
    known = {*_public(), *profile.KINDS}
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


def test_every_view_of_every_command_is_there() -> None:
    """Columns come from results: of each command, and of each of its views."""
    own = {"check", "convert", "sample"}
    assert {command.name for command in commands.COMMANDS} == {*results(), *own}
    for command in commands.COMMANDS:
        every = commands.shapes(getattr(commands.load(command), command.name))
        views = [view for shape in every if shape.name == "view" for view in shape.choices[1:]]
        for view in views:
            assert f"--view {view}" in results()[command.name], (command.name, view)


def test_every_column_of_a_result_is_explained() -> None:
    for name, asked in results().items():
        for result in asked.values():
            for column in (*result.rows.columns, *result.summary):
                assert column in terms.COLUMNS, (name, result.view, column)


def test_no_table_of_the_reference_is_empty() -> None:
    lines = reference().splitlines()
    ruled = [i for i, line in enumerate(lines) if line.startswith("| --- |")]
    assert len(ruled) > 50
    for i in ruled:
        assert lines[i + 1].startswith("| "), lines[i - 4 : i + 1]


def test_every_column_is_listed() -> None:
    text = reference()
    for name, term in terms.COLUMNS.items():
        assert f"`{name}`" in text or term.meaning in text, name


if __name__ == "__main__":
    FILE.write_text(reference(), encoding="utf-8")
