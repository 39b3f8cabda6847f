"""Assets as files in a folder, made for git."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from riverstage.errors import ConflictError, NotFoundError, Place, StoreError
from riverstage.store._backend import ABSENT, ANY, KINDS, Asset, AssetKind, Version, revision_of
from riverstage.store._files import (
    FileLock,
    Step,
    no_step,
    read_file,
    remove_file,
    store_errors,
    sweep,
    sync_folder,
    write_file,
)
from riverstage.store._names import fold, marked_stem, name_of_stem, plain_stem
from riverstage.store._state_db import StateDatabase
from riverstage.store._versions import AssetVersions
from riverstage.store.runs_db import RunRecords

__all__ = ["STATE_FOLDER", "SUFFIX", "FolderBackend"]

STATE_FOLDER = ".riverstage"
"""The folder in a project that holds what is no source: run records, versions, secrets, the lock."""

SUFFIX = ".json"

_STATE_IS_FOR_NO_GIT = b"*\n"

Files = list[Path]


class FolderBackend:
    """Keeps the assets of a project in its folder: ``flows/NAME.json``, ``connections/NAME.json`` and so on.

    Another program may change the files at any time: a revision is always the hash of what is on the disk.

    Args:
        folder: The project's folder; it must be there.
        step: Called with the name of each step of a write, for tests of crashes.

    Example:
        >>> import tempfile
        >>> backend = FolderBackend(Path(tempfile.mkdtemp()))
        >>> revision = backend.put("flow", "Orders", b"{}", if_revision="absent")
        >>> backend.get("flow", "Orders").content
        b'{}'
    """

    def __init__(self, folder: Path, *, step: Step = no_step) -> None:
        self.folder = folder
        self._step = step
        self.state_folder = folder / STATE_FOLDER
        self._lock = FileLock(self.state_folder / "lock")
        self._database = StateDatabase(self.state_folder / "state.db", self._lock, self._prepare_state_folder)
        self._versions = AssetVersions(self._database)

    def __repr__(self) -> str:
        return f"FolderBackend({str(self.folder)!r})"

    @property
    def runs(self) -> RunRecords:
        """The records of the project's runs."""
        return RunRecords(self._database)

    def get(self, kind: AssetKind, name: str, *, revision: str | None = None) -> Asset:
        """Return an asset as it is now, or as it was at a revision that :meth:`history` names."""
        path = self._file(kind, name)
        content = None if path is None else read_file(path)
        if revision is not None and (content is None or revision_of(content) != revision):
            old = self._versions.content(kind, name, revision)
            if old is None:
                raise NotFoundError(
                    f"The {_word(kind)} {name!r} has no version {revision[:12]!r} here.", code="RS-7002"
                )
            return Asset(kind, name, old, revision)
        if path is None or content is None:
            raise self._not_found(kind, name)
        return Asset(kind, name, content, revision_of(content), str(path))

    def put(self, kind: AssetKind, name: str, content: bytes, *, if_revision: str) -> str:
        """Write an asset and return its new revision."""
        revision = revision_of(content)
        with self.transaction():
            path = self._file(kind, name)
            found = None if path is None else read_file(path)
            _check_revision(kind, name, found, if_revision)
            if found == content:
                return revision
            if path is None:
                path = self._new_file(kind, name)
            before = found

            def confirm() -> None:
                _check_revision(kind, name, read_file(path), ABSENT if before is None else revision_of(before))

            with self._versions.recording(kind, name, content):
                self._step("recorded")
                write_file(path, content, is_new=before is None, confirm=confirm, step=self._step)
        return revision

    def rename(self, kind: AssetKind, name: str, new_name: str, *, if_revision: str) -> None:
        """Give an asset another name, its history with it."""
        with self.transaction():
            path = self._existing(kind, name, if_revision)
            if new_name == name:
                return
            if self._file(kind, new_name) is not None:
                raise _exists(kind, new_name)
            target = self._new_file(kind, new_name, besides=path.name)
            with self._versions.renaming(kind, name, new_name), store_errors("rename a file", path):
                path.rename(target)
                sync_folder(path.parent)
            self._step("renamed")

    def list(self, kind: AssetKind) -> Sequence[Asset]:
        """Return all assets of a kind, sorted by name; two files that say the same name are both listed."""
        assets = []
        for name, files in sorted(self._files(kind).items()):
            for path in files:
                content = read_file(path)
                if content is not None:
                    assets.append(Asset(kind, name, content, revision_of(content), str(path)))
        return assets

    def delete(self, kind: AssetKind, name: str, *, if_revision: str) -> None:
        """Remove an asset."""
        with self.transaction():
            path = self._existing(kind, name, if_revision)
            before = read_file(path) or b""
            with self._versions.recording(kind, name, before, is_deletion=True):
                remove_file(path)
            self._step("removed")

    def history(self, kind: AssetKind, name: str) -> Sequence[Version]:
        """Return the states that are known of an asset, the newest first; empty when none is."""
        versions = self._versions.of(kind, name)
        path = self._file(kind, name)
        content = None if path is None else read_file(path)
        if path is None or content is None:
            return versions
        revision = revision_of(content)
        if not versions or versions[0].revision != revision or versions[0].is_deletion:
            with store_errors("look at a file", path):
                moment = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            saved_at = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            versions.insert(0, Version(revision, saved_at, is_outside=True))
        return versions

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep other writers out while the block runs; it may be nested."""
        self._prepare_state_folder()
        with self._lock.hold() as is_outermost:
            if is_outermost:
                for folder in (self.folder, self.state_folder, *(self.folder / word for word in KINDS.values())):
                    sweep(folder)
            yield

    def _prepare_state_folder(self) -> None:
        ignore = self.state_folder / ".gitignore"
        if ignore.exists():
            return
        with store_errors("make a folder", self.state_folder):
            if not self.folder.is_dir():
                raise self._gone()
            self.state_folder.mkdir(exist_ok=True)
            ignore.write_bytes(_STATE_IS_FOR_NO_GIT)

    def _gone(self) -> StoreError:
        return StoreError(
            "The project's folder is not there.",
            code="RS-7009",
            place=Place(file=str(self.folder)),
            mend="It may have been deleted or moved.",
        )

    def _files(self, kind: AssetKind) -> dict[str, Files]:
        """Return the files of a kind by the name that each says."""
        folder = self.folder / KINDS[kind]
        files: dict[str, Files] = {}
        with store_errors("read a folder", folder), suppress(FileNotFoundError), os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                name = entry.name
                if name.endswith(SUFFIX) and name[0] != "." and _is_text(name) and not entry.is_dir():
                    files.setdefault(name_of_stem(name.removesuffix(SUFFIX)), []).append(folder / name)
        if not files and not self.folder.is_dir():
            raise self._gone()
        return files

    def _file(self, kind: AssetKind, name: str) -> Path | None:
        files = self._files(kind).get(name, [])
        if len(files) > 1:
            said = " and ".join(f"'{path.name}'" for path in files)
            raise StoreError(
                f"Two files are both the {_word(kind)} {name!r}: {said}.",
                code="RS-7013",
                place=Place(file=str(files[0].parent)),
                state="Neither was changed.",
                mend="Rename or remove one of them.",
            )
        return files[0] if files else None

    def _existing(self, kind: AssetKind, name: str, if_revision: str) -> Path:
        path = self._file(kind, name)
        content = None if path is None else read_file(path)
        if path is None or content is None:
            raise self._not_found(kind, name)
        _check_revision(kind, name, content, if_revision)
        return path

    def _new_file(self, kind: AssetKind, name: str, besides: str | None = None) -> Path:
        """Return the file for a new asset: one that no file system takes for another of the folder."""
        folder = self.folder / KINDS[kind]
        plain = plain_stem(name) + SUFFIX
        with store_errors("make a folder", folder):
            if not folder.is_dir():
                folder.mkdir(exist_ok=True)
                sync_folder(self.folder)
            taken = {fold(path.name) for path in folder.iterdir() if path.name != besides}
        return folder / (marked_stem(name) + SUFFIX if fold(plain) in taken else plain)

    def _not_found(self, kind: AssetKind, name: str) -> NotFoundError:
        near = difflib.get_close_matches(name, self._files(kind), n=1)
        return NotFoundError(
            f"There is no {_word(kind)} {name!r} in the project.",
            code="RS-7002",
            mend=f"Did you mean {near[0]!r}?" if near else "",
        )


def _word(kind: AssetKind) -> str:
    return kind.replace("_", " ")


def _is_text(file_name: str) -> bool:
    try:
        file_name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _exists(kind: AssetKind, name: str) -> ConflictError:
    return ConflictError(
        f"There is already a {_word(kind)} {name!r}.", state="Nothing was changed.", mend="Choose another name."
    )


def _check_revision(kind: AssetKind, name: str, found: bytes | None, if_revision: str) -> None:
    if if_revision == ANY or (if_revision == ABSENT and found is None):
        return
    if if_revision == ABSENT:
        raise _exists(kind, name)
    if found is None:
        raise ConflictError(
            f"The {_word(kind)} {name!r} was deleted or renamed since it was read.", state="Nothing was changed."
        )
    if revision_of(found) != if_revision:
        raise ConflictError(
            f"The {_word(kind)} {name!r} was changed since it was read.",
            state="Nothing was changed.",
            mend="Read it again, make the change there, and save that.",
        )
