"""Every kind of problem is found, with its line, its count and its remedy; nobody is shown."""

import io
import json
import re
import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cxkit
from cxkit.checks import structure
from cxkit.checks.profile import apart, masked
from cxkit.errors import DataError, RequestError
from cxkit.output import render
from cxkit.reading.records import Dialect

COLUMNS = ["severity", "code", "column", "count", "first_line", "message", "fix"]


def check(text, **words):
    Path("a.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return cxkit.check("a.csv", **words)


def found(result):
    """By code: severity, column, count and first line of the first problem of that kind."""
    rows = result.rows.unique("code", keep="first", maintain_order=True).to_dicts()
    return {
        row["code"]: (row["severity"], row["column"], row["count"], row["first_line"])
        for row in rows
    }


# --- structure ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "expected"),
    [
        ("nps,x\n10,a\n9,b,c\n8,c\n7,d,e\n", "long-rows", ("error", None, 2, 3)),
        ("nps,x,y\n10,a,b\n9,b\n8,c,d\n", "short-rows", ("error", None, 1, 3)),
        ("nps,x\n10,a\n9,b\0\n8,c\n", "nul-bytes", ("error", None, 1, 3)),
        ('nps,x\n10,a\n9,5" d"isk" x\n8,c\n', "stray-quotes", ("error", None, 1, 3)),
        ('nps,x\n10,a\n9,5" screen\n8,c\n', "stray-quotes", ("error", None, 1, 3)),
        ('nps,x\n10,a\n9,5" screen\n8,3" disk\n7,"d"\n', "stray-quotes", ("error", None, 2, 3)),
        ('nps,x\n10,a\n9,"b" c\n8,c\n', "stray-quotes", ("error", None, 1, 3)),
        ('nps,x\n10,a\n9,"open\n8,c\n7,d\n', "unclosed-quote", ("error", None, 1, 3)),
        (b"nps,x\n10,a\n9,caf\xe9\n8,c\n", "encoding", ("error", None, 1, 3)),
        ("nps,x\n10,a\n9,b\rc\n8,c\n", "line-ends", ("error", None, 1, 3)),
        ("nps,x\n10,a\n\n9,b\n\n", "blank-lines", ("info", None, 2, 3)),
        ("nps,x,x\n10,a,b\n9,b,c\n", "same-name", ("warning", "x", 2, 1)),
        ("nps,,y\n10,a,b\n9,b,c\n", "no-name", ("warning", None, 1, 1)),
        ('nps,x,y\n1,a,"b\n2,c,d\n3,c,d\n4,c,d\n"\n5,e,f\n', "swallowed-rows",
         ("warning", None, 1, 2)),
    ],
)  # fmt: skip
def test_faults_of_records(folder, text, code, expected):
    result = check(text)
    assert found(result)[code] == expected
    assert result.status == ("breach" if expected[0] == "error" else "ok")


def test_all_faults_are_told_not_the_first_one(folder):
    lines = ["nps,x,y", "10,a,b", "9,b", '8,"open,b', "7,a,b,c", "6,\0,b", '5,"a\nb",c', "", "4,a"]
    result = check("\n".join(lines) + "\n")
    assert {k: v for k, v in found(result).items() if v[0] == "error"} == {
        "nul-bytes": ("error", None, 1, 6),
        "unclosed-quote": ("error", None, 1, 4),
        "long-rows": ("error", None, 1, 5),
        "short-rows": ("error", None, 2, 3),
    }
    assert found(result)["blank-lines"][2:] == (1, 9)
    assert result.summary["rows"] == 7


def test_lines_are_those_of_the_file(folder):
    """Behind cells of several lines, blank lines, and rows that cannot be read."""
    text = 'nps,comment\n10,"a\nb\nc"\n\n9,x\n8,x,y\n7,"d\ne"\n99,=1+1\n'
    result = found(check(text))
    assert result["off-scale"][3] == 10
    assert result["formula"][3] == 10
    sound = text.replace("8,x,y\n", "")
    assert found(check(sound))["off-scale"][3] == 9


def test_a_broken_header_is_no_end(folder):
    result = check('nps,"x\n10,a\n9,b\n')
    assert result.summary["rows"] == 2
    assert result.status == "ok" or "error" in result.rows["severity"]


def test_a_file_of_another_encoding(folder):
    result = check("nps,tên\n10,Huế\n".encode("utf-16-le"))
    assert found(result)["encoding"][0] == "error"
    assert "--encoding" in result.rows["fix"][0]
    assert check("nps,tên\n10,Huế\n".encode("utf-16"), for_="nps").status == "ok"


def test_other_line_ends_delimiters_and_packings(folder):
    import gzip

    assert found(check("nps;x\r10;a\r9;b;c\r"))["long-rows"][3] == 3
    assert found(check("nps\tx\r\n10\ta\r\n9\r\n"))["short-rows"][3] == 3
    Path("a.csv.gz").write_bytes(gzip.compress(b"nps,x\n10,a\n9,b,c\n"))
    assert found(cxkit.check("a.csv.gz"))["long-rows"][3] == 3


TEXT = st.lists(
    st.lists(st.text(st.sampled_from('ab,"\n \r'), max_size=5), min_size=3, max_size=3),
    min_size=1,
    max_size=8,
)


@settings(max_examples=100, deadline=None)
@given(TEXT)
def test_what_is_written_well_has_no_fault(rows):
    """Records are found as a writer of CSV has written them."""
    import csv

    text = io.StringIO()
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    dialect = Dialect(",", "\n", 3, skip=0)
    lines = io.StringIO(text.getvalue(), newline="\n")
    whole = structure.Structure(dialect, [])
    for piece in structure.pieces(lines, dialect):
        whole.add(piece)
    assert not whole.broken
    empty = sum(not "".join(row).strip(" \r\n,\t") for row in rows)
    assert whole.records >= len(rows) - empty


# --- columns ------------------------------------------------------------------------------------


def survey(rows, head="nps,x"):
    return head + "\n" + "\n".join(rows) + "\n"


MANY = [f"{i % 11},word{i % 7}" for i in range(60)]


@pytest.mark.parametrize(
    ("text", "code", "expected"),
    [
        (survey([*MANY, "5,=cmd()", "6,@x", "7,-5", "8,+84 912 345"]), "formula",
         ("warning", "x", 2, 62)),
        (survey([*MANY, "5,a\x07b"]), "control-characters", ("warning", "x", 1, 62)),
        (survey([f"{i % 11},1.5{i % 3}" for i in range(40)] + ['5,"2,75"']), "decimal-marks",
         ("warning", "x", 1, 42)),
        (survey(["5,13/02/2026"] * 20 + ["5,2026-02-13"]), "date-forms", ("warning", "x", 1, 22)),
        (survey(["5,03/02/2026", "6,04/05/2026"]), "date-order", ("warning", "x", 2, 2)),
        (survey(["5,13/02/2026"] * 20 + ["5,soon"]), "not-a-date", ("warning", "x", 1, 22)),
        (survey(["5,1"] * 20 + ["5,many"]), "text-among-numbers", ("info", "x", 1, 22)),
        (survey(["5,", "6,"]), "blank-column", ("info", "x", None, None)),
        (survey(["5,a", "6,a"]), "constant-column", ("info", "x", None, None)),
        (survey(["5,Hue\u0302\u0301", "6,Huế", "7,Huế "]), "merged-groups", ("info", "x", 2, 2)),
        (survey(["5,North", "6,north", "7,North"]), "capitals", ("warning", "x", 1, 3)),
        (survey([*MANY, "99,a", "-1,a", "99,b"]), "off-scale", ("warning", "nps", 3, 62)),
        (survey([*MANY, "chín,a"]), "not-a-score", ("warning", "nps", 1, 62)),
        (survey([f"{1 + i % 5},a{i}" for i in range(120)]), "bad-scale",
         ("warning", "nps", None, None)),
        (survey([f"{1 + i % 11},a{i}" for i in range(121)] + ["11,b"] * 9), "bad-scale",
         ("warning", "nps", None, None)),
        (survey([f"{1 + i % 10},a{i}" for i in range(120)]), "scale",
         ("warning", "nps", None, None)),
        (survey([*(f"{i % 11},{i}" for i in range(60)), "3,3"]), "duplicate-rows",
         ("warning", None, 1, 5)),
        (survey(["5,1", "6,2", "7,1"], "nps,response_id"), "duplicate-ids",
         ("warning", "response_id", 1, 2)),
        (survey(["5,c1", "6,c2", "7,c2", "8,c2"], "nps,customer_id"), "repeat-customers",
         ("warning", "customer_id", 2, 3)),
        (survey(["5,6", "6,7"], "recommend a,recommend b"), "ambiguous-score",
         ("warning", None, None, None)),
        (survey(["5,6", "6,7"], "a,b"), "no-score", ("info", None, None, None)),
    ],
)  # fmt: skip
def test_problems_of_columns(folder, text, code, expected):
    result = check(text)
    assert found(result)[code] == expected


def test_equal_rows_of_a_file_of_few_columns_are_natural(folder):
    assert found(check(survey(MANY * 5)))["duplicate-rows"][0] == "info"


def test_every_known_customer_column_is_looked_at(folder):
    rows = ["5,a@x.vn,1", "6,a@x.vn,2", "7,b@x.vn,2"]
    result = check(survey(rows, "nps,email,customer id"))
    repeated = result.rows.filter(code="repeat-customers")["column"].to_list()
    assert repeated == ["email", "customer id"]


@pytest.mark.parametrize(
    ("cells", "holds"),
    [
        (["1", "2"], "whole numbers 1–2"),
        (["1.5", "2"], "numbers"),
        (["1,5", "2,25"], "numbers, decimal comma"),
        (["13/02/2026"], "dates, day first"),
        (["2/13/2026"], "dates, month first"),
        (["2026-02-13"], "dates, year first"),
        (["13 Feb 2026"], "dates, in words"),
        (["an@x.vn"], "e-mail addresses"),
        (["true", "false"], "yes or no"),
        (["a", "b"] * 10, "categories"),
        ([f"K{i}" for i in range(30)], "ids"),
        (["", ""], "blank"),
        (["N/A", ""], "blank"),
        (["10 - Extremely likely", "0 - Not at all likely"], "numbers 0–10 with labels"),
        ([f"a longer {i} text" for i in range(9)], "text"),
        (["fine", "=1+1", "good"], "text"),
        (["fine", "good"], "text"),
        (["9f1c-77", "b2-0001", "00c4_x"], "ids"),
    ],
)
def test_what_a_column_holds(folder, cells, holds):
    Path("a.csv").write_text(pl.DataFrame({"nps": [9] * len(cells), "x": cells}).write_csv())
    profile = cxkit.check("a.csv").summary["profile"]
    assert profile[1]["holds"] == holds
    assert profile[0]["holds"] == "score 0–10"


@pytest.mark.parametrize("name", ["id", "Respondent ID", "ResponseId", "customer_id", "uuid"])
def test_ids_that_the_name_says(folder, name):
    cells = ["abc", "abc", "xyz"] * 8
    Path("a.csv").write_text(pl.DataFrame({"nps": [9] * 24, name: cells}).write_csv())
    assert cxkit.check("a.csv").summary["profile"][1]["holds"] == "ids"


@pytest.mark.parametrize("name", ["width", "idea", "valid", "paid"])
def test_names_that_only_look_like_ids(folder, name):
    Path("a.csv").write_text(pl.DataFrame({"nps": [9] * 20, name: ["a", "b"] * 10}).write_csv())
    assert cxkit.check("a.csv").summary["profile"][1]["holds"] == "categories"


def test_many_distinct_cells_are_judged_in_the_scan(folder):
    rows = [f"{i % 11},word {i} of many,{i / 4}" for i in range(3_000)] + ["5,=x,nine"]
    result = check(survey(rows, "nps,a,b"))
    profile = {row["column"]: row for row in result.summary["profile"]}
    assert profile["a"]["distinct"] == 3_001
    assert found(result)["formula"][1:] == ("a", 1, 3_002)
    assert found(result)["text-among-numbers"][1:] == ("b", 1, 3_002)


# --- rows that are left out ---------------------------------------------------------------------


def qualtrics(*rows):
    names = ("QID1", "status", "finished")
    ids = ",".join(f'"{{""ImportId"":""{name}""}}"' for name in names)
    texts = "How likely are you to recommend us?,Response Type,Finished"
    return "\n".join(["Q1,Status,Finished", texts, ids, *rows]) + "\n"


def test_rows_that_every_command_leaves_out_are_told(folder):
    text = qualtrics("10,0,1", "9,1,1", "8,1,1", "7,0,0", "6,1,0", *["9,0,1"] * 20)
    result = check(text)
    told = result.rows.filter(code="left-out")
    assert told["severity"].to_list() == ["info", "info"]
    assert told["message"].to_list() == ["3 rows are previews, left out",
                                         "1 row is unfinished, left out"]  # fmt: skip
    assert told["fix"].to_list() == ["--keep-previews keeps them", "--keep-unfinished keeps it"]
    assert told["count"].to_list() == [3, 1]
    assert told["first_line"].to_list() == [5, 7]
    nps = cxkit.nps("a.csv")
    assert nps.ledger.left_out["preview"] == 3
    assert nps.ledger.left_out["unfinished"] == 1
    kept = cxkit.check("a.csv", keep_previews=True)
    assert kept.rows.filter(code="left-out")["count"].to_list() == [2]


def test_rows_of_other_question_types_are_told(folder):
    head = "Response ID,Survey Type,Person ID,Score,Comment,Permalink,Person Email,Created At"
    rows = [f"{i},{'NPS' if i % 3 else 'CSAT'},p{i},{5},c,x,a{i}@x.vn,2026-01-02" for i in range(9)]
    result = check("\n".join([head, *rows]) + "\n", input_format="delighted")
    told = result.rows.filter(code="left-out").row(0, named=True)
    assert (told["count"], told["first_line"], told["column"]) == (3, 2, "Survey Type")
    assert told["message"] == (
        '3 rows answer a question of another type: "Survey Type" is not nps; nps leaves them out'
    )
    assert told["fix"] is None


def test_nothing_is_said_where_nothing_is_left_out(folder):
    assert "left-out" not in found(check(qualtrics("10,0,1", *["9,0,1"] * 20)))
    assert "left-out" not in found(check(survey(MANY)))


def test_the_remedy_for_repeat_customers_runs(run, folder):
    plain = survey(["5,c1", "6,c2", "7,c2", "8,c2"], "nps,customer_id")
    dated = survey(["5,c1,2026-01-02", "6,c2,2026-01-03", "7,c2,2026-01-04"],
                   "nps,customer_id,date")  # fmt: skip

    def fix(text):
        return check(text).rows.filter(code="repeat-customers")["fix"][0]

    assert fix(plain) == "--customer customer_id --keep last --date COL"
    assert fix(dated) == "--customer customer_id --keep last"
    assert run("nps", "a.csv", *fix(dated).split())[0] == 0


# --- a command ----------------------------------------------------------------------------------


def test_what_stands_in_the_way_is_an_error_with_its_flag(folder):
    text = survey(["5,6", "6,7"], "recommend a,recommend b")
    assert check(text).status == "ok"
    result = check(text, for_="nps")
    assert result.status == "breach"
    assert result.rows.row(0, named=True)["fix"] == "--score 'recommend a'"
    assert check(text, for_="nps", score="recommend a").status == "ok"


def test_a_scale_that_stops_nps_is_an_error_for_nps(folder):
    text = survey([f"{1 + i % 11},a{i}" for i in range(121)] + ["11,b"] * 9)
    result = check(text, for_="nps")
    assert found(result)["bad-scale"][0] == "error"
    assert "--scale 1-11" in result.rows["fix"][0]
    assert list(result.rows["code"]).count("bad-scale") == 1


def test_short_rows_far_down_do_not_stop_nps(folder):
    rows = [f"{i % 11},word,{i}" for i in range(40_000)]
    rows[20_000] = "5"
    text = survey(rows, "nps,x,y")
    assert found(check(text))["short-rows"][0] == "error"
    assert found(check(text, for_="nps"))["short-rows"] == ("warning", None, 1, 20_002)


def test_exit_codes(run, folder):
    Path("good.csv").write_text(survey(MANY))
    Path("bad.csv").write_text("nps,x\n10,a\n9,b,c\n")
    Path("empty.csv").write_text("")
    Path("head.csv").write_text("nps,x\n")
    assert run("check", "good.csv")[0] == 0
    assert run("validate", "bad.csv")[0] == 1
    assert run("inspect", "good.csv", "--for", "nps")[0] == 0
    code, out, err = run("check", "good.csv", "--for", "npss")
    assert (code, out) == (2, "")
    assert "did you mean: nps" in err
    assert "try: cxkit check good.csv --for nps" in err
    assert run("check", "good.csv", "--score", "npz")[0] == 2
    assert run("check", "none.csv")[0] == 3
    assert run("check", "empty.csv")[0] == 3
    assert run("check", "head.csv")[0] == 3
    assert run("check", "good.csv", "--chart", "a.png")[0] == 2


def test_a_warning_with_strict_stops_it(run, folder):
    Path("clean.csv").write_text(survey(MANY))
    assert run("check", "clean.csv", "--strict")[0] == 0
    Path("off.csv").write_text(survey([*MANY, "99,z"]))
    assert run("check", "off.csv")[0] == 0
    code, out, err = run("check", "off.csv", "--strict", "-o", "o.csv")
    assert (code, out, Path("o.csv").exists()) == (3, "", False)
    assert "error[strict]: 1 warning with --strict; nothing was written" in err
    assert "warning[off-scale]: 1 answer" in err
    with pytest.raises(DataError, match="strict"):
        cxkit.check("off.csv", strict=True)


def test_no_table_at_all_is_an_error_of_the_data(folder):
    for data in (b"%PDF-1.7 x", b"<html><p>x</p></html>"):
        with pytest.raises(DataError):
            check(data)


# --- what is shown ------------------------------------------------------------------------------

PEOPLE = ["Nguyễn Thị Lan", "John Smith", "Trần Văn Minh", "Ana Ruiz"]


def people():
    """A survey full of personal data, in columns whose names say so and in others."""
    rows = []
    for i in range(80):
        who = PEOPLE[i % 4] if i % 3 else f"{PEOPLE[i % 4]} {i}"
        mail = f"person{i % 40}@mailbox.vn"
        phone = f"+84 912 34{i % 10} 678"
        comment = f"call me, {PEOPLE[i % 4]}" if i % 2 else "=HYPERLINK(0912345678)"
        score = "Lan Anh" if i == 7 else "0912345678" if i == 9 else str(i % 11)
        rows.append(f'{score},{who},{mail},{phone},"{comment}",{who},{mail}')
    return survey(rows, "nps,full_name,email,phone,comment,x,customer")


@pytest.mark.parametrize("format", ["table", "csv", "json", "ndjson", "md"])
@pytest.mark.parametrize("for_", [None, "nps"])
@pytest.mark.parametrize("broken", [False, True])
def test_nobody_is_shown(folder, format, for_, broken):
    text = people() + ('5,Nguyễn Thị Lan,"x@mailbox.vn\n6,Lan\n' if broken else "")
    result = check(text, for_=for_)
    shown = str(render(result, format)) + " ".join(str(note) for note in result.notes)
    for secret in (*PEOPLE, "Lan", "Smith", "Anh", "mailbox", "person", "912", "345678", "HYPER",
                   "call me"):  # fmt: skip
        assert secret not in shown
    assert "x@x" in shown or format in ("csv", "ndjson")


def test_the_shape_of_a_cell():
    assert masked("K1234") == "A9999"
    assert masked("an@x.vn") == "x@x"
    assert masked("13/02/2026") == "99/99/9999"
    assert len(masked("long " * 20)) == 20


def test_a_word_of_many_rows_is_shown(folder):
    profile = check(survey(["5,North", "6,South"] * 10, "nps,region")).summary["profile"]
    assert profile[1]["example"] in ("North", "South")


def test_the_printed_table(run, folder):
    Path("s.csv").write_text('nps,region\n10,North\n9,South,x\n99,North\n"7",South\n')
    code, out, err = run("check", "s.csv")
    assert code == 1
    assert err == "using score=nps; all 4 rows\n"
    assert (
        out
        == """\
s.csv: 2 problems, 1 error; plain, 4 rows, 2 columns

column  holds               filled  distinct  example  role
------  ------------------  ------  --------  -------  -----
nps     whole numbers 7–99    100%         3  10       score
region  text                  100%         2  Axxxx    –

error[long-rows]: 1 row has more cells than the header: 3 instead of 2; line 3
  fix: a cell that holds a "," must stand in quotes
warning[off-scale]: 1 answer of "nps" lies outside 0–10: 99 (1); line 4
  fix: if they mean “no answer”: --null 99
info[sound-rows]: the columns are described by the 3 rows without such faults
info[role]: score is "nps": a known name
"""
    )


def test_the_answer_comes_first(run, folder):
    Path("s.csv").write_text(survey([f"{i % 11},word{i}" for i in range(40)]))
    assert run("check", "s.csv")[1].startswith("s.csv: no problems; plain, 40 rows, 2 columns\n")
    assert run("check", "s.csv", "--for", "nps")[1].startswith(
        "s.csv: nothing stands in the way of nps; plain, 40 rows, 2 columns\n"
    )
    narrow = run("check", "s.csv", "--width", "50")[1]
    assert all(len(line) <= 50 for line in narrow.splitlines())
    assert "không có vấn đề" in run("check", "s.csv", "--lang", "vi")[1]


def test_lines_keep_their_indent(run, folder):
    Path("s.csv").write_text(survey([*MANY, "5,=1+1"], "nps,a comment of many words in its name"))
    lines = run("check", "s.csv", "--width", "60")[1].split("\n\n")[-1].splitlines()
    assert all(len(line) <= 60 for line in lines)
    assert all(re.match(r"(error|warning|info)\[|  fix: | {2,4}\S", line) for line in lines)
    assert "  fix: a spreadsheet may run them: hand the file on as" in lines
    assert "    .xlsx, where cxkit keeps them as text" in lines


@pytest.mark.parametrize("cells", ["10,9,8,2026-01-02", "10 - Extremely likely,1.234,x y z,1/2/26"])
@pytest.mark.parametrize("width", [(), ("--width", "80")])
def test_tables_are_narrow_and_names_distinct(run, folder, cells, width):
    asked = "How likely are you to recommend our {} shop to a friend or a colleague"
    names = [asked.format(one) for one in ("web", "wob", "third")]
    Path("s.csv").write_text(survey([cells] * 3, ",".join([*names, "a date of some kind"])))
    for lang in ("en", "vi"):
        out = run("check", "s.csv", "--lang", lang, *width)[1]
        table = out.split("\n\n")[1].splitlines()
        assert all(len(line) <= 78 for line in table)
        assert len(table) == 6
        cut = [re.split(r"\s{2,}", line)[0] for line in table[2:]]
        assert len(set(cut)) == 4
        assert cut[0].startswith("How l")


def test_names_are_cut_apart():
    names = [
        "short",
        "a" * 30 + "1",
        "a" * 30 + "2",
        "b" * 15 + "c" + "d" * 15,
        "b" * 15 + "d" * 16,
    ]
    cut = apart(names, 12)
    assert cut[:3] == ["short", "aaaaaa…aaaa1", "aaaaaa…aaaa2"]
    assert len(set(cut)) == 5
    assert max(map(len, cut)) <= 12
    many = apart(["x" * 40 + str(i) + "y" * 40 for i in range(1_200)], 16)
    assert len(set(many)) == 1_200
    assert max(map(len, many)) <= 16


def test_json_and_other_formats(run, folder):
    Path("s.csv").write_text("nps,x\n10,a\n9,b,c\n")
    code, out, _ = run("check", "s.csv", "--json")
    made = json.loads(out)
    assert code == 1
    assert (made["schema"], made["status"]) == ("cxkit.check/1", "breach")
    assert list(made["rows"][0]) == COLUMNS
    assert list(made["summary"]) == ["layout", "rows", "columns", "roles", "profile"]
    assert made["summary"]["roles"] == {"score": "nps"}
    assert run("check", "s.csv", "-o", "p.xlsx")[0] == 1
    assert "holds" in pl.read_excel("p.xlsx", sheet_name="column").row(0)
    assert run("check", "s.csv", "--csv")[1].splitlines()[0] == ",".join(COLUMNS)
    assert len(run("check", "s.csv", "-n", "1")[1].split("\n\n")[-1].splitlines()) <= 3


# --- what is read -------------------------------------------------------------------------------


def test_real_files(sfo, data):
    result = cxkit.check(sfo, score="NETPRO")
    assert (result.summary["rows"], result.summary["columns"]) == (2_831, 13)
    lines = sfo.read_text().splitlines()
    first = next(i for i, line in enumerate(lines, 1) if i > 1 and line.split(",")[10] == "11")
    assert found(result)["off-scale"] == ("warning", "NETPRO", 84, first)
    assert found(cxkit.check(data / "learning_r" / "combined.tsv"))["ambiguous-score"]
    for path in sorted(data.glob("*/*.*sv")):
        assert cxkit.check(path).status == "ok", path


def test_a_layout_with_header_rows(folder):
    heads = ["Q1,Status", '"How likely are you to\nrecommend us?",Response Type',
             '"{""ImportId"":""QID1""}","{""ImportId"":""status""}"']  # fmt: skip
    result = check("\n".join([*heads, "10,0", "99,0", *["9,0"] * 20]) + "\n")
    assert result.summary["layout"] == "qualtrics"
    assert result.summary["rows"] == 22
    assert found(result)["off-scale"][3] == 6


def test_frames_typed_files_and_standard_input(folder, monkeypatch):
    frame = pl.DataFrame({"nps": [10, 9, 99], "x": [1.0, None, 2.5]})
    assert found(cxkit.check(frame))["off-scale"][1:] == ("nps", 1, 3)
    frame.write_parquet("f.parquet")
    assert found(cxkit.check("f.parquet"))["off-scale"][3] == 3
    frame.write_excel("f.xlsx")
    assert found(cxkit.check("f.xlsx"))["off-scale"][3] == 4
    text = io.TextIOWrapper(io.BytesIO(b"nps,x\n10,a\n9,b,c\n"))
    monkeypatch.setattr(sys, "stdin", text)
    result = cxkit.check("-")
    assert found(result)["long-rows"][3] == 3
    assert result.inputs[0].name == "standard input"


def test_several_files(folder):
    Path("a.csv").write_text("nps,region\n10,a\n9,b,c\n")
    Path("b.csv").write_text("nps,area\n10,a\n9,b\n")
    result = cxkit.check(["a.csv", "b.csv"])
    assert [one.rows for one in result.inputs] == [2, 2]
    messages = result.rows["message"].to_list()
    assert messages[0].startswith("a.csv: ")
    assert any(re.match("b.csv: it lacks columns of a.csv: region", one) for one in messages)


def test_a_column_that_is_not_there(folder):
    with pytest.raises(RequestError, match="no column"):
        check(survey(MANY), score="npz")


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(st.sampled_from('0919,;"\n\r\0\té@=Aa .-/'), min_size=1, max_size=80))
def test_any_text_is_examined(tmp_path, text):
    """A result or an error of the data, never a bug; and each problem counts something."""
    path = tmp_path / "any.csv"
    path.write_bytes(("nps,x,y\n" + text).encode("utf-8" if len(text) % 3 else "latin-1"))
    try:
        result = cxkit.check(path, for_="nps" if len(text) % 2 else None)
    except DataError:
        return
    assert all(n is None or n > 0 for n in result.rows["count"])
    assert render(result)


# --- for a command ------------------------------------------------------------------------------

ORDERS = "order_id,customer_id,ordered_at,amount,currency\n" + "".join(
    f"o{i},c{who},{2023 + i // 120}-{1 + i // 10 % 12:02}-{1 + i % 28:02},"
    f"{5 + who % 19 * 4}.{i % 9},EUR\n"
    for i, who in ((i, i * i % 83) for i in range(360))
)
ANSWERS = "customer_id,date,score,buy,stay\n" + "".join(
    f"c{i},2025-01-05,{i % 11},{1 + i % 5},{1 + i % 4}\n" for i in range(60)
)
CONTRACTS = "customer,start,end\n" + "".join(
    f"c{i},2024-01-05,{'2025-03-04' if i % 2 else ''}\n" for i in range(60)
)


@pytest.mark.parametrize(
    ("text", "command", "besides"),
    [
        (ANSWERS, "monetize", "--orders FILE"),
        (ANSWERS, "drivers", "--drivers"),
        (ANSWERS, "experience", "--success COL"),
        (ANSWERS, "gap", "--believed"),
        (ANSWERS, "journey", "--stages"),
        (CONTRACTS, "survival", "--start COL --end COL"),
    ],
)
def test_what_a_command_needs_besides_the_file_is_no_error(folder, text, command, besides):
    result = check(text, for_=command)
    assert result.status == "ok"
    told = result.rows.filter(pl.col("fix").str.contains(besides, literal=True)).to_dicts()
    assert [row["severity"] for row in told] == ["info"]
    assert result.rows.filter(severity="error").is_empty()
    assert check(text, for_=command, strict=True).status == "ok"


def test_answers_are_judged_where_the_command_cannot_run(folder):
    """What stops `nps` stops commands that rest on the same question."""
    rows = "".join(f"c{i},{1 + i % 5}\n" for i in range(120))
    result = check("customer_id,score\n" + rows, for_="monetize")
    assert result.status == "breach"
    assert found(result)["bad-scale"][0] == "error"


@pytest.mark.parametrize("command", ["retention", "clv", "growth", "pareto"])
def test_orders_have_amounts_and_no_score(folder, command):
    result = check(ORDERS, for_=command)
    assert dict(result.columns) == {
        "date": "ordered_at", "customer": "customer_id", "amount": "amount", "currency": "currency",
    }  # fmt: skip
    assert result.status == "ok"
    assert "no-score" not in result.rows["code"]
    roles = {row["column"]: row["role"] for row in result.summary["profile"]}
    assert roles["amount"] == "amount"
    assert roles["order_id"] is None


def test_quantity_and_price_stand_for_an_amount(folder):
    text = "customer_id,date,quantity,price\n" + "c1,2025-01-05,2,3.5\nc2,2025-02-05,1,3.5\n" * 9
    parts = dict(check(text, for_="retention").columns)
    assert (parts["quantity"], parts["price"]) == ("quantity", "price")
    assert "amount" not in parts


def test_an_amount_that_no_name_tells_is_a_doubt(folder):
    """`check` has no option for it; the command has."""
    result = check(ORDERS.replace("amount", "x1"), for_="retention")
    assert found(result)["no-amount"][0] == "warning"
    assert result.rows.filter(code="no-amount")["fix"].item() == "--amount COL"
    assert result.status == "ok"


def test_a_role_that_check_can_be_told_is_an_error(folder):
    text = ORDERS.replace("ordered_at", "when")
    result = check(text, for_="retention")
    assert found(result)["no-date"][0] == "error"
    assert check(text, for_="retention", date="when").status == "ok"


def test_a_role_that_the_command_does_not_take_is_passed_over(folder):
    assert check(ANSWERS, for_="experience", customer="customer_id").status == "ok"


def test_the_score_is_that_of_the_command(folder):
    text = ANSWERS.replace("buy", "csat")
    assert dict(check(text).columns)["score"] == "score"
    result = check(text, for_="csat")
    assert dict(result.columns)["score"] == "csat"
    holds = {row["column"]: row["holds"] for row in result.summary["profile"]}
    assert holds["csat"] == "whole numbers 1–5"


def test_customers_of_a_journey_may_come_at_several_stages(folder):
    rows = ["a,browse,9", "a,pay,5", "b,browse,7", "b,pay,8"]
    result = check("customer_id,stage,score\n" + "\n".join(rows) + "\n", for_="journey")
    row = result.rows.filter(code="repeat-customers").row(0, named=True)
    assert (row["severity"], row["fix"]) == ("info", None)


def test_repeat_customers_are_told_to_keep_one_only_where_that_is_an_option(folder):
    text = ANSWERS + "c1,2025-02-05,9,4,4\n"
    for command, expected in {
        "nps": ("warning", "--customer customer_id --keep last"),
        "drivers": ("warning", None),
        "monetize": ("info", None),
    }.items():
        row = check(text, for_=command).rows.filter(code="repeat-customers").row(0, named=True)
        assert (row["severity"], row["fix"]) == expected, command
