"""Faults that an attack on the commands found. Each has a test of its name."""

import json
import math
import unicodedata

import polars as pl
import pytest

import cxkit
from cxkit.errors import CxError, DataError, RequestError
from cxkit.output.data import UNSEEN

DAYS = [f"2026-01-{1 + i % 28:02d}" for i in range(300)]


@pytest.fixture
def survey(folder):
    rows = "".join(f"C{i},{i % 11},{1 + i % 5},{DAYS[i]}\n" for i in range(300))
    (folder / "survey.csv").write_text("customer,nps,csat,date\n" + rows)
    return "survey.csv"


@pytest.fixture
def orders(folder):
    rows = "".join(f"C{i},{DAYS[i]},{10 + i}\n" for i in range(300))
    (folder / "orders.csv").write_text("customer,date,amount\n" + rows)
    return "orders.csv"


# --- roles --------------------------------------------------------------------------------------


TOUCHES = pl.DataFrame({
    "customer": [f"C{i // 3}" for i in range(300)],
    "date": DAYS,
    "stage": [("browse", "buy", "delivery")[i % 3] for i in range(300)],
    "channel": [("app", "shop")[i % 2] for i in range(300)],
    "score": [i % 11 for i in range(300)],
})  # fmt: skip


@pytest.mark.parametrize(
    ("words", "roles"),
    [
        ({"channel": "stage"}, "the stage and the channel"),
        ({"stage": "score"}, "the stage and the score"),
        ({"channel": "score"}, "the score and the channel"),
        ({"customer": "stage"}, "the stage and the customer"),
        ({"view": "channels", "channel": "stage"}, "the stage and the channel"),
        ({"view": "flow", "date": "stage"}, "the stage and the date"),
        ({"view": "units", "unit": "score"}, "the score and the unit"),
    ],
)
def test_no_column_has_two_roles_in_a_journey(words, roles):
    with pytest.raises(RequestError, match=f"cannot be both {roles}") as caught:
        cxkit.journey(TOUCHES, **words)
    assert caught.value.slug == "bad-value"


def test_a_stage_of_its_own_column_is_no_channel():
    ratings = pl.DataFrame({"browse": [1, 5] * 50, "buy": [2, 4] * 50})
    with pytest.raises(RequestError, match="cannot be both a stage and the channel"):
        cxkit.journey(ratings, stages=["browse", "buy"], channel="browse", metric="csat")


def test_units_may_be_stages():
    assert cxkit.journey(TOUCHES, view="units", unit="stage").rows.height == 3


def test_three_questions_of_an_experience_are_three_columns(run, survey):
    code, out, err = run("experience", survey, "--success", "csat", "--ease", "csat",
                         "--emotion", "nps")  # fmt: skip
    assert (code, out) == (2, "")
    assert 'error[bad-value]: --success and --ease are both the column "csat"' in err


def test_days_in_each_others_place_are_no_histories(run, folder):
    rows = "".join(f"2026-02-{1 + i % 28:02d},{DAYS[i]}\n" for i in range(60))
    (folder / "cases.csv").write_text("the end,begun\n" + rows + ",2026-01-05\n" * 5)
    code, out, err = run("survival", "cases.csv", "--start", "the end", "--end", "begun")
    assert (code, out) == (3, "")
    assert 'error[reversed]: "begun" is before "the end" for 60 of 60 customers with both' in err
    assert "try: --start begun --end 'the end'" in err
    assert run("survival", "cases.csv", "--start", "begun", "--end", "the end")[0] == 0


def test_a_minority_of_reversed_days_is_left_out():
    days = {"start": ["2026-01-01"] * 3, "end": ["2026-02-01", "2026-03-01", "2025-12-01"]}
    result = cxkit.survival(pl.DataFrame(days), start="start", end="end")
    assert (result.ledger.used, result.ledger.left_out) == (2, {"invalid": 1})


# --- cells --------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ['" 7 "', "\u00a07\u00a0", "７"], ids=["blanks", "nbsp", "wide"])
@pytest.mark.parametrize("others", ["10", "10.5"])
def test_an_amount_with_blanks_beside_it_counts(folder, cell, others):
    rows = "".join(f"B{i},2026-01-04,{others}\n" for i in range(300))
    (folder / "o.csv").write_text(f"customer,date,amount\n{rows}A,2026-01-05,{cell}\n")
    result = cxkit.pareto("o.csv")
    assert (result.ledger.read, result.ledger.used) == (301, 301)
    assert math.isclose(result.summary["total"], 300 * float(others) + 7)


def test_amounts_that_all_have_blanks_beside_them_count(folder):
    rows = "".join(f'B{i % 3},2026-01-04," {i}.5 "\n' for i in range(300))
    (folder / "o.csv").write_text("customer,date,amount\n" + rows)
    assert cxkit.pareto("o.csv").summary["total"] == sum(i + 0.5 for i in range(300))


def told_where(run, folder, column, cells):
    rows = "".join(f'{i % 11},"{cells[i % len(cells)]}"\n' for i in range(300))
    (folder / "f.csv").write_text(f"nps,{column}\n{rows}")
    code, _, err = run("nps", "f.csv", "--where", f"{column} = 'x'")
    assert code == 3
    return err


def test_a_condition_that_keeps_nothing_shows_no_comment_and_no_name(run, folder):
    err = told_where(run, folder, "comment", ["secret comment text"])
    assert "comment has: aaaaaa aaaaaaa aaaa\n" in err
    err = told_where(run, folder, "owner", ["Nguyễn Văn An", "Trần Bình"])
    assert "owner has: Aaaaaa Aaa Aa, Aaaa Aaaa\n" in err


def test_a_condition_that_keeps_nothing_shows_the_groups_there_are(run, folder):
    assert "region has: North, web, VIP\n" in told_where(
        run, folder, "region", ["North", "web", "VIP"]
    )


def test_a_condition_that_keeps_nothing_shows_a_shape_once(run, folder):
    assert "day has: 9999-99-99, …\n" in told_where(run, folder, "day", DAYS[:28])


def test_a_column_of_no_times_is_named(folder):
    (folder / "m.csv").write_text("email,comment\n" + "a@b.example,so so\n" * 60)
    with pytest.raises(DataError, match='60 with a time in "email", or an end in "comment", that'):
        cxkit.survival("m.csv", duration="email", ended="comment")


def test_nul_bytes_are_no_utf16(run, folder):
    (folder / "nul.csv").write_bytes(b"\0" * 100)
    code, _, err = run("nps", "nul.csv")
    assert code == 3
    assert "error[not-text]: nul.csv is not text" in err
    (folder / "wide.csv").write_bytes("customer,nps\nA,5\n".encode("utf-16-le"))
    assert "UTF-16 without a byte order mark" in run("nps", "wide.csv")[2]


# --- second files -------------------------------------------------------------------------------


@pytest.mark.parametrize(("cell", "what"), [(b'"5', "unclosed quote"), (b"\0", "NUL byte")])
def test_a_fault_of_a_second_file_names_it(run, folder, survey, cell, what):
    rows = b"customer,date,amount\nA,2026-01-01,5\nB,2026-01-01," + cell + b"\nC,2026-01-01,7\n"
    (folder / "q.csv").write_bytes(rows)
    code, _, err = run("monetize", survey, "--orders", "q.csv")
    assert code == 3
    assert "q.csv: line 3 " in err
    assert what in err


@pytest.mark.parametrize("more", [[], ["--amount", "amount"], ["--score", "nps"]])
def test_files_in_each_others_place_are_told_so(run, survey, orders, more):
    code, _, err = run("monetize", orders, "--orders", survey, *more)
    rest = " …" if more else ""
    assert code == 2
    assert err.count("error[") == 1
    assert "orders.csv and survey.csv are in each other's place" in err
    assert f"try: cxkit monetize survey.csv --orders orders.csv{rest}\n" in err
    assert run("monetize", survey, "--orders", orders)[0] == 0


def test_files_that_both_lack_columns_are_not_said_to_be_swapped(run, survey):
    err = run("monetize", survey, "--orders", survey)[2]
    assert "error[no-amount]" in err
    assert "swapped" not in err


# --- values -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "value", "must"),
    [
        ("--confidence", "1e400", "50–99.9 (or 0.5–0.999)"),
        ("--confidence", "1e400%", "50–99.9 (or 0.5–0.999)"),
        ("--target", "-1e400", "−100…100"),
        ("--memory", "9" * 20, "1,000,000,000 or less"),
        ("--min-n", "9" * 40, "1,000,000,000 or less"),
    ],
)
def test_a_number_without_end_is_refused_as_it_was_written(run, survey, option, value, must):
    code, out, err = run("nps", survey, f"{option}={value}")
    assert (code, out) == (2, "")
    got = f'"{value}"' if "e" in value else value
    assert f"{option} must be {must}, got {got}" in err


def test_an_endless_cost_is_refused(run, survey, orders):
    code, _, err = run("monetize", survey, "--orders", orders, "--cost", "1e400")
    assert code == 2
    assert '--cost must be a finite number, got "1e400"' in err


@pytest.mark.parametrize("cost", [math.inf, -math.inf, math.nan, 10**400])
def test_an_endless_cost_is_refused_in_python(survey, orders, cost):
    with pytest.raises(CxError, match="cost must be a number"):
        cxkit.monetize(survey, orders=orders, cost=cost)


def test_an_endless_number_of_a_configuration_is_refused(run, folder, survey):
    (folder / "cxkit.toml").write_text("[defaults]\ntarget = inf\n")
    code, _, err = run("nps", survey)
    assert code == 2
    assert "target in cxkit.toml must be a number, got inf" in err


# --- what is shown ------------------------------------------------------------------------------


def test_a_group_whose_name_cannot_be_seen_is_not_the_whole(run, folder):
    rows = "".join(f"{i % 11},N\n" for i in range(100))
    (folder / "z.csv").write_text(f"nps,region\n{rows}5,\u200b\n")
    code, _, err = run("nps", "z.csv", "--by", "region")
    assert code == 0
    assert '"" has 1 answer (minimum 30)' in err


HOSTILE = "a\x9b31mB\u202eC\u200bD\u2028E\x7fF\U000e0041 Huế 👩\u200d💻"


@pytest.mark.parametrize("format", ["json", "ndjson"])
def test_unseen_characters_are_escaped_in_json(run, folder, format):
    table = {"nps": [i % 11 for i in range(100)], "region": [HOSTILE] * 100}
    pl.DataFrame(table).write_csv("j.csv")
    code, out, _ = run("nps", "j.csv", "--by", "region", "-f", format)
    assert code == 0
    kinds = {unicodedata.category(sign) for sign in out.replace("\n", "")}
    assert not kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert "Huế 👩\\u200d💻" in out
    rows = json.loads(out)["rows"] if format == "json" else map(json.loads, out.splitlines())
    assert next(iter(rows))["region"] == HOSTILE


def test_every_unseen_character_is_known():
    wanted = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    every = map(chr, range(0x20, 0x110000))
    assert [hex(ord(sign)) for sign in every
            if unicodedata.category(sign) in wanted and not UNSEEN.match(sign)] == []  # fmt: skip
    assert not any(map(UNSEEN.match, "aé ế漢👩\u0301\u00a0"))


# --- hints --------------------------------------------------------------------------------------


def test_an_option_is_not_taken_for_one_that_only_begins_alike(run, survey):
    code, _, err = run("nps", survey, "--seed", "1")
    assert code == 2
    assert "no option --seed" in err
    assert "--sheet" not in err
    assert "did you mean: --period" in run("nps", survey, "--perod", "month")[2]


@pytest.mark.parametrize("scale", ["1-7", "0-10"])
def test_no_hint_names_an_option_that_experience_lacks(run, survey, folder, scale):
    rows = "".join(f"{1 + i % 5},{1 + i % 4},{1 + i % 3}\n" for i in range(100))
    (folder / "e.csv").write_text("a,b,c\n" + rows)
    code, _, err = run("experience", "e.csv", "--success", "a", "--ease", "b", "--emotion", "c",
                       "--scale", scale)  # fmt: skip
    assert code == 3
    assert "--score" not in err


def test_no_hint_names_the_score_of_a_stage(run, folder):
    (folder / "j.csv").write_text("region,nps\n" + "North,9\n" * 60)
    code, _, err = run("journey", "j.csv", "--stages", "region")
    assert code == 3
    assert 'found: "North" (60)' in err
    assert "--score" not in err


def test_keys_are_named_as_they_are_written_in_files(run, folder, survey):
    (folder / "cxkit.toml").write_text('[defaults]\nqqq = "1"\n')
    assert "known: for, " in run("check", survey)[2]
    (folder / "cxkit.toml").write_text('[defaults]\nfor = "pareto"\n')
    assert "pareto" in run("check", survey)[1]
    (folder / "cxkit.toml").write_text('for = "nps"\n')
    assert "for belongs in [defaults]" in run("check", survey)[2]


def test_the_variable_of_for_ends_in_its_name(run, survey, monkeypatch):
    monkeypatch.setenv("CXKIT_FOR", "pareto")
    assert "pareto" in run("check", survey)[1]


def test_a_mistyped_group_of_two_words_is_shown():
    data = pl.DataFrame({"score": [9, 3] * 20, "region": ["Hà Nội", "South East"] * 20})
    with pytest.raises(DataError) as wrong:
        cxkit.nps(data, where="region = 'hà nội'")
    told = dict(wrong.value.hints)["region has"]
    assert "Hà Nội" in told
    assert "South" not in told
