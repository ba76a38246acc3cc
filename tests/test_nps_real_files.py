"""Scores of real surveys, against published numbers and those that other programs computed."""

import io

import polars as pl
import pytest

import cxkit
from cxkit.errors import RequestError

SFO = {"score": "NETPRO", "null": "11"}
AREAS = {  # computed from the full file by two independent programs
    "A": (39.92, 724), "B": (43.37, 166), "C": (46.90, 226), "D": (43.52, 386),
    "E": (46.86, 175), "F": (38.51, 444), "G": (32.96, 625),
}  # fmt: skip


def facts(result):
    return (
        result.summary["n"],
        *(result.summary[k] for k in ("detractors", "passives", "promoters")),
    )


def test_sfo_as_computed_by_two_programs(sfo):
    result = cxkit.nps(sfo, **SFO)
    assert facts(result) == (2746, 342, 968, 1436)
    assert result.summary["nps"] == pytest.approx(39.840, abs=5e-4)
    assert (result.ledger.read, dict(result.ledger.left_out)) == (2831, {"missing": 85})


def test_sfo_code_11_is_never_a_promoter(sfo):
    result = cxkit.nps(sfo, score="NETPRO")
    assert facts(result) == (2746, 342, 968, 1436)
    assert result.ledger.left_out == {"missing": 1, "invalid": 84}
    note = next(note for note in result.notes if note.code == "invalid")
    assert "11 (84); first at row 96" in note.message
    assert note.hints[0][1] == "--null 11"


def test_sfo_by_boarding_area_as_computed_by_two_programs(sfo):
    rows = cxkit.nps(sfo, by="BAREA", **SFO).rows
    found = {
        area: (round(nps, 2), n) for area, nps, n in rows.select("BAREA", "nps", "n").iter_rows()
    }
    assert found == AREAS
    assert rows["n"].to_list() == sorted(rows["n"], reverse=True)


def _counted(frame, *columns):
    return frame.group_by(columns).agg(pl.len().alias("answers"))


def _sources(sfo, folder):
    """The same survey as it may reach cxkit."""
    text = pl.read_csv(sfo, infer_schema=False)
    typed = pl.read_csv(sfo)
    typed.write_parquet(folder / "sfo.parquet")
    typed.write_ipc(folder / "sfo.arrow")
    typed.write_ndjson(folder / "sfo.ndjson")
    typed.write_excel(folder / "sfo.xlsx")
    typed.write_csv(folder / "sfo.tsv", separator="\t", line_terminator="\r\n")
    (folder / "sfo16.csv").write_bytes(sfo.read_text().encode("utf-16"))
    return {
        "csv": sfo, "tsv": folder / "sfo.tsv", "utf-16": folder / "sfo16.csv",
        "parquet": folder / "sfo.parquet", "arrow": folder / "sfo.arrow",
        "ndjson": folder / "sfo.ndjson", "xlsx": folder / "sfo.xlsx",
        "text frame": text, "typed frame": typed, "lazy frame": typed.lazy(),
        "arrow table": typed.to_arrow(),
    }  # fmt: skip


def test_sfo_gives_the_same_from_every_kind_of_input(sfo, tmp_path, monkeypatch):
    asked = {**SFO, "by": ["BAREA", "BAREA,LANG"], "where": "LANG IN (1, 2)"}
    first = cxkit.nps(sfo, **asked)
    assert first.ledger.used < first.ledger.read
    sources = _sources(sfo, tmp_path)
    for name, source in sources.items():
        result = cxkit.nps(source, **asked)
        assert result.rows.equals(first.rows), name
        assert result.summary == first.summary, name
        assert result.ledger == first.ledger, name
    stdin = io.TextIOWrapper(io.BytesIO(sfo.read_bytes()))
    monkeypatch.setattr("sys.stdin", stdin)
    piped = cxkit.nps("-", **asked)
    assert piped.rows.equals(first.rows)
    counted = _counted(sources["text frame"], "NETPRO", "BAREA", "LANG")
    result = cxkit.nps(counted, count="answers", **asked)
    assert result.rows.equals(first.rows)
    assert (result.summary, result.ledger) == (first.summary, first.ledger)


R = "How likely are you to recommend R to a colleague, friend, or family member?"
PYTHON = "How likely are you to recommend Python to a colleague, friend, or family member?"
ES = "¿Qué tan probable es que recomiendes R a un colega, amiga/o o familiar?"


@pytest.mark.parametrize(
    ("file", "score", "n", "nps"),
    [
        ("combined.tsv", "Qrecommend", 2004, 75.100),  # published: 75
        ("combined.tsv", "Qpython_recommend", 1115, 6.457),
        ("english.csv", R, 1795, 73.983),
        ("english.xlsx", R, 1795, 73.983),
        ("english.csv", PYTHON, 1015, 2.660),
        ("english.xlsx", PYTHON, 1015, 2.660),
        ("spanish.csv", ES, 331, 77.039),
        ("spanish.tsv", ES, 331, 77.039),  # bare quotes inside fields, and no quoting
    ],
)
def test_r_community_survey_as_computed_by_two_programs(data, file, score, n, nps):
    source = cxkit.read(data / "learning_r" / file)
    score = next(column for column in source.columns if column.startswith(score[:40]))
    result = cxkit.nps(source, score=score)
    assert result.summary["n"] == n
    assert result.summary["nps"] == pytest.approx(nps, abs=5e-4)
    assert any(note.code == "scale" for note in result.notes), "the question was asked 1–10"


def test_combined_r_survey_counts_as_published(data):
    result = cxkit.nps(data / "learning_r" / "combined.tsv", score="Qrecommend")
    assert facts(result) == (2004, 65, 369, 1570)


@pytest.mark.parametrize(
    "file", ["combined.tsv", "english.csv", "english.xlsx", "spanish.csv", "spanish.tsv"]
)
def test_two_recommend_questions_ask_for_a_choice(data, file):
    with pytest.raises(RequestError) as caught:
        cxkit.nps(data / "learning_r" / file)
    assert caught.value.slug == "ambiguous-score"
    assert "--score" in str(caught.value)


def test_carpentries_follow_up_as_published(data):
    result = cxkit.nps(data / "carpentries" / "longterm.csv")
    assert facts(result) == (134, 9, 32, 93)  # published: 63
    assert result.summary["nps"] == pytest.approx(62.687, abs=5e-4)
    assert result.columns["score"] == "recommendation_score"


def test_carpentries_conference_as_computed_by_two_programs(data):
    result = cxkit.nps(data / "carpentries" / "conference.csv", by="session")
    assert facts(result) == (124, 7, 33, 84)
    assert result.summary["nps"] == pytest.approx(62.097, abs=5e-4)
    assert result.rows["n"].sum() == 124
