"""The command clv: published fits, values by hand, laws, and what it refuses."""

import json
import math
import random
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxkit
from cxkit import cli
from cxkit.errors import CxError, RequestError
from cxkit.orders.buyers import buyers
from cxkit.orders.money import UNIT
from cxkit.orders.outlook import MODEL, Horizon, classes
from cxkit.orders.sales import Purchases
from cxkit.output import render
from cxkit.result import Ledger
from cxkit.stats.sbg import sbg_derl, sbg_fit

HERE = Path(__file__).parent
CDNOW = HERE / "data" / "cdnow" / "orders.txt.gz"
SBG = json.loads((HERE / "oracles" / "sbg.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def cdnow():
    return cxkit.clv(CDNOW)


def orders(n=40, seed=1, again=True, amount=None):
    """Made-up purchases (customer, date, amount, region) over half a year."""
    draw = random.Random(seed)
    rows = []
    for customer in range(n):
        day = date(2024, 1, 1) + timedelta(draw.randrange(60))
        for _ in range(1 + (draw.choice([0, 0, 0, 1, 2, 5]) if again else 0)):
            spent = amount or round(draw.lognormvariate(3, 0.6), 2)
            rows.append((f"c{customer}", str(day), spent, "NS"[customer % 2]))
            day += timedelta(draw.randrange(5, 50))
    return pl.DataFrame(rows, schema=["customer", "date", "amount", "region"], orient="row")


def contracts(survivors):
    """A cohort of yearly contracts by those who are left, as times and ends."""
    lost = [a - b for a, b in pairwise(survivors)]
    rows = [(t, "yes", n) for t, n in enumerate(lost, 1)]
    rows.append((len(lost), "no", survivors[-1]))
    return pl.DataFrame(rows, schema=["years", "ended", "n"], orient="row")


SBG_WORDS = {"model": "sbg", "duration": "years", "ended": "ended", "time_unit": "year"}


def refused(data, **words):
    with pytest.raises(CxError) as caught:
        cxkit.clv(data, **words)
    return caught.value


# --- from outside -------------------------------------------------------------------------------


def test_cdnow_as_published(cdnow):
    """Fader, Hardie & Lee (2005): .243, 4.414, .793, 2.426, −9582.4; digits as by R's BTYD."""
    theirs = {"r": 0.2425945, "alpha": 4.4136020, "a": 0.7929220, "b": 2.4259068}
    for name, value in theirs.items():
        assert cdnow.summary[name] == pytest.approx(value, rel=1e-5)
    assert cdnow.summary["log_likelihood"] == pytest.approx(-9582.42920667, rel=1e-9)
    assert cdnow.summary["customers"] == 2357
    assert cdnow.params["until"] == date(1997, 9, 30)


def test_cdnow_spend_as_published(cdnow):
    """Fader & Hardie (2013), note 025: p 6.25, q 3.74, v 15.44, correlation .11."""
    rounded = [round(cdnow.summary[name], 2) for name in "pqv"]
    assert rounded == [6.25, 3.74, 15.44]
    assert cdnow.summary["spend_frequency_correlation"] == pytest.approx(0.11, abs=0.005)


def test_a_customer_of_cdnow():
    """x = 2, t_x = 30.43, T = 38.86: alive .7266, 1.226 purchases in 39 weeks (FHL, BTYD)."""
    found = cxkit.clv(CDNOW, view="customers", horizon="39w")
    rows = found.rows.filter(pl.col("customer") == "00004")
    row = rows.row(0, named=True)
    assert (row["frequency"], round(row["recency"], 2), round(row["age"], 2)) == (2, 30.43, 38.86)
    assert row["alive"] == pytest.approx(0.7266, abs=1e-4)
    assert row["expected_purchases"] == pytest.approx(1.226, abs=5e-4)


def test_classes_of_cdnow(cdnow):
    rows = cdnow.rows
    assert rows["purchases"].to_list() == ["1", "2", "3–4", "5–9", "10+"]
    assert rows["customers"].to_list() == [1411, 439, 314, 159, 34]
    assert rows["alive"][0] == 1411


def test_contracts_of_fader_and_hardie():
    """sBG on 1,000 High End customers (2007), and their residual lifetimes at 10 % (2010)."""
    theirs = SBG["high_end"]
    data = contracts(theirs["active"])
    found = cxkit.clv(data, count="n", horizon="100y", discount=0.1, **SBG_WORDS)
    for mine, name in (("alpha", "alpha"), ("beta", "beta"), ("log_likelihood", "loglik")):
        assert found.summary[mine] == pytest.approx(theirs[name], rel=1e-6)
    assert found.summary["customers"] == 491
    assert found.summary["clv_mean"] == pytest.approx(theirs["derl_d0.1"]["8"], rel=1e-4)
    near = cxkit.clv(data, count="n", horizon="5y", **SBG_WORDS).summary
    projected = theirs["survival_fit_projection"]
    ahead = sum(projected[8:13]) / projected[7]
    assert near["expected_purchases"] == pytest.approx(491 * ahead, rel=1e-6)
    assert near["clv"] == pytest.approx(491 * ahead, rel=1e-6)


# --- from purchases to customers ----------------------------------------------------------------

purchases = st.lists(
    st.tuples(
        st.sampled_from("abcde"), st.integers(0, 40), st.integers(-300, 900), st.sampled_from("NS")
    ),
    min_size=1,
    max_size=40,
)
END = date(2024, 3, 1)


@settings(deadline=None, max_examples=80)
@given(rows=purchases, grouped=st.booleans())
def test_customers_against_plain_python(rows, grouped):
    sums = {}
    for c, day, cents, region in rows:
        key = (c, day, region if grouped else None)
        sums[key] = sums.get(key, 0) + cents * UNIT // 100
    columns = ["customer", "day", "by0", "amount"]
    frame = pl.DataFrame(
        [(c, date(2024, 1, 1) + timedelta(d), g, a) for (c, d, g), a in sums.items()],
        schema=dict(zip(columns, [pl.String, pl.Date, pl.String, pl.Int64], strict=True)),
        orient="row",
    )
    frame = (frame if grouped else frame.drop("by0")).sort("customer", "day")
    found, _ = buyers(Purchases(frame, Ledger(0, 0), (), ()), END)
    by_day = {}
    for (c, day, _), amount in sums.items():
        by_day.setdefault(c, {}).setdefault(day, 0)
        by_day[c][day] += amount
    expected = {}
    for c, days in by_day.items():
        kept = sorted(day for day, amount in days.items() if amount >= 0)
        if kept:
            spend = sum(days[day] for day in kept[1:])
            age = (END - date(2024, 1, 1)).days - kept[0]
            expected[c] = (len(kept) - 1, kept[-1] - kept[0], age, spend)
    rows = found.select("customer", "frequency", "recency", "age", "spend").rows()
    assert {row[0]: row[1:] for row in rows} == expected
    if grouped:
        for c, group in found.select("customer", "by0").rows():
            first = min(day for day, amount in by_day[c].items() if amount >= 0)
            most = max(a for (who, day, _), a in sums.items() if (who, day) == (c, first))
            assert sums[c, first, group] == most


def test_horizons():
    year = Horizon.of("1y", 0.1)
    assert (year.count, year.unit, year.ends) == (12, "months", [float(i) for i in range(1, 13)])
    assert year.worth[-1] == pytest.approx(1 / 1.1)
    assert year.weeks[-1] == pytest.approx(365.25 / 7)
    short = Horizon.of("45d", 0.0)
    assert short.ends == pytest.approx([1.0, 45 / (365.25 / 12)])
    assert (Horizon.of("1mo", 0).unit, short.said) == ("month", {"count": 45, "unit": "days"})
    assert classes((1, 2, 3, 5, 10)) == {1: "1", 2: "2", 3: "3–4", 5: "5–9", 10: "10+"}


# --- laws ---------------------------------------------------------------------------------------


def test_rows_names_and_order_of_customers_do_not_matter():
    data = orders(60)
    found = cxkit.clv(data)
    renamed = data.sample(fraction=1, shuffle=True, seed=3).with_columns("x" + pl.col("customer"))
    other = cxkit.clv(renamed)
    assert other.summary == found.summary
    assert other.rows.equals(found.rows)


def test_segments_and_customers_add_up(cdnow):
    customers = cxkit.clv(CDNOW, view="customers")
    assert customers.summary == cdnow.summary
    assert customers.rows["clv"].is_sorted(descending=True)
    for name in ("alive", "expected_purchases", "clv"):
        total = math.fsum(customers.rows[name])
        assert total == pytest.approx(cdnow.summary[name], rel=1e-12)
        assert cdnow.rows[name].sum() == pytest.approx(total, rel=1e-12)
    assert cdnow.summary["clv_mean"] == pytest.approx(cdnow.summary["clv"] / 2357)
    value = cdnow.summary["expected_value"] * cdnow.summary["expected_purchases"]
    assert value == pytest.approx(cdnow.summary["clv"])  # margin 1, no discount


def test_margin_scales_and_discount_lowers(cdnow):
    half = cxkit.clv(CDNOW, margin=0.5)
    assert half.summary["clv"] == pytest.approx(cdnow.summary["clv"] / 2)
    less = cxkit.clv(CDNOW, discount=0.2).summary
    assert cdnow.summary["clv"] / 1.2 < less["clv"] < cdnow.summary["clv"]
    assert less["expected_purchases"] == cdnow.summary["expected_purchases"]
    longer = cxkit.clv(CDNOW, horizon="2y").summary
    assert longer["clv"] > cdnow.summary["clv"]


def test_money_scales_and_purchases_stay():
    data = orders(80)
    found = cxkit.clv(data).summary
    more = cxkit.clv(data.with_columns(pl.col("amount") * 100)).summary
    for name in ("r", "alpha", "a", "b", "p", "q", "alive", "expected_purchases"):
        assert more[name] == pytest.approx(found[name], rel=1e-5)
    assert more["clv"] == pytest.approx(100 * found["clv"], rel=1e-5)


def test_groups_are_those_of_the_first_purchase():
    data = orders(60)
    found = cxkit.clv(data, by="region")
    assert found.rows["region"].to_list() == ["N", "S"]
    assert found.rows["customers"].to_list() == [30, 30]
    assert found.rows["purchases"].null_count() == 2
    assert found.summary == cxkit.clv(data).summary
    tables = cxkit.clv(data.with_columns(clv=pl.col("region")), by=["region", "clv"])
    assert tables.rows["table"].unique().sort().to_list() == ["clv", "region"]
    assert tables.rows.columns[:3] == ["table", "region", "by_clv"]


def test_contracts_by_group_with_amounts():
    data = pl.concat([
        contracts(SBG["high_end"]["active"]).with_columns(plan=pl.lit("high"), fee=pl.lit(30.0)),
        contracts(SBG["regular"]["active"]).with_columns(plan=pl.lit("low"), fee=pl.lit(10.0)),
    ])  # fmt: skip
    found = cxkit.clv(data, count="n", by="plan", amount="fee", horizon="3y", **SBG_WORDS)
    assert found.rows.select("plan", "customers").rows() == [("high", 491), ("low", 241)]
    assert found.rows["expected_value"].to_list() == pytest.approx([30.0, 10.0])
    assert found.rows["clv_mean"][0] == pytest.approx(3 * found.rows["clv_mean"][1])
    assert found.summary["clv"] == pytest.approx(found.rows["clv"].sum())
    model = sbg_fit(range(1, 8), _lost(), [0] * 6 + [491 + 241])
    assert found.summary["alpha"] == pytest.approx(model.alpha, rel=1e-6)
    assert sbg_derl(model, 8, 0.1) > found.rows["expected_purchases"][0] / 491 / 1.1


def _lost():
    pair = [SBG[name]["active"] for name in ("high_end", "regular")]
    return [sum(one[t - 1] - one[t] for one in pair) for t in range(1, 8)]


# --- what is told -------------------------------------------------------------------------------


def codes(found):
    return {note.code: note for note in found.notes}


def test_notes():
    extra = [("c1", "2024-09-01", -5.0, "N"), ("zz", "2024-09-01", -5.0, "N")]
    data = orders(60)
    back = pl.DataFrame(extra, schema=data.schema, orient="row")
    notes = codes(cxkit.clv(pl.concat([data, back])))
    assert "10.00 given back" in notes["returns"].message
    assert notes["no-purchase"].message.startswith("1 customer has only such days")
    assert "bought once counts as alive" in notes["model"].message
    same = cxkit.clv(orders(60, amount=10.0))
    assert codes(same)["same-spend"].kind == "info"
    assert (same.summary["expected_value"], same.summary["p"]) == (10.0, None)
    rising = orders(60).with_columns(amount=5.0 * pl.len().over("customer") + pl.col("amount") / 9)
    assert codes(cxkit.clv(rising))["correlation"].kind == "warning"


def test_what_is_in_the_summary(cdnow):
    assert set(MODEL) < set(cdnow.summary)
    assert cdnow.summary["beta"] is None
    assert [chart.name for chart in cdnow.charts] == ["value", "fit"]
    fit = cdnow.charts[1].rows
    assert fit.filter(pl.col("model") == "bought")["customers"].sum() == 2357
    assert fit["customers"].sum() == pytest.approx(2 * 2357)


@pytest.mark.parametrize("form", ["table", "csv", "json", "ndjson", "md", "xlsx", "parquet"])
@pytest.mark.parametrize(
    "words", [{}, {"by": ["region", ("region", "date")]}, {"view": "customers"}]
)
def test_every_format_renders(form, words):
    assert render(cxkit.clv(orders(60), **words), form)


def test_the_printed_answer(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.run(["clv", str(CDNOW), "--chart", "v.png", "--width", "80"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == (
        "2,357 customers: 2,095 purchases and 75,915 expected in 12 months, 32.21 each"
    )
    assert {file.name for file in Path().glob("*.png")} == {"v.value.png", "v.fit.png"}
    words = ["--view", "customers", "-n", "2", "--lang", "vi"]
    assert cli.run(["clv", str(CDNOW), *words]) == 0
    assert "2.357 khách hàng" in capsys.readouterr().out


# --- what is refused ----------------------------------------------------------------------------


def test_requests_that_are_wrong():
    data = orders()
    sbg = {"model": "sbg"}
    for words in ({"amount": "rows"}, {"start": "date", "end": "date"}, {"as_of": "2024"},
                  sbg | {"view": "customers"}, sbg | {"until": "2024"}):  # fmt: skip
        assert refused(data, **words).slug == "usage"
    for words in ({"horizon": "soon"}, {"horizon": "0d"}, {"horizon": "500y"}, {"discount": 10},
                  {"margin": -1}, {"model": "pareto-nbd"}):  # fmt: skip
        assert isinstance(refused(data, **words), RequestError), words
    assert refused(data, model="sbg").slug == "no-time"
    year = contracts(SBG["regular"]["active"])
    assert "shorter than one year" in refused(year, count="n", horizon="6mo", **SBG_WORDS).message
    assert refused(data.drop("date")).slug == "no-date"
    assert refused(data.drop("amount")).slug == "no-amount"


def test_data_that_cannot_answer():
    assert "second day" in refused(orders(again=False)).message
    assert "only 5 customers" in refused(orders(5)).message
    assert refused(orders().with_columns(date=pl.lit("2024-05-05"))).slug == "too-little"
    assert refused(orders().clear()).slug == "empty"
    everybody = contracts([100, 60, 40, 0]).filter(pl.col("n") > 0)
    assert (
        "all customers have left"
        in refused(everybody, count="n", horizon="3y", **SBG_WORDS).message
    )
    nobody = contracts([100, 100, 100])
    assert "no customer left" in refused(nobody, count="n", horizon="3y", **SBG_WORDS).message
    mixed = contracts([100, 60, 50, 45]).with_columns(
        fee=pl.lit("3"), currency=pl.Series(["EUR", "USD", "EUR", "EUR"])
    )
    words = {"count": "n", "amount": "fee", "currency": "currency", "horizon": "3y"}
    assert refused(mixed, **words, **SBG_WORDS).slug == "currencies"
