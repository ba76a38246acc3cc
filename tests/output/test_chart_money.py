"""Charts of money and customers: cohorts, survival, the Lorenz curve and ranked items."""

from __future__ import annotations

import itertools
import math
import xml.etree.ElementTree as ET
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle

from cxkit.output import canvas, fonts
from cxkit.output.chart import Canvas, Sheet, compose, describe, draw
from cxkit.output.chart import _drawn_rows as drawn_rows
from cxkit.output.chart import _headline as headline
from cxkit.output.chart_marks import SIZES
from cxkit.result import Chart

NAVY, ORANGE, PALE = "#12436d", "#f46a25", "#d9dde1"
THEMES = (
    "Giao hàng chậm hơn cam kết nhiều ngày liền",
    "Sản phẩm không giống mô tả trên trang web",
    "Nhân viên tổng đài trả lời không rõ ràng " * 4,
    "Đổi trả hàng phức tạp",
    "",
)
HOSTILE = ["$\\frac{1}{2}$ 100$", "שלום (עולם)", "a\x1b[31m\u202eb\nc\x00", "", "x" * 200, "{n}"]
CONFIDENCE = (("interval-score", {"confidence": 0.95}),)

# Maintained arm of the acute myelogenous leukaemia trial (Miller 1981, Survival Analysis): weeks
# of remission, and whether it ended. The product-limit estimates are those he prints.
WEEKS = ((9, 1), (13, 1), (13, 0), (18, 1), (23, 1), (28, 0), (31, 1), (34, 1), (45, 0), (48, 1),
         (161, 0))  # fmt: skip
MILLER = {9: 0.91, 13: 0.82, 18: 0.72, 23: 0.61, 31: 0.49, 34: 0.37, 48: 0.18}


def cohorts(count: int, ages: int, name: str = "20{:02}-{:02}", **more: Any) -> Chart:
    """Triangle of cohorts: the youngest has been seen at the age of 0 only."""
    rows = [
        {
            "cohort": name.format(23 + i // 12, i % 12 + 1),
            "age": age,
            "rate": max(0.4 - 0.03 * age, 0.004) if age else 1.0,
            "eligible": 412 + i,
            "flags": ["low-n"] if i == 1 else [],
        }
        for i in range(count)
        for age in range(ages)
    ]
    for row in rows:
        if row["age"] >= count - (row["eligible"] - 412):
            row["rate"] = None
    return heatmap(rows, **more)


def heatmap(rows: list[dict[str, Any]], **more: Any) -> Chart:
    kinds = {"rate": pl.Float64, "flags": pl.List(pl.String), "cohort": pl.String, "age": pl.Int64}
    data = pl.DataFrame(rows, schema_overrides=kinds, infer_schema_length=None)
    return Chart("heatmap", data, "age", "rate", series="cohort", size="eligible", **more)


def cell(cohort: str | None, age: int, rate: float | None, *flags: str) -> dict[str, Any]:
    return {"cohort": cohort, "age": age, "rate": rate, "eligible": 50, "flags": [*flags]}


def survival(weeks: tuple[tuple[int, int], ...], group: str | None = None) -> list[dict[str, Any]]:
    """The product-limit estimate, step by step."""
    rows, share = [], 1.0
    for time in sorted({week for week, _ in weeks}):
        at_risk = sum(week >= time for week, _ in weeks)
        events = sum(ended for week, ended in weeks if week == time)
        share *= 1 - events / at_risk
        rows.append(
            {
                "time": time,
                "at_risk": at_risk,
                "censored": sum(week == time for week, _ in weeks) - events,
                "survival": share,
                "ci_low": max(share - 0.1, 0.0),
                "ci_high": min(share + 0.1, 1.0),
                "group": group,
                "flags": ["low-n"] if at_risk < 4 else [],
            }
        )
    return rows


def steps(rows: list[dict[str, Any]], series: str | None = None, **more: Any) -> Chart:
    kinds = {"flags": pl.List(pl.String), "group": pl.String, "survival": pl.Float64}
    data = pl.DataFrame(rows, schema_overrides=kinds, infer_schema_length=None)
    return Chart(
        "steps", data, "time", "survival", "ci_low", "ci_high",
        series=series, size="at_risk", ticks="censored", **more,
    )  # fmt: skip


def groups(names: list[str], times: int = 1, copies: int = 1) -> Chart:
    """Groups that leave ever later; the first names have most customers."""
    rows = [
        row
        for k, name in enumerate(names)
        for row in survival(
            tuple((week * times + k, end) for week, end in WEEKS) * (copies * (len(names) - k)),
            name,
        )
    ]
    return steps(rows, "group", x_label="tuần từ khi khảo sát", footnotes=CONFIDENCE)


def lorenz(values: list[float], guide: float | None = 0.2, **more: Any) -> Chart:
    values = sorted(values, reverse=True)
    sums = [*itertools.accumulate(values)]
    data = pl.DataFrame(
        {
            "items": [(i + 1) / len(values) for i in range(len(values))],
            "share": [part / sums[-1] for part in sums],
        }
    )
    return Chart("lorenz", data, "items", "share", guide=guide, **more)


def pareto(names: list[str | None], values: list[Any], **more: Any) -> Chart:
    sums = [*itertools.accumulate(values)]
    data = pl.DataFrame(
        {"item": names, "value": values, "cum_share": [part / (sums[-1] or 1) for part in sums]},
        schema_overrides={"item": pl.String},
    )
    return Chart("pareto", data, "item", "value", line="cum_share", **more)


EMPTY = pl.DataFrame(schema=dict.fromkeys(("a", "b", "c", "d"), pl.Null))
CASES = {
    "a year of cohorts": cohorts(12, 12, x_label="months since the first order"),
    "one cohort": cohorts(1, 1),
    "five years of cohorts": cohorts(60, 60),
    "long cohorts": cohorts(5, 37, "Khách đến từ chiến dịch mùa {} tháng {} ở Thừa Thiên Huế"),
    "hostile cohorts": heatmap([cell(name, k, 0.3) for k, name in enumerate([*HOSTILE, None])]),
    "no rates": heatmap([cell("a", 0, None), cell("b", 1, None, "suppressed")]),
    "all together": heatmap(
        [cell("a", 0, 1.0), cell("a", 1, 0.0), cell(None, 1, 0.5), cell(None, 1, 0.4, "total")]
    ),
    "one curve": steps(survival(WEEKS), x_label="weeks"),
    "two curves": groups(["Detractors", "Promoters"]),
    "four curves": groups([name[:45] for name in (*THEMES[:2], "Huế", "Hà Nội")]),
    "six alike": groups(["one"] * 1 + [f"group {k}" for k in range(5)], times=100),
    "nine curves": groups([f"group {k}" for k in range(9)]),
    "millions at risk": steps(
        [row | {"at_risk": row["at_risk"] * 10**8, "group": "x"} for row in survival(WEEKS)],
        "group",
    ),
    "hostile curves": groups(HOSTILE[:4]),
    "one moment": steps(survival(((0, 1), (0, 0)))),
    "parts of a year": steps([row | {"time": row["time"] / 52} for row in survival(WEEKS)]),
    "lorenz": lorenz([1000 / (i + 1) for i in range(500)]),
    "many points": lorenz([1.0 + i % 7 for i in range(5000)]),
    "all alike": lorenz([5.0] * 4, guide=0.5),
    "one has all": lorenz([100.0, *[0.0] * 9], title="x" * 100),
    "some owe": lorenz([50.0, 30.0, 20.0, -10.0, -15.0]),
    "most owe": lorenz([1000.0, -995.0]),
    "all owe": lorenz([-1.0, -2.0, -3.0]),
    "themes": pareto([*THEMES], [412, 230, 120, 12, 0]),
    "eighty items": pareto(
        [f"customer {i}" for i in range(80)], [5e6 / (i + 1) for i in range(80)]
    ),
    "refunds": pareto(["a", "b", None, "d"], [500.5, 300.25, 0.0, -1_000_000.0], currency="EUR"),
    "one item": pareto(["one"], [1]),
    "nothing sold": pareto(["a", "b"], [0.0, 0.0]),
    "hostile items": pareto([*HOSTILE], [6, 5, 4, 3, 2, 1]),
    "no cohorts": Chart("heatmap", EMPTY, "a", "b", series="c", size="d"),
    "no times": Chart("steps", EMPTY, "a", "b", series="c", size="d"),
    "no shares": Chart("lorenz", EMPTY, "a", "b", guide=0.2),
    "no items": Chart("pareto", EMPTY, "a", "b", line="c"),
}
MARKS = ("a year of cohorts", "two curves", "lorenz", "themes")


def page(chart: Chart, lang: str = "en") -> tuple[Canvas, float]:
    rows, left = drawn_rows(chart)
    with fonts.setting():
        sheet = Sheet(Canvas(SIZES[chart.mark][0]), chart, lang, rows)
        height = compose(sheet, headline(chart, lang, None), "orders.csv · cxkit " * 9, left)
        sheet.canvas.cut(height)
    return sheet.canvas, height


def texts(chart: Chart, lang: str = "en") -> list[str]:
    return [text.get_text() for text in page(chart, lang)[0].figure.texts]


def all_places(chart: Chart, lang: str = "en") -> list[tuple[str, tuple[float, float]]]:
    """Each text and where it stands, in inches from the top left."""
    return [(t.get_text(), t.get_position()) for t in page(chart, lang)[0].figure.texts]


def places(chart: Chart, lang: str = "en") -> dict[str, tuple[float, float]]:
    """Where each text stands, the last of those that are alike."""
    return dict(all_places(chart, lang))


def shapes(chart: Chart, kind: type) -> list[Any]:
    return [artist for artist in page(chart)[0].figure.artists if isinstance(artist, kind)]


def curves(chart: Chart, width: float) -> list[Any]:
    return [line for line in shapes(chart, Line2D) if line.get_linewidth() == width]


# Every mark


@pytest.mark.parametrize(
    ("name", "lang"),
    [
        *((name, "en") for name in CASES),
        *((name, "vi") for name in (*MARKS, "refunds", "four curves", "long cohorts", "no items")),
    ],
)
def test_no_text_is_clipped_or_printed_over_another(name: str, lang: str) -> None:
    made, height = page(CASES[name], lang)
    wide, high = made.width * canvas.DPI, math.ceil(height * canvas.DPI - 1e-6)
    with fonts.setting():
        boxes = [(t.get_text(), t.get_window_extent().padded(-1)) for t in made.figure.texts]
    assert boxes
    for i, (text, box) in enumerate(boxes):
        assert min(box.x0, box.y0, wide - box.x1, high - box.y1) >= 0, text
        for other, second in boxes[i + 1 :]:
            assert not box.overlaps(second), (text, other)


@pytest.mark.parametrize("format", ["png", "svg", "pdf"])
@pytest.mark.parametrize("name", MARKS)
def test_the_same_chart_is_the_same_bytes(name: str, format: str) -> None:
    first, _ = draw(CASES[name], format, footer="orders.csv")
    assert first == draw(CASES[name], format, footer="orders.csv")[0]


@pytest.mark.parametrize("name", ["no cohorts", "no times", "no shares", "no items"])
def test_nothing_is_drawn_of_nothing(name: str) -> None:
    assert "nothing to draw" in texts(CASES[name])
    assert describe(CASES[name], lang="vi")[1] == "b: không có gì để vẽ."
    assert draw(CASES[name], "svg")[1] == ()


@pytest.mark.parametrize("name", MARKS)
def test_the_users_title_stands_above(name: str) -> None:
    assert describe(CASES[name], title="Khách hàng")[0] == "Khách hàng"
    assert "orders.csv" in " ".join(texts(CASES[name]))


LETTERS = st.characters(exclude_categories=["Cs"])
NAMES = st.lists(st.text(LETTERS, max_size=40), min_size=1, max_size=3, unique=True)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(NAMES)
def test_any_name_can_be_drawn(names: list[str]) -> None:
    charts = (
        heatmap([cell(n, 1, 0.2) for n in names]),
        groups(names),
        pareto(names, [1] * len(names)),
    )
    for chart in charts:
        ET.fromstring(draw(chart, "svg")[0])


# Cohorts


def test_cells_are_whole_percent_and_blank_where_not_yet_seen() -> None:
    chart = heatmap([cell("a", 0, 1.0), cell("a", 1, 0.425), cell("b", 0, 1.0), cell("b", 1, None)])
    seen = texts(chart)
    assert seen.count("100") == 2
    assert seen.count("43") == 1
    assert len(shapes(chart, Rectangle)) == 3


def test_a_rate_of_nothing_is_a_cell() -> None:
    chart = heatmap([cell("a", 0, 1.0), cell("a", 1, 0.0)])
    assert "0" in texts(chart)
    assert len(shapes(chart, Rectangle)) == 2


def test_cells_are_darker_where_the_rate_is_higher_and_then_their_text_is_white() -> None:
    rates = [0.0, 0.2, 0.4, 0.6, 0.8]
    chart = heatmap([cell("a", k + 1, rate) for k, rate in enumerate(rates)])
    colors = [to_hex(box.get_facecolor()) for box in shapes(chart, Rectangle)]
    light = [sum(int(color[i : i + 2], 16) for i in (1, 3, 5)) for color in colors]
    assert light == sorted(light, reverse=True)
    assert (colors[0], colors[-1]) == ("#f4f8fc", NAVY)
    inks = {t.get_text(): t.get_color() for t in page(chart)[0].figure.texts}
    assert [inks[text] == "white" for text in ("20", "40", "60", "80")] == [
        False,
        False,
        True,
        True,
    ]
    assert "darkest: 80% and more" in " ".join(texts(chart))


def test_colours_pass_through_the_palette() -> None:
    shades = ("#000000", "#FFFFFF", "#102030")
    assert [canvas.mixed(shades, k / 4) for k in range(5)] == [
        "#000000", "#808080", "#FFFFFF", "#889098", "#102030"
    ]  # fmt: skip


def test_the_age_of_nothing_does_not_set_the_shades() -> None:
    chart = heatmap([cell("a", 0, 1.0), cell("a", 1, 0.2), cell("a", 2, 0.1)])
    colors = [to_hex(box.get_facecolor()) for box in shapes(chart, Rectangle)]
    assert colors[0] == colors[1] == NAVY != colors[2]


def test_cohorts_stand_with_their_customers_under_their_ages() -> None:
    at = places(cohorts(12, 12, x_label="months since the first order"))
    assert at["2023-01"][1] == pytest.approx(at["412"][1])
    assert at["2023-02"][1] - at["2023-01"][1] == pytest.approx(0.33)
    assert at["months since the first order"][1] < at["11"][1] < at["2023-01"][1]
    assert "(413)" in at
    assert "pale, ( ): few customers" in " ".join(at)


def test_the_latest_cohorts_and_the_first_ages_are_drawn() -> None:
    chart = CASES["five years of cohorts"]
    seen = texts(chart)
    assert "2023-01" not in seen
    assert {"2024-09", "2027-12", "36"} <= {*seen}
    _, notes = draw(chart, "svg")
    assert [note.message for note in notes] == [
        "20 cohorts before these not drawn", "23 ages beyond these not drawn"
    ]  # fmt: skip
    foot = " ".join(texts(chart, "vi"))
    assert "không vẽ 20 nhóm khách trước đó · không vẽ 23 cột tiếp theo" in foot


def test_all_together_is_the_last_row_and_withheld_is_a_star() -> None:
    at = places(CASES["all together"])
    assert at["all"][1] > at["(blank)"][1] > at["a"][1]
    seen = texts(CASES["no rates"])
    assert "*" in seen
    assert "withheld" in " ".join(seen)


def test_cohorts_are_told_by_age() -> None:
    told = describe(CASES["a year of cohorts"])[1]
    assert "age 0: 100% to 100%; age 1: 37% to 37%;" in told


# Survival


def points(chart: Chart) -> list[tuple[float, float]]:
    """The corners of the first curve as times and shares, read off the labels of the axes."""
    at = places(chart)
    lines = [line for line in curves(chart, 2) if to_hex(line.get_color()) == NAVY]
    left, right = at["0"][0], at["160"][0]
    top, bottom = at["100%"][1] - 0.045, at["0%"][1] - 0.045
    return [
        ((x - left) / (right - left) * 160, (bottom - y) / (bottom - top))
        for x, y in zip(*lines[0].get_data(), strict=True)
    ]


def test_steps_start_at_one_and_fall_where_customers_leave() -> None:
    rows = [row | {"flags": []} for row in survival(WEEKS)]
    found = points(steps(rows))
    assert found[0] == pytest.approx((0, 1))
    for time, share in MILLER.items():
        assert min(y for x, y in found if x < time + 0.5) == pytest.approx(share, abs=0.005)
    for (x, y), (next_x, next_y) in itertools.pairwise(found):
        assert x == pytest.approx(next_x) or y == pytest.approx(next_y)
    assert found[-1][0] == pytest.approx(161)


def test_those_at_risk_stand_under_the_times() -> None:
    made = page(CASES["one curve"])[0].figure.texts
    heading = next(t for t in made if t.get_text() == "customers at risk")
    under = [
        t for t in made if t.get_position()[1] == pytest.approx(heading.get_position()[1] + 0.165)
    ]
    at = places(CASES["one curve"])
    for tick in range(0, 161, 20):
        still = sum(week >= tick for week, _ in WEEKS)
        there = [
            t.get_text() for t in under if t.get_position()[0] == pytest.approx(at[str(tick)][0])
        ]
        assert there == [str(still)], tick


def test_nobody_is_at_risk_after_the_last_row() -> None:
    rows = survival(WEEKS, "long") + survival(((9, 1), (12, 0)), "short")
    made = page(steps(rows, "group"))[0].figure.texts
    row = next(t.get_position()[1] for t in made if t.get_text() == "short")
    said = [t.get_text() for t in made if t.get_position()[1] == row]
    assert said == ["2", *["0"] * 8, "short"]


def test_strokes_tell_who_was_last_seen() -> None:
    chart = CASES["one curve"]
    assert len(curves(chart, 0.9)) == sum(not ended for _, ended in WEEKS)
    assert "short strokes: customers last seen, not lost" in " ".join(texts(chart))
    nobody = steps(survival(((1, 1), (2, 1))))
    assert curves(nobody, 0.9) == []
    assert "short strokes" not in " ".join(texts(nobody))


def test_curves_are_named_at_their_end_and_apart() -> None:
    chart = CASES["six alike"]
    at = places(chart)
    ends = sorted(y for text, (_, y) in at.items() if text.endswith("%") and " " in text)
    assert len(ends) == 6
    assert all(b - a >= 0.19 - 1e-9 for a, b in itertools.pairwise(ends))


def test_bands_are_drawn_while_they_can_be_told_apart() -> None:
    assert len(shapes(CASES["four curves"], Polygon)) == 4
    assert "band: 95% CI" in " ".join(texts(CASES["four curves"]))
    assert shapes(CASES["nine curves"], Polygon) == []
    assert "band" not in " ".join(texts(CASES["nine curves"]))


def test_the_groups_with_most_customers_are_drawn() -> None:
    _, notes = draw(CASES["nine curves"], "svg")
    assert [note.message for note in notes] == ["3 groups with the fewest customers not drawn"]
    seen = " ".join(texts(CASES["nine curves"]))
    assert "group 5" in seen
    assert "group 6" not in seen


def test_the_line_is_pale_where_few_are_at_risk() -> None:
    pale, dark = curves(CASES["one curve"], 2)
    assert to_hex(dark.get_color()) == NAVY
    assert to_hex(pale.get_color()) == canvas.blend(NAVY, 0.55).lower()
    assert pale.get_xdata()[0] == dark.get_xdata()[-1]
    assert "pale line: few customers at risk" in " ".join(texts(CASES["one curve"]))


def test_numbers_at_risk_are_thinned_where_they_would_touch() -> None:
    seen = texts(CASES["millions at risk"])
    counts = [text for text in seen if text.endswith("00,000")]
    assert counts[0] == "1,100,000,000"
    assert len(counts) < 9


def test_survival_is_told_by_group() -> None:
    told = describe(CASES["two curves"])[1]
    assert "Detractors, tuần từ khi khảo sát 161: 18% (8% to 28%, n 2, few customers)" in told


# Lorenz


def test_the_curve_tells_what_the_richest_hold() -> None:
    chart = lorenz([50.0, 30.0, 10.0, 6.0, 4.0])
    assert "top 20%: 50%" in texts(chart)
    (dot,) = [line for line in shapes(chart, Line2D) if line.get_marker() == "o"]
    (curve,) = curves(chart, 2.2)
    read = on_axes(chart, [*zip(*curve.get_data(), strict=True)])
    whole = [(0.0, 0.0), (0.2, 0.5), (0.4, 0.8), (0.6, 0.9), (0.8, 0.96), (1.0, 1.0)]
    assert [*itertools.chain(*read)] == pytest.approx([*itertools.chain(*whole)])
    assert on_axes(chart, [*zip(*dot.get_data(), strict=True)])[0] == pytest.approx((0.2, 0.5))
    assert describe(chart)[1] == "share: top 20%: 50%; top 60%: 90%."


def on_axes(chart: Chart, found: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Places as shares of items and of value, read off the labels of the two axes."""
    at = all_places(chart)
    (_, low), (left, _) = (place for text, place in at if text == "0%")
    (_, high), (right, _) = (place for text, place in at if text == "100%")
    return [((x - left) / (right - left), (low - 0.045 - y) / (low - high)) for x, y in found]


def test_the_guide_takes_whole_items() -> None:
    assert "top 33%: 33%" in texts(lorenz([5.0] * 3))
    assert not any(text.startswith("top") for text in texts(lorenz([5.0] * 3, guide=None)))


def test_an_axis_holds_more_than_all_where_some_owe() -> None:
    seen = texts(CASES["some owe"])
    assert {"0%", "100%", "140%"} <= {*seen}
    assert "160%" not in seen
    (curve,) = curves(CASES["some owe"], 2.2)
    read = on_axes(CASES["some owe"], [*zip(*curve.get_data(), strict=True)])
    assert max(read, key=lambda place: place[1]) == pytest.approx((0.6, 100 / 75))


def test_a_curve_of_many_points_keeps_its_guide_and_its_ends() -> None:
    chart = lorenz([1.0 + i % 7 for i in range(5003)], guide=0.3)
    rows, left = drawn_rows(chart)
    assert left == ()
    assert len(rows) <= 1003
    assert {1501 / 5003, 1.0} <= {row["items"] for row in rows}


# Ranked items


def test_the_vital_few_are_dark_up_to_the_item_that_reaches_eighty_percent() -> None:
    chart = pareto([*"abcde"], [50, 20, 20, 6, 4])
    colors = [to_hex(box.get_facecolor()) for box in shapes(chart, Rectangle)]
    assert colors == [NAVY] * 3 + [PALE] * 2
    exact = pareto([*"abc"], [60, 20, 20])
    assert [to_hex(box.get_facecolor()) for box in shapes(exact, Rectangle)] == [NAVY, NAVY, PALE]
    assert "dark: the first to make up 80%" in " ".join(texts(chart))


def test_bars_are_as_long_as_their_values_on_their_side_of_zero() -> None:
    chart = pareto([*"abcd"], [400.0, 200.0, 0.0, -100.0])
    boxes = shapes(chart, Rectangle)
    assert len(boxes) == 3
    assert boxes[1].get_width() == pytest.approx(boxes[0].get_width() / 2)
    assert boxes[2].get_width() == pytest.approx(boxes[0].get_width() / 4)
    assert boxes[2].get_x() + boxes[2].get_width() == pytest.approx(boxes[0].get_x())


def test_the_rest_stands_last_in_one_bar() -> None:
    values = [100 - i for i in range(80)]
    chart = pareto([f"item {i}" for i in range(80)], values)
    assert len(shapes(chart, Rectangle)) == 30
    rows, left = drawn_rows(chart)
    assert left == ()
    assert (rows[-1]["item"], rows[-1]["value"]) == (51, sum(values[29:]))
    assert rows[-1]["cum_share"] == 1
    at = places(chart)
    assert at["other (51)"][1] > at["item 28"][1]
    assert "item 29" not in at
    assert "khác (51)" in texts(chart, "vi")
    assert len(shapes(pareto([f"item {i}" for i in range(30)], values[:30]), Rectangle)) == 30


def test_the_cumulative_line_meets_its_axis() -> None:
    chart = pareto([*"abcd"], [50, 30, 10, 10])
    xs, _ = curves(chart, 2)[0].get_data()
    heads = {
        text: x for text, (x, _) in reversed(all_places(chart)) if text in ("0%", "80%", "100%")
    }
    zero, full = heads["0%"], heads["100%"]
    assert [(x - zero) / (full - zero) for x in xs] == pytest.approx([0.5, 0.8, 0.9, 1.0])
    assert xs[1] == pytest.approx(heads["80%"])


def test_values_are_written_in_their_currency() -> None:
    seen = texts(CASES["refunds"])
    assert {"€500.50", "€0", "−€1.00m", "(blank)"} <= {*seen}
    assert "a €500.50" in describe(CASES["refunds"])[1]


def test_long_names_are_broken_and_never_turned() -> None:
    made = page(CASES["themes"], "vi")[0].figure.texts
    assert {t.get_rotation() for t in made} == {0.0}
    assert any(t.get_text().endswith("…") for t in made)
    assert THEMES[1] in " ".join(t.get_text() for t in made)


def test_items_are_told_with_their_share() -> None:
    told = describe(pareto(["a", "b"], [3000.0, 1000.0], currency="VND"))[1]
    assert told.endswith("a ₫3,000, 75%; b ₫1,000, 100%.")
