"""Bars of one figure, waterfalls and scatters: what is drawn where, told in words, nothing over
another, the same bytes twice."""

from __future__ import annotations

import io
import itertools
import math
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from PIL import Image

from cxkit.output import canvas, fonts
from cxkit.output.canvas import NAVY, ORANGE, TOTAL, blend
from cxkit.output.chart import SIZES, Canvas, Sheet, compose, describe, draw
from cxkit.output.chart import _drawn_rows as drawn_rows
from cxkit.output.chart import _headline as headline
from cxkit.output.chart_funnel import limits
from cxkit.output.chart_places import Named, place_names
from cxkit.output.chart_waterfall import STEPS, is_cut, steps_of
from cxkit.result import Chart

HOSTILE = [
    "$\\frac{1}{2}$",
    "<b>&amp;]]>",
    "東京 📦",
    "שלום (עולם)",
    "a\x1b[31m\u202eb",
    "",
    "x" * 90,
]
QUESTIONS = [
    "Thái độ phục vụ của nhân viên", "Giao hàng đúng hẹn", "Giá cả", "Chất lượng sản phẩm",
    "Đóng gói", "Tổng đài chăm sóc khách hàng", "Ứng dụng di động", "Đổi trả",
    "Khuyến mãi và tích điểm", "Cửa hàng sạch sẽ",
]  # fmt: skip


def frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    flags = {"flags": pl.List(pl.String)}
    return pl.DataFrame(rows, schema_overrides=flags, infer_schema_length=None)


def bar(name: str | None, value: float | None, n: int | None = 300, *flags: str) -> dict[str, Any]:
    half = None if value is None or not n else 0.9 / math.sqrt(n)
    ends = (None, None) if half is None else (value - half, value + half)
    return {
        "region": name, "promoter_rate": value, "ci_low": ends[0], "ci_high": ends[1], "n": n,
        "flags": [*flags],
    }  # fmt: skip


def bars(rows: list[dict[str, Any]], **more: Any) -> Chart:
    return Chart("bars", frame(rows), "region", "promoter_rate", "ci_low", "ci_high", **more)


def money(names: tuple[str, ...] = ("promoters", "passives", "detractors"), **more: Any) -> Chart:
    means, customers = (8_450_000.0, 6_210_000.0, 3_100_000.0), (1086, 720, 96)
    rows = [
        {"category": name, "revenue_mean": mean, "low": mean - 4e5, "high": mean + 4e5, "people": n}
        for name, mean, n in zip(names, means, customers, strict=True)
    ]
    return Chart(
        "bars", frame(rows), "category", "revenue_mean", "low", "high", size="people",
        currency="VND", **more,
    )  # fmt: skip


def waterfall(steps: list[tuple[str, float | None, str]], **more: Any) -> Chart:
    rows = [{"part": name, "nps": value, "kind": kind} for name, value, kind in steps]
    return Chart("waterfall", frame(rows), "part", "nps", series="kind", **more)


def between(start: float, changes: list[float], names: list[str] | None = None) -> Chart:
    names = names or [f"Step {i}" for i in range(len(changes))]
    middle = [(name, change, "step") for name, change in zip(names, changes, strict=True)]
    end = start + math.fsum(changes)
    return waterfall([("Before", start, "start"), *middle, ("After", end, "end")])


def drivers(count: int, spread: float = 0.15, half: float = 0.03, **more: Any) -> Chart:
    rows = []
    for i in range(count):
        share, weight = 0.6 + spread * math.sin(7.0 * i), 0.1 + 0.08 * math.cos(3.3 * i)
        rows.append(
            {
                "driver": QUESTIONS[i % 10] + (f" {i}" if i > 9 else ""), "performance_rate": share,
                "importance": weight, "ci_low": weight - half, "ci_high": weight + half, "n": 400,
            }
        )  # fmt: skip
    return scatter(rows, **more)


def scatter(rows: list[dict[str, Any]], **more: Any) -> Chart:
    more = {"low": "ci_low", "high": "ci_high", "series": "driver", **more}
    return Chart("scatter", frame(rows), "performance_rate", "importance", **more)


def point(name: str, share: float | None, weight: float | None, *flags: str) -> dict[str, Any]:
    empty = {"ci_low": None, "ci_high": None, "n": 50}
    return {
        "driver": name, "performance_rate": share, "importance": weight, **empty, "flags": [*flags]
    }  # fmt: skip


def funnel(units: dict[str, tuple[int, float]], **more: Any) -> Chart:
    """Limits of 30 ± z · 75 / √n."""
    rows = [{"unit": name, "n": n, "nps": nps} for name, (n, nps) in units.items()]
    sizes = sorted({n for n, _ in units.values()} | {*range(20, 800, 20)})
    curves = [
        {"x": n, "low": 30 - z * 75 / n**0.5, "high": 30 + z * 75 / n**0.5, "level": level}
        for level, z in ((0.998, 3.0902), (0.95, 1.95996))
        for n in sizes
    ]
    total = {"nps": 30.0, "n": sum(n for n, _ in units.values())}
    return Chart(
        "scatter", frame(rows), "n", "nps", series="unit", curves=frame(curves), total=total, **more
    )


UNITS = {
    f"Chi nhánh {i}": (30 + 17 * (i % 40), 30 + 40 * math.sin(2.1 * i) / (1 + i % 40 / 9))
    for i in range(60)
}
VIETNAM = bars(
    [
        bar("Hà Nội", 0.46, 365),
        bar("TP. Hồ Chí Minh", 0.62, 412),
        bar("Huế", 0.33, 12, "low-n"),
        bar("Cần Thơ", 0.0, 121),
        bar(None, 0.5, 64),
        bar("Bà Rịa – Vũng Tàu và các tỉnh lân cận miền Đông Nam Bộ", 0.91, 80),
        bar("Vinh", None, None, "suppressed"),
        bar("Pleiku", None, 0, "no-data"),
    ],
    total=bar(None, 0.5, 1086),
    target=0.8,
)
BRIDGE = waterfall(
    [
        ("2026-Q2", 31.4, "start"), ("TP. Hồ Chí Minh", 6.2, "step"), ("Hà Nội", 1.1, "step"),
        ("Cần Thơ", -3.4, "step"), ("Đà Nẵng", 0.05, "step"), ("mix", -1.35, "step"),
        ("2026-Q3", 34.0, "end"),
    ]
)  # fmt: skip
WORDS = ["Minneapolis", "Thừa Thiên Huế", "Bà Rịa – Vũng Tàu", "International", "San Francisco"]
CASES = {
    "Vietnam": VIETNAM,
    "money": money(),
    "negative": bars([bar("a", -0.3), bar("b", 0.2), bar("c", 0.0)]),
    "zeros": bars([bar("a", 0.0, 0), bar("b", 0.0, 0)]),
    "fifty bars": bars([bar(f"Store {i} " + "long " * (i % 9), i / 50) for i in range(50)]),
    "coloured": bars([bar(f"Store {i}", i / 9) | {"k": "BN"[i % 2]} for i in range(9)], series="k"),
    "hostile bars": bars([bar(name, 0.5) for name in HOSTILE], target=0.99),
    "no bars": bars([]).__class__(
        "bars", frame([bar("a", 0.1)]).clear(), "region", "promoter_rate"
    ),
    "bridge": BRIDGE,
    "far from zero": between(71.0, [0.8, -0.6, 0.3]),
    "below zero": between(-12.0, [-8.0, 25.0, -3.0]),
    "all below zero": between(-60.0, [-8.0, 5.0]),
    "down to zero": between(10.0, [-10.0]),
    "twelve steps": between(12.0, [(-1) ** i * (1.0 + i) for i in range(12)], (WORDS * 3)[:12]),
    "thirty steps": between(12.0, [(-1) ** i * (1.0 + i) for i in range(30)]),
    "no change": between(20.0, []),
    "one long word": between(5.0, [9.0], ["Donaudampfschifffahrtsgesellschaftskapitän"]),
    "hostile steps": between(5.0, [2.0] * len(HOSTILE), HOSTILE),
    "nothing": waterfall([("a", None, "start"), ("b", None, "end")]),
    "one driver": drivers(1),
    "ten drivers": drivers(10),
    "thirty drivers": drivers(33),
    "crowded drivers": drivers(20, 0.01, 0.1),
    "hostile drivers": scatter([point(n, i / 7, i % 3 / 3) for i, n in enumerate(HOSTILE)]),
    "same place": scatter([point(f"Same {i}", 0.5, 0.5) for i in range(12)]),
    "funnel": funnel(UNITS),
    "small funnel": funnel({"a": (40, 20.0), "b": (90, 41.0)}),
}


def page(chart: Chart, lang: str = "en") -> tuple[Canvas, float]:
    rows, left = drawn_rows(chart)
    with fonts.setting():
        sheet = Sheet(Canvas(SIZES[chart.mark][0]), chart, lang, rows)
        height = compose(sheet, headline(chart, lang, None), "survey.csv · cxkit " * 12, left)
        sheet.canvas.cut(height)
    return sheet.canvas, height


def texts(chart: Chart, lang: str = "en") -> list[str]:
    return [text.get_text() for text in page(chart, lang)[0].figure.texts]


def boxes(chart: Chart, least: float = 0.2) -> list[tuple[str, float, float, float, float]]:
    """Colour, left, top, right and bottom of what is filled, as drawn; small signs are left out."""
    made = []
    for box in page(chart)[0].figure.artists:
        if isinstance(box, Rectangle) and max(box.get_width(), box.get_height()) > least:
            x, y = box.get_xy()
            color = to_hex(box.get_facecolor()).upper()
            made.append((color, x, y, x + box.get_width(), y + box.get_height()))
    return made


def dots(chart: Chart) -> list[tuple[str, float, float]]:
    """Colour and place of points."""
    found = [a for a in page(chart)[0].figure.artists if isinstance(a, Line2D)]
    marks = [dot for dot in found if dot.get_marker() == "o"]
    return [
        (to_hex(dot.get_markerfacecolor()).upper(), dot.get_xdata()[0], dot.get_ydata()[0])
        for dot in marks
    ]


# Layout


@pytest.mark.parametrize("lang", ["en", "vi"])
@pytest.mark.parametrize("name", CASES)
def test_no_text_is_clipped_printed_over_another_or_turned(name: str, lang: str) -> None:
    made, height = page(CASES[name], lang)
    wide, high = made.width * canvas.DPI, math.ceil(height * canvas.DPI - 1e-6)
    with fonts.setting():
        found = [(t.get_text(), t.get_window_extent().padded(-1)) for t in made.figure.texts]
    assert {text.get_rotation() for text in made.figure.texts} == {0.0}
    for i, (text, box) in enumerate(found):
        assert min(box.x0, box.y0, wide - box.x1, high - box.y1) >= 0, text
        for other, second in found[i + 1 :]:
            assert not box.overlaps(second), (text, other)


@pytest.mark.parametrize("name", CASES)
def test_every_chart_is_the_same_bytes_with_its_text_alternative(name: str) -> None:
    first, _ = draw(CASES[name], "svg", footer="survey.csv")
    assert first == draw(CASES[name], "svg", footer="survey.csv")[0]
    root = ET.fromstring(first)
    assert (root[0].text, root[1].text) == describe(CASES[name])


@pytest.mark.parametrize(
    ("name", "size"), [("money", (8, 3.16)), ("bridge", (8, 4.5)), ("ten drivers", (8, 6))]
)
def test_a_png_has_the_size_of_its_kind(name: str, size: tuple[float, float]) -> None:
    first, _ = draw(CASES[name], "png")
    assert first == draw(CASES[name], "png")[0]
    assert Image.open(io.BytesIO(first)).size == tuple(round(200 * inches) for inches in size)


# Bars


def test_bars_stand_in_the_order_given_the_whole_last() -> None:
    names = ["Hà Nội", "TP. Hồ Chí Minh", "Huế", "Cần Thơ", "(blank)", "Vinh", "Pleiku", "all"]
    seen = texts(VIETNAM)
    assert [text for text in seen if text in names] == names
    assert {"46%", "(33%)", "0%", "target 80%", "n = 365", "n = 0"} <= {*seen}
    assert "withheld: too few answers" in seen
    assert "no answers" in seen
    assert any("( ) few answers" in text for text in seen)


def test_bars_are_as_long_as_their_figures_from_a_common_zero() -> None:
    made = boxes(bars([bar("a", 0.4), bar("b", 0.1), bar("c", 0.0), bar("d", -0.2)]))
    assert len(made) == 3  # nothing is drawn for zero
    zero = made[0][1]
    assert [left for _, left, *_ in made[:2]] == [zero, zero]
    assert made[2][3] == pytest.approx(zero)
    lengths = [right - left for _, left, _, right, _ in made]
    assert lengths == pytest.approx([lengths[0], lengths[0] / 4, lengths[0] / 2])


def test_promoters_passives_and_detractors_have_their_colours_in_both_languages() -> None:
    colors = [color for color, *_ in boxes(money())]
    assert (colors[0], colors[2]) == (NAVY, ORANGE)
    assert len({*colors}) == 3
    assert [color for color, *_ in boxes(money(("Promoter", "Passive", "Detractor")))] == colors
    assert {"ủng hộ", "trung lập", "không ủng hộ"} <= {*texts(money(), "vi")}
    assert {color for color, *_ in boxes(money(("a", "b", "c")))} == {NAVY}


def test_money_is_written_with_its_currency_and_the_base_count_is_told() -> None:
    assert {"₫8.45m", "n = 1,086", "₫8.05m to ₫8.85m"} <= {*texts(money())}
    assert "promoters ₫8.45m (₫8.05m to ₫8.85m, n 1,086)" in describe(money())[1]
    assert "₫8,45 tr" in texts(money(), "vi")


def test_colours_of_a_column_have_a_legend() -> None:
    chart = CASES["coloured"]
    assert {"B", "N"} <= {*texts(chart)}
    assert {color for color, *_ in boxes(chart)} == {NAVY, ORANGE}


def test_a_bar_of_few_answers_is_pale_and_its_interval_does_not_stretch_the_field() -> None:
    few = bar("few", 0.3, 4, "low-n") | {"ci_low": -5.0, "ci_high": 9.0}
    made = boxes(bars([bar("many", 0.4), few]))
    assert [color for color, *_ in made] == [NAVY, blend(NAVY, 0.55)]
    assert made[0][3] - made[0][1] > 3  # of about 4.5 inches


def test_intervals_are_whole_where_all_bars_are_of_few_answers() -> None:
    few = [bar(name, 0.3, 4, "low-n") | {"ci_low": 0.1, "ci_high": 0.9} for name in "ab"]
    assert all(right - left < 2 for _, left, _, right, *_ in boxes(bars(few)))  # a third


def test_of_too_many_bars_those_with_the_fewest_answers_are_left_out() -> None:
    chart = bars([bar(f"Store {i}", 0.5, 50 + i) for i in range(45)])
    assert [note.message for note in draw(chart, "svg")[1]] == [
        "5 with the fewest answers not drawn"
    ]
    assert "Store 4" not in texts(chart)
    assert "Store 5" in texts(chart)


# Waterfall


def test_each_step_begins_where_the_one_before_it_ends() -> None:
    made = boxes(between(20.0, [6.0, -3.0, 9.0]))
    colors, tops = [box[0] for box in made], [box[2] for box in made]
    assert colors == [TOTAL, NAVY, ORANGE, NAVY, TOTAL]
    heights = [box[4] - box[2] for box in made]
    assert heights == pytest.approx([heights[0] * k / 20 for k in (20, 6, 3, 9, 32)])
    floor = made[0][4]
    assert made[-1][4] == pytest.approx(floor)
    ends = [tops[0], tops[1], made[2][4], tops[3]]
    starts = [made[1][4], tops[2], made[3][4], tops[4]]
    assert starts == pytest.approx(ends)


def test_totals_are_bare_and_steps_signed() -> None:
    seen = texts(BRIDGE)
    assert {"+31", "+6", "+1", "−3", "0", "−1", "+34"} <= {*seen}
    money = [("start", 2e6, "start"), ("new", 5e5, ""), ("lost", -1e5, ""), ("end", 2.4e6, "end")]
    rows = [{"part": name, "revenue": value, "kind": kind} for name, value, kind in money]
    chart = Chart("waterfall", frame(rows), "part", "revenue", series="kind", currency="GBP")
    assert {"£2.00m", "+£500,000", "−£100,000", "£2.40m"} <= {*texts(chart)}
    assert describe(chart)[1].endswith("start £2.00m; new +£500,000; lost −£100,000; end £2.40m.")


def test_the_smallest_of_many_steps_are_summed_in_place_of_the_last() -> None:
    chart = between(10.0, [float(i) for i in range(1, 16)])
    rows, left = drawn_rows(chart)
    steps = steps_of(chart, rows, "en")
    assert len(steps) == STEPS + 2
    assert (steps[-2].name, steps[-2].value) == ("other", 1 + 2 + 3 + 4)
    assert left == (("chart-summed", 4),)
    assert any("4 smaller steps are summed as “other”" in text for text in texts(chart))


def test_what_the_steps_leave_of_the_way_is_a_step_too() -> None:
    chart = waterfall([("a", 10.0, "start"), ("b", 3.0, ""), ("c", None, ""), ("d", 18.0, "end")])
    steps = steps_of(chart, drawn_rows(chart)[0], "en")
    assert [(step.name, step.value) for step in steps[1:3]] == [("b", 3.0), ("other", 5.0)]
    whole = between(0.1, [0.1, 0.1])  # 0.1 + 0.1 + 0.1 is not 0.3 in binary
    assert [step.name for step in steps_of(whole, drawn_rows(whole)[0], "en")][-2:] == [
        "Step 1", "After"
    ]  # fmt: skip


def test_totals_far_from_zero_are_cut_and_said_so() -> None:
    near, far = CASES["bridge"], CASES["far from zero"]
    assert is_cut(steps_of(far, drawn_rows(far)[0], "en"))
    assert any("do not begin at 0" in text for text in texts(far))
    wide = between(20.0, [12.0])
    assert not any("do not begin at 0" in text for text in texts(wide))
    assert "0" in texts(wide)
    assert any("do not begin at 0" in text for text in texts(near))


@settings(max_examples=60, deadline=None)
@given(st.integers(-1000, 1000), st.lists(st.integers(-1000, 1000), max_size=40))
def test_bars_of_a_waterfall_always_add_up(start: int, changes: list[int]) -> None:
    chart = between(float(start), [float(change) for change in changes])
    steps = steps_of(chart, drawn_rows(chart)[0], "en")
    inner = [step for step in steps if not step.total]
    assert len(inner) <= STEPS
    assert start + sum(step.value for step in inner) == steps[-1].value == start + sum(changes)
    assert all(a.end == b.start for a, b in itertools.pairwise([steps[0], *inner]))


# Scatter


def test_low_performance_of_high_importance_is_to_be_fixed_first() -> None:
    """The means are 0.5 and 0.2; on a line counts as high."""
    rows = [
        point("Giao hàng", 0.2, 0.4), point("Giá", 0.8, 0.3), point("Đổi trả", 0.4, 0.05),
        point("Đóng gói", 0.5, 0.05), point("Tổng đài", 0.6, 0.2),
    ]  # fmt: skip
    chart = scatter(rows)
    assert [color for color, *_ in dots(chart)] == [ORANGE, NAVY, NAVY, NAVY, NAVY]
    told = describe(chart)[1]
    assert told.startswith("importance: Giao hàng 40% (top boxes 20%, FIX FIRST); Giá 30%")
    assert told.count("FIX FIRST") == 1
    seen = texts(chart)
    assert {"FIX FIRST", "keep up", "low priority", "possible overkill"} <= {*seen}
    assert {row["driver"] for row in rows} <= {*seen}
    assert any("means of the points" in text for text in seen)
    assert "KHẮC PHỤC TRƯỚC" in texts(chart, "vi")


@pytest.mark.parametrize(("least", "below"), [(0.002, False), (0.0, False), (-0.05, True)])
def test_weights_start_at_0_where_none_lies_below(least: float, below: bool) -> None:
    rows = [point("a", 0.2, 0.25), point("b", 0.8, least), point("c", 0.5, 0.1)]
    rows = [{**row, "weight": row["importance"]} for row in rows]
    chart = replace(scatter(rows), y="weight")
    assert any(text.startswith("−") for text in texts(chart)) is below


def test_the_total_moves_the_cross_hairs() -> None:
    rows = [point("a", 0.2, 0.4), point("b", 0.8, 0.3), point("c", 0.5, 0.1)]
    chart = scatter(rows, total={"performance_rate": 0.9, "importance": 0.05})
    assert describe(chart)[1].count("FIX FIRST") == 3
    assert not any("means of the points" in text for text in texts(chart))


def test_points_stand_at_their_figures() -> None:
    rows = [point("a", 0.2, 0.1), point("b", 0.4, 0.3), point("c", 0.8, 0.2)]
    (_, x1, y1), (_, x2, y2), (_, x3, y3) = dots(scatter(rows))
    assert (x3 - x1) / (x2 - x1) == pytest.approx(3)
    assert (y1 - y3) / (y1 - y2) == pytest.approx(0.5)
    assert x2 > x1
    assert y2 < y1  # inches from the top


def test_a_point_without_a_figure_is_named_below_and_few_answers_are_grey() -> None:
    rows = [point("a", 0.2, 0.4, "low-n"), point("b", 0.8, 0.3), point("c", None, 0.1, "no-data")]
    seen = texts(scatter(rows))
    assert any("not drawn for lack of a figure: c" in text for text in seen)
    assert any("grey point: few answers" in text for text in seen)
    assert dots(scatter(rows))[0][0] == canvas.AXIS


def test_the_thirty_of_most_importance_are_drawn() -> None:
    rows = [point(f"p{i}", i / 40, i / 40) for i in range(34)]
    _, notes = draw(scatter(rows), "svg")
    assert [note.message for note in notes] == ["4 of least importance not drawn"]
    assert len(dots(scatter(rows))) == 30


def test_units_outside_a_funnel_are_named_and_the_others_counted() -> None:
    """At n = 400 the limits are 30 ± 7.35 and 30 ± 11.59."""
    five = {"Quận 1": (400, 17.0), "Quận 3": (400, 38.0), "Quận 5": (400, 36.0),
            "Quận 7": (400, 42.0), "Quận 9": (100, 17.0)}  # fmt: skip
    many = texts(funnel(five | {f"Phường {i}": (100 + 20 * i, 30.0) for i in range(8)}))
    assert [name for name in many if name[0] in "QP"] == ["Quận 1", "Quận 7"]
    chart = funnel(five)
    seen = texts(chart)
    assert {*five} <= {*seen}  # so few that all have room
    assert {"all +30", "95%", "99.8%"} <= {*seen}
    told = describe(chart)[1]
    assert "Quận 1 +17 (n 400, below the 99.8% limit)" in told
    assert told.endswith("Quận 7 +42 (n 400, above the 99.8% limit); 3 within the limits.")
    colors = [color for color, *_ in dots(chart)]
    assert colors == [ORANGE, "#FFFFFF", canvas.AXIS, NAVY, canvas.AXIS]


def test_limits_are_exact_at_a_row_and_straight_between_two() -> None:
    curves = [{"x": x, "low": -y, "high": y, "level": 0.95} for x, y in ((10, 40.0), (20, 20.0))]
    rows = frame([{"unit": "a", "n": 10, "nps": 0.0}])
    one = limits(Chart("scatter", rows, "n", "nps", series="unit", curves=frame(curves)))[0]
    assert [one.at(x) for x in (10, 15, 20)] == [(-40, 40), (-30, 30), (-20, 20)]
    assert [one.at(5), one.at(99)] == [(-40, 40), (-20, 20)]


def test_names_that_find_no_place_are_counted() -> None:
    chart = CASES["same place"]
    names = [text for text in texts(chart) if text.startswith("Same")]
    left = [text for text in texts(chart) if text.startswith("no room for")]
    assert names
    assert len(names) == 12 or left == [f"no room for {12 - len(names)} names"]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(0.5, 7), st.floats(0.5, 5)), min_size=1, max_size=20))
def test_names_never_cover_a_point_or_another_name(places: list[tuple[float, float]]) -> None:
    with fonts.setting():
        c = Canvas(8.0)
        for x, y in places:
            c.dots([x], [y], NAVY, size=7)
        marks = [*c.boxes]
        points = [Named(x, y, ("Tổng đài", "hỗ trợ"), NAVY, False) for x, y in places]
        left = place_names(c, points, (0.3, 0.3, 7.7, 5.7), [])
        words = [c.area(*text.get_position(), text.get_text(), 9, align=text.get_ha())
                 for text in c.figure.texts]  # fmt: skip
    assert len(words) == 2 * (len(points) - len(left))
    for i, (x, top, right, bottom) in enumerate(words):
        for a, b, r, low in [*marks, *words[i + 1 :]]:
            assert x >= r - 0.01 or a >= right - 0.01 or top >= low - 0.04 or b >= bottom - 0.04
