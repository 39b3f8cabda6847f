"""Writing a flow to a file: whole or not at all."""

from __future__ import annotations

import os
import re
import tempfile
import warnings
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from riverstage.errors import Place, StoreError
from riverstage.flow.configuration import spec_of
from riverstage.flow.parameters import local_entries

if TYPE_CHECKING:
    from riverstage.document import Document

__all__ = ["SecretWarning", "secrets_in", "warn_of_secrets", "write_atomically"]


class SecretWarning(UserWarning):
    """A secret was written to a file in clear."""


# A reference to a parameter, a token of a project's secret, and what says that the value comes from elsewhere.
_NO_SECRET = re.compile(r"#[^#\s]+#\Z|secret:.|\$ENV\Z|\$UNSET\Z|\$?PROJDEF\Z")


def secrets_in(document: Document) -> list[str]:
    """Return what each secret is that stands in a document in clear: ``password of 'Orders'``, ``parameter 'pin'``."""
    encrypted = [entry for entry in local_entries(document) if str(entry.get("type")).lower() == "encrypted"]
    found = [f"parameter '{entry.get('name')}'" for entry in encrypted if _is_clear(entry.get("value"))]
    for pipeline in document.pipeline_ids:
        for node in document.nodes(pipeline):
            spec = spec_of(node)
            if spec is None:
                continue
            fields = list(spec.connection.fields.values()) if spec.connection is not None else []
            wires = {prop.wire: prop.name for prop in [*spec.slots, *fields] if prop.secret}
            if not wires:
                continue
            held = {**(node.get("parameters") or {}), **((node.get("connection") or {}).get("properties") or {})}
            label = document.label(pipeline, node["id"]) or ""
            found += [f"{wires[key]} of '{label}'" for key, value in held.items() if key in wires and _is_clear(value)]
    return found


def _is_clear(value: object) -> bool:
    if isinstance(value, int | float):
        return not isinstance(value, bool)
    return isinstance(value, str) and bool(value.strip()) and _NO_SECRET.match(value) is None


def warn_of_secrets(document: Document, path: Path) -> None:
    """Warn where a file that is written holds secrets in clear."""
    found = secrets_in(document)
    if found:
        message = f"{path} holds secrets in clear: {', '.join(found)}. Use a parameter, or save the flow to a project."
        warnings.warn(message, SecretWarning, stacklevel=3)


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that it holds the old bytes or the new ones, whatever happens.

    Raises:
        StoreError: The file cannot be written; it is as it was.
    """
    target = Path(os.path.realpath(path))
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    except OSError as error:
        raise _refused(path, error) from None
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(_mode(target))
        temporary.replace(target)
    except OSError as error:
        raise _refused(path, error) from None
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()
    _sync_folder(target.parent)


def _mode(target: Path) -> int:
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _sync_folder(folder: Path) -> None:
    # The new name must outlive a power cut too; some file systems cannot do that, and the file is written anyway.
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _refused(path: Path, error: OSError) -> StoreError:
    message = f"The flow cannot be written: {error.strerror}."
    return StoreError(message, place=Place(file=str(path)), state="The file is as it was.")
