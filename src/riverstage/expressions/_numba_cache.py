"""Machine code that outlives a process: modules of one kernel each, in a folder of the user's own.

Numba compiles for a second or two what runs for less, so it keeps what it compiled beside the module's file. The folder
is ``riverstage/kernels`` in ``XDG_CACHE_HOME`` or ``~/.cache``; it is used only where it belongs to the user and nobody
else may write in it, as what lies there is run. Where it cannot be used, kernels are compiled anew in each process.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import stat
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["function", "is_there"]

_PREFIX = "riverstage_kernel_"


def function(source: str) -> Callable[..., Any]:
    """Return the function ``run`` of a module's text; ``CACHE`` in it says whether to keep what is compiled.

    Raises:
        ImportError: Numba is not installed.
    """
    import numba  # noqa: F401

    folder = _folder()
    if folder is not None:
        try:
            return _loaded(_written(folder, source))
        except OSError:
            pass
    space: dict[str, Any] = {}
    exec(compile(source.replace("CACHE", "False"), "<row kernel>", "exec"), space)  # noqa: S102
    run: Callable[..., Any] = space["run"]
    return run


def is_there(source: str) -> bool:
    """Return whether a module was compiled before."""
    folder = _folder(make=False)
    return folder is not None and any((folder / "__pycache__").glob(f"{_name(source)}.run-*.nbi"))


def _name(source: str) -> str:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return _PREFIX + hashlib.sha256(f"{version} {source}".encode()).hexdigest()[:32]


def _folder(*, make: bool = True) -> Path | None:
    """Return the folder, or None where it is not safe or cannot be made."""
    try:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folder = Path(base) / "riverstage" / "kernels"
        if make:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for part in (folder, folder.parent):
            said = part.stat()
            if said.st_uid != os.getuid() or said.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                return None
    except (OSError, RuntimeError):
        return None
    return folder


def _written(folder: Path, source: str) -> Path:
    """Return the file of a module; it is written once, as what is compiled belongs to the file as it is."""
    path = folder / f"{_name(source)}.py"
    text = source.replace("CACHE", "True")
    if not path.exists() or path.read_text("utf-8") != text:
        handle, part = tempfile.mkstemp(dir=folder, suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(part).replace(path)
    return path


def _loaded(path: Path) -> Callable[..., Any]:
    module = sys.modules.get(path.stem)
    if module is None:
        spec = importlib.util.spec_from_file_location(path.stem, path)
        if spec is None or spec.loader is None:
            message = f"'{path}' is no module"
            raise OSError(message)
        module = importlib.util.module_from_spec(spec)
        # Numba finds the module of a function by its name.
        sys.modules[path.stem] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[path.stem]
            raise
    run: Callable[..., Any] = module.run
    return run
