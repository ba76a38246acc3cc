"""The lines around a table: the headline with the answer, and the footnotes."""

from __future__ import annotations

from cxkit.output import words
from cxkit.output.grid import Grid, Style, flags_of, heading, label, plain_cell
from cxkit.result import Bar, Interval, Result, Shown, Table


def headline(result: Result, table: Table, style: Style) -> tuple[list[str], str]:
    """The first line: the answer, its interval, its size, the target; and the shares."""
    style = style.of(result)
    if table.answer:
        key, values = table.answer
        return [style.say(key, **values)], ""
    target = ("target", "target_probability")
    met = [] if words.is_missing(result.summary.get("target")) else list(target)
    items = [item for item in table.headline if item not in target]
    if not items:
        return [], ""
    figures = [_said(result, item, style) for item in items if not isinstance(item, Bar)]
    figures.append(", ".join(filter(None, (_said(result, name, style) for name in met))))
    shares = [_said(result, item, style) for item in items if isinstance(item, Bar)]
    return [part for part in figures if part], "   ".join(filter(None, shares))


def _said(result: Result, item: Shown, style: Style) -> str:
    """One part of the headline with its name; empty where there is nothing to say."""
    summary = result.summary
    if isinstance(item, Bar):
        if any(words.is_missing(summary.get(share)) for share in item.shares):
            return ""
        # the best answers first, as people say it
        return style.sign(" · ").join(
            f"{plain_cell(result, share, summary, style)} {label(share, style)}"
            for share in reversed(item.shares)
        )
    if isinstance(item, Interval) and words.is_missing(summary.get(item.low)):
        return ""
    text = plain_cell(result, item, summary, style)
    kept = ("n", result.main)  # an answer that is not there is told too
    if isinstance(item, str) and words.is_missing(summary.get(item)) and item not in kept:
        return ""
    sign = " = " if isinstance(item, str) and result.kind(item) == "count" else " "
    return heading(result, item, style) + sign + text


def footnotes(
    result: Result, table: Table, grid: Grid, style: Style, *, verbose: bool = False
) -> list[str]:
    """The lines below a table: those of the analysis, then what signs in it mean."""
    style = style.of(result)
    own = [note for note in table.footnotes if not (style.spoken and _brackets(note[0]))]
    lines = [_spoken(style.say(key, **values), style) for key, values in own]
    flags = {flag for row in grid.rows for flag in flags_of(row)}
    told = style.spoken or any(_brackets(key) for key, _ in own)
    if "low-n" in flags and table.keys and "min_n" in result.params and not told:
        key = "low-n" if "n" in result.rows.columns else "low-n-customers"
        lines.append(style.say(key, minimum=result.params["min_n"]))
    if "suppressed" in flags:
        lines.append(_spoken(style.say("suppressed"), style))
    if verbose and any(isinstance(item, Bar) for item in (*table.columns, *table.headline)):
        lines.append(style.say("rounded"))
    return lines


def _brackets(key: str) -> bool:
    """Whether a footnote says what brackets mean, for which there are words where signs are not."""
    return key.startswith("low-n")


def _spoken(line: str, style: Style) -> str:
    """A footnote without its leading sign where signs are replaced by words."""
    if not style.spoken:
        return line
    if line.startswith(words.UP):
        return f"{style.say('marks-words')} {line.lstrip(words.UP + words.DOWN + ' ')}"
    return line.lstrip("* ")
