"""Turn what DuckDB says into errors for people."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from riverstage.catalogue import MASK
from riverstage.errors import Place, RiverstageError, RunCancelled, RunFailed
from riverstage.plan.failing import VALUE

__all__ = ["as_run_error"]

_SHOWN = 80
_STATE = "No target was changed."
_FILE = re.compile(r"""[fF]ile ["'](/.+?)["'](?=[\s:,;.]|$)""")
_INNER = re.compile(r'"exception_message":("(?:[^"\\]|\\.)*")')
# The file that a target is written to before it is shown.
_TEMPORARY = re.compile(r"\.(?P<name>[^/]+)\.riverstage-[^-/]*-[0-9a-f]{8}-\d+-\d+-\d+\.tmp")
_LINE = re.compile(r"CSV Error on Line: (\d+)")
_FIELDS = re.compile(r"^Expected Number of Columns: (\d+) Found: (\d+)", re.MULTILINE)
_READ = re.compile(r"^\s+file = (/.*)$", re.MULTILINE)
_LOST_IN_TEXT = "CSV Parser state machine reached an invalid state"
_NO_SPACE = re.compile(r"no space left|disk full|ENOSPC", re.IGNORECASE)


def as_run_error(
    error: BaseException, flow: str, *, cancelled: bool = False, secrets: Iterable[str] = ()
) -> RiverstageError:
    """Return the error of this package for an exception of the engine.

    Args:
        error: What was raised while a statement ran.
        flow: The flow's name.
        cancelled: Whether the run was told to stop; a stream that breaks off then is no failure.
        secrets: Texts that no message may show.
    """
    import duckdb

    if isinstance(error, RiverstageError):
        return error
    text = str(error)
    ours = _ours(text, secrets)
    if ours is not None:
        place = Place(flow=flow, **{name: ours.get(name) for name in ("stage", "link", "column", "file")})
        return RunFailed(ours["message"], code=ours["code"], place=place, state=_STATE, mend=ours.get("mend") or "")
    place = Place(flow=flow)
    if cancelled or isinstance(error, duckdb.InterruptException):
        return RunCancelled("The run was cancelled.", place=place, state=_STATE)
    if isinstance(error, duckdb.OutOfMemoryException):
        if _NO_SPACE.search(text) or ("temp" in text.lower() and "size" in text.lower()):
            return RunFailed(
                "The engine's folder for intermediate rows is full.",
                code="RS-6111",
                place=place,
                state=_STATE,
                mend="Free space there, or name another folder with RIVERSTAGE_TEMP.",
            )
        return RunFailed(
            "The run needs more memory than it may use.",
            code="RS-6110",
            place=place,
            state=_STATE,
            mend="Raise the memory limit (memory_limit=…, --memory), or use fewer threads.",
        )
    csv = _LINE.search(text)
    if csv is not None:
        return _of_line(int(csv[1]), text, place)
    if _LOST_IN_TEXT in text:
        return _of_line_ends(text, place)
    if isinstance(error, duckdb.IOException):
        return _of_file(text, place)
    return RunFailed(f"The engine stopped: {_first(text)}", code="RS-6199", place=place, state=_STATE)


def _of_line(number: int, text: str, place: Place) -> RunFailed:
    """Return the error for a record that the reader of delimited text refuses."""
    from riverstage.connectors._files import original

    files = _READ.findall(text)
    file = original(files[-1]) if files else None
    where = "a file" if file is None else f"'{file}'"
    fields = _FIELDS.search(text)
    mend = "Mend the file, or set the stage's reject mode to continue or save."
    if fields is not None:
        found = f"{fields[2]} field{'' if fields[2] == '1' else 's'}"
        why = f"it has {found} instead of {fields[1]}"
    elif "unterminated quote" in text:
        why = "its quotes do not pair"
    elif "Invalid unicode" in text:
        why = "its bytes are no text in the character set of the file"
        mend = f"Say the right character set (map_name). {mend}"
    elif "Maximum line size" in text:
        why = "it is too long"
    else:
        why = "it has not the shape that the columns say"
    return RunFailed(
        f"Line {number} of {where} cannot be read: {why}.",
        code="RS-6230",
        place=replace(place, file=file),
        state=_STATE,
        mend=mend,
    )


def _of_line_ends(text: str, place: Place) -> RunFailed:
    """Return the error for text in which the reader loses its way: that is what carriage returns here and there do."""
    from riverstage.connectors._files import original

    files = _READ.findall(text)
    file = original(files[-1]) if files else None
    return RunFailed(
        f"The lines of {'a file' if file is None else repr(file)} do not all end alike: a carriage return stands where "
        "the others have none, or is missing where they have one.",
        code="RS-6115",
        place=replace(place, file=file),
        state=_STATE,
        mend="Let all lines end alike (dos2unix), and put values that hold a carriage return in quotes.",
    )


def _of_file(text: str, place: Place) -> RunFailed:
    """Return the error for a file that cannot be read or written, named as the flow's target is."""
    inner = _INNER.search(text)  # of a write in the background
    text = json.loads(inner[1]) if inner is not None else text
    file = _file_of(text)
    if _NO_SPACE.search(text):
        return RunFailed(
            f"The disk that holds '{file}' is full." if file else "The disk is full.",
            code="RS-6112",
            place=replace(place, file=file),
            state=_STATE,
            mend="Free space on it and run again, or write to another disk.",
        )
    return RunFailed(
        f"A file could not be read or written: {_TEMPORARY.sub(_target, _first(text))}",
        code="RS-6113",
        place=replace(place, file=file),
        state=_STATE,
        mend="Check that it is there, that it may be read or its folder written to, and that its disk works; "
        "then run again.",
    )


def _file_of(text: str) -> str | None:
    """Return the file that the engine speaks of; a target in place of the file that is to become it."""
    named = _FILE.search(text)
    return None if named is None else _TEMPORARY.sub(_target, named[1])


def _target(temporary: re.Match[str]) -> str:
    return temporary["name"]


def _ours(text: str, secrets: Iterable[str]) -> dict[str, Any] | None:
    """Return the error that one of our own nodes raised, or None."""
    start = text.find('{"code": "RS-')
    if start < 0:
        return None
    decoder = json.JSONDecoder()
    try:
        said, end = decoder.raw_decode(text, start)
        shown = decoder.raw_decode(text, end)[0] if text[end : end + 1] == "[" else []
    except json.JSONDecodeError:
        return None
    return _with_values(said, shown, secrets) if isinstance(said, dict) else None


def _with_values(said: dict[str, Any], shown: list[str | None], secrets: Iterable[str]) -> dict[str, Any]:
    """Return an error of ours with the values in it that it is to show, none of them a secret."""
    if shown and shown[0] is None and "null" in said:
        return {**said, "message": said["null"], "mend": said.get("null_mend")}
    message = str(said.get("message") or "")
    for value in shown:
        message = message.replace(VALUE, _short(value, secrets), 1)
    return {**said, "message": message}


def _short(value: str | None, secrets: Iterable[str]) -> str:
    if value is None:
        return "null"
    for secret in secrets:
        # Of a value that was cut, the beginning of a secret is one too.
        if secret and (secret in value or (len(value) > _SHOWN and secret[:4] in value)):
            return MASK
    cut = value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"
    plain = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in cut)
    return f"'{plain}'"


def _first(text: str) -> str:
    return re.sub(r"^[\w ]*Error: ", "", text.strip().splitlines()[0] if text.strip() else "no reason given")
