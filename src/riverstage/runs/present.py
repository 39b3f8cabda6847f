"""How a run shows itself: in a terminal as text, in a notebook as HTML."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riverstage.runs.result import LinkResult, RunResult

__all__ = ["duration", "result_html", "result_text"]

_MOST_LOG_LINES = 12
_MARKS = {"Completed": "✓", "CompletedWithWarnings": "!", "Failed": "✗", "Canceled": "■"}
_WORDS = {
    "Completed": "completed",
    "CompletedWithWarnings": "completed with warnings",
    "Failed": "failed",
    "Canceled": "cancelled",
}


def duration(seconds: float) -> str:
    """Return a time as a person reads it.

    Example:
        >>> duration(0.0213), duration(2.5), duration(75)
        ('21 ms', '2.5 s', '1 min 15 s')
    """
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def _rows(link: LinkResult) -> str:
    return "?" if link.rows is None else f"{link.rows:,}"


def _many(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows:,} rows"


def result_text(result: RunResult) -> str:
    """Return a run as a few lines of text: how it went, rows a link, targets, warnings."""
    lines = [
        f"{_MARKS[result.status]} {result.flow} {_WORDS[result.status]} in {duration(result.seconds)} "
        f"(engine {result.engine}, run {result.run_id})"
    ]
    if result.error is not None:
        lines.append(f"  {result.error['message']} [{result.error['code']}]")
    if result.links:
        names = {name: f"{link.source} → {link.target}" for name, link in result.links.items()}
        wide_name = max(len(name) for name in names)
        wide_ends = max(len(ends) for ends in names.values())
        wide_rows = max(len(_rows(link)) for link in result.links.values())
        lines.append("")
        for name, link in result.links.items():
            kind = "" if link.kind == "primary" else f"  {link.kind}"
            lines.append(f"  {name:<{wide_name}}  {names[name]:<{wide_ends}}  {_rows(link):>{wide_rows}} rows{kind}")
    written = [target for target in result.targets if target.committed]
    if written:
        lines.append("")
        lines.extend(f"  {_many(target.rows)} written to {target.where}" for target in written)
    warnings = result.warnings
    if warnings:
        lines.append("")
        lines.extend(
            f"  warning: {entry.stage + ': ' if entry.stage else ''}{entry.text}"
            for entry in warnings[:_MOST_LOG_LINES]
        )
        if len(warnings) > _MOST_LOG_LINES:
            lines.append(f"  … and {len(warnings) - _MOST_LOG_LINES} more warnings in result.logs()")
    return "\n".join(lines)


def result_html(result: RunResult) -> str:
    """Return a run as a small HTML table for a notebook; every text is escaped."""
    colours = {"Completed": "#198038", "CompletedWithWarnings": "#8e6a00", "Failed": "#da1e28", "Canceled": "#6f6f6f"}
    cells = "".join(
        "<tr>"
        f"<td style='text-align:left'>{html.escape(name)}</td>"
        f"<td style='text-align:left'>{html.escape(link.source)} → {html.escape(link.target)}</td>"
        f"<td style='text-align:right;font-variant-numeric:tabular-nums'>{_rows(link)}</td>"
        f"<td style='text-align:left'>{html.escape(link.kind)}</td>"
        "</tr>"
        for name, link in result.links.items()
    )
    targets = "".join(
        f"<li>{_many(target.rows)} written to <code>{html.escape(target.where)}</code></li>"
        for target in result.targets
        if target.committed
    )
    warnings = "".join(f"<li>{html.escape(f'{entry.stage}: {entry.text}')}</li>" for entry in result.warnings)
    error = f"<p style='color:#da1e28'>{html.escape(str(result.error['message']))}</p>" if result.error else ""
    return (
        "<div style='font-family:system-ui,sans-serif;font-size:13px'>"
        f"<p><b style='color:{colours[result.status]}'>{_MARKS[result.status]} {html.escape(result.flow)}</b> "
        f"{_WORDS[result.status]} in {duration(result.seconds)}</p>{error}"
        "<table><thead><tr><th>link</th><th></th><th>rows</th><th>kind</th></tr></thead>"
        f"<tbody>{cells}</tbody></table><ul>{targets}</ul>"
        f"{f'<p>Warnings</p><ul>{warnings}</ul>' if warnings else ''}</div>"
    )
