"""Settings from a file and from the environment: what counts, and what is refused."""

import pytest

from cxkit import config
from cxkit.errors import Faults
from cxkit.values import RANGES, Shape, convert, faults

SHAPES = {
    shape.name: shape
    for shape in (
        Shape("score", str),
        Shape("by", str, many=True, default=()),
        Shape("since", str),
        Shape("confidence", float, default=95),
        Shape("min_n", int, default=30),
        Shape("partial", bool, default=False),
        Shape("null", str, many=True, default=()),
        Shape("period", str),
        Shape("last", int),
        Shape("format", str),
        Shape("output", str),
        Shape("adjust", str, default="holm"),
    )
}


@pytest.fixture
def settle(tmp_path):
    """Settle flags, an environment and the text of a cxkit.toml; gives values, said, faults."""

    def once(text="", flags=None, **environ):
        if text:
            (tmp_path / "cxkit.toml").write_text(text)
        settings, wrong = config.settle(flags or {}, SHAPES, environ, tmp_path)
        return settings, [str(fault).replace(f"{tmp_path}/", "") for fault in wrong]

    return once


def test_flag_then_variable_then_file(settle):
    text = "[defaults]\nconfidence = 80\nmin_n = 5\nadjust = 'bh'\n"
    settings, wrong = settle(text, {"adjust": "none"}, CXKIT_MIN_N="7", CXKIT_ADJUST="holm")
    assert not wrong
    assert settings.values == {"confidence": 80, "min_n": 7, "adjust": "none"}
    assert settings.spell("adjust") == "--adjust"
    assert settings.spell("min_n") == "CXKIT_MIN_N"
    assert settings.spell("confidence").endswith("cxkit.toml")
    assert settings.spell("last") == "--last"
    assert settings.flags == {"adjust"}


def test_nothing_is_given(settle):
    settings, wrong = settle()
    assert (settings.values, settings.missing, wrong) == ({}, (), [])


def test_kinds_of_toml_values(settle):
    text = """
    [columns]
    score = "Q1"
    by = ["region", "region,channel"]
    [defaults]
    since = 2026-07-01
    null = [99, "kA"]
    partial = true
    [missing]
    words = ["không rõ", -1]
    """
    settings, wrong = settle(text)
    assert not wrong
    assert settings.values["by"] == ("region", "region,channel")
    assert settings.values["since"] == "2026-07-01"
    assert settings.values["null"] == ("99", "kA")
    assert settings.values["partial"] is True
    assert settings.missing == ("không rõ", "-1")


def test_one_value_where_many_are_possible(settle):
    settings, _ = settle('[columns]\nby = "region"\n', None, CXKIT_NULL="99\n-1")
    assert settings.values["by"] == ("region",)
    assert settings.values["null"] == ("99", "-1")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[defaults]\nconfidnce = 90", 'unknown key "confidnce" in [defaults]'),
        ("[defaults]\nconfidnce = 90", "did you mean: confidence"),
        ("[colums]\n", "did you mean: [columns]"),
        ("confidence = 90", "confidence belongs in [defaults]"),
        ('score = "Q1"', "score belongs in [columns]"),
        ("[missing]\nword = []", "did you mean: words"),
        ("columns = 3", "columns must be a section, [columns]"),
        ("[defaults]\nmin_n = 2.5", "min_n in cxkit.toml must be a whole number, got 2.5"),
        ("[defaults]\nmin_n = true", "must be a whole number"),
        ("[defaults]\npartial = 'maybe'", 'must be true or false, got "maybe"'),
        ("[columns]\nscore = ['a']", "score in cxkit.toml must be text"),
        ("[defaults]\nconfig = 'x'", 'unknown key "config"'),
        ("[defaults]\nx =\n", "cxkit.toml, line 2: invalid value"),
        ("[defaults\n", "cxkit.toml, line 1: "),
        ("[defaults]\nx = 1\nx = 2\n", "cxkit.toml"),
    ],
)
def test_mistakes_in_the_file(settle, text, said):
    _, wrong = settle(text)
    assert said in "\n".join(wrong)


def test_all_mistakes_are_told(settle):
    _, wrong = settle("[defaults]\na1 = 1\nb2 = 2\n[nothing]\n", None, CXKIT_C3="3")
    assert len(wrong) == 4


def test_not_utf8(settle, tmp_path):
    (tmp_path / "cxkit.toml").write_bytes(b"[defaults]\n# caf\xe9\n")
    _, wrong = settle()
    assert wrong == ["error[config]: cxkit.toml, line 2: not UTF-8"]


def test_byte_order_mark_and_windows_lines(settle, tmp_path):
    (tmp_path / "cxkit.toml").write_bytes(b"\xef\xbb\xbf[defaults]\r\nmin_n = 4\r\n")
    assert settle()[0].values == {"min_n": 4}


@pytest.mark.parametrize("way", ["flag", "variable"])
def test_a_file_asked_for(settle, tmp_path, way):
    (tmp_path / "other.toml").write_text("[defaults]\nmin_n = 4\n")
    asked = str(tmp_path / "other.toml")
    flags = {"config": asked} if way == "flag" else {}
    environ = {"CXKIT_CONFIG": asked} if way == "variable" else {}
    settings, wrong = settle("[defaults]\nmin_n = 9\n", flags, **environ)
    assert (settings.values, wrong) == ({"min_n": 4}, [])


def test_a_file_that_is_not_there(settle):
    _, wrong = settle("", {"config": "none.toml"})
    assert wrong == ["error[config]: cannot read none.toml: no such file or directory"]


def test_a_mistyped_variable_is_no_silence(settle):
    _, wrong = settle("", None, CXKIT_CONFIDNCE="90", CXKIT_DEBUG="1", CXKIT_SCORE="")
    assert wrong == [
        "error[environment]: CXKIT_CONFIDNCE is set, and there is no such option\n"
        "  did you mean: CXKIT_CONFIDENCE"
    ]


def test_options_of_other_commands_are_passed_over(settle):
    settings, wrong = settle("[defaults]\ntarget = 40\n", None, CXKIT_KEEP="last")
    assert (settings.values, wrong) == ({}, [])


@pytest.mark.parametrize(
    ("text", "flags", "environ", "format"),
    [
        ("[defaults]\nformat = 'json'\n", {"csv": True}, {}, "csv"),
        ("[defaults]\njson = true\n", {}, {"CXKIT_FORMAT": "md"}, "md"),
        ("[defaults]\nformat = 'md'\n", {}, {"CXKIT_JSON": "1"}, "json"),
        ("", {"json": True, "format": "json"}, {}, "json"),
        ("", {"json": False}, {"CXKIT_JSON": "0"}, None),
    ],
)
def test_short_forms_of_the_format(settle, text, flags, environ, format):
    settings, wrong = settle(text, flags, **environ)
    assert not wrong
    assert settings.values.get("format") == format


def test_two_formats_contradict(settle):
    _, wrong = settle("", {"json": True, "format": "csv"})
    assert wrong == ["error[usage]: --json and --format contradict each other"]


def test_a_font_is_named_from_the_folder_of_the_file(settle, tmp_path):
    (tmp_path / "font.ttf").write_bytes(b"")
    settings, _ = settle('[chart]\nfont = "font.ttf"\nfooter = "Q3"\n')
    assert settings.chart == {"font": str(tmp_path / "font.ttf"), "footer": "Q3"}


# Values


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("confidence", [50, 95, 99.9, 0.5, 0.95, 0.999], [9.5, 0, 1, 100, 49.9, -95, 0.4]),
        ("min_n", [0, 30], [-1]),
        ("suppress", [1], [0]),
        ("fiscal_start", [1, 12], [0, 13]),
        ("last", [1], [0, -1]),
        ("target", [-100, 0, 100], [-101, 100.5, float("nan")]),
        ("limit", [1], [0]),
        ("width", [20, 500], [19]),
        ("precision", [0, 15], [-1, 16]),
    ],
)
def test_ranges(name, good, bad):
    kind = float if name in ("confidence", "target") else int
    shapes = {name: Shape(name, kind), "period": Shape("period", str)}
    for value in good:
        assert not faults({name: value, "period": "month"}, shapes), value
    for value in bad:
        assert faults({name: value, "period": "month"}, shapes), value
    assert name in RANGES


@pytest.mark.parametrize("value", ["30", 2.5, True, None, [3], "x"])
def test_a_number_is_a_number_in_python(value):
    wrong = faults({"min_n": value}, SHAPES)
    assert list(wrong) == ["min_n"]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [("30", int, 30), (" 0.9 ", float, 0.9), ("yes", bool, True), ("Off", bool, False),
     ("-5", float, -5.0), ("1e2", float, 100.0)],
)  # fmt: skip
def test_text_is_read(text, kind, value):
    assert convert(text, Shape("x", kind), "--x") == value


@pytest.mark.parametrize(("text", "kind"), [("1_000", int), ("3.0", int), ("", int), ("ja", bool)])
def test_text_that_is_no_value(text, kind):
    with pytest.raises(Exception, match="--x must be"):
        convert(text, Shape("x", kind), "--x")


def test_choices_suggest():
    fault = faults({"adjust": "bonferroni"}, SHAPES)["adjust"]
    assert not fault.hints
    fault = faults({"adjust": "Holm"}, SHAPES, lambda name: f"--{name}")["adjust"]
    assert fault.hints == (("did you mean", "holm"),)
    assert fault.replace == ("Holm", "holm")


def test_last_needs_a_period():
    assert "period" in faults({"last": 3}, SHAPES)["last"].message
    assert not faults({"last": 3, "period": "month"}, SHAPES)


def test_faults_keep_their_exit_code():
    assert Faults(list(faults({"adjust": "x", "last": 0}, SHAPES).values())).exit_code == 2
