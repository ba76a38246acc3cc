"""Made-up data: the same for a seed, of any size, linked, and true to the model it is drawn from.

The truths are computed here from the parameters alone, by SciPy's distributions and integrals,
and looked for in the files as a user has them.
"""

import datetime
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

import cxkit
from cxkit import cli, commands, terms
from cxkit.errors import Faults
from cxkit.reading import roles
from cxkit.samples import customers, files
from cxkit.samples import parameters as known
from cxkit.stats.bgnbd import bgnbd_fit

PAGE = Path(__file__).parents[1] / "docs" / "sample.md"
ROWS = {"survey": 100_000, "orders": 100_000, "cases": 15_000, "touchpoints": 60_000,
        "referrals": 12_000}  # fmt: skip
CATEGORIES = ("detractor", "passive", "promoter")
KINDS = tuple(files.KINDS)


@pytest.fixture(scope="module")
def made():
    """Every file, large enough to tell."""
    return {kind: files.whole(kind, rows, 0) for kind, rows in ROWS.items()}


@pytest.fixture
def run(tmp_path, monkeypatch, capfdbinary):
    """Run a command line in a folder of its own; gives exit code, stdout and stderr as bytes."""
    monkeypatch.chdir(tmp_path)

    def once(*argv):
        code = cli.run([str(word) for word in argv])
        out, err = capfdbinary.readouterr()
        return code, out, err.decode()

    return once


# --- the same, and more of the same ---------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_bytes_in_another_process(kind, run):
    code, out, _ = run("sample", kind, "--rows", 300, "--seed", 5)
    line = [sys.executable, "-m", "cxkit", "sample", kind, "--rows", "300", "--seed", "5"]
    again = subprocess.run(
        line, capture_output=True, check=True, cwd=Path(cxkit.__file__).parents[1]
    )
    assert code == 0
    assert out == again.stdout
    assert out.count(b"\n") == 301
    assert out != run("sample", kind, "--rows", 300, "--seed", 6)[1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_longer_file_begins_with_the_shorter_one(kind, made):
    """Also across blocks: the long ones are of several."""
    for rows in (1, 1_000, 9_999):
        assert files.whole(kind, rows, 0).equals(made[kind].head(rows))


@settings(deadline=None, max_examples=10)
@given(
    kind=st.sampled_from(KINDS),
    rows=st.integers(1, 40_000),
    seed=st.integers(0, 10**9),
)
def test_there_are_as_many_rows_as_asked_for(kind, rows, seed):
    frames = list(files.frames(kind, rows, seed))
    assert sum(frame.height for frame in frames) == rows
    ids = pl.concat(frames)["customer_id"].str.slice(1).cast(pl.Int64)
    assert ids.is_sorted()


def test_two_million_rows_pass_in_small_frames():
    heights = [frame.height for frame in files.frames("touchpoints", 2_000_000, 0)]
    assert sum(heights) == 2_000_000
    assert max(heights) < 60_000


def test_only_what_is_asked_for_is_made(monkeypatch):
    """The blocks come one by one, and no more of them than are needed."""
    drawn = []
    block = customers._block
    monkeypatch.setattr(customers, "_block", lambda *a: drawn.append(a[1]) or block(*a))
    frames = files.frames("orders", 10**6, 0)
    next(frames), next(frames)
    assert drawn == [0, 1]
    list(files.frames("survey", 10, 0))
    assert drawn == [0, 1, 0]


# --- files and messages ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_every_format_holds_the_same_rows(kind, run, tmp_path):
    rows = cxkit.sample(kind, rows=30).rows
    for ending in ("csv", "ndjson", "parquet", "json", "xlsx"):
        code, out, err = run("sample", kind, "--rows", 30, "-o", f"a.{ending}")
        assert (code, out, err) == (0, b"", f"wrote a.{ending} (30 rows)\n")
        assert run("sample", kind, "--rows", 30, "-f", ending)[1] == (
            (tmp_path / f"a.{ending}").read_bytes()
        )
    text = rows.with_columns(pl.all().cast(pl.String))
    assert pl.read_csv("a.csv", infer_schema=False).equals(text)
    assert pl.read_parquet("a.parquet").equals(rows)
    assert pl.read_ndjson("a.ndjson").shape == rows.shape
    told = json.loads(Path("a.json").read_text(encoding="utf-8"))
    assert told["schema"] == f"cxkit.sample.{kind}/1"
    assert [list(row) for row in told["rows"]] == [rows.columns] * 30
    sheet = pl.read_excel("a.xlsx", infer_schema_length=None)
    assert sheet["customer_id"].to_list() == rows["customer_id"].to_list()


def test_csv_goes_to_stdout_in_the_bytes_of_the_file_over_several_blocks(run, tmp_path):
    for ending in ("csv", "ndjson"):
        run("sample", "orders", "--rows", 40_000, "-o", f"a.{ending}")
        code, out, err = run("sample", "orders", "--rows", 40_000, "-f", ending)
        assert (code, err) == (0, "")
        assert out == (tmp_path / f"a.{ending}").read_bytes()


def test_the_library_gives_the_data():
    found = cxkit.sample("orders", rows=7, seed=3)
    assert found.rows.height == 7
    assert found.summary == {"rows": 7, "columns": 10}
    assert found.params == {"kind": "orders", "rows": 7, "seed": 3}
    assert found.schema == "cxkit.sample.orders/1"
    assert "what to make: survey" in cxkit.sample.__doc__
    assert "null" not in cxkit.sample.__doc__


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "error[missing-kind]: sample needs to know what to make"),
        (("survy",), "did you mean: survey"),
        (("survey", "orders"), "error[usage]: sample makes one file at a time"),
        (("nonsense",), "kinds: survey, orders, cases, touchpoints, referrals"),
        (("survey", "--rows", "0"), "--rows must be 1 or more, got 0"),
        (("survey", "--rows", "many"), "--rows must be a whole number"),
        (("survey", "--seed", "-1"), "--seed must be 0 or more, got -1"),
        (("survey", "-o", "a.foo"), 'no format has the extension ".foo"'),
        (("survey", "-o", "none/a.csv"), "missing folder"),
        (("survey", "--rows", "2000000", "-o", "a.xlsx"), "more than an Excel sheet holds"),
        (("survey", "--delimiter", ";"), "no option --delimiter"),
    ],
)
def test_a_wrong_request_is_refused(words, said, run, tmp_path):
    code, out, err = run("sample", *words)
    assert (code, out) == (2, b"")
    assert said in err
    assert not list(tmp_path.iterdir())


def test_the_kinds_are_named_without_making_any():
    module = commands.load(commands.find("sample"))
    assert module.NAMES == KINDS


def test_several_faults_are_told_at_once():
    with pytest.raises(Faults) as fault:
        cxkit.sample("nonsense", output="a.foo")
    assert [error.slug for error in fault.value.errors] == ["no-kind", "no-format"]


def test_help_lists_no_option_of_reading(run):
    _, out, _ = run("sample", "--help")
    assert b"WHAT" in out
    for option in ("--encoding", "--null", "--input-format", "--gross"):
        assert option.encode() not in out


# --- links ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1_000, 50_000])
def test_at_equal_rows_nearly_all_who_answer_have_orders(rows):
    ids = {kind: set(files.whole(kind, rows, 0)["customer_id"]) for kind in KINDS}
    assert len(ids["survey"] & ids["orders"]) > 0.93 * len(ids["survey"])
    assert len(ids["orders"] & ids["survey"]) > 0.8 * len(ids["orders"])
    assert ids["touchpoints"] <= ids["survey"]
    assert ids["touchpoints"] <= ids["orders"]


def test_customers_are_the_same_in_all_files(made):
    orders, survey = made["orders"], made["survey"]
    each = orders.group_by("customer_id").agg(pl.col("region", "source", "referrer").n_unique())
    assert each.drop("customer_id").max().row(0) == (1, 1, 1)
    of = orders.group_by("customer_id").agg(
        home=pl.col("region").first(), began=pl.col("ordered_at").min()
    )
    both = survey.join(of, on="customer_id").drop_nulls("region")
    assert (both["region"] == both["home"]).all()
    assert ((both["responded_at"] - both["began"]).dt.total_days() >= known.ASKED_AFTER).all()


def test_cases_begin_with_the_answer_of_a_detractor(made):
    low = made["survey"].filter(pl.col("score").is_null() | (pl.col("score") < known.PASSIVE))
    asked = low.select("customer_id", answered=pl.col("score"),
                       opened_at=pl.col("responded_at").dt.offset_by("1d"))  # fmt: skip
    last = min(made["cases"]["customer_id"].max(), made["survey"]["customer_id"].max())
    cases = made["cases"].filter(pl.col("customer_id") < last)
    found = cases.join(asked, on=["customer_id", "opened_at"])
    assert found.height == cases.height > 1_000
    assert found.filter(pl.col("answered") != pl.col("score")).is_empty()
    assert (cases["contacted_at"] <= cases["closed_at"]).all()
    assert (cases["opened_at"] <= cases["contacted_at"]).all()
    assert cases.filter(pl.col("closed_at").is_null(), reopened="yes").is_empty()


def test_touchpoints_are_the_stages_of_the_answers(made):
    answers = made["survey"].filter(
        pl.col("customer_id") < made["touchpoints"]["customer_id"].max()
    )
    points = made["touchpoints"].filter(
        pl.col("customer_id") < made["touchpoints"]["customer_id"].max()
    )
    for stage in known.STAGES:
        assert points.filter(stage=stage).height == answers[stage].drop_nulls().len() > 100
        assert set(points.filter(stage=stage)["channel"]) == set(known.CHANNELS[stage])
    assert points["score"].is_between(0, 10).all()


def test_referrals_are_a_forest_and_agree_with_the_orders(made):
    orders, referrals = made["orders"], made["referrals"]
    assert referrals["customer_id"].is_unique().all()
    assert (referrals["referrer_id"] < referrals["customer_id"]).all()  # so there is no circle
    first = orders.unique("customer_id", keep="first", maintain_order=True)
    friends = first.drop_nulls("referrer")
    both = friends.join(referrals, on="customer_id", suffix="_told")
    assert both.height == friends.height > 5_000
    assert (both["referrer"] == both["referrer_id"]).all()
    assert (both["ordered_at"] == both["date"]).all()
    assert (both["order_id"] == both["order_id_told"]).all()
    assert (both["amount"] == both["amount_told"]).all()
    assert set(friends["source"]) == {"referral"}
    assert "referral" not in set(first.filter(pl.col("referrer").is_null())["source"])
    began = first.select(referrer="customer_id", since="ordered_at")
    assert (
        friends.join(began, on="referrer")
        .filter(pl.col("ordered_at") <= pl.col("since"))
        .is_empty()
    )


def test_days_end_where_they_should(made):
    for kind, column in {"orders": "ordered_at", "survey": "responded_at", "cases": "opened_at",
                         "touchpoints": "date", "referrals": "date"}.items():  # fmt: skip
        days = made[kind][column]
        assert days.min() >= known.START
        assert days.max() <= known.END == datetime.date(2026, 6, 30)
        assert (known.END - days.max()).days < 3


@pytest.mark.parametrize(
    ("kind", "needed"),
    [
        ("survey", {"score": "score", "date": "responded_at", "customer": "customer_id",
                    "comment": "comment"}),
        ("orders", {"customer": "customer_id", "date": "ordered_at", "amount": "amount",
                    "currency": "currency", "order": "order_id", "source": "source",
                    "referrer": "referrer", "channel": "channel"}),
        ("cases", {"customer": "customer_id", "score": "score", "owner": "owner"}),
        ("touchpoints", {"customer": "customer_id", "date": "date", "stage": "stage",
                         "channel": "channel", "score": "score"}),
        ("referrals", {"customer": "customer_id", "referrer": "referrer_id", "date": "date",
                       "amount": "amount", "order": "order_id"}),
    ],
)  # fmt: skip
def test_columns_are_found_by_their_names(kind, needed, tmp_path):
    path = tmp_path / f"{kind}.csv"
    cxkit.sample(kind, output=str(path))
    source = cxkit.read(path)
    assert source.inputs[0].layout == "plain"
    assert roles.find(source, list(needed), {}) == needed
    assert set(needed) <= set(terms.ROLES)


# --- the truth, from the parameters alone ---------------------------------------------------------


def of_business() -> float:
    """The share of business customers: the mean order of a customer is P·V over a gamma(Q)."""
    above = stats.gamma.cdf(known.P * known.V / known.SPLIT, known.Q)
    return above * known.BUSINESS[1] + (1 - above) * known.BUSINESS[0]


def shares(weak: bool, business: bool) -> np.ndarray:
    """The shares of detractors, passives and promoters among first answers."""
    level = known.LEVEL + known.BUSINESS_LIFT * business - known.WEAK_DROP * weak
    cuts = stats.logistic.cdf([known.PASSIVE - 0.5, known.PROMOTER - 0.5], level, known.SPREAD)
    return np.diff([0, *cuts, 1])


def mixed(weak: bool) -> np.ndarray:
    """The same for a region."""
    return of_business() * shares(weak, True) + (1 - of_business()) * shares(weak, False)


def leaving(place: int) -> float:
    """The mean chance of a category to leave after a repeat order."""
    share_weak, total, weight = known.REGIONS[known.WEAK], 0.0, 0.0
    for weak, part in ((False, 1 - share_weak), (True, share_weak)):
        for business, among in ((False, 1 - of_business()), (True, of_business())):
            low, high = np.cumsum([0, *shares(weak, business)])[place : place + 2]
            chance = integrate.quad(lambda u: stats.beta.isf(u, known.A, known.B), low, high)[0]
            mean = stats.beta.mean(known.A, known.B) * (high - low)
            total += part * among * (known.LINKED * chance + (1 - known.LINKED) * mean)
            weight += part * among * (high - low)
    return total / weight


def points(three: np.ndarray) -> float:
    return 100 * float(three[2] - three[0])


def truths() -> dict[str, float]:
    """What the page of the documentation says, to be compared with it."""
    weak = known.REGIONS[known.WEAK]
    tiers = [(1 - weak) * shares(False, b) + weak * shares(True, b) for b in (False, True)]
    return {
        "NPS of all": points((1 - weak) * mixed(False) + weak * mixed(True)),
        "NPS of Cần Thơ": points(mixed(True)),
        "NPS of any other region": points(mixed(False)),
        "NPS of consumers": points(tiers[0]),
        "NPS of businesses": points(tiers[1]),
        "businesses, %": 100 * of_business(),
        **{f"leave after an order, {name}s, %": 100 * leaving(i)
           for i, name in enumerate(CATEGORIES)},
        "closed within 10 days, Anh, Bình, Chi, %": 100 * on_time("Anh"),
        "closed within 10 days, Dũng, %": 100 * on_time("Dũng"),
        "mean order, EUR": known.P * known.V / (known.Q - 1),
    }  # fmt: skip


def on_time(owner: str) -> float:
    return (1 - known.STUCK) * float(stats.expon.cdf(11, scale=known.OWNERS[owner]))


def test_the_page_says_the_truth():
    rows = dict(
        re.findall(r"(?m)^\| ([^|]+?) +\| *([−+\d.]+) +\|", PAGE.read_text(encoding="utf-8"))
    )
    for name, value in truths().items():
        assert float(rows[name].replace("−", "-")) == pytest.approx(value, abs=0.051), name


def test_the_page_gives_every_parameter():
    text = PAGE.read_text(encoding="utf-8")
    for name in vars(known):
        if name.isupper():
            assert f"`{name}`" in text, name


# --- what is found in the files -------------------------------------------------------------------


@pytest.fixture(scope="module")
def firsts(made):
    """The first answers: those two weeks after the first order."""
    began = made["orders"].group_by("customer_id").agg(began=pl.col("ordered_at").min())
    answers = made["survey"].join(began, on="customer_id")
    after = (pl.col("responded_at") - pl.col("began")).dt.total_days()
    return answers.filter(after < known.ASKED_AFTER + known.WITHIN).drop_nulls(["score", "region"])


def three(answers):
    return np.bincount(customers.category(answers["score"].to_numpy()), minlength=3) / len(answers)


def test_shares_of_first_answers(firsts):
    weak = pl.col("region") == known.WEAK
    assert len(firsts) > 20_000
    assert three(firsts.filter(~weak)) == pytest.approx(mixed(False), abs=0.012)
    assert three(firsts.filter(weak)) == pytest.approx(mixed(True), abs=0.03)
    assert (firsts["tier"] == "business").mean() == pytest.approx(of_business(), abs=0.01)
    for business in (False, True):
        group = firsts.filter(~weak, tier="business" if business else "consumer")
        assert three(group) == pytest.approx(shares(False, business), abs=0.025)


def test_regions_products_and_sources_have_their_weights(made):
    orders = made["orders"].filter(pl.col("amount") > 0)
    first = orders.unique("customer_id", keep="first", maintain_order=True)
    alone = first.filter(pl.col("referrer").is_null())
    for frame, column, weights in (
        (first, "region", known.REGIONS),
        (orders, "product", known.PRODUCTS),
        (orders, "channel", known.SHOPS),
        (alone, "source", known.SOURCES),
    ):
        counts = dict(frame[column].value_counts(normalize=True).iter_rows())
        assert counts == pytest.approx(weights, abs=0.01)
        assert sum(weights.values()) == pytest.approx(1)


def test_nps_finds_the_weak_region():
    """With the small file that everybody makes first, and with a large one by customers."""
    small = cxkit.nps(cxkit.sample("survey").rows, by="region").rows.drop_nulls("p_adjusted")
    assert small.filter(pl.col("p_adjusted") < 0.05)["region"].to_list() == [known.WEAK]
    large = cxkit.nps(
        files.whole("survey", 60_000, 0), by="region", cluster="customer_id"
    ).rows.drop_nulls("p_adjusted")
    weak = large.filter(region=known.WEAK).row(0, named=True)
    assert weak["p_adjusted"] < 1e-6
    assert weak["diff"] == large["diff"].min()
    # recovery and wobble bring later answers nearer to the middle
    assert 0.6 < weak["diff"] / (points(mixed(True)) - points(mixed(False))) < 1


def test_pareto_finds_the_products(made):
    rows = cxkit.pareto(made["orders"], item="product", view="items").rows
    assert rows["item"].to_list() == list(known.PRODUCTS)
    assert rows["share"].to_list() == pytest.approx(list(known.PRODUCTS.values()), abs=0.01)


@pytest.fixture(scope="module")
def histories(made):
    """Of each customer whose orders are all there: frequency, recency and age in weeks."""
    sold = made["orders"].filter(pl.col("amount") > 0)
    day = pl.col("ordered_at")
    each = sold.group_by("customer_id", maintain_order=True).agg(
        began=day.min(), recency=(day.max() - day.min()).dt.total_days() / 7,
        frequency=day.n_unique().cast(pl.Int64) - 1, mean=pl.col("amount").mean(),
    )  # fmt: skip
    age = (pl.lit(known.END) - pl.col("began")).dt.total_days() / 7
    return each.head(-1).with_columns(age=age).filter(pl.col("age") > 0)


def test_bgnbd_is_recovered(histories):
    found = bgnbd_fit(*(histories[name] for name in ("frequency", "recency", "age")))
    assert found.penalty == 0
    assert found.r == pytest.approx(known.R, rel=0.1)
    assert found.alpha == pytest.approx(known.ALPHA, rel=0.1)
    assert found.a / (found.a + found.b) == pytest.approx(known.A / (known.A + known.B), rel=0.08)
    assert found.r / found.alpha == pytest.approx(known.R / known.ALPHA, rel=0.05)


def test_spend_is_gamma_gamma(histories, made):
    assert histories["mean"].mean() == pytest.approx(known.P * known.V / (known.Q - 1), rel=0.02)
    # an order: gamma(P) over gamma(Q) is beta prime, whatever the customer
    first = made["orders"].unique("customer_id", keep="first", maintain_order=True)
    orders = first["amount"].to_numpy()
    expected = stats.betaprime(known.P, known.Q, scale=known.V)
    for share in (0.1, 0.25, 0.5, 0.75, 0.9):
        assert np.quantile(orders, share) == pytest.approx(expected.ppf(share), rel=0.03)
    # spend and frequency are unrelated
    both = first.join(histories, on="customer_id")
    assert abs(stats.spearmanr(both["amount"], both["frequency"]).statistic) < 0.02


def test_returns(made):
    orders = made["orders"]
    back = orders.filter(pl.col("amount") < 0)
    month, (low, high) = 365.25 / 12, known.BACK
    within = known.RETURNED * (1 - (low + high) / 2 / month)
    assert back.height / (orders.height - back.height) == pytest.approx(within, abs=0.004)
    by_month = orders.group_by("customer_id", pl.col("ordered_at").dt.month_start())
    assert by_month.agg(pl.col("amount").sum().round(2))["amount"].min() >= 0
    of = orders.filter(pl.col("amount") > 0).select("order_id", "amount", "ordered_at")
    both = back.join(of, on="order_id")
    assert both.height == back.height
    assert (both["amount"] == -both["amount_right"]).all()
    days = (both["ordered_at"] - both["ordered_at_right"]).dt.total_days()
    assert (days.min(), days.max()) == (low, high)


def test_detractors_leave_sooner(firsts, made):
    """The chance itself, hidden, against the integral; and in the orders the direction."""
    blocks = customers.blocks(0)
    some = [next(blocks) for _ in range(5)]
    chance = np.concatenate([block.leaves for block in some])
    place = np.concatenate([customers.category(block.score) for block in some])
    found = [chance[place == i].mean() for i in range(3)]
    assert found == pytest.approx([leaving(i) for i in range(3)], rel=0.04)
    assert np.quantile(chance, [0.1, 0.5, 0.9]) == pytest.approx(
        stats.beta.ppf([0.1, 0.5, 0.9], known.A, known.B), rel=0.06
    )
    year = datetime.date(2025, 6, 30)
    bought = made["orders"].filter(pl.col("ordered_at") > year)["customer_id"].unique()
    old = firsts.filter(pl.col("began") <= datetime.date(2024, 12, 31))
    kept = [
        old.filter(customers.category(old["score"].to_numpy()) == i)["customer_id"]
        .is_in(bought.implode()).mean()
        for i in range(3)
    ]  # fmt: skip
    assert kept[0] + 0.1 < kept[1] < kept[2] - 0.05


def test_referrals_a_year_of_each_category(firsts, made):
    """Friends over the years since the first order, of customers whose first answer is known."""
    every = firsts.filter(pl.col("customer_id") < made["referrals"]["customer_id"].max())
    friends = made["referrals"]["referrer_id"].value_counts()
    both = every.join(friends, left_on="customer_id", right_on="referrer_id", how="left")
    both = both.with_columns(
        years=(pl.lit(known.END) - pl.col("began")).dt.total_days() / known.YEAR,
        place=pl.Series(customers.category(both["score"].to_numpy())),
    )
    for i, name in enumerate(CATEGORIES):
        group = both.filter(place=i)
        rate = group["count"].sum() / group["years"].sum()
        noise = 4 * (known.REFERS[name] / group["years"].sum()) ** 0.5
        assert rate == pytest.approx(known.REFERS[name], abs=noise)


def test_stages_follow_the_score_as_said(firsts):
    inner = firsts.filter(pl.col("region") != known.WEAK, pl.col("score").is_between(4, 9))
    slopes = {}
    for stage, (_, slope, _) in known.STAGES.items():
        rated = inner.drop_nulls(stage)
        line = stats.linregress(rated["score"] / known.UNIT, rated[stage])
        slopes[stage] = line.slope
        assert line.slope == pytest.approx(slope, rel=0.25)  # the ends of the scale flatten it
    assert sorted(slopes, key=slopes.get) == sorted(
        known.STAGES, key=lambda stage: known.STAGES[stage][1]
    )
    used = [firsts[stage].is_not_null().mean() for stage in known.STAGES]
    through = known.BOUGHT * known.DELIVERED
    assert used == pytest.approx(
        [1, known.BOUGHT, through, known.SUPPORTED, known.SENT_BACK], abs=0.012
    )
    late = firsts.filter(pl.col("score") == 7).group_by(pl.col("region") == known.WEAK)
    means = dict(late.agg(pl.col("delivery").mean()).iter_rows())
    assert means[False] - means[True] == pytest.approx(known.LATE, abs=0.1)


def test_cases_are_closed_as_said(made):
    due = made["cases"].filter(pl.col("opened_at") <= known.END - datetime.timedelta(days=10))
    days = (pl.col("closed_at") - pl.col("opened_at")).dt.total_days()
    for owner in known.OWNERS:
        closed = due.filter(pl.col("owner") == owner).select((days <= 10).fill_null(False).mean())
        assert closed.item() == pytest.approx(on_time(owner), abs=0.03)
    again = made["cases"].drop_nulls("closed_at")["reopened"]
    assert (again == "yes").mean() == pytest.approx(known.REOPENED, abs=0.01)


def test_a_closed_case_lifts_the_next_answer(made):
    """Pairs of answers one wave apart, the first below 7: with a closed case, and without one."""
    answers = made["survey"].drop_nulls("score").with_columns(
        next=pl.col("score").shift(-1).over("customer_id"),
        day=pl.col("responded_at").shift(-1).over("customer_id"),
    )  # fmt: skip
    gap = (pl.col("day") - pl.col("responded_at")).dt.total_days()
    low = answers.filter(pl.col("score") < known.PASSIVE, gap < 1.5 * known.EVERY)
    cases = made["cases"].select(
        "customer_id", "closed_at", responded_at=pl.col("opened_at").dt.offset_by("-1d"), case=True
    )
    low = low.filter(pl.col("customer_id") < cases["customer_id"].max())
    both = low.join(cases, on=["customer_id", "responded_at"], how="left")
    closed = both.filter(pl.col("closed_at") <= pl.col("day"))["next"]
    none = both.filter(pl.col("case").is_null())["next"]
    assert closed.mean() - none.mean() == pytest.approx(known.RECOVERY, abs=0.2)
    assert none.len() > 500


def test_dirt_is_as_said(made):
    survey = made["survey"]
    for column, share in (("score", known.NO_SCORE), ("region", known.NO_REGION),
                          ("csat", known.NO_CSAT)):  # fmt: skip
        assert survey[column].null_count() / survey.height == pytest.approx(share, rel=0.15)
    said = (survey["comment"] == "N/A").sum() / survey.height
    assert said == pytest.approx(known.NOT_APPLICABLE, rel=0.15)
    whole = made["orders"].drop("source", "referrer").null_count()
    assert whole.sum_horizontal().item() == 0
    assert made["touchpoints"].null_count().sum_horizontal().item() == 0
    assert made["referrals"].null_count().sum_horizontal().item() == 0


def test_comments_are_about_the_stage_that_went_worst(made):
    from cxkit.samples.texts import SENTENCES

    answers = made["survey"].drop_nulls("comment").filter(pl.col("comment") != "N/A")
    stages = list(known.STAGES)
    assert len({text for pair in SENTENCES.values() for texts in pair for text in texts}) == 42
    for stage in stages:
        texts = [text for language in SENTENCES[stage] for text in language]
        about = answers.filter(pl.col("comment").is_in(texts))
        assert about.height > 100
        assert (about[stage] == about.select(pl.min_horizontal(stages)).to_series()).all()
    praise = answers.filter(
        pl.col("comment").is_in([*SENTENCES["praise"][0], *SENTENCES["praise"][1]])
    )
    assert praise["score"].drop_nulls().min() == known.PROMOTER
    vietnamese = [text for _, language in SENTENCES.values() for text in language]
    assert answers["comment"].is_in(vietnamese).mean() == pytest.approx(known.VIETNAMESE, abs=0.01)
