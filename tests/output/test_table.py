"""Printed tables: snapshots of our own layout, and the promises that hold at any width."""

from __future__ import annotations

import re
import string
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from cxkit.output import words
from cxkit.output.data import as_csv, as_json
from cxkit.output.grid import Style, bar, in_order
from cxkit.output.markdown import as_markdown
from cxkit.output.table import render_table
from cxkit.result import Interval, Result, Table

Make = Callable[..., Result]
SNAPSHOTS = {
    100: """\
NPS +20   95% CI +15 to +25   n = 1,086            46% pro · 29% pas · 26% det

region                n     NPS       95% CI   det·pas·pro    vs rest        p
──────────────────────────────────────────────────────────────────────────────
TP. Hồ Chí Minh     412     +31   +23 to +38   ▒▒····██████     ▲ +17    0.002
Đà Nẵng             188     +24   +13 to +36   ▒▒▒···██████        +5    0.883
Hà Nội              365     +19   +11 to +27   ▒▒▒····█████        −1    0.883
Cần Thơ             121     −21    −35 to −6   ▒▒▒▒▒▒···███     ▼ −46   <0.001
──────────────────────────────────────────────────────────────────────────────
all               1,086     +20   +15 to +25   ▒▒▒····█████
▲▼ differs from the other groups, p < 0.05, Holm-adjusted for 4 tests
""",
    78: """\
NPS +20   95% CI +15 to +25   n = 1,086            46% pro · 29% pas · 26% det

region                n     NPS       95% CI   det·pas·pro    vs rest        p
──────────────────────────────────────────────────────────────────────────────
TP. Hồ Chí Minh     412     +31   +23 to +38   ▒▒····██████     ▲ +17    0.002
Đà Nẵng             188     +24   +13 to +36   ▒▒▒···██████        +5    0.883
Hà Nội              365     +19   +11 to +27   ▒▒▒····█████        −1    0.883
Cần Thơ             121     −21    −35 to −6   ▒▒▒▒▒▒···███     ▼ −46   <0.001
──────────────────────────────────────────────────────────────────────────────
all               1,086     +20   +15 to +25   ▒▒▒····█████
▲▼ differs from the other groups, p < 0.05, Holm-adjusted for 4 tests
""",
    70: """\
NPS +20   95% CI +15 to +25   n = 1,086   46% pro · 29% pas · 26% det

region                n     NPS       95% CI   vs rest        p
───────────────────────────────────────────────────────────────
TP. Hồ Chí Minh     412     +31   +23 to +38     ▲ +17    0.002
Đà Nẵng             188     +24   +13 to +36        +5    0.883
Hà Nội              365     +19   +11 to +27        −1    0.883
Cần Thơ             121     −21    −35 to −6     ▼ −46   <0.001
───────────────────────────────────────────────────────────────
all               1,086     +20   +15 to +25
1 column hidden, --width 100
▲▼ differs from the other groups, p < 0.05, Holm-adjusted for 4 tests
""",
    59: """\
NPS +20   95% CI +15 to +25   n = 1,086
46% pro · 29% pas · 26% det

region                n     NPS       95% CI   vs rest
──────────────────────────────────────────────────────
TP. Hồ Chí Minh     412     +31   +23 to +38     ▲ +17
Đà Nẵng             188     +24   +13 to +36        +5
Hà Nội              365     +19   +11 to +27        −1
Cần Thơ             121     −21    −35 to −6     ▼ −46
──────────────────────────────────────────────────────
all               1,086     +20   +15 to +25
2 columns hidden, --width 100
▲▼ differs from the other groups, p < 0.05, Holm-adjusted
for 4 tests
""",
    47: """\
NPS +20   95% CI +15 to +25   n = 1,086
46% pro · 29% pas · 26% det

region: TP. Hồ Chí Minh
NPS +31 (+23 to +38), n 412, above the rest

region: Đà Nẵng
NPS +24 (+13 to +36), n 188

region: Hà Nội
NPS +19 (+11 to +27), n 365

region: Cần Thơ
NPS −21 (−35 to −6), n 121, below the rest

all
NPS +20 (+15 to +25), n 1,086

3 columns hidden, --width 100
“above” or “below”: differs from the other
groups, p < 0.05, Holm-adjusted for 4 tests
""",
}
PLAIN = """\
NPS +20   95% CI +15 to +25   n = 1,086    46% pro · 29% pas · 26% det

region               n  NPS      95% CI  vs rest       p
---------------  -----  ---  ----------  -------  ------
TP. Hồ Chí Minh    412  +31  +23 to +38    ▲ +17   0.002
Đà Nẵng            188  +24  +13 to +36       +5   0.883
Hà Nội             365  +19  +11 to +27       −1   0.883
Cần Thơ            121  −21   −35 to −6    ▼ −46  <0.001
---------------  -----  ---  ----------  -------  ------
all              1,086  +20  +15 to +25
▲▼ differs from the other groups, p < 0.05, Holm-adjusted for 4 tests
"""
BY_PERIOD = """\
NPS +23   95% CI +17 to +29   n = 700       44% pro · 34% pas · 21% det

region    period                n     NPS       95% CI   change       p
───────────────────────────────────────────────────────────────────────
Hà Nội    2026-Q1             110     +27   +13 to +40        –       –
          2026-Q2             120     +33   +19 to +46     ▲ +7   0.030
          2026-Q3 (partial)   130     +38   +25 to +50      +13       –

Cần Thơ   2026-Q1             100     +10    −5 to +25        –       –
          2026-Q2             110     +18    +3 to +32     ▲ +7   0.030
          2026-Q3 (partial)   120     +25   +11 to +38      +13       –
───────────────────────────────────────────────────────────────────────
all                           700     +23   +17 to +29
1 column hidden, --width 100
▲▼ differs from the previous period, p < 0.05, Holm-adjusted for 2 tests
"""


def terminal(result: Result, width: int = 80, **options: Any) -> str:
    return render_table(result, plain=False, width=width, **options)


@pytest.mark.parametrize("width", SNAPSHOTS)
def test_terminal_snapshot(make: Make, width: int) -> None:
    assert terminal(make("survey"), width) == SNAPSHOTS[width]


@pytest.mark.parametrize("width", [None, 20, 200])
def test_plain_snapshot_at_any_width(make: Make, width: int | None) -> None:
    assert render_table(make("survey"), plain=True, width=width) == PLAIN


def test_groups_over_periods_snapshot(make: Make) -> None:
    assert terminal(make("periods")) == BY_PERIOD


def test_plain_groups_over_periods_repeat_their_name(make: Make) -> None:
    lines = render_table(make("periods")).splitlines()
    assert [line.split("  ")[0] for line in lines[4:10]] == ["Hà Nội"] * 3 + ["Cần Thơ"] * 3
    assert lines[6].startswith("Hà Nội   2026-Q3 (partial)")


# --- order -----------------------------------------------------------------------------------


def test_groups_by_figure_missing_later_blank_last(make: Make) -> None:
    result = make("hostile")
    shown = in_order(result, result.tables[0])
    figures = [row["nps"] for row in shown if row["nps"] is not None][:-1]
    assert figures == sorted(figures, reverse=True)
    assert [row["[b]key|<i>"] for row in shown[-3:]] == ["hidden", "empty", None]
    assert shown[-1]["nps"] == max(row["nps"] for row in shown if row["nps"] is not None)


def test_periods_stay_in_their_order(make: Make) -> None:
    shown = in_order(make("trend"), make("trend").tables[0])
    assert [row["period"] for row in shown] == ["2026-Q1", "2026-Q2", "2026-Q3"]


def test_groups_over_periods_without_a_sorting_figure_stay_together(make: Make) -> None:
    result = make("periods")
    shown = in_order(result, replace(result.tables[0], sort=None))
    assert [row["region"] for row in shown] == ["Hà Nội"] * 3 + ["Cần Thơ"] * 3


# --- rows that need care ---------------------------------------------------------------------


def test_few_answers_stand_in_brackets_and_are_not_marked(make: Make) -> None:
    lines = terminal(make("hostile"), 100).splitlines()
    (row,) = [line for line in lines if line.startswith("few ")]
    assert "(+42)" in row
    assert "( ) fewer than 30 answers: not tested" in lines


def test_a_withheld_row_shows_no_figure(make: Make) -> None:
    for text in (terminal(make("hostile"), 100), render_table(make("hostile"))):
        (row,) = [line for line in text.splitlines() if line.startswith("hidden ")]
        assert set(row.removeprefix("hidden").split()) == {"*"}
        assert "* withheld" in text
    assert "hidden\nwithheld\n" in terminal(make("hostile"), 40)


def test_a_withheld_row_shows_nothing_even_if_the_frame_holds_it(make: Make) -> None:
    result = make("survey", patch={3: {"flags": ["suppressed"]}})
    for text in (terminal(result, 100), render_table(result), terminal(result, 40)):
        assert "−21" not in text
        assert "121" not in text


def test_no_answers_are_dashes(make: Make) -> None:
    (row,) = [x for x in render_table(make("hostile")).splitlines() if x.startswith("empty ")]
    assert set(row.removeprefix("empty").split()) == {"0", "–"}


@pytest.mark.parametrize(
    ("patch", "marked"),
    [
        ({"p_adjusted": 0.0499}, True),
        ({"p_adjusted": 0.05}, False),  # 1 − 0.95 is more than 0.05 in binary
        ({"p_adjusted": 0.001, "flags": ["low-n"]}, False),
        ({"p_adjusted": None}, False),
        ({"p_adjusted": 0.001, "diff": 0.0}, False),
    ],
)
def test_marks_only_tested_significant_differences(
    make: Make, patch: dict[str, Any], marked: bool
) -> None:
    result = make("survey", patch={0: patch, 3: {"p_adjusted": 1.0}})
    body = terminal(result, 100).split("▲▼")[0]
    assert ("▲" in body) is marked


def test_rich_never_reads_names_as_markup(make: Make) -> None:
    text = terminal(make("hostile"), 100)
    for shown in ("[/b]", "[red]x", ":smile:", "[31mred[0m", "$\\frac$", "{name}", "a|b"):
        assert f"\n{shown} " in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_users_columns_keep_their_name(make: Make) -> None:
    heading = terminal(make("survey", key="rest"), 100).splitlines()[2]
    assert heading.startswith("rest ")


# --- headline --------------------------------------------------------------------------------


def test_the_whole_alone_is_one_line(make: Make) -> None:
    assert render_table(make("whole_only")) == (
        "NPS +20   95% CI +15 to +25   n = 1,086    46% pro · 29% pas · 26% det\n"
    )


def test_a_target_comes_with_its_probability(make: Make) -> None:
    result = make("survey", summary={"target": 15.0, "target_probability": 0.981})
    told = "target +15, chance of having met the target 98%"
    assert told in render_table(result).splitlines()[0]
    assert told in terminal(result, 80)
    assert all(words.cells(line) <= 80 for line in terminal(result, 80).splitlines())


def test_no_answers_at_all_still_have_a_headline(make: Make) -> None:
    gone = dict.fromkeys(
        ("nps", "ci_low", "ci_high", "detractor_rate", "passive_rate", "promoter_rate")
    )
    result = make("survey", summary={**gone, "n": 0})
    assert render_table(result).splitlines()[0] == "NPS –   n = 0"


def test_several_tables_share_one_headline(make: Make) -> None:
    text = terminal(make("two_tables"), 100)
    assert text.count("n = 1,086") == 1
    assert text.count("──\nall ") == 2
    assert text.index("region ") < text.index("channel ")
    assert "for 1 test\n" in text


# --- options ---------------------------------------------------------------------------------


def test_limit_says_what_is_not_shown(make: Make) -> None:
    lines = terminal(make("survey"), 100, limit=3).splitlines()
    assert "1 row not shown, -n 4 shows all" in lines
    assert not any(line.startswith("Cần Thơ") for line in lines)
    assert any(line.startswith("all ") for line in lines)


def test_vietnamese(make: Make) -> None:
    text = terminal(make("survey"), 100, lang="vi")
    assert "KTC 95%" in text
    assert "+15 đến +25" in text
    assert "\ntất cả " in text
    assert "1.086" in text
    assert "<0,001" in text


def test_ascii_signs(make: Make) -> None:
    for plain in (True, False):
        text = render_table(make("survey"), plain=plain, width=100, ascii=True)
        for name in ("Cần Thơ", "Đà Nẵng", "Hà Nội", "TP. Hồ Chí Minh"):
            text = text.replace(name, "")
        assert text.isascii()
    assert "xx....######     ^ +17" in terminal(make("survey"), 100, ascii=True)


def test_precision(make: Make) -> None:
    text = terminal(make("survey"), 100, precision=1)
    assert "+30.8" in text
    assert "−34.6 to −5.7" in text


def test_verbose_says_that_shares_are_rounded(make: Make) -> None:
    assert "rounded" in terminal(make("survey"), verbose=True)
    assert "rounded" not in terminal(make("survey"))


def test_colour_is_for_the_headline_and_the_marks(make: Make) -> None:
    text = terminal(make("survey"), 100, color=True)
    coloured = re.findall(r"\x1b\[([\d;]+)m(.*?)\x1b\[0m", text)
    assert [code for code, _ in coloured] == ["1", "1;36", "1;31"]
    assert [inner for _, inner in coloured[1:]] == ["▲", "▼"]
    assert re.sub(r"\x1b\[[\d;]*m", "", text) == terminal(make("survey"), 100)


@pytest.mark.parametrize(
    "environment",
    [
        {"FORCE_COLOR": "1", "TERM": "dumb"},
        {"NO_COLOR": "1"},
        {"COLUMNS": "30"},
        {"TERM": "unknown", "CI": "true", "GITHUB_ACTIONS": "true"},
        {"TTY_COMPATIBLE": "1", "TTY_INTERACTIVE": "1"},
    ],
)
def test_the_environment_changes_nothing(
    make: Make, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    coloured = terminal(make("survey"), 100, color=True)
    for name, setting in environment.items():
        monkeypatch.setenv(name, setting)
    assert terminal(make("survey"), 100) == SNAPSHOTS[100]
    assert terminal(make("survey"), 100, color=True) == coloured


def test_a_result_that_says_nothing_shows_all(make: Make) -> None:
    result = replace(make("survey"), tables=())
    assert "p_adjusted" not in render_table(result)  # headings are words
    assert "Cần Thơ" in render_table(result)


def test_no_rows(make: Make) -> None:
    empty = replace(make("survey"), rows=make("survey").rows.clear())
    assert terminal(empty, 100).startswith("NPS +20")
    assert render_table(empty).startswith("NPS +20")
    assert terminal(empty, 30).startswith("NPS +20")


def test_plain_tables_import_nothing_heavy() -> None:
    code = """
        import sys, polars as pl
        before = set(sys.modules)
        from cxkit.output import render
        from cxkit.result import Interval, Ledger, Result, Table
        rows = pl.DataFrame({"g": ["a", None], "nps": [1.0, 2.0], "ci_low": 0.0, "ci_high": 3.0})
        table = Table(("g",), ("nps", Interval()), ("nps", Interval()), "nps")
        result = Result("nps", rows, {"nps": 1.5}, Ledger(2, 2), tables=(table,))
        print(render(result, "table"))
        new = {name.split(".")[0] for name in set(sys.modules) - before}
        sys.exit(" ".join(new & {"rich", "numpy", "pyarrow", "matplotlib", "xlsxwriter"}) or 0)
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False
    )
    assert run.stderr == ""
    assert run.returncode == 0
    assert "(blank)" in run.stdout


# --- bars ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ([0.25, 0.25, 0.5], "▒▒▒···██████"),
        ([1.0, 0.0, 0.0], "▒" * 12),
        ([1 / 3, 1 / 3, 1 / 3], "▒▒▒▒····████"),
        ([277 / 1086, 314 / 1086, 495 / 1086], "▒▒▒····█████"),  # a tie: the earlier share
        ([None, 0.5, 0.5], "–"),
        ([0.0, 0.0, 0.0], "–"),
    ],
)
def test_bars_by_largest_remainder(shares: list[float | None], expected: str) -> None:
    assert bar(shares, Style()) == expected


@given(st.tuples(*[st.integers(0, 10_000)] * 3).filter(any))
def test_a_bar_has_twelve_cells_each_within_one_of_its_share(counts: tuple[int, ...]) -> None:
    drawn = bar([count / sum(counts) for count in counts], Style(ascii=True))
    assert len(drawn) == 12
    for glyph, count in zip("x.#", counts, strict=True):
        assert abs(drawn.count(glyph) - 12 * count / sum(counts)) < 1


# --- any width, any name ---------------------------------------------------------------------


def figures(text: str) -> set[str]:
    """The words of a table that hold a digit, without brackets and commas at their ends."""
    return {word.strip("(),;") for word in text.split() if re.search(r"\d", word)}


@settings(max_examples=60, deadline=None)
@given(
    width=st.integers(20, 200),
    names=st.lists(
        st.text(string.ascii_letters + " ạộĐ日", min_size=1, max_size=60), min_size=1, max_size=4
    ),
    precision=st.sampled_from([None, 0, 2, 6]),
)
def test_figures_are_never_cut(
    make: Make, width: int, names: list[str], precision: int | None
) -> None:
    result = make("survey", [(n, 81 * i, 123_456, 20_800) for i, n in enumerate(names)])
    whole = figures(render_table(result, precision=precision))
    text = terminal(result, width, precision=precision)
    shown = re.sub(r"\d columns? hidden, --width \d+", "", " ".join(text.split()))
    assert figures(shown) <= whole
    assert "NPS" in text
    assert "…" not in "".join(word for word in text.split() if re.search(r"\d", word))


@settings(max_examples=60, deadline=None)
@given(width=st.integers(20, 200), names=st.lists(st.text(), min_size=1, max_size=4))
def test_any_name_fits_any_width(make: Make, width: int, names: list[str]) -> None:
    result = make("survey", [(name, 20, 30, 40) for name in names], key=names[0] or "k")
    text = terminal(result, width)
    # of characters newer than this Python, Rich may know another width; terminals differ too
    assert all(min(words.cells(line), cell_len(line)) <= width for line in text.split("\n"))
    assert render_table(result).count("\n") == len(names) + 7


def test_an_endless_name_is_cut_in_reports_and_whole_in_data(make: Make) -> None:
    result = make("survey", [("x" * 200_000, 20, 30, 40), ("y", 20, 30, 40)], key="k" * 5_000)
    for text in (render_table(result), as_markdown(result)):
        assert "x" * 199 + "…" in text
        assert "x" * 200 not in text
        assert max(map(len, text.splitlines())) < 500
    assert "x" * 197 + "..." in render_table(result, ascii=True)
    assert "x" * 200_000 in as_csv(result)
    assert "x" * 200_000 in as_json(result)


@pytest.mark.parametrize("width", range(20, 130, 7))
def test_lines_fit(result: Result, width: int) -> None:
    for line in terminal(result, width).splitlines():
        assert words.cells(line) <= width, line


def test_the_advised_width_shows_every_column(make: Make) -> None:
    result = make("hostile")
    wide = int(terminal(result, 60).split("--width ")[1].split()[0])
    assert "hidden, --width" not in terminal(result, wide)
    many = tuple(make("survey").rows.columns[2:16])
    table = Table(("region",), (*many, Interval()), ("nps",), "nps")
    result = replace(make("survey"), tables=(table,))
    wide = int(terminal(result, 60).split("--width ")[1].split()[0])
    assert "hidden, --width" not in terminal(result, wide)
    assert wide > 100
