"""The look of an annotation: ten attributes over the ``formats`` list of its comment.

A list of ``{"type": …, "value": …}`` with at most one entry a type. Values that other programs wrote are read as they
are; what is set here is checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from riverstage.errors import UsageError
from riverstage.flow._errors import did_you_mean, one_of
from riverstage.flow.enums import AnnotationFont, HorizontalAlignment, TextDecoration, TextSize, VerticalAlignment

__all__ = ["FORMATS", "STYLES", "read", "write"]

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}\Z")
_CSS = re.compile(r"[\w#.%+\-][\w#.%+\-(), ]*\Z", re.ASCII)
_SIZE = re.compile(r"text-size-(\d+)\Z")


def _refuse(name: str, value: object, said: str, mend: str = "") -> UsageError:
    return UsageError(f"Invalid {name}: {value!r}. {said}", code="RS-2030", mend=mend)


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise _refuse(name, value, "It is True, False or None.")
    return value


def _choice(kind: type[Enum]) -> Callable[[str, object], str]:
    def encode(name: str, value: object) -> str:
        text = value.value if isinstance(value, Enum) else value
        known = [str(member.value) for member in kind]
        if text in known:
            return str(text)
        raise _refuse(name, value, f"Valid values: {one_of(known)}.", did_you_mean(text, known))

    return encode


def _font(name: str, value: object) -> str:
    known = [member.value for member in AnnotationFont]
    text = value.value if isinstance(value, Enum) else value
    if isinstance(text, str):
        dashed = "-".join(text.lower().split())
        for candidate in (dashed, f"font-{dashed}"):
            if candidate in known:
                return candidate
    raise _refuse(name, value, f"Valid fonts: {one_of(known)}.", did_you_mean(text, known))


def _decoration(name: str, value: object) -> str:
    text = value.value if isinstance(value, Enum) else value
    words = text.split() if isinstance(text, str) else []
    if words and len(set(words)) == len(words) and set(words) <= {"underline", "strikethrough"}:
        return " ".join(words)
    known = [member.value for member in TextDecoration]
    raise _refuse(name, value, f"Valid values: {one_of(known)}.", did_you_mean(text, known))


def _size(name: str, value: object) -> str:
    number = value
    if isinstance(value, str):
        match = _SIZE.match(value)
        number = int(match[1]) if match else int(value) if value.isdecimal() else value
    known = [int(member) for member in TextSize]
    if isinstance(number, int) and not isinstance(number, bool) and number in known:
        return f"text-size-{int(number)}"
    raise _refuse(name, value, f"Valid sizes: {', '.join(map(str, known))}.")


def _read_size(value: object) -> object:
    match = _SIZE.match(value) if isinstance(value, str) else None
    return int(match[1]) if match else value


def _colour(*, transparent: bool) -> Callable[[str, object], str]:
    def encode(name: str, value: object) -> str:
        if isinstance(value, str) and (_COLOUR.match(value) or (transparent and value == "transparent")):
            return value
        or_none = ", or 'transparent'" if transparent else ""
        raise _refuse(name, value, f"A colour is '#' and six hexadecimal digits, such as '#1192E8'{or_none}.")

    return encode


def _css(name: str, value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str) and _CSS.match(value):
        return value
    raise _refuse(name, value, "It is a value as style sheets have them, such as '#1192E8', '1.5' or '4px 8px'.")


def _outline(name: str, value: object) -> str | None:
    return None if _flag(name, value) else "outline-none"


def _same(value: object) -> object:
    return value


@dataclass(frozen=True, slots=True)
class Format:
    """One attribute: the type of its entry, what it reads as when unset, and its codec.

    Args:
        type: The entry's ``type``.
        unset: What an annotation without the entry reads as.
        encode: Check a value and return the wire's; None removes the entry.
        decode: Return what a wire value reads as.
        flag: Whether the entry has no value and says something by being there.
    """

    type: str
    unset: object
    encode: Callable[[str, object], object]
    decode: Callable[[object], object] = _same
    flag: bool = False


FORMATS: dict[str, Format] = {
    "bold": Format("bold", unset=False, encode=_flag, flag=True),
    "italics": Format("italics", unset=False, encode=_flag, flag=True),
    "font": Format("fontType", None, _font),
    "text_decoration": Format("textDecoration", None, _decoration),
    "background_color": Format("backgroundColor", None, _colour(transparent=True)),
    "text_color": Format("textColor", None, _colour(transparent=False)),
    "vertical_align": Format("alignVertically", None, _choice(VerticalAlignment)),
    "horizontal_align": Format("alignHorizontally", None, _choice(HorizontalAlignment)),
    "text_size": Format("textSize", None, _size, _read_size),
    "outline": Format("outlineStyle", unset=True, encode=_outline, decode=lambda value: value != "outline-none"),
}

"""The ten attributes of an annotation."""

STYLES: dict[str, Format] = {
    "border_color": Format("border-color", None, _css),
    "letter_spacing": Format("letter-spacing", None, _css),
    "line_height": Format("line-height", None, _css),
    "padding": Format("padding", None, _css),
}
"""What older documents say besides: values as style sheets have them."""

_ALL = {**FORMATS, **STYLES}


def _entry(formats: object, kind: str) -> dict[str, Any] | None:
    if isinstance(formats, list):
        for entry in formats:
            if isinstance(entry, dict) and entry.get("type") == kind:
                return entry
    return None


def read(comment: dict[str, Any], name: str) -> Any:
    """Return one attribute of a comment."""
    form = _ALL[name]
    entry = _entry(comment.get("formats"), form.type)
    if entry is None:
        return form.unset
    return True if form.flag else form.decode(entry.get("value"))


def write(comment: dict[str, Any], name: str, value: object) -> None:
    """Set one attribute of a comment; None clears it."""
    form = _ALL[name]
    wire = None if value is None else form.encode(name, value)
    formats = comment.get("formats")
    if not isinstance(formats, list):
        formats = comment["formats"] = []
    entry = _entry(formats, form.type)
    if wire is None or (form.flag and not wire):
        if entry is not None and not (form.type == "outlineStyle" and value and form.decode(entry.get("value"))):
            formats.remove(entry)
        return
    if entry is None:
        entry = {"type": form.type}
        formats.append(entry)
    if not form.flag:
        entry["value"] = wire
