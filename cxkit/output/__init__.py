"""Results for people and machines: text, data formats, files."""

from __future__ import annotations

from cxkit.output.files import FORMATS, atomic_write, format_of, render, write

__all__ = ["FORMATS", "atomic_write", "format_of", "render", "write"]
