"""Qualtrics: what is left out, what the group says, question texts, and every way it may come."""

import gzip

import polars as pl
import pytest

import cxkit
from cxkit.engines import collect
from cxkit.errors import CxError, RequestError

FILE = "qualtrics_text_en.csv"
IDS = '"{""ImportId"":""%s""}"'


def test_flags_keep_what_is_left_out(export):
    both = cxkit.nps(export(FILE), keep_previews=True, keep_unfinished=True)
    assert both.ledger.left_out == {"missing": 1}
    assert (both.summary["n"], both.summary["promoters"]) == (11, 7)
    previews = cxkit.nps(export(FILE), keep_previews=True)
    assert previews.ledger.left_out == {"unfinished": 1, "missing": 1}
    unfinished = cxkit.nps(export(FILE), keep_unfinished=True)
    assert unfinished.ledger.left_out == {"preview": 1, "test": 1, "missing": 1}


def test_a_row_counts_under_the_first_reason(save):
    head = "StartDate,Status,Finished,DistributionChannel,ResponseId,Progress,Q1_NPS_GROUP,Q1\n"
    rows = [
        "2026-01-01 10:00:00,1,0,anonymous,a,100,,10",  # preview, and unfinished
        "2026-01-01 10:00:00,0,1,preview,b,100,,10",
        "2026-01-01 10:00:00,2,0,anonymous,c,10,,10",
        "2026-01-01 10:00:00,0,False,anonymous,d,10,,10",
        "2026-01-01 10:00:00,16,True,qr,e,100,,10",
    ]
    result = cxkit.nps(save(head + "\n".join(rows)))
    assert result.ledger.left_out == {"preview": 2, "test": 1, "unfinished": 1}
    where = cxkit.nps(save(head + "\n".join(rows)), where="Q1 > 20 OR Progress = 100")
    assert where.ledger.left_out == {"preview": 2, "test": 1, "unfinished": 1}


def test_without_a_finished_column_progress_decides(save):
    head = "StartDate,EndDate,Progress,RecordedDate,ResponseId,Status,recommend\n"
    rows = "d1,d1,100,d1,a,0,9\nd1,d1,55,d1,b,0,9\nd1,d1,,d1,c,0,9\n"
    result = cxkit.nps(save(head + rows.replace("d1", "2026-01-01")))
    assert result.ledger.left_out == {"unfinished": 2}


def test_spam_is_kept_and_told(save):
    head = "StartDate,EndDate,Progress,RecordedDate,ResponseId,Status,recommend\n"
    text = head + "2026-01-01,2026-01-01,100,2026-01-01,a,Spam,9\n" * 3
    result = cxkit.nps(save(text))
    assert [n.message for n in result.notes if n.code == "spam"] == [
        "3 rows marked by Qualtrics as possible spam, kept"
    ]


def test_seen_but_not_answered_is_missing_only_here(export, save):
    assert cxkit.nps(export(FILE)).ledger.left_out["missing"] == 1
    plain = cxkit.nps(save("recommend\n9\n-99\n"), score="recommend")
    assert plain.ledger.left_out == {"invalid": 1}


def test_the_group_is_checked_against_the_score(export, save):
    text = export(FILE).read_text().replace(",9,Promoter,", ",9,Passive,")
    result = cxkit.nps(save(text))
    note = next(note for note in result.notes if note.code == "group-disagrees")
    assert note.kind == "warning"
    assert note.message.startswith("3 rows in which the group of Qualtrics")
    assert result.summary["nps"] == 25, "the score counts"
    numeric = export("qualtrics_numeric_de.csv").read_text().replace(",9,3,", ",9,1,")
    codes = [note.code for note in cxkit.nps(save(numeric)).notes]
    assert "group-disagrees" in codes


def test_a_group_of_another_score_says_nothing(export, save):
    text = export("qualtrics_numeric_de.csv").read_text().replace(",9,3,", ",9,1,")
    result = cxkit.nps(save(text), score="Q10")
    assert "group-disagrees" not in [note.code for note in result.notes]


def two_questions():
    names = "ResponseId,Finished,Status,Q9_NPS_GROUP,Q9,Q12_NPS_GROUP,Q12"
    texts = "Response ID,Finished,Response Type,Group,Us?,Group,Them?"
    own = ["_recordId", "finished", "status"]
    ids = [IDS % one for one in (*own, "QID9_NPS_GROUP", "QID9", "QID12_NPS_GROUP", "QID12")]
    ids = ",".join(ids)
    return "\n".join((names, texts, ids, "a,1,0,Promoter,9,Passive,7", "b,1,0,Passive,8,,")) + "\n"


def test_two_nps_questions_ask_for_a_choice(save):
    path = save(two_questions())
    with pytest.raises(RequestError) as caught:
        cxkit.nps(path)
    assert caught.value.slug == "ambiguous-score"
    assert str(caught.value).startswith("error[ambiguous-score]: Q9 and Q12 could each be")
    assert cxkit.nps(path, score="Q12").ledger.left_out == {"missing": 1}


def test_a_renamed_score_is_found_by_its_import_id(save):
    text = two_questions().replace("Q9_NPS_GROUP,Q9,", "grp,liking,")
    assert cxkit.read(save(text)).roles["score"] == ("liking", "Q12")


def test_question_texts_are_labels(export):
    source = cxkit.read(export(FILE))
    assert source.labels["Q9"] == "How likely are you to recommend us to a friend?"
    assert source.labels["Q10"] == "Which region do you live in?"  # markup gone
    assert "Finished" not in source.labels, "the same as the name"
    german = cxkit.read(export("qualtrics_numeric_de.csv"))
    assert german.labels["EndDate"] == "Enddatum"
    assert cxkit.read(export("qualtrics_no_texts.csv")).labels == {}


def test_question_texts_stand_in_tables_and_charts(export):
    result = cxkit.nps(export(FILE), by="Q10")
    assert result.rows.columns[:2] == ["table", "Q10"]
    assert result.columns["by"] == ["Q10"]
    assert "Which region do you live in?" in cxkit.render(result, "table")
    assert "Which region do you live in?" in cxkit.render(result, "md")
    assert "Which region" not in cxkit.render(result, "csv")
    assert result.chart.x_label == "Which region do you live in?"


def test_a_long_question_is_cut(export, save):
    long = "Which of the many regions of this our beautiful country do you happen to live in?"
    text = export(FILE).read_text().replace("Which <b>region</b> do you live in?", long)
    heading = cxkit.nps(save(text), by="Q10").tables[0].headings["Q10"]
    assert heading == long[:39] + "…"


def test_zones_are_told(export):
    def zones(name):
        return [n.message for n in cxkit.read(export(name)).notes if n.code == "time-zone"]

    assert zones(FILE) == ["dates are those of America/Chicago, as the file states"]
    assert zones("qualtrics_numeric_de.csv") == ["dates are those of UTC, as the file states"]
    assert zones("qualtrics_older_no_zone.csv") == []


def test_the_old_layout_keeps_its_names(export):
    source = cxkit.read(export("qualtrics_legacy.csv"))
    assert source.columns == (*(f"V{i}" for i in range(1, 11)), "Q1", "Q2", "LocationLatitude")
    assert source.labels["V7"] == "Status"
    assert source.labels["Q1"] == "How likely are you to recommend us?"


def test_a_header_and_nothing_below_is_empty(export, save):
    lines = export("qualtrics_older_no_zone.csv").read_text().split("\n")
    header = "\n".join(lines[:4]) + "\n"  # a question text has a line break
    with pytest.raises(CxError) as caught:
        cxkit.read(save(header))
    assert caught.value.slug == "empty"


def test_faults_are_told_with_their_line(export, save):
    text = export(FILE).read_text() + "a,b\n"
    lines = text.count("\n")
    with pytest.raises(CxError) as caught:
        cxkit.nps(save(text))
    assert f"line {lines} has 2 fields" in str(caught.value)


def test_odd_answers_are_told_by_their_row(export, save):
    text = export(FILE).read_text().replace(",6,Detractor,", ",sáu,Detractor,")
    result = cxkit.nps(save(text))
    note = next(note for note in result.notes if note.code == "invalid")
    assert note.message.endswith('"sáu"; first at row 9')


def test_lone_import_ids_of_other_spelling(save):
    text = "Q1,Q2\n\"{'ImportId': 'QID1'}\",\"{'ImportId': 'QID2'}\"\n9,b\n"
    assert cxkit.read(save(text)).inputs[0].layout == "qualtrics"
    assert cxkit.nps(save(text), score="Q1").ledger.read == 1


def ways(export, folder):
    """The same export as it may be kept."""
    raw = pl.read_csv(export(FILE), infer_schema=False)
    data = raw.slice(2)
    typed = data.with_columns(
        pl.col("StartDate", "EndDate").str.to_datetime(),
        pl.col("Q9").cast(pl.Int64),
        pl.col("Finished") == "TRUE",
    )
    raw.write_parquet(folder / "raw.parquet")
    typed.write_parquet(folder / "typed.parquet")
    typed.write_excel(folder / "typed.xlsx")
    raw.write_ndjson(folder / "raw.ndjson")
    headed = [tuple(raw.columns), *raw.head(2).rows()]
    workbook(folder / "export.xlsx", headed, typed.rows())
    workbook(folder / "blank.xlsx", headed, typed.rows(), above=3)
    (folder / "q.csv.gz").write_bytes(gzip.compress(export(FILE).read_bytes()))
    return {
        "text frame": raw, "frame": typed, "lazy frame": typed.lazy(), "arrow": raw.to_arrow(),
        **{path.name: path for path in folder.iterdir()},
    }  # fmt: skip


def workbook(path, headers, rows, above=0):
    import datetime as dt

    import xlsxwriter

    book = xlsxwriter.Workbook(path, {"remove_timezone": True})
    day = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    sheet = book.add_worksheet("Q3")
    for i, row in enumerate([*headers, *rows]):
        for j, cell in enumerate(row):
            if isinstance(cell, dt.datetime):
                sheet.write_datetime(i + above, j, cell, day)
            elif cell is not None:
                sheet.write(i + above, j, cell)
    book.close()


def test_the_same_from_every_kind_of_input(export, tmp_path):
    first = cxkit.nps(export(FILE), by="Q10", period="month")
    for name, data in ways(export, tmp_path).items():
        result = cxkit.nps(data, by="Q10", period="month")
        assert result.inputs[0].layout == "qualtrics", name
        assert result.ledger == first.ledger, name
        assert result.rows.equals(first.rows), name


def test_types_of_a_workbook_are_those_of_its_answers(export, tmp_path):
    ways(export, tmp_path)
    schema = cxkit.read(tmp_path / "export.xlsx").rows.collect_schema()
    assert isinstance(schema["EndDate"], pl.Datetime)
    assert schema["Q9"].is_numeric()


def test_a_lazy_frame_is_not_run_to_look_at_it():
    def never(frame):
        raise AssertionError("run")

    names = ["StartDate", "EndDate", "Status", "Finished", "ResponseId", "Q1"]
    schema = dict.fromkeys(names, pl.String)
    lazy = pl.LazyFrame(schema=schema).map_batches(never, schema=schema)
    assert cxkit.read(lazy).inputs[0].layout == "qualtrics"


def test_stays_streaming(export):
    source = cxkit.read(export(FILE))
    out = [condition.alias(reason) for reason, condition in source.left_out.items()]
    plan = source.rows.select(out).sum().explain(engine="streaming")
    assert "in-memory" not in plan.lower()
    assert collect(source.rows.select(out).sum(), source).row(0) == (1, 1, 1)


def test_previews_in_other_languages(save):
    head = "StartDate,EndDate,Progress,RecordedDate,ResponseId,Status,recommend\n"
    text = head + "2026-01-01,2026-01-01,100,2026-01-01,a,IP-Adresse,9\n" * 2
    text += "2026-01-01,2026-01-01,100,2026-01-01,b,Umfragevorschau,9\n"
    assert cxkit.nps(save(text)).ledger.left_out == {"preview": 1}


def test_a_long_name_is_told_whole_where_it_is_to_be_pasted(save):
    names = [f"How likely are you to recommend {who} to all the people you know?" for who in "AB"]
    with pytest.raises(RequestError) as caught:
        cxkit.nps(save(f"Timestamp,{names[0]},{names[1]}\n2026-01-01,9,8\n"))
    assert caught.value.hints == (("try", f"--score '{names[0]}'"),)
