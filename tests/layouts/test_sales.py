"""Made-up exports of sales, deals and referrals: recognised, roles found, money understood.

Rows that are no revenue are counted by hand in the files: `counts` are the rows of each reason, a
row under the first that applies; `amounts` what is left of each customer, to be read in the file.
"""

from pathlib import Path

import polars as pl
import pytest

import cxkit
from cxkit.cells.dates import settle
from cxkit.engines import collect
from cxkit.result import REASONS
from cxkit.source import Source, Trade
from cxkit.terms import LAYOUTS

FILES = Path(__file__).parent / "files"
SURVEYS = {
    "qualtrics", "surveymonkey", "typeform", "zendesk", "medallia", "delighted", "asknicely",
    "customergauge", "forsta", "hubspot", "inmoment", "google-forms",
}  # fmt: skip

SHOPIFY = {
    "customer": "Email", "date": "Created at", "amount": "Total", "order": "Name",
    "currency": "Currency", "quantity": "Lineitem quantity", "price": "Lineitem price",
}  # fmt: skip
STRIPE = {
    "customer": "Customer ID", "date": "Created date (UTC)", "amount": "Amount", "order": "id",
    "currency": "Currency",
}  # fmt: skip
WOO = {
    "customer": "customer_id", "date": "order_date", "amount": "order_total", "order": "order_id",
    "currency": "order_currency",
}  # fmt: skip
SQUARE = {
    "customer": "Customer ID", "date": "Date", "amount": "Net Sales", "order": "Transaction ID",
}  # fmt: skip
REPORT = {
    "customer": "Account Name", "date": "Close Date", "amount": "Amount",
    "order": "Opportunity ID", "owner": "Opportunity Owner", "source": "Lead Source",
}  # fmt: skip
REVENUE = {
    "customer": "Account Name", "date": "Revenue Start Date", "amount": "Revenue Amount",
}  # fmt: skip
ANA, BO, CY = "ana@example.com", "bo@example.com", "cy@example.com"

# file: layout, roles, rows read, rows by reason, first and last day, net amounts by customer
SALES = {
    "shopify_orders.csv": (
        "shopify", SHOPIFY, 11, {"cancelled": 1, "voided": 2, "unpaid": 2},
        ("2025-10-26", "2025-12-06"), {ANA: 30, BO: 30, None: 12.5},
    ),
    "shopify_orders_saved_again.csv": (
        "shopify", SHOPIFY, 11, {"cancelled": 1, "voided": 2, "unpaid": 2},
        ("2025-10-26", "2025-12-06"), {ANA: 30, BO: 30, None: 12.5},
    ),
    "stripe_unified.csv": (
        "stripe", STRIPE, 7, {"cancelled": 1, "unpaid": 2}, ("2024-06-07", "2024-06-30"),
        {"cus_A": 15, "cus_B": 750, "cus_C": 15},
    ),
    "stripe_chosen_semicolon.csv": (
        "stripe",
        {"customer": "Customer Email", "date": "Created date (UTC)", "amount": "Amount",
         "currency": "Currency"},
        7, {"cancelled": 1, "unpaid": 2}, ("2024-06-07", "2024-06-30"), {ANA: 15, BO: 750, CY: 15},
    ),
    "stripe_older.csv": (
        "stripe", STRIPE | {"date": "Created (UTC)"}, 7, {"cancelled": 1, "unpaid": 2},
        ("2024-06-07", "2024-06-30"), {"cus_A": 15, "cus_B": 750, "cus_C": 15},
    ),
    "woocommerce_webtoffee.csv": (
        "woocommerce", WOO, 7, {"cancelled": 1, "voided": 1, "unpaid": 2},
        ("2025-03-02", "2025-03-31"), {"7": 20, "8": 50, None: 30},
    ),
    "woocommerce_items.csv": (
        "woocommerce", WOO | {"date": "date"}, 8, {"cancelled": 2, "unpaid": 1},
        ("2025-03-02", "2025-03-06"), {"7": 20, "8": 10},
    ),
    "square_2018.csv": (
        "square", SQUARE, 4, {"return": 1}, ("2022-11-10", "2022-12-01"),
        {"C1": 0, "C2": 1240, None: 10},
    ),
    "square_2026.csv": (
        "square", SQUARE, 5, {"unpaid": 1, "return": 1}, ("2026-08-02", "2026-10-08"),
        {"C1": 0, "C2": 1240, None: 10},
    ),
    "hubspot_deals_labels.csv": (
        "hubspot-deals",
        {"customer": "Associated Company", "date": "Close Date", "amount": "Amount",
         "order": "Record ID", "owner": "Deal owner", "source": "Original Traffic Source"},
        4, {"unpaid": 2}, ("2026-03-05", "2026-05-19"), {"Acorn Ltd": 1200, "Birch Ltd": 800.5},
    ),
    "hubspot_deals_internal.csv": (
        "hubspot-deals",
        {"customer": "Company Name", "date": "closedate", "amount": "amount",
         "order": "hs_object_id", "currency": "deal_currency_code", "owner": "hubspot_owner_id"},
        4, {"unpaid": 2}, ("2026-03-05", "2026-05-19"), {"Acorn Ltd": 1200, "Birch Ltd": 800.5},
    ),
    "salesforce_report.csv": (
        "salesforce", REPORT, 4, {"unpaid": 2}, ("2026-03-05", "2026-05-19"),
        {"Acorn Ltd": 1200, "Birch Ltd": 800.5},
    ),
    "salesforce_report_older.csv": (
        "salesforce", REPORT, 4, {"unpaid": 2}, ("2026-03-05", "2026-05-19"),
        {"Acorn Ltd": 1200, "Birch Ltd": 800.5},
    ),
    "salesforce_report_utf16.tsv": (
        "salesforce", REPORT, 4, {"unpaid": 2}, ("2026-03-05", "2026-05-19"),
        {"Acorn Ltd": 1200, "Birch Ltd": 800.5},
    ),
    "salesforce_data_loader.csv": (
        "salesforce",
        {"customer": "AccountId", "date": "CloseDate", "amount": "Amount", "order": "Id",
         "owner": "OwnerId", "source": "LeadSource"},
        4, {"cancelled": 1, "unpaid": 1}, ("2026-03-05", "2026-05-19"),
        {"0011": 1200, "0012": 800.5},
    ),
    "customergauge_revenue.csv": (
        "customergauge-revenue", REVENUE, 2, {}, ("2026-01-01", "2026-03-01"),
        {"Acorn Ltd": 12000, "Birch Ltd": 500},
    ),
    "customergauge_revenue_semicolon.csv": (
        "customergauge-revenue", REVENUE, 2, {}, ("2026-01-01", "2026-03-01"),
        {"Acorn Ltd": 12000, "Birch Ltd": 500},
    ),
    "friendbuy_conversions.csv": (
        "friendbuy",
        {"customer": "Friend Email", "referrer": "Referrer Email", "date": "Date",
         "amount": "Order Amount", "order": "Order ID", "channel": "Share Channel"},
        3, {"test": 1}, ("2026-03-05", "2026-03-10"),
        {"fay@example.com": 40, "gus@example.com": 60},
    ),
    "friendbuy_credits.csv": (
        "friendbuy",
        {"customer": "Friend Email", "referrer": "Customer Email", "date": "Date",
         "order": "Friend Order ID"},
        2, {}, ("2026-03-06", "2026-03-20"), None,
    ),
    "saasquatch_referrals.csv": (
        "saasquatch",
        {"customer": "Referred User - User ID", "referrer": "Referring User - User ID",
         "date": "Date Converted"},
        2, {}, ("2026-03-05", "2026-03-05"), None,
    ),
    "referralhero.csv": (
        "referralhero", {"customer": "email", "referrer": "referrer", "date": "date"},
        3, {}, ("2026-04-03", "2026-05-06"), None,
    ),
    "shopify_customers.csv": ("shopify", {"customer": "Email"}, 2, {}, None, None),
    "stripe_payouts.csv": ("stripe", {}, 2, {}, None, None),
    "invoice_lines.csv": ("plain", {}, 5, {"cancelled": 1}, None, None),
}  # fmt: skip
SPANS = {name: facts[4] for name, facts in SALES.items() if facts[4]}
AMOUNTS = {name: facts[5] for name, facts in SALES.items() if facts[5]}


def why(source: Source) -> pl.Expr:
    """The reason that leaves a row out or takes money back; null if it counts."""
    trade = source.trade or Trade()
    known = {**source.left_out, **trade.left_out, **trade.netted}
    found: pl.Expr = pl.lit(None, pl.String)
    for reason in sorted(known, key=REASONS.index, reverse=True):
        found = pl.when(known[reason]).then(pl.lit(reason)).otherwise(found)
    return found.alias("why")


def counted(source: Source) -> dict[str, int]:
    rows = collect(source.rows.select(why(source)), source)["why"]
    return {reason: int((rows == reason).sum()) for reason in REASONS if (rows == reason).any()}


def money(column: str) -> pl.Expr:
    """Amounts of these files, all written with a decimal point."""
    return pl.col(column).cast(pl.String).str.replace_all("[$,]", "").cast(pl.Float64).fill_null(0)


def by_customer(source: Source) -> dict[str | None, float]:
    """Net amounts of rows that count, with those that take money back."""
    trade = source.trade or Trade()
    net = money(source.roles["amount"][0])
    for refund in trade.refunds:
        net -= money(refund)
    kept = source.rows.with_columns(why(source)).filter(
        pl.col("why").is_null() | pl.col("why").is_in(list(trade.netted))
    )
    customer = pl.col(source.roles["customer"][0]).cast(pl.String)
    return dict(collect(kept.group_by(customer.alias("c")).agg(net.sum()), source).rows())


def test_every_layout_of_sales_has_files():
    assert {facts[0] for facts in SALES.values()} == {*LAYOUTS, "plain"} - SURVEYS


@pytest.mark.parametrize("name", SALES)
def test_recognised_with_its_roles(export, name):
    layout, roles, rows, reasons, _, _ = SALES[name]
    source = cxkit.read(export(name))
    assert source.inputs[0].layout == layout
    assert source.roles == {role: (column,) for role, column in roles.items()}
    assert collect(source.rows, source).height == rows
    assert counted(source) == reasons
    assert not [note for note in source.notes if note.kind == "warning"]


@pytest.mark.parametrize("name", [name for name in SALES if name != "invoice_lines.csv"])
def test_by_name_as_recognised(export, name):
    source = cxkit.read(export(name), input_format=SALES[name][0])
    assert (source.roles, counted(source)) == (
        {role: (column,) for role, column in SALES[name][1].items()}, SALES[name][3],
    )  # fmt: skip


@pytest.mark.parametrize("name", SPANS)
def test_days(export, name):
    source = cxkit.read(export(name))
    column = settle(source, source.roles["date"][0])
    cells = collect(source.rows.select(key=column.key("day")), source)["key"]
    days, notes = column.days(cells)
    assert (str(days.min()), str(days.max())) == SPANS[name]
    assert not [note for note in notes if note.kind == "warning"]


@pytest.mark.parametrize("name", AMOUNTS)
def test_net_amounts(export, name):
    assert by_customer(cxkit.read(export(name))) == AMOUNTS[name]


@pytest.mark.parametrize("name", AMOUNTS)
def test_net_amounts_of_a_frame_with_types(export, name):
    """As a data frame gives the columns: numbers and truth values."""
    text = cxkit.read(export(name), input_format="plain")
    cells = collect(text.rows.select(text.columns), text)
    frame = pl.read_csv(cells.write_csv().encode())
    source = cxkit.read(frame)
    assert set(frame.dtypes) != {pl.String} or name.startswith("square")  # all text: $1.00
    assert counted(source) == SALES[name][3]
    amounts = {None if key is None else str(key): n for key, n in by_customer(source).items()}
    ids = {None if key is None else key.lstrip("0"): n for key, n in AMOUNTS[name].items()}
    assert {None if key is None else key.lstrip("0"): n for key, n in amounts.items()} == ids


def continued(source: Source) -> list[bool]:
    assert source.trade
    assert source.trade.continues is not None
    return collect(source.rows.select(a=source.trade.continues), source)["a"].to_list()


def test_rows_of_further_items(export):
    """Shopify leaves their totals blank; WooCommerce repeats them, and they are taken once."""
    shopify = cxkit.read(export("shopify_orders.csv"))
    orders = collect(shopify.rows.select("Name"), shopify)["Name"].to_list()
    assert continued(shopify) == [a == b for a, b in zip(orders, ["", *orders], strict=False)]
    woo = cxkit.read(export("woocommerce_items.csv"))
    assert continued(woo) == [False, True, False, False, True, False, True, False]
    totals = collect(woo.rows.select("order_total"), woo)["order_total"].to_list()
    assert totals == ["20.00", None, "10.00", "20.00", None, "20.00", None, "10.00"]


def test_an_order_keeps_what_has_become_of_it_under_a_filter(export):
    source = cxkit.read(export("shopify_orders.csv"))
    rows = source.rows.with_columns(why(source)).filter(pl.col("Lineitem name") == "Card")
    assert collect(rows.select("Name", "why"), source).rows() == [
        ("#1004", "voided"), ("#1006", None)
    ]  # fmt: skip


def test_orders_do_not_run_on_into_the_next_file(export, save):
    """A file that begins with a further item says nothing of its order."""
    header, *_ = export("shopify_orders.csv").read_text().splitlines()
    names = header.split(",")
    row = dict.fromkeys(names, "") | {"Name": "#9", "Email": "z@example.com", "Lineitem name": "x"}
    head = {**row, "Financial Status": "voided", "Total": "5.00"}
    first = save("\n".join([header, ",".join(head.values())]) + "\n", "first.csv")
    second = save("\n".join([header, ",".join(row.values()), ",".join(row.values())]), "second.csv")
    source = cxkit.read([first, second])
    assert counted(source) == {"voided": 1}


def test_what_is_no_sale_says_so(export):
    said = {
        "stripe_payouts.csv": "payouts to a bank account, not sales",
        "shopify_customers.csv": "a list of customers, not orders",
        "friendbuy_credits.csv": "credits for referring, not sales",
    }
    for name in SALES:
        trade = cxkit.read(export(name)).trade
        assert (trade.refused if trade else None) == said.get(name)


def test_refunds_and_spans(export):
    def trade(name):
        return cxkit.read(export(name)).trade

    assert trade("shopify_orders.csv").refunds == ("Refunded Amount",)
    assert trade("stripe_older.csv").refunds == ("Amount Refunded",)
    assert trade("woocommerce_items.csv").refunds == ("refunded_total",)
    assert trade("customergauge_revenue.csv").spread == ("Revenue Start Date", "Revenue End Date")
    assert set(trade("square_2018.csv").netted) == {"return"}


def test_guests_and_refunds_that_are_text(export):
    source = cxkit.read(export("woocommerce_webtoffee.csv"))
    found = {
        check.code: collect(source.rows.select(a=check.applies.sum()), source).item()
        for check in source.checks
    }
    assert found == {"guests": 1, "refunded-items": 1}


def test_woocommerce_with_guests_only(save):
    text = "order_id,status,order_total,customer_id,billing_email\n1,completed,5,0,a@example.com\n"
    assert cxkit.read(save(text)).roles["customer"] == ("billing_email",)


@pytest.mark.parametrize(
    ("zone", "days", "month"),
    [
        ("Eastern Time (US & Canada)", ("10/05/2026", "10/06/2026"), 10),
        ("Sydney", ("10/05/2026", "10/06/2026"), 5),
        ("Pacific Time (US & Canada)", ("10/05/2026", "25/05/2026"), 5),
    ],
)
def test_square_days_by_zone(save, zone, days, month):
    text = "Date,Time Zone,Gross Sales,Net Sales\n" + "".join(
        f"{day},{zone},$1.00,$1.00\n" for day in days
    )
    source = cxkit.read(save(text))
    column = settle(source, "Date")
    found = column.days(collect(source.rows.select(a=column.key("day")), source)["a"])[0]
    assert found[0].month == month


def test_milliseconds_since_1970(export):
    """1772704800000 is 2026-03-05 10:00 UTC, by `date -u -d @1772704800`."""
    source = cxkit.read(export("saasquatch_referrals.csv"))
    moment = collect(source.rows.select("Date Converted"), source)["Date Converted"][0]
    assert str(moment) == "2026-03-05 10:00:00"


def test_a_pair_is_by_email_or_by_id(save):
    text = "Date,Friend Email,Friend ID,Referrer Email,Referrer ID\n2026-01-01,a@example.com,1,,2\n"
    roles = cxkit.read(save(text)).roles
    assert roles["customer"] == ("Friend Email",)
    assert roles["referrer"] == ("Referrer Email",)
    text = "Date,Friend ID,Advocate ID\n2026-01-01,1,2\n"
    roles = cxkit.read(save(text)).roles
    assert (roles["customer"], roles["referrer"]) == (("Friend ID",), ("Advocate ID",))


@pytest.mark.parametrize(
    ("stage", "won"),
    [("Closed Won", 1), ("closedwon", 1), ("Won", 1), ("Closed won (EMEA)", 1), ("Closed Lost", 0),
     ("wonderful", 0), ("Not won", 0), ("", 0), ("Prospecting", 0)],
)  # fmt: skip
def test_stages(save, stage, won):
    source = cxkit.read(save(f"Deal Name,Deal Stage,Amount\nx,{stage},1\n"))
    assert counted(source) == ({} if won else {"unpaid": 1})


def test_numbers_that_all_begin_with_c_cancel_nothing(save):
    text = "Invoice,Quantity,Price\nC1,1,2\nC2,1,2\n"
    assert cxkit.read(save(text)).trade is None
    assert cxkit.read(save(text + "3,1,2\n")).trade is not None
    assert cxkit.read(save("Invoice,Quantity\n1,1\nC2,1\n")).trade is None


def test_typed_invoice_numbers_cancel_nothing():
    frame = pl.DataFrame({"invoice": [1, 2], "quantity": [1, 1], "price": [2.0, 3.0]})
    source = cxkit.read(frame)
    assert counted(source) == {}


@pytest.mark.parametrize("name", [name for name, facts in SALES.items() if facts[3]])
def test_conditions_stream(export, name):
    """No node of the plan falls back to the engine that holds all rows."""
    source = cxkit.read(export(name))
    graph = source.rows.group_by(why(source)).agg(pl.len()).show_graph(
        engine="streaming", plan_stage="physical", raw_output=True, show=False
    )  # fmt: skip
    legend = str(graph).partition("</FONT> in-memory engine fallback")[0]
    colour = legend.rpartition('COLOR="')[2].partition('"')[0]
    assert colour
    assert f'fillcolor="{colour}"' not in str(graph)


@pytest.mark.parametrize("kind", ["parquet", "ndjson", "xlsx"])
def test_orders_in_other_kinds_of_file(export, tmp_path, kind):
    text = cxkit.read(export("shopify_orders.csv"), input_format="plain")
    cells = collect(text.rows.select(text.columns), text)
    frame, path = pl.read_csv(cells.write_csv().encode()), tmp_path / f"orders.{kind}"
    write = {"parquet": frame.write_parquet, "ndjson": frame.write_ndjson}
    write.get(kind, frame.write_excel)(path)
    source = cxkit.read(path)
    assert source.inputs[0].layout == "shopify"
    assert (counted(source), sum(continued(source))) == (SALES["shopify_orders.csv"][3], 4)
    assert by_customer(source) == AMOUNTS["shopify_orders.csv"]


def test_the_order_in_which_they_are_tried():
    told = ["qualtrics", "surveymonkey", "typeform", "zendesk", "shopify", "stripe", "square",
            "medallia", "delighted", "customergauge-revenue", "forsta", "google-forms"]  # fmt: skip
    assert sorted(told, key=LAYOUTS.index) == told


def test_what_was_added_is_not_among_the_columns(export, tmp_path):
    for name in ("shopify_orders.csv", "woocommerce_items.csv"):
        target = tmp_path / name
        cxkit.convert(export(name), output=str(target))
        header = target.read_text(encoding="utf-8").splitlines()[0]
        assert header == export(name).read_text(encoding="utf-8").splitlines()[0]


def test_what_a_layout_wants_told_is_told():
    found = cxkit.retention(FILES / "woocommerce_webtoffee.csv")
    told = {note.code: note.message for note in found.notes}
    assert told["refunded-items"].startswith("1 row with refunds of single items")
