"""Where stages and comments stand: reads places, finds some for what has none, writes them into the document.

What was loaded without a place is drawn where it would stand, and is saved as it came. What stands somewhere stays
there. A comment that is laid out for the first time surrounds its stages; several on the same stages nest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from riverstage.document import Document

__all__ = ["STAGE_SIZE", "Box", "boxes_of", "drop", "forget", "is_automatic", "lift", "settle"]

STAGE_SIZE = 48.0
SURROUND = 75.0
NEST = 30.0
COMMENT_WIDTH = 175.0
COMMENT_HEIGHT = 60.0
LABEL_ROOM = 24.0
_NESTED = "nested_boxes"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the canvas."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    def grown(self, by: float) -> Box:
        """Return it with that much more room on every side."""
        return Box(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)

    def holds(self, other: Box) -> bool:
        """Return whether another lies inside it, touching no edge."""
        return self.x < other.x and self.y < other.y and self.right > other.right and self.bottom > other.bottom

    def meets(self, other: Box) -> bool:
        """Return whether the two have a point in common."""
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    @classmethod
    def around(cls, boxes: Iterable[Box]) -> Box:
        """Return the smallest that holds all of ``boxes``."""
        some = list(boxes)
        left, top = min(box.x for box in some), min(box.y for box in some)
        return cls(left, top, max(box.right for box in some) - left, max(box.bottom for box in some) - top)


def boxes_of(document: Document, pipeline: str) -> tuple[dict[str, Box], dict[str, Box]]:
    """Return where every stage and every comment stands, by id, or would stand once saved."""
    stages = _stages(document, pipeline)
    return stages, _comments(document.comments(pipeline), stages)


def settle(document: Document) -> None:
    """Write a place for every stage and comment that has none, except for those that were loaded without one."""
    bare = document.unplaced
    for pipeline in document.pipeline_ids:
        new = [node for node in document.nodes(pipeline) if node["id"] not in bare and _place(node) is None]
        waiting = [note for note in document.comments(pipeline) if note["id"] not in bare and _box(note) is None]
        if not new and not waiting:
            continue
        stages, comments = boxes_of(document, pipeline)
        for node in new:
            _stand(node, stages[node["id"]])
        for comment in waiting:
            _lay(comment, comments[comment["id"]])
        _note_nested(document, waiting, stages)


def forget(document: Document, pipeline: str) -> None:
    """Take the places of all stages and comments of a pipeline away, so that they are found anew."""
    document.unplaced.clear()
    for node in document.nodes(pipeline):
        data = (node.get("app_data") or {}).get("ui_data") or {}
        data.pop("x_pos", None)
        data.pop("y_pos", None)
    for comment in document.comments(pipeline):
        lift(comment)


def lift(comment: dict[str, Any]) -> None:
    """Take the place of a comment away, so that it is found anew."""
    for key in ("x_pos", "y_pos", "width", "height"):
        comment.pop(key, None)


def is_automatic(document: Document, pipeline: str, comment: Mapping[str, Any]) -> bool:
    """Return whether a comment stands where laying it out put it, not where a person did."""
    box = _box(comment)
    stages = {node["id"]: place for node in document.nodes(pipeline) if (place := _place(node)) is not None}
    own = [stages[key] for key in _refs(comment) if key in stages]
    if box is None or not own:
        return False
    return box == Box.around(own).grown(SURROUND) or _nested(document).get(comment["id"]) == _said(box)


def _nested(document: Document) -> dict[str, Any]:
    held = document.own.get(_NESTED)
    return held if isinstance(held, dict) else {}


def _note_nested(document: Document, laid: Iterable[Mapping[str, Any]], stages: Mapping[str, Box]) -> None:
    """Keep the boxes that others are in or around: nothing else tells them from those that a person drew."""
    kept = dict(_nested(document))
    for comment in laid:
        box, own = _box(comment), [stages[key] for key in _refs(comment) if key in stages]
        if box is not None and own and box != Box.around(own).grown(SURROUND):
            kept[comment["id"]] = _said(box)
        else:
            kept.pop(comment["id"], None)
    _keep_nested(document, kept)


def drop(document: Document, key: str) -> None:
    """Forget what is kept of the box of a comment that is removed."""
    _keep_nested(document, {one: box for one, box in _nested(document).items() if one != key})


def _keep_nested(document: Document, kept: dict[str, Any]) -> None:
    if kept != _nested(document):
        document.set_own(_NESTED, kept or None)


def _said(box: Box) -> list[float | int]:
    return [_whole(side) for side in (box.x, box.y, box.width, box.height)]


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _place(node: Mapping[str, Any]) -> Box | None:
    data = (node.get("app_data") or {}).get("ui_data") or {}
    x, y = _number(data.get("x_pos")), _number(data.get("y_pos"))
    if x is None or y is None:
        return None
    width, height = _number(data.get("resize_width")), _number(data.get("resize_height"))
    return Box(x, y, width or STAGE_SIZE, height or STAGE_SIZE)


def _box(comment: Mapping[str, Any]) -> Box | None:
    x, y = _number(comment.get("x_pos")), _number(comment.get("y_pos"))
    width, height = _number(comment.get("width")), _number(comment.get("height"))
    if x is None or y is None:
        return None
    return Box(x, y, width or COMMENT_WIDTH, height or COMMENT_HEIGHT)


def _stages(document: Document, pipeline: str) -> dict[str, Box]:
    nodes = document.nodes(pipeline)
    known = {node["id"]: box for node in nodes if (box := _place(node)) is not None}
    if len(known) == len(nodes):
        return known
    from riverstage.flow.layout import Wall, arrange  # only flows with new stages need it

    edges = [(link.source, link.target) for link in document.links(pipeline) if link.source and link.target]
    fixed = {key: (box.x, box.y) for key, box in known.items()}
    walls = [
        Wall(box.x, box.y, box.right, box.bottom, frozenset(refs))
        for comment in document.comments(pipeline)
        if (box := _box(comment)) is not None and (refs := _refs(comment))
    ]
    placed = arrange([node["id"] for node in nodes], edges, fixed=fixed, walls=walls)
    found = {}
    for node in nodes:
        key = node["id"]
        found[key] = known[key] if key in known else Box(float(placed[key][0]), float(placed[key][1]), *_size(node))
    return found


def _size(node: Mapping[str, Any]) -> tuple[float, float]:
    data = (node.get("app_data") or {}).get("ui_data") or {}
    return _number(data.get("resize_width")) or STAGE_SIZE, _number(data.get("resize_height")) or STAGE_SIZE


def _refs(comment: Mapping[str, Any]) -> list[str]:
    refs = comment.get("associated_id_refs")
    return [ref["node_ref"] for ref in refs or () if isinstance(ref, dict) and "node_ref" in ref]


def _comments(comments: list[dict[str, Any]], stages: Mapping[str, Box]) -> dict[str, Box]:
    """Return a box for each comment: inner ones first, those with more stages around them, loose ones above."""
    found = {comment["id"]: box for comment in comments if (box := _box(comment)) is not None}
    own = {comment["id"]: frozenset(key for key in _refs(comment) if key in stages) for comment in comments}
    waiting = sorted((key for key in own if key not in found), key=lambda key: len(own[key]))
    for key in waiting:
        if own[key]:
            found[key] = _surround(key, own, found, stages)
    top = min((box.y for box in [*stages.values(), *found.values()]), default=100.0 + SURROUND)
    left = min((box.x for box in stages.values()), default=100.0)
    for key in waiting:
        if not own[key]:
            found[key] = Box(left, top - SURROUND - COMMENT_HEIGHT, COMMENT_WIDTH, COMMENT_HEIGHT)
            left += COMMENT_WIDTH + NEST
    return {comment["id"]: found[comment["id"]] for comment in comments}


def _surround(key: str, own: Mapping[str, frozenset[str]], found: Mapping[str, Box], stages: Mapping[str, Box]) -> Box:
    core = Box.around(stages[stage] for stage in own[key])
    box = core.grown(SURROUND)
    for other, placed in sorted(found.items(), key=lambda item: item[1].width * item[1].height):
        if other == key or not own[other] & own[key]:
            continue
        if own[other] <= own[key]:
            if not placed.holds(box):
                box = Box.around([box, placed.grown(NEST)]) if not box.holds(placed) else box
        elif not placed.holds(box) and own[key] <= own[other]:
            # The outer one stands already: this one goes inside, as wide as there is room.
            inner = placed.grown(-NEST)
            box = inner if inner.holds(core) else box
    return box


def _stand(node: dict[str, Any], box: Box) -> None:
    app_data = node.setdefault("app_data", {})
    data = app_data.setdefault("ui_data", {})
    tail = {key: data.pop(key) for key in list(data) if key not in ("label", "image")}
    data["x_pos"], data["y_pos"] = _whole(box.x), _whole(box.y)
    data.update({key: value for key, value in tail.items() if key not in ("x_pos", "y_pos")})


def _lay(comment: dict[str, Any], box: Box) -> None:
    place = {"x_pos": box.x, "y_pos": box.y, "width": box.width, "height": box.height}
    tail = {key: comment.pop(key) for key in list(comment) if key != "id"}
    comment.update({key: _whole(value) for key, value in place.items()})
    comment.update({key: value for key, value in tail.items() if key not in place})


def _whole(value: float) -> float | int:
    return int(value) if value == int(value) else round(value, 2)
