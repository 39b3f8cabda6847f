"""Rename what expressions refer to, byte for byte the same elsewhere.

Works on words, not on the tree, so that an expression that cannot be parsed (it is still being written) keeps up too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from riverstage.errors import ExpressionError
from riverstage.expressions._lexer import KEYWORDS, Lexer, Word

__all__ = ["quoted", "rename"]

_PLAIN = re.compile(r"[^\W\d][\w$]*", re.UNICODE)
_PLAIN_PART = re.compile(r"[\w$]+", re.UNICODE)


def rename(
    text: str,
    *,
    links: Mapping[str, str] | None = None,
    columns: Mapping[tuple[str, str], str] | None = None,
    names: Mapping[str, str] | None = None,
    parameters: Mapping[str, str] | None = None,
) -> str:
    """Return an expression in which names are changed and every other character is kept.

    Args:
        text: The expression.
        links: New names of links; only what stands before a point is a link.
        columns: New names of columns, by link (its old name) and old name.
        names: New names of what is written bare: stage variables, parameters, columns.
        parameters: New names of parameters in ``#name#``, and of those of a set in ``#set.name#`` and ``set.name`` by
            ``set.name``.

    Returns:
        The expression; what comes after a character that begins no word is kept as it is.

    Example:
        >>> rename('in.in : "in.in"', links={"in": "orders"})
        'orders.in : "in.in"'
    """
    links, columns, names, parameters = links or {}, columns or {}, names or {}, parameters or {}
    changes: list[tuple[int, int, str]] = []
    for found in _words(text):
        changes.extend(_changes(found, links, columns, names, parameters))
    result = text
    for start, end, new in reversed(changes):
        result = result[:start] + new + result[end:]
    return result


@dataclass(frozen=True, slots=True)
class _Found:
    """A word that may be a name, with the names behind its points, and whether a bracket follows it."""

    word: Word
    parts: tuple[Word, ...] = ()
    is_call: bool = False


def _words(text: str) -> Iterator[_Found]:
    lexer = Lexer(text)
    operand = True
    try:
        while (word := lexer.next(operand=operand)).sort != "end":
            parts: list[Word] = []
            while word.sort in ("name", "text") and lexer.touches("."):
                lexer.position += 1
                parts.append(lexer.part())
            is_call = word.sort == "name" and not parts and text[lexer.position :].lstrip()[:1] == "("
            yield _Found(word, tuple(parts), is_call)
            is_keyword = word.sort == "name" and not parts and word.text.lower() in KEYWORDS
            operand = is_keyword or (word.sort == "operator" and word.text not in (")", "]"))
    except ExpressionError:
        return


def _changes(
    found: _Found,
    links: Mapping[str, str],
    columns: Mapping[tuple[str, str], str],
    names: Mapping[str, str],
    parameters: Mapping[str, str],
) -> Iterator[tuple[int, int, str]]:
    word, parts = found.word, found.parts
    if parts:
        name = ".".join(part.text for part in parts)
        dotted = f"{word.text}.{name}"
        if dotted in parameters:
            yield word.start, parts[-1].end, parameters[dotted]
            return
        if word.text in links:
            yield word.start, word.end, quoted(links[word.text])
        if (word.text, name) in columns:
            yield parts[0].start, parts[-1].end, quoted(columns[(word.text, name)], behind_point=True)
    elif word.sort == "parameter":
        name = word.text.strip("#")
        if name in parameters:
            yield word.start, word.end, f"#{parameters[name]}#"
    elif word.sort == "name" and word.text in names and not found.is_call and word.text.lower() not in KEYWORDS:
        yield word.start, word.end, names[word.text]


def quoted(name: str, *, behind_point: bool = False) -> str:
    """Return a link's or column's name as an expression writes it, in quotes where it is not a plain word."""
    plain = _PLAIN_PART if behind_point else _PLAIN
    if all(plain.fullmatch(part) for part in (name.split(".") if behind_point else [name])):
        return name
    return '"' + name.replace('"', '""') + '"'
