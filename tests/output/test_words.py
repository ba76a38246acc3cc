"""How figures, names and sentences are written for people."""

from __future__ import annotations

import doctest
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxkit import glossary, terms
from cxkit.output import words


@pytest.mark.parametrize(
    ("name", "raw", "en", "vi"),
    [
        ("nps", 19.6, "+20", "+20"),
        ("nps", -20.66, "−21", "−21"),
        ("nps", 20.5, "+21", "+21"),  # half away from zero, not to even
        ("nps", -20.5, "−21", "−21"),
        ("nps", 0.49, "0", "0"),
        ("nps", -0.49, "0", "0"),
        ("nps", -0.0, "0", "0"),
        ("nps", 100.0, "+100", "+100"),
        ("diff", -46, "−46", "−46"),
        ("n", 1086, "1,086", "1.086"),
        ("n", 1234567.0, "1,234,567", "1.234.567"),
        ("promoter_rate", 0.4558, "46%", "46%"),
        ("promoter_rate", 0.285, "29%", "29%"),  # 28.499… in binary
        ("promoter_rate", 0.0, "0%", "0%"),
        ("p_value", 0.0023, "0.002", "0,002"),
        ("p_value", 0.0004, "<0.001", "<0,001"),
        ("p_value", 0.00099, "<0.001", "<0,001"),
        ("p_value", 0.0, "<0.001", "<0,001"),
        ("p_value", 1.0, "1.000", "1,000"),
        ("target_probability", 0.98, "98%", "98%"),
        ("target_probability", 0.9951, ">99%", ">99%"),
        ("target_probability", 1.0, ">99%", ">99%"),
        ("target_probability", 0.004, "<1%", "<1%"),
        ("target_probability", 0.0, "<1%", "<1%"),
        ("n_effective", 1085.3, "1,085", "1.085"),
        ("n_effective", 12.34, "12.3", "12,3"),
        ("vital_few", True, "yes", "có"),
        ("vital_few", False, "no", "không"),
        ("nps", None, "–", "–"),
        ("nps", float("nan"), "–", "–"),
        ("nps", float("-inf"), "–", "–"),
        ("flags", ["low-n", "partial"], "low-n, partial", "low-n, partial"),
        ("region", "Hà\nNội", "Hà Nội", "Hà Nội"),
        ("nps", 1e300, "+1" + ",000" * 100, "+1" + ".000" * 100),
    ],
)
def test_a_value_is_written_by_its_kind(name: str, raw: Any, en: str, vi: str) -> None:
    assert words.value(name, raw) == en
    assert words.value(name, raw, "vi") == vi


@pytest.mark.parametrize(
    ("name", "raw", "expected"),
    [
        ("nps", 20.0737, "+20.07"),
        ("promoter_rate", 0.45581, "45.58%"),
        ("target_probability", 0.99999, ">99.99%"),
        ("p_value", 0.0023, "0.002"),  # never coarser than three decimals
        ("n", 12, "12"),  # people are not halved
    ],
)
def test_precision_sets_the_decimals(name: str, raw: float, expected: str) -> None:
    assert words.value(name, raw, precision=2) == expected


def test_a_finer_p_has_a_finer_floor() -> None:
    assert words.p_value(0.00004, 4) == "<0.0001"
    assert words.p_value(0.00012, 4) == "0.0001"


def test_ascii_replaces_our_signs() -> None:
    assert words.value("nps", -21.0, ascii=True) == "-21"
    assert words.value("nps", None, ascii=True) == "-"
    assert words.interval("points", -35, -6, ascii=True) == "-35 to -6"


def test_an_interval_has_words_between_its_ends() -> None:
    assert words.interval("points", 15.2, 24.9) == "+15 to +25"
    assert words.interval("points", -34.6, -5.7, "vi") == "−35 đến −6"
    assert words.interval("points", None, None) == "–"


def test_confidence_levels_have_no_needless_decimals() -> None:
    assert words.confidence_label(0.95) == "95%"
    assert words.confidence_label(0.999, "vi") == "99,9%"


@pytest.mark.parametrize(
    ("raw", "currency", "en", "vi"),
    [
        (8_911_407.9, "GBP", "£8.91m", "£8,91 tr"),
        (1.25e9, "VND", "₫1.25bn", "₫1,25 tỷ"),
        (2.5e12, "VND", "₫2.50tn", "₫2,50 nghìn tỷ"),
        (1.25e15, "VND", "₫1,250tn", "₫1.250 nghìn tỷ"),
        (12_345_678, "USD", "$12.3m", "$12,3 tr"),
        (123_456_789, "USD", "$123m", "$123 tr"),
        (999_999.4, "EUR", "€999,999", "€999.999"),
        (999_999.5, "EUR", "€1.00m", "€1,00 tr"),  # what rounds to a million is one
        (999_499_999, "EUR", "€999m", "€999 tr"),
        (999_500_000, "EUR", "€1.00bn", "€1,00 tỷ"),
        (1_240, "CHF", "CHF 1,240", "CHF 1.240"),
        (1_240.5, None, "1,241", "1.241"),
        (999.994, "USD", "$999.99", "$999,99"),
        (999.995, "USD", "$1,000", "$1.000"),
        (12.5, "GBP", "£12.50", "£12,50"),
        (-12.5, "GBP", "−£12.50", "−£12,50"),
        (-1_250_000, "CHF", "−CHF 1.25m", "−CHF 1,25 tr"),
        (0.285, None, "0.29", "0,29"),  # 0.284999… in binary
        (-0.004, "GBP", "£0.00", "£0,00"),  # no sign before nothing
        (0, "JPY", "¥0", "¥0"),
        (999.5, "JPY", "¥1,000", "¥1.000"),
        (412.4, "KRW", "KRW 412", "KRW 412"),
        (None, "GBP", "–", "–"),
        (float("nan"), "GBP", "–", "–"),
    ],
)
def test_money(raw: Any, currency: str | None, en: str, vi: str) -> None:
    assert words.written("money", raw, currency=currency) == en
    assert words.written("money", raw, "vi", currency=currency) == vi


def test_money_with_decimals_is_not_shortened() -> None:
    assert words.written("money", 8_911_407.906, currency="GBP", precision=2) == "£8,911,407.91"
    assert words.written("money", -1_250_000.0, currency="VND", precision=0) == "−₫1,250,000"


def test_money_in_ascii_has_its_code() -> None:
    assert words.written("money", -12.5, currency="GBP", ascii=True) == "-GBP 12.50"
    assert words.written("money", 1.25e9, currency="VND", ascii=True) == "VND 1.25bn"
    assert words.written("money", 12.5, currency="USD", ascii=True) == "$12.50"
    assert words.interval("money", 790, 1162.5, currency="EUR") == "€790.00 to €1,163"


def test_an_odd_currency_is_only_a_name() -> None:
    assert words.written("money", 5.0, currency="\x1b[2J") == "[2J 5.00"


@given(st.floats(-1e18, 1e18), st.sampled_from(["GBP", "VND", None]))
def test_written_money_reads_back(raw: float, currency: str | None) -> None:
    """Within half a unit of the third digit, or within half a cent."""
    text = words.written("money", raw, currency=currency).lstrip("−£₫").replace(",", "")
    sizes = {"m": 1e6, "bn": 1e9, "tn": 1e12}
    size = next((name for name in ("bn", "tn", "m") if text.endswith(name)), "")
    read = float(text.removesuffix(size)) * sizes.get(size, 1)
    step = max(abs(raw) * 0.005, 0.5 if currency == "VND" or abs(raw) > 999 else 0.005)
    assert abs(read - abs(raw)) <= step * (1 + 1e-9)
    assert bool(size) is (read >= 1e6)


def test_differences_have_the_unit_of_what_differs() -> None:
    assert words.written("rate-change", 0.046) == "+5 pp"
    assert words.written("rate-change", -0.046, "vi", precision=1) == "−4,6 điểm %"
    assert words.written("number-change", 0.314) == "+0.31"
    assert words.written("number-change", -1.2) == "−1.20"


def test_sentences_know_the_currency(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(terms.PHRASES, "worth", ("worth {revenue}", "trị giá {revenue}"))
    assert words.sentence("worth", {"revenue": 8.9e6}, currency="GBP") == "worth £8.90m"
    assert words.sentence("worth", {"revenue": 8.9e6}, "vi", currency="VND") == "trị giá ₫8,90 tr"


@pytest.mark.parametrize(
    ("name", "main", "expected"),
    [
        ("ci_low", "nps", "points"),
        ("ci_high", "csat", "rate"),
        ("ci_low", "ces", "number"),
        ("ci_low", "revenue_mean", "money"),
        ("ci_low", "change", "change"),
        ("diff", "nps", "change"),
        ("diff", "csat", "rate-change"),
        ("diff", "ces", "number-change"),
        ("csat", "nps", "rate"),
        ("region", "nps", "text"),
        ("ci_low", "", "number"),
    ],
)
def test_limits_and_differences_are_written_as_the_main_figure(
    name: str, main: str, expected: str
) -> None:
    assert glossary.kind(name, main) == expected


def test_a_result_may_write_a_column_in_another_way() -> None:
    kinds: dict[str, glossary.Kind] = {"value": "count"}
    assert glossary.kind("value", "value") == "money"
    assert glossary.kind("value", "value", kinds) == "count"
    assert glossary.kind("ci_low", "value", kinds) == "count"


def test_main_figures_are_in_the_glossary() -> None:
    assert set(glossary.MAIN.values()) <= set(glossary.COLUMNS)
    assert glossary.main("journey", "stages-csat") == "csat"
    assert glossary.main("journey", "units") == "nps"
    assert glossary.main("unheard-of") == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[31mred\x07", "[31mred"),
        ("abc\u202edef", "abcdef"),
        ("two\r\nlines\tand\u2028more", "two lines and more"),
        ("No\u0323\u0302i", "Nội"),
        ("❤️", "❤"),
        ("\x00", '""'),
        (3, "3"),
    ],
)
def test_text_of_unknown_origin_is_cleaned(text: object, expected: str) -> None:
    assert words.clean(text) == expected


@given(st.text())
def test_clean_text_is_one_visible_line(text: str) -> None:
    clean = words.clean(text)
    assert clean
    assert len(clean.splitlines()) == 1
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs"} for c in clean)
    assert words.clean(clean) == clean


def test_cells_know_combining_and_wide_characters() -> None:
    assert words.cells("Cần Thơ") == 7
    assert words.cells(unicodedata.normalize("NFD", "Cần Thơ")) == 7
    assert words.cells("日本語") == 6


@given(st.text(), st.integers(1, 40))
def test_cut_text_fits(text: str, width: int) -> None:
    clean = words.clean(text)
    cut = words.fit(clean, width)
    assert words.cells(cut) <= width
    assert cut == clean or cut.endswith("…")


def test_cutting_never_leaves_half_a_wide_character() -> None:
    assert words.fit("日本語", 4) == "日…"
    assert words.fit("abcdef", 5, ascii=True) == "ab..."


@given(st.lists(st.integers(-999, 999).map(lambda i: f"{i:+,d}"), min_size=1), st.integers(1, 30))
def test_wrapping_keeps_words_whole(tokens: list[str], width: int) -> None:
    lines = words.wrap(" ".join(tokens), width)
    assert " ".join(lines).split() == tokens
    assert all(words.cells(line) <= max(width, max(map(len, line.split()))) for line in lines)


def test_sentences_write_raw_values_by_their_name() -> None:
    marks = {"alpha": 0.05, "adjust": "holm", "tests": 4}
    assert words.sentence("rose", {"points": 5.3, "nps": 18.2}) == "NPS rose 5 points to +18"
    assert words.sentence("trails", {"name": "Cần Thơ", "points": -46.2}, "vi") == (
        "Cần Thơ thấp hơn phần còn lại 46 điểm"
    )
    assert words.sentence("marks-rest", marks) == (
        "▲▼ differs from the other groups, p < 0.05, Holm-adjusted for 4 tests"
    )
    assert words.sentence("marks-rest", marks, "vi") == (
        "▲▼ khác các nhóm còn lại, p < 0,05, hiệu chỉnh Holm cho 4 kiểm định"
    )
    assert words.sentence("marks-rest", marks, ascii=True).startswith("^v differs")


def test_levels_in_sentences() -> None:
    told = words.sentence("interval-wald", {"confidence": 0.95})
    assert told == "95% Wald intervals"
    told = words.sentence("answers", {"count": 1086, "left_out": 1})
    assert told == "1,086 answers, 1 row left out"


def test_one_is_singular() -> None:
    values = {"alpha": 0.05, "adjust": "bh", "tests": 1}
    assert words.sentence("marks-rest", values).endswith("-adjusted for 1 test")
    assert words.sentence("fell", {"points": -1.2, "nps": -3}) == "NPS fell 1 point to −3"


@pytest.mark.parametrize("name", ["{nps}", "{0!r}", "%s", "\x1b[2J", "x" * 500, "", None])
def test_a_name_in_a_sentence_is_only_a_name(name: Any) -> None:
    told = words.sentence("leads", {"name": name, "points": 1})
    assert told.endswith("leads the rest by 1 point")
    assert "\x1b" not in told
    assert len(told) < 100


def test_examples() -> None:
    assert doctest.testmod(words).failed == 0
    assert doctest.testmod(glossary).failed == 0
