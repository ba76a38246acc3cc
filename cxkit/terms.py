"""The words of the tool: roles, options and phrases, once; with the glossary of columns.

Headings, number formats, axis labels, option help, docstrings and the reference pages are all
made from here. Keys that machines read (JSON, CSV, column names) stay English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from cxkit.glossary import COLUMNS as COLUMNS
from cxkit.glossary import Kind as Kind
from cxkit.glossary import Term as Term
from cxkit.glossary import kind as kind
from cxkit.phrases import PHRASES as PHRASES
from cxkit.phrases import VALUES


class Role(NamedTuple):
    """A part that a column plays.

    Args:
        help: one line, for the option and the docstring.
        names: exact column names (case-folded, `_` and blanks alike) that are taken for it when
            it is needed and not given; empty: it is never found, only given.
    """

    help: str
    names: tuple[str, ...] = ()


ROLES: dict[str, Role] = {
    "score": Role(
        "column of answers that are scored; for NPS 0–10, to the recommend question",
        ("score", "nps", "nps score", "nps rating", "likelihood to recommend", "điểm nps",
         "diem nps", "mức độ sẵn sàng giới thiệu", "khả năng giới thiệu"),
    ),
    "date": Role(
        "column of dates; only the day is read, as written",
        ("date", "responded at", "response date", "recorded date", "recordeddate", "enddate",
         "end date", "submitted at", "submit date", "timestamp", "created at", "completed at",
         "survey date", "answered at", "ordered at", "order date", "invoice date", "invoicedate",
         "purchase date", "transaction date", "payment date", "ngày", "ngày trả lời",
         "ngày khảo sát", "ngày đặt hàng", "ngày mua", "thời gian"),
    ),
    "customer": Role(
        "column of customer ids",
        ("customer", "customer id", "customerid", "client id", "account id", "user id", "email",
         "mã khách hàng", "mã kh", "khách hàng"),
    ),
    "amount": Role(
        "column of money; `rows` counts rows where a command allows it",
        ("amount", "total", "revenue", "net amount", "order total", "order amount", "total price",
         "sales", "net sales", "spend", "value", "line total", "order value", "số tiền",
         "doanh thu", "thành tiền", "tổng tiền", "giá trị đơn hàng"),
    ),
    "quantity": Role(
        "column of quantities; with --price, where there is no amount",
        ("quantity", "qty", "units", "số lượng"),
    ),
    "price": Role(
        "column of prices of one unit; with --quantity, where there is no amount",
        ("price", "unit price", "unitprice", "đơn giá"),
    ),
    "order": Role(
        "column of order numbers: rows of one order are one purchase",
        ("order", "order id", "order number", "orderid", "invoice", "invoiceno", "invoice no",
         "invoice number", "transaction id", "mã đơn hàng", "số hóa đơn"),
    ),
    "currency": Role(
        "column of currencies; more than one cannot be added up",
        ("currency", "currency code", "đơn vị tiền", "loại tiền"),
    ),
    "owner": Role("column of the people in charge", ("owner", "deal owner", "assignee", "agent")),
    "source": Role(
        "column that says where a new customer came from",
        ("source", "acquisition source", "lead source", "leadsource", "channel source", "nguồn"),
    ),
    "referrer": Role(
        "column of the customer who referred this one",
        ("referrer", "referrer id", "referred by", "referrer customer id", "referring customer",
         "người giới thiệu"),
    ),
    "stage": Role(
        "column of stages of the journey",
        ("stage", "journey stage", "touchpoint", "giai đoạn", "điểm chạm"),
    ),
    "channel": Role("column of channels", ("channel", "kênh")),
    "count": Role("column of counts: each row stands for so many answers"),
    "weight": Role("column of weights, 0 or more; a blank weight is left out"),
    "cluster": Role("column of clusters: answers of one customer or account go together"),
    "comment": Role(
        "column of comments",
        ("comment", "comments", "feedback", "verbatim", "góp ý", "ý kiến", "nhận xét"),
    ),
    "by": Role("column to group by; `a,b` crosses, a repeated option makes separate tables"),
}  # fmt: skip


# Known names of the score by command, where it is not that of NPS.
SCORES: dict[str, tuple[str, ...]] = {
    "csat": ("csat", "csat score", "satisfaction", "satisfaction score", "satisfaction rating",
             "overall satisfaction", "customer satisfaction", "customer satisfaction score",
             "mức độ hài lòng", "muc do hai long", "độ hài lòng", "hài lòng", "điểm csat",
             "điểm hài lòng"),
    "ces": ("ces", "ces score", "effort", "effort score", "customer effort",
            "customer effort score", "ease", "ease score", "mức độ dễ dàng", "điểm ces",
            "mức độ nỗ lực"),
}  # fmt: skip

# Options besides roles whose values are names of columns.
NAMING = frozenset({
    "item", "start", "end", "duration", "ended", "explain", "unit", "outcome", "success", "ease",
    "emotion", "standardise", "stages", "expected", "perceived", "drivers",
})  # fmt: skip

# Layouts of exports, each a module in `reading/layouts`, in the order in which they are tried.
LAYOUTS = (
    "qualtrics", "surveymonkey", "typeform", "zendesk", "shopify", "stripe", "square", "medallia",
    "delighted", "asknicely", "customergauge-revenue", "customergauge", "forsta", "hubspot",
    "hubspot-deals", "salesforce", "woocommerce", "friendbuy", "saasquatch", "referralhero",
    "inmoment", "google-forms",
)  # fmt: skip


# Those of answers to a survey, in which nobody looks for orders.
SURVEYS = ("qualtrics", "surveymonkey", "typeform", "zendesk", "medallia", "delighted", "asknicely",
           "customergauge", "forsta", "inmoment")  # fmt: skip


class Option(NamedTuple):
    """An option of a command.

    Args:
        help: one line.
        panel: the help panel it stands in.
        choices: its values, if they are a closed list.
        metavar: the value's name in the help.
    """

    help: str
    panel: Literal["Input", "Columns", "Slice", "Statistics", "Output", "Reading"]
    choices: tuple[str, ...] = ()
    metavar: str = ""


OPTIONS: dict[str, Option] = {
    # Input
    "for_": Option("say what stands in the way of this command", "Input", metavar="COMMAND"),
    "orders": Option("file of orders: customer, date, amount", "Input", metavar="FILE"),
    "survey": Option("file of answers, for the NPS category of each customer", "Input",
                     metavar="FILE"),
    "referrals": Option("file of referrals: customer and referrer", "Input", metavar="FILE"),
    "rows": Option("how many rows are made", "Input", metavar="N"),
    # Columns
    **{
        name: Option(role.help, "Columns", metavar="COL")
        for name, role in ROLES.items()
        if name not in ("by", "owner")
    },
    "success": Option("column of answers on how well it met the need", "Columns", metavar="COL"),
    "ease": Option("column of answers on how easy it was", "Columns", metavar="COL"),
    "emotion": Option("column of answers on how it felt", "Columns", metavar="COL"),
    "stages": Option("columns of answers, one for each stage, in order", "Columns",
                     metavar="COL,COL"),
    "unit": Option("column of branches, teams or people to be compared", "Columns", metavar="COL"),
    "expected": Option("columns of what was expected, in the order of --perceived", "Columns",
                       metavar="COL,COL"),
    "perceived": Option("columns of what was experienced, in the order of --expected", "Columns",
                        metavar="COL,COL"),
    "explain": Option("column of groups that the change is split by", "Columns", metavar="COL"),
    "outcome": Option("column of the answer that is to be explained", "Columns", metavar="COL"),
    "drivers": Option("columns of answers that may explain it", "Columns", metavar="COL,COL"),
    "start": Option("column of days on which customers began", "Columns", metavar="COL"),
    "end": Option("column of days on which customers left; blank: still here", "Columns",
                  metavar="COL"),
    "duration": Option("column of times from the beginning, with --ended", "Columns",
                       metavar="COL"),
    "ended": Option("column that says whether the customer left, with --duration", "Columns",
                    metavar="COL"),
    "standardise": Option("columns whose mix is made the same in all categories", "Columns",
                          metavar="COL,COL"),
    "item": Option("column of what is ranked (default: the customer)", "Columns", metavar="COL"),
    # Slice
    "by": Option(ROLES["by"].help, "Slice", metavar="COL[,COL]"),
    "period": Option("a row for each period", "Slice", ("week", "month", "quarter", "year")),
    "where": Option("keep the rows for which this SQL condition holds", "Slice", metavar="SQL"),
    "since": Option("from this day or period on: 2026, 2026-Q3, 2026-07, 2026-W31, a date", "Slice",
                    metavar="DATE"),
    "until": Option("up to this day or period, inclusive", "Slice", metavar="DATE"),
    "last": Option("only the last N periods (needs --period)", "Slice", metavar="N"),
    "fiscal_start": Option("first month of the fiscal year, 1–12", "Slice", metavar="M"),
    "partial": Option("test the unfinished last period too", "Slice"),
    "keep": Option("which answers of a customer count in a period (needs a date and a customer)",
                   "Slice", ("all", "first", "last")),
    "of": Option("the period that is looked at (default: the last full one)", "Slice",
                 metavar="PERIOD"),
    "to": Option("what to compare with: previous, year-ago or a period such as 2026-Q1", "Slice",
                 metavar="PERIOD"),
    "stage_order": Option("stages in their order, if the file does not give it", "Slice",
                          metavar="S1,S2"),
    "active_within": Option("active is who bought within so long, such as 90d, not in the period",
                            "Slice", metavar="TIME"),
    "as_of": Option("the day up to which customers are followed (default: the file's last)",
                    "Slice", metavar="DATE"),
    "revenue": Option("orders before the last one of the file, or after each answer", "Slice",
                      ("before", "after")),
    "horizon": Option("how long a time is looked at, such as 12mo", "Slice", metavar="TIME"),
    # Statistics
    "view": Option("which of its tables", "Statistics", metavar="NAME"),
    "metric": Option("the measure", "Statistics", metavar="NAME"),
    "method": Option("how it is computed", "Statistics", metavar="NAME"),
    "model": Option("the model that is fitted", "Statistics", metavar="NAME"),
    "scale": Option("lowest and highest answer", "Statistics", metavar="LOW-HIGH"),
    "box": Option("how many answers at an end of the scale count as its box", "Statistics",
                  metavar="N"),
    "direction": Option("whether high answers mean ease or effort", "Statistics",
                        ("ease", "effort")),
    "believed": Option("the share that is believed to be satisfied, such as 85%", "Statistics",
                       metavar="SHARE"),
    "time_unit": Option("unit of times", "Statistics", ("day", "week", "month", "quarter", "year")),
    "margin": Option("share of revenue that is profit: 0.4 or 40%", "Statistics", metavar="X"),
    "discount": Option("discount rate a year, such as 0.1 or 10%", "Statistics", metavar="X"),
    "what_if": Option("share of detractors who become passives, such as 10%", "Statistics",
                      metavar="SHARE"),
    "cost": Option("what it costs, in the currency of the file", "Statistics", metavar="X"),
    "share": Option("the top so many percent of the items are looked at", "Statistics",
                    metavar="PCT"),
    "earned": Option("sources that count as earned, such as referral,word-of-mouth", "Statistics",
                     metavar="S1,S2"),
    "population": Option("customers on the list that was surveyed, for the whole and each period",
                         "Statistics", metavar="N"),
    "target": Option("a score to be met, −100…100; gives the probability of having met it",
                     "Statistics", metavar="X"),
    "interval": Option("how the interval is computed", "Statistics",
                       ("adjusted-wald", "score", "wald", "bayes")),
    "confidence": Option("confidence level, 50–99.9 (or 0.5–0.999)", "Statistics", metavar="PCT"),
    "min_n": Option("below so many answers a group is flagged and not tested", "Statistics",
                    metavar="N"),
    "suppress": Option("below so many answers a group's figures are withheld", "Statistics",
                       metavar="N"),
    "adjust": Option("adjustment of p-values for several tests", "Statistics",
                     ("holm", "bh", "none")),
    "seed": Option("where random draws begin: the same seed, the same figures", "Statistics",
                   metavar="N"),
    # Output
    "format": Option("how the result is written", "Output",
                     ("table", "csv", "json", "ndjson", "md")),
    "json": Option("short for --format json", "Output"),
    "csv": Option("short for --format csv", "Output"),
    "output": Option("write to a file: .csv .json .ndjson .md .xlsx .parquet; - is stdout",
                     "Output", metavar="FILE"),
    "chart": Option("draw a chart: .png, .svg or .pdf", "Output", metavar="FILE"),
    "title": Option("title of the chart, instead of the finding", "Output", metavar="TEXT"),
    "tally": Option("write counts of rows by these columns, for --count n, instead of the rows",
                    "Output", metavar="COL[,COL]"),
    "limit": Option("print only the first N rows of a table", "Output", metavar="N"),
    "width": Option("width of a printed table, in characters", "Output", metavar="N"),
    "precision": Option("decimals of printed figures", "Output", metavar="N"),
    "color": Option("colour in the terminal", "Output", ("auto", "always", "never")),
    "ascii": Option("print with ASCII characters only, where the data allows", "Output"),
    "lang": Option("language of headings and charts", "Output", ("en", "vi")),
    "strict": Option("a warning stops the command: exit code 3, nothing written", "Output"),
    "quiet": Option("no assumptions and notes on stderr", "Output"),
    "verbose": Option("more notes on stderr", "Output"),
    # Reading
    "input_format": Option("layout of the file, if it is not to be recognised", "Reading",
                           ("plain", *LAYOUTS, "spss")),
    "sheet": Option("sheet of an Excel workbook, by name or number", "Reading", metavar="NAME"),
    "keep_previews": Option("keep previews and tests, which are left out otherwise", "Reading"),
    "keep_unfinished": Option("keep answers that were not finished", "Reading"),
    "gross": Option("money as it stands: cancellations, refunds and rows not above 0 are left out",
                    "Reading"),
    "null": Option("a value that stands for no answer; may be repeated", "Reading",
                   metavar="VALUE"),
    "encoding": Option("text encoding, if not UTF-8: cp1252, cp1258, utf-16, …", "Reading",
                       metavar="NAME"),
    "delimiter": Option("field delimiter: , ; | or tab", "Reading", metavar="CHAR"),
    "decimal": Option("decimal mark of numbers", "Reading", (".", ",")),
    "date_format": Option("format of dates, such as %d/%m/%Y", "Reading", metavar="FMT"),
    "memory": Option("spill to disk beyond so many megabytes", "Reading", metavar="MB"),
    "config": Option("configuration file (default: cxkit.toml in this folder)", "Reading",
                     metavar="FILE"),
}  # fmt: skip


# A column of times in a unit, or of a figure after so many.
_TIMED = re.compile(r"(?:time|survival:([0-9.]+)):(days|weeks|months|quarters|years)")


def label(name: str, lang: str = "en", **values: Any) -> str:
    """The heading of a column; a name the glossary lacks is the user's own and stands as it is.

    Example:
        >>> label("nps"), label("time:months"), label("survival:1:months")
        ('NPS', 'months', '1 month')
    """
    term = COLUMNS.get(name)
    if term is None and (timed := _TIMED.fullmatch(name)):
        unit = timed[2].removesuffix("s") if timed[1] == "1" else timed[2]
        return " ".join(filter(None, (timed[1], phrase(f"unit-{unit}", lang))))
    text = name if term is None else getattr(term, lang)
    return text.format(**values) if values else text


def worded(name: str, raw: Any, lang: str) -> Any:
    """A word that stands in a row, in a language; what the glossary lacks stays as it is."""
    return VALUES.get(name, {}).get(raw, raw) if lang == "vi" and isinstance(raw, str) else raw


def phrase(key: str, lang: str = "en", values: Mapping[str, Any] | None = None) -> str:
    """A sentence of the glossary with its values filled in."""
    text = PHRASES[key][lang == "vi"]
    return text.format_map(values) if values else text
