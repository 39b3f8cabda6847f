"""Finding a stage type by what people call it."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from riverstage.catalogue._load import load, read, stage_texts
from riverstage.catalogue._spec import StageInfo, StageSpec
from riverstage.errors import CatalogueError

__all__ = ["accepted_names", "by_op", "find", "stage_types"]

_NEAR = 2


class _Index(NamedTuple):
    files: dict[str, str]  # name to file
    listed: tuple[StageInfo, ...]
    names: dict[str, str]  # plain spelling of the name to the name
    others: dict[str, str]  # class, configuration and loose spellings to the name
    ops: dict[str, str]


@cache
def _index() -> _Index:
    texts = stage_texts()
    index = _Index({}, (), {}, {}, {})
    listed = []
    for name, (file, op, class_name, config_name, in_list) in read("data/_index.json").items():
        index.files[name] = file
        index.names[_plain(name)] = name
        for other in (class_name, class_name.removesuffix("Stage"), config_name, name):
            index.others.setdefault(_loose(other), name)
        if op is not None:
            index.ops[op] = name
        if in_list:
            listed.append(StageInfo(name, op, class_name, *texts[name]))
    return index._replace(listed=tuple(listed))


def _plain(text: str) -> str:
    return text.replace(" ", "").replace("/", "").lower()


def _loose(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())


def stage_types() -> tuple[StageInfo, ...]:
    """Return one line about each listed stage type, in catalogue order.

    Example:
        >>> len(stage_types())
        149
    """
    return _index().listed


def accepted_names() -> tuple[str, ...]:
    """Return the name of every stage type that can be added, also of the two that are not listed."""
    return tuple(_index().files)


def find(name: str) -> StageSpec:
    """Return the spec of a stage type.

    Args:
        name: Its name; spaces, slashes and capitals do not matter. The class's name (``RowGeneratorStage``), the
            configuration's (``row_generator``) and a member of ``StageType`` mean it too.

    Raises:
        CatalogueError: No stage type is called that (``RS-2101``). The message names one that is nearly called that.

    Example:
        >>> find("rowgenerator").name
        'Row Generator'
    """
    text: Any = getattr(name, "value", name)
    if not isinstance(text, str):
        raise CatalogueError(f"A stage type is named by text, not by {text!r}.", code="RS-2101")
    index = _index()
    found = index.names.get(_plain(text)) or index.others.get(_loose(text))
    if found is None:
        raise CatalogueError(_unknown(text, index.names), code="RS-2101")
    return load(index.files[found])


def by_op(op: str) -> StageSpec | None:
    """Return the spec of the stage type with that wire operator, or None where no type has it.

    Example:
        >>> by_op("PxPeek").name
        'Peek'
    """
    name = _index().ops.get(op)
    return None if name is None else load(_index().files[name])


def _unknown(text: str, names: dict[str, str]) -> str:
    plain = _plain(text)
    distances = [(_distance(plain, other), name) for other, name in names.items()]
    nearest = min(distances, key=lambda entry: entry[0])
    if nearest[0] > min(_NEAR, max(1, len(plain) // 3)):  # of a short word, two letters are most
        return f"Invalid stage type string: {text}"
    return f'Invalid stage type string: "{text}". Did you mean "{nearest[1]}"?'


def _distance(one: str, two: str) -> int:
    """Return how many letters to add, drop, change or swap with a neighbour to get from one text to the other."""
    if abs(len(one) - len(two)) > _NEAR:
        return _NEAR + 1
    before: list[int] = []
    row = list(range(len(two) + 1))
    for i, letter in enumerate(one, start=1):
        older, before, row = before, row, [i]
        for j, other in enumerate(two, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == two[j - 2] and one[i - 2] == other:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > _NEAR and min(before) > _NEAR:
            return _NEAR + 1
    return row[-1]
