"""The rules of the house: who may import whom, one glossary, one engine, everything explained."""

import ast
import re
import string
from pathlib import Path

import polars as pl
import pytest

import cxkit
from cxkit import cli, commands, reduce, result, terms, values
from cxkit.slices import Slice, condition_of, dates_of
from cxkit.surveys.survey import Scan

PACKAGE = Path(cxkit.__file__).parent
ROOT = Path(__file__).parents[1]

# Ground floor first. A module imports only from lower floors, and from its own package beside it;
# the analyses, `reading` and `output` do not know one another.
FLOORS: tuple[frozenset[str], ...] = tuple(
    frozenset(floor.split())
    for floor in (
        "glossary phrases",
        "errors terms",
        "result values stats topics console",
        "source config",
        "engines",
        "cells",
        "reduce accounts",
        "slices",
        "surveys",
        "orders predictors touchpoints",
        "nps csat ces experience journey gap compare drivers monetize retention survival clv "
        "referrals pareto growth | reading | output",
        "intake delivery notebook",
        "commands",
        "usage checks conversion samples",
        "check convert sample",
        "__init__ cli __main__",
    )
)


def name_of(file: Path) -> str:
    """`reading.text` of `cxkit/reading/text.py`; a package by its name, cxkit as `__init__`."""
    parts = file.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__") or "__init__"


FILES = {name_of(file): file for file in sorted(PACKAGE.rglob("*.py"))}
TREES = {name: ast.parse(file.read_text(encoding="utf-8")) for name, file in FILES.items()}


def running(node: ast.AST):
    """The nodes that run: what only type checkers read is left out."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        yield child
        yield from running(child)


def imported(name: str) -> set[str]:
    """Full names of the modules that a module imports, anywhere in it."""
    found = set()
    for node in running(TREES[name]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively"
            found |= {_module(str(node.module), alias.name) for alias in node.names}
    return found


def _module(module: str, name: str) -> str:
    full = f"{module}.{name}"
    return full if full.removeprefix("cxkit.") in FILES else module


def own(name: str) -> set[str]:
    """The modules of the package that a module imports, by their short names."""
    return {
        "__init__" if found == "cxkit" else found.removeprefix("cxkit.")
        for found in imported(name)
        if found == "cxkit" or found.startswith("cxkit.")
    }


def place(name: str) -> tuple[int, str]:
    """The floor of a module, and its group there."""
    for floor, names in enumerate(FLOORS):
        for one in (name, name.partition(".")[0]):
            if one in names:
                return floor, one
    raise AssertionError(f"{name} stands on no floor")


VERSION_ONLY = {"output.data", "output.workbook"}  # they ask cxkit for its version


@pytest.mark.parametrize("name", FILES)
def test_imports_go_downward(name):
    floor, group = place(name)
    for other in own(name):
        if other == "__init__" and (name in VERSION_ONLY or floor == len(FLOORS) - 1):
            continue
        below, its_group = place(other)
        beside = group == its_group and (PACKAGE / group).is_dir()
        top = floor == below == len(FLOORS) - 1
        assert below < floor or beside or top, f"{name} imports {other}"


def test_version_is_all_that_output_asks_of_the_package():
    for name in VERSION_ONLY:
        asked = re.findall(r"\bcxkit\.(\w+)", ast.unparse(TREES[name]).replace("from cxkit.", ""))
        assert set(asked) == {"__version__"}


def test_imports_make_no_circle():
    """Also inside a package."""
    above: list[str] = []
    done: set[str] = set()

    def visit(name: str) -> None:
        if name in done:
            return
        assert name not in above, " → ".join([*above, name])
        above.append(name)
        for other in sorted(own(name) - {"__init__"}):
            visit(other)
        above.pop()
        done.add(name)

    for name in FILES:
        visit(name)


@pytest.mark.parametrize(
    ("library", "allowed"),
    [
        ("typer", r"cli|usage"),
        ("rich", r"output\..*"),
        ("matplotlib", r"output\..*"),
        ("xlsxwriter", r"output\..*"),
        ("fastexcel", r"reading\..*"),
        ("scipy", r"stats\..*"),
        ("numpy", r"stats\..*|samples\..*"),  # samples draw: nothing is computed from data
    ],
)
def test_libraries_stay_where_they_belong(library, allowed):
    users = {n for n in FILES if any(i.partition(".")[0] == library for i in imported(n))}
    assert users == {name for name in users if re.fullmatch(allowed, name)}


def test_output_and_statistics_know_no_analysis():
    analyses = {command.module.removeprefix("cxkit.") for command in commands.COMMANDS}
    for name in FILES:
        if name.startswith(("output", "reading", "stats")):
            assert not own(name) & analyses


def test_only_engines_collects():
    """Every pass over the rows ends in one place."""
    for name, tree in TREES.items():
        calls = {
            node.func.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        }
        passes = calls & {"collect", "collect_async", "collect_all", "collect_batches", "fetch"}
        passes |= {call for call in calls if call.startswith(("sink_", "read_csv", "read_parquet"))}
        assert not passes or name == "engines", f"{name}: {passes}"


def test_the_tree_of_the_documentation_is_the_tree():
    """Every module is named but those of `reading/layouts`, which are all alike."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    tree = re.search(r"```text\ncxkit/\n(.*?)```", text, re.DOTALL)
    assert tree
    named: set[str] = set()
    for line in tree[1].splitlines():
        left, *right = re.split(r"\s{2,}", line.strip(), maxsplit=1)
        inside = left.endswith("/") or line.startswith(" " * 8)
        named |= set(" ".join([left, *(right if inside else [])]).replace("/", "").split())
    modules = {name.rpartition(".")[2] for name in FILES if ".layouts." not in name}
    assert modules - named == set()
    assert set(re.findall(r"(?m)^  (\w+)  ", tree[1])) <= modules


def test_nothing_prints_but_the_edge():
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "print":
                raise AssertionError(f"{name} prints")


@pytest.mark.parametrize("name", FILES)
def test_public_names_are_explained(name):
    """Modules, and every public class, function and method but properties of one word."""
    assert ast.get_docstring(TREES[name]), name
    for node, inside in explained(TREES[name], ""):
        assert ast.get_docstring(node), f"{name}: {inside}{node.name}"


def explained(tree: ast.AST, inside: str):
    """Public definitions at the top level and in public classes."""
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        if isinstance(node, ast.ClassDef):
            yield node, inside
            yield from explained(node, f"{node.name}.")
        elif not (inside and len(node.body) == 1):
            yield node, inside


# --- the glossary --------------------------------------------------------------------------------


def answers() -> pl.DataFrame:
    """Forty answers of two groups in two months."""
    return pl.DataFrame(
        {
            "score": [10, 9, 7, 3] * 10,
            "region": ["N", "S"] * 20,
            "day": [f"2026-0{1 + i // 20}-15" for i in range(40)],
        }
    )


def test_every_result_column_is_in_the_glossary():
    found = cxkit.nps(answers(), by=["region", "day"], period="month", date="day", target=10)
    assert set(found.rows.columns) - {"region", "day"} <= set(terms.COLUMNS)
    assert set(found.summary) <= set(terms.COLUMNS)
    assert set(commands.load(commands.COMMANDS[0]).COLUMNS) <= set(terms.COLUMNS)


def test_what_is_shown_is_in_the_glossary():
    found = cxkit.nps(answers(), by=["region"], period="month", date="day")
    for table in found.tables:
        for shown in (*table.columns, *table.headline):
            assert (shown if isinstance(shown, str) else shown.term) in terms.COLUMNS
        assert {key for key, _ in table.footnotes} <= set(terms.PHRASES)
    for chart in found.charts:
        assert {key for key, _ in (*chart.footnotes, chart.finding)} <= set(terms.PHRASES)


@pytest.mark.parametrize("key", terms.PHRASES)
def test_phrases_say_the_same_in_both_languages(key):
    english, vietnamese = terms.PHRASES[key]
    assert fields(english) == fields(vietnamese)


def fields(text: str) -> set[str]:
    """The placeholders of a phrase."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_terms_have_both_languages_and_a_meaning():
    for name, term in terms.COLUMNS.items():
        assert all((term.en, term.vi, term.meaning)), name
        assert fields(term.en) == fields(term.vi)


@pytest.mark.parametrize("command", commands.COMMANDS, ids=lambda command: command.name)
def test_every_option_has_help(command):
    module = commands.load(command)
    own = commands.shapes(getattr(module, command.name))
    shapes = [shape for shape in (*own, *cli.OUTPUT, *commands.READING)
              if shape.name not in getattr(module, "WITHOUT", ())]  # fmt: skip
    for shape in shapes:
        option = terms.OPTIONS[shape.name]
        assert option.help, shape.name
        assert option.choices or option.metavar or shape.type is bool, shape.name
        if option.choices and shape.default:
            assert shape.default in option.choices
    roles = {shape.name for shape in shapes} & set(terms.ROLES)
    assert all(terms.OPTIONS[role].help == terms.ROLES[role].help for role in roles)
    assert set(getattr(module, "FINDS", ())) <= set(terms.ROLES)


def test_no_option_is_left_over():
    """Each option of the glossary belongs to some command."""
    used = {shape.name for shape in (*cli.OUTPUT, *commands.READING)}
    for command in commands.COMMANDS:
        used |= {s.name for s in commands.shapes(getattr(commands.load(command), command.name))}
    assert set(terms.OPTIONS) == used
    assert set(values.RANGES) | set(values.NEEDS) <= used


def test_reasons_have_words():
    from cxkit.console import REASONS

    assert set(REASONS) <= set(result.REASONS)


def test_messages_have_stable_names():
    """Slugs of errors and codes of notes are lower-case words."""
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            called = ast.unparse(node.func)
            first = node.args[0]
            if called in ("RequestError", "DataError", "Note") and isinstance(first, ast.Constant):
                assert re.fullmatch(r"[a-z]+(-[a-z]+)*", first.value), f"{name}: {first.value}"


# --- streaming -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def surveys(tmp_path_factory):
    """The same small survey as CSV and as Parquet."""
    folder = tmp_path_factory.mktemp("streaming")
    frame = answers().with_columns(customer=pl.int_range(40) % 30)
    frame.write_csv(folder / "a.csv")
    frame.with_columns(pl.col("day").str.to_date()).write_parquet(folder / "a.parquet")
    return folder


SLICES = {
    "whole": {},
    "groups": {"by": (("region",), ("region", "day"))},
    "periods": {"by": (("region",),), "period": "month", "date": "day"},
    "weeks": {"period": "week", "date": "day"},
    "where": {"where": ("region = 'N' AND score >= 3", "day >= '2026-01-01'")},
    "like": {"where": ("region LIKE 'N%'", "LOWER(region) <> 's'")},
}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("name", SLICES)
def test_the_count_streams(surveys, kind, name):
    source = cxkit.read(surveys / f"a.{kind}")
    where = Slice(**SLICES[name])
    scan = Scan(source, "score", where, dates_of(source, where), condition_of(source, where))
    for cut in ("month", "day"):
        lazy = reduce.counted(source, scan.keys(cut), count=where.count, extra=scan.extra(cut))
        assert not in_memory(lazy)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("words", [{"keep": "last"}, {"keep": "first"}, {}])
def test_one_answer_a_customer_streams(surveys, kind, words, monkeypatch):
    """Every reduction of the run is looked at as it reaches the engine."""
    from cxkit import engines
    from cxkit.surveys import customers

    seen = []

    def look(lazy, source):
        seen.append(in_memory(lazy))
        return engines.collect(lazy, source)

    monkeypatch.setattr(customers, "collect", look)
    monkeypatch.setattr(reduce, "collect", look)
    cxkit.nps(
        surveys / f"a.{kind}", by="region", period="month", date="day", customer="customer", **words
    )
    assert len(seen) >= 2
    assert not any(seen)


def test_a_fallback_would_be_seen(surveys):
    rows = cxkit.read(surveys / "a.parquet").rows
    assert in_memory(rows.with_columns(pl.col("score").rank()))


def in_memory(lazy: pl.LazyFrame) -> list[str]:
    """The nodes of the physical plan that fall back to the engine that holds all rows.

    They are known by their colour, which the plan's legend gives.
    """
    graph = lazy.show_graph(engine="streaming", plan_stage="physical", raw_output=True, show=False)
    colour = re.search(r'COLOR="([^"]+)">[^<]*</FONT> in-memory engine fallback', str(graph))
    assert colour, graph
    return re.findall(rf'label="((?:[^"\\]|\\.)*)"[^\]]*fillcolor="{colour[1]}"', str(graph))
