"""Files in other formats: the same cells, the same score, nothing lost, and never onto an input."""

import io
import re
import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cxkit
from cxkit import cli, commands, engines
from cxkit.cells.answers import text_of
from cxkit.errors import CxError, DataError, RequestError

FORMATS = ("parquet", "csv", "xlsx", "ndjson")
SURVEY = """nps,region,when,amount,code,flag
10,North,13/02/2026,"1,250.50",007,true
9,South,14/02/2026,2,008,false
,South,,3,009,true
3,"a
b",28/02/2026,4,010,false
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_text(SURVEY)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def schema(path):
    return dict(pl.read_parquet(path).schema)


def typed(cells, **words):
    """The type that a column of these cells gets, and its values."""
    text = io.StringIO()
    pl.DataFrame({"x": cells, "beside": ["-"] * len(cells)}).write_csv(text)
    Path("typed.csv").write_text(text.getvalue())
    cxkit.convert("typed.csv", output="typed.parquet", **words)
    column = pl.read_parquet("typed.parquet")["x"]
    return column.dtype, column.to_list()


# --- types --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [
        (["1", "-20", None], pl.Int64),
        ([" 1", "2 "], pl.Int64),
        (["1.5", "2.25", "3"], pl.Float64),
        (["1.50", "2.00"], pl.Float64),
        (["true", "false"], pl.Boolean),
        (["TRUE", "FALSE", None], pl.Boolean),
        (["2026-02-13", "2024-02-29"], pl.Date),
        (["13/02/2026", "01/02/2026"], pl.Date),
        (["2/13/2026", "1/2/2026"], pl.Date),
        (["2026-02-13 10:20:30", "2026-02-13T10:20"], pl.Datetime("us")),
        (["2/13/2026 9:05:00", "2/14/2026 23:59:59"], pl.Datetime("us")),
        # what would lose something stays text
        (["007", "8"], pl.String),
        (["1234567890123456", "1"], pl.String),
        (["1", "N/A"], pl.String),
        (["+1", "2"], pl.String),
        (["1.5", "1.50"], pl.String),
        (["1.10", "1.1", "1"], pl.String),
        (["-0", "1"], pl.String),
        (["1e5", "1"], pl.String),
        (["1,250", "3"], pl.String),
        (["true", "FALSE"], pl.String),
        (["01/02/2026", "03/04/2026"], pl.String),
        (["2026-02-30", "2026-02-13"], pl.String),
        (["13/02/2026", "2026-02-13", "soon"], pl.String),
        (["2026-02-13T10:20:30Z", "2026-02-13T10:20:30Z"], pl.String),
        ([None, None], pl.String),
    ],
)
def test_a_column_has_a_type_only_if_every_cell_fits(folder, cells, dtype):
    found, values = typed(cells)
    assert found == dtype
    if dtype == pl.String:
        assert values == cells


def test_one_odd_cell_far_down_keeps_a_column_text(folder):
    cells = [str(i) for i in range(5_000)] + ["7a"] + ["1"] * 100_000
    assert typed(cells)[0] == pl.String


def test_days_and_months_are_settled_by_the_whole_column(folder):
    cells = ["01/02/2026"] * 30_000 + ["02/25/2026"] + ["01/02/2026"] * 30_000
    dtype, values = typed(cells)
    assert (dtype, str(values[0]), str(values[30_000])) == (pl.Date, "2026-01-02", "2026-02-25")


def test_a_stated_order_of_dates_is_taken(folder):
    assert str(typed(["01/02/2026"], date_format="%d/%m/%Y")[1][0]) == "2026-02-01"


def test_a_decimal_comma_is_read_as_the_file_has_it(folder):
    Path("c.csv").write_text("nps;amount\n10;1,50\n9;2,25\n")
    cxkit.convert("c.csv", output="c.parquet")
    assert pl.read_parquet("c.parquet")["amount"].to_list() == [1.5, 2.25]


def test_a_declared_null_is_blank_in_a_column_with_a_type(folder):
    assert typed(["1", "99"], null="99") == (pl.Int64, [1, None])
    assert typed(["a", "99"], null="99") == (pl.String, ["a", "99"])


def test_csv_keeps_every_cell_as_it_is(folder):
    cxkit.convert("a.csv", output="b.csv")
    before, after = (cxkit.read(name).rows.collect() for name in ("a.csv", "b.csv"))
    assert before.equals(after)


# --- round trips --------------------------------------------------------------------------------

CELLS = st.one_of(
    st.integers(-99, 99).map(str),
    st.sampled_from(["", "007", "1.5", "1,5", "true", "2026-02-13", "13/02/2026", "=1+1", "a\nb",
                     '5" disk', "Huế", "N/A", "x;y", "0", "-0", "1e3", " 7"]),
)  # fmt: skip
ROWS = st.lists(
    st.tuples(st.sampled_from(["10", "9", "8", "3", "0", "", "99"]), CELLS, CELLS),
    min_size=1,
    max_size=20,
)
quick = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def told(path, **words):
    """The score and the groups, or the error's name."""
    try:
        found = cxkit.nps(path, score="q", min_n=1, **words)
    except CxError as error:
        return error.slug
    return found.summary, found.rows.to_dicts(), dict(found.ledger.left_out)


@pytest.mark.parametrize("format", FORMATS)
@quick
@given(ROWS)
def test_the_score_and_the_cells_survive(tmp_path, format, rows):
    source, target = tmp_path / "x.csv", tmp_path / f"y.{format}"
    frame = pl.DataFrame(rows, schema=["q", "a", "b"], orient="row")
    frame.write_csv(source, quote_style="always")
    try:
        cxkit.convert(source, output=str(target))
    except DataError:
        return
    assert told(source) == told(target)
    before, after = (cxkit.read(path).rows.collect() for path in (source, target))
    before = before.filter(~pl.all_horizontal(pl.col("q", "a", "b").is_null()))
    for column in ("q", "a", "b"):
        if column in after.columns and after[column].dtype == pl.String:
            blanks = {None, " " if format == "xlsx" else None}
            if format == "ndjson" and re.match("20", str(after[column].drop_nulls().first())):
                continue  # dates are ISO text
            pairs = zip(before[column].to_list(), after[column].to_list(), strict=True)
            assert all(one == other or one in blanks for one, other in pairs)


@pytest.mark.parametrize("format", FORMATS)
@quick
@given(rows=ROWS, by=st.sampled_from([(), "g", ["g", "d"]]))
def test_a_tally_is_data(tmp_path, format, rows, by):
    source, target = tmp_path / "x.csv", tmp_path / f"t.{format}"
    days = ["2026-01-05", "2026-02-07", ""]
    data = [(q, a.replace("\n", " "), days[len(b) % 3]) for q, a, b in rows]
    frame = pl.DataFrame(data, schema=["q", "g", "d"], orient="row")
    frame.with_columns(keep=pl.lit("k")).write_csv(source, quote_style="always")
    cxkit.convert(source, output=str(target), tally=["q,g", "d"])
    words = {"period": "month", "date": "d"}
    one, other = told(source, by=by, **words), told(target, by=by, count="n", **words)
    # a group that became a number or, in Excel, a time may be called otherwise: 1.50, 0:00
    named = any(marked(cell) for _, cell, _ in data) or (format == "xlsx" and "d" in by)
    if named and not isinstance(one, str):
        assert one[0] == other[0]
    else:
        assert one == other


def marked(cell):
    return cell in ("1.5", "true", " 7", "13/02/2026", "-0")


def test_real_files(sfo, data, tmp_path):
    for path, score in ((sfo, "NETPRO"), (data / "learning_r" / "combined.tsv", "Qrecommend")):
        expected = cxkit.nps(path, score=score).summary
        for format in FORMATS:
            target = tmp_path / f"r.{format}"
            cxkit.convert(path, output=str(target))
            assert cxkit.nps(target, score=score).summary == expected
            cxkit.convert(path, output=str(target), tally=score)
            assert cxkit.nps(target, score=score, count="n").summary == expected


def test_rows_that_the_reader_leaves_out_are_left_out(folder):
    Path("s.csv").write_text("nps,x\n10,a\n\n9,b\n")
    found = cxkit.convert("s.csv", output="s.ndjson")
    assert (found.ledger.read, found.rows["rows"][0]) == (2, 2)


# --- counts, labels -----------------------------------------------------------------------------


def test_a_column_called_n_is_renamed(run, folder):
    Path("n.csv").write_text("nps,n\n10,1\n10,1\n9,2\n")
    code, _, err = run("convert", "n.csv", "-o", "t.csv", "--tally", "nps,n")
    assert code == 0
    assert Path("t.csv").read_text() == "nps,by_n,n\n10,1,2\n9,2,1\n"
    assert "by_n" in err


def test_labels_are_kept_where_there_is_room(folder):
    from dataclasses import replace

    source = replace(
        cxkit.read("a.csv"), labels={"nps": "Would you …?"}, codes={"nps": {"99": "don't know"}}
    )
    for name in ("l.parquet", "l.xlsx", "l.csv"):
        found = cxkit.convert(source, output=name)
        assert ("labels" in {note.code for note in found.notes}) == name.endswith("csv")
    again = cxkit.read("l.parquet")
    assert again.labels["nps"] == "Would you …?"
    assert again.codes["nps"] == {"99": "don't know"}
    sheet = pl.read_excel("l.xlsx", sheet_name="Labels")
    assert sheet["label"].to_list() == ["Would you …?", "don't know"]
    assert pl.read_csv("l.csv").height == 4


# --- another program ----------------------------------------------------------------------------


def test_responses_for_customergauge(run, folder):
    text = "nps,comment,date\n" + "10,good,13/02/2026\n,none,13/02/2026\n"
    Path("g.csv").write_text(text + f'9,"{"long " * 50}\nline",14/02/2026\n8,x,\n')
    code, _, err = run("convert", "g.csv", "-o", "cg.csv", "--to", "customergauge-responses")
    assert code == 0
    assert "1 comment is cut" in err
    rows = pl.read_csv("cg.csv", infer_schema=False)
    assert rows.columns == ["NPS Score", "Comment", "Follow Up Request", "Follow Up Details",
                            "Sent Date", "Response Date"]  # fmt: skip
    assert rows["NPS Score"].to_list() == ["10", "9"]
    assert rows["Response Date"].to_list() == ["2026-02-13", "2026-02-14"]
    assert rows["Comment"].str.len_chars().max() == 128


def test_responses_are_cut_into_files_of_5000(folder):
    rows = ["nps,date"] + [f"{i % 11},2026-01-{1 + i % 28:02}" for i in range(10_001)]
    Path("big.csv").write_text("\n".join(rows))
    found = cxkit.convert("big.csv", output="cg.csv", to="customergauge-responses")
    assert found.rows["file"].to_list() == ["cg-1.csv", "cg-2.csv", "cg-3.csv"]
    assert [pl.read_csv(name).height for name in found.rows["file"]] == [5000, 5000, 1]
    assert not Path("cg.csv").exists()
    Path("big.csv").rename("cg-2.csv")
    with pytest.raises(RequestError, match="input file"):
        cxkit.convert("cg-2.csv", output="cg.csv", to="customergauge-responses")


def test_revenue_for_customergauge(run, folder):
    text = "customer;date;total;invoice\n" + "Acme ;13/02/2026;1.240,50 €;A1\n"
    Path("o.csv").write_text(text + "Bác Tám;14/02/2026;-5,00 €;A2\n;14/02/2026;1,00 €;A3\n")
    code, _, err = run("convert", "o.csv", "-o", "cg.csv", "--to", "customergauge-revenue")
    assert code == 0, err
    assert "2 of 3 rows (1 without a customer)" in err
    assert Path("cg.csv").read_text() == (
        "Account Name,Revenue Start Date,Revenue End Date,Revenue Amount,Revenue Type,Description\n"
        "Acme,2026-02-13,2026-02-13,1240.50,,A1\n"
        "Bác Tám,2026-02-14,2026-02-14,-5.00,,A2\n"
    )
    again = cxkit.convert("cg.csv", output="cg2.csv", to="customergauge-revenue")
    assert again.inputs[0].layout == "customergauge-revenue"
    assert (
        pl.read_csv("cg2.csv").drop("Description").equals(pl.read_csv("cg.csv").drop("Description"))
    )


def test_revenue_that_cannot_be_imported(folder):
    Path("o.csv").write_text("customer,date,total\n" + "x" * 129 + ",2026-02-13,1\n")
    with pytest.raises(CxError, match="128 characters"):
        cxkit.convert("o.csv", output="cg.csv", to="customergauge-revenue")
    Path("o.csv").write_text("nps,date\n10,2026-02-13\n")
    with pytest.raises(CxError, match="no column is known to be the customer"):
        cxkit.convert("o.csv", output="cg.csv", to="customergauge-revenue")
    assert not Path("cg.csv").exists()


# --- the request --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "slug"),
    [
        (["-o", "a.csv"], "overwrite"),
        (["-o", "link.csv"], "overwrite"),
        ([], "missing-option"),
        (["-o", "b.txt"], "no-format"),
        (["-o", "-"], "no-format"),
        (["-o", "b.csv", "-f", "xls"], "bad-value"),
        (["-o", "nowhere/b.csv"], "cannot-write"),
        (["-o", "b.csv", "--tally", "nops"], "no-column"),
        (["-o", "b.csv", "--to", "revenue"], "bad-value"),
        (["-o", "b.parquet", "--to", "customergauge-responses"], "no-format"),
    ],
)
def test_a_wrong_request_writes_nothing(run, folder, words, slug):
    (folder / "link.csv").symlink_to(folder / "a.csv")
    before = sorted(folder.iterdir())
    code, out, err = run("convert", "a.csv", *words)
    assert (code, out) == (2, "")
    assert f"error[{slug}]" in err
    assert sorted(folder.iterdir()) == before
    assert (folder / "a.csv").read_text() == SURVEY


def test_a_format_alone_is_told_how_to_reach_stdout(run):
    assert "try: -o - -f ndjson   writes to stdout" in run("convert", "a.csv", "-f", "ndjson")[2]


def test_a_broken_file_leaves_the_target_as_it_was(run, folder):
    rows = ["nps,x", *["10,a"] * 50_000, "9,b,c", *["10,a"] * 50_000]
    Path("broken.csv").write_text("\n".join(rows))
    Path("b.parquet").write_text("old")
    code, _, err = run("convert", "broken.csv", "-o", "b.parquet")
    assert code == 3
    assert "line 50,002" in err
    assert Path("b.parquet").read_text() == "old"
    assert not list(folder.glob(".cxkit*"))


def test_strict_writes_nothing_on_a_warning(run, folder):
    Path("g.csv").write_text(f"nps,comment,date\n9,{'long ' * 50},14/02/2026\n")
    words = ["convert", "g.csv", "-o", "cg.csv", "--to", "customergauge-responses", "--strict"]
    assert run(*words)[0] == 3
    assert not Path("cg.csv").exists()


def test_what_is_said(run, folder):
    code, out, err = run("convert", "a.csv", "-o", "b.parquet")
    assert (code, out) == (0, "")
    assert err.splitlines()[-1] == "wrote b.parquet (4 rows)"
    assert run("convert", "a.csv", "-o", "b.parquet", "-q")[2] == ""


def test_to_standard_output(folder, monkeypatch):
    made = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(sys, "stdout", made)
    assert cli.run(["convert", "a.csv", "-o", "-", "-f", "ndjson", "-q"]) == 0
    assert made.buffer.getvalue().count(b"\n") == 4


def test_an_excel_sheet_has_its_limits(folder, monkeypatch):
    from cxkit.output import sheet

    monkeypatch.setattr(sheet, "ROW_LIMIT", 3)
    with pytest.raises(RequestError, match="more than an Excel sheet"):
        cxkit.convert("a.csv", output="b.xlsx")
    assert not Path("b.xlsx").exists()


def test_text_is_never_a_formula(folder):
    Path("f.csv").write_text("nps,x\n10,=1+1\n9,@b\n")
    cxkit.convert("f.csv", output="f.xlsx")
    assert pl.read_excel("f.xlsx", sheet_name="Data")["x"].to_list() == ["=1+1", "@b"]


def test_writing_streams(folder, monkeypatch):
    """No in-memory fallback for what may be larger than memory."""
    seen = []

    def look(lazy, source, path, format, labels=None):
        graph = str(lazy.show_graph(engine="streaming", plan_stage="physical", raw_output=True))
        colour = re.search(r'COLOR="([^"]+)">[^<]*</FONT> in-memory engine fallback', graph)
        assert colour
        seen.append(f'fillcolor="{colour[1]}"' in graph)

    monkeypatch.setattr(engines, "write", look)
    for name in ("b.parquet", "b.csv", "b.ndjson"):
        cxkit.convert("a.csv", output=name)
    assert len(seen) == 3
    assert not any(seen)


def test_frames_and_many_files(folder):
    frame = pl.DataFrame({"q": [10, 9], "x": [float("nan"), 1.0], "c": ["a", "b"]})
    cxkit.convert(frame.cast({"c": pl.Categorical}), output="f.ndjson")
    assert text_of(pl.read_ndjson("f.ndjson")["x"]).to_list() == [None, "1"]
    Path("c.csv").write_text(SURVEY)
    found = cxkit.convert(["a.csv", "c.csv"], output="both.parquet")
    assert found.rows["rows"][0] == 8
    assert "file" in schema("both.parquet")


def test_its_help_tells_what_it_writes(run):
    code, out, _ = run("convert", "--help")
    assert code == 0
    assert ".json" not in out
    assert ".md" not in out
    assert ".parquet .csv .xlsx .ndjson" in " ".join(out.split())
    assert "NDJSON" in run("--help")[1]
    assert "Excel, JSON" not in run("--help")[1]
    assert ".md" in run("nps", "--help")[1]
    assert ".parquet" in (cxkit.convert.__doc__ or "")
    assert ".md" not in (cxkit.convert.__doc__ or "")


def test_it_is_a_command_like_others():
    command = commands.find("convert")
    assert command is not None
    assert command.panel == "Files"
