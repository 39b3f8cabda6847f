"""Folders as projects: finding, making and removing them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from riverstage.errors import ConflictError, Place, StoreError, UsageError
from riverstage.store._backend import KINDS
from riverstage.store._files import is_litter, store_errors, sync_folder
from riverstage.store._names import fold, marked_stem, plain_stem
from riverstage.store._project_file import PROJECT_FILE, ProjectFile, read_project, write_project
from riverstage.store.folder import STATE_FOLDER, SUFFIX, FolderBackend

__all__ = ["create_project_folder", "delete_project_folder", "find_project", "project_folders"]

_NAMED_AT_MOST = 10


def find_project(path: str | os.PathLike[str]) -> Path | None:
    """Return the folder of the project that a file or folder lies in, or None where it lies in none.

    Args:
        path: A file or folder; it need not be there.
    """
    place = Path(path).absolute()
    return next((folder for folder in (place, *place.parents) if (folder / PROJECT_FILE).is_file()), None)


def project_folders(workspace: Path, problems: list[StoreError] | None = None) -> list[tuple[Path, ProjectFile]]:
    """Return the projects of a workspace: its subfolders that are one, or the folder itself when it is.

    Args:
        workspace: The folder.
        problems: Takes the errors of projects whose file cannot be read, so that they do not hide the others.

    Raises:
        StoreError: The folder cannot be read or, without ``problems``, a project's file cannot.
    """
    own = read_project(workspace)
    if own is not None:
        return [(workspace, own)]
    with store_errors("read the workspace", workspace):
        try:
            folders = sorted(workspace.iterdir())
        except FileNotFoundError:
            return []
        folders = [folder for folder in folders if not folder.name.startswith(".") and folder.is_dir()]
    found = []
    for folder in folders:
        try:
            project = read_project(folder)
        except StoreError as refusal:
            if problems is None:
                raise
            problems.append(refusal)
        else:
            if project is not None:
                found.append((folder, project))
    return found


def create_project_folder(workspace: Path, project: ProjectFile, folder: Path | None = None) -> Path:
    """Make a project in a workspace and return its folder.

    Args:
        workspace: The folder that holds projects; it is made when it is not there.
        project: What the project says of itself.
        folder: The folder that shall be the project, whatever lies in it; by default a new one called as the project.

    Raises:
        UsageError: The workspace is a project itself, or the folder is taken.
        StoreError: It could not be written.
    """
    above = find_project(workspace if folder is None else folder)
    if above is not None:
        raise UsageError(
            f"A project cannot lie in another: '{above}' is a project.",
            code="RS-7017",
            mend="Open the folder above it as the workspace.",
        )
    with store_errors("make the project's folder", folder or workspace):
        if folder is None:
            workspace.mkdir(parents=True, exist_ok=True)
            folder = _new_folder(workspace, project.name)
        folder.mkdir(parents=True, exist_ok=True)
    try:
        write_project(folder, project, is_new=True)
    except ConflictError:  # another process was quicker
        raise UsageError(f"'{folder}' has just become a project.", code="RS-7004") from None
    with store_errors("make the project's folder", folder):
        for word in KINDS.values():
            (folder / word).mkdir(exist_ok=True)
        sync_folder(folder.parent)
    return folder


def _new_folder(workspace: Path, name: str) -> Path:
    """Return a folder for a new project: one that is not there, or empty."""
    taken = {fold(entry.name): entry.name for entry in workspace.iterdir()}
    plain = plain_stem(name)
    folder = workspace / plain
    entry = taken.get(fold(plain))
    if entry == plain and folder.is_dir() and not any(folder.iterdir()):
        return folder
    if entry is not None and entry != plain:
        folder = workspace / marked_stem(name)
        entry = taken.get(fold(folder.name))
    if entry is not None:
        raise UsageError(
            f"There is already something called '{entry}' in the workspace.",
            code="RS-7004",
            place=Place(file=str(workspace / entry)),
            mend="Choose another name, or make that very folder the project with folder=….",
        )
    return folder


def delete_project_folder(folder: Path) -> None:
    """Remove a project: its assets, its state and its folder.

    Raises:
        StoreError: Files lie there that are not the project's; they are named, and nothing is removed.
    """
    backend = FolderBackend(folder)
    with backend.transaction():
        others = [str(path.relative_to(folder)) for path in _others(folder)]
        if others:
            named = ", ".join(f"'{name}'" for name in others[:_NAMED_AT_MOST])
            more = f" and {len(others) - _NAMED_AT_MOST} more" if len(others) > _NAMED_AT_MOST else ""
            raise StoreError(
                f"The project's folder holds files that are not the project's: {named}{more}.",
                code="RS-7005",
                place=Place(file=str(folder)),
                state="Nothing was removed.",
                mend="Move them away, or remove the folder yourself.",
            )
        with store_errors("remove the project", folder, state="Part of it may be gone; deleting it again goes on."):
            for word in KINDS.values():
                if (folder / word).is_dir():
                    shutil.rmtree(folder / word)
            shutil.rmtree(folder / STATE_FOLDER)
            (folder / PROJECT_FILE).unlink(missing_ok=True)
            folder.rmdir()
            sync_folder(folder.parent)


def _others(folder: Path) -> Iterator[Path]:
    """Find what lies in a project's folder and is not the project's."""
    for path in sorted(folder.iterdir()):
        if path.name in (PROJECT_FILE, STATE_FOLDER) or is_litter(path.name):
            continue
        if path.name not in KINDS.values() or path.is_symlink() or not path.is_dir():
            yield path
            continue
        for inner in sorted(path.iterdir()):
            is_asset = inner.suffix == SUFFIX and not inner.name.startswith(".") and inner.is_file()
            if not is_asset and not is_litter(inner.name):
                yield inner
