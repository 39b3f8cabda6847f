"""Files to read: which they are, what their first record says, and how their bytes become UTF-8."""

from __future__ import annotations

import atexit
import codecs
import csv
import errno
import gzip
import io
import itertools
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, cast

from riverstage._scratch import Scratch
from riverstage.errors import ConnectorError, Place

__all__ = [
    "codec_of",
    "first_records",
    "has_mixed_line_ends",
    "is_gzip",
    "missing",
    "original",
    "os_problem",
    "recoded",
    "resolve",
    "sample",
    "source_files",
]

_SAMPLE = 256 * 1024
_PATTERN = frozenset("*?[")
_EFFECTIVE = os.access in os.supports_effective_ids
"""Whether rights can be asked for as they hold for this process, and not for who started it."""

# What the vendor calls a character set, where Python calls it otherwise; what is not here goes to Python as it is.
_CODECS = {
    "ascii": "utf-8", "ascl_ascii": "utf-8", "iso8859-1": "latin-1", "iso-8859-1": "latin-1", "latin1": "latin-1",
    "ms1252": "cp1252", "windows-1252": "cp1252", "ansi": "cp1252", "ibm1252": "cp1252", "unicode": "utf-16",
    "default": "utf-8", "": "utf-8",
}  # fmt: skip


def resolve(folder: str, path: str) -> Path:
    """Return a path as a flow writes it as an absolute one; relative ones start in ``folder``.

    Raises:
        ConnectorError: No file can have that name.
    """
    try:
        named = Path(path).expanduser()
        is_name = b"\0" not in os.fsencode(named)
    except (UnicodeEncodeError, RuntimeError):
        # Characters that no name can hold, or the home of a user who is not known.
        is_name = False
    if not is_name:
        shown = ascii(path)[1:-1].replace("\\\\", "\\")
        raise ConnectorError(
            f"'{shown}' is no name that a file can have.",
            code="RS-5021",
            place=Place(file=shown),
            mend="Take the characters out that no name can hold (NUL), or the user's name behind '~'.",
        )
    return Path(folder).absolute() / named


def source_files(options: Mapping[str, Any], folder: str) -> list[Path]:
    """Return the files that a request reads, in order: those it names in their order, patterns sorted by name.

    Raises:
        ConnectorError: A file is missing and the request does not say that this is fine.
    """
    found: list[Path] = []
    for path in options["paths"]:
        plain = resolve(folder, path)
        try:
            found.extend(_named(plain, path, is_needed=options.get("missing") != "okay"))
        except OSError as error:
            raise os_problem(error, plain, "Reading") from error
    for path in found:
        _readable(path)
    return found


def _named(plain: Path, path: str, *, is_needed: bool) -> list[Path]:
    """Return the files that one name of a request names.

    Raises:
        OSError: A folder on the way may not be looked into.
    """
    if plain.is_file():
        return [plain]
    if _PATTERN & set(path):
        files = _matching(plain)
        if not files and is_needed:
            raise missing(plain, f"No file matches the pattern '{plain}'.")
        return files
    if plain.is_dir():
        raise ConnectorError(
            f"'{plain}' is a folder, not a file.",
            code="RS-5001",
            place=Place(file=str(plain)),
            mend=f"Name the files in it: '{path.rstrip('/')}/*'.",
        )
    if is_needed:
        raise missing(plain, f"The file '{plain}' does not exist.")
    return []


def _matching(pattern: Path) -> list[Path]:
    """Return the files that match a pattern, sorted.

    Raises:
        PermissionError: A folder in which one might be may not be looked into; left out, its files would be missing
            without a word.
    """
    anchor, parts = Path(pattern.anchor), pattern.parts[1:]
    first = next(index for index, part in enumerate(parts) if _PATTERN & set(part))
    for index in range(first, len(parts)):
        above = anchor.glob(str(Path(*parts[:index]))) if index else (anchor,)
        rights = os.R_OK | os.X_OK if _PATTERN & set(parts[index]) else os.X_OK
        for folder in above:
            if folder.is_dir() and not os.access(folder, rights, effective_ids=_EFFECTIVE):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
    return sorted(match for match in anchor.glob(str(Path(*parts))) if match.is_file())


def _refused(error: OSError, path: Path) -> ConnectorError:
    """Return the error for a file that may not be read: mostly a folder above it is closed."""
    closed = next((above for above in reversed(path.parents) if _is_closed(above)), error.filename)
    if closed is None or str(closed) == str(path):
        return _unreadable(path)
    return ConnectorError(
        f"The folder '{closed}' may not be looked into.",
        code="RS-5005",
        place=Place(file=str(path)),
        mend="Ask for the right to read it, or name another file.",
    )


def _is_closed(folder: Path) -> bool:
    return folder.is_dir() and not os.access(folder, os.X_OK, effective_ids=_EFFECTIVE)


def missing(path: Path, message: str) -> ConnectorError:
    """Return the error for a file that is not there."""
    return ConnectorError(
        message,
        code="RS-5001",
        place=Place(file=str(path)),
        mend="Check the name; relative names start in the flow's folder.",
    )


def _readable(path: Path) -> None:
    if not os.access(path, os.R_OK, effective_ids=_EFFECTIVE):
        raise _unreadable(path)


def _unreadable(path: Path) -> ConnectorError:
    return ConnectorError(
        f"The file '{path}' may not be read.",
        code="RS-5005",
        place=Place(file=str(path)),
        mend="Ask for the right to read it.",
    )


def os_problem(error: OSError, path: Path, doing: str) -> ConnectorError:
    """Return the error for a system call on a file that failed."""
    said = error.strerror or str(error)
    if error.errno in (errno.EACCES, errno.EPERM) and doing == "Reading":
        return _refused(error, path)
    return ConnectorError(f"{doing} '{path}' failed: {said}.", code="RS-5009", place=Place(file=str(path)))


def is_gzip(path: Path, options: Mapping[str, Any]) -> bool:
    """Return whether a file is compressed, by what the request says, else by its name."""
    said = options.get("compression")
    return said == "gzip" or (said is None and path.suffix.lower() in (".gz", ".gzip"))


def codec_of(name: str | None) -> str:
    """Return a character set as Python's name of it (``utf-8``, ``latin-1``, ``utf-16``, ``cp1252`` …).

    Raises:
        ConnectorError: Nobody knows it.
    """
    asked = (name or "utf-8").strip().lower()
    try:
        return codecs.lookup(_CODECS.get(asked, asked)).name
    except LookupError as error:
        message = f"The character set '{name}' is not known."
        raise ConnectorError(message, code="RS-5010", mend="Use UTF-8, or a name that Python knows.") from error


def sample(path: Path, options: Mapping[str, Any], size: int = _SAMPLE) -> str:
    """Return the start of a file as text; what cannot be decoded is replaced, and a byte order mark is left out."""
    try:
        with _opened(path, options) as file:
            data = file.read(size)
    except (OSError, EOFError) as error:
        raise _broken(path, error) from error
    decoder = codecs.getincrementaldecoder(codec_of(options.get("encoding")))(errors="replace")
    return decoder.decode(data).removeprefix("\ufeff")


def _opened(path: Path, options: Mapping[str, Any]) -> IO[bytes]:
    opened: Any = gzip.GzipFile(path, "rb") if is_gzip(path, options) else path.open("rb")
    return cast("IO[bytes]", opened)


def _broken(path: Path, error: Exception) -> ConnectorError:
    if isinstance(error, OSError) and error.errno is not None:
        return os_problem(error, path, "Reading")
    message = f"The file '{path}' is not a whole gzip file: {error}."
    return ConnectorError(message, code="RS-5009", place=Place(file=str(path)))


def first_records(text: str, delimiter: str, quote: str, limit: int = 50) -> list[list[str]]:
    """Return the first records of a text, split into fields (no delimiter: one); empty lines are skipped."""
    if not delimiter:
        return [[line] for line in text.splitlines() if line][:limit]
    if len(delimiter) != 1:
        lines = [line for line in text.splitlines() if line]
        return [[field.strip(quote) if quote else field for field in line.split(delimiter)] for line in lines[:limit]]
    source = io.StringIO(text, newline="")
    if quote:
        reader = csv.reader(source, delimiter=delimiter, quotechar=quote)
    else:
        reader = csv.reader(source, delimiter=delimiter, quotechar=None, quoting=csv.QUOTE_NONE)
    return list(_some(reader, limit))


def _some(reader: Iterable[list[str]], limit: int) -> Iterator[list[str]]:
    records = iter(reader)
    while limit > 0:
        try:
            record = next(records)
        except (StopIteration, csv.Error):
            return
        if record:
            limit -= 1
            yield record


def has_mixed_line_ends(path: Path, options: Mapping[str, Any]) -> bool:
    """Return whether a file ends some lines with a carriage return and some without, by its start and its end."""
    if is_gzip(path, options):
        pieces = [sample(path, options).encode()]
    else:
        with path.open("rb") as file:
            pieces = [file.read(_SAMPLE)]
            size = path.stat().st_size
            if size > _SAMPLE:
                file.seek(max(_SAMPLE, size - _SAMPLE))
                pieces.append(file.read())
    both = sum(piece.count(b"\r\n") for piece in pieces)
    return 0 < both < sum(piece.count(b"\n") for piece in pieces)


class _Copies:
    """The copies in UTF-8 that this process has made: one a file, as long as the file stays what it is."""

    def __init__(self) -> None:
        self._scratch: Scratch | None = None
        self._made: dict[tuple[str, ...], tuple[tuple[int, ...], Path]] = {}
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    def of(self, path: Path, options: Mapping[str, Any]) -> Path:
        """Return the copy of a file."""
        said = path.stat()
        state = (said.st_dev, said.st_ino, said.st_size, said.st_mtime_ns, said.st_ctime_ns)
        key = (str(path), codec_of(options.get("encoding")), str(is_gzip(path, options)))
        with self._lock:
            before, copy = self._made.get(key, ((), None))
            if copy is not None:
                if before == state and copy.exists():
                    return copy
                copy.unlink(missing_ok=True)
            # Kept in the books before it is whole, so that what breaks off is removed by the next try.
            target = self._folder() / f"{next(self._numbers)}.utf8"
            self._made[key] = ((), target)
            _recode(path, target, options)
            self._made[key] = (state, target)
            return target

    def original(self, copy: str) -> str:
        """Return the file that a copy was made of; of what is no copy, itself."""
        with self._lock:
            return next((key[0] for key, (_, made) in self._made.items() if str(made) == copy), copy)

    def _folder(self) -> Path:
        if self._scratch is None or not self._scratch.folder.is_dir():
            if self._scratch is None:
                atexit.register(self._remove)
            self._made.clear()
            self._scratch = Scratch()
        return self._scratch.folder

    def _remove(self) -> None:
        if self._scratch is not None:
            self._scratch.remove()


_copies = _Copies()


def recoded(path: Path, options: Mapping[str, Any]) -> Path:
    """Return a copy of a file in UTF-8; it goes when the process ends, and if that is killed, with the next run.

    Bytes that mean nothing in the character set become bytes that mean nothing in UTF-8, so that the record they stand
    in is as bad as before. The engine's own decoders do not do that: they end the run at the first such byte, and take
    some for bad that are not (0x80 to 0x9f in Latin-1).
    """
    return _copies.of(path, options)


def original(path: str) -> str:
    """Return the file that a copy in UTF-8 was made of; of what is no copy, itself."""
    return _copies.original(path)


def _recode(path: Path, target: Path, options: Mapping[str, Any]) -> None:
    decoder = codecs.getincrementaldecoder(codec_of(options.get("encoding")))(errors="riverstage-mark")
    try:
        with _opened(path, options) as source, target.open("wb") as file:
            first = True
            while data := source.read(1 << 20):
                text = decoder.decode(data)
                file.write((text.removeprefix("\ufeff") if first else text).encode("utf-8", "surrogatepass"))
                first = False
            file.write(decoder.decode(b"", final=True).encode("utf-8", "surrogatepass"))
    except (OSError, EOFError) as error:
        raise _broken(path, error) from error


def _mark(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError):
        return "\udc80" * (error.end - error.start), error.end
    raise error


codecs.register_error("riverstage-mark", _mark)
