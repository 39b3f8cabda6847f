"""What a terminal can show: its characters, its width, its colours; and writing to one that may be gone."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import sys
import unicodedata
from collections.abc import Iterator
from typing import TextIO

__all__ = ["can_colour", "can_show", "cut", "fitted", "flush", "pad", "painted", "visible", "wide", "width", "write"]

_ASCII = str.maketrans(
    {
        "✓": "ok",
        "✗": "x",
        "■": "#",
        "→": "->",
        "─": "-",
        "━": "=",
        "╺": "-",
        "…": "...",
        "●": "*",
        "○": "o",
        "·": "-",
        "⏎": "\\",
        "│": "|",
        "┌": "+",
        "┐": "+",
        "└": "+",
        "┘": "+",
        "├": "+",
        "┤": "+",
        "┬": "+",
        "┴": "+",
        "┼": "+",
        "▶": ">",
    }
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_MARK = re.compile(r"^(\s*)(✓|✗|!|■|→|warning:)(?=\s)", re.MULTILINE)
_COLOURS = {"✓": "32;1", "✗": "31;1", "!": "33;1", "■": "2", "→": "36", "warning:": "33"}


def fitted(text: str, encoding: str | None) -> str:
    r"""Return a text in characters that an encoding has: signs become ASCII, what else is missing is escaped.

    Example:
        >>> fitted("✓ Zoë → 5 €", "latin-1")
        'ok Zoë -> 5 \\u20ac'
    """
    encoding = encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_ASCII).encode(encoding, "backslashreplace").decode(encoding)
    return text


def can_show(text: str, stream: TextIO) -> bool:
    """Return whether a stream's encoding has all characters of a text."""
    return fitted(text, stream.encoding) == text


def visible(text: str) -> str:
    r"""Return a text on one line, with control characters escaped: data must not steer a terminal.

    Example:
        >>> visible("a\nb")
        'a\\nb'
    """
    return _CONTROL.sub(lambda found: _NAMED.get(found[0]) or _escaped(ord(found[0])), text)


def _escaped(point: int) -> str:
    return f"\\x{point:02x}" if point < 256 else f"\\u{point:04x}"


def wide(text: str) -> int:
    """Return how many columns of a terminal a text takes.

    Example:
        >>> wide("Zoë"), wide("東京")
        (3, 4)
    """
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """Return a text filled up with blanks to so many columns of a terminal."""
    blanks = " " * (columns - wide(text))
    return blanks + text if right else text + blanks


def cut(text: str, columns: int) -> str:
    """Return a text cut to so many columns, with ``…`` where something is missing.

    Example:
        >>> cut("a long name", 6)
        'a lon…'
    """
    if wide(text) <= columns:
        return text
    kept, taken = [], 0
    for character in text:
        taken += _columns(character)
        if taken > columns - 1:
            break
        kept.append(character)
    return "".join(kept) + "…"


def width(stream: TextIO | None) -> int | None:
    """Return the columns of the terminal behind a stream; None where there is none, or no stream."""
    if stream is None or not stream.isatty():
        return None
    try:
        columns = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError, io.UnsupportedOperation):
        columns = 0
    return columns or shutil.get_terminal_size().columns


def can_colour(stream: TextIO | None) -> bool:
    """Return whether a stream is a terminal that shows colours and nobody said ``NO_COLOR``."""
    return (
        stream is not None and stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    )


def painted(text: str) -> str:
    """Return a text whose signs at the start of lines have their colours."""
    return _MARK.sub(lambda found: f"{found[1]}\x1b[{_COLOURS[found[2]]}m{found[2]}\x1b[0m", text)


def write(text: str, *, error: bool = False, paint: bool = True) -> None:
    """Write lines to standard output, or to standard error; when its reader has left, or it was closed, write nothing.

    Args:
        text: The lines.
        error: Whether it goes to standard error.
        paint: Whether signs at the start of lines get colours, where the terminal has them.
    """
    stream: TextIO | None = sys.stderr if error else sys.stdout
    if stream is None:
        return
    text = painted(text) if paint and can_colour(stream) else text
    with _reader_may_leave(stream):
        stream.write(fitted(f"{text}\n", stream.encoding))


def flush() -> None:
    """Hand on what was written; when the reader has left, to nobody."""
    streams: tuple[TextIO | None, ...] = (sys.stdout, sys.stderr)
    for stream in streams:
        if stream is not None:
            with _reader_may_leave(stream):
                stream.flush()


@contextlib.contextmanager
def _reader_may_leave(stream: TextIO) -> Iterator[None]:
    """Send a stream to nowhere once its reader has left (``head``, ``less``): that is no error of ours."""
    try:
        yield
    except BrokenPipeError:
        with contextlib.suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
