"""The commit that every contestant's outputs go through: written beside, made durable, renamed, the name made durable.

It is what a target of Riverstage's does by itself; contestants that would leave their rows in the page cache get the
same by this helper, inside of the clock.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["all_committed", "committed"]


@contextmanager
def committed(path: Path) -> Iterator[Path]:
    """Give a name to write to; when that was written, a file or a folder, it replaces ``path`` durably."""
    with all_committed(path) as (part,):
        yield part


@contextmanager
def all_committed(*paths: Path) -> Iterator[tuple[Path, ...]]:
    """Give a name for each of several outputs: all are made durable first, then they are renamed in turn."""
    # The ending stays: some engines take it for the format, or for the wish for one file.
    parts = tuple(path.with_name(f".part.{path.name}") for path in paths)
    yield parts
    for part in parts:
        _sync_all(part)
    for part, path in zip(parts, paths, strict=True):
        if path.is_dir():
            shutil.rmtree(path)
        part.replace(path)
        _sync(path.parent)


def _sync_all(path: Path) -> None:
    if path.is_dir():
        for inner in path.iterdir():
            _sync_all(inner)
    _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
