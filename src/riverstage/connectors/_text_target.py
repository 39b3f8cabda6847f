"""Delimited text and JSON lines as targets: DuckDB writes them with COPY, batches are written the same way."""

from __future__ import annotations

import codecs
import os
import shutil
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Any

from riverstage.connectors._atomic import Mode, Replacement, temporary_path
from riverstage.connectors._files import codec_of, is_gzip
from riverstage.connectors._sql import connect, empty, quoted, text
from riverstage.errors import ConnectorError, Place
from riverstage.plan.connector import CopyTarget

if TYPE_CHECKING:
    import pyarrow as pa

    from riverstage.plan.nodes import WriteRequest
    from riverstage.types import RowType

__all__ = ["TextSession", "begin"]

_NO_NULL = "\x1a"


def begin(request: WriteRequest, *, folder: str, run_id: str, json: bool = False) -> TextSession:
    """Start writing a text file."""
    options = request.options
    mode: Mode = options.get("mode") or "overwrite"
    codec_of(options.get("encoding"))
    replacement = Replacement(str(options["path"]), folder=folder, mode=mode, run_id=run_id)
    return TextSession(replacement, request.row, options, run_id, json=json)


class TextSession:
    """A text file being written."""

    def __init__(
        self, replacement: Replacement, row: RowType, options: Mapping[str, Any], run_id: str, *, json: bool
    ) -> None:
        self._replacement = replacement
        self._row = row
        self._options = options
        self._run_id = run_id
        self._json = json
        self._rows: int | None = None
        self._connection: Any = None
        self._prepared = False

    @property
    def token(self) -> Mapping[str, Any]:
        """What ``recover`` needs."""
        return self._replacement.token

    def copy_target(self, engine: str) -> CopyTarget | None:
        """Return where DuckDB may write by itself."""
        if engine != "duckdb":
            return None
        return CopyTarget(str(self._replacement.content), self._copy_options(header=self._has_header))

    @property
    def _has_header(self) -> bool:
        return bool(self._options.get("header")) and not self._replacement.is_extended

    @property
    def _compression(self) -> str:
        return "gzip" if is_gzip(self._replacement.target, self._options) else "none"

    def _copy_options(self, *, header: bool) -> str:
        if self._json:
            return f"FORMAT json, COMPRESSION {self._compression}, USE_TMP_FILE false"
        quote = str(self._options.get("quote", '"'))
        null = self._options.get("null")
        said = {
            "FORMAT": "csv",
            "HEADER": "true" if header else "false",
            "DELIMITER": text(str(self._options.get("delimiter", ","))),
            "QUOTE": text(quote),
            "ESCAPE": text(quote),
            # Without a text for null no null comes; an empty string is then written as nothing, without quotes.
            "NULLSTR": text(_NO_NULL if null is None else str(null)),
            "NEW_LINE": text(str(self._options.get("line_end", "\n"))),
            "COMPRESSION": self._compression,
            "USE_TMP_FILE": "false",
        }
        forced = [quoted(name) for name in self._options.get("force_quote") or () if name in self._row]
        if forced and quote:
            said["FORCE_QUOTE"] = f"({', '.join(forced)})"
        return ", ".join(f"{name} {value}" for name, value in said.items())

    def write(self, batch: pa.RecordBatch) -> None:
        """Write rows."""
        header = self._has_header and self._rows is None
        self._rows = (self._rows or 0) + batch.num_rows
        self._append("SELECT * FROM batch", header=header, batch=batch)

    def _append(self, query: str, *, header: bool, batch: Any = None) -> None:
        """Write a query's rows behind what was written; a compressed file is a row of compressed files."""
        if self._connection is None:
            self._connection = connect()
        if batch is not None:
            self._connection.register("batch", batch)
        content = self._replacement.content
        part = temporary_path(self._replacement.target, self._run_id)
        try:
            self._connection.execute(f"COPY ({query}) TO {text(str(part))} ({self._copy_options(header=header)})")
            with part.open("rb") as source, content.open("ab") as target:
                shutil.copyfileobj(source, target, 1 << 20)
        finally:
            part.unlink(missing_ok=True)

    def prepare(self) -> int | None:
        """Make what was written durable."""
        if self._prepared:
            return self._rows
        content = self._replacement.content
        if self._rows is None and content.stat().st_size == 0 and self._has_header:
            self._append(empty(self._row), header=True)
        codec = codec_of(self._options.get("encoding"))
        if codec not in ("utf-8", "ascii") and not self._json:
            self._recode(codec)
        self._replacement.prepare(self._end_last_line)
        self._close()
        self._prepared = True
        return self._rows

    def _recode(self, codec: str) -> None:
        if self._compression != "none":
            raise ConnectorError(
                "A compressed file is written in UTF-8 only.", code="RS-5010", mend="Leave the character set out."
            )
        content = self._replacement.content
        part = temporary_path(self._replacement.target, self._run_id)
        encoder = codecs.getincrementalencoder(codec)()
        decoder = codecs.getincrementaldecoder("utf-8")()
        if self._replacement.is_extended:
            # A byte order mark stands at the start of a file only.
            encoder.encode("")
        try:
            with content.open("rb") as source, part.open("xb") as target:
                while data := source.read(1 << 20):
                    target.write(encoder.encode(decoder.decode(data)))
            part.replace(content)
        except UnicodeEncodeError as error:
            character = error.object[error.start]
            raise ConnectorError(
                f"The character '{character}' cannot be written in the character set {codec}.",
                code="RS-5010",
                place=Place(file=str(self._replacement.target)),
                state="The target is as it was.",
                mend="Write UTF-8.",
            ) from error
        finally:
            part.unlink(missing_ok=True)

    def _end_last_line(self, old: IO[bytes], whole: IO[bytes]) -> None:
        """End the last line of the old content, so that the first new row does not become part of it."""
        if self._compression != "none" or old.seek(0, os.SEEK_END) == 0:
            return
        codec = codec_of(self._options.get("encoding"))
        width = 2 if codec.startswith("utf-16") else 1
        old.seek(-min(width, old.tell()), os.SEEK_END)
        line_end = str(self._options.get("line_end", "\n"))
        if b"\n" not in old.read():
            whole.write(line_end.encode(codec) if width == 1 else line_end.encode("utf-16-le"))

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def commit(self) -> None:
        """Show the file."""
        self._replacement.commit()

    def abort(self) -> None:
        """Remove what was written."""
        self._close()
        self._replacement.abort()
