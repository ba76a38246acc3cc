"""Column names that layouts make, and dates whose order they know."""

import datetime as dt

import polars as pl
import pytest

import cxkit
from cxkit.errors import CxError

ASK = "How likely is it that you would recommend us to a friend or colleague?"


def test_surveymonkey_carries_questions_on(export):
    for name in ("surveymonkey_new.csv", "surveymonkey_old.csv", "surveymonkey_old_mac.csv"):
        assert cxkit.read(export(name)).columns[-6:] == (
            ASK,
            f"{ASK} - Please tell us why",
            "Which shops do you know? - Central",
            "Which shops do you know? - Riverside",
            "Which shops do you know? - Other (please specify)",
            "Region",
        )


def test_surveymonkey_without_a_second_record(save):
    text = f'Respondent ID,Collector ID,Start Date,End Date,"{ASK}"\n1,2,03/04/2026,03/04/2026,9\n'
    source = cxkit.read(save(text))
    assert (source.inputs[0].layout, source.columns[-1]) == ("surveymonkey", ASK)
    assert cxkit.nps(source).ledger.read == 1


def test_surveymonkey_same_question_twice(save):
    text = "RespondentID,Why?,,Why?,\n,Red,Blue,Red,Response\n1,Red,,Red,x\n2,,Blue,,\n"
    source = cxkit.read(save(text))
    assert source.columns == ("RespondentID", "Why? - Red", "Why? - Blue", "Why? - Red (2)", "Why?")


def test_surveymonkey_in_a_frame(export):
    frame = pl.read_csv(export("surveymonkey_new.csv"), infer_schema=False)
    result = cxkit.nps(frame, by="Region")
    assert (result.inputs[0].layout, result.summary["nps"]) == ("surveymonkey", 25)
    assert result.columns["score"] == ASK


def months(path):
    return cxkit.nps(path, period="month").rows["period"].to_list()


def test_surveymonkey_dates_are_month_first(save):
    head = f'Respondent ID,Collector ID,Start Date,End Date,"{ASK}"\n'
    assert months(save(head + "1,2,03/04/2026 10:00:00,03/04/2026 10:00:00,9\n")) == ["2026-03"]
    again = save(head + "1,2,25/04/2026,25/04/2026,9\n2,2,03/04/2026,03/04/2026,9\n")
    assert months(again) == ["2026-04"], "saved again day first: the evidence counts"
    path = save(head + "1,2,03/04/2026,03/04/2026,9\n")
    stated = cxkit.nps(path, period="month", date_format="%d/%m/%Y")
    assert stated.rows["period"].to_list() == ["2026-04"], "the user's word goes first"


def test_another_column_has_its_own_order(save):
    head = f'Respondent ID,Collector ID,Start Date,End Date,Visit,"{ASK}"\n,,,,Response,Response\n'
    path = save(head + "1,2,03/04/2026,03/04/2026,25/12/2025,9\n")
    rows = cxkit.nps(path, date="Visit", period="month").rows
    assert rows["period"].to_list() == ["2025-12"]


def test_google_forms_dates(export):
    assert months(export("google_forms_own.csv")) == ["2026-09"]
    assert months(export("google_forms_sheets_us.csv")) == ["2023-08", "2023-09"]
    assert months(export("google_forms_sheets_dmy.csv")) == ["2026-05"]


def test_typeform_names_are_unique_and_recalls_are_not_shown(export):
    source = cxkit.read(export("typeform_ending.csv"))
    assert source.columns[1:7] == (
        "How likely are you to recommend {{field:01f8}} to a friend?",
        "Which region?", "Other", "Why?", "Other (2)", "Phone",
    )  # fmt: skip
    assert source.labels["Other (2)"] == "Other"
    assert source.labels[source.columns[1]] == "How likely are you to recommend … to a friend?"


def test_typeform_partial_answers_may_be_kept(export):
    for name in ("typeform_2018.csv", "typeform_ending.csv"):
        assert cxkit.nps(export(name), keep_unfinished=True).summary["n"] == 10


def test_seconds_since_1970_are_dates(export):
    source = cxkit.read(export("delighted_api.csv"))
    days = source.rows.select("created_at").collect()["created_at"]
    assert days[0] == dt.datetime(2026, 3, 1, 10)
    assert months(export("asknicely_mixed.csv")) == ["2026-03"]
    ten = cxkit.nps(export("delighted_api.csv"), since="2026-03-02", until="2026-03-03")
    assert ten.ledger.left_out == {"period": 6}


@pytest.mark.parametrize("layout", ["zendesk", "qualtrics", "typeform", "surveymonkey", "forsta"])
def test_a_layout_that_is_not_there(save, layout):
    with pytest.raises(CxError) as caught:
        cxkit.read(save("id,recommend\n1,9\n"), input_format=layout)
    assert caught.value.slug == "layout"
    assert caught.value.exit_code == 3
    assert caught.value.hints == (("try", "leave out --input-format"),)


def test_plain_leaves_a_file_as_it_is(export):
    source = cxkit.read(export("qualtrics_text_en.csv"), input_format="plain")
    assert (source.inputs[0].layout, source.left_out, source.labels) == ("plain", {}, {})
    assert source.rows.select("Q9").collect().height == 14


def test_google_forms_in_a_language_not_known(save):
    path = save("Aeg,Kas soovitaksid meid?\n13/05/2026 09:15:00,9\n")
    assert cxkit.read(path).inputs[0].layout == "plain"
    source = cxkit.read(path, input_format="google-forms")
    assert (source.inputs[0].layout, source.roles["date"]) == ("google-forms", ("Aeg",))


def test_a_name_that_is_no_layout():
    for call in (cxkit.read, cxkit.nps):
        with pytest.raises(CxError) as caught:
            call(pl.DataFrame({"score": [1]}), input_format="qualtrix")
        assert caught.value.slug == "bad-value"
        assert ("did you mean", "qualtrics") in caught.value.hints
