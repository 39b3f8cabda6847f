"""Pictures of a flow: as SVG for notebooks and pages, as text for terminals.

A picture shows every stage where it stands, or where saving would put it, and changes nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from riverstage.flow import _formats
from riverstage.flow._text import text_picture
from riverstage.flow.placing import Box, boxes_of

if TYPE_CHECKING:
    from riverstage.catalogue import StageSpec
    from riverstage.document import Document
    from riverstage.flow.batch_flow import BatchFlow
    from riverstage.flow.fields import Field
    from riverstage.flow.schema import Schema

__all__ = ["draw_svg", "draw_text", "schema_table"]

_COLOUR = re.compile(r"#[0-9A-Fa-f]{3,8}\Z|transparent\Z")
_MARGIN = 40.0
_STYLE = (
    "font-family:'IBM Plex Sans',system-ui,sans-serif;font-size:12px;"
    "background:#fff;color:#161616;max-width:100%;height:auto"
)
_KIND_DASH = {"REFERENCE": ' stroke-dasharray="6 4"', "REJECT": ' stroke-dasharray="2 3"'}
_KIND_COLOUR = {"REJECT": "#a2191f"}
_ANCHORS = {"align-center": "middle", "align-middle": "middle", "align-right": "end"}


@dataclass(frozen=True, slots=True)
class _Edge:
    name: str
    kind: str
    source: str
    target: str


def draw_svg(flow: BatchFlow, counts: Mapping[str, int] | None = None) -> str:
    """Return the flow as an SVG picture.

    Args:
        flow: The flow.
        counts: Rows a link carried, by the link's name; shown beside the names.

    Returns:
        One ``<svg>`` element.
    """
    document, pipeline = flow._document, flow._pipeline
    stages, comments = boxes_of(document, pipeline)
    edges = _edges(document, pipeline)
    frame = _frame([*stages.values(), *comments.values()])
    drawn = [_comment(comment, comments[comment["id"]]) for comment in document.comments(pipeline)]
    drawn += _links(edges, stages, counts or {})
    drawn += [_stage(document, pipeline, key, box) for key, box in stages.items()]
    title = escape(flow.name)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{_n(frame.x)} {_n(frame.y)} {_n(frame.width)} '
        f'{_n(frame.height)}" width="{_n(frame.width)}" height="{_n(frame.height)}" role="img" '
        f'aria-label="{title}" style="{_STYLE}"><title>{title}</title>'
        '<defs><marker id="rs-arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
        'orient="auto"><path d="M0 0 8 4 0 8z" fill="#525252"/></marker></defs>'
        f"{''.join(drawn)}</svg>"
    )


def schema_table(schema: Schema) -> str:
    """Return the columns of a link as an HTML table."""
    rows = "".join(
        f"<tr><td>{escape(field.name)}</td><td>{escape(_type_of(field))}</td>"
        f"<td>{'yes' if field.nullable else ''}</td><td>{'yes' if field.key else ''}</td></tr>"
        for field in schema
    )
    return f"<table><tr><th>column</th><th>type</th><th>nullable</th><th>key</th></tr>{rows}</table>"


def _type_of(field: Field) -> str:
    shown = field._shown()
    said = [str(shown[key]) for key in ("length", "scale") if shown.get(key)]
    return f"{field.odbc_type}({', '.join(said)})" if said else field.odbc_type


def draw_text(flow: BatchFlow, counts: Mapping[str, int] | None = None) -> str:
    """Return the flow as a picture in text, with its links listed below it.

    Args:
        flow: The flow.
        counts: Rows a link carried, by the link's name; shown beside the names.

    Returns:
        Lines without trailing blanks.
    """
    document, pipeline = flow._document, flow._pipeline
    labels = {node["id"]: _label(node) for node in document.nodes(pipeline)}
    edges = [(edge.source, edge.target) for edge in _edges(document, pipeline)]
    picture = text_picture(labels, edges)
    return "\n".join([*picture, *_legend(document, pipeline, labels, counts or {})])


def _legend(document: Document, pipeline: str, labels: Mapping[str, str], counts: Mapping[str, int]) -> list[str]:
    rows = []
    for edge in _edges(document, pipeline):
        kind = "" if edge.kind == "PRIMARY" else edge.kind.lower()
        where = f"{labels.get(edge.source, '?')} → {labels.get(edge.target, '?')}"
        rows.append((edge.name, where, kind, _rows(counts.get(edge.name))))
    if not rows:
        return []
    widths = [max(len(row[part]) for row in rows) for part in range(4)]
    lines = []
    for name, where, kind, rows_said in rows:
        cells = (name.ljust(widths[0]), where.ljust(widths[1]), kind.ljust(widths[2]), rows_said.rjust(widths[3]))
        lines.append("  ".join(cells).rstrip())
    return ["", *lines]


def _rows(count: int | None) -> str:
    if count is None:
        return ""
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


def _edges(document: Document, pipeline: str) -> list[_Edge]:
    return [_Edge(ref.name or "", ref.kind, ref.source, ref.target) for ref in document.links(pipeline)]


def _label(node: Mapping[str, Any]) -> str:
    data = (node.get("app_data") or {}).get("ui_data") or {}
    return str(data.get("label") or node.get("op") or node.get("type") or "")


def _frame(boxes: list[Box]) -> Box:
    if not boxes:
        return Box(0, 0, 200, 80)
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
    # Labels stand below their stages, so the picture needs more room there.
    return Box(left - _MARGIN, top - _MARGIN, right - left + 2 * _MARGIN, bottom - top + 2 * _MARGIN + 20)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _stage(document: Document, pipeline: str, key: str, box: Box) -> str:
    from riverstage import catalogue

    node = document.node(pipeline, key)
    label = _label(node)
    spec = catalogue.by_op(node["op"]) if node.get("op") else None
    kind = spec.name if spec else ("Subflow" if node.get("type") == "super_node" else label)
    colour = _tint(spec)
    initials = "".join(word[0] for word in kind.split()[:2]).upper() if kind else ""
    middle = box.x + box.width / 2
    ring = ' stroke-width="3"' if node.get("type") == "super_node" else ' stroke-width="1.5"'
    return (
        f'<g><title>{escape(label)} ({escape(kind)})</title><rect x="{_n(box.x)}" y="{_n(box.y)}" '
        f'width="{_n(box.width)}" height="{_n(box.height)}" rx="6" fill="#fff" stroke="{colour}"{ring}/>'
        f'<text x="{_n(middle)}" y="{_n(box.y + box.height / 2 + 5)}" text-anchor="middle" font-weight="600" '
        f'font-size="15" fill="{colour}">{escape(initials)}</text>'
        f'<text x="{_n(middle)}" y="{_n(box.bottom + 16)}" text-anchor="middle" fill="#161616">'
        f"{escape(label)}</text></g>"
    )


def _tint(spec: StageSpec | None) -> str:
    """Return a colour for systems, one for files and one for what works on rows."""
    if spec is None:
        return "#525252"
    if spec.is_connector:
        return "#8a3ffc"
    return "#007d79" if spec.category == "Files" else "#0f62fe"


def _links(edges: list[_Edge], stages: Mapping[str, Box], counts: Mapping[str, int]) -> list[str]:
    drawn = []
    before: Counter[tuple[str, str]] = Counter()
    for edge in edges:
        if edge.source in stages and edge.target in stages:
            ends = (edge.source, edge.target)
            drawn.append(_link(edge, stages[edge.source], stages[edge.target], before[ends], counts.get(edge.name)))
            before[ends] += 1
    return drawn


def _link(edge: _Edge, start: Box, end: Box, shift: int, count: int | None) -> str:
    offset = 14.0 * shift
    x1, y1 = start.right, start.y + start.height / 2 + offset / 2
    x2, y2 = end.x, end.y + end.height / 2 + offset / 2
    reach = max(40.0, abs(x2 - x1) / 2)
    said = edge.name + (f" · {_rows(count)}" if count is not None else "")
    colour = _KIND_COLOUR.get(edge.kind, "#525252")
    path = f"M{_n(x1)} {_n(y1)}C{_n(x1 + reach)} {_n(y1)} {_n(x2 - reach)} {_n(y2)} {_n(x2)} {_n(y2)}"
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.5"{_KIND_DASH.get(edge.kind, "")} '
        f'marker-end="url(#rs-arrow)"/><text x="{_n((x1 + x2) / 2)}" y="{_n((y1 + y2) / 2 - 6 + offset)}" '
        f'text-anchor="middle" font-size="10" fill="{colour}" stroke="#fff" stroke-width="3" paint-order="stroke">'
        f"{escape(said)}</text>"
    )


def _comment(comment: dict[str, Any], box: Box) -> str:
    annotated = "WYSIWYG" in (comment.get("contentType"), comment.get("content_type"))
    look = {name: _formats.read(comment, name) for name in _formats.FORMATS}
    fill = _colour(look["background_color"]) or ("#fff" if annotated else "#f4f4f4")
    stroke = (_colour(_formats.read(comment, "border_color")) or "#8d8d8d") if look["outline"] else "none"
    size = look["text_size"] if isinstance(look["text_size"], int) else 12
    anchor = _ANCHORS.get(str(look["horizontal_align"]), "start")
    x = {"start": box.x + 8, "middle": box.x + box.width / 2, "end": box.right - 8}[anchor]
    style = "".join(
        [
            ' font-weight="600"' if look["bold"] else "",
            ' font-style="italic"' if look["italics"] else "",
            f' text-decoration="{_decoration(look["text_decoration"])}"' if look["text_decoration"] else "",
        ]
    )
    lines = str(comment.get("content") or "").splitlines()
    spans = "".join(f'<tspan x="{_n(x)}" dy="{_n(size * 1.3)}">{escape(line) or " "}</tspan>' for line in lines)
    return (
        f'<rect x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.width)}" height="{_n(box.height)}" rx="2" '
        f'fill="{fill}" fill-opacity="0.6" stroke="{stroke}"/><text x="{_n(x)}" y="{_n(box.y + 4)}" '
        f'font-size="{size}" text-anchor="{anchor}" fill="{_colour(look["text_color"]) or "#161616"}"{style}>'
        f"{spans}</text>"
    )


def _decoration(value: object) -> str:
    return escape(str(value).replace("strikethrough", "line-through"), quote=True)


def _colour(value: object) -> str | None:
    return value if isinstance(value, str) and _COLOUR.match(value) else None
