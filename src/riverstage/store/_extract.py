"""Find the secrets in an asset and put tokens in their place: pure functions over its tree."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = [
    "TOKEN_PREFIX",
    "Extraction",
    "IsSecret",
    "Spot",
    "connection_spots",
    "extract_secrets",
    "flow_spots",
    "is_token",
    "parameter_set_spots",
    "reveal_secrets",
    "token_name",
    "tokens_in",
]

TOKEN_PREFIX = "secret:"  # noqa: S105 the token is what is not secret

IsSecret = Callable[[str, str], bool]
"""Says of a stage's wire ``op`` and a property's wire key whether its value is a secret."""

# Values of a parameter that say where the value comes from.
_ELSEWHERE = ("$ENV", "$UNSET", "$PROJDEF", "PROJDEF")
_PARAMETER = re.compile(r"#[^#\s]+#\Z")
_TOKEN_IN_TEXT = re.compile(rf'"{TOKEN_PREFIX}([^"]+)"')


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in an asset where a secret belongs.

    Args:
        path: Keys and positions from the root of the tree.
        identity: What names the place whatever moves around it; a stage may hold one property in several places.
        words: What a secret found there is called, without the name of the asset.
    """

    path: tuple[str | int, ...]
    identity: tuple[str | int, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Extraction:
    """An asset without its secrets, and the secrets.

    Args:
        tree: The asset with tokens in place of secrets; the very tree that was given when it held none.
        secrets: The name of each secret that was found, and the secret.
        tokens: Where in the tree each token was put.
    """

    tree: dict[str, Any]
    secrets: dict[str, str]
    tokens: dict[tuple[str | int, ...], str]

    def __repr__(self) -> str:
        return f"Extraction(secrets={sorted(self.secrets)})"


def is_token(value: object) -> bool:
    """Return whether a value stands for a secret.

    Example:
        >>> is_token("secret:Orders/PG_src/password"), is_token("hunter2")
        (True, False)
    """
    return isinstance(value, str) and value.startswith(TOKEN_PREFIX) and len(value) > len(TOKEN_PREFIX)


def token_name(token: str) -> str:
    """Return the name of the secret that a token stands for."""
    return token.removeprefix(TOKEN_PREFIX)


def extract_secrets(
    tree: dict[str, Any],
    spots: Callable[[dict[str, Any]], Iterator[Spot]],
    *,
    scope: tuple[str, ...],
    previous: Callable[[], dict[str, Any] | None] = lambda: None,
    is_own: Callable[[str], bool] = lambda _name: True,
    is_free: Callable[[str], bool] = lambda _name: True,
) -> Extraction:
    """Put tokens in place of the secrets of an asset.

    A value that is a token already, or a parameter (``#name#``), stays. A secret is called by the asset, the stage and
    the property. A place that held a token keeps it, so that a changed password stays one secret; but never a token
    that other places or other assets use.

    Args:
        tree: The asset; it is not changed.
        spots: Finds the places of its kind.
        scope: What the names begin with: the name of the asset, or its kind and name.
        previous: Gives the asset as it was saved before; asked only where there are secrets.
        is_own: Whether a stored secret of that name was made for this asset.
        is_free: Whether a new secret may be called so.

    Example:
        >>> body = {"datasource_type": "postgresql", "properties": {"host": "db", "password": "hunter2"}}
        >>> spots = connection_spots(lambda op, key: key == "password")
        >>> found = extract_secrets(body, spots, scope=("connection", "pg"))
        >>> found.tree["properties"]
        {'host': 'db', 'password': 'secret:connection/pg/password'}
        >>> found
        Extraction(secrets=['connection/pg/password'])
    """
    plain = [spot for spot in spots(tree) if _is_plain(_at(tree, spot.path))]
    if not plain:
        return Extraction(tree, {}, {})
    former = previous() or {}
    held = {spot.identity: _at(former, spot.path) for spot in spots(former)}
    uses = Counter(token for token in held.values() if is_token(token))
    used = {token_name(value) for value in (_at(tree, spot.path) for spot in spots(tree)) if is_token(value)}
    named: dict[tuple[object, str], str] = {}
    tokens: dict[tuple[str | int, ...], str] = {}
    for spot in plain:
        secret = str(_at(tree, spot.path))
        name = named.get((spot.identity, secret), "")
        if not name:
            before = str(held.get(spot.identity))
            name = token_name(before) if is_token(before) and uses[before] == 1 else ""
            if not name or name in used or not is_own(name):
                name = _fresh_name((*scope, *spot.words), lambda name: name not in used and is_free(name))
            used.add(name)
            named[spot.identity, secret] = name
        tokens[spot.path] = TOKEN_PREFIX + name
        tree = _with(tree, spot.path, tokens[spot.path])
    return Extraction(tree, {name: secret for (_, secret), name in named.items()}, tokens)


def reveal_secrets(
    tree: dict[str, Any],
    spots: Callable[[dict[str, Any]], Iterator[Spot]],
    value_of: Callable[[str], str | None],
) -> dict[str, Any]:
    """Return an asset with its secrets in place of their tokens; a token that nothing is known of stays.

    Args:
        tree: The asset; it is not changed.
        spots: Finds the places of its kind.
        value_of: Gives the secret of a name.
    """
    for spot in spots(tree):
        token = _at(tree, spot.path)
        secret = value_of(token_name(token)) if is_token(token) else None
        if secret is not None:
            tree = _with(tree, spot.path, secret)
    return tree


def flow_spots(is_secret: IsSecret) -> Callable[[dict[str, Any]], Iterator[Spot]]:
    """Return what finds the places of secrets in a flow document: properties of stages, encrypted parameters."""

    def find(tree: dict[str, Any]) -> Iterator[Spot]:
        yield from _encrypted(_member(tree, "parameters", {}), "local_parameters", ("parameters",), ("parameters",))
        for place, pipeline in enumerate(_items(tree, "pipelines")):
            for position, node in enumerate(_items(pipeline, "nodes")):
                path: tuple[str | int, ...] = ("pipelines", place, "nodes", position)
                identity = (str(pipeline.get("id")), str(node.get("id")))
                stage = _stage_name(node)
                for spot in _node_spots(node, is_secret):
                    yield Spot((*path, *spot.path), (*identity, *spot.identity), (stage, *spot.words))

    return find


def connection_spots(is_secret: IsSecret) -> Callable[[dict[str, Any]], Iterator[Spot]]:
    """Return what finds the places of secrets in a connection asset."""

    def find(body: dict[str, Any]) -> Iterator[Spot]:
        op = str(body.get("datasource_type", ""))
        yield from _property_spots(_member(body, "properties", {}), op, is_secret, ("properties",))

    return find


def parameter_set_spots(body: dict[str, Any]) -> Iterator[Spot]:
    """Find the places of secrets in a parameter set: its encrypted parameters, and their values in value sets."""
    yield from _encrypted(body, "parameters", (), ())
    encrypted = {item.get("name") for item in _items(body, "parameters") if item.get("type") == "encrypted"}
    for place, value_set in enumerate(_items(body, "value_sets")):
        for position, value in enumerate(_items(value_set, "values")):
            if value.get("name") in encrypted and value.get("value") not in _ELSEWHERE:
                words = (str(value_set.get("name")), str(value["name"]))
                yield Spot(("value_sets", place, "values", position, "value"), ("value_sets", *words), words)


def tokens_in(content: bytes) -> set[str]:
    """Return the names of all secrets whose tokens stand in the bytes of an asset."""
    import json

    found: set[str] = set()
    try:
        heap: list[Any] = [json.loads(content)]
    except ValueError:  # a file that somebody is in the middle of editing
        return set(_TOKEN_IN_TEXT.findall(content.decode(errors="replace")))
    while heap:
        value = heap.pop()
        if isinstance(value, dict):
            heap.extend(value.values())
        elif isinstance(value, list):
            heap.extend(value)
        elif is_token(value):
            found.add(token_name(value))
    return found


def _stage_name(node: dict[str, Any]) -> str:
    label = _member(_member(_member(node, "app_data", {}), "ui_data", {}), "label", None)
    return label if isinstance(label, str) and label else str(node.get("id", ""))[:8] or "stage"


def _node_spots(node: dict[str, Any], is_secret: IsSecret) -> Iterator[Spot]:
    op = str(node.get("op", ""))
    yield from _property_spots(_member(node, "parameters", {}), op, is_secret, ("parameters",))
    properties = _member(_member(node, "connection", {}), "properties", {})
    yield from _property_spots(properties, op, is_secret, ("connection", "properties"))
    for side in ("inputs", "outputs"):
        for place, port in enumerate(_items(node, side)):
            yield from _property_spots(_member(port, "parameters", {}), op, is_secret, (side, place, "parameters"))


def _property_spots(
    values: dict[str, Any],
    op: str,
    is_secret: IsSecret,
    path: tuple[str | int, ...],
    words: tuple[str, ...] = (),
) -> Iterator[Spot]:
    """Find secrets among the properties of a stage, and among the rows of its tables."""
    for key, value in values.items():
        place = (*path, key)
        if is_secret(op, key):
            if isinstance(value, list):
                for position in range(len(value)):
                    said = (*words, key, str(position + 1))
                    yield Spot((*place, position), said, said)
            else:
                yield Spot(place, (*words, key), (*words, key))
        elif isinstance(value, list):
            for position, row in enumerate(value):
                if isinstance(row, dict):
                    said = (*words, key, str(position + 1))
                    yield from _property_spots(row, op, is_secret, (*place, position), said)


def _encrypted(holder: dict[str, Any], key: str, path: tuple[str | int, ...], words: tuple[str, ...]) -> Iterator[Spot]:
    for position, item in enumerate(_items(holder, key)):
        if item.get("type") == "encrypted" and "value" in item and item["value"] not in _ELSEWHERE:
            said = (*words, str(item.get("name")))
            yield Spot((*path, key, position, "value"), (key, str(item.get("name"))), said)


def _is_plain(value: object) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return True
    return isinstance(value, str) and bool(value.strip()) and not is_token(value) and not _PARAMETER.match(value)


def _fresh_name(words: tuple[str, ...], is_free: Callable[[str], bool]) -> str:
    base = "/".join(word.replace("%", "%25").replace("/", "%2F") for word in words)
    name, number = base, 1
    while not is_free(name):
        number += 1
        name = f"{base}/{number}"
    return name


def _member(holder: object, key: str, default: Any) -> Any:
    found = holder.get(key, default) if isinstance(holder, Mapping) else default
    return found if default is None or isinstance(found, type(default)) else default


def _items(holder: object, key: str) -> list[dict[str, Any]]:
    """Return the mappings in a list, each at its place; what is no mapping counts as an empty one."""
    return [item if isinstance(item, dict) else {} for item in _member(holder, key, [])]


def _at(tree: Any, path: tuple[str | int, ...]) -> Any:
    for key in path:
        tree = tree[key]
    return tree


def _with(tree: Any, path: tuple[str | int, ...], value: object) -> Any:
    """Return the tree with another value at a path; what does not lie on the path is shared."""
    if not path:
        return value
    copy: Any = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[path[0]] = _with(copy[path[0]], path[1:], value)
    return copy
