"""Charts: the same bytes twice, nothing clipped or overprinted, hostile names, told in words."""

from __future__ import annotations

import io
import itertools
import math
import os
import subprocess
import sys
import unicodedata
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from cxkit.errors import RequestError
from cxkit.output import canvas, fonts
from cxkit.output.chart import SIZES, Canvas, Sheet, compose, describe, draw
from cxkit.output.chart import _drawn_rows as drawn_rows
from cxkit.output.chart import _headline as headline
from cxkit.output.chart_axes import scale, thinned
from cxkit.output.chart_lines import STYLES, styles
from cxkit.result import Chart

SHARES = ("detractor_rate", "passive_rate", "promoter_rate")
SCHEMA: dict[str, Any] = {
    **dict.fromkeys((*SHARES, "nps", "ci_low", "ci_high", "diff", "p_adjusted"), pl.Float64),
    "n": pl.Int64,
    "flags": pl.List(pl.String),
}
MARKS = (("marks-rest", {"alpha": 0.05, "adjust": "holm", "tests": 4, "confidence": 0.95}),)


def row(nps: float | None, n: int | None = 300, *flags: str, **more: Any) -> dict[str, Any]:
    empty: dict[str, Any] = dict.fromkeys(SCHEMA)
    if nps is None or n is None:
        return {**empty, "n": n, "flags": [*flags], **more}
    promoters = min(1.0, max(nps / 100 + 0.2, 0.4))
    detractors = promoters - nps / 100
    half = 165 / math.sqrt(n)
    shares = dict(zip(SHARES, (detractors, 1 - promoters - detractors, promoters), strict=True))
    ends = {"ci_low": max(nps - half, -100), "ci_high": min(nps + half, 100)}
    return {**empty, **shares, **ends, "nps": nps, "n": n, "flags": [*flags], **more}


def frame(rows: list[dict[str, Any]], **names: Any) -> pl.DataFrame:
    return pl.DataFrame(rows, schema_overrides={**SCHEMA, **names}, infer_schema_length=None)


def bars(names: list[str | None], **more: Any) -> Chart:
    rows = [row(40.0 - 2 * i, 20 + 37 * i, region=name) for i, name in enumerate(names)]
    return stack(rows, **more)


def stack(rows: list[dict[str, Any]], **more: Any) -> Chart:
    data = frame(rows, region=pl.String)
    return Chart("stack", data, "region", "nps", "ci_low", "ci_high", shares=SHARES, **more)


def over_periods(count: int, **more: Any) -> Chart:
    rows = [
        row(
            20 + 15 * math.sin(i / 3),
            200 + 900 * (i % 3),
            period=f"20{i // 12 + 10}-{i % 12 + 1:02}",
        )
        for i in range(count)
    ]
    for i in range(2, count, 3):
        rows[i].update(diff=9.4 if i % 2 else -9.4, p_adjusted=0.001)
    if count > 3:
        rows[-1]["flags"] = ["partial"]
        rows[1].update(row(12.0, 9, "low-n", period=rows[1]["period"]))
        rows[3].update(row(None, 0, "no-data", period=rows[3]["period"]))
    return Chart("trend", frame(rows), "period", "nps", "ci_low", "ci_high", **more)


def told_apart(series: int, places: int, name: str = "Store {}", x: str = "period") -> Chart:
    rows = [
        row(20 + k + 9 * math.sin(m / 2 + k), 50, **({x: f"2025-{m + 1:02}"}), shop=name.format(k))
        for m in range(places)
        for k in range(series)
    ]
    rows += [row(21.0, 900, "total", **{x: f"2025-{m + 1:02}"}, shop=None) for m in range(places)]
    return Chart("lines", frame(rows), x, "nps", "ci_low", "ci_high", series="shop")


VIETNAM = stack(
    [
        row(30.8, 412, region="TP. Hồ Chí Minh", diff=17.3, p_adjusted=0.002),
        row(19.2, 365, region="Hà Nội", diff=-1.0, p_adjusted=0.87),
        row(-21.0, 121, region="Cần Thơ", diff=-46.2, p_adjusted=0.0001),
        row(33.3, 12, "low-n", region="Huế"),
        row(10.0, 64, region=None),
        row(None, None, "suppressed", region="Vinh"),
        row(None, 0, "no-data", region="Pleiku"),
    ],
    total=row(20.07, 1086),
    finding=("trails", {"name": "Cần Thơ", "points": -46.2}),
    footnotes=MARKS,
)
HOSTILE = [
    "$\\frac{1}{2}$ 100$",
    "[/b] [red]x",
    "<script>&amp;]]> -- -->",
    "東京 📦👩‍👩‍👧",
    "שלום (עולם)",
    "a\x1b[31m\u202eb\nc\x00",
    "",
    "x" * 200,
    unicodedata.normalize("NFD", "Thừa Thiên Huế " * 20),
    "می\u200cخواهم",
    "\ufffe\U0010ffff",
]
CASES = {
    "one group": bars(["Hà Nội"]),
    "three groups": bars(["a", "b", None], total=row(20.0, 1086)),
    "thirty groups": bars([f"Store {i} " + "long " * i for i in range(30)], total=row(0.4, 10**7)),
    "Vietnam": VIETNAM,
    "hostile groups": bars([*HOSTILE], title=" ".join(HOSTILE), total=row(1.0)),
    "no rows": bars([]),
    "only a total": bars([], total=row(20.0)),
    "extremes": stack([row(100.0, 1, region="a"), row(-100.0, 10**9, region="b")]),
    "one period": over_periods(1, target=20.0),
    "two periods": over_periods(2),
    "twelve periods": over_periods(12, target=20.0, footnotes=MARKS),
    "forty periods": over_periods(40, target=-90.0),
    "many periods": over_periods(300),
    "one line": told_apart(1, 1),
    "twelve lines": told_apart(12, 12, "A store with quite a long name, number {}"),
    "twenty lines": told_apart(20, 3),
    "stages": told_apart(4, 6, x="stage"),
    "hostile lines": told_apart(3, 3, HOSTILE[4] + " {}"),
}


def page(chart: Chart, lang: str = "en") -> tuple[Canvas, float]:
    rows, left_out = drawn_rows(chart)
    with fonts.setting():
        sheet = Sheet(Canvas(SIZES[chart.mark][0]), chart, lang, rows)
        height = compose(sheet, headline(chart, lang, None), "survey.csv · cxkit " * 12, left_out)
        sheet.canvas.cut(height)
    return sheet.canvas, height


def texts(chart: Chart, lang: str = "en") -> list[str]:
    return [text.get_text() for text in page(chart, lang)[0].figure.texts]


# Layout


IN_VIETNAMESE = ("Vietnam", "twelve periods", "twelve lines", "stages", "no rows")


@pytest.mark.parametrize(
    ("name", "lang"), [*((name, "en") for name in CASES), *((name, "vi") for name in IN_VIETNAMESE)]
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


@pytest.mark.parametrize(
    ("name", "size"), [("Vietnam", (1600, 1152)), ("twelve periods", (1600, 900))]
)
def test_a_png_has_the_size_of_its_kind(name: str, size: tuple[int, int]) -> None:
    image = Image.open(io.BytesIO(draw(CASES[name], "png")[0]))
    assert image.size == size
    assert image.info["dpi"] == pytest.approx((200, 200), abs=0.1)


def test_labels_are_moved_apart_and_keep_their_order() -> None:
    wanted = [3.0, 1.0, 1.05, 1.1, 2.9, 0.0]
    places = canvas.spread(wanted, 0.2, 0.0, 3.0)
    order = sorted(range(6), key=lambda i: wanted[i])
    steps = [places[b] - places[a] for a, b in itertools.pairwise(order)]
    assert min(steps) >= 0.2 - 1e-9
    assert min(places) >= 0
    assert max(places) <= 3
    assert places[2] == pytest.approx(1.05)


@given(st.lists(st.floats(0, 3), min_size=1, max_size=16))
def test_labels_never_touch_where_there_is_room(wanted: list[float]) -> None:
    places = sorted(canvas.spread(wanted, 0.19, 0.0, 3.0))
    assert places[0] >= -1e-9
    assert places[-1] <= 3 + 1e-9
    assert all(b - a >= 0.19 - 1e-9 for a, b in itertools.pairwise(places))


def test_an_axis_has_round_steps_within_its_scale() -> None:
    assert scale([12, 31], "nps") == (10, 35, 5)
    assert scale([-100, 100], "nps") == (-100, 100, 50)
    assert scale([99, 100], "nps")[1] == 100
    assert scale([0.31, 0.4], "promoter_rate") == pytest.approx((0.3, 0.4, 0.02))
    assert scale([], "nps") == pytest.approx((-5, 5, 2), abs=1)


def test_labels_of_periods_are_thinned_from_the_last() -> None:
    assert thinned([0.5] * 7, 0.3) == [0, 3, 6]
    assert thinned([0.5] * 7, 0.7) == [0, 1, 2, 3, 4, 5, 6]
    assert thinned([0.5], 0) == [0]


# What is told


def test_bars_stand_from_the_highest_down_with_blank_and_withheld_last() -> None:
    seen = texts(VIETNAM)
    names = ["Huế", "TP. Hồ Chí Minh", "Hà Nội", "Cần Thơ", "Vinh", "Pleiku", "(blank)", "all"]
    assert [text for text in seen if text in names] == names
    assert seen[0] == "Cần Thơ trails the rest by 46 points"


def test_low_and_withheld_groups_are_told_in_words() -> None:
    seen = texts(VIETNAM)
    assert "(+33)" in seen
    assert seen.count("withheld: too few answers") == 1
    assert seen.count("no answers") == 1
    assert "▲" in seen
    assert "▼" in seen
    assert "95% CI" in seen
    assert any("few answers: not tested" in text for text in seen)


def test_shares_under_five_percent_are_not_written() -> None:
    one = row(92.0, 300, region="a") | dict(zip(SHARES, (0.04, 0.0, 0.96), strict=True))
    assert [text for text in texts(stack([one])) if text.endswith("%")] == ["96%"]


def test_a_trend_tells_its_last_point_its_target_and_what_its_marks_mean() -> None:
    seen = texts(over_periods(12, target=20.0, footnotes=MARKS))
    assert "target +20" in seen
    foot = " ".join(seen)
    assert "axis does not span −100 to +100" in foot
    assert "○ unfinished period" in foot
    assert "grey point" in foot
    assert any(text.startswith("▼ −9") for text in seen)


def test_lines_tell_their_target_and_mark_tested_steps() -> None:
    rows = told_apart(2, 6).rows.to_dicts()
    rows[4].update(diff=-12.0, p_adjusted=0.01)
    rows[-3]["flags"] = ["partial"]
    more = {"series": "shop", "target": 30.0, "footnotes": MARKS, "x_label": "branch"}
    seen = texts(Chart("lines", frame(rows), "period", "nps", **more))
    assert "▼" in seen
    assert "target +30" in seen
    assert "Net Promoter Score, −100 to +100 points, by branch" in seen


def test_the_whole_is_drawn_once() -> None:
    seen = texts(stack([row(20.0, 300, region=None)], total=row(20.0, 300)))
    assert "all" in seen
    assert "(blank)" not in seen
    assert "Net Promoter Score, −100 to +100 points" in seen


def test_a_line_has_gaps_where_answers_are_few() -> None:
    chart = told_apart(2, 4)
    rows = chart.rows.to_dicts()
    for one in rows:
        if one["shop"] == "Store 1":
            one["flags"] = ["low-n"]
    seen = " ".join(texts(Chart("lines", frame(rows), "period", "nps", series="shop")))
    assert "not drawn for too few answers: Store 1" in seen
    assert "all +21" in seen


def test_categories_have_the_colours_they_have_elsewhere() -> None:
    found = styles(["Detractor", "passive", "promoters", "unknown"])
    assert [style[0] for style in found][::2] == [canvas.ORANGE, canvas.NAVY]
    assert len({style[2:] for style in found}) == 4
    assert styles(["Hà Nội", "Huế"]) is STYLES


def test_too_many_lines_are_cut_to_those_with_most_answers_and_said_so() -> None:
    _, notes = draw(told_apart(20, 3), "svg")
    assert [note.code for note in notes] == ["chart-cut"]
    assert any("8 with the fewest answers" in text for text in texts(told_apart(20, 3)))


def test_titles_are_the_users_then_the_finding() -> None:
    assert describe(VIETNAM, title="Mine")[0] == "Mine"
    assert describe(bars(["a"], title="Chart's"))[0] == "Chart's"
    assert describe(VIETNAM, lang="vi")[0] == "Cần Thơ thấp hơn phần còn lại 46 điểm"
    assert describe(bars(["a"]))[0] == "NPS"


def test_the_text_alternative_tells_the_values() -> None:
    title, told = describe(VIETNAM)
    assert title == "Cần Thơ trails the rest by 46 points"
    assert told.startswith("NPS: all +20 (+15 to +25, n 1,086); Huế +33 (")
    assert "few answers); TP. Hồ Chí Minh +31" in told
    assert "Vinh withheld: too few answers" in told
    assert "lowest 2010-" in describe(over_periods(12))[1]
    assert "Store 1" in describe(told_apart(2, 3))[1]


# Files


@pytest.mark.parametrize("format", ["png", "svg", "pdf"])
@pytest.mark.parametrize("name", ["Vietnam", "twelve periods", "stages"])
def test_the_same_chart_is_the_same_bytes(
    name: str, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = draw(CASES[name], format, footer="survey.csv")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    second, _ = draw(CASES[name], format, footer="survey.csv")
    assert first == second


def test_a_png_carries_its_text_alternative() -> None:
    info = Image.open(io.BytesIO(draw(VIETNAM, "png")[0])).info
    title, told = describe(VIETNAM)
    assert (info["Title"], info["Description"]) == (title, told)
    assert "Software" not in info


def test_an_svg_carries_its_text_alternative_escaped() -> None:
    chart = bars([*HOSTILE], title='<b> & "x" </title>')
    root = ET.fromstring(draw(chart, "svg")[0])
    spaces = "{http://www.w3.org/2000/svg}"
    assert root.get("role") == "img"
    assert root[0].tag == spaces + "title"
    assert root[0].text == '<b> & "x" </title>'
    assert root[1].tag == spaces + "desc"
    assert "<script>&amp;]]> -- -->" in (root[1].text or "")


def test_a_pdf_carries_its_text_alternative() -> None:
    made = draw(bars(["Ha Noi"], title="Plain title"), "pdf")[0]
    assert b"/Title (Plain title)" in made
    assert b"/Subject (NPS: Ha Noi" in made
    assert b"CreationDate" not in made


def test_an_unknown_format_is_a_request_error() -> None:
    with pytest.raises(RequestError, match="bad-format"):
        draw(VIETNAM, "jpeg")


# Letters


def test_letters_that_no_font_has_are_told() -> None:
    _, notes = draw(bars(["東京 📦", "Hà Nội"]), "svg")
    assert [note.code for note in notes] == ["missing-letters"]
    assert "京 東 📦" in notes[0].message


def test_vietnamese_is_composed_and_marks_are_literal() -> None:
    seen = texts(bars([*HOSTILE[:2], unicodedata.normalize("NFD", "Huế")]))
    assert {"$\\frac{1}{2}$ 100$", "[/b] [red]x", "Huế"} <= {*seen}
    assert draw(bars(["Huế ₫ ▲"]), "pdf")[1] == ()


def test_a_name_from_right_to_left_does_not_turn_its_sentence() -> None:
    title = describe(bars(["a"], finding=("leads", {"name": "שלום", "points": 5})))[0]
    assert title == "\u200eשלום leads the rest by 5 points"


@pytest.fixture(scope="module")
def ascii_font(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A font of its own that has only ASCII letters."""
    from fontTools import subset

    target = tmp_path_factory.mktemp("fonts") / "ascii.ttf"
    options = subset.Options(layout_features=[], notdef_outline=True)
    with subset.load_font(fonts.dejavu(), options) as font:
        chosen = subset.Subsetter(options)
        chosen.populate(unicodes=range(32, 127))
        chosen.subset(font)
        font.save(target)
    return str(target)


@pytest.mark.parametrize("format", ["png", "svg", "pdf"])
def test_a_font_of_the_users_is_checked_and_backed(ascii_font: str, format: str) -> None:
    import matplotlib
    from matplotlib.font_manager import fontManager

    before = (len(fontManager.ttflist), dict(matplotlib.rcParams))
    first, notes = draw(bars(["Hà Nội", "東"]), format, font=ascii_font)
    assert first == draw(bars(["Hà Nội", "東"]), format, font=ascii_font)[0]
    assert [note.code for note in notes] == ["missing-letters", "borrowed-letters"]
    assert "à ộ" in notes[1].message
    assert before == (len(fontManager.ttflist), dict(matplotlib.rcParams))


def test_what_is_not_a_font_is_a_request_error(tmp_path: Path) -> None:
    wrong = tmp_path / "x.ttf"
    wrong.write_text("not a font")
    for path in (str(wrong), str(tmp_path / "none.ttf")):
        with pytest.raises(RequestError, match="bad-font"):
            draw(VIETNAM, "png", font=path)


# a frame cannot hold half a surrogate pair
LETTERS = st.characters(exclude_categories=["Cs"])


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.text(LETTERS, max_size=40), min_size=1, max_size=3, unique=True),
    st.text(max_size=80),
)
def test_any_name_can_be_drawn(names: list[str], title: str) -> None:
    made, _ = draw(bars([*names], title=title), "svg", footer=title)
    ET.fromstring(made)
    ET.fromstring(draw(told_apart(1, 2, names[0].replace("{", "").replace("}", "")), "svg")[0])


# Settings


def test_matplotlib_is_loaded_only_when_a_chart_is_drawn() -> None:
    code = "import sys, cxkit.output.chart; print('matplotlib' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.strip() == "False"


def test_the_font_cache_finds_a_place_when_home_is_not_writable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delitem(sys.modules, "matplotlib", raising=False)
    monkeypatch.setenv("MPLCONFIGDIR", "")
    monkeypatch.delenv("MPLCONFIGDIR")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(fonts, "_writable", lambda folder: str(folder).startswith(str(tmp_path)))
    monkeypatch.setenv("XDG_CACHE_HOME", "/nowhere")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/nowhere")
    fonts.prepare()
    folder = Path(os.environ["MPLCONFIGDIR"])
    assert folder.parent == tmp_path
    assert folder.stat().st_mode & 0o777 == 0o700
