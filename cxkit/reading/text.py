"""Bytes and text: what a file is by its first bytes, unpacking, encodings, private copies."""

from __future__ import annotations

import bz2
import codecs
import contextlib
import gzip
import io
import lzma
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, BinaryIO, NamedTuple, cast

from cxkit.errors import CxError, DataError, RequestError, did_you_mean, visible

CHUNK = 2**20
_MAGIC = {
    b"PAR1": "parquet",
    b"ARROW1\0\0": "arrow",
    b"\x1f\x8b": "gz",
    b"\x28\xb5\x2f\xfd": "zst",
    b"BZh": "bz2",
    b"\xfd7zXZ\0": "xz",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "ole",
    b"%PDF-": "pdf",
    b"$FL2@(#)": "sav",
    b"$FL3@(#)": "sav",
}
_BOMS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_CONTROL = bytes(byte for byte in range(32) if byte not in b"\t\n\v\f\r\x1b")
PACKED = ("gz", "zst", "bz2", "xz", "zip")
SCANNED = ("", "gz", "zst")  # what the engine reads in place
_CUT = (EOFError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, gzip.BadGzipFile)
_DAMAGED = (OSError, *_CUT, NotImplementedError, RuntimeError)
_NO_TEXT = ("idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape")

_spools: set[str] = set()


class File(NamedTuple):
    """One file: what messages call it, and where its bytes are.

    Args:
        name: as the user gave it, or `standard input`.
        path: the file, or a private copy.
        packing: how the bytes are packed (`gz`, …); empty if they are not.
        stream: whether it came through a pipe and has no name to judge it by.
    """

    name: str
    path: Path
    packing: str = ""
    stream: bool = False

    @property
    def suffix(self) -> str:
        """The last suffix of the name in lower case, that of a packing taken off: `.csv`."""
        suffixes = [suffix.lower() for suffix in Path(self.name).suffixes]
        if suffixes and suffixes[-1].lstrip(".") in (*PACKED, "gzip", "zstd"):
            suffixes.pop()
        return "" if self.stream or not suffixes else suffixes[-1]

    def open(self) -> BinaryIO:
        """The unpacked bytes, from the beginning."""
        return _open(self.path, self.packing)

    def head(self, size: int) -> bytes:
        """The first bytes, unpacked."""
        with self.readable(), self.open() as stream:
            return stream.read(size)

    def tail(self, size: int) -> bytes:
        """The last bytes of a file that is not packed."""
        with self.readable(), self.open() as stream:
            stream.seek(-size, os.SEEK_END)
            return stream.read(size)

    @contextlib.contextmanager
    def readable(self) -> Iterator[None]:
        """Turn a failure to read into its error."""
        try:
            yield
        except _DAMAGED as error:
            raise unreadable(self.name, error) from error


def kind(head: bytes) -> str:
    """What a file is by its first bytes; `text` if nothing else."""
    for magic, name in _MAGIC.items():
        if head.startswith(magic) and (name != "bz2" or head[4:10] in (b"1AY&SY", b"\x17rE8P\x90")):
            return name
    return "text"


def unreadable(name: str, error: Exception) -> DataError:
    """The error of a file that is there and cannot be read."""
    if isinstance(error, FileNotFoundError):
        return DataError("no-file", f"{visible(name)} is no longer there")
    if isinstance(error, PermissionError):
        return DataError("unreadable", f"{visible(name)} cannot be opened: permission denied")
    if isinstance(error, _CUT):
        return DataError("unreadable", f"{visible(name)} is damaged or cut short")
    cause = (str(error).splitlines() or [type(error).__name__])[0]
    cause = getattr(error, "strerror", None) or cause
    return DataError("unreadable", f"{visible(name)} cannot be read: {visible(cause, 160)}")


def _open(path: Path, packing: str) -> BinaryIO:
    if packing == "zst":
        import pyarrow as pa  # type: ignore[import-untyped]

        return cast(BinaryIO, io.BufferedReader(pa.input_stream(path, compression="zstd"), CHUNK))
    if packing == "zip":
        archive = zipfile.ZipFile(path)
        return cast(BinaryIO, archive.open(_members(archive)[0]))
    opener: dict[str, Callable[[Path, str], IO[bytes]]]
    opener = {"gz": gzip.open, "bz2": bz2.open, "xz": lzma.open}  # type: ignore[dict-item]
    return cast(BinaryIO, opener[packing](path, "rb") if packing else path.open("rb"))


def _members(archive: zipfile.ZipFile) -> list[str]:
    hidden = ("__MACOSX/", ".")
    return [n for n in archive.namelist() if not n.endswith("/") and not n.startswith(hidden)]


def unwrap(file: File) -> File:
    """The file with its packing found out; an archive's one member, an error if it has several."""
    found = kind(file.head(64))
    if found == "zip":
        with file.readable(), zipfile.ZipFile(file.path) as archive:
            return _in_archive(file, _members(archive))
    return file._replace(packing=found) if found in PACKED else file


def _in_archive(file: File, names: list[str]) -> File:
    """An archive that is an Excel workbook stays as it is; another must hold one file."""
    if any(name.startswith("xl/") for name in names):
        return file
    if len(names) == 1:
        return file._replace(packing="zip")
    listed = ", ".join(visible(name) for name in names[:8]) + (", …" if len(names) > 8 else "")
    message = f"{visible(file.name)} holds {len(names)} files; only one can be read"
    raise DataError("unreadable", message, [("files", listed)] if names else [])


def spool(chunks: Iterator[bytes]) -> Path:
    """Write bytes to a private temporary file, removed when the program ends."""
    import atexit
    import tempfile

    handle, name = tempfile.mkstemp(prefix="cxkit-")
    if not _spools:
        atexit.register(remove_spools)
    _spools.add(name)
    with os.fdopen(handle, "wb") as target:
        target.writelines(chunks)
    return Path(name)


def remove_spools() -> None:
    """Remove the private temporary files; called at exit, and by whoever leaves without one."""
    while _spools:
        with contextlib.suppress(OSError):
            os.unlink(_spools.pop())


def chunks(stream: BinaryIO) -> Iterator[bytes]:
    """The bytes of a stream, piece by piece."""
    while chunk := stream.read(CHUNK):
        yield chunk


def unpacked(file: File) -> File:
    """The file with its bytes unpacked, in a private copy if they were packed."""
    if not file.packing:
        return file
    with file.readable(), file.open() as stream:
        return file._replace(path=spool(chunks(stream)), packing="")


def codec(encoding: str) -> str:
    """The name of a text encoding, checked."""
    try:
        found = codecs.lookup(encoding.strip())
        "".encode(found.name)
        if found.name.replace("-", "_") in _NO_TEXT:
            raise LookupError
        return found.name
    except (LookupError, ValueError, AttributeError):
        known = ("utf-8", "utf-16", "cp1258", "cp1252", "latin-1", "cp1250", "shift_jis", "gb18030")
        close = did_you_mean(encoding, known)
        hints = [("did you mean", " or ".join(close))] if close else []
        hints.append(("known", ", ".join(known)))
        message = f'--encoding: no encoding "{visible(encoding)}"'
        raise RequestError("bad-value", message, hints) from None


def as_utf8(file: File, encoding: str | None) -> File:
    """The file as UTF-8: in place if it says to be, otherwise in a private copy.

    Args:
        file: a text file, perhaps packed.
        encoding: as declared; None trusts the byte order mark, else expects UTF-8.
    """
    head = file.head(4 * 1024)
    name = codec(encoding) if encoding else _by_mark(head)
    if name in {"utf-8", "utf-8-sig"}:
        return file if file.packing in SCANNED else unpacked(file)
    if name is None:
        if _looks_like_utf16(head):
            raise _unmarked(head)
        return file if file.packing in SCANNED else unpacked(file)
    try:
        with file.readable(), file.open() as stream:
            return file._replace(path=spool(_recoded(stream, name)), packing="")
    except DataError as error:
        if error.slug != "encoding" or not _is_utf8(head, name):
            raise
        raise DataError("encoding", error.message, [("try", "leave out --encoding")]) from error


def _is_utf8(head: bytes, declared: str) -> bool:
    """Whether bytes that are not what is declared are UTF-8; of plain ASCII most encodings are."""
    try:
        text = codecs.getincrementaldecoder("utf-8")("strict").decode(head)
    except UnicodeDecodeError:
        return False
    wide = declared.startswith(("utf-16", "utf-32"))
    return "\0" not in text and (wide or not text.isascii())


def _two_bytes(head: bytes) -> bool:
    return _by_mark(head) is not None or _looks_like_utf16(head)


def _binary(head: bytes) -> bool:
    """Whether bytes hold so many control characters that they are no text at all."""
    control = _control(head)
    if control <= 8 or control <= 0.05 * len(head) or _two_bytes(head):
        return False
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(head)
    except UnicodeDecodeError:
        return True
    return b"\0" in head


def _control(head: bytes) -> int:
    return len(head) - len(head.translate(None, _CONTROL))


def _by_mark(head: bytes) -> str | None:
    return next((name for mark, name in _BOMS.items() if head.startswith(mark)), None)


def _looks_like_utf16(head: bytes) -> bool:
    """Whether every other byte is zero, as in Latin text of two bytes a letter."""
    least, most = sorted((head[0::2].count(0), head[1::2].count(0)))
    return len(head) >= 4 and most > 0.4 * len(head) / 2 >= least


def _unmarked(head: bytes) -> DataError:
    """The error of UTF-16 that does not say which byte of a letter comes first."""
    little = head[1::2].count(0) >= head[0::2].count(0)
    likely = ["utf-16-le", "utf-16-be"] if little else ["utf-16-be", "utf-16-le"]
    return wrong_encoding("UTF-16 without a byte order mark", likely)


def _recoded(stream: BinaryIO, encoding: str) -> Iterator[bytes]:
    for text in decoded(stream, encoding):
        yield text.encode()


def decoded(stream: BinaryIO, encoding: str) -> Iterator[str]:
    """The text of a stream, piece by piece; an error that names the byte and line if it is not."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    fed, line, chunk = 0, 1, b"."
    while chunk:
        chunk = stream.read(CHUNK)
        fed += len(chunk)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            before = error.object[: error.start].decode(encoding, "ignore")
            byte = fed - len(error.object) + error.start + 1
            raise _undecodable(encoding, byte, line + _newlines(before)) from error
        except UnicodeError as error:  # `utf-16` and `utf-32` want a mark
            if encoding.startswith("utf-16"):
                raise _unmarked(chunk[:4096]) from error
            message = f"{encoding}: {visible(error)}"
            raise wrong_encoding(message, [f"{encoding}-le"]) from error
        line += _newlines(text)
        yield text


def _newlines(text: str) -> int:
    return text.count("\n") or text.count("\r")


def _undecodable(encoding: str, byte: int, line: int) -> CxError:
    label = "UTF-8" if encoding in {"utf-8", "utf-8-sig"} else encoding
    others = ["cp1258", "utf-16-le", "cp1252"]  # with a mark, it would have been read as utf-16
    return wrong_encoding(
        f"not {label} at byte {byte} (line {line})", [name for name in others if name != encoding]
    )


def wrong_encoding(message: str, likely: list[str]) -> DataError:
    """The error of text in another encoding, with those to try; none is guessed."""
    others = f"   (others: {', '.join(likely[1:])})" if likely[1:] else ""
    return DataError("encoding", message, [("try", f"--encoding {likely[0]}{others}")])


def not_text(name: str, head: bytes, *, declared: bool = False) -> DataError | None:
    """The error of bytes that are no table and no text, or None.

    Args:
        declared: whether the user says how text is encoded: then any bytes may be text.
    """
    found = kind(head)
    shown = visible(name)
    if found == "ole":
        message = f"{shown} is an old (.xls) or a password-protected Excel workbook"
        return DataError(
            "not-text", message, [("try", "save it in Excel as .xlsx, without password")]
        )
    if found == "pdf":
        return DataError("not-text", f"{shown} is a PDF document")
    if re.match(rb"\s*<(!doctype|html|table|\?xml)", head.removeprefix(codecs.BOM_UTF8), re.I):
        return DataError("not-text", f"{shown} is a web page (HTML or XML), not a table")
    if found != "text" or (_binary(head) and not declared):
        return DataError("not-text", f"{shown} is not text, and no kind of table that is known")
    return None
