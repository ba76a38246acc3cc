"""Where bytes come from: packings, encodings, pipes, globs, several files."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from cxkit.errors import CxError
from cxkit.reading import read, text
from cxkit.source import FILE, ROW

Call = Callable[..., Any]

CSV = "thành phố,score\nHà Nội,9\nHuế,10\n"
TABLE = [("thành phố", "score"), ("Hà Nội", "9"), ("Huế", "10")]


def zipped(*names: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            archive.writestr(name, CSV)
    return target.getvalue()


def zstandard(data: bytes) -> bytes:
    target = pa.BufferOutputStream()
    with pa.CompressedOutputStream(target, "zstd") as stream:
        stream.write(data)
    return bytes(target.getvalue().to_pybytes())


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "zst": zstandard,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zip": lambda data: zipped("survey.csv"),
}


@pytest.mark.parametrize("packing", PACKERS)
@pytest.mark.parametrize("name", ["survey.csv.{}", "survey.csv"])
def test_packed(save: Call, packing: str, name: str, table: Call) -> None:
    assert table(save(PACKERS[packing](CSV.encode()), name.format(packing))) == TABLE


@pytest.mark.parametrize("packing", PACKERS)
def test_packed_on_standard_input(stdin: Callable[[bytes], str], packing: str, table: Call) -> None:
    assert table(stdin(PACKERS[packing](CSV.encode()))) == TABLE


@pytest.mark.parametrize("packing", ["gz", "zst"])
def test_packed_and_scanned_in_place(save: Call, packing: str) -> None:
    before = set(text._spools)
    read(save(PACKERS[packing](CSV.encode())))
    assert text._spools == before


@pytest.mark.parametrize("packing", ["gz", "zst", "bz2", "xz"])
def test_cut_short(save: Call, packing: str, failure: Call) -> None:
    whole = "a,b\n" + "".join(f"{i},{i * 7919 % 10007}\n" for i in range(60_000))
    packed = PACKERS[packing](whole.encode())
    error = failure(save(packed[: len(packed) // 2], f"s.csv.{packing}"))
    assert error.slug == "unreadable"
    assert "s.csv." in error.message


def test_archive_of_several(save: Call, failure: Call) -> None:
    error = failure(save(zipped("a.csv", "b.csv", "__MACOSX/._a.csv"), "x.zip"))
    assert error.message == "x.zip holds 2 files; only one can be read"
    assert error.hints == (("files", "a.csv, b.csv"),)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("packing", ["", "gz"])
def test_byte_order_marks(save: Call, encoding: str, packing: str, table: Call) -> None:
    data = ("\ufeff" * (encoding == "utf-16-be") + CSV).encode(encoding)
    assert table(save(PACKERS[packing](data) if packing else data)) == TABLE


def test_declared_encoding(save: Call, table: Call, failure: Call) -> None:
    data = "name,score\nGa\u0300,9\nđo\u0301n,8\n".encode("cp1258")
    assert table(save(data), encoding="cp1258")[1:] == [("Ga\u0300", "9"), ("đo\u0301n", "8")]
    assert table(save("a\né\n".encode("latin-1")), encoding="latin-1") == [("a",), ("é",)]
    assert table(save(CSV), encoding="UTF8") == TABLE
    error = failure(save(b"a,b\n1,2\n3,\x81\n"), encoding="cp1252")
    assert error.message == "not cp1252 at byte 11 (line 3)"
    assert error.hints == (("try", "--encoding cp1258   (others: utf-16-le)"),)


def _run(code: str, folder: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        env=environment,
    )
    return done.stdout.strip()


def test_private_copies_are_private_and_removed(save: Call, tmp_path: Path) -> None:
    save(bz2.compress(CSV.encode()), "s.csv.bz2")
    code = (
        "import os, stat\nfrom cxkit.reading import read, text\nread('s.csv.bz2')\n"
        "(path,) = text._spools\nassert stat.S_IMODE(os.stat(path).st_mode) == 0o600\nprint(path)"
    )
    assert not Path(_run(code, tmp_path)).exists()


def test_standard_input(stdin: Callable[[bytes], str], table: Call, failure: Call) -> None:
    assert table(stdin(CSV.encode())) == TABLE
    assert read(stdin(CSV.encode())).name == "standard input"
    for data in (b"", b"\n", b"a,b\n"):
        assert str(failure(stdin(data))) == "error[empty]: no rows on standard input"


def test_standard_input_of_other_kinds(
    stdin: Callable[[bytes], str], workbook: bytes, table: Call
) -> None:
    frame = pl.DataFrame({"a": [1, 2]})
    parquet, arrow = io.BytesIO(), io.BytesIO()
    frame.write_parquet(parquet)
    frame.write_ipc(arrow)
    for data in (parquet.getvalue(), arrow.getvalue(), b'[{"a":1},{"a":2}]', b'{"a":1}\n{"a":2}\n'):
        assert table(stdin(data)) == [("a",), (1,), (2,)]
        assert table(stdin(gzip.compress(data))) == [("a",), (1,), (2,)]
    assert read(stdin(workbook)).columns[0] == "id"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
def test_fifo(tmp_path: Path, table: Call) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_text, args=(CSV,))
    writer.start()
    assert table(path) == TABLE
    writer.join()


def test_glob(save: Call, table: Call) -> None:
    save("a\n2\n", "b.csv")
    save("a\n1\n", "a.csv")
    assert table("*.csv") == [("a", FILE), ("1", "a.csv"), ("2", "b.csv")]
    assert table(save("a\n3\n", "[ab].csv")) == [("a",), ("3",)]


def test_several_files(save: Call, cells: Call, through: Call) -> None:
    names = [save("id,score\n1,9\n2,8\n", "x.csv"), save("score;region\n7,5;HN\n", "y.csv")]
    source = read(names)
    assert source.columns == ("id", "score", "region", FILE)
    assert cells(source) == [
        ("1", "9", None, "x.csv"),
        ("2", "8", None, "x.csv"),
        (None, "7,5", "HN", "y.csv"),
    ]
    assert source.rows.select(ROW).collect().to_series().to_list() == [0, 1, 2]
    assert source.sample("score") == ["9", "8", "7,5"]
    assert source.sample("region") == ["HN"]
    assert [one.name for one in source.inputs] == names
    assert through(source)["rows"].sum() == 3


def test_several_kinds(save: Call, tmp_path: Path, cells: Call) -> None:
    pl.DataFrame({"score": [9, 10], "n": [1, 2]}).write_parquet(tmp_path / "p.parquet")
    pl.DataFrame({"score": [1.5], "n": [2.5]}).write_parquet(tmp_path / "q.parquet")
    source = read([save("score\n8\n"), "p.parquet", "q.parquet"])
    assert source.rows.collect_schema()["score"] == pl.String
    assert [row[:2] for row in cells(source)] == [
        ("8", None), ("9", 1), ("10", 2), ("1.5", 2.5)
    ]  # fmt: skip


def test_own_file_column(save: Call, table: Call) -> None:
    save("a,file\n1,x\n", "one.csv")
    save("a\n2\n", "two.csv")
    assert table(["one.csv", "two.csv"]) == [("a", "file"), ("1", "x"), ("2", None)]


def test_faults_of_several_files_name_the_file(save: Call, tmp_path: Path, failure: Call) -> None:
    (tmp_path / "d").mkdir()
    names = [save("a,b\n1,2\n"), save("a,b\n1\n", "d/survey.csv")]
    assert failure(names).message == "d/survey.csv: line 2 has 1 field, header has 2"
    rows = [f"{i},{i}\n" for i in range(50_000)]
    rows[25_000] = "1,2,3\n"
    save("a,b\n" + "".join(rows), "d/survey.csv")
    assert failure(names).message == "d/survey.csv: line 25,002 has 3 fields, header has 2"


def test_vanished_is_told_by_its_name(save: Call, tmp_path: Path, through: Call) -> None:
    source = read([save("a\n1\n", "x.csv"), save("a\n2\n", "y.csv")])
    (tmp_path / "y.csv").unlink()
    with pytest.raises(CxError, match="no longer there"):
        through(source)


def test_reading_text_loads_nothing_heavy(save: Call, tmp_path: Path) -> None:
    save(CSV)
    code = (
        "import sys\nfrom cxkit.reading import read\nread('survey.csv')\n"
        "print({'pyarrow', 'fastexcel', 'numpy', 'pandas'} & set(sys.modules))"
    )
    assert _run(code, tmp_path) == "set()"
