"""Names of assets as names of files."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverstage.errors import UsageError
from riverstage.store._names import LONGEST_STEM, marked_stem, name_of_stem, plain_stem

names = st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=15)


@given(names)
def test_both_forms_read_back_as_the_name(name):
    assert name_of_stem(plain_stem(name)) == name
    assert name_of_stem(marked_stem(name)) == name


@given(names)
def test_a_stem_is_safe_everywhere(name):
    stem = plain_stem(name)
    assert not set(stem) & set('/\\:*?"<>|\0~')
    assert stem[0] not in ".- "
    assert stem[-1] not in ". "
    assert unicodedata.normalize("NFC", stem) == stem
    assert unicodedata.normalize("NFD", stem) == stem
    assert len(stem.encode()) <= LONGEST_STEM


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Orders_2024 (v1.2)", "Orders_2024 (v1.2)"),
        ("a/b", "a%2Fb"),
        ("..", "%2E%2E"),
        (".", "%2E"),
        ("con", "%63on"),
        ("NUL.txt", "%4EUL.txt"),
        ("COM1", "%43OM1"),
        ("Caf\u00e9", "Caf%C3%A9"),
        ("\u58f2\u4e0a", "\u58f2\u4e0a"),
        ("~", "%7E"),
    ],
)
def test_stems(name, stem):
    assert plain_stem(name) == stem


def test_a_mark_that_is_part_of_the_name_is_kept():
    assert name_of_stem(plain_stem("x~1c168adb")) == "x~1c168adb"


def test_a_stem_that_is_no_encoding_stands_for_itself():
    assert name_of_stem("100%") == "100%"
    assert name_of_stem("%ff") == "%ff"


@pytest.mark.parametrize("name", ["", "x" * 231, "\u00e9" * 50, "half \ud800"])
def test_names_that_cannot_be(name):
    with pytest.raises(UsageError) as refused:
        plain_stem(name)
    assert refused.value.code == "RS-7003"
