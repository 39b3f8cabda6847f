"""How a run shows itself: in a terminal as text, in a notebook as HTML."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING

from riverstage.runs._terminal import cut, pad, visible, wide

if TYPE_CHECKING:
    from riverstage.runs.result import LinkResult, LogEntry, RejectResult, RunResult

__all__ = ["duration", "many", "result_html", "result_text"]

_MOST_LOG_LINES = 12
_MOST_LINKS = 40
_LEAST_NAME = 8
_LEAST_TEXT = 12
_MARKS = {"Completed": "✓", "CompletedWithWarnings": "!", "Failed": "✗", "Canceled": "■"}
_WORDS = {
    "Completed": "completed in",
    "CompletedWithWarnings": "completed with warnings in",
    "Failed": "failed after",
    "Canceled": "cancelled after",
}
_COLOURS = {"Completed": "#198038", "CompletedWithWarnings": "#8e6a00", "Failed": "#da1e28", "Canceled": "#6f6f6f"}


def duration(seconds: float) -> str:
    """Return a time as a person reads it.

    Example:
        >>> duration(0.0213), duration(2.5), duration(75), duration(7230)
        ('21 ms', '2.5 s', '1 min 15 s', '2 h 0 min')
    """
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def _number(rows: int | None) -> str:
    return "?" if rows is None else f"{rows:,}"


def _word(rows: int | None) -> str:
    return "row" if rows == 1 else "rows"


def _more(count: int, what: str) -> str:
    return f"1 more {what}" if count == 1 else f"{count:,} more {what}s"


def many(rows: int) -> str:
    """Return a number of rows in words."""
    return f"{rows:,} {_word(rows)}"


def result_text(result: RunResult, columns: int | None = None) -> str:
    """Return a run as a few lines of text: how it went, rows a link, targets, warnings.

    Args:
        result: The run.
        columns: How wide a line may be; None for any width.
    """
    head = f"{_MARKS[result.status]} {visible(result.flow)} {_WORDS[result.status]} {duration(result.seconds)}"
    about = f" (engine {result.engine}, run {result.run_id})"
    if columns is not None and wide(head + about) > columns:
        about = ""
    parts = [[head + about], _error_lines(result), _link_lines(result, columns)]
    parts += _rows_lines(result, columns)
    parts.append(_warning_lines(result.warnings, columns))
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def _error_lines(result: RunResult) -> list[str]:
    error = result.error
    if error is None:
        return []
    lines = [f"  {error['message']} [{error['code']}]", str(error.get("state") or "")]
    lines = [f"  {line.strip()}" for line in lines if line]
    return [*lines, f"  → {error['mend']}"] if error.get("mend") else lines


def _link_lines(result: RunResult, columns: int | None) -> list[str]:
    """Return a line a link; stages are left out where a line would be wider than the terminal."""
    if result.error is not None or not result.links:
        return []
    shown = list(result.links.items())[:_MOST_LINKS]
    names = {name: visible(name) for name, _ in shown}
    ends = {name: _ends(link) for name, link in shown}
    tails = {name: "" if link.kind == "primary" else f"  {link.kind}" for name, link in shown}
    wide_name, wide_ends = max(map(wide, names.values())), max(map(wide, ends.values()))
    wide_rows = max(len(_number(link.rows)) for _, link in shown)
    fixed = 2 + 2 + wide_rows + len(" rows") + max(map(len, tails.values()))
    if columns is not None and wide_name + wide_ends + 2 + fixed > columns:
        wide_ends = 0
        wide_name = min(wide_name, max(_LEAST_NAME, columns - fixed))
    lines = []
    for name, link in shown:
        said = f"{pad(ends[name], wide_ends)}  " if wide_ends else ""
        rows = f"{_number(link.rows):>{wide_rows}} {pad(_word(link.rows), 4)}"
        lines.append(f"  {pad(cut(names[name], wide_name), wide_name)}  {said}{rows}{tails[name]}".rstrip())
    if len(result.links) > len(shown):
        lines.append(f"  … and {_more(len(result.links) - len(shown), 'link')}")
    return lines


def _ends(link: LinkResult) -> str:
    return f"{visible(link.source)} → {visible(link.target)}"


def _rows_lines(result: RunResult, columns: int | None) -> list[list[str]]:
    """Return what became of rows: those rejected and why, those written and where; with one column of numbers."""
    written = [(target.rows, f"written to {visible(target.shown)}") for target in result.targets if target.committed]
    groups = [[(item.rows, visible(_rejected(item))) for item in _told(result)], written]
    width = max((len(_number(rows)) for group in groups for rows, _ in group), default=0)
    return [[_hanging(rows, width, said, columns) for rows, said in group] for group in groups]


def _told(result: RunResult) -> list[RejectResult]:
    """Return the rows that went to reject links or were to be dropped; of others that were the warnings tell."""
    return [item for item in result.rejects if item.link is not None or item.asked]


def _rejected(item: RejectResult) -> str:
    where = f"dropped by {item.stage}" if item.link is None else f"rejected to {item.link}"
    return where + (f": {item.reason}" if item.reason else "")


def _hanging(rows: int, width: int, said: str, columns: int | None) -> str:
    """Return a line about some rows; where the terminal is narrow it goes on below its text."""
    return _hung(f"  {_number(rows):>{width}} {pad(_word(rows), 4)} ", said, columns)


def _hung(start: str, said: str, columns: int | None) -> str:
    if columns is None or wide(start) + wide(said) <= columns:
        return start + said
    lines = textwrap.wrap(said, max(_LEAST_TEXT, columns - wide(start)))
    return start + f"\n{' ' * wide(start)}".join(lines)


def _warning_lines(warnings: tuple[LogEntry, ...], columns: int | None) -> list[str]:
    lines = [
        _hung("  ! ", visible(f"{entry.stage}: {entry.text}" if entry.stage else entry.text), columns)
        for entry in warnings[:_MOST_LOG_LINES]
    ]
    if len(warnings) > _MOST_LOG_LINES:
        lines.append(f"  … and {_more(len(warnings) - _MOST_LOG_LINES, 'warning')} in the log")
    return lines


def result_html(result: RunResult) -> str:
    """Return a run as HTML for a notebook: the flow with its counts, then links, targets and warnings.

    Every text is escaped.
    """
    head = (
        f"<p><b style='color:{_COLOURS[result.status]}'>{_MARKS[result.status]} {html.escape(result.flow)}</b> "
        f"{_WORDS[result.status]} {duration(result.seconds)}</p>"
    )
    parts = [head, _error_html(result), _picture(result), _links_html(result)]
    parts.append(_list(f"{many(item.rows)} {html.escape(_rejected(item))}" for item in _told(result)))
    parts.append(
        _list(
            f"{many(target.rows)} written to <code>{html.escape(target.shown)}</code>"
            for target in result.targets
            if target.committed
        )
    )
    said = [html.escape(f"{entry.stage}: {entry.text}" if entry.stage else entry.text) for entry in result.warnings]
    parts.append(f"<p>Warnings</p>{_list(said)}" if said else "")
    return f"<div style='font-family:system-ui,sans-serif;font-size:13px'>{''.join(parts)}</div>"


def _error_html(result: RunResult) -> str:
    if result.error is None:
        return ""
    said = [str(result.error.get(part) or "") for part in ("message", "state", "mend")]
    lines = "<br>".join(html.escape(text) for text in said if text)
    return f"<p style='color:#da1e28'>{lines} [{html.escape(str(result.error['code']))}]</p>"


def _picture(result: RunResult) -> str:
    """Return the flow that ran as SVG with the rows of its links."""
    if not result.document:
        return ""
    from riverstage.document import Document
    from riverstage.flow import BatchFlow
    from riverstage.flow.draw import draw_svg

    flow = BatchFlow.from_document(Document.loads(result.document), name=result.flow)
    return draw_svg(flow, {name: rows for name, rows in result.counts.items() if rows is not None})


def _links_html(result: RunResult) -> str:
    if result.error is not None or not result.links:
        return ""
    cells = "".join(
        "<tr>"
        f"<td style='text-align:left'>{html.escape(name)}</td>"
        f"<td style='text-align:left'>{html.escape(f'{link.source} → {link.target}')}</td>"
        f"<td style='text-align:right;font-variant-numeric:tabular-nums'>{_number(link.rows)}</td>"
        f"<td style='text-align:left'>{html.escape(link.kind)}</td>"
        "</tr>"
        for name, link in result.links.items()
    )
    head = "<tr><th>link</th><th></th><th>rows</th><th>kind</th></tr>"
    return f"<table><thead>{head}</thead><tbody>{cells}</tbody></table>"


def _list(items: Iterable[str]) -> str:
    lines = "".join(f"<li>{item}</li>" for item in items)
    return f"<ul>{lines}</ul>" if lines else ""
