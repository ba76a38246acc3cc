"""What `cxkit help TOPIC` prints."""

from __future__ import annotations

TOPICS: dict[str, tuple[str, str]] = {
    "exit-codes": (
        "what the exit code says",
        """\
  0    done
  1    ran, and the answer is bad: a limit is broken, a check found errors
  2    the request is wrong: an option, a column, the configuration
  3    the data cannot answer: missing, broken or empty file, too few answers,
       or a warning with --strict
  70   a bug; nothing was written
  130  interrupted
  141  the reader of the pipe went away

On failure stdout is empty. Assumptions, notes and errors go to stderr.""",
    ),
    "formats": (
        "what is read, and what is written",
        """\
Written, by -f/--format or by the extension of -o:
  table    for people: rounded, with a headline; the same without colour in a pipe
  csv      exactly the rows, full precision, a header, flags joined by ;
  json     one object: rows, summary, ledger, notes, settings; null where undefined
  ndjson   exactly the rows, one JSON object a line
  md       a Markdown table for a document
  .xlsx    a workbook, numbers as numbers      .parquet  the rows with their types

`cxkit convert` writes the file itself, its rows with types or counts of them (--tally), as
.parquet, .csv, .xlsx or .ndjson.

Rates and shares are fractions 0-1, scores and differences are points -100...100,
dates are ISO. Charts: --chart FILE.png, .svg or .pdf.

Several FILEs are stacked by column name; - is standard input, and so is no FILE when
something is piped in. Text is UTF-8 or says so by its byte-order mark or --encoding.
An input file is never written to.""",
    ),
    "where": (
        "conditions for --where",
        """\
  --where "region = 'North'"                    text in single quotes
  --where "score >= 9 AND channel <> 'web'"     numbers are compared as numbers
  --where "date >= '2026-07-01'"                dates as dates
  --where '"customer type" IN (1, 2)'           a name with blanks in double quotes
  --where "comment IS NULL"                     = NULL matches nothing

A repeated --where must hold as well. Text is compared trimmed. A cell that cannot be
read as the number or date it is compared with does not match, and is counted.""",
    ),
    "methods": (
        "how the figures are computed",
        """\
  NPS         share of promoters (9-10) minus share of detractors (0-6), in points
  interval    adjusted Wald: Wald's interval after adding three answers, 3/4 promoter,
              3/2 passive, 3/4 detractor; also score, wald, bayes (--interval)
  groups      each against the rest of its table; with --period each against its own
              previous period
  p           two-sided; adjusted by Holm for all tests of one table (--adjust)
  few answers under --min-n a group is shown in brackets and not tested
  last period not tested while unfinished, unless --partial
  target      probability of having met it: Jeffreys posterior
  weights     --weight: weighted shares; interval and tests with Kish's effective number of
              answers, n_effective
  clusters    --cluster: answers of one customer or account go together; n_effective falls by
              the design effect (error summed within clusters), Student's t below 30 clusters
  population  --population N: answers are a sample of a list of N customers; n_effective is
              n (N - 1) / (N - n)

Without clusters answers are taken as independent. Blanks and invalid answers are left out and
counted. Every row of the file is accounted for in the ledger of -f json.""",
    ),
}  # fmt: skip


def overview() -> list[str]:
    """The topics with a line each."""
    return [f"  cxkit help {name:<12} {line}" for name, (line, _) in TOPICS.items()]
