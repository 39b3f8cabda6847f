"""What the documentation shows as Python or as a command runs as it is written, a page from top to bottom."""

from __future__ import annotations

from pathlib import Path

import pytest

from .pages import ROOT, compare, is_run, pages, run_page

_RUN = [page for page in pages() if page.is_file() and is_run(page.read_text("utf-8"))]


@pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(ROOT))) for page in _RUN])
def test_page(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("RIVERSTAGE_THREADS", "RIVERSTAGE_MEMORY", "RIVERSTAGE_TEMP", "RIVERSTAGE_KEY"):
        monkeypatch.delenv(name, raising=False)
    run_page(page, tmp_path)


def test_a_wrong_output_is_noticed() -> None:
    compare("a ... c", "a b c\n", "here")
    with pytest.raises(AssertionError):
        compare("a ... d", "a b c\n", "here")
