"""Faults that were found once at the edge: streams, files, options. Each has a test of its name."""

import gzip
import io
import json
import os
import random
import signal
import subprocess
import sys
import time

import polars as pl
import pytest

import cxkit
from cxkit import cli, console
from cxkit.errors import CxError, RequestError
from cxkit.result import Chart, Ledger, Result

SURVEY = "nps,region\n" + "10,N\n9,S\n3,N\n8,S\n" * 10
posix = pytest.mark.skipif(os.name == "nt", reason="a matter of Unix")
unbuffered = pytest.mark.parametrize("flag", [None, "1"], ids=["buffered", "unbuffered"])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "s.csv").write_text(SURVEY)
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("CXKIT_"):
            monkeypatch.delenv(name)
    return tmp_path


def environment(flag=None, **more):
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return environ | ({"PYTHONUNBUFFERED": flag} if flag else {}) | more


def shell(line, flag=None, **more):
    """A line of the shell, in which `cxkit` is ours."""
    line = f'cxkit() {{ "{sys.executable}" -m cxkit "$@"; }}; {line}'
    return subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, check=False,
        env=environment(flag, **more),
    )  # fmt: skip


@pytest.fixture
def many_groups(folder):
    """A file whose table is far longer than a pipe holds."""
    lines = [f"{i % 11},group number {i}" for i in range(4_000)]
    (folder / "many.csv").write_text("nps,region\n" + "\n".join(lines) + "\n")


# Standard output


@posix
@unbuffered
@pytest.mark.parametrize("format", ["table", "csv", "json"])
def test_a_reader_that_stops_early_is_told_by_the_exit_code(many_groups, flag, format):
    done = shell(
        f"cxkit nps many.csv --by region -q -f {format} | head -1 >&2; exit ${{PIPESTATUS[0]}}",
        flag,
    )
    assert done.returncode == 141
    assert done.stderr.count("\n") == 1


@posix
@unbuffered
@pytest.mark.parametrize("format", ["table", "csv"])
def test_a_slow_reader_gets_everything(many_groups, flag, format):
    done = shell(f"cxkit nps many.csv --by region -q -f {format} | (sleep 0.3; wc -l)", flag)
    assert int(done.stdout) > 4_000


@posix
@unbuffered
def test_a_converted_file_goes_to_a_pipe_whole_or_with_141(many_groups, flag):
    convert = "cxkit convert many.csv -o - -f csv -q"
    assert int(shell(f"{convert} | wc -l", flag).stdout) == 4_001
    done = shell(f"{convert} | head -c 9 >/dev/null; exit ${{PIPESTATUS[0]}}", flag)
    assert done.returncode == 141


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@unbuffered
@pytest.mark.parametrize("words", ["nps s.csv", "nps s.csv --json", "convert s.csv -o - -f csv"])
def test_a_full_disk_is_an_error(folder, flag, words):
    done = shell(f"cxkit {words} -q >/dev/full", flag)
    assert done.returncode == 2
    assert "error[cannot-write]: cannot write standard output: No space left" in done.stderr


def test_a_stream_that_takes_little_at_a_time_gets_all(run, monkeypatch):
    taken = bytearray()

    class Meagre(io.RawIOBase):
        def writable(self):
            return True

        def write(self, data):
            taken.extend(bytes(data[:7]))
            return min(7, len(data))

    whole = run("nps", "s.csv", "--json")[1]
    raw = Meagre()
    stream = io.TextIOWrapper(raw, encoding="utf-8", write_through=True)  # type: ignore[type-var]
    monkeypatch.setattr(sys, "stdout", stream)
    assert cli.run(["nps", "s.csv", "--json", "-q"]) == 0
    assert taken.decode() == whole


@posix
@pytest.mark.parametrize("words", ["nps", "nps -"])
def test_standard_input_that_is_closed(folder, words):
    done = shell(f"cxkit {words} <&-")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "error[no-file]: standard input is closed\n"


@posix
@pytest.mark.parametrize("number", [signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)])
def test_a_signal_leaves_no_spool(folder, number):
    if signal.getsignal(number) == signal.SIG_IGN:
        pytest.skip("the tests run where this signal is ignored, as under nohup")
    with subprocess.Popen(
        [sys.executable, "-m", "cxkit", "nps", "-"],
        stdin=subprocess.PIPE,
        env=environment(TMPDIR=str(folder)),
    ) as process:
        assert process.stdin is not None
        process.stdin.write(SURVEY.encode() * 10_000)
        process.stdin.flush()
        deadline = time.monotonic() + 10
        while len(list(folder.iterdir())) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.3)
        process.send_signal(number)
        assert process.wait(10) == 128 + number
    assert [path.name for path in folder.iterdir()] == ["s.csv"]


# Files that are written


def charts(*names):
    rows = pl.DataFrame({"n": [4], "nps": [25.0]})
    made = tuple(Chart("stack", rows, "n", "nps", name=name) for name in names)
    return Result("nps", rows, {"n": 4, "nps": 25.0}, Ledger(4, 4), charts=made)


def test_charts_with_alike_names_are_numbered(run, folder):
    (folder / "odd.csv").write_text("nps,a/b,a:b,A b\n" + "10,N,x,p\n9,S,y,q\n3,N,y,p\n" * 12)
    words = [word for name in ("a/b", "a:b", "A b") for word in ("--by", name)]
    code, _, err = run("nps", "odd.csv", *words, "--chart", "c.svg")
    assert code == 0
    names = ["c.a-b.svg", "c.a-b-2.svg", "c.A-b-3.svg"]
    assert [line for line in err.splitlines() if "wrote" in line] == [f"wrote {n}" for n in names]
    assert all((folder / name).exists() for name in names)


def test_the_library_names_charts_as_the_command_does(folder, monkeypatch):
    from cxkit.output import chart

    monkeypatch.setattr(chart, "draw", lambda chart, format, **looks: (b"P", ()))
    cxkit.write(charts("a/b", "A:b"), "c.png")
    assert sorted(path.name for path in folder.glob("*.png")) == ["c.A-b-2.png", "c.a-b.png"]


def test_all_files_are_written_or_none(run, folder):
    code, out, err = run("nps", "s.csv", "-o", "x.json", "--chart", "nodir/x.png")
    assert (code, out) == (2, "")
    assert "cannot write nodir/x.png" in err
    assert [path.name for path in folder.iterdir()] == ["s.csv"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-o", ""], "--output must not be empty"),
        (["-o", "sub"], "-o: sub is a folder, not a file"),
        (["--chart", "sub"], "--chart: sub is a folder, not a file"),
        (["--chart", ""], "--chart must not be empty"),
    ],
)
def test_a_place_that_is_no_file(run, folder, words, said):
    (folder / "sub").mkdir()
    code, out, err = run("nps", "s.csv", *words)
    assert (code, out) == (2, "")
    assert said in err


def test_a_bad_font_is_told_in_words(run, folder):
    (folder / "cxkit.toml").write_text('[chart]\nfont = "missing.ttf"\n')
    code, _, err = run("nps", "s.csv", "--chart", "c.png")
    assert code == 2
    assert "error[bad-font]: missing.ttf cannot be read as a font" in err
    assert "Errno" not in err


# Options


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--by", ""], "--by must not be empty"),
        (["--by", ","], "--by must not be empty"),
        (["--width", "9" * 20], "--width must be 20–10,000"),
        (["--min-n", "9" * 20], "--min-n must be 1,000,000,000 or less"),
        (["--last", "9" * 5000, "--period", "month"], "--last must be a whole number"),
        (["--min-n", "٣"], "--min-n must be a whole number"),
        (["--min-n", "３０"], "--min-n must be a whole number"),
        (["--confidence", "９５"], "--confidence must be a number"),
        (["--confidence", "9_5"], "--confidence must be a number"),
        (["--decimal", "x"], '--decimal must be "." or ",", got "x"'),
        (["--encoding", "idna"], 'no encoding "idna"'),
    ],
)
def test_values_that_no_option_takes(run, words, said):
    code, out, err = run("nps", "s.csv", *words)
    assert (code, out) == (2, "")
    assert said in err


@pytest.mark.parametrize(("variable", "value"), [("CXKIT_JSON", "maybe"), ("CXKIT_CSV", "nah")])
def test_a_format_variable_is_true_or_false(run, monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    code, out, err = run("nps", "s.csv")
    assert (code, out) == (2, "")
    assert f'{variable} must be true or false, got "{value}"' in err


def test_a_format_variable_that_is_off(run, monkeypatch):
    monkeypatch.setenv("CXKIT_JSON", "no")
    assert run("nps", "s.csv")[1].startswith("NPS ")


def test_a_configuration_that_is_a_folder(run, folder):
    (folder / "cxkit.toml").mkdir()
    code, _, err = run("nps", "s.csv")
    assert code == 2
    assert err.startswith("error[config]: cannot read cxkit.toml: ")


def test_a_file_that_begins_with_a_dash(run):
    code, _, err = run("nps", "-x.csv")
    assert code == 2
    assert "try: cxkit nps ./-x.csv" in err


def test_a_missing_file_with_a_bracket_in_its_name(run):
    code, _, err = run("nps", "a[1].csv")
    assert (code, err) == (3, "error[no-file]: a[1].csv does not exist\n")


@pytest.mark.parametrize("words", [{"score": 3}, {"by": 3}, {"by": [3]}, {"where": 3}])
def test_words_of_the_wrong_type(folder, words):
    with pytest.raises(RequestError, match=f"{next(iter(words))} must be text, got 3"):
        cxkit.nps("s.csv", **words)


def test_none_is_no_value_of_an_option_that_has_one(folder):
    with pytest.raises(RequestError, match="confidence must be a number, got None"):
        cxkit.nps("s.csv", confidence=None)
    assert cxkit.nps("s.csv", score=None, by=None, period=None).ledger.read == 40


def test_words_for_no_answer_may_be_numbers(folder):
    assert cxkit.nps("s.csv", null=[3]).ledger.left_out == {"missing": 10}


# Files that are read


def test_utf16_without_a_mark(run, folder):
    (folder / "le.csv").write_bytes(SURVEY.encode("utf-16-le"))
    (folder / "be.csv").write_bytes(SURVEY.encode("utf-16-be"))
    for order in ("le", "be"):
        for words in ([], ["--encoding", "utf-16"]):
            code, _, err = run("nps", f"{order}.csv", *words)
            assert code == 3
            assert f"try: --encoding utf-16-{order} " in err
        assert run("nps", f"{order}.csv", "--encoding", f"utf-16-{order}")[0] == 0


@posix
def test_a_name_that_is_not_utf8(run, folder):
    name = os.fsdecode(b"bad\xff.csv")
    try:
        (folder / name).write_text(SURVEY)
    except OSError:
        pytest.skip("the disk does not allow it")
    code, out, _ = run("nps", name, "--json")
    assert code == 0
    assert json.loads(out)["inputs"][0]["name"] == "bad\ufffd.csv"


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000])
def test_json_that_is_nested_without_end(run, folder, text):
    (folder / "deep.json").write_text(text)
    code, _, err = run("nps", "deep.json")
    assert code == 3
    assert "is not" in err


def test_a_frame_with_two_columns_of_a_name():
    pa = pytest.importorskip("pyarrow")
    table = pa.table([[1], [2]], names=["a", "a"])
    with pytest.raises(CxError, match="cannot be read as a table"):
        cxkit.nps(table)


@pytest.mark.parametrize("size", [300, 100_000])
def test_noise_is_not_text(run, folder, size):
    (folder / "noise.csv").write_bytes(random.Random(1).randbytes(size))
    code, _, err = run("nps", "noise.csv")
    assert code == 3
    assert "noise.csv is not text" in err


def test_an_encoding_that_is_declared_may_have_any_bytes(run, folder):
    (folder / "ebcdic.csv").write_bytes(SURVEY.encode("cp500"))
    assert run("nps", "ebcdic.csv", "--encoding", "cp500")[0] == 0


def test_damaged_packings_are_told(run, folder):
    (folder / "cut.csv.gz").write_bytes(gzip.compress(SURVEY.encode() * 99)[:-20])
    code, _, err = run("nps", "cut.csv.gz")
    assert code == 3
    assert "cut.csv.gz" in err


def test_a_record_without_end(run, folder, monkeypatch):
    from cxkit.reading import records

    monkeypatch.setattr(records, "RECORD_LIMIT", 2**20)
    (folder / "huge.csv").write_text(f'nps,comment\n9,"{"x" * 2**21}"\n8,y\n')
    code, _, err = run("nps", "huge.csv")
    assert code == 3
    assert "line 2 begins a record of more than 1 million characters" in err
    assert "hint: is a quote not closed?" in err


def test_a_delimiter_that_the_file_does_not_have(run, folder):
    code, _, err = run("nps", "s.csv", "--delimiter", ";")
    assert code == 3
    assert 'error[delimiter]: --delimiter: the header holds no ";"' in err
    assert 'try: --delimiter ","' in err
    (folder / "one.csv").write_text("nps\n10\n9\n")
    assert run("nps", "one.csv", "--delimiter", ";")[0] == 0


@pytest.mark.parametrize(("format", "warned"), [("%d.%m.%Y", True), ("%Y-%m-%d", False)])
def test_a_date_format_that_fits_no_cell(run, folder, format, warned):
    (folder / "d.csv").write_text("nps,date\n" + "9,2026-07-01\n3,2026-07-02 10:00\n" * 20)
    _, _, err = run("nps", "d.csv", "--period", "month", "--date-format", format)
    assert ("warning[date-format]" in err) is warned


# What is said


def test_one_row_is_one_row():
    ledger = Ledger(1, 1)
    rows = pl.DataFrame({"n": [1]})
    assert console.assumptions(Result("nps", rows, {}, ledger)) == "1 row"
    assert console.assumptions(Result("nps", rows, {}, Ledger(2, 2))) == "all 2 rows"
    missed = Result("nps", rows, {}, Ledger(1, 0, {"missing": 1}))
    assert console.assumptions(missed) == "0 of 1 row (1 blank)"


def test_rows_of_other_questions_are_not_outside_a_condition():
    def said(**params):
        ledger = Ledger(6, 2, {"where": 4})
        return console.assumptions(
            Result("nps", pl.DataFrame({"n": [2]}), {}, ledger, params=params)
        )

    assert said(where=[]) == "2 of 6 rows (4 of other question types)"
    assert said(where=["a = 1"]) == "2 of 6 rows (4 outside --where)"


def test_a_sheet_too_long_for_excel_is_refused_before_it_is_made(folder):
    from cxkit.output.workbook import ROW_LIMIT

    rows = pl.DataFrame({"n": pl.int_range(0, ROW_LIMIT + 1, eager=True)})
    with pytest.raises(RequestError, match="more than an Excel sheet holds"):
        cxkit.write(Result("nps", rows, {"n": 1}, Ledger(1, 1)), "long.xlsx")
    assert not (folder / "long.xlsx").exists()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-7", "ascii"])
def test_an_encoding_that_is_declared_of_utf8(run, folder, encoding):
    (folder / "u.csv").write_text("nps,region\n10,Đà Nẵng\n", encoding="utf-8")
    code, _, err = run("nps", "u.csv", "--encoding", encoding)
    assert code == 3
    assert "error[encoding]" in err
    assert err.endswith("  try: leave out --encoding\n")


def test_an_encoding_that_is_declared_of_another(run, folder):
    (folder / "w.csv").write_text("nps,region\n10,Đà\n", encoding="cp1258")
    code, _, err = run("nps", "w.csv", "--encoding", "ascii")
    assert code == 3
    assert "try: --encoding cp1258" in err


def test_a_file_without_a_name(run):
    assert run("nps", "") == (3, "", "error[no-file]: the name of the file is empty\n")


def test_a_title_above_the_header(run, folder):
    (folder / "t.csv").write_text("Report of 2026\nnps,region\n10,N\n")
    code, _, err = run("nps", "t.csv")
    assert code == 3
    assert "line 2 has 2 fields, header has 1" in err
    assert "hint: is that the header? the lines above it are to be removed" in err


def test_thousands_of_columns_of_one_name(folder):
    from cxkit.reading.sniff import unique

    start = time.perf_counter()
    names = unique(["nps", *["x"] * 20_000, "x (7)"])
    assert time.perf_counter() - start < 5  # seconds; every number tried for every name: minutes
    assert len(set(names)) == 20_002
    assert names[1:3] == ("x", "x (2)")
    assert names[6:8] == ("x (6)", "x (8)")
    assert names[-1] == "x (7)"
