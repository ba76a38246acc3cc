"""How customers go through a journey: from stage to stage, how far, and by which channels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cxkit.errors import DataError, visible
from cxkit.result import Chart, Interval, Note, Table

if TYPE_CHECKING:
    import polars as pl

    from cxkit.surveys.story import Phrase

START, END = "(start)", "(end)"
STEPS = 12  # the commonest, which a chart of the flow shows
FLOW = ("from", "to", "n", "rate", "flags")
FUNNEL = ("stage", "n", "step_rate", "step_low", "step_high", "cum_rate", "drop_rate")
CHANNELS = (
    "channel", "touches", "removal_effect", "attribution_markov", "attribution_linear",
    "attribution_shapley",
)  # fmt: skip


# --- flow ---------------------------------------------------------------------------------------


def flow(paths: pl.DataFrame, order: Sequence[str], min_n: int) -> pl.DataFrame:
    """How often each stage was followed by which; the same stage twice in a row is one.

    Args:
        paths: `stages` and `n`.
        order: the stages in the order of the journey.
        min_n: below so many steps from a stage its rates are flagged.
    """
    import polars as pl

    from cxkit.stats.chains import collapsed, transitions

    counted = paths.select(path="stages", converted="n", lost=pl.lit(0, pl.Int64))
    steps = transitions(collapsed(counted))
    few = pl.col("n").sum().over("from") < min_n
    places = {START: -1, END: len(order)} | {name: i for i, name in enumerate(order)}
    rows = steps.with_columns(
        pl.col("from").fill_null(START), pl.col("to").fill_null(END),
        pl.when(few).then(["low-n"]).otherwise(pl.lit([], pl.List(pl.String))).alias("flags"),
    )  # fmt: skip
    place = [
        pl.col(end).replace_strict(
            list(places), list(places.values()), default=len(order), return_dtype=pl.Int64
        )
        for end in ("from", "to")
    ]
    return rows.sort(*place, "from", "to").select(FLOW)


def flow_answer(rows: pl.DataFrame) -> Phrase:
    """The commonest step between two stages."""
    import polars as pl

    between = rows.filter((pl.col("from") != START) & (pl.col("to") != END))
    customers = int(rows.filter(pl.col("from") == START)["n"].sum())
    if between.is_empty():
        return "flow-none", {"customers": customers}
    row = between.sort("n", "rate", "from", "to", descending=[True, True, False, False])
    values = row.row(0, named=True)
    return "flow", {
        "customers": customers, "n": values["n"], "rate": values["rate"],
        "count": int(rows.filter(pl.col("from") == values["from"])["n"].sum()),
        "name": visible(values["from"], 30), "other": visible(values["to"], 30),
    }  # fmt: skip


def flow_table(rows: pl.DataFrame, min_n: int) -> Table:
    """The printed table, in the order of the journey."""
    few = [("low-n-steps", {"minimum": min_n})] if rows["flags"].list.len().sum() else []
    return Table(("from", "to"), ("n", "rate"), (), total=False, answer=flow_answer(rows),
                 footnotes=(("flow-foot", {}), *few))  # fmt: skip


def flow_chart(rows: pl.DataFrame) -> Chart:
    """A bar for each of the commonest steps between two stages."""
    import polars as pl

    between = rows.filter((pl.col("from") != START) & (pl.col("to") != END))
    names = [f"{visible(start, 30)} → {visible(end, 30)}"
             for start, end in between.select("from", "to").iter_rows()]  # fmt: skip
    steps = between.select(pl.Series("step", names, pl.String), steps="n")
    steps = steps.sort("steps", descending=True, maintain_order=True)
    feet: list[Phrase] = [("flow-steps", {})]
    if steps.height > STEPS:
        feet.insert(0, ("flow-first", {"count": STEPS, "every": steps.height}))
    return Chart("bars", steps.head(STEPS), "step", "steps", finding=flow_answer(rows),
                 footnotes=tuple(feet))  # fmt: skip


# --- funnel -------------------------------------------------------------------------------------


def passed(paths: pl.DataFrame, order: Sequence[str]) -> list[int]:
    """How many customers went through each stage after all stages before it, in this order."""
    reached = [0] * (len(order) + 1)
    for stages, n in paths.select("stages", "n").iter_rows():
        at = 0
        for stage in stages:
            at += at < len(order) and stage == order[at]
        reached[at] += n
    return [sum(reached[place:]) for place in range(1, len(order) + 1)]


def met(paths: pl.DataFrame, order: Sequence[str]) -> list[int]:
    """How many customers met each stage at all."""
    import polars as pl

    return [int(paths.filter(pl.col("stages").list.contains(stage))["n"].sum()) for stage in order]


def funnel(order: Sequence[str], n: Sequence[int], confidence: float) -> pl.DataFrame:
    """The rows of a funnel: what passes from each stage to the next, and from the first."""
    import polars as pl

    from cxkit.stats.chains import funnel_rates

    counts = pl.DataFrame({"stage": order, "n": n}, schema={"stage": pl.String, "n": pl.Int64})
    return counts.hstack(funnel_rates(counts, confidence)).select(FUNNEL)


def funnel_notes(rows: pl.DataFrame, everyone: Sequence[int] | None) -> list[Note]:
    """Where stages were reached another way, or grow: then the funnel is open."""
    n, names = rows["n"].to_list(), [visible(name, 30) for name in rows["stage"].to_list()]
    if everyone is None:
        grown = [names[i] for i in range(1, len(n)) if n[i] > n[i - 1]]
        if not grown:
            return []
        message = f"an open funnel: more reached {', '.join(grown[:5])} than the stage before"
        return [Note("open-funnel", "warning", message, (("try", "--stage-order S1,S2,…"),))]
    other = [(all_of_them - own, name) for all_of_them, own, name in
             zip(everyone, n, names, strict=True) if all_of_them > own]  # fmt: skip
    if not other:
        return []
    most, name = max(other)
    message = f"a closed funnel: {most:,} who reached {name} without the stages before it in order "
    return [Note("closed-funnel", "info", f"{message}do not count there")]


def funnel_answer(rows: pl.DataFrame) -> Phrase:
    """How many get to the end, and where most are lost."""
    import polars as pl

    last = rows.row(-1, named=True)
    values = {"n": rows["n"][0], "name": visible(last["stage"], 30), "cum_rate": last["cum_rate"]}
    steps = rows.filter(pl.col("drop_rate") > 0)
    if steps.is_empty() or rows.height < 2:
        return "funnel-whole", values
    worst = steps.sort("drop_rate", descending=True, maintain_order=True).row(0, named=True)
    return "funnel", values | {
        "other": visible(worst["stage"], 30), "drop_rate": worst["drop_rate"]
    }  # fmt: skip


def funnel_table(rows: pl.DataFrame, confidence: float) -> Table:
    """The printed table, in the order of the journey."""
    steps = Interval("step_low", "step_high")
    return Table(
        ("stage",), ("n", "step_rate", steps, "drop_rate", "cum_rate"), (), total=False,
        footnotes=(("interval-wilson", {"confidence": confidence}),), answer=funnel_answer(rows),
    )  # fmt: skip


def funnel_chart(rows: pl.DataFrame) -> Chart:
    """A bar for each stage: what is left of the first."""
    return Chart("bars", rows, "stage", "cum_rate", finding=funnel_answer(rows))


# --- channels -----------------------------------------------------------------------------------


def channels(paths: pl.DataFrame, goal: str) -> tuple[pl.DataFrame, dict[str, Any]]:
    """What each channel contributes to reaching a stage, by three rules side by side.

    A path ends where it first reaches the goal; the touch there counts. Touches of one channel in
    a row are one, those without a channel none.

    Args:
        paths: `stages`, `channels` and `n`.
        goal: the stage whose first visit is the conversion.

    Returns:
        The rows, and the summary: `customers converted conversion_rate`.

    Raises:
        DataError: no path has a channel.
    """
    import polars as pl

    from cxkit.stats.chains import attribution, collapsed

    at = pl.col("stages").list.eval((pl.element() == goal).arg_max()).list.first()
    ends = paths.with_columns(pl.col("stages").list.contains(goal).alias("done"), at.alias("at"))
    cut = pl.when("done").then(pl.col("channels").list.head(pl.col("at") + 1))
    done = pl.when("done").then("n").otherwise(0)
    ended = ends.select(
        cut.otherwise("channels").alias("path"), converted=done, lost=pl.col("n") - done
    )
    rows = attribution(collapsed(ended))
    if rows.is_empty():
        raise DataError("no-channels", "no touch has a channel")
    converted, lost = (int(ended[name].sum()) for name in ("converted", "lost"))
    summary = {
        "customers": converted + lost,
        "converted": converted,
        "conversion_rate": converted / (converted + lost),
    }
    rows = rows.sort(-pl.col("attribution_markov"), "channel").select(CHANNELS)
    return rows, summary


def channel_notes(rows: pl.DataFrame, summary: Mapping[str, Any], goal: str) -> list[Note]:
    """What converting is taken to be, and that credit is no cause."""
    name = visible(goal, 30)
    message = f'converted is who reaches the last stage, "{name}": {summary["converted"]:,} of '
    message += f"{summary['customers']:,} customers"
    hint = (("if it is another", "--stage-order S1,S2,… ends with it"),)
    notes = [Note("conversion", "info", message, hint)]
    credited = rows["attribution_linear"].sum()
    if credited < summary["converted"] - 0.5:
        message = f"{summary['converted'] - credited:,.0f} who converted without a touch that has "
        notes.append(Note("no-channel", "warning", message + "a channel get no credit to divide"))
    if not summary["converted"]:
        notes.append(Note("no-conversion", "warning", f'no customer reaches "{name}"'))
    elif summary["converted"] == summary["customers"]:
        message = "every customer converted: without lost ones every channel looks needed"
        notes.append(Note("no-lost", "warning", message))
    message = "attribution divides credit by rules; none of them says what a channel causes"
    return [*notes, Note("not-causal", "info", message)]


def channel_answer(rows: pl.DataFrame, summary: Mapping[str, Any]) -> Phrase:
    """The channel with most credit, by two rules."""
    top = rows.row(0, named=True)
    values = {**summary, "name": visible(top["channel"], 30),
              "attribution_markov": top["attribution_markov"],
              "attribution_linear": top["attribution_linear"]}  # fmt: skip
    return ("channels" if summary["converted"] else "channels-none"), values


def channel_table(rows: pl.DataFrame, summary: Mapping[str, Any]) -> Table:
    """The printed table, most credit first."""
    return Table(
        ("channel",), CHANNELS[1:], (), total=False, footnotes=(("channels-foot", {}),),
        answer=channel_answer(rows, summary),
    )  # fmt: skip


def channel_chart(rows: pl.DataFrame, summary: Mapping[str, Any]) -> Chart:
    """A bar for each channel: the conversions that it is credited with."""
    key, values = channel_answer(rows, summary)
    return Chart(
        "bars", rows, "channel", "attribution_markov",
        finding=("channels-title" if key == "channels" else key, values),
        footnotes=(("channels-foot", {}),),
    )  # fmt: skip
