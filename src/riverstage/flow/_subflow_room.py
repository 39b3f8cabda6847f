"""Room on the canvas for the stages of a subflow that is taken apart.

They stand where its stage stood, and what is in their way moves aside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from riverstage.document import has_place
from riverstage.flow.layout import X_PITCH, Y_PITCH
from riverstage.flow.placing import Box, boxes_of, is_automatic, lift

if TYPE_CHECKING:
    from riverstage.document import Document

__all__ = ["Room"]

_Json = dict[str, Any]


class Room:
    """Where everything stands before a subflow is taken apart, and what moves when it is.

    Args:
        document: The document as it is before.
        pipeline: The pipeline with the subflow's stage.
        key: The subflow's stage.
        inside: The pipeline inside.
    """

    def __init__(self, document: Document, pipeline: str, key: str, inside: str) -> None:
        self._document, self._key = document, key
        self._outer, _ = boxes_of(document, pipeline)
        self._inner, _ = boxes_of(document, inside)
        self._home = self._outer.pop(key)
        self._before = {link.source for link in document.links_in(pipeline, key)} & set(self._outer)
        self._behind = {link.target for link in document.links_out(pipeline, key)} & set(self._outer)
        self._follows = {
            comment["id"]
            for where in (pipeline, inside)
            for comment in document.comments(where)
            if is_automatic(document, where, comment)
        }

    def make(self, moved: list[_Json], outside: list[_Json], within: list[_Json], around: list[_Json]) -> None:
        """Put the stages where the subflow's stage stood, and move aside what stands there.

        Args:
            moved: The nodes that come out.
            outside: The other nodes outside.
            within: The comments that come out.
            around: The other comments outside.
        """
        boxes = [self._inner[node["id"]] for node in moved if node["id"] in self._inner]
        if not boxes:
            return
        frame = Box.around(boxes)
        wanted = self._home.x + (self._home.width - frame.width) / 2
        ahead = [self._outer[key].x for key in self._before if self._outer[key].x < self._home.x]
        by_x = max([wanted, *(x + X_PITCH for x in ahead)]) - frame.x
        by_y = self._home.y + (self._home.height - frame.height) / 2 - frame.y
        last = max(box.x for box in boxes) + by_x
        behind = [self._outer[key].x for key in self._behind if self._outer[key].x > self._home.x]
        aside = max([0.0, *(last + X_PITCH - x for x in behind)])
        shifts = {key: (aside if box.x > self._home.x else 0.0, 0.0) for key, box in self._outer.items()}
        placed = {node["id"]: _shifted(self._inner[node["id"]], by_x, by_y) for node in moved}
        if self._is_in_the_way(placed.values(), shifts):
            down = max(frame.height - self._home.height, Y_PITCH) / 2
            shifts = {key: (x, _sign(self._outer[key].y - self._home.y) * down) for key, (x, _) in shifts.items()}
        self._move(moved, dict.fromkeys((node["id"] for node in moved), (by_x, by_y)), self._inner)
        self._move([node for node in outside if any(shifts.get(node["id"], ()))], shifts, self._outer)
        for comment in within:
            self._move_comment(comment, (by_x, by_y), follows=True)
        for comment in around:
            refs = [ref.get("node_ref") for ref in comment.get("associated_id_refs") or ()]
            follows = self._key in refs or any(any(shifts.get(key, ())) for key in refs)
            self._move_comment(comment, self._shift_of(refs, comment.get("x_pos"), shifts, aside), follows=follows)

    def _is_in_the_way(self, placed: Iterable[Box], shifts: Mapping[str, tuple[float, float]]) -> bool:
        standing = [_shifted(box, *shifts[key]) for key, box in self._outer.items()]
        return any(box.grown(Y_PITCH / 4).meets(other) for box in placed for other in standing)

    def _move(self, nodes: list[_Json], shifts: Mapping[str, tuple[float, float]], boxes: Mapping[str, Box]) -> None:
        for node in nodes:
            key = node["id"]
            x, y = shifts.get(key, (0.0, 0.0))
            if key not in boxes or key in self._document.unplaced or (not (x or y) and has_place(node)):
                continue
            data = node.setdefault("app_data", {}).setdefault("ui_data", {})
            data.update(x_pos=round(boxes[key].x + x), y_pos=round(boxes[key].y + y))

    def _shift_of(
        self, refs: list[str], at: object, shifts: Mapping[str, tuple[float, float]], aside: float
    ) -> tuple[float, float]:
        """Return how far a comment moves: as its stages do; one without stages as what stands there."""
        own = [shifts[key] for key in refs if key in shifts]
        if refs:
            return own[0] if own and all(one == own[0] for one in own) else (0.0, 0.0)
        return (aside if isinstance(at, int | float) and at > self._home.x else 0.0), 0.0

    def _move_comment(self, comment: _Json, by: tuple[float, float], *, follows: bool) -> None:
        if follows and comment["id"] in self._follows:
            lift(comment)
        elif any(by) and has_place(comment):
            comment.update(x_pos=round(comment["x_pos"] + by[0]), y_pos=round(comment["y_pos"] + by[1]))


def _shifted(box: Box, x: float, y: float) -> Box:
    return Box(box.x + x, box.y + y, box.width, box.height)


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)
