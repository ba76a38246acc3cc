"""SPSS files, written and read again: types, labels, missing codes, positions labelled 0–10."""

import datetime as dt
import subprocess
import sys

import polars as pl
import pytest

import cxkit
from cxkit.errors import CxError

pyreadstat = pytest.importorskip("pyreadstat")

SCORES = [10, 9, 9, 9, 8, 7, 6, 0]
FACTS = (8, 2, 2, 4)
ASK = "How likely are you to recommend us?"
ENDS = {0: "Not at all likely", 10: "Extremely likely"}
NAMED = {n: f"{n} - {ENDS[n]}" if n in ENDS else str(n) for n in range(11)}
REGIONS = {1: "North", 2: "South"}


def counts(result):
    return tuple(result.summary[k] for k in ("n", "detractors", "passives", "promoters"))


@pytest.fixture
def sav(tmp_path):
    """Write answers as an SPSS file."""

    def write(scores, labels=None, name="survey.sav", missing=None, columns=None, **options):
        size = len(scores)
        frame = pl.DataFrame(
            {
                "Q1": [None if score is None else float(score) for score in scores],
                "region": [1.0 + i % 2 for i in range(size)],
                "day": [dt.date(2026, 3, 1 + i) for i in range(size)],
                "at": [dt.datetime(2026, 3, 1 + i, 9, 15) for i in range(size)],
                "why": ["tốt" if i == 1 else "" for i in range(size)],
                **(columns or {}),
            }
        )
        path = tmp_path / name
        pyreadstat.write_sav(
            frame,
            str(path),
            column_labels={"Q1": ASK, "region": "Which <b>region</b>?", "day": "day"},
            variable_value_labels={"region": REGIONS} | ({"Q1": labels} if labels else {}),
            missing_ranges=missing,
            **options,
        )
        return path

    return write


@pytest.mark.parametrize("labels", [None, ENDS, NAMED])
def test_numbers_as_they_are(sav, labels):
    result = cxkit.nps(sav(SCORES, labels), by="region")
    assert counts(result) == FACTS
    assert (result.inputs[0].layout, result.columns["score"]) == ("spss", "Q1")
    assert sorted(result.rows["region"]) == ["North", "South"]
    assert "Which region?" in cxkit.render(result, "table")
    assert "day" not in cxkit.read(sav(SCORES)).labels


@pytest.mark.parametrize("ends", [False, True])
def test_positions_are_read_by_their_labels(sav, ends):
    labels = {n + 1: text for n, text in NAMED.items() if not ends or n in (0, 10)}
    result = cxkit.nps(sav([s + 1 for s in SCORES] + [99], labels | {99: "Don't know"}))
    assert counts(result) == FACTS
    assert result.ledger.left_out == {"missing": 1}
    told = next(note for note in result.notes if note.code == "by-label")
    assert told.message == '"Q1" is stored as 1–11 and labelled 0–10: read by its labels'


def test_positions_without_numbers_in_their_labels_are_not_guessed(sav):
    labels = {1: "Not at all likely", 11: "Extremely likely"}
    many = [11, *[1 + i % 11 for i in range(219)]] + [11] * 30
    frame = {"day": [dt.date(2026, 3, 1)] * 250}
    path = sav([*many[:20]], labels)
    assert cxkit.read(path).rows.select("Q1").collect()["Q1"].max() == 11
    long = pl.DataFrame({"Q1": [float(n) for n in many], **frame})
    pyreadstat.write_sav(long, str(path), variable_value_labels={"Q1": labels})
    with pytest.raises(CxError) as caught:
        cxkit.nps(path, score="Q1")
    assert caught.value.slug == "bad-scale"
    assert cxkit.nps(path, score="Q1", scale="1-11").summary["n"] == 250


def test_codes_declared_missing_are_no_answers(sav):
    path = sav([*SCORES, -99, -98], ENDS, missing={"Q1": [{"lo": -99, "hi": -98}]})
    result = cxkit.nps(path)
    assert counts(result) == FACTS
    assert result.ledger.left_out == {"missing": 2}


def test_codes_labelled_as_no_answer_are_none(sav):
    result = cxkit.nps(sav([*SCORES, 77, 77, 77], ENDS | {77: "Don't know"}))
    assert counts(result) == FACTS
    assert result.ledger.left_out == {"missing": 3}


def test_other_labels_with_numbers_stay_as_they_are(sav):
    kids = {1: "0", 2: "1", 3: "2", 4: "3 or more"}
    path = sav(SCORES, ENDS, columns={"kids": [1.0, 2.0, 3.0, 4.0] * 2})
    frame, _ = pyreadstat.read_sav(str(path), output_format="polars")
    pyreadstat.write_sav(frame, str(path), variable_value_labels={"kids": kids})
    assert sorted(cxkit.nps(path, score="Q1", by="kids").rows["kids"]) == sorted(kids.values())


def test_dates(sav):
    for column in ("day", "at"):
        result = cxkit.nps(sav(SCORES), date=column, period="month")
        assert result.rows["period"].to_list() == ["2026-03"]
    assert cxkit.read(sav(SCORES)).rows.select("why").collect()["why"].null_count() == 7


def test_qualtrics_in_spss(sav):
    columns = {
        "Status": [1.0, *[0.0] * 7], "Finished": [1.0] * 7 + [0.0], "ResponseId": ["R"] * 8,
        "StartDate": [dt.datetime(2026, 1, 1)] * 8, "EndDate": [dt.datetime(2026, 1, 2)] * 8,
    }  # fmt: skip
    result = cxkit.nps(sav(SCORES, columns=columns))
    assert result.ledger.left_out == {"preview": 1, "unfinished": 1}
    assert result.inputs[0].layout == "qualtrics"


def test_compressed_packed_piped_and_without_a_suffix(sav, tmp_path):
    import gzip

    whole = sav(SCORES, name="z.zsav", compress=True)
    packed = tmp_path / "z.sav.gz"
    packed.write_bytes(gzip.compress(whole.read_bytes()))
    bare = tmp_path / "answers"
    bare.write_bytes(whole.read_bytes())
    for path in (whole, packed, bare):
        assert counts(cxkit.nps(path)) == FACTS
    assert cxkit.read(bare, input_format="spss").inputs[0].layout == "spss"


def test_stacked_with_text(sav, tmp_path):
    (tmp_path / "more.csv").write_text("Q1,region\n9,North\n3,East\n")
    result = cxkit.nps([sav(SCORES), tmp_path / "more.csv"], score="Q1", by="region")
    assert result.summary["n"] == 10
    assert sorted(result.rows["region"]) == ["East", "North", "South"]


def test_no_rows_and_broken(sav, tmp_path):
    with pytest.raises(CxError) as caught:
        cxkit.read(sav([]))
    assert caught.value.slug == "empty"
    data = sav(SCORES).read_bytes()
    for size in (8, 200, len(data) // 2):
        (tmp_path / "cut.sav").write_bytes(data[:size])
        with pytest.raises(CxError) as caught:
            cxkit.read(tmp_path / "cut.sav")
        assert caught.value.exit_code == 3


def test_text_is_no_spss_file(tmp_path):
    (tmp_path / "a.csv").write_text("score\n9\n")
    with pytest.raises(CxError) as caught:
        cxkit.read(tmp_path / "a.csv", input_format="spss")
    assert str(caught.value) == "error[layout]: a.csv is not an SPSS file"
    (tmp_path / "b.sav").write_text("score\n9\n")
    with pytest.raises(CxError) as caught:
        cxkit.read(tmp_path / "b.sav")
    assert "is not an SPSS file" in str(caught.value)


def test_without_the_extra(sav, monkeypatch):
    path = sav(SCORES)
    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    with pytest.raises(CxError) as caught:
        cxkit.read(path)
    assert str(caught.value) == (
        'error[missing-extra]: .sav needs the spss extra\n  try: pip install "cxkit[spss]"'
    )


def test_no_pandas(sav):
    code = f"import cxkit, sys; cxkit.nps({str(sav(SCORES))!r}); print('pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
