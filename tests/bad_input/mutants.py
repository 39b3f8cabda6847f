"""Documents changed at random: what a careless hand, a bad merge or another program makes of a flow."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

_STRANGE: list[Any] = [
    None, True, False, 0, -1, 1.5, 10**30, "", "x", "#p#", "#missing#", "#", "é\u2028", "\x00", "in.x +", "'", '"',
    [], {}, [None], [[]], {"x": 1}, ["x"], "primary", "0", "true", " ", "/", "../..", "a" * 300,
]  # fmt: skip


def _places(tree: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Collect every container and key of a tree."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            found.append((tree, key))
            _places(value, found)
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            found.append((tree, index))
            _places(value, found)
    return found


def with_parameters(tree: Any) -> Any:
    """Return a document with a local parameter of every kind, one of them with choices, and a parameter set."""
    kinds = {
        "int64": "7", "sfloat": "1.5", "string": "text", "date": "2026-01-31", "time": "23:59:59",
        "timestamp": "2026-01-31 23:59:59", "encrypted": "secret", "path": "/tmp", "enum": "b",
    }  # fmt: skip
    entries = [
        {"name": f"p_{kind}", "type": kind, "value": value, "prompt": "", "description": "", "valid_values": []}
        for kind, value in kinds.items()
    ]
    entries[-1]["valid_values"] = ["a", "b"]
    tree = copy.deepcopy(tree)
    parameters = tree.setdefault("parameters", {})
    parameters["local_parameters"] = [*(parameters.get("local_parameters") or []), *entries]
    return tree


def _of_parameters(tree: Any) -> list[tuple[Any, Any]]:
    """Return the places within a document's parameters."""
    if not isinstance(tree, dict):
        return []
    return [place for key in ("parameters", "external_paramsets") for place in _places(tree.get(key), [])]


def mutant(documents: list[Any], seed: int) -> bytes:
    """Return one of the documents, changed in one to four places; now and then the text itself is broken."""
    chance = random.Random(seed)
    tree = copy.deepcopy(chance.choice(documents))
    for _ in range(chance.randint(1, 4)):
        places = _places(tree, [])
        if chance.random() < 0.25:
            # They are a small part of a document, and every run reads all of them.
            places = _of_parameters(tree) or places
        if not places:
            break
        container, key = chance.choice(places)
        _change(container, key, places, chance)
    data = json.dumps(tree, ensure_ascii=False).encode("utf-8", "surrogatepass")
    if chance.random() < 0.05:
        cut = chance.randrange(len(data) + 1)
        data = chance.choice([data[:cut], data[:cut] + b"\xff" + data[cut:], data[:cut] + b"{" + data[cut:]])
    return data


def _change(container: Any, key: Any, places: list[tuple[Any, Any]], chance: random.Random) -> None:
    way = chance.randrange(7)
    if way == 0:
        del container[key]
    elif way == 1:
        container[key] = chance.choice(_STRANGE)
    elif way == 2:
        other, name = chance.choice(places)
        container[key] = copy.deepcopy(other[name])
    elif way == 3 and isinstance(container, list):
        container.append(copy.deepcopy(container[key]))
    elif way == 3:
        container[f"{key}_2"] = copy.deepcopy(container[key])
    elif way == 4 and isinstance(container, list):
        chance.shuffle(container)
    elif way == 5 and isinstance(container[key], str):
        text = container[key]
        at = chance.randrange(len(text) + 1)
        container[key] = (
            text[:at] + chance.choice(["", "#", "'", ".", "é", "0", "("]) + text[at + chance.randrange(2) :]
        )
    elif isinstance(container[key], int | float):
        container[key] = chance.choice([-1, 0, 1, 10**9, container[key] + 1])
    else:
        container[key] = chance.choice(_STRANGE)
