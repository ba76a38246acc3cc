"""The commands, and the one way to run an analysis that Python and the command line share.

A new analysis is a module and one line in COMMANDS. Nothing here imports an analysis, Polars or
Typer before it is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from cxkit.errors import CxError, raise_all
from cxkit.intake import SECOND, prepare
from cxkit.terms import OPTIONS
from cxkit.values import Shape, Spell, faults

if TYPE_CHECKING:
    import inspect
    from types import ModuleType

    from cxkit.result import Note, Result
    from cxkit.source import Source

Panel = Literal["Measure", "Act", "Monetize", "Grow", "Files"]
PANELS: tuple[Panel, ...] = ("Measure", "Act", "Monetize", "Grow", "Files")


class Command(NamedTuple):
    """A command: its name, its module, its panel of the help, and its line there.

    The module has a function of the command's name (a Source first, everything else keyword-only)
    and may have FINDS, roles that it cannot do without (or `finds`, which says so of the keywords
    given), and WANTS, roles that it takes where a column is known for them; THEIRS, roles of
    columns that stand in its second file only; EXAMPLES, command lines for the help; HELP, what
    options mean that mean something else in it; WITHOUT, options of every command that it does
    not take; READS, if it reads the data itself: then they come as the user has them, and the
    options of reading second; WRITES, if it writes its files itself; ASKS, what it takes instead
    of files; PRESET, options that the command line sets where nothing is given.
    """

    name: str
    module: str
    panel: Panel
    help: str


class Alias(NamedTuple):
    """Another name for a command with some options set; it works, and is not listed."""

    name: str
    command: str
    preset: Mapping[str, Any]


COMMANDS: tuple[Command, ...] = (
    Command("nps", "cxkit.nps", "Measure", "Net Promoter Score, by group and over time"),
    Command("csat", "cxkit.csat", "Measure", "share of satisfied answers, by group and over time"),
    Command("ces", "cxkit.ces", "Measure", "mean effort or ease, by group and over time"),
    Command("experience", "cxkit.experience", "Measure", "success, ease, emotion, and their mean"),
    Command("journey", "cxkit.journey", "Measure", "where a journey hurts: stages, paths, units"),
    Command("gap", "cxkit.gap", "Measure", "expectation against experience, belief against fact"),
    Command("compare", "cxkit.compare", "Measure", "what changed between two periods, and where"),
    Command("drivers", "cxkit.drivers", "Act", "what goes with the score, what to fix first"),
    Command("monetize", "cxkit.monetize", "Monetize", "what promoters and detractors are worth"),
    Command("retention", "cxkit.retention", "Monetize", "who stays, and the revenue that stays"),
    Command("survival", "cxkit.survival", "Monetize", "how long customers stay, by group"),
    Command("clv", "cxkit.clv", "Monetize", "lifetime value: who still buys, and for how much"),
    Command("referrals", "cxkit.referrals", "Monetize", "who refers, and the revenue it brings"),
    Command("pareto", "cxkit.pareto", "Grow", "how few bring how much: top share, Gini, classes"),
    Command("growth", "cxkit.growth", "Grow", "earned growth: kept, referred and bought revenue"),
    Command("check", "cxkit.check", "Files", "what a file holds, and every problem in it"),
    Command("convert", "cxkit.convert", "Files", "any file to Parquet, CSV, Excel or NDJSON"),
    Command("sample", "cxkit.sample", "Files", "linked made-up data of known truth, of any size"),
)
ALIASES: tuple[Alias, ...] = (
    Alias("trend", "nps", {"period": "month"}),
    Alias("cohorts", "retention", {"view": "cohorts"}),
    Alias("churn", "retention", {}),
    Alias("validate", "check", {}),
    Alias("inspect", "check", {}),
)

# Options of reading, the same for every command; `cxkit.reading.read` takes them.
READING: tuple[Shape, ...] = (
    Shape("input_format", str),
    Shape("sheet", str),
    Shape("keep_previews", bool, default=False),
    Shape("keep_unfinished", bool, default=False),
    Shape("null", str, many=True, default=()),
    Shape("encoding", str),
    Shape("delimiter", str),
    Shape("decimal", str),
    Shape("date_format", str),
    Shape("memory", int),
)


def find(name: str) -> Command | None:
    """The command of that name."""
    return next((command for command in COMMANDS if command.name == name), None)


def load(command: Command) -> ModuleType:
    """The module of a command, imported."""
    return import_module(command.module)


def shapes(function: Callable[..., Any]) -> tuple[Shape, ...]:
    """The options of an analysis, from its signature: whatever is keyword-only; of a record all."""
    import inspect

    told = getattr(function, "__globals__", {}).get("HELP", {})
    return tuple(
        _shape(parameter)._replace(help=told.get(parameter.name, ""))
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY or isinstance(function, type)
    )


def _shape(parameter: inspect.Parameter) -> Shape:
    import inspect

    if parameter.name in SECOND:
        return Shape(parameter.name, object, default=None)

    annotation, default = parameter.annotation, parameter.default
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    kinds = (kind for kind in (bool, int, float) if re.search(rf"\b{kind.__name__}\b", text))
    found = re.search(r"Literal\[(.*?)\]", text)
    many = isinstance(default, tuple) or "tuple[" in text or "Sequence[" in text
    return Shape(
        parameter.name,
        next(kinds, str),
        many,
        None if default is inspect.Parameter.empty else default,
        tuple(re.findall(r'["\'](.*?)["\']', found[1])) if found else (),
    )


def plural(value: Any) -> tuple[Any, ...]:
    """Several values from one or many: a bare string is one value, not its letters."""
    if value is None:
        return ()
    return tuple(value) if isinstance(value, Iterable) and not isinstance(value, str) else (value,)


def run(
    command: Command,
    data: Any,
    words: Mapping[str, Any],
    *,
    spell: Spell = str,
    found: Sequence[CxError] = (),
) -> Result:
    """Read the data, find its roles, run the analysis, and bring the notes together.

    Args:
        command: which analysis.
        data: paths, a frame, an Arrow object, or a Source that is read already.
        words: options of the analysis and of reading, those that are given.
        spell: what the user calls an option, for messages.
        found: faults of the request that are known already, told together with those found here.
    """
    module = load(command)
    analysis = getattr(module, command.name)
    own = {shape.name: shape for shape in shapes(analysis)}
    every = own | {shape.name: shape for shape in READING}
    given = {
        name: plural(value) if every[name].many else value
        for name, value in words.items()
        if value is not None or _has_value(every[name])
    }
    wrong = faults(given, every, spell)
    sound = {name: value for name, value in given.items() if name not in wrong}
    reading = {name: sound.pop(name) for name in list(sound) if name not in own}
    told = [*found, *wrong.values()]
    if getattr(module, "READS", False):
        raise_all(told)
        result: Result = analysis(data, reading, **sound)
        return result
    source, settled, notes = prepare(command.name, module, data, sound, reading, told)
    return _together(source, notes, analysis(source, **settled))


def _has_value(shape: Shape) -> bool:
    """Whether an option always has a value, so that None is none."""
    return shape.default is not None and not shape.many


def _together(source: Source, notes: Sequence[Note], result: Result) -> Result:
    from dataclasses import replace

    notes = tuple(dict.fromkeys((*source.notes, *notes, *result.notes)))
    return replace(result, notes=notes, inputs=result.inputs or source.inputs)


def function(command: Command) -> Callable[..., Result]:
    """The library function of a command: the analysis with any data in and reading options."""
    analysis = getattr(load(command), command.name)
    signature = _signature(analysis)

    def run_analysis(data: Any, **words: Any) -> Result:
        bound = signature.bind(data, **words)
        return run(command, bound.arguments.pop("data"), bound.arguments)

    run_analysis.__name__ = run_analysis.__qualname__ = command.name
    run_analysis.__module__ = "cxkit"
    run_analysis.__doc__ = _docstring(analysis, signature)
    setattr(run_analysis, "__signature__", signature)  # noqa: B010  mypy knows no such attribute
    return run_analysis


def _signature(analysis: Callable[..., Any]) -> inspect.Signature:
    """The analysis's own signature, roles that can be found made optional, and reading's."""
    import inspect

    own = inspect.signature(analysis)
    told = getattr(analysis, "__globals__", {})
    kind = "str" if "ASKS" in told else "Data"
    data = inspect.Parameter("data", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=kind)
    options = [
        _optional(parameter)
        for parameter in own.parameters.values()
        if parameter.kind is parameter.KEYWORD_ONLY
    ]
    reading = [
        inspect.Parameter(
            shape.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=shape.default,
            annotation=_reading_kind(shape),
        )
        for shape in READING
        if shape.name not in told.get("WITHOUT", ())
    ]
    return own.replace(parameters=[data, *options, *reading], return_annotation="Result")


def _reading_kind(shape: Shape) -> str:
    if shape.type is bool:
        return "bool"
    return "str | Sequence[str]" if shape.many else f"{shape.type.__name__} | None"


def _optional(parameter: inspect.Parameter) -> inspect.Parameter:
    """What the library's user may pass: None for what is found, one or many for many."""
    shape = _shape(parameter)
    if shape.name == "by":
        return parameter.replace(annotation="str | Sequence[str | tuple[str, ...]]")
    if shape.name in SECOND:
        required = parameter.default is parameter.empty
        return parameter.replace(annotation="Data" if required else "Data | None")
    if shape.many:
        return parameter.replace(annotation="str | Sequence[str]")
    if parameter.default is parameter.empty or parameter.annotation is parameter.empty:
        return parameter.replace(default=shape.default, annotation="str | None")
    return parameter


def _docstring(analysis: Callable[..., Any], signature: inspect.Signature) -> str:
    """The analysis's docstring with every argument explained from the glossary."""
    import inspect

    text = inspect.getdoc(analysis) or ""
    asks = getattr(analysis, "__globals__", {}).get("ASKS")
    files = "path, several paths, Polars frame or lazy frame, or Arrow object"
    lines = ["Args:", f"    data: {asks or files}."]
    own = {shape.name: shape for shape in shapes(analysis)}
    for name in list(signature.parameters)[1:]:
        option, shape = OPTIONS.get(name), own.get(name, Shape(name, str))
        listed = shape.choices or (option.choices if option else ())
        choices = f": {', '.join(listed)}" if listed else ""
        lines.append(f"    {name}: {shape.help or (option.help if option else '')}{choices}.")
    kept = re.sub(r"(?m)^Args:\n(?:[ ]+.*\n|\n(?=[ ]))*\n?", "", text + "\n")
    section = re.search(r"(?m)^(Returns|Raises|Formula|Examples?):", kept)
    end = section.start() if section else len(kept)
    parts = (kept[:end].strip(), "\n".join(lines), kept[end:].strip())
    return "\n\n".join(part for part in parts if part) + "\n"
