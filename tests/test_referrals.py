"""Referrals: the golden forest, laws on random forests, second files, and what is refused."""

import json
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxkit
from cxkit import cli
from cxkit.errors import CxError, DataError, RequestError
from cxkit.output import render

GOLDEN = json.loads((Path(__file__).parent / "oracles" / "referrals.json").read_text())
FILES = Path(__file__).parent / "layouts" / "files"
LAWS = settings(max_examples=30, deadline=None)
FORMATS = ("table", "csv", "json", "ndjson", "md", "xlsx", "parquet")
VIEWS = ("groups", "advocates", "generations")
FIRST = date(2026, 1, 1)


def frame(rows):
    schema = {"customer": pl.String, "referrer": pl.String, "date": pl.Date,
              "amount": pl.Float64, "region": pl.String}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def golden():
    """The golden customers, one order a day in the order of their names, and their answers."""
    given = GOLDEN["input"]
    referrer = {b: a for a, b in given["edges_referrer_referee"]}
    rows = [(name, referrer.get(name), FIRST + timedelta(i), amount, "N")
            for i, (name, amount) in enumerate(given["revenue"].items())]  # fmt: skip
    answers = [(name, score, date(2025, 12, 1)) for name, score in given["rating"].items()
               if score is not None]  # fmt: skip
    return frame(rows), survey(answers)


def survey(rows):
    schema = {"customer": pl.String, "score": pl.Int64, "date": pl.Date}
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_golden_figures_of_all():
    orders, _ = golden()
    found = cxkit.referrals(orders).summary
    assert found["referral_rate"] == pytest.approx(GOLDEN["referral_rate"], abs=1e-9)
    share = GOLDEN["referred_share_of_customers"]
    assert found["referred_new_share"] == pytest.approx(share, abs=1e-9)
    share = GOLDEN["referred_share_of_revenue"]
    assert found["referred_revenue_share"] == pytest.approx(share, abs=1e-9)
    assert found["new_customers"] == 11
    assert found["downstream_revenue"] == found["referred_revenue"] == 2160.0


def test_golden_advocates():
    orders, _ = golden()
    rows = {
        row["customer"]: row for row in cxkit.referrals(orders, view="advocates").rows.to_dicts()
    }
    expected = [one for one in GOLDEN["per_customer"] if one["direct_referrals"]]
    assert set(rows) == {one["customer"] for one in expected}
    for one in expected:
        row = rows[one["customer"]]
        assert row["referred"] == one["direct_referrals"]
        assert row["direct_revenue"] == one["direct_revenue"]
        assert row["downstream_revenue"] == one["downstream_revenue"]
        assert row["generations"] == one["max_depth"]


def test_golden_generations():
    orders, _ = golden()
    rows = cxkit.referrals(orders, view="generations").rows
    members, revenue = GOLDEN["generations"], GOLDEN["input"]["revenue"]
    assert rows["customers"].to_list() == [len(one) for one in members.values()]
    assert rows["revenue"].to_list() == [sum(revenue[c] for c in one) for one in members.values()]
    ratios = [*GOLDEN["r_by_generation"].values(), None]
    assert rows["ratio"].to_list()[:-1] == pytest.approx(ratios[:-1], abs=1e-9)
    assert rows["ratio"][-1] is None


def test_golden_groups_by_category():
    orders, answers = golden()
    found = cxkit.referrals(orders, survey=answers).rows
    names = {"P": "promoter", "N": "passive", "D": "detractor", "unknown": "unknown"}
    assert found["category"].to_list() == ["promoter", "detractor", "passive", "unknown"]
    for letter, name in names.items():
        row, one = found.row(by_predicate=pl.col("category") == name, named=True), None
        one = GOLDEN["by_group"][letter]
        assert row["customers"] == one["customers"]
        assert row["referrers"] == one["referrers"]
        assert row["referred_customers"] == one["referrals"]
        assert row["referred_revenue"] == one["referred_revenue"]
        assert row["referrer_rate"] == pytest.approx(one["referral_rate"], abs=1e-9)


def test_interval_is_that_of_wilson_by_scipy():
    from scipy.stats import binomtest

    orders, _ = golden()
    row = cxkit.referrals(orders, confidence=90).rows.row(0, named=True)
    limits = binomtest(6, 11).proportion_ci(0.9, method="wilson")
    assert row["ci_low"] == pytest.approx(limits.low, abs=1e-9)
    assert row["ci_high"] == pytest.approx(limits.high, abs=1e-9)


def test_golden_k_of_invitations():
    """So many invitations per customer, of which so many led to a purchase."""
    (case,) = (case for case in GOLDEN["k_factor"] if case["k"] < 1)
    invited = int(case["invites_per_customer"] * 100)
    bought = int(invited * case["conversion"])
    orders = [(f"c{i:03}", None, FIRST, 10.0, "N") for i in range(100)]
    pairs = [(f"c{99 - i:03}" if i < bought else f"friend{i}", f"c{i % 50:03}")
             for i in range(invited)]  # fmt: skip
    programme = pl.DataFrame(pairs, schema=["customer", "referrer"], orient="row")
    found = cxkit.referrals(frame(orders).drop("referrer"), referrals=programme).summary
    assert found["k_factor"] == pytest.approx(case["k"], abs=1e-9)


# --- laws ---------------------------------------------------------------------------------------


@st.composite
def shops(draw):
    """Orders of customers who were referred by earlier ones, in any order of rows."""
    n = draw(st.integers(1, 14))
    rows = []
    for i in range(n):
        parent = draw(st.integers(-1, i - 1))
        region = draw(st.sampled_from(["N", "S", None]))
        for k in range(draw(st.integers(1, 3))):
            day = FIRST + timedelta(draw(st.integers(0, 60)))
            cents = draw(st.integers(0, 100_000))
            name = f"C{parent}" if parent >= 0 and k == 0 else None
            rows.append((f"C{i}", name, day, cents / 100, region))
    return draw(st.permutations(rows))


def plain(rows):
    """Figures by plain recursion, in cents."""
    spent, parents = {}, {}
    for customer, referrer, _, amount, _ in rows:
        spent[customer] = spent.get(customer, 0) + round(amount * 100)
        if referrer:
            parents[customer] = referrer

    def below(one):
        return sum(spent[c] + below(c) for c, parent in parents.items() if parent == one)

    def depth(one):
        return 0 if one not in parents else 1 + depth(parents[one])

    return spent, parents, below, depth


@LAWS
@given(shops())
def test_the_same_as_plain_recursion(rows):
    spent, parents, below, depth = plain(rows)
    advocates = cxkit.referrals(frame(rows), view="advocates").rows.to_dicts()
    assert len(advocates) == len(set(parents.values()))
    for row in advocates:
        name = row["customer"].upper()
        direct = [c for c, parent in parents.items() if parent == name]
        assert row["referred"] == len(direct)
        assert round(row["direct_revenue"] * 100) == sum(spent[c] for c in direct)
        assert round(row["downstream_revenue"] * 100) == below(name)
        assert row["direct_revenue"] <= row["downstream_revenue"]
    sizes = cxkit.referrals(frame(rows), view="generations").rows
    depths = [depth(name) for name in spent]
    assert sizes["customers"].to_list() == [depths.count(g) for g in range(max(depths) + 1)]
    assert round(sizes["revenue"].sum() * 100) == sum(spent.values())


@LAWS
@given(shops())
def test_groups_add_up_to_the_whole(rows):
    whole = cxkit.referrals(frame(rows))
    groups = cxkit.referrals(frame(rows), by="region").rows
    for name in ("customers", "referrers", "referred_customers", "referred_revenue"):
        assert groups[name].sum() == pytest.approx(whole.summary[name])
    assert groups.filter(
        pl.col("downstream_revenue") > whole.summary["downstream_revenue"]
    ).is_empty()
    for row in (*groups.to_dicts(), whole.summary):
        assert 0 <= row["ci_low"] <= row["referrer_rate"] <= row["ci_high"] <= 1
        assert row["downstream_revenue"] >= row["referred_revenue"] - 1e-9
    ledger = whole.ledger
    assert ledger.read == ledger.used + sum(ledger.left_out.values()) == len(rows)


@LAWS
@given(shops(), st.randoms(use_true_random=False))
def test_order_and_names_do_not_matter(rows, random):
    other = [(row[0].replace("C", "Customer 7-"), row[1] and row[1].replace("C", "customer 7-"),
              *row[2:]) for row in rows]  # fmt: skip
    random.shuffle(other)
    for view in ("groups", "generations"):
        one, two = (cxkit.referrals(frame(some), view=view) for some in (rows, other))
        assert one.rows.equals(two.rows)
        assert one.summary == two.summary


@LAWS
@given(shops())
def test_a_second_file_tells_the_same_as_a_column(rows):
    orders = frame(rows)
    pairs = orders.filter(pl.col("referrer").is_not_null()).select("customer", "referrer")
    if pairs.is_empty():
        return
    for view in VIEWS:
        one = cxkit.referrals(orders, view=view)
        two = cxkit.referrals(orders.drop("referrer"), referrals=pairs, view=view)
        assert one.rows.equals(two.rows)
        assert one.summary == two.summary


# --- what counts as what ------------------------------------------------------------------------


def test_the_category_is_that_at_the_time_of_the_first_referral():
    day = FIRST + timedelta(30)
    orders = frame([(name, None, FIRST, 10, "N") for name in "abcd"] + [
        (f"friend{name}", name, day, 20, "N") for name in "abc"])  # fmt: skip
    answers = survey([
        ("a", 10, day - timedelta(5)), ("a", 0, day + timedelta(1)),  # was a promoter then
        ("b", 10, day - timedelta(5)), ("b", 0, day),  # was a detractor by then
        ("c", 7, day + timedelta(3)), ("c", 10, day + timedelta(9)),  # answered only later
        ("d", 10, FIRST), ("d", 0, day + timedelta(99)),  # referred nobody: the latest answer
    ])  # fmt: skip
    found = cxkit.referrals(orders, survey=answers)
    rows = {row["category"]: row for row in found.rows.to_dicts()}
    assert {name: (row["customers"], row["referrers"]) for name, row in rows.items()} == {
        "promoter": (1, 1), "detractor": (2, 1), "passive": (1, 1), "unknown": (3, 0)
    }  # fmt: skip
    said = {note.code: note.message for note in found.notes}
    assert said["answered-later"].startswith("1 referrer answered only after")


def test_downstream_revenue_of_a_group_counts_each_customer_once():
    orders = frame([("a", None, FIRST, 1, "N"), ("b", "a", FIRST, 10, "N"),
                    ("c", "b", FIRST, 100, "S"), ("d", "c", FIRST, 1000, "S")])  # fmt: skip
    rows = {row["region"]: row for row in cxkit.referrals(orders, by="region").rows.to_dicts()}
    assert rows["N"]["downstream_revenue"] == 1110.0  # a reaches b, c and d; b is in the same group
    assert rows["S"]["downstream_revenue"] == 1000.0
    assert rows["N"]["revenue_per_referrer"] == 55.0


def test_returns_are_netted_and_ids_meet_without_case():
    orders = frame([(" A1 ", None, FIRST, 5, "N"), ("b", "a1", FIRST, 50, "N"),
                    ("B", None, FIRST + timedelta(3), -20, "N")])  # fmt: skip
    (row,) = cxkit.referrals(orders, view="advocates").rows.to_dicts()
    assert (row["customer"], row["referred"], row["direct_revenue"]) == ("A1", 1, 30.0)
    gross = cxkit.referrals(orders, view="advocates", gross=True)
    assert gross.rows["direct_revenue"].to_list() == [50.0]


def test_referrers_held_as_floats():
    """A column of whole numbers with gaps comes as floats from other libraries."""
    orders = pl.DataFrame({"customer": [1, 2, 3], "referrer": [None, 1.0, 2.0],
                           "date": [FIRST] * 3, "amount": [1, 2, 4]})  # fmt: skip
    assert cxkit.referrals(orders, view="advocates").rows["downstream_revenue"].to_list() == [6, 4]


def test_referrers_who_are_no_customers_stand_apart():
    orders = frame([("a", "blog", FIRST, 10, "N"), ("b", "a", FIRST, 20, "N")])
    found = cxkit.referrals(orders)
    assert found.summary["referrers"] == 1
    assert found.summary["referred_new_share"] == 1.0
    assert found.summary["referred_revenue"] == 20.0
    (note,) = [note for note in found.notes if note.code == "referrers-apart"]
    assert "1 referrer has no transactions" in note.message
    assert "they referred 1 customer with a revenue of 10.00" in note.message
    assert "blog" not in note.message
    advocates = cxkit.referrals(orders, view="advocates").rows
    assert advocates["downstream_revenue"].to_list() == [30.0, 20.0]
    assert cxkit.referrals(orders, view="generations").rows["customers"].to_list() == [0, 1, 1]


def test_since_counts_what_came_then_and_knows_what_was_before():
    later = date(2026, 6, 1)
    orders = frame([("a", None, FIRST, 10, "N"), ("a", None, later, 5, "N"),
                    ("b", "a", FIRST, 20, "N"), ("b", None, later, 7, "N"),
                    ("c", "b", later, 30, "N")])  # fmt: skip
    found = cxkit.referrals(orders, since="2026-06")
    assert found.summary["customers"] == 3
    assert found.summary["new_customers"] == 1
    assert found.summary["referred_new_share"] == 1.0
    assert found.summary["referred_revenue"] == 37.0
    whole = cxkit.referrals(orders, until="2026-05").summary
    assert (whole["customers"], whole["referred_revenue"]) == (2, 20.0)


def test_friends_who_did_not_buy_are_invitations():
    orders = frame([(name, None, FIRST, 10, "N") for name in "abcd"]).drop("referrer")
    programme = pl.DataFrame({"customer": ["b", "x", "y", "y", None],
                              "referrer": ["a", "a", "a", "b", "b"]})  # fmt: skip
    found = cxkit.referrals(orders, referrals=programme)
    assert found.summary["k_factor"] == pytest.approx(4 / 4 * (1 / 4))
    assert found.summary["referrers"] == 1
    only = cxkit.referrals(orders, referrals=programme.head(1))
    assert only.summary["k_factor"] is None
    assert "no-k" in [note.code for note in only.notes]


def test_exports_of_referral_programmes():
    """The friends of the shipped cuts of Friendbuy, SaaSquatch and ReferralHero are told."""
    found = cxkit.referrals(FILES / "friendbuy_conversions.csv")
    assert found.inputs[0].layout == "friendbuy"
    assert found.ledger.left_out == {"test": 1}
    assert "only-referred" in [note.code for note in found.notes]
    orders = {
        "saasquatch_referrals": [("u11", 10.0), ("u31", 20.0)],  # one of two bought
        "referralhero": [("ana@example.com", 10.0), ("FAY@example.com", 20.0)],
        "friendbuy_credits": [("ana@example.com", 10.0), ("fay@example.com", 20.0)],
    }
    for name, bought in orders.items():
        rows = [(customer, None, FIRST, amount, "N") for customer, amount in bought]
        told = cxkit.referrals(frame(rows).drop("referrer"), referrals=FILES / f"{name}.csv")
        assert told.summary["referred_revenue"] == 20.0
        assert told.summary["k_factor"] == (None if name == "friendbuy_credits" else 0.5)


def test_made_up_data_of_known_truth(tmp_path):
    """Who was referred has the source `referral`; promoters refer most, detractors least."""
    files = {kind: str(tmp_path / f"{kind}.csv") for kind in ("orders", "survey")}
    for kind, path in files.items():
        assert cli.run(["sample", kind, "--rows", "6000", "-o", path, "-q"]) == 0
    found = cxkit.referrals(files["orders"], survey=files["survey"])
    orders = pl.read_csv(files["orders"])
    sourced = orders.filter(source="referral")["customer_id"].n_unique()
    assert found.summary["customers"] == orders["customer_id"].n_unique()
    share = sourced / found.summary["customers"]
    assert found.summary["referred_new_share"] == pytest.approx(share, abs=1e-12)
    rows = {row["category"]: row for row in found.rows.to_dicts()}
    assert rows["detractor"]["ci_high"] < rows["passive"]["ci_low"]
    assert rows["passive"]["ci_high"] < rows["promoter"]["ci_low"]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("fmt", FORMATS)
def test_every_format(view, fmt):
    orders, answers = golden()
    assert render(cxkit.referrals(orders, view=view), fmt)
    if view == "groups":
        by = ["region", ("region", "customer")]
        assert render(cxkit.referrals(orders, survey=answers, by=by, amount="rows"), fmt)


def test_print_and_draw(tmp_path, capsys):
    orders, answers = golden()
    orders.write_csv(tmp_path / "orders.csv")
    answers.write_csv(tmp_path / "survey.csv")
    argv = ["referrals", str(tmp_path / "orders.csv"), "--width", "80", "-q"]
    more = ["--survey", str(tmp_path / "survey.csv"), "--chart", str(tmp_path / "a.png")]
    assert cli.run([*argv, *more]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("6 of 11 customers (55%) referred 8; 73% of new customers")
    assert printed[4].split() == ["promoter", "5", "80%", "38%", "to", "96%", "6", "1,420"]
    assert cli.run([*argv, "--view", "advocates", "-n", "1", "--lang", "vi",
                    "--chart", str(tmp_path / "b.png")]) == 0  # fmt: skip
    assert capsys.readouterr().out.splitlines()[-2].split()[:2] == ["A", "2"]
    assert cli.run([*argv, "--json", "--view", "generations",
                    "--chart", str(tmp_path / "c.svg")]) == 0  # fmt: skip
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == "cxkit.referrals.generations/1"
    assert all((tmp_path / name).stat().st_size > 1_000 for name in ("a.png", "b.png", "c.svg"))


# --- what is refused ----------------------------------------------------------------------------


def refused(rows, **words):
    with pytest.raises(CxError) as caught:
        cxkit.referrals(frame(rows) if isinstance(rows, list) else rows, **words)
    return caught.value


def test_customers_with_two_referrers_are_listed_by_shape_and_row():
    rows = [("a1", None, FIRST, 1, "N"), ("b1", "a1", FIRST, 1, "N"), ("b1", "c1", FIRST, 1, "N"),
            ("c1", "", FIRST, 1, "N"), ("c1", "a1", FIRST, 1, "N")]  # fmt: skip
    error = refused(rows)
    assert isinstance(error, DataError)
    assert (error.slug, error.exit_code) == ("two-referrers", 3)
    assert error.message == "1 customer has more than one referrer: a9 (rows 2 and 3)"
    assert "b1" not in str(error)


def test_customers_who_refer_themselves_or_one_another():
    own = refused([("a", None, FIRST, 1, "N"), ("Bé-7", "bé-7", FIRST, 1, "N")])
    assert own.slug == "self-referral"
    assert own.message == "1 customer is their own referrer: aa-9 (row 2)"
    circle = refused([("a", "c", FIRST, 1, "N"), ("b", "a", FIRST, 1, "N"),
                      ("c", "b", FIRST, 1, "N"), ("d", "c", FIRST, 1, "N")])  # fmt: skip
    assert circle.slug == "circle"
    assert circle.message.startswith("3 customers refer one another in a circle: a (row")
    assert circle.exit_code == 3


def test_a_circle_of_100_000():
    n = 100_000
    ids = pl.int_range(n, eager=True)
    orders = pl.DataFrame({"customer": ids, "referrer": (ids + 1) % n, "amount": ids,
                           "date": [FIRST] * n})  # fmt: skip
    error = refused(orders)
    assert error.slug == "circle"
    assert "100,000 customers" in error.message
    assert "99,995 more" in error.message
    chain = orders.with_columns(referrer=pl.when(ids + 1 < n).then(ids + 1))
    top = cxkit.referrals(chain, view="advocates").rows.row(0, named=True)
    assert (top["customer"], top["generations"]) == (str(n - 1), n - 1)


def test_files_that_have_nobody_in_common():
    orders, answers = golden()
    programme = pl.DataFrame({"customer": ["x@example.com"], "referrer": ["y@example.com"]})
    error = refused(orders, referrals=programme)
    assert error.slug == "no-match"
    assert "a@aaaaaaa.aaa" in error.message
    assert "example" not in str(error)
    strangers = answers.with_columns(customer=pl.lit("9") + pl.col("customer"))
    assert refused(orders, survey=strangers).slug == "no-match"


def test_options_that_do_not_go_together():
    orders, answers = golden()
    assert refused(orders, view="advocates", by="region").slug == "usage"
    assert refused(orders, view="generations", survey=answers).slug == "usage"
    error = refused(orders.drop("referrer"))
    assert isinstance(error, RequestError)
    assert error.slug == "no-referrer"
    assert refused(orders, view="trees").exit_code == 2


def test_wrong_files():
    row = ("a", None, FIRST, 1, "N")
    assert refused([]).slug == "empty"
    assert refused(frame([row]).drop("customer")).slug == "no-customer"
    assert refused(frame([row]).drop("amount")).slug == "no-amount"
    assert refused([row], referrer="broughtby").slug == "no-column"
    assert refused([row], referrals=pl.DataFrame({"customer": ["a"]})).slug == "no-referrer"
    mixed = frame([row, row]).with_columns(currency=pl.Series(["EUR", "USD"]))
    assert refused(mixed).slug == "currencies"
