"""Which rows are withheld, so that no small group can be worked out from what is shown.

A total minus all rows but one is that one row. So it does not do to withhold the small: the rows
that would give them away go with them, over all tables of a request together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

Key = tuple[object, ...]


@dataclass
class _Table:
    """One table while rows are being chosen."""

    keys: tuple[str, ...]
    cells: list[Key]
    n: list[int]
    hidden: list[bool] = field(default_factory=list)

    def parts(self, keys: Sequence[str]) -> dict[Key, list[int]]:
        """Places of the rows by their values of fewer keys."""
        at = [self.keys.index(key) for key in keys]
        found: dict[Key, list[int]] = {}
        for place, cell in enumerate(self.cells):
            found.setdefault(tuple(cell[i] for i in at), []).append(place)
        return found


def withheld(
    frames: Sequence[pl.DataFrame],
    keys: Sequence[Sequence[str]],
    minimum: int | None,
    known: Sequence[Sequence[str]] = (),
) -> list[pl.Series]:
    """Which rows of several tables are withheld.

    Args:
        frames: the tables, each with its keys and `n`; every answer is in one row of each.
        keys: the keys of each table.
        minimum: the smallest n that may be shown; None withholds nothing.
        known: sets of keys whose totals are shown elsewhere; the total of all always is.

    Returns:
        A Boolean series `withheld` for each table. A row below the minimum is withheld. Where
        the rows withheld under a total that is shown are fewer than two, or together below the
        minimum, the next smallest goes with them. Where a withheld row is the sum of rows of a
        finer table that are all shown, the smallest of these is withheld.
    """
    import polars as pl

    if minimum is None:
        return [pl.repeat(False, f.height, eager=True).alias("withheld") for f in frames]
    tables = [
        _Table(tuple(own), list(frame.select(own).iter_rows()), frame["n"].to_list())
        for frame, own in zip(frames, keys, strict=True)
    ]
    for table in tables:
        table.hidden = [n < minimum for n in table.n]
    totals = {(), *(tuple(sorted(one)) for one in known)}
    while any(_protect(tables, table, minimum, totals) for table in tables):
        pass
    return [pl.Series("withheld", table.hidden, dtype=pl.Boolean) for table in tables]


def _protect(
    tables: Sequence[_Table], table: _Table, minimum: int, totals: set[tuple[str, ...]]
) -> bool:
    """Withhold what gives rows of a table away; whether anything had to be."""
    changed = False
    for total in totals:
        if set(total) < set(table.keys):
            for rows in table.parts(total).values():
                changed |= _under_a_total(table, rows, minimum)
    for coarse in tables:
        if set(coarse.keys) < set(table.keys):
            children = dict(_children(coarse, table))
            for place, rows in children.items():
                changed |= _under_a_row(coarse, place, table, rows, minimum)
            for total in totals:
                if set(total) <= set(coarse.keys):
                    for places in coarse.parts(total).values():
                        changed |= _left_over(coarse, places, table, children, minimum)
    return changed


def _left_over(
    coarse: _Table,
    places: Sequence[int],
    table: _Table,
    children: Mapping[int, list[int]],
    minimum: int,
) -> bool:
    """The same for what is left of a total when the rows shown of both tables are taken away."""
    rows = [row for place in places if coarse.hidden[place] for row in children.get(place, [])]
    changed = _under_a_total(table, rows, minimum)
    if _worked_out(table, rows, minimum):
        changed |= _hide_smallest(coarse, places)
    return changed


def _under_a_row(
    coarse: _Table, place: int, table: _Table, rows: Sequence[int], minimum: int
) -> bool:
    """The same for the rows that a row of a coarser table is the sum of."""
    if coarse.hidden[place]:
        shown = not any(table.hidden[row] and table.n[row] for row in rows)
        return shown and _hide_smallest(table, rows)
    changed = _under_a_total(table, rows, minimum)
    if _worked_out(table, rows, minimum):  # nothing is left to go with them but the total
        coarse.hidden[place] = changed = True
    return changed


def _children(coarse: _Table, fine: _Table) -> Iterator[tuple[int, list[int]]]:
    """Each row of a coarser table that has answers, with the rows that it is the sum of."""
    parts = fine.parts(coarse.keys)
    for place, cell in enumerate(coarse.cells):
        if coarse.n[place]:
            yield place, parts.get(cell, [])


def _under_a_total(table: _Table, rows: Sequence[int], minimum: int) -> bool:
    """Withhold more rows of a total that is shown, until those withheld cannot be worked out."""
    changed = False
    while _worked_out(table, rows, minimum) and _hide_smallest(table, rows):
        changed = True
    return changed


def _worked_out(table: _Table, rows: Sequence[int], minimum: int) -> bool:
    """Whether a total minus the rows that are shown tells of fewer than is safe."""
    hidden = [table.n[row] for row in rows if table.hidden[row] and table.n[row]]
    return bool(hidden) and (len(hidden) == 1 or sum(hidden) < minimum)


def _hide_smallest(table: _Table, rows: Sequence[int]) -> bool:
    """Withhold the smallest row with answers that is still shown."""
    shown = [row for row in rows if not table.hidden[row] and table.n[row]]
    if not shown:
        return False
    table.hidden[min(shown, key=lambda row: (table.n[row], row))] = True
    return True
