"""Survival: how many customers are still here after how long, and whether groups differ in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from cxkit.orders.curves import CURVE, FIGURES, SURE, Curves, Group, curves, rank
from cxkit.result import Chart, Interval, Note, Result, Table
from cxkit.surveys import groups as side

if TYPE_CHECKING:
    import polars as pl

    from cxkit.orders.clocks import Clock
    from cxkit.orders.tenure import Tenures
    from cxkit.slices import Slice
    from cxkit.source import Source

EXAMPLES = (
    "cxkit survival customers.csv --start signed_up --end cancelled",
    "cxkit survival customers.csv --start signed_up --end cancelled --by plan --chart survival.png",
    "cxkit survival customers.csv --duration months --ended churned --by nps_group",
)
HELP = {
    "count": "column of counts: each row stands for so many customers",
    "by": "column to group by: a curve for each group, tested; `a,b` crosses",
    "min_n": "groups of fewer customers are not tested",
}

TESTS = ("logrank_p", "trend_p")
# Times of which a printed table tells survival, by unit; the first row of each is about a year.
YEAR = {"day": 365, "week": 52, "month": 12, "quarter": 4, "year": 1}
TIMES = {
    "day": (7, 30, 90, 180, 365, 730, 1095, 1825, 3650),
    "week": (4, 13, 26, 52, 104, 156, 260, 520),
    "month": (1, 3, 6, 12, 24, 36, 60, 120),
    "quarter": (1, 2, 4, 8, 12, 20, 40),
    "year": (1, 2, 3, 5, 10, 20),
}
WIDE = 4  # such times in a table of groups


def survival(
    data: Source,
    *,
    start: str | None = None,
    end: str | None = None,
    duration: str | None = None,
    ended: str | None = None,
    time_unit: Literal["day", "week", "month", "quarter", "year"] = "month",
    as_of: str | None = None,
    count: str | None = None,
    by: Sequence[str | tuple[str, ...]] = (),
    where: Sequence[str] = (),
    confidence: float = 95,
    min_n: int = 30,
) -> Result:
    """How long customers stay: Kaplan–Meier curves, medians, and tests between groups.

    Who has no end, or one after `as_of`, is still here on that day. Time is counted in days and
    told in the unit asked: a month is 365.25 / 12 days, exactly, not one of the calendar. All
    clocks must start at the same kind of event: groups by a survey start at the survey.

    Args:
        data: customers.

    Returns:
        For each group a row for each time at which customers left or were last seen: `time
        at_risk events censored survival ci_low ci_high`. The summary has `n events median
        median_low median_high` of the whole, `logrank_p` and `trend_p` of the groups, and in
        `groups` the same of each group. The trend is tested where groups have an order: numbers,
        or detractor, passive, promoter. With several tables the p-values stand in `groups` only.

    Raises:
        RequestError: columns or options that are wrong, or do not go together.
        DataError: no rows, no dates, or no customer that is used.

    Formula:
        S(t) = Π (1 − d / n) over times up to t (Kaplan & Meier 1958); limits on the log-log scale
        with Greenwood's variance; median: first time with S ≤ ½, limits by Brookmeyer & Crowley
        (1982). Log-rank test (Mantel 1966), for trend (Tarone 1975).

    Example:
        >>> import polars as pl, cxkit
        >>> customers = pl.DataFrame({"months": [3, 5, 5, 8, 12], "left": [1, 1, 0, 1, 0]})
        >>> found = cxkit.survival(customers, duration="months", ended="left")
        >>> found.summary["median"], found.rows["survival"].round(3).to_list()
        (8.0, [0.8, 0.6, 0.3, 0.3])
    """
    from cxkit.orders.clocks import Clock
    from cxkit.orders.tenure import read_tenures
    from cxkit.slices import Slice

    tables = tuple((one,) if isinstance(one, str) else tuple(one) for one in by) or ((),)
    piece = Slice(by=tables, count=count, where=tuple(where))
    clock = Clock(start, end, duration, ended, time_unit, as_of)
    found = read_tenures(data, piece, clock)
    level = confidence / 100 if confidence > 1 else confidence
    whole = curves(found.rows, (), (), level, min_n).groups[0]
    return _result(_Study(found, piece, clock, level, min_n, whole))


class _Study(NamedTuple):
    """The customers, how they are grouped, their clock, what is asked, and all of them together."""

    found: Tenures
    piece: Slice
    clock: Clock
    confidence: float
    min_n: int
    whole: Group

    def curves(self, columns: Sequence[str]) -> Curves:
        """The curves of the groups of these columns."""
        every = self.piece.columns
        return curves(self.found.rows, columns, every, self.confidence, self.min_n)

    @property
    def several(self) -> bool:
        """Whether there are several tables."""
        return len(self.piece.by) > 1

    @property
    def names(self) -> dict[str, str]:
        """What the user's columns are called in the result."""
        return side.column_names(self.piece.columns, ("table", *CURVE, *FIGURES, *TESTS))

    @property
    def moment(self) -> float:
        """The time that a sentence about all customers is about."""
        return _moment([self.whole], self.clock)

    def keys(self, curves: Curves, group: Group) -> dict[str, Any]:
        """What names a group in rows: its table, if there are several, and its values."""
        table = {"table": ",".join(curves.columns)} if self.several else {}
        columns = [self.names[column] for column in curves.columns]
        return table | dict(zip(columns, group.names, strict=True))


def _result(study: _Study) -> Result:
    """The curves of every table, and what people are shown of them."""
    import polars as pl

    found, clock, piece = study.found, study.clock, study.piece
    tables = [study.curves(table) for table in piece.by]
    rows = pl.concat([_rows(study, one) for one in tables], how="diagonal")
    tests = dict.fromkeys(TESTS) if study.several else tables[0].tests
    listed = [
        study.keys(one, group) | group.figures | one.tests
        for one in tables
        if one.columns
        for group in one.groups
    ]
    count = {"count": piece.count} if piece.count else {}
    return Result(
        command="survival",
        rows=rows.select("table", *study.names.values(), *CURVE),
        summary=study.whole.figures | tests | {"groups": listed},
        ledger=found.ledger,
        notes=(*found.notes, *_notes(study, tables)),
        inputs=found.inputs,
        columns=clock.roles | count | {"by": list(piece.columns)},
        params={"time_unit": clock.unit, "as_of": found.as_of, "min_n": study.min_n,
                "confidence": study.confidence, "where": list(piece.where)},
        tables=tuple(_table(study, one) for one in tables),
        charts=tuple(_chart(study, one) for one in tables),
        kinds=_kinds(clock),
    )  # fmt: skip


def _rows(study: _Study, curves: Curves) -> pl.DataFrame:
    """The curves of one table, one below the other."""
    import polars as pl

    every = {"table": None} | dict.fromkeys(study.names.values())
    return pl.concat(
        group.curve.select(
            *(pl.lit(value, pl.String).alias(name)
              for name, value in (every | study.keys(curves, group)).items()),
            *CURVE,
        )
        for group in curves.groups
    )  # fmt: skip


# --- what is told -------------------------------------------------------------------------------


def _kinds(clock: Clock) -> dict[str, Any]:
    """How times in the unit, and survival after so many, are written."""
    after = {_after(time, clock): "rate" for time in TIMES[clock.unit]}
    return {f"time:{clock.units}": "number", **after}


def _after(time: float, clock: Clock) -> str:
    """The column of survival after a time."""
    return f"survival:{time:g}:{clock.units}"


def _times(groups: Sequence[Group], clock: Clock) -> list[int]:
    """The times that are told: those that some customers have reached."""
    last = max(float(one.curve["time"].max() or 0) for one in groups)  # type: ignore[arg-type]
    return [time for time in TIMES[clock.unit] if time <= last]


def _table(study: _Study, curves: Curves) -> Table:
    """A line for each group, or of the whole one for each of a few times."""
    import polars as pl

    from cxkit.stats.survival import survival_at

    clock = study.clock
    answer = _finding(study, curves) or _told(study)
    times: list[float] = [*_times(curves.groups, clock)]
    if not curves.columns:
        name = f"time:{clock.units}"
        whole = study.whole.curve
        at = survival_at(whole, times or whole["time"].tail(1).to_list())
        at = at.with_columns(pl.col("time").cast(pl.Int64)) if times else at
        return Table((), (name, "at_risk", "survival", Interval()), (), total=False, answer=answer,
                     rows=at.rename({"time": name}))  # fmt: skip
    shown = [time for time in times if time > 1 or len(times) <= WIDE][-WIDE:]
    rows = [_line(study, curves, group, shown) for group in curves.groups]
    kinds = {"median": pl.Float64, "median_low": pl.Float64, "median_high": pl.Float64}
    return Table(
        tuple(study.names[column] for column in curves.columns),
        ("n", "events", "median", Interval("median_low", "median_high"),
         *(_after(time, clock) for time in shown)),
        (),
        total=False,
        select=",".join(curves.columns) if study.several else None,
        answer=answer,
        footnotes=_footnotes(curves),
        rows=pl.DataFrame(rows, schema_overrides=kinds, infer_schema_length=None),
    )  # fmt: skip


def _line(study: _Study, curves: Curves, group: Group, times: Sequence[float]) -> dict[str, Any]:
    """One group: its figures, and survival after each time."""
    from cxkit.stats.survival import survival_at

    found = survival_at(group.curve, times)["survival"].to_list()
    columns = [_after(time, study.clock) for time in times]
    return study.keys(curves, group) | group.figures | dict(zip(columns, found, strict=True))


def _footnotes(curves: Curves) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    """The tests between the groups."""
    if curves.logrank_p is None:
        return ()
    if curves.trend_p is None:
        return (("survival-test", {"logrank_p": curves.logrank_p}),)
    return (("survival-trend", curves.tests),)


def _moment(groups: Sequence[Group], clock: Clock) -> float:
    """The time that a sentence is about: a year, or the longest time below it that customers
    enough have reached in every group."""
    reached = min(group.steady for group in groups)
    fit = [time for time in TIMES[clock.unit] if time <= min(reached, YEAR[clock.unit])]
    return fit[-1] if fit else reached


def _stated(time: float, clock: Clock) -> dict[str, Any]:
    """A time in a sentence, with its unit."""
    whole = int(time) if float(time).is_integer() else round(time, 2)
    return {"time": whole, "unit": clock.unit if whole == 1 else clock.units}


def _at(group: Group, time: float) -> float | None:
    from cxkit.stats.survival import survival_at

    share: float | None = survival_at(group.curve, [time])["survival"][0]
    return share


def _told(study: _Study) -> tuple[str, dict[str, Any]]:
    """How many are still here, and when half had left."""
    whole, time = study.whole, study.moment
    values = whole.figures | _stated(time, study.clock) | {"survival": _at(whole, time)}
    values["units"] = study.clock.units
    if values["median"] is None:
        return "survival-most", values
    known = values["median_low"] is not None and values["median_high"] is not None
    return "survival" if known else "survival-half", values


def _finding(study: _Study, curves: Curves) -> tuple[str, dict[str, Any]] | None:
    """What the test between groups allows to be said; None where there is none.

    Of groups in an order the trend is tested, and the two at its ends are told.
    """
    p = curves.logrank_p if curves.trend_p is None else curves.trend_p
    if p is None:
        return None
    if p >= round(1 - study.confidence, 10):
        values = {"survival": _at(study.whole, study.moment)}
        return "survival-alike", values | _stated(study.moment, study.clock)
    time = _moment(curves.tested, study.clock)
    ends = sorted(curves.ends, key=lambda one: _at(one, time) or 0.0)
    low, high = ends[0], ends[-1]
    values = {"survival": _at(high, time), "share": _at(low, time)}
    names = {"name": high.name, "other": low.name}
    return "survival-differ", values | names | _stated(time, study.clock)


def _chart(study: _Study, curves: Curves) -> Chart:
    """A step line for each group, with those at risk."""
    import polars as pl

    name = f"time:{study.clock.units}"
    flags = pl.when(pl.col("at_risk") < SURE).then(pl.lit(["low-n"]))
    rows = pl.concat(
        group.curve.select(
            pl.lit(group.name if curves.columns else None, pl.String).alias("group"),
            pl.col("time").alias(name),
            *CURVE[1:],
            flags.otherwise(pl.lit([], pl.List(pl.String))).alias("flags"),
        )
        for group in curves.groups
    )
    share = {"survival": _at(study.whole, study.moment)}
    plain = ("survival-title", share | _stated(study.moment, study.clock))
    return Chart(
        "steps", rows, name, "survival", "ci_low", "ci_high",
        series="group" if curves.columns else None, size="at_risk", ticks="censored",
        finding=_finding(study, curves) or plain,
        footnotes=(_foot(study), *_footnotes(curves)),
        name="-".join(curves.columns) if study.several else None,
    )  # fmt: skip


def _foot(study: _Study) -> tuple[str, dict[str, Any]]:
    """Who is followed, and what a curve takes for granted."""
    values = study.whole.figures | {"confidence": study.confidence}
    if study.found.as_of is None:
        return "survival-foot-durations", values
    return "survival-foot", values | {"date": study.found.as_of}


def _notes(study: _Study, tables: Sequence[Curves]) -> list[Note]:
    """Nobody who left, groups that are not tested, and clocks that start too early."""
    notes = []
    if not study.whole.figures["events"]:
        message = "no customer has left: the curve says nothing about when they will"
        notes.append(Note("no-events", "warning", message))
    for one in tables:
        few = sum(None not in group.names and group.n < study.min_n for group in one.groups)
        if few and len(one.groups) > 1:
            are = "1 group has" if few == 1 else f"{few:,} groups have"
            message = f"{are} fewer than {study.min_n} customers and "
            message += f"{'is' if few == 1 else 'are'} not tested"
            notes.append(Note("low-n", "info", message))
        if any(isinstance(rank(group.names), int) for group in one.groups):
            message = "groups are those of a survey: where clocks start before it, customers had "
            message += "to stay until it to be in a group, and seem to stay longer than they do"
            notes.append(Note("immortal-time", "info", message))
    return list(dict.fromkeys(notes))
