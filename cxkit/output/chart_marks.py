"""The marks: which module draws each, which rows it draws, and how it is told."""

from __future__ import annotations

from cxkit.output import chart_bars as bars
from cxkit.output import chart_cells as cells
from cxkit.output import chart_figures as figures
from cxkit.output import chart_lines as lines
from cxkit.output import chart_lorenz as lorenz
from cxkit.output import chart_pareto as pareto
from cxkit.output import chart_scatter as scatter
from cxkit.output import chart_steps as steps
from cxkit.output import chart_trend as trend
from cxkit.output import chart_waterfall as waterfall
from cxkit.output.chart_sheet import Mark
from cxkit.output.chart_told import told_bars, told_lines, told_trend

# width and least height in inches
SIZES = {
    "stack": (8.0, 1.6),
    "trend": (8.0, 4.5),
    "lines": (9.0, 4.8),
    "bars": (8.0, 1.6),
    "waterfall": (8.0, 4.5),
    "scatter": (8.0, 6.0),
    "heatmap": (9.0, 1.6),
    "steps": (8.0, 5.0),
    "lorenz": (6.4, 6.0),
    "pareto": (9.0, 1.6),
}
MARKS = {
    "stack": Mark(
        bars.ranked,
        bars.stack,
        told_bars,
        "chart-brackets",
        extra=bars.stack_extra,
        subtitle=bars.stack_subtitle,
    ),
    "trend": Mark(
        trend.all_rows,
        trend.trend,
        told_trend,
        "chart-pale",
        subtitle=trend.trend_subtitle,
        notes=trend.trend_notes,
    ),
    "lines": Mark(
        lines.most_answered,
        lines.lines,
        told_lines,
        "chart-gaps",
        extra=lines.lines_extra,
        subtitle=lines.lines_subtitle,
        notes=lines.lines_notes,
    ),
    "heatmap": Mark(
        cells.latest,
        cells.heatmap,
        cells.told,
        "chart-pale-cells",
        extra=cells.extra,
        subtitle=cells.subtitle,
        notes=cells.notes,
    ),
    "steps": Mark(
        steps.largest,
        steps.steps,
        steps.told,
        "chart-pale-line",
        extra=steps.extra,
        subtitle=steps.subtitle,
        notes=steps.notes,
    ),
    "lorenz": Mark(
        lorenz.thinned,
        lorenz.lorenz,
        lorenz.told,
        "few",
        subtitle=lorenz.subtitle,
    ),
    "pareto": Mark(
        pareto.first_bars,
        pareto.pareto,
        pareto.told,
        "few",
        extra=pareto.extra,
        notes=pareto.notes,
    ),
    "bars": Mark(
        figures.in_order,
        figures.bars,
        told_bars,
        "chart-brackets",
        extra=figures.bars_extra,
        subtitle=figures.bars_subtitle,
    ),
    "waterfall": Mark(
        waterfall.summed,
        waterfall.waterfall,
        waterfall.told_steps,
        "chart-brackets",
        notes=waterfall.waterfall_notes,
    ),
    "scatter": Mark(
        scatter.placed,
        scatter.scatter,
        scatter.told_points,
        "chart-pale",
        subtitle=scatter.scatter_subtitle,
        notes=scatter.scatter_notes,
    ),
}
