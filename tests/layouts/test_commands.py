"""Every layout's files through every command that takes a survey: an answer or one clear error."""

import contextlib
import json
from pathlib import Path

import pytest

import cxkit
from cxkit.commands import COMMANDS
from cxkit.errors import CxError

FILES = sorted((Path(__file__).parent / "files").iterdir())


def answer(file):
    """The result, or the one clear error."""
    try:
        return cxkit.nps(file)
    except CxError as error:
        return error


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_nps_accounts_for_every_row_or_says_what_is_missing(file):
    result = answer(file)
    if isinstance(result, CxError):
        assert result.slug in {"ambiguous-score", "no-score", "no-answers", "no-rows"}
        assert result.hints or result.slug in {"no-answers", "no-rows"}
        return
    assert result.ledger.read == result.inputs[0].rows
    assert result.ledger.used == result.summary["n"] > 0
    kept = cxkit.nps(file, keep_previews=True, keep_unfinished=True)
    assert kept.ledger.read == result.ledger.read
    assert not kept.ledger.left_out.keys() & {"preview", "test", "unfinished"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_check_names_the_layout_and_counts_the_rows(file):
    result = cxkit.check(file)
    assert result.summary["layout"] == cxkit.read(file).inputs[0].layout
    assert result.summary["rows"] > 0


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_convert_keeps_the_answers(file, tmp_path):
    target = tmp_path / "out.ndjson"
    result = cxkit.convert(file, output=str(target))
    lines = target.read_text(encoding="utf-8").splitlines()
    assert len(lines) == result.ledger.used
    assert all(isinstance(json.loads(line), dict) for line in lines)


OTHERS = [one.name for one in COMMANDS if one.name not in {"nps", "check", "convert", "sample"}]


@pytest.mark.parametrize("name", OTHERS)
def test_every_command_answers_or_says_what_is_missing(name):
    """What an export does not hold is an error of ours; what it holds adds up."""
    answered = 0
    for file in FILES:
        with contextlib.suppress(CxError):
            words = {"orders": file} if name == "monetize" else {}
            ledger = getattr(cxkit, name)(file, **words).ledger
            assert ledger.read == ledger.used + sum(ledger.left_out.values()) > 0
            answered += 1
    # others need columns that only a user can name, or more customers and years than these hold
    assert answered or name not in {"csat", "retention", "pareto", "referrals"}
