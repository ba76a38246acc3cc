"""The glossary: every column, role, option and phrase, once, in English and Vietnamese.

Headings, number formats, axis labels, option help, docstrings and the reference pages are all
made from here. Keys that machines read (JSON, CSV, column names) stay English.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

Kind = Literal["text", "count", "points", "change", "rate", "p", "probability", "number", "list"]


class Term(NamedTuple):
    """A word of a result.

    Args:
        en, vi: the heading.
        kind: how its values are written: `points` and `change` signed and rounded to whole points,
            `rate` as a percentage, `count` with thousands, `p` never as 0.000.
        meaning: one sentence for the reference.
    """

    en: str
    vi: str
    kind: Kind
    meaning: str


# Columns of `rows` and entries of `summary`, and headings of composed display columns.
COLUMNS: dict[str, Term] = {
    "table": Term("table", "bảng", "text", "the `by` columns of this table, joined by commas"),
    "period": Term("period", "kỳ", "text", "the period, by the date as written"),
    "n": Term("n", "n", "count", "valid answers"),
    "missing": Term("missing", "thiếu", "count", "rows without an answer"),
    "invalid": Term("invalid", "không hợp lệ", "count", "answers that are not on the scale"),
    "detractors": Term("detractors", "không ủng hộ", "count", "answers 0–6"),
    "passives": Term("passives", "trung lập", "count", "answers 7–8"),
    "promoters": Term("promoters", "ủng hộ", "count", "answers 9–10"),
    "detractor_rate": Term("det", "không ủng hộ", "rate", "share of detractors, 0–1"),
    "passive_rate": Term("pas", "trung lập", "rate", "share of passives, 0–1"),
    "promoter_rate": Term("pro", "ủng hộ", "rate", "share of promoters, 0–1"),
    "nps": Term("NPS", "NPS", "points", "promoters minus detractors, −100…100 points"),
    "ci_low": Term("low", "cận dưới", "points", "lower limit of the row's main figure"),
    "ci_high": Term("high", "cận trên", "points", "upper limit of the row's main figure"),
    "n_effective": Term("n eff.", "n hiệu dụng", "number", "effective sample size, with weights"),
    "compared_with": Term("compared with", "so với", "text", "what the row is compared with"),
    "diff": Term("change", "chênh lệch", "change", "the row minus what it is compared with"),
    "diff_low": Term("diff low", "chênh lệch dưới", "change", "lower limit of the difference"),
    "diff_high": Term("diff high", "chênh lệch trên", "change", "upper limit of the difference"),
    "p_value": Term("p raw", "p thô", "p", "p-value of the difference, two-sided, unadjusted"),
    "p_adjusted": Term("p", "p", "p", "p-value adjusted for all tests of one table"),
    "flags": Term("flags", "ghi chú", "list", "no-data, low-n, partial, suppressed"),
    "omnibus_p": Term("p (all groups)", "p (mọi nhóm)", "p", "test that all groups are alike"),
    "target": Term("target", "mục tiêu", "points", "the score to be met"),
    "target_probability": Term(
        "chance of having met the target",
        "xác suất đạt mục tiêu",
        "probability",
        "posterior probability that the score is at least the target (Jeffreys prior)",
    ),
    "interval": Term("{confidence} CI", "KTC {confidence}", "text", "the interval, low to high"),
    "shares": Term("det·pas·pro", "kuh·tl·uh", "text", "the three shares as one bar"),
    "rest": Term("vs rest", "so phần còn lại", "change", "against all other groups together"),
    "previous": Term("change", "thay đổi", "change", "against the previous period"),
    # check
    "severity": Term("severity", "mức độ", "text", "error, warning or info"),
    "code": Term("code", "mã", "text", "the name of the kind of problem"),
    "column": Term("column", "cột", "text", "the column that it is about"),
    "count": Term("count", "số lần", "count", "how often it was met"),
    "first_line": Term(
        "first line",
        "dòng đầu",
        "count",
        "the line of the file where it was met first; the header is line 1",
    ),
    "message": Term("message", "nội dung", "text", "the problem in one sentence"),
    "fix": Term("fix", "cách sửa", "text", "what to do, or the option that settles it"),
    "layout": Term(
        "layout", "mẫu tệp", "text", "the layout of the export, `plain` if none is known"
    ),
    "rows": Term("rows", "dòng", "count", "rows of data"),
    "columns": Term("columns", "cột", "count", "columns"),
    "roles": Term("roles", "vai trò", "list", "which column plays which part"),
    "profile": Term("profile", "mô tả cột", "list", "what each column holds"),
    "role": Term("role", "vai trò", "text", "the part that the column plays"),
    "holds": Term("holds", "chứa", "text", "what its cells are"),
    "filled_rate": Term("filled", "đã điền", "rate", "share of rows with a cell that is not blank"),
    "distinct": Term("distinct", "khác nhau", "count", "distinct cells; about, if there are many"),
    "example": Term("example", "ví dụ", "text", "a cell, or its shape"),
    # convert
    "file": Term("file", "tệp", "text", "the file that was written"),
    "format": Term("format", "định dạng", "text", "its format"),
}


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
        "column of 0–10 answers to the recommend question",
        ("score", "nps", "nps score", "nps rating", "likelihood to recommend", "điểm nps",
         "diem nps", "mức độ sẵn sàng giới thiệu", "khả năng giới thiệu"),
    ),
    "date": Role(
        "column of dates; only the day is read, as written",
        ("date", "responded at", "response date", "recorded date", "recordeddate", "enddate",
         "end date", "submitted at", "submit date", "timestamp", "created at", "completed at",
         "survey date", "answered at", "ngày", "ngày trả lời", "ngày khảo sát", "thời gian"),
    ),
    "customer": Role(
        "column of customer ids",
        ("customer", "customer id", "customerid", "client id", "account id", "user id", "email",
         "mã khách hàng", "mã kh", "khách hàng"),
    ),
    "count": Role("column of counts: each row stands for so many answers"),
    "weight": Role("column of weights, 0 or more; a blank weight is left out"),
    "cluster": Role("column of clusters: answers of one customer or account go together"),
    "comment": Role(
        "column of comments",
        ("comment", "comments", "feedback", "verbatim", "góp ý", "ý kiến", "nhận xét"),
    ),
    "by": Role("column to group by; `a,b` crosses, a repeated option makes separate tables"),
}  # fmt: skip


# Layouts of exports, each a module in `reading/layouts`, in the order in which they are tried.
LAYOUTS = (
    "qualtrics", "surveymonkey", "typeform", "zendesk", "medallia", "delighted", "asknicely",
    "customergauge", "forsta", "hubspot", "inmoment", "google-forms",
)  # fmt: skip


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
    # Columns
    **{
        name: Option(role.help, "Columns", metavar="COL")
        for name, role in ROLES.items()
        if name != "by"
    },
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
    # Statistics
    "scale": Option("0-10, or 1-11 for position codes (one is subtracted)", "Statistics",
                    ("0-10", "1-11")),
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
    "to": Option("write the import layout of another program", "Output",
                 ("customergauge-responses",)),
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


# Sentences of tables and charts. The words of difference (trails, leads, rose, fell) are chosen
# by the analysis, and only where the difference was tested and is significant.
PHRASES: dict[str, tuple[str, str]] = {
    "all": ("all", "tất cả"),
    "blank": ("(blank)", "(trống)"),
    "to": ("to", "đến"),
    "previous": ("change", "thay đổi"),
    "rest": ("vs rest", "so phần còn lại"),
    "leads": ("{name} leads the rest by {points} points",
              "{name} cao hơn phần còn lại {points} điểm"),
    "trails": (
        "{name} trails the rest by {points} points",
        "{name} thấp hơn phần còn lại {points} điểm",
    ),
    "alike": ("{nps} overall, no clear difference between groups",
              "{nps} chung, không có khác biệt rõ giữa các nhóm"),
    "whole": ("NPS {nps}", "NPS {nps}"),
    "rose": ("NPS rose {points} points to {nps}", "NPS tăng {points} điểm lên {nps}"),
    "fell": ("NPS fell {points} points to {nps}", "NPS giảm {points} điểm còn {nps}"),
    "steady": ("NPS {nps}, no clear change since {period}",
               "NPS {nps}, không thay đổi rõ từ {period}"),
    "group-rose": ("{name} rose {points} points to {nps}", "{name} tăng {points} điểm lên {nps}"),
    "group-fell": ("{name} fell {points} points to {nps}", "{name} giảm {points} điểm còn {nps}"),
    "steady-groups": ("No group has clearly changed since {period}",
                      "Không nhóm nào thay đổi rõ từ {period}"),
    "marks-rest": (
        "▲▼ differs from the other groups, p < {alpha}, {adjust} for {tests} tests",
        "▲▼ khác các nhóm còn lại, p < {alpha}, {adjust} cho {tests} kiểm định",
    ),
    "marks-previous": (
        "▲▼ differs from the previous period, p < {alpha}, {adjust} for {tests} tests",
        "▲▼ khác kỳ trước, p < {alpha}, {adjust} cho {tests} kiểm định",
    ),
    "adjust-holm": ("Holm-adjusted", "hiệu chỉnh Holm"),
    "adjust-bh": ("Benjamini–Hochberg-adjusted", "hiệu chỉnh Benjamini–Hochberg"),
    "adjust-none": ("not adjusted", "không hiệu chỉnh"),
    "marks-words": ("“above” or “below”:", "“cao hơn” hoặc “thấp hơn”:"),
    "above-rest": ("above the rest", "cao hơn phần còn lại"),
    "below-rest": ("below the rest", "thấp hơn phần còn lại"),
    "above-previous": ("above the previous period", "cao hơn kỳ trước"),
    "below-previous": ("below the previous period", "thấp hơn kỳ trước"),
    "partial": ("partial", "chưa đủ kỳ"),
    "few": ("few answers", "ít câu trả lời"),
    "withheld": ("withheld", "không nêu"),
    "low-n": ("( ) fewer than {minimum} answers: not tested",
              "( ) dưới {minimum} câu trả lời: không kiểm định"),
    "suppressed": ("* withheld: too few answers, or could be worked out from the rest",
                   "* không nêu: quá ít câu trả lời, hoặc có thể suy ra từ phần còn lại"),
    "rounded": ("shares are rounded and may not sum to 100%",
                "tỷ lệ đã làm tròn, tổng có thể khác 100%"),
    "columns-hidden": ("{columns} columns hidden, --width {width}",
                       "ẩn {columns} cột, --width {width}"),
    "rows-hidden": ("{count} rows not shown, -n {total} shows all",
                    "còn {count} dòng chưa hiện, -n {total} để hiện hết"),
    # check
    "check-clean": ("{name}: no problems; {layout}, {count} rows, {columns} columns",
                    "{name}: không có vấn đề; {layout}, {count} dòng, {columns} cột"),
    "check-doubts": (
        "{name}: {problems} problems, no errors; {layout}, {count} rows, {columns} columns",
        "{name}: {problems} vấn đề, không có lỗi; {layout}, {count} dòng, {columns} cột"),
    "check-errors": (
        "{name}: {problems} problems, {errors} errors; {layout}, {count} rows, {columns} columns",
        "{name}: {problems} vấn đề, {errors} lỗi; {layout}, {count} dòng, {columns} cột"),
    "check-clean-for": (
        "{name}: nothing stands in the way of {command}; {layout}, {count} rows, {columns} columns",
        "{name}: không có gì cản {command}; {layout}, {count} dòng, {columns} cột"),
    "check-doubts-for": (
        "{name}: nothing stands in the way of {command}, {problems} warnings; {layout}, {count} "
        "rows, {columns} columns",
        "{name}: không có gì cản {command}, {problems} cảnh báo; {layout}, {count} dòng, "
        "{columns} cột"),
    "first-line": ("; first at line {first_line}", "; dòng đầu tiên: {first_line}"),
    "one-line": ("; line {first_line}", "; dòng {first_line}"),
    "fix": ("fix", "cách sửa"),
    # charts
    "answers": ("{count} answers, {left_out} rows left out",
                "{count} câu trả lời, bỏ {left_out} dòng"),
    "interval-adjusted-wald": ("{confidence} adjusted Wald intervals",
                               "khoảng tin cậy {confidence}, Wald hiệu chỉnh"),
    "interval-score": ("{confidence} score intervals",
                       "khoảng tin cậy {confidence}, phương pháp điểm"),
    "interval-wald": ("{confidence} Wald intervals", "khoảng tin cậy {confidence}, Wald"),
    "interval-bayes": ("{confidence} Bayesian intervals (Jeffreys prior)",
                       "khoảng Bayes {confidence} (tiên nghiệm Jeffreys)"),
    "chart-measure-nps": ("Net Promoter Score, −100 to +100 points",
                          "Điểm NPS, từ −100 đến +100"),
    "chart-by": ("{measure}, by {name}", "{measure}, theo {name}"),
    "chart-band": ("band: {span}", "dải: {span}"),
    "chart-too-few": ("withheld: too few answers", "không nêu: quá ít câu trả lời"),
    "chart-no-answers": ("no answers", "không có câu trả lời"),
    "chart-nothing": ("nothing to draw", "không có gì để vẽ"),
    "chart-brackets": ("( ) few answers: not tested", "( ) ít câu trả lời: không kiểm định"),
    "chart-pale": ("grey point: few answers, not tested",
                   "điểm xám: ít câu trả lời, không kiểm định"),
    "chart-gaps": ("gaps: too few answers", "chỗ trống: quá ít câu trả lời"),
    "chart-hollow": ("○ unfinished period", "○ kỳ chưa kết thúc"),
    "chart-axis": ("axis does not span {span}", "trục không trải từ {span}"),
    "chart-never": ("not drawn for too few answers: {names}",
                    "không vẽ vì quá ít câu trả lời: {names}"),
    "chart-cut": ("{count} with the fewest answers not drawn",
                  "không vẽ {count} nhóm có ít câu trả lời nhất"),
    "chart-first": ("first", "đầu tiên"),
    "chart-lowest": ("lowest", "thấp nhất"),
    "chart-highest": ("highest", "cao nhất"),
    "chart-last": ("last", "gần nhất"),
}  # fmt: skip


def label(name: str, lang: str = "en", **values: Any) -> str:
    """The heading of a column; a name the glossary lacks is the user's own and stands as it is."""
    term = COLUMNS.get(name)
    text = name if term is None else getattr(term, lang)
    return text.format(**values) if values else text


def phrase(key: str, lang: str = "en", values: Mapping[str, Any] | None = None) -> str:
    """A sentence of the glossary with its values filled in."""
    text = PHRASES[key][lang == "vi"]
    return text.format_map(values) if values else text


def kind(name: str) -> Kind:
    """How the values of a column are written; the user's own columns are text."""
    term = COLUMNS.get(name)
    return "text" if term is None else term.kind
