"""The progress bar: one line on a terminal, drawn over itself, as wide as there is room."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from riverstage.runs._terminal import can_colour, can_show, cut, fitted, visible, wide, width

if TYPE_CHECKING:
    from riverstage.plan.plan import Plan
    from riverstage.runs.runtime import Runtime

__all__ = ["Bar", "Known", "bar_line", "known_of"]

_CLEAR = "\r\x1b[2K"
_LEAST_BAR, _MOST_BAR = 10, 40
_LEAST_NAME = 8
# Room for the ^C that a terminal shows: it must not break the line, which could not be cleared then.
_SPARE = 3
# To ask a flow of more stages for its sources would take longer than it is worth.
_MOST_STAGES = 500
_FILES = ("delimited", "json_lines", "parquet")


@dataclass(frozen=True, slots=True)
class Known:
    """How much all sources together have; None where that is not known.

    Args:
        rows: Rows.
        size: Bytes of their files.
    """

    rows: int | None = None
    size: int | None = None


class Bar:
    """A bar on a terminal.

    Args:
        name: What is at work.
        known: How much there is to do.
        stream: The terminal.
    """

    def __init__(self, name: str, known: Known, stream: TextIO) -> None:
        self._name = visible(name)
        self._known = known
        self._stream = stream
        self._most = 0.0
        self._is_shown = False

    @staticmethod
    def can_show(stream: TextIO) -> bool:
        """Return whether a stream is a terminal on which a line can be drawn over itself."""
        return stream.isatty() and os.environ.get("TERM") != "dumb"

    def show(self, done: float | None, seconds: float) -> None:
        """Draw the bar.

        Args:
            done: The part that is done, 0 to 1; None where that is not known.
            seconds: How long it has taken.
        """
        if done is not None:
            # What an engine says of itself may go back a little; a bar that does looks broken.
            self._most = done = max(self._most, done)
        columns = (width(self._stream) or 80) - _SPARE
        signs = "━╺" if can_show("━╺", self._stream) else "=-"
        line = bar_line(self._name, done, seconds, self._known, columns, signs)
        if can_colour(self._stream):
            filled = line.rfind(signs[0])
            begins = line.find(signs[0])
            if begins >= 0:
                line = f"{line[:begins]}\x1b[36m{line[begins : filled + 1]}\x1b[0m{line[filled + 1 :]}"
        self._stream.write(_CLEAR + fitted(line, self._stream.encoding))
        self._stream.flush()
        self._is_shown = True

    def clear(self) -> None:
        """Take the bar off the terminal."""
        if self._is_shown:
            self._stream.write(_CLEAR)
            self._stream.flush()
            self._is_shown = False


def bar_line(name: str, done: float | None, seconds: float, known: Known, columns: int, signs: str = "━╺") -> str:
    """Return the bar's line: name, bar, per cent, how much, rate, time left; what has no room is left out.

    Example:
        >>> bar_line("sales", 0.25, 10, Known(rows=2_000_000), 90)
        'sales  ━━━━━━╺╺╺╺╺╺╺╺╺╺╺╺╺╺╺╺╺╺    25 %   500 k of 2.00 M rows   50.0 k rows/s   0:30 left'
        >>> bar_line("sales", None, 10, Known(), 90)
        'sales  at work for 0:10'
    """
    if done is None:
        return cut(f"{name}  at work for {_clock(seconds)}", columns)
    said = [f"{int(done * 100):>3} %", *_amounts(done, seconds, known)]
    if done >= 0.02:
        said.append(f"{_clock(seconds * (1 - done) / done)} left")
    while len(said) > 1 and min(wide(name), _LEAST_NAME) + 2 + _LEAST_BAR + _wide_of(said) > columns:
        said.pop()
    rest = _wide_of(said)
    name = cut(name, max(_LEAST_NAME, columns - 2 - _LEAST_BAR - rest))
    long = max(0, min(_MOST_BAR, columns - wide(name) - 2 - rest))
    filled = int(long * done)
    bar = signs[0] * filled + signs[1] * (long - filled)
    return cut(f"{name}  {bar}{''.join(f'   {part}' for part in said)}", columns)


def _wide_of(parts: list[str]) -> int:
    return sum(3 + len(part) for part in parts)


def _amounts(done: float, seconds: float, known: Known) -> list[str]:
    total, unit = (known.rows, "rows") if known.rows is not None else (known.size, "B")
    if not total:
        return []
    amount = done * total
    rate = f"{_of(amount / max(seconds, 0.001), unit)}/s"
    how_much = _of(amount, unit) if unit == "B" else _short(amount)
    return [f"{how_much} of {_of(total, unit)}", rate]


def _of(number: float, unit: str) -> str:
    """Return a number with its unit; the letter for thousands stands at that of bytes."""
    short = _short(number)
    return f"{short}{unit}" if unit == "B" and short[-1:].isalpha() else f"{short} {unit}"


def _short(number: float) -> str:
    """Return a number with three digits and a letter for thousands, millions, thousand millions.

    Example:
        >>> [_short(number) for number in (7, 1_234, 45_678, 999_999, 4.5e9)]
        ['7', '1.23 k', '45.7 k', '1.00 M', '4.50 G']
    """
    sign = ""
    for sign in ("", " k", " M", " G", " T"):
        if number < 999.5 or sign == " T":
            break
        number /= 1000
    if not sign:
        return f"{number:.0f}"
    return f"{number:.{2 if number < 9.995 else 1 if number < 99.95 else 0}f}{sign}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def known_of(runtime: Runtime, seen: dict[str, int]) -> Known:
    """Return how much the sources of a flow have, without asking them.

    Args:
        runtime: The flow.
        seen: The counts of links that are known already.
    """
    from riverstage.compiler import make_plan

    binding, problems = runtime.bind(touch_sources=False)
    if len(binding.graph.stages) > _MOST_STAGES or any(item.severity == "error" for item in problems):
        return Known()
    plan = make_plan(binding)
    return Known(_rows(plan, seen), _size(plan, runtime.folder))


def _rows(plan: Plan, seen: dict[str, int]) -> int | None:
    """Return the rows of all links that begin a flow, where each is known or follows from the stages' laws."""
    from riverstage.plan.ledger import Ledger

    ledger = Ledger(plan.laws)
    for name, rows in seen.items():
        ledger.observe(name, rows, "seen")
    first = [key for key, link in plan.graph.links.items() if not plan.graph.stages[link.source].inputs]
    found = [ledger.value(key) for key in first]
    return sum(rows for rows in found if rows is not None) if found and None not in found else None


def _size(plan: Plan, folder: Path) -> int | None:
    """Return the bytes of all files that are read; None where something else is read too."""
    from riverstage.connectors._files import source_files
    from riverstage.plan import Source

    sources = [node for node in plan.nodes if isinstance(node, Source)]
    if not sources or any(node.request.family not in _FILES for node in sources):
        return None
    return sum(path.stat().st_size for node in sources for path in source_files(node.request.options, str(folder)))
