"""Files whose rows answer questions of several types, and files that are stacked."""

import polars as pl
import pytest

import cxkit
from cxkit.errors import CxError
from cxkit.reading.layouts import asked_of


def test_other_types_are_left_out_and_told(export):
    result = cxkit.nps(export("asknicely_mixed.csv"))
    told = [note.message for note in result.notes if note.code == "question-type"]
    assert told == ["4 rows left out: question_type is not nps"]
    assert result.ledger.left_out == {"where": 4}


def test_other_types_make_no_group(export):
    rows = cxkit.nps(export("asknicely_mixed.csv"), by="segment").rows
    assert sorted(rows["segment"]) == ["North", "South"], "West has answered other questions only"


def test_a_condition_comes_on_top(export):
    result = cxkit.nps(export("asknicely_mixed.csv"), where="segment <> 'North'")
    assert result.ledger.left_out == {"where": 8}
    assert result.summary["n"] == 4


def test_the_scale_is_judged_on_the_answers_asked_for(save):
    head = "response_id,question_type,answer\n"
    stars = "".join(f"s{i},5STAR,{1 + i % 5}\n" for i in range(900))
    asked = "".join(f"n{i},NPS,{i % 11}\n" for i in range(220))
    result = cxkit.nps(save(head + stars + asked))
    assert (result.summary["n"], result.ledger.left_out) == (220, {"where": 900})
    assert not [note for note in result.notes if note.kind == "warning"]


def test_an_own_column_of_answers_is_taken_as_it_is(export):
    source = cxkit.read(export("asknicely_mixed.csv"))
    assert asked_of(source, "nps", "person_id") is source
    assert asked_of(source, "nps", "answer").mixed is None


def test_a_file_without_the_type_asked_for(save):
    with pytest.raises(CxError) as caught:
        cxkit.nps(save("response_id,question_type,answer\n1,CSAT,5\n2,5STAR,4\n"))
    assert caught.value.exit_code in (2, 3)
    with pytest.raises(CxError) as caught:
        cxkit.nps(save("response_id,question_type,answer\n1,CSAT,5\n2,5STAR,4\n"), score="answer")
    assert str(caught.value) == "error[no-rows]: none of 2 rows answers a question of this type"


def test_types_that_are_all_blank_say_nothing(save):
    assert cxkit.nps(save("response_id,question_type,answer\n1,,9\n2,,4\n")).summary["n"] == 2


def test_stacked_exports_keep_what_each_knows(export):
    paths = [export("qualtrics_text_en.csv"), export("qualtrics_older_no_zone.csv")]
    result = cxkit.nps(paths, by="file")
    assert result.ledger.left_out == {"preview": 2, "test": 2, "unfinished": 2, "missing": 2}
    assert result.rows["n"].to_list() == [8, 8]
    assert (result.columns["score"], result.summary["nps"]) == ("Q9", 25)
    assert cxkit.read(paths).labels["Q10"] == "Which region do you live in?"
    kept = cxkit.nps(paths, keep_previews=True, keep_unfinished=True)
    assert kept.ledger.left_out == {"missing": 2}


def test_stacked_checks_are_counted_together(export, save):
    wrong = save(export("qualtrics_text_en.csv").read_text().replace(",9,Promoter,", ",9,Passive,"))
    result = cxkit.nps([wrong, export("qualtrics_older_no_zone.csv"), wrong])
    note = next(note for note in result.notes if note.code == "group-disagrees")
    assert note.message.startswith("6 rows")


def test_a_column_of_the_same_name_elsewhere_leaves_nothing_out(export, save):
    other = save("Q9,Status,Finished\n9,1,0\n8,2,FALSE\n", "other.csv")
    result = cxkit.nps([export("qualtrics_text_en.csv"), other], score="Q9")
    assert result.ledger.left_out == {"preview": 1, "test": 1, "unfinished": 1, "missing": 1}
    assert result.summary["n"] == 10


def test_layouts_that_disagree_ask_for_the_score(export, save):
    other = save("nps\n9\n8\n", "other.csv")
    with pytest.raises(CxError) as caught:
        cxkit.nps([export("qualtrics_text_en.csv"), other])
    assert caught.value.slug == "ambiguous-score"


def test_mixed_types_beside_a_plain_file(export, save):
    other = save("answer,segment\n3,East\n10,East\n", "other.csv")
    result = cxkit.nps([export("asknicely_mixed.csv"), other], score="answer", by="segment")
    assert (result.summary["n"], result.ledger.left_out) == (10, {"where": 4})
    assert [one.layout for one in result.inputs] == ["asknicely", "plain"]
    assert [one.rows for one in result.inputs] == [12, 2]


def test_a_frame_of_mixed_types():
    frame = pl.DataFrame(
        {"response_id": [1, 2, 3], "question_type": ["nps", "5STAR", " NPS "], "answer": [9, 5, 0]}
    )
    for data in (frame, frame.lazy()):
        result = cxkit.nps(data)
        assert result.ledger.read == 3
        assert result.inputs[0].layout == "asknicely"
    assert cxkit.nps(frame).ledger.left_out == {"where": 1}


def test_the_mapping_that_is_shipped(capfd, monkeypatch):
    import json
    from pathlib import Path

    from cxkit.cli import run

    monkeypatch.chdir(Path(__file__).parents[2] / "examples" / "medallia")
    assert run(["nps", "export.csv", "--period", "month", "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert found["columns"] == {
        "score": "q_likelihood_to_recommend", "date": "e_response_date",
        "customer": "e_client_id", "by": ["q_bp_channel"],
    }  # fmt: skip
    assert found["ledger"]["left_out"] == {"missing": 6}
    assert found["ledger"]["read"] == 60
