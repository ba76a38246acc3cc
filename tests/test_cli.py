"""The command line from words to exit code, in process; what it says, writes and refuses."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import types
import unicodedata
from pathlib import Path

import pytest

import cxkit
from cxkit import cli, commands, console
from cxkit.errors import DataError, RequestError
from cxkit.result import Chart, Ledger, Note, Result

ROWS = ["nps_score,region,channel,day"]
ROWS += [f"{score},{region},web,2026-07-01" for score in (10, 9, 9, 7, 3) for region in "NS"]
SURVEY = "\n".join([*ROWS, ",N,web,2026-07-02", "99,S,shop,2026-07-03"]) + "\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with a small survey, and an environment of its own."""
    (tmp_path / "survey.csv").write_text(SURVEY)
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("CXKIT_") or name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
            monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def run(folder, capsys, monkeypatch):
    """Run a command line; gives exit code, stdout and stderr."""

    def once(*argv, stdin=b"", terminal=False):
        text = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
        text.isatty = lambda: terminal
        monkeypatch.setattr(sys, "stdin", text)
        code = cli.run([str(word) for word in argv])
        out, err = capsys.readouterr()
        return code, out, err

    return once


@pytest.fixture
def stand_in(monkeypatch):
    """Put an analysis of the test's own in the place of nps, its roles taken as given."""
    from cxkit.reading import roles

    def put(analysis):
        module = types.SimpleNamespace(nps=analysis, EXAMPLES=("cxkit nps a.csv",), FINDS=())
        monkeypatch.setattr(commands, "load", lambda command: module)
        monkeypatch.setattr(roles, "find", lambda source, needed, words, *more: words)

    return put


def result(**parts):
    """A small Result."""
    import polars as pl

    rows = pl.DataFrame({"n": [4], "nps": [25.0]})
    return Result("nps", rows, {"n": 4, "nps": 25.0}, Ledger(5, 4, {"missing": 1}), **parts)


# What goes where


def test_table_to_stdout_assumptions_to_stderr(run):
    code, out, err = run("nps", "survey.csv", "--by", "region")
    assert code == 0
    assert out.startswith("NPS +40 ")
    assert err.splitlines()[0] == (
        "using score=nps_score (0–10); 10 of 12 rows (1 blank, 1 invalid)"
    )
    assert "warning[invalid]" in err


def test_quiet_says_nothing(run):
    assert run("nps", "survey.csv", "-q")[2] == ""


@pytest.mark.parametrize("flags", [["--json"], ["-f", "json"], ["--format=json"]])
def test_json(run, flags):
    code, out, _ = run("nps", "survey.csv", *flags)
    assert code == 0
    assert json.loads(out)["ledger"]["read"] == 12


def test_standard_input_named_or_not(run):
    named = run("nps", "-", "--csv", stdin=SURVEY.encode())
    silent = run("nps", "--csv", stdin=SURVEY.encode())
    assert named[:2] == silent[:2]
    assert named[0] == 0


def test_terminal_without_a_file_gets_the_usage(run):
    code, out, err = run("nps", terminal=True)
    assert (code, out) == (2, "")
    assert "usage: cxkit nps" in err


def test_several_files_are_stacked(run, folder):
    (folder / "more.csv").write_text(SURVEY)
    _, out, _ = run("nps", "survey.csv", "more.csv", "--json")
    assert json.loads(out)["ledger"]["read"] == 24


def test_output_file_silences_stdout(run, folder):
    code, out, err = run("nps", "survey.csv", "--by", "region", "-o", "nps.csv")
    assert (code, out) == (0, "")
    assert err.splitlines()[-1] == "wrote nps.csv (2 rows)"
    assert (folder / "nps.csv").read_text().startswith("table,region,n,")


def test_dash_as_output_is_stdout(run, folder):
    _, out, _ = run("nps", "survey.csv", "-o", "-", "--csv")
    assert out.startswith("table,n,")
    assert sorted(path.name for path in folder.iterdir()) == ["survey.csv"]


def test_flag_beats_extension(run, folder):
    run("nps", "survey.csv", "-o", "out.md", "--json")
    assert json.loads((folder / "out.md").read_text())["command"] == "nps"


def test_extension_beats_settings(run, folder, monkeypatch):
    monkeypatch.setenv("CXKIT_FORMAT", "json")
    run("nps", "survey.csv", "-o", "out.csv")
    assert (folder / "out.csv").read_text().startswith("table,")


@pytest.mark.parametrize("link", ["symlink_to", "hardlink_to"])
@pytest.mark.parametrize("flag", ["-o", "--chart"])
def test_no_input_is_overwritten(run, folder, link, flag):
    name = "link.csv" if flag == "-o" else "link.png"
    getattr(folder / name, link)(folder / "survey.csv")
    code, out, err = run("nps", "survey.csv", flag, name)
    assert (code, out) == (2, "")
    assert err == f"error[overwrite]: {flag} is the input file; choose another name\n"
    assert (folder / "survey.csv").read_text() == SURVEY


def test_no_input_of_a_pattern_is_overwritten(run):
    code, _, err = run("nps", "sur*.csv", "-o", "survey.csv")
    assert code == 2
    assert "error[overwrite]" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-o", "a.html"], "HTML is not written"),
        (["-o", "a"], "extension"),
        (["-o", "a.png"], "try: cxkit nps survey.csv --chart a.png"),
        (["--chart", "a.gif"], "--chart cannot draw a.gif"),
        (["-o", "a.xlsx", "--csv"], "--format csv does not fit a.xlsx"),
        (["--json", "--csv"], "--json and --csv contradict each other"),
        (["-o", "a.csv", "--chart", "a.csv"], "name the same file"),
    ],
)
def test_impossible_outputs(run, folder, words, said):
    code, out, err = run("nps", "survey.csv", *words)
    assert (code, out) == (2, "")
    assert said in err
    assert [path.name for path in folder.iterdir()] == ["survey.csv"]


def test_charts_of_several_tables_have_names(run, folder, stand_in, monkeypatch):
    from cxkit.output import chart as drawing

    charts = tuple(Chart("stack", result().rows, "n", "nps", name=name) for name in ("a", "b/c"))
    stand_in(lambda data: result(charts=charts))
    doubt = Note("font", "info", "no letter ộ")
    monkeypatch.setattr(drawing, "draw", lambda chart, format, **options: (b"P", (doubt,)))
    code, _, err = run("nps", "survey.csv", "--chart", "nps.png")
    assert code == 0
    assert "wrote nps.a.png\nwrote nps.b-c.png\n" in err
    assert err.count("note[font]") == 1
    assert (folder / "nps.b-c.png").read_bytes() == b"P"


def test_nothing_is_written_when_drawing_fails(run, folder, stand_in):
    stand_in(lambda data: result())
    code, out, err = run("nps", "survey.csv", "-o", "a.csv", "--chart", "a.png")
    assert (code, out) == (2, "")
    assert "error[no-chart]" in err
    assert not (folder / "a.csv").exists()


# Mistakes


@pytest.mark.parametrize(
    ("argv", "code", "lines"),
    [
        (
            ["npss", "survey.csv"],
            2,
            ['error[no-command]: no command "npss"', "did you mean: nps",
             "try: cxkit nps survey.csv"],
        ),
        (
            ["survey.csv", "--by", "region"],
            2,
            ['error[no-command]: "survey.csv" is a file, not a command',
             "try: cxkit nps survey.csv --by region"],
        ),
        (["not-there.csv"], 2, ["is a file, not a command"]),
        (["xyz"], 2, ["commands: nps"]),
        (["nps", "survy.csv"], 3, ["error[no-file]", "try: cxkit nps survey.csv"]),
        (
            ["nps", "survey.csv", "--by", "regin,channel"],
            2,
            ['error[no-column]: no column "regin" in survey.csv', "did you mean: region",
             "try: cxkit nps survey.csv --by region,channel"],
        ),
        (
            ["nps", "survey.csv", "--confidnce=90"],
            2,
            ["error[usage]: no option --confidnce",
             "try: cxkit nps survey.csv --confidence=90"],
        ),
        (["nps", "survey.csv", "-by", "region"], 2, ["try: cxkit nps survey.csv --by region"]),
        (["--by", "region", "nps", "survey.csv"], 2, ["try: cxkit nps survey.csv --by region"]),
        (["--nonsense"], 2, ["error[usage]: no option --nonsense"]),
        (["nps", "survey.csv", "--by"], 2, ["error[usage]: --by needs a value"]),
        (["nps", "survey.csv", "--json=yes"], 2, ["error[usage]: --json takes no value"]),
        (["nps", "survey.csv", "--last", "3"], 2, ["--last needs --period", "--period month"]),
        (["help", "exitcodes"], 2, ["did you mean: exit-codes"]),
    ],
)  # fmt: skip
def test_mistakes_and_the_reply(run, argv, code, lines):
    got, out, err = run(*argv)
    assert (got, out) == (code, "")
    for line in lines:
        assert line in err


def test_all_faults_of_a_request_are_told_at_once(run):
    code, _, err = run(
        "nps", "survey.csv", "--confidence", "9.5", "--adjust", "hoolm", "--by", "regin",
        "--width", "3", "--min-n", "few", "-o", "a.html",
    )  # fmt: skip
    assert code == 2
    assert "--confidence must be 50–99.9 (or 0.5–0.999), got 9.5" in err
    assert '--adjust must be holm, bh or none, got "hoolm"' in err
    assert '--min-n must be a whole number, got "few"' in err
    assert "--width must be 20–10,000, got 3" in err
    assert 'no column "regin"' in err
    assert "HTML" in err
    assert err.splitlines()[-1] == (
        "  try: cxkit nps survey.csv --confidence 9.5 --adjust holm --by region"
        " --width 3 --min-n few -o a.html"
    )


def test_the_corrected_command_is_quoted(run, folder):
    (folder / "answers of July.csv").write_text(SURVEY)
    assert "try: cxkit nps 'answers of July.csv'" in run("nps", "answer of July.csv")[2]


def test_faults_of_one_kind_are_counted():
    faults = [RequestError("no-column", f"no column {name}") for name in "abcdefg"]
    from cxkit.errors import Faults

    lines = console.error_lines(Faults(faults), ["nps"])
    assert len(lines) == 6
    assert lines[-1] == "error[no-column]: and 2 more"


# Notes


def test_notes_are_grouped_and_counted():
    notes = [Note("low-n", "info", f"{n} answers") for n in range(9)]
    notes += [Note("invalid", "warning", "99", (("try", "--null 99"),))]
    notes += [Note("independent", "info", "taken as independent")]
    lines = console.note_lines(notes)
    assert lines[:2] == ["warning[invalid]: 99", "  try: --null 99"]
    assert lines[-1] == "note[low-n]: and 4 more (-v shows all)"
    assert len(lines) == 8
    assert len(console.note_lines(notes, verbose=True)) == 12


def test_strict_turns_a_warning_into_exit_3(run, folder):
    code, out, err = run("nps", "survey.csv", "--strict", "-o", "a.csv")
    assert (code, out) == (3, "")
    assert err.startswith("error[strict]: 1 warning with --strict")
    assert "warning[invalid]" in err
    assert not (folder / "a.csv").exists()


def test_strict_lets_information_pass(run, stand_in):
    stand_in(lambda data: result(notes=(Note("low-n", "info", "few"),)))
    assert run("nps", "survey.csv", "--strict")[0] == 0


# The edge


def test_a_bug_says_so_and_nothing_more(run, stand_in):
    def broken(data):
        raise KeyError("x")

    stand_in(broken)
    code, out, err = run("nps", "survey.csv")
    assert (code, out) == (70, "")
    assert err.splitlines() == [
        "error[bug]: unexpected failure in nps (KeyError). Nothing was written.",
        "  rerun with CXKIT_DEBUG=1 and report the trace",
    ]


def test_the_trace_of_a_bug_on_request(run, stand_in, monkeypatch):
    monkeypatch.setenv("CXKIT_DEBUG", "1")
    stand_in(lambda data: 1 / 0)
    code, _, err = run("nps", "survey.csv")
    assert code == 70
    assert "Traceback" in err
    assert "ZeroDivisionError" in err


class Panic(BaseException):
    """Polars panics with an exception that is no Exception."""


@pytest.mark.parametrize(
    ("raised", "code"),
    [(KeyboardInterrupt(), 130), (BrokenPipeError(32, "gone"), 141), (Panic(), 70),
     (DataError("empty", "no rows"), 3), (SystemExit(143), 143)],
)  # fmt: skip
def test_every_way_to_end_has_its_code(run, stand_in, raised, code):
    def ends(data):
        raise raised

    stand_in(ends)
    got, out, err = run("nps", "survey.csv")
    assert (got, out) == (code, "")
    assert (err == "") == (code in (130, 141, 143))


@pytest.mark.parametrize(("status", "code"), [("ok", 0), ("breach", 1), ("unknown", 3)])
def test_the_answer_has_its_exit_code(run, stand_in, status, code):
    stand_in(lambda data: result(status=status))
    got, out, _ = run("nps", "survey.csv", "--json")
    assert (got, json.loads(out)["status"]) == (code, status)


def test_a_reader_that_goes_away_is_no_error(folder):
    """In a real pipe: `cxkit nps … | true`."""
    read, write = os.pipe()
    os.close(read)
    words = [sys.executable, "-m", "cxkit", "nps", "survey.csv", "-q"]
    done = subprocess.run(words, stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_a_signal_leaves_no_temporary_file(folder):
    environ = {**os.environ, "TMPDIR": str(folder)}
    words = [sys.executable, "-m", "cxkit", "nps", "-"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, env=environ) as process:
        assert process.stdin is not None
        process.stdin.write(SURVEY.encode() * 10_000)
        process.stdin.flush()
        deadline = time.monotonic() + 10
        while len(list(folder.iterdir())) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.3)  # until it waits for more; in between Python may miss a signal
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 128 + signal.SIGTERM
    assert [path.name for path in folder.iterdir()] == ["survey.csv"]


@pytest.mark.parametrize("encoding", ["ascii", "cp1258"])
def test_a_narrow_stdout_stops_nothing(run, folder, monkeypatch, encoding):
    (folder / "vn.csv").write_text(SURVEY.replace(",N,", ",Hà Nội,"))
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    assert run("nps", "vn.csv", "--by", "region")[0] == 0
    text = raw.getvalue().decode(encoding)
    assert "▲" not in text
    assert ("H? N?i" if encoding == "ascii" else "Hà Nội") in unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("asked", "environ", "terminal", "coloured"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "0"}, False, False),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"TERM": "dumb", "FORCE_COLOR": "1"}, True, True),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_when_there_is_colour(asked, environ, terminal, coloured):
    stream = io.StringIO()
    stream.isatty = lambda: terminal  # type: ignore[method-assign]
    assert console.colour(asked, stream, environ) is coloured


# Help


def test_help_of_the_whole(run):
    for words in (["--help"], ["-h"], ["help"]):
        code, out, err = run(*words)
        assert (code, err) == (0, "")
        assert re.search(r"Measure:\n  nps +Net Promoter Score", out), out
        assert "Files:\n  check " in out
        assert "trend" not in out
        assert "--install-completion" in out
        assert "\x1b" not in out


def test_no_words_at_all_is_an_error_with_help(run):
    code, out, err = run()
    assert (code, out) == (2, "")
    assert "Usage: cxkit" in err


def test_help_of_a_command(run, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    code, out, _ = run("nps", "-h")
    assert code == 0
    assert "\x1b" not in out
    order = ["Usage:", "Examples:", "Columns:", "Slice:", "Statistics:", "Output:", "Reading:"]
    places = [out.index(f"\n{name}") if name != "Usage:" else 0 for name in order]
    assert places == sorted(places)
    assert out == run("help", "nps")[1]
    assert "--no-" not in out
    assert "[default: 95]" in " ".join(out.split())
    assert "[default: referral,word-of-mouth]" in " ".join(run("growth", "-h")[1].split())


def test_every_option_of_the_signature_is_in_the_help(run):
    out = run("nps", "--help")[1]
    module = commands.load(commands.COMMANDS[0])
    for shape in commands.shapes(module.nps):
        assert f"--{shape.name.replace('_', '-')}" in out


def test_short_letters_are_few(run):
    import re

    assert set(re.findall(r"(?m)^  (-\w),", run("nps", "--help")[1])) == {
        "-c", "-f", "-h", "-n", "-o", "-q", "-v",
    }  # fmt: skip


def test_version(run):
    for word in ("-V", "--version"):
        assert run(word) == (0, f"cxkit {cxkit.__version__}\n", "")


@pytest.mark.parametrize("topic", ["exit-codes", "formats", "where", "methods"])
def test_topics(run, topic):
    code, out, _ = run("help", topic)
    assert code == 0
    assert out.startswith(f"{topic}: ")


def test_an_alias_is_the_command_with_its_preset(run, stand_in, monkeypatch):
    seen = []

    def analysis(data, *, period: str | None = None):
        seen.append(period)
        return result()

    stand_in(analysis)
    monkeypatch.setenv("CXKIT_PERIOD", "week")
    run("nps", "survey.csv")
    run("trend", "survey.csv")
    run("trend", "survey.csv", "--period", "year")
    assert seen == ["week", "month", "year"]


# Completion


def complete(run, monkeypatch, words):
    monkeypatch.setenv("_CXKIT_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(words.count(" ")))
    return run()[1].split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("cxkit n", ["nps"]),
        ("cxkit nps --conf", ["--confidence", "--config"]),
        ("cxkit nps survey.csv --score ", ["nps_score", "region", "channel", "day"]),
        ("cxkit nps survey.csv --by region,ch", ["region,channel"]),
        ("cxkit nps survey.csv --adjust ", ["holm", "bh", "none"]),
        ("cxkit nps --score ", []),
        ("cxkit nps missing.csv --score ", []),
        ("cxkit help exi", ["exit-codes"]),
    ],
)
def test_completion(run, monkeypatch, words, offered):
    assert complete(run, monkeypatch, words) == offered


def test_show_completion(run):
    code, out, _ = run("--show-completion", "bash")
    assert code == 0
    assert "_CXKIT_COMPLETE" in out


# The library


def test_library_and_command_line_agree(run):
    made = cxkit.nps("survey.csv", by="region", confidence=0.9)
    read = json.loads(run("nps", "survey.csv", "--by", "region", "--confidence", "90", "--json")[1])
    assert [row["nps"] for row in read["rows"]] == made.rows["nps"].to_list()
    assert read["params"]["confidence"] == made.params["confidence"]


def test_values_are_checked_in_python_too(folder):
    with pytest.raises(cxkit.CxError) as caught:
        cxkit.nps("survey.csv", confidence=9.5, min_n="many", by="regin", partial=1)
    said = str(caught.value)
    assert "confidence must be 50–99.9" in said
    assert 'min_n must be a whole number, got "many"' in said
    assert "partial must be true or false, got 1" in said
    assert 'no column "regin"' in said


def test_an_unknown_keyword_is_a_type_error(folder):
    with pytest.raises(TypeError, match="confidnce"):
        cxkit.nps("survey.csv", confidnce=90)


def test_a_source_that_is_read_already(folder):
    source = cxkit.read("survey.csv")
    assert cxkit.nps(source).summary == cxkit.nps("survey.csv").summary
    with pytest.raises(TypeError, match="encoding"):
        cxkit.nps(source, encoding="utf-8")


def test_commands_stay_functions_when_their_modules_are_imported():
    import importlib

    module = importlib.import_module("cxkit.nps")
    assert callable(cxkit.nps)
    assert module.nps is not cxkit.nps
    assert "--fiscal" not in cxkit.nps.__doc__
    assert "fiscal_start: first month of the fiscal year" in cxkit.nps.__doc__


def test_public_names_are_there():
    for name in cxkit.__all__:
        assert getattr(cxkit, name) is not None
    with pytest.raises(AttributeError):
        cxkit.nothing  # noqa: B018


def test_a_notebook_shows_the_table_escaped(folder):
    (folder / "odd.csv").write_text(SURVEY.replace(",N,", ",<b>N</b>,"))
    shown = cxkit.nps("odd.csv", by="region")._repr_html_()
    assert shown.startswith("<pre")
    assert "&lt;b&gt;N&lt;/b&gt;" in shown
    assert "<b>" not in shown
    assert "warning[invalid]" in shown


def test_a_result_shows_itself_as_its_table(folder):
    (folder / "small.csv").write_text(SURVEY)
    found = cxkit.nps("small.csv", by="region")
    table = cxkit.render(found, "table", plain=False, color=False, width=120)
    assert repr(found) == str(found)
    assert str(found).startswith(table.rstrip("\n"))
    assert "warning[invalid]" in str(found)


def test_the_examples_of_the_help_are_commands():
    for command in commands.COMMANDS:
        examples = commands.load(command).EXAMPLES
        assert 2 <= len(examples) <= 4
        assert all(line.startswith(f"cxkit {command.name} ") for line in examples)


def test_names_of_inputs_are_paths_of_any_kind(folder):
    assert cxkit.nps(Path("survey.csv")).ledger.read == 12


def test_topics_know_what_there_is(run):
    methods, formats = run("help", "methods")[1], run("help", "formats")[1]
    assert all(f"--{word}" in methods for word in ("weight", "cluster", "population"))
    assert "cxkit convert" in formats
    assert all(len(line) <= 94 for line in (methods + formats).splitlines())
