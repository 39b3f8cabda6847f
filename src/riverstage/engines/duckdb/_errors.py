"""Turn what DuckDB says into errors for people."""

from __future__ import annotations

import json
import re
from typing import Any

from riverstage.errors import Place, RiverstageError, RunCancelled, RunFailed

__all__ = ["as_run_error"]

_STATE = "No target was changed."
_NO_SPACE = re.compile(r"no space left|disk full|ENOSPC", re.IGNORECASE)


def as_run_error(error: BaseException, flow: str, *, cancelled: bool = False) -> RiverstageError:
    """Return the error of this package for an exception of the engine.

    Args:
        error: What was raised while a statement ran.
        flow: The flow's name.
        cancelled: Whether the run was told to stop; a stream that breaks off then is no failure.
    """
    import duckdb

    if isinstance(error, RiverstageError):
        return error
    text = str(error)
    ours = _ours(text)
    if ours is not None:
        place = Place(flow=flow, stage=ours.get("stage"), link=ours.get("link"), column=ours.get("column"))
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
    csv = re.search(r"CSV Error on Line: (\d+)\s*(?:Original Line:\s*(.*))?", text)
    if csv is not None:
        return RunFailed(
            f"Line {csv.group(1)} of a delimited file has not the shape that its columns say.",
            code="RS-6230",
            place=place,
            state=_STATE,
            mend="Mend the file, or set the stage's reject mode to continue or save.",
        )
    if isinstance(error, duckdb.IOException) and _NO_SPACE.search(text):
        return RunFailed(
            "The disk is full.", code="RS-6112", place=place, state=_STATE, mend="Free space and run again."
        )
    if isinstance(error, duckdb.IOException):
        return RunFailed(
            f"A file could not be read or written: {_first(text)}", code="RS-6113", place=place, state=_STATE
        )
    return RunFailed(f"The engine stopped: {_first(text)}", code="RS-6199", place=place, state=_STATE)


def _ours(text: str) -> dict[str, Any] | None:
    """Return the error that one of our own nodes raised, or None."""
    start = text.find('{"code": "RS-')
    if start < 0:
        return None
    try:
        said, _ = json.JSONDecoder().raw_decode(text[start:])
    except json.JSONDecodeError:
        return None
    return said if isinstance(said, dict) else None


def _first(text: str) -> str:
    return re.sub(r"^[\w ]*Error: ", "", text.strip().splitlines()[0] if text.strip() else "no reason given")
