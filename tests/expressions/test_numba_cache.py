"""Machine code that outlives a process, and the folder it lies in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from riverstage.expressions import _numba_cache

pytest.importorskip("numba")

SOURCE = """import numba


@numba.njit(cache=CACHE)
def run(count):
    return count + 1
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "riverstage" / "kernels"


def test_what_is_compiled_is_found_by_the_next_process(home: Path) -> None:
    assert not _numba_cache.is_there(SOURCE)
    assert _numba_cache.function(SOURCE)(1) == 2
    assert _numba_cache.is_there(SOURCE)
    assert not _numba_cache.is_there(SOURCE + "\n")
    code = (
        "from riverstage.expressions._numba_cache import function\n"
        f"run = function({SOURCE!r})\n"
        "assert run(2) == 3\n"
        "print(sum(run.stats.cache_hits.values()), sum(run.stats.cache_misses.values()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert done.stdout.split() == ["1", "0"]


def test_a_module_that_somebody_changed_is_written_anew(home: Path) -> None:
    source = SOURCE.replace("1", "5")
    _numba_cache.function(source)
    (module,) = home.glob("*.py")
    text = module.read_text()
    sys.modules.pop(module.stem)
    module.write_text("def run(count):\n    return 0\n")
    assert _numba_cache.function(source)(1) == 6
    assert module.read_text() == text


def test_a_folder_in_which_others_may_write_is_not_used(home: Path) -> None:
    home.mkdir(parents=True)
    home.chmod(0o777)
    source = SOURCE.replace("1", "7")
    assert _numba_cache.function(source)(1) == 8
    assert list(home.iterdir()) == []
    assert not _numba_cache.is_there(source)


def test_without_a_folder_kernels_are_compiled_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert _numba_cache.function(SOURCE.replace("1", "9"))(1) == 10
