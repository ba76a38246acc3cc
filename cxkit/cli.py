"""The command line: a Typer app whose commands are made from the analyses' own signatures.

Only the command that is asked for is built. `run` is one command line from its words to its exit
code; `main` is the edge of the process around it.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from cxkit import commands, config, console, delivery, topics, usage, values
from cxkit.commands import Alias, Command
from cxkit.errors import CxError, RequestError
from cxkit.intake import SECOND
from cxkit.terms import OPTIONS
from cxkit.values import Shape

if TYPE_CHECKING:
    from cxkit.result import Result

SHORT = {"config": "-c", "format": "-f", "limit": "-n", "output": "-o",
         "quiet": "-q", "verbose": "-v"}  # fmt: skip
OUTPUT = commands.shapes(delivery.Output)
PANELS = ("Columns", "Slice", "Statistics", "Output", "Reading")
EXITS = {"ok": 0, "breach": 1, "unknown": 3}
WIDE = 30  # the left column of the help
SETTINGS = {"help_option_names": ["-h", "--help"]}


# The help


def _record(parameter: Any, ctx: Any) -> tuple[str, str] | None:
    """An option in the help: its name without the `--no-` form, Typer's own texts as ours."""
    record = parameter.get_help_record(ctx)
    if record is None:
        return None
    name, text = record
    if text.startswith(("Show ", "Install ")):
        text = text[0].lower() + text[1:].rstrip(".")
    return name.split(" / ")[0], text


class _Help:
    """Help in panels, without boxes, the same text in a terminal and in a pipe."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """A section for each panel that has options."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):  # type: ignore[attr-defined]
            if record := _record(parameter, ctx):
                panel = getattr(parameter, "rich_help_panel", None) or "Output"
                sections.setdefault(panel, []).append(record)
        for panel in dict.fromkeys(("Input", *PANELS, *sections)):
            if panel in sections:
                with formatter.section(panel):
                    formatter.write_dl(sections[panel], col_max=WIDE)

    def get_help(self, ctx: Any) -> str:
        """The help, its headings bold on a terminal with colour."""
        text: str = super().get_help(ctx)  # type: ignore[misc]
        if not console.colour("auto", sys.stdout):
            return text
        import re

        return re.sub(r"(?m)^(\w[\w ]*:)", "\x1b[1m\\1\x1b[0m", text)


class _OneCommand(_Help, TyperCommand):
    """A command, built because it was asked for."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As ever, but completion still finds the words when an option lacks its value."""
        ctx.meta[usage.WORDS] = list(args)
        return super().parse_args(ctx, args)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Nothing: the examples stand above the options."""

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """One sentence, then the examples as they are to be typed."""
        super().format_help_text(ctx, formatter)
        if self.epilog:
            with formatter.section("Examples"):
                formatter.write("".join(f"  {line}\n" for line in self.epilog.splitlines()))


class _Commands(_Help, TyperGroup):
    """The commands as stubs with a line of help; the one asked for is built."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command asked for; `cxkit survey.csv` and mistyped names get their own errors."""
        if ctx.resilient_parsing and args[0] not in self.commands:
            return None, None, args[1:]
        if args[0] not in self.commands:
            raise usage.no_command(args)
        name, command, rest = super().resolve_command(ctx, args)
        return name, command if name == "help" else _build(str(name)), rest

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """A section for each panel that has commands."""
        width = max(len(command.name) for command in commands.COMMANDS)
        for panel in commands.PANELS:
            listed = [command for command in commands.COMMANDS if command.panel == panel]
            if listed:
                with formatter.section(panel):
                    rows = [(command.name.ljust(width), command.help) for command in listed]
                    formatter.write_dl(rows)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The commands first, then the few options."""
        self.format_commands(ctx, formatter)
        rows = [_record(parameter, ctx) for parameter in self.get_params(ctx)]
        with formatter.section("Options"):
            formatter.write_dl([row for row in rows if row])
        with formatter.section("More"):
            formatter.write("\n".join(topics.overview()) + "\n")


# A command from a signature


def _build(name: str) -> Any:
    """The command of a name or alias, made from its analysis."""
    alias = next((alias for alias in commands.ALIASES if alias.name == name), None)
    command = commands.find(alias.command if alias else name)
    assert command is not None, name
    module = commands.load(command)
    analysis = getattr(module, command.name)
    every = (*OUTPUT, *commands.shapes(analysis), *commands.READING)
    without = getattr(module, "WITHOUT", ())
    shapes = {shape.name: shape for shape in every if shape.name not in without}
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(
        name,
        cls=_OneCommand,
        help=_sentence(analysis, command),
        epilog="\n".join(getattr(module, "EXAMPLES", ())),
        context_settings=SETTINGS,
    )(_callback(command, alias, shapes))
    return typer.main.get_command(app)


def _sentence(analysis: Callable[..., Any], command: Command) -> str:
    text = inspect.getdoc(analysis) or command.help
    return " ".join(text.split("\n\n")[0].split())


def _callback(
    command: Command, alias: Alias | None, shapes: Mapping[str, Shape]
) -> Callable[..., int]:
    """A function with the parameters of the command, as Typer wants them."""

    def callback(**given: Any) -> int:
        files = given.pop("files") or []
        return _execute(command, files, given, shapes, alias.preset if alias else {})

    kind = inspect.Parameter.KEYWORD_ONLY
    asks = getattr(commands.load(command), "ASKS", None)
    help_of_files = asks or "file to read; several are stacked, - is standard input"
    metavar = "WHAT" if asks else "[FILE]..."
    files = Annotated[
        list[str] | None, typer.Argument(metavar=metavar, help=help_of_files,
                                         rich_help_panel="Input", show_default=False)
    ]  # fmt: skip
    order = {name: index for index, name in enumerate(OPTIONS)}
    listed = sorted(shapes.values(), key=lambda shape: order.get(shape.name, len(order)))
    parameters = [inspect.Parameter("files", kind, default=None, annotation=files)]
    parameters += [
        inspect.Parameter(shape.name, kind, default=None, annotation=_option(shape))
        for shape in listed
    ]
    setattr(callback, "__signature__", inspect.Signature(parameters))  # noqa: B010
    return callback


def _option(shape: Shape) -> Any:
    """A parameter of the command: everything is text here, and is read with the settings."""
    option = OPTIONS[shape.name]
    long = values.long_option(shape.name)
    flag = shape.type is bool
    if flag and shape.name not in ("json", "csv"):
        long = f"{long}/--no-{long[2:]}"
    names = [long, SHORT[shape.name]] if shape.name in SHORT else [long]
    metavar, text = _described(shape)
    kind: Any = bool if flag else list[str] if shape.many else str
    return Annotated[
        kind | None,
        typer.Option(
            *names,
            metavar=metavar,
            help=text,
            show_default=False,
            rich_help_panel=option.panel,
            autocompletion=None if flag or not _completing() else usage.completion(shape.name),
        ),
    ]


def _completing() -> bool:
    return "_CXKIT_COMPLETE" in os.environ


def _described(shape: Shape) -> tuple[str, str]:
    """What stands for the value in the help, and the text beside it."""
    option = OPTIONS[shape.name]
    metavar, text = option.metavar, shape.help or option.help
    choices = shape.choices or option.choices
    if choices:
        metavar = "|".join(choices)
        if len(values.long_option(shape.name)) + len(metavar) > WIDE - 5:
            metavar, text = "NAME", f"{text}: {', '.join(choices)}"
    if shape.type is not bool and shape.default not in (None, ()):
        many = isinstance(shape.default, tuple)
        text += f" [default: {','.join(shape.default) if many else shape.default}]"
    return metavar, text


# One command line


def _execute(
    command: Command,
    files: list[str],
    flags: dict[str, Any],
    shapes: Mapping[str, Shape],
    preset: Mapping[str, Any],
) -> int:
    """Settle the options, run the analysis, deliver the result; the exit code of its answer."""
    module = commands.load(command)
    if not files and not hasattr(module, "ASKS") and console.is_terminal(sys.stdin):
        raise usage.no_file(command.name)
    settings, wrong = config.settle(flags, shapes)
    kept = {name: value for name, value in preset.items() if name not in settings.flags}
    chosen = {**getattr(module, "PRESET", {}), **settings.values, **kept}
    own = {shape.name for shape in commands.shapes(getattr(module, command.name))}
    output, faults = _output({n: v for n, v in chosen.items() if n not in own}, settings)
    flagged = bool(settings.flags & {"format", "json", "csv"})
    inputs = _inputs(module, files, chosen)
    wrong += faults + delivery.faults(output, inputs, flagged)
    words = {n: value for n, value in chosen.items() if n in own or n not in _OUTPUT_NAMES}
    if settings.missing:
        words["null"] = (*words.get("null", ()), *settings.missing)
    files = files or ["" if hasattr(module, "ASKS") else "-"]
    data = files[0] if len(files) == 1 else files
    result = commands.run(command, data, words, spell=settings.spell, found=wrong)
    if output.strict:
        delivery.strictly(result.notes)
    if getattr(module, "WRITES", False):
        return _written(result, output)
    parcel = delivery.pack(result, output, inputs, settings.chart, flagged)
    said = console.note_lines((*result.notes, *parcel.notes), verbose=output.verbose)
    before, after = [console.assumptions(result)], [*said, *parcel.told]
    console.say([] if output.quiet else before)
    delivery.deliver(parcel)
    console.say([] if output.quiet else after)
    return EXITS[result.status]


def _inputs(module: Any, files: list[str], chosen: Mapping[str, Any]) -> list[str]:
    """The files that are read, which are never written onto."""
    second = [str(chosen[name]) for name in SECOND if chosen.get(name)]
    every = second if hasattr(module, "ASKS") else [*(files or ["-"]), *second]
    if every.count("-") > 1:
        raise RequestError("usage", "standard input can be read once", [("try", "name a file")])
    return every


def _written(result: Result, output: delivery.Output) -> int:
    """Say what a command has read and written that writes its files itself."""
    lines = [console.assumptions(result)] if result.inputs else []
    lines += console.note_lines(result.notes, verbose=output.verbose)
    lines += delivery.wrote(result.rows)
    console.say([] if output.quiet else lines)
    return EXITS[result.status]


_OUTPUT_NAMES = {shape.name for shape in OUTPUT}


def _output(
    chosen: Mapping[str, Any], settings: config.Settings
) -> tuple[delivery.Output, list[CxError]]:
    """The options of the Output panel, and what is wrong with their values."""
    given = {name: value for name, value in chosen.items() if name in _OUTPUT_NAMES}
    wrong = values.faults(given, {shape.name: shape for shape in OUTPUT}, settings.spell)
    return delivery.Output(**{n: v for n, v in given.items() if n not in wrong}), [*wrong.values()]


# The app


def _version(asked: bool) -> None:
    if asked:
        from cxkit import __version__

        typer.echo(f"cxkit {__version__}")
        raise typer.Exit


def _top(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            "-V",
            help="print the version",
            callback=_version,
            is_eager=True,
            show_default=False,
        ),
    ] = False,
) -> None:
    """Customer-experience analytics: from the exports you have to figures you can defend."""


def _stub() -> None:
    """A command that is listed and completed; `_Commands` builds the real one."""


def app() -> typer.Typer:
    """The Typer app: all commands. A command line that begins with one goes without it."""
    made = typer.Typer(
        name="cxkit",
        cls=_Commands,
        rich_markup_mode=None,
        context_settings=SETTINGS,
        pretty_exceptions_enable=False,
    )
    made.callback()(_top)
    for command in commands.COMMANDS:
        made.command(command.name, help=command.help)(_stub)
    for alias in commands.ALIASES:
        made.command(alias.name, hidden=True)(_stub)
    made.command("help", hidden=True)(_topic)
    return made


def _topics(incomplete: str) -> list[str]:
    return [*topics.TOPICS, *(command.name for command in commands.COMMANDS)]


def _topic(
    ctx: typer.Context,
    topic: Annotated[str | None, typer.Argument(autocompletion=_topics)] = None,
) -> None:
    """Explain a topic or a command."""
    if topic is None:
        assert ctx.parent is not None
        typer.echo(ctx.parent.get_help())
    elif topic in topics.TOPICS:
        title, text = topics.TOPICS[topic]
        typer.echo(f"{topic}: {title}\n\n{text}")
    elif commands.find(topic):
        raise typer.Exit(run([topic, "--help"]))
    else:
        raise usage.no_topic(topic)


def run(argv: Sequence[str]) -> int:
    """One command line: stdout, stderr and files as asked, and the exit code."""
    console.prepare()
    try:
        return _parsed(list(argv))
    except BaseException as error:
        return usage.told(error, argv)


def _parsed(argv: list[str]) -> int:
    if argv and _is_command(argv[0]) and not _completing():
        return _code(_build(argv[0]), argv[1:], f"cxkit {argv[0]}")
    group = typer.main.get_command(app())
    if not argv and not _completing():
        console.say([group.make_context("cxkit", [], resilient_parsing=True).get_help()])
        return 2
    return _code(group, argv, "cxkit")


def _is_command(word: str) -> bool:
    return bool(commands.find(word)) or any(alias.name == word for alias in commands.ALIASES)


def _code(command: Any, argv: list[str], name: str) -> int:
    code = command.main(args=argv, prog_name=name, standalone_mode=False)
    return code if isinstance(code, int) else 0


def main() -> NoReturn:
    """The edge of the process: run, tidy up, leave at once.

    Tearing the interpreter down would cost a small file more time than its analysis.
    """
    import signal
    import warnings

    tune()
    if not os.environ.get("CXKIT_DEBUG"):
        warnings.simplefilter("ignore")
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:  # as under nohup
            signal.signal(number, _terminated)
    _leave(run(sys.argv[1:]))


def tune() -> None:
    """Have Polars take less memory, up to half, in the same time. To be called before it is
    imported; what the environment says already stays."""
    settings = {
        "POLARS_CSV_CHUNK_SIZE": str(4 * 2**20),  # bytes of text that are read together
        # Freed memory goes back after .5 s instead of 1.5 s, from one pool a processor, not four.
        "_RJEM_MALLOC_CONF": f"muzzy_decay_ms:0,narenas:{os.cpu_count() or 1}",
    }
    for name, value in settings.items():
        os.environ.setdefault(name, value)


def _terminated(number: int, frame: object) -> NoReturn:
    raise SystemExit(128 + number)


def _leave(code: int) -> NoReturn:
    """Flush, remove what was to be removed on exit, and end the process."""
    import atexit

    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        code = code or usage.CLOSED_PIPE
    atexit._run_exitfuncs()
    os._exit(code)


if __name__ == "__main__":
    main()
