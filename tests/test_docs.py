"""README, guide and examples: every block is run, and prints what stands there.

A ```console block is a session in a terminal of 80 columns without colour, a ```pycon block one
in Python; a ```toml block whose first line is `# NAME.toml` is a file of that name. The blocks of
one document run in order, in a folder of their own that holds a copy of `examples/`.

After a change of what is printed: `python tests/test_docs.py` writes the new output in.
"""

import doctest
import importlib
import io
import json
import os
import pkgutil
import re
import shlex
import shutil
import struct
import subprocess
import sys
import textwrap
import zlib
from pathlib import Path

import pytest

import cxkit
from cxkit import cli

ROOT = Path(__file__).parents[1]
DOCUMENTS = ["README.md", "examples/README.md", *sorted(
    str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md")
)]  # fmt: skip
RUN = {"console", "pycon", "toml"}
# Formulas and trees stay text, checked elsewhere; the commands that install are run by .ci/run.
NOT_RUN = {"README.md": {"sh"}, "docs/methods.md": {"text"}, "docs/architecture.md": {"text"},
           "docs/reference.md": {"text"}, "docs/guide.md": {"text"}}  # fmt: skip
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
UNIX = pytest.mark.skipif(os.name == "nt", reason="the documents are written for a Unix shell")


class Screen(io.TextIOWrapper):
    """A terminal that remembers what was written."""

    def __init__(self, memory: io.BytesIO) -> None:
        super().__init__(memory, encoding="utf-8", write_through=True)

    def isatty(self) -> bool:
        return True


class Shell:
    """Runs the command lines of one document; those of cxkit alone in this process."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.code = folder, 0
        shutil.copytree(ROOT / "examples", folder / "examples")
        bin_ = folder / ".bin"
        bin_.mkdir()
        command = bin_ / "cxkit"
        command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m cxkit "$@"\n')
        command.chmod(0o755)
        paths = (bin_, Path(sys.executable).parent, os.environ["PATH"])
        self.environ = {"PATH": os.pathsep.join(map(str, paths)), "PYTHONUTF8": "1",
                        "PYTHONPATH": str(ROOT)}  # fmt: skip

    def run(self, line: str) -> str:
        """What a command line prints, on stdout and stderr as they come."""
        if line == "echo $?":
            return f"{self.code}\n"
        if set(unquoted(line)) & set("();<>&"):
            return self._elsewhere(line, b"")[1].decode()
        told, data, stages = "", b"", PIPE.split(line)
        for stage in stages:
            run = self._here if stage.startswith("cxkit ") else self._elsewhere
            said, data = run(stage, data, stage is stages[-1])
            told += said
        return told + data.decode()

    def _here(self, line: str, data: bytes, last: bool = True) -> tuple[str, bytes]:
        """Run cxkit in this process; the last of a pipe writes all to the terminal."""
        memory = io.BytesIO()
        errors = memory if last else io.BytesIO()
        streams = sys.stdout, sys.stderr, sys.stdin
        try:
            sys.stdout = Screen(memory) if last else io.TextIOWrapper(memory, encoding="utf-8")
            sys.stderr = Screen(errors)
            sys.stdin = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8")
            self.code = cli.run(shlex.split(line)[1:])
            sys.stdout.flush()
            return "" if last else errors.getvalue().decode(), memory.getvalue()
        finally:
            sys.stdout, sys.stderr, sys.stdin = streams

    def _elsewhere(self, line: str, data: bytes, last: bool = True) -> tuple[str, bytes]:
        """Run anything else in a shell."""
        done = subprocess.run(
            ["sh", "-c", line],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.folder,
            env=os.environ | self.environ,
            check=False,
        )
        self.code = done.returncode
        return "", done.stdout


QUOTED = r"'[^']*'|\"[^\"]*\""
PIPE = re.compile(rf" \| (?=(?:[^'\"]|{QUOTED})*$)")


def unquoted(line: str) -> str:
    """A command line without what stands in quotes."""
    return re.sub(QUOTED, "", line)


def blocks(text: str) -> list[tuple[str, str]]:
    """The fenced blocks of a document: language and content."""
    return [(match[1], match[2]) for match in BLOCK.finditer(text)]


def session(content: str) -> list[tuple[str, str]]:
    """The command lines of a console block, each with what it prints."""
    parts = re.split(r"(?m)^\$ ((?:.*\\\n)*.*)\n", content)
    assert parts[0] == "", f"a console block begins with $: {content}"
    return list(zip(parts[1::2], parts[2::2], strict=True))


def replay(content: str, shell: Shell) -> str:
    """A console block as it should be."""
    return "".join(
        f"$ {line}\n{shell.run(line.replace(chr(92) + chr(10), ' '))}"
        for line, _ in session(content)
    )


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """A shell in a folder of its own, in an 80-column terminal without colour."""
    for name in list(os.environ):
        if name.startswith("CXKIT_") or name in ("FORCE_COLOR", "GITHUB_ACTIONS"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(
        "shutil.get_terminal_size", lambda fallback=None: os.terminal_size((80, 24))
    )
    made = Shell(tmp_path)
    monkeypatch.chdir(tmp_path)
    return made


@UNIX
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_prints_what_it_says(name, shell):
    names: dict[str, object] = {}
    for language, content in blocks((ROOT / name).read_text(encoding="utf-8")):
        match language:
            case "console":
                assert replay(content, shell) == content
            case "pycon":
                examine(content, names, name)
            case "toml":
                file = re.match(r"# (\w+\.toml)\n", content)
                assert file, content
                (shell.folder / file[1]).write_text(content, encoding="utf-8")


def examine(content: str, names: dict[str, object], name: str) -> None:
    """Run a Python session; the names it defines stay."""
    test = doctest.DocTestParser().get_doctest(content, names, name, name, 0)
    told: list[str] = []
    found = doctest.DocTestRunner().run(test, out=told.append, clear_globs=False)
    assert found.attempted, content
    assert not found.failed, "".join(told)
    names.update(test.globs)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_block_can_be_run(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    found = {language for language, _ in blocks(text)}
    assert found <= RUN | NOT_RUN.get(name, set())
    assert text.count("\n```") == 2 * len(blocks(text))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name):
    text = BLOCK.sub("", (ROOT / name).read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("https:", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        file = (ROOT / name).parent / path if path else ROOT / name
        assert file.exists(), f"{name} leads to {target}"
        if anchor:
            assert anchor in anchors(file), f"{name} leads to {target}"


def anchors(file: Path) -> set[str]:
    """The anchors of a document's headings."""
    text = BLOCK.sub("", file.read_text(encoding="utf-8"))
    headings = re.findall(r"(?m)^#+ (.+)$", text)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


# --- the two commands of the README --------------------------------------------------------------


def installing() -> list[str]:
    """The command lines of the README that install."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return [content.rstrip("\n") for language, content in blocks(text) if language == "sh"]


def test_the_readme_installs_in_two_commands():
    show, test = installing()
    assert "\n" not in show + test
    first, second = show.split(" && ")[:2]
    assert test.split(" && ")[0] == first
    assert second in (".venv/bin/pip install .", ".venv/bin/pip install -q .")


def test_the_command_of_the_readme_is_the_one_whose_output_it_shows():
    command = installing()[0].split(" && ")[-1].removeprefix(".venv/bin/")
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = [line for kind, content in blocks(text) if kind == "console"
             for line, _ in session(content)]  # fmt: skip
    assert shown[0] == command


def test_continuous_integration_runs_the_command_of_the_readme():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert installing()[1] in script
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


@UNIX
def test_the_picture_is_that_of_the_command(shell):
    line = installing()[0].split(" && ")[-1].removeprefix(".venv/bin/")
    shell.run(line)
    shown, drawn = ROOT / "docs/images/nps.png", shell.folder / "nps.png"
    assert description(shown) == description(drawn) != ""


def description(picture: Path) -> str:
    """The alternative text that a PNG carries."""
    data, place = picture.read_bytes(), 8
    while place < len(data):
        size, kind = struct.unpack(">I4s", data[place : place + 8])
        body = data[place + 8 : place + 8 + size]
        key, _, rest = body.partition(b"\0")
        if kind == b"tEXt" and key == b"Description":
            return rest.decode("latin-1")
        if kind == b"zTXt" and key == b"Description":
            return zlib.decompress(rest[1:]).decode("latin-1")
        if kind == b"iTXt" and key == b"Description":
            packed, text = rest[0], rest[2:].split(b"\0", 2)[2]
            return (zlib.decompress(text) if packed else text).decode()
        place += 12 + size
    return ""


# --- what the code says of itself ----------------------------------------------------------------


def modules() -> list[str]:
    """Every module of the package but those that run at import."""
    found = pkgutil.walk_packages(cxkit.__path__, "cxkit.")
    return ["cxkit", *(module.name for module in found if module.name != "cxkit.__main__")]


@pytest.mark.parametrize("name", modules())
def test_examples_in_docstrings(name):
    module = importlib.import_module(name)
    for test in doctest.DocTestFinder().find(module, name, module=module):
        told: list[str] = []
        found = doctest.DocTestRunner().run(test, out=told.append)
        assert not found.failed, "".join(told)


def test_the_topics_of_the_help_speak_of_nothing_else():
    """Commands named in the documents exist."""
    known = {command.name for command in cxkit.commands.COMMANDS} | {"help"}
    known |= {alias.name for alias in cxkit.commands.ALIASES}
    for name in DOCUMENTS:
        text = (ROOT / name).read_text(encoding="utf-8")
        for word in re.findall(r"(?:\$ |`)cxkit ([a-z]+)", text):
            assert word in known, f"{name}: cxkit {word}"


def test_counted_examples_are_whole_numbers():
    rows = (ROOT / "examples/counts.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert all(row.rsplit(",", 1)[1].isdigit() for row in rows)


def test_json_of_the_guide_is_json(shell):
    line = "cxkit nps examples/counts.csv -q --count answers --json"
    assert json.loads(shell.run(line))["schema"] == "cxkit.nps/1"


# --- writing -------------------------------------------------------------------------------------


def rewrite(name: str) -> None:
    """Put the output of today into the console blocks of a document."""
    import tempfile

    text = (ROOT / name).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        shell = Shell(Path(folder))
        os.chdir(folder)

        def renewed(match: re.Match[str]) -> str:
            language, content = match[1], match[2]
            if language == "toml" and (file := re.match(r"# (\w+\.toml)\n", content)):
                (shell.folder / file[1]).write_text(content, encoding="utf-8")
            if language != "console":
                return match[0]
            printed = replay(content, shell)
            assert "error[bug]" not in printed, f"{name}: {printed}"
            return f"```console\n{printed}```"

        (ROOT / name).write_text(BLOCK.sub(renewed, text), encoding="utf-8")
        os.chdir(ROOT)


if __name__ == "__main__":
    os.environ |= {"COLUMNS": "80", "NO_COLOR": "1"}
    for document in DOCUMENTS:
        rewrite(document)
    sys.stdout.write(
        textwrap.dedent("""\
        The console blocks are written anew; look at the difference.
    """)
    )
