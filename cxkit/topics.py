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
  table    for people: rounded, with a headline; in a pipe without colour
  csv      exactly the rows, full precision, a header, flags joined by ;
           (of survival the curve: a row for each time, not the printed table)
  json     one object: rows, summary, ledger, notes, settings; undefined is null
  ndjson   exactly the rows, one JSON object a line
  md       a Markdown table for a document
  .xlsx    a workbook, numbers as numbers; .parquet: the rows with their types

`cxkit convert` writes the file itself, its rows with types or counts of them
(--tally), as .parquet, .csv, .xlsx or .ndjson.

Rates and shares are fractions 0-1, scores and differences are points, dates
are ISO. Charts: --chart FILE.png, .svg or .pdf.

Several FILEs are stacked by column name; - is standard input, and so is no
FILE when something is piped in. Text is UTF-8 or says so by its byte-order
mark or --encoding. An input file is never written to.""",
    ),
    "where": (
        "conditions for --where",
        """\
  --where "region = 'North'"                    text in single quotes
  --where "score >= 9 AND channel <> 'web'"     numbers are compared as numbers
  --where "date >= '2026-07-01'"                dates as dates
  --where '"customer type" IN (1, 2)'           a name with blanks in double
                                                quotes
  --where "comment IS NULL"                     = NULL matches nothing

A repeated --where must hold as well. Text is compared trimmed. A cell that
cannot be read as the number or date it is compared with does not match, and is
counted.""",
    ),
    "methods": (
        "how the figures are computed",
        """\
Scores
  NPS          promoters (9-10) minus detractors (0-6), in points; adjusted Wald
               interval (three answers added); score, wald, bayes (--interval)
  csat         share of answers in the top boxes; Wilson's interval
  ces          mean answer; Student's t interval
  experience   net shares of success, ease, emotion, and their mean
  gap          mean of perceived minus expected, paired t; or a believed share
  compare      after minus before, split into scores and mix (Kitagawa)
  journey      each stage against the other stages of its channel; units by
               ICC(1), drawn to their mean; channels by a Markov chain
  drivers      relative weights (Johnson), LMG, noise driver; Kano by penalty
               and reward

Money
  monetize     revenue by NPS category, bootstrap (BCa) intervals; revenue at
               risk, value of a point, what-if
  retention    active: at least one row used in the period, a refund too;
               of those of the period before, how many still are; GRR, NRR
  survival     Kaplan-Meier with log-log limits; log-rank and trend tests
  clv          BG/NBD and gamma-gamma; sBG for contracts
  referrals    share who referred (Wilson), revenue behind them, K-factor
  pareto       top share, Gini, classes A, B, C; BCa, or linearised intervals
  growth       NRR, earned new revenue, earned growth

Groups and tests
  groups       each against the rest of its table; with --period each against
               its own previous period
  p            two-sided; adjusted by Holm for all tests of a table (--adjust)
  few answers  under --min-n in brackets and not tested; a last period that is
               not over is not tested either, unless --partial
  target       probability of having met it: Jeffreys posterior
  weights      --weight: weighted shares; intervals and tests with Kish's
               effective number of answers
  clusters     --cluster: answers of one customer go together, and are worth
               fewer; Student's t below 30 clusters
  population   --population N: answers are a sample of a list of N customers

Without clusters answers are taken as independent. Blanks and invalid answers
are left out and counted; -f json accounts for every row. Formulas, sources and
limits of each: docs/methods.md.""",
    ),
}  # fmt: skip


def overview() -> list[str]:
    """The topics with a line each."""
    return [f"  cxkit help {name:<12} {line}" for name, (line, _) in TOPICS.items()]
