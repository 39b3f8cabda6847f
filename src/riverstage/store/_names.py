"""How the name of an asset becomes the name of a file, and back.

A file is called as its asset is, as far as every file system can tell such names apart. What one of them would
confuse, refuse or change is written as ``%XX`` (the bytes of its UTF-8 form): separators and other punctuation, control
characters, a dot or space at either end, device names (``con``, ``nul``), and characters that have more than one
Unicode form. Names that differ only in what a file system may fold (``Orders`` and ``orders``) get files that differ in
more: the second of them carries a mark made from the exact name, ``orders~1c168adb``.

Every file name of either form reads back as the exact name.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from urllib.parse import unquote_to_bytes

from riverstage.errors import UsageError

__all__ = ["fold", "marked_stem", "name_of_stem", "plain_stem"]

LONGEST_STEM = 230
"""Bytes of a stem: room for a suffix and a mark within the 255 that file systems give a name."""

_KEPT = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-. (),+=@")
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))]
)
_MARK = re.compile(r"~[0-9a-f]{8}\Z")


def plain_stem(name: str) -> str:
    """Return the file name of an asset, without a suffix.

    Args:
        name: Name of the asset.

    Raises:
        UsageError: The name is empty, no Unicode text, or longer than a file name can be.

    Example:
        >>> plain_stem("My batch flow")
        'My batch flow'
        >>> plain_stem("in/out: 50%")
        'in%2Fout%3A 50%25'
    """
    if not name:
        raise UsageError("A name cannot be empty.", code="RS-7003")
    try:
        name.encode()
    except UnicodeEncodeError:
        raise UsageError(
            f"The name {name!r} holds half a character (a lone surrogate).", code="RS-7003", mend="Write it as text."
        ) from None
    stem = "".join(character if _is_kept(character) else _escaped(character) for character in name)
    if unicodedata.normalize("NFC", stem) != stem or unicodedata.normalize("NFD", stem) != stem:
        stem = "".join(character if character in _KEPT else _escaped(character) for character in name)
    stem = _safe_ends(stem)
    size = len(stem.encode())
    if size > LONGEST_STEM:
        raise UsageError(
            f"The name {name[:40]!r}… is too long: its file name would take {size} bytes, and {LONGEST_STEM} fit.",
            code="RS-7003",
            mend="Choose a shorter name; letters outside a to z can take up to twelve bytes each.",
        )
    return stem


def marked_stem(name: str) -> str:
    """Return the file name of an asset whose plain one is taken by a name that looks alike, without a suffix.

    Example:
        >>> marked_stem("orders")
        'orders~1c168adb'
    """
    return f"{plain_stem(name)}~{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def name_of_stem(stem: str) -> str:
    """Return the name that a file name stands for; one that a person chose stands for itself.

    Example:
        >>> name_of_stem("in%2Fout%3A 50%25")
        'in/out: 50%'
    """
    stem = _MARK.sub("", stem)
    if "%" not in stem:
        return stem
    try:
        return unquote_to_bytes(stem).decode()
    except UnicodeDecodeError:
        return stem


def fold(file_name: str) -> str:
    """Return what is left of a file name on a file system that ignores case and Unicode forms."""
    return unicodedata.normalize("NFD", unicodedata.normalize("NFKD", file_name).casefold())


def _is_kept(character: str) -> bool:
    if character in _KEPT:
        return True
    if character < "\x80" or unicodedata.category(character) not in ("Ll", "Lu", "Lo", "Lm", "Nd"):
        return False
    return unicodedata.normalize("NFKD", character) == character


def _escaped(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())


def _safe_ends(stem: str) -> str:
    if stem[0] in "-. ":
        stem = _escaped(stem[0]) + stem[1:]
    if stem[-1] in ". ":
        stem = stem[:-1] + _escaped(stem[-1])
    if stem.split(".")[0].rstrip(" ").casefold() in _DEVICES:
        stem = _escaped(stem[0]) + stem[1:]
    return stem
