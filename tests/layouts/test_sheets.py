"""Sheets of a workbook, by name and number."""

import pytest

import cxkit
from cxkit.errors import CxError


@pytest.fixture
def book(tmp_path):
    """A workbook with three sheets, the first empty, the third named like a number."""
    import xlsxwriter

    path = tmp_path / "survey.xlsx"
    workbook = xlsxwriter.Workbook(path)
    workbook.add_worksheet("Cover")
    for name, scores in (("Q3", [9, 10]), ("1", [0])):
        sheet = workbook.add_worksheet(name)
        sheet.write_column(0, 0, ["score", *scores])
    workbook.close()
    return path


@pytest.mark.parametrize(
    ("sheet", "n"), [(None, 2), ("Q3", 2), ("2", 2), (2, 2), ("1", 1), ("3", 1)]
)
def test_by_name_then_by_number(book, sheet, n):
    source = cxkit.read(book, sheet=sheet)
    assert source.rows.collect().height == n
    assert [note.code for note in source.notes] == ([] if sheet else ["sheet"])


def test_no_such_sheet(book):
    with pytest.raises(CxError) as caught:
        cxkit.read(book, sheet="q4")
    assert str(caught.value) == (
        'error[no-sheet]: no sheet "q4" in survey.xlsx\n  sheets: "Cover", "Q3", "1"'
    )
    assert caught.value.exit_code == 2
    for sheet in ("4", "0", "-1", "", "²"):
        with pytest.raises(CxError) as caught:
            cxkit.read(book, sheet=sheet)
        assert caught.value.slug == "no-sheet"


def test_a_sheet_mistyped(book):
    with pytest.raises(CxError) as caught:
        cxkit.read(book, sheet="Covr")
    assert caught.value.hints[0] == ("did you mean", '"Cover"')
    assert caught.value.replace == ("Covr", "Cover")


def test_an_empty_sheet(book):
    with pytest.raises(CxError) as caught:
        cxkit.read(book, sheet="Cover")
    assert caught.value.slug == "empty"


def test_a_sheet_of_no_workbook(tmp_path):
    (tmp_path / "a.csv").write_text("score\n9\n")
    with pytest.raises(CxError) as caught:
        cxkit.read(tmp_path / "a.csv", sheet="Q3")
    assert str(caught.value) == (
        "error[bad-value]: --sheet is for Excel workbooks, and a.csv is none"
    )


def test_a_workbook_named_csv(book):
    wrong = book.rename(book.with_suffix(".csv"))
    with pytest.raises(CxError) as caught:
        cxkit.read(wrong)
    assert caught.value.hints == (("try", 'rename it to survey.xlsx, then --sheet "Q3"'),)


def test_a_zip_that_only_looks_like_a_workbook(tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "a.csv", "w") as archive:
        archive.writestr("xl/workbook.xml", "no")
    with pytest.raises(CxError) as caught:
        cxkit.read(tmp_path / "a.csv")
    assert caught.value.hints == (("try", "rename it to a.xlsx"),)
