"""``riverstage.toml``: what makes a folder a project, and what the project says of itself."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from riverstage.errors import ConflictError, Place, StoreError
from riverstage.store._backend import revision_of
from riverstage.store._files import read_file, write_file

__all__ = ["PROJECT_FILE", "ProjectFile", "owner_of", "read_project", "updated_at", "write_project"]

PROJECT_FILE = "riverstage.toml"

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """What a project says of itself.

    Args:
        project_id: Its id, for ever the same.
        name: Its name.
        description: What it is for.
        tags: Words to find it by.
        public: Whether everybody on a shared server may see it.
    """

    project_id: str
    name: str
    description: str = ""
    tags: tuple[str, ...] = ()
    public: bool = False

    def table(self) -> dict[str, Any]:
        """Return the table ``[project]`` of the file."""
        return {
            "id": self.project_id,
            "name": self.name,
            "description": self.description,
            "tags": list(self.tags),
            "public": self.public,
        }


def read_project(folder: Path) -> ProjectFile | None:
    """Return what the project in a folder says of itself, or None where the folder is no project.

    Raises:
        StoreError: The file cannot be read, or does not say what it must.
    """
    path = folder / PROJECT_FILE
    content = read_file(path)
    if content is None:
        return None
    table = _parsed(content, path).get("project", {})
    expected: dict[str, type] = {"id": str, "name": str, "description": str, "tags": list, "public": bool}
    for key, kind in expected.items():
        if key in table and not isinstance(table[key], kind):
            raise _unreadable(path, f"{key} in [project] must be a {_KIND_WORDS[kind]}")
    for key in ("id", "name"):
        if not table.get(key):
            raise _unreadable(path, f"[project] must say {key}")
    if not all(isinstance(tag, str) for tag in table.get("tags", [])):
        raise _unreadable(path, "tags in [project] must be a list of strings")
    return ProjectFile(
        table["id"],
        table["name"],
        table.get("description", ""),
        tuple(table.get("tags", ())),
        table.get("public", False),
    )


def owner_of(folder: Path) -> str | None:
    """Return the user that a project's folder belongs to; None where the system does not say."""
    try:
        return folder.owner()
    except (OSError, KeyError, NotImplementedError):  # it is gone, its owner has no name, or there are no owners here
        return None


def updated_at(folder: Path) -> str | None:
    """Return when what a project says of itself was last written, in UTC; None where it is there no more."""
    try:
        moment = (folder / PROJECT_FILE).stat().st_mtime
    except OSError:
        return None
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_KIND_WORDS = {str: "string", list: "list", bool: "boolean"}


def write_project(folder: Path, project: ProjectFile, *, is_new: bool) -> None:
    """Write what a project says of itself; all else in the file stays as people wrote it.

    Raises:
        ConflictError: The file must be new and is there, or it was changed while this was under way.
        StoreError: It could not be written.
    """
    path = folder / PROJECT_FILE
    if is_new:
        lines = [f"format = {_FORMAT}", "", "[project]", *(_line(key, value) for key, value in project.table().items())]
        write_file(path, ("\n".join(lines) + "\n").encode(), is_new=True)
        return
    before = read_file(path) or b""
    text = _edited(before.decode(), project.table())
    said = _parsed(before, path)
    if _value_of(text) != {**said, "project": {**said.get("project", {}), **project.table()}}:
        raise StoreError(
            "The project's settings could not be changed: a value runs over several lines.",
            code="RS-7016",
            place=Place(file=str(path)),
            state="Nothing was changed.",
            mend="Write each value of [project] on one line.",
        )

    def confirm() -> None:
        if revision_of(read_file(path) or b"") != revision_of(before):
            raise ConflictError("The project's settings were changed meanwhile.", state="Nothing was changed.")

    if text.encode() != before:
        write_file(path, text.encode(), is_new=False, confirm=confirm)


def _parsed(content: bytes, path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as refusal:
        raise _unreadable(path, str(refusal)) from None


def _unreadable(path: Path, why: str) -> StoreError:
    return StoreError(
        f"The project file cannot be read: {why}.",
        code="RS-7016",
        place=Place(file=str(path)),
        mend="Correct it by hand.",
    )


def _edited(text: str, table: Mapping[str, Any]) -> str:
    """Return the text with the keys of ``[project]`` set, each on its line."""
    lines = text.removesuffix("\n").split("\n")
    start = next((place for place, line in enumerate(lines) if re.match(r"\s*\[\s*project\s*\]", line)), None)
    if start is None:
        lines += ["", "[project]"]
        start = len(lines) - 1
    end = next((place for place in range(start + 1, len(lines)) if re.match(r"\s*\[", lines[place])), len(lines))
    section = lines[start + 1 : end]
    for key, value in table.items():
        place = next((at for at, line in enumerate(section) if re.match(rf'\s*"?{key}"?\s*=', line)), None)
        if place is not None:
            if _value_of(section[place]) != {key: value}:
                section[place] = _line(key, value)
            continue
        last = max((at for at, line in enumerate(section) if line.strip()), default=-1)
        section.insert(last + 1, _line(key, value))
    return "\n".join([*lines[: start + 1], *section, *lines[end:]]) + "\n"


def _value_of(text: str) -> dict[str, Any] | None:
    """Return what a text says, or None where it is no TOML, as one line of a longer value is not."""
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _line(key: str, value: object) -> str:
    if isinstance(value, list):
        return f"{key} = [{', '.join(_string(item) for item in value)}]"
    if isinstance(value, bool):
        return f"{key} = {str(value).lower()}"
    return f"{key} = {_string(str(value))}"


def _string(value: str) -> str:
    """Return text as a TOML string; JSON writes strings that TOML reads, save for one control character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
