"""Data sets: a descriptor that says what there is, and Parquet parts beside it.

``NAME.ds`` is a JSON file with the columns, the number of rows and the parts; the parts lie in ``NAME.ds.parts``. A
new descriptor renamed over the old one is the commit. Parts that the last descriptor but one named go then; those of
the last one stay until the next write, so that who has read it can still read what it names.

Options of a read request: ``path``, ``missing_columns`` (``fail``, ``null``, ``default``, ``any``). Of a write request:
``path``, ``mode`` (``create``, ``overwrite``, ``append``, ``discard_records``: other rows under the same columns),
``codec`` and ``row_group_rows``.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riverstage._failpoints import failpoint
from riverstage.connectors import _atomic
from riverstage.connectors._batches import batches_of
from riverstage.connectors._files import missing, os_problem, resolve
from riverstage.connectors._parquet import ParquetFile, copy_options, metadata_of, never_null, placed, query, schema_of
from riverstage.connectors._sql import empty
from riverstage.connectors._types import row_as_json, row_from_json
from riverstage.errors import ConnectorError, Place
from riverstage.plan.connector import CopyTarget, Described, NativeScan, WriteSession
from riverstage.types import RowType

if TYPE_CHECKING:
    import pyarrow as pa

    from riverstage.plan.nodes import ReadRequest, WriteRequest

__all__ = ["begin_write", "describe", "native_scan", "read", "recover"]

_FORMAT = "riverstage-data-set"
_VERSION = 1
_HEAD = 4096
_OTHERS = "Data sets of other programs cannot be read; write one with a Data set stage."
_LOST = "Bring it back from a copy (the folder NAME.parts belongs to it), or run the flow that writes it again."
_NEWER = "Read it with the release that wrote it, or write it again."
_PART = re.compile(r"part-(?P<pid>\d+)-(?P<start>\d+)-[0-9a-f]+\.parquet\Z")


@dataclass(frozen=True, slots=True)
class _Descriptor:
    """What a descriptor says: columns, parts with their rows, and the parts that the one before it named."""

    row: RowType
    parts: tuple[tuple[str, int], ...] = ()
    before: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        return sum(rows for _, rows in self.parts)

    def text(self) -> str:
        said = {
            "format": _FORMAT,
            "version": _VERSION,
            "rows": self.rows,
            "columns": row_as_json(self.row),
            "parts": [{"file": name, "rows": rows} for name, rows in self.parts],
            "before": list(self.before),
        }
        return json.dumps(said, indent=2, ensure_ascii=False) + "\n"


def _parts_folder(descriptor: Path) -> Path:
    return descriptor.with_name(descriptor.name + ".parts")


def _load(path: Path) -> _Descriptor:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise missing(path, f"The data set '{path}' does not exist.") from error
    except OSError as error:
        raise os_problem(error, path, "Reading") from error
    except ValueError as error:
        raise _broken(path, "its descriptor is not JSON") from error
    if not isinstance(said, dict) or said.get("format") != _FORMAT:
        raise _broken(path, "its descriptor is not one of ours")
    if said.get("version") != _VERSION:
        raise _broken(
            path, f"its descriptor has version {said.get('version')}, and this release reads {_VERSION}", _NEWER
        )
    try:
        parts = tuple((str(part["file"]), int(part["rows"])) for part in said["parts"])
        return _Descriptor(row_from_json(said["columns"]), parts, tuple(map(str, said.get("before", ()))))
    except (KeyError, TypeError, ValueError) as error:
        raise _broken(path, "its descriptor is damaged", _LOST) from error


def _is_there(part: Path) -> bool:
    try:
        return part.is_file()
    except OSError as error:
        raise os_problem(error, part, "Reading") from error


def _is_ours(path: Path) -> bool:
    """Return whether a file is the descriptor of a data set, be it damaged."""
    with path.open("rb") as file:
        return f'"{_FORMAT}"'.encode() in file.read(_HEAD)


def _broken(path: Path, why: str, mend: str = _OTHERS) -> ConnectorError:
    return ConnectorError(
        f"'{path}' is not a data set that can be read: {why}.", code="RS-5013", place=Place(file=str(path)), mend=mend
    )


def describe(request: ReadRequest, *, folder: str) -> Described:
    """Return the columns and the number of rows that the descriptor says."""
    descriptor = _load(resolve(folder, str(request.options["path"])))
    return Described(descriptor.row, descriptor.rows)


def native_scan(request: ReadRequest, engine: str, *, folder: str, reject: bool) -> NativeScan | None:  # noqa: ARG001
    """Return the request as a query of DuckDB's."""
    return _scan(request, folder=folder) if engine == "duckdb" else None


def _scan(request: ReadRequest, *, folder: str) -> NativeScan:
    path = Path(os.path.realpath(resolve(folder, str(request.options["path"]))))
    descriptor = _load(path)
    if not descriptor.parts or not len(request.row):
        return NativeScan(empty(request.row), rows=0 if not descriptor.parts else None)
    folder_of_parts = _parts_folder(path)
    files = [folder_of_parts / name for name, _ in descriptor.parts]
    footers = []
    for file, (_, rows) in zip(files, descriptor.parts, strict=True):
        if not _is_there(file):
            raise _broken(path, f"its part '{file}' is missing", _LOST)
        footer = metadata_of(file)
        if footer.num_rows != rows:
            raise _broken(path, f"the rows of its part '{file}' are {footer.num_rows}, not {rows}", _LOST)
        footers.append(footer)
    schemas = [schema_of(footer) for footer in footers]
    place = placed(request.row, files, schemas)
    sql = query(request.row, files, schemas, {}, first=None)
    return NativeScan(sql, rows=descriptor.rows, placed=place, never_null=never_null(footers))


def read(request: ReadRequest, *, folder: str) -> Iterator[pa.RecordBatch]:
    """Return the rows as Arrow batches."""
    yield from batches_of(_scan(request, folder=folder), request.row)


def begin_write(request: WriteRequest, *, folder: str, run_id: str) -> WriteSession:
    """Start writing a data set; sweeps parts that no descriptor names and no living process writes."""
    return _Session(request, folder=folder, run_id=run_id)


def recover(token: Mapping[str, Any], *, committed: bool) -> None:
    """Finish or undo a data set after a crash; doing it twice does no harm."""
    _atomic.recover(token["descriptor"], committed=committed)
    if not committed:
        Path(token["part"]).unlink(missing_ok=True)


class _Session:
    """A data set being written: one new part, then a new descriptor."""

    def __init__(self, request: WriteRequest, *, folder: str, run_id: str) -> None:
        self._options = request.options
        self._row = request.row
        self._mode = str(request.options.get("mode") or "overwrite")
        self._descriptor = _atomic.Replacement(
            str(request.options["path"]),
            folder=folder,
            mode="create" if self._mode == "create" else "overwrite",
            run_id=run_id,
            property="update_policy",
        )
        self._target = self._descriptor.target
        self._rows: int | None = None
        self._done = False
        try:
            self._old = self._read_old()
            self._folder = _parts_folder(self._target)
            self._part = self._make_part()
        except BaseException:
            self._descriptor.abort()
            raise
        self._file = ParquetFile(self._part, self._row, self._options)

    def _read_old(self) -> _Descriptor | None:
        """Return what is there, and refuse to keep or add to what has other columns."""
        keeps = self._mode in ("append", "discard_records")
        if not self._target.exists():
            return None
        try:
            old = _load(self._target)
        except ConnectorError:
            if keeps:
                raise
            self._refuse_other()
            # A damaged data set is replaced.
            return None
        if keeps and _shape(old.row) != _shape(self._row):
            raise ConnectorError(
                f"The data set '{self._target}' has the columns {_shown(old.row)}; the rows have {_shown(self._row)}.",
                code="RS-5014",
                place=Place(file=str(self._target)),
                state="The data set is as it was.",
                mend="Make the columns the same, or overwrite it.",
            )
        return old

    def _refuse_other(self) -> None:
        """Refuse to replace a file that holds something, and no data set."""
        if self._target.stat().st_size == 0 or _is_ours(self._target):
            return
        raise ConnectorError(
            f"'{self._target}' is no data set, so it is not replaced by one.",
            code="RS-5013",
            place=Place(file=str(self._target)),
            state="It is as it was.",
            mend="Name another file, or remove this one first.",
        )

    def _make_part(self) -> Path:
        pid = os.getpid()
        name = f"part-{pid}-{_atomic.process_start(pid) or 0}-{uuid.uuid4().hex}.parquet"
        try:
            failpoint("data-set.begin")
            self._folder.mkdir(exist_ok=True)
            self._sweep()
            (self._folder / name).open("xb").close()
        except OSError as error:
            problem = os_problem(error, self._folder, "Writing")
            raise ConnectorError(
                problem.message, code=problem.code, place=problem.place, state="The data set is as it was."
            ) from error
        return self._folder / name

    def _sweep(self) -> None:
        """Remove parts of processes that are gone, which neither this descriptor nor the one before names."""
        named = {name for name, _ in self._old.parts} | set(self._old.before) if self._old is not None else set()
        for path in self._folder.glob("part-*.parquet"):
            match = _PART.match(path.name)
            if match is None or path.name in named:
                continue
            if _atomic.process_start(int(match["pid"])) != int(match["start"]):
                path.unlink(missing_ok=True)

    @property
    def token(self) -> Mapping[str, Any]:
        """What ``recover`` needs."""
        return {"descriptor": self._descriptor.token, "part": str(self._part)}

    def copy_target(self, engine: str) -> CopyTarget | None:
        """Return where DuckDB may write by itself."""
        return CopyTarget(str(self._part), copy_options(self._options)) if engine == "duckdb" else None

    def write(self, batch: pa.RecordBatch) -> None:
        """Write rows."""
        self._file.write(batch)

    def prepare(self) -> int | None:
        """Make the part and the new descriptor durable; return the rows that were written."""
        if self._rows is not None:
            return self._rows
        rows = self._file.finish()
        failpoint("data-set.written")
        try:
            with self._part.open("rb+") as file:
                os.fsync(file.fileno())
            _atomic.sync_folder(self._folder)
            failpoint("data-set.part-synced")
            self._descriptor.content.write_text(self._new(rows).text(), encoding="utf-8")
        except OSError as error:
            raise os_problem(error, self._target, "Writing") from error
        self._descriptor.prepare()
        failpoint("data-set.prepared")
        self._rows = rows
        return rows

    def _new(self, rows: int) -> _Descriptor:
        old = self._old
        added = ((self._part.name, rows),)
        before = tuple(name for name, _ in old.parts) if old is not None else ()
        if self._mode == "append" and old is not None:
            return _Descriptor(old.row, old.parts + added, before)
        row = old.row if self._mode == "discard_records" and old is not None else self._row
        return _Descriptor(row, added, before)

    def commit(self) -> None:
        """Show the new descriptor, and remove the parts that only the last one but one named."""
        if self._done:
            return
        if self._mode == "append" and self._changed():
            raise ConnectorError(
                f"The data set '{self._target}' was changed by somebody else while rows were added to it.",
                code="RS-5008",
                place=Place(file=str(self._target)),
                state="It is as they left it; the new rows were not added.",
                mend="Run again.",
            )
        self._descriptor.commit()
        failpoint("data-set.committed")
        self._done = True
        if self._old is not None:
            kept = {self._part.name, *(name for name, _ in self._old.parts)}
            for name in self._old.before:
                if name not in kept:
                    with contextlib.suppress(OSError):
                        (self._folder / name).unlink()

    def _changed(self) -> bool:
        now = _load(self._target) if self._target.exists() else None
        return (now.parts if now else None) != (self._old.parts if self._old else None)

    def abort(self) -> None:
        """Remove what was written; the data set stays as it was."""
        if self._done:
            return
        self._done = True
        self._file.close()
        self._part.unlink(missing_ok=True)
        self._descriptor.abort()
        with contextlib.suppress(OSError):
            # Only where this write made it: a folder with parts is not empty.
            self._folder.rmdir()


def _shape(row: RowType) -> list[tuple[str, str]]:
    return [(column.name, column.type.kind if column.type.is_text else str(column.type)) for column in row]


def _shown(row: RowType) -> str:
    return ", ".join(f"'{column.name}' {column.type}" for column in row)
