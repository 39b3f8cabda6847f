"""Random numbers: every engine has the same ones, and they are decent."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverstage.engines.duckdb.lowering import lower
from riverstage.expressions.nodes import call, column, literal
from riverstage.stages._generate_random import key_of, random_below, random_state, random_word, stream

_LIMITS = st.one_of(
    st.integers(1, 2**31),
    st.integers(2**31, 2**62),
    st.integers(2**62, 10**38),
    st.sampled_from([1, 2, 2**31, 2**31 + 1, 2**62, 2**62 + 1, 2**63, 2**63 + 1, 2**64 - 1, 2**64, 10**38]),
)
_KEYS = st.integers(0, 2**63 - 1)
_PLACES = st.one_of(st.integers(0, 1000), st.integers(0, 2**62))


def _in_duckdb(places: list[int], key: int, limit: int) -> list[int]:
    state = lower(call("random_state", column("n"))).sql("duckdb")
    drawn = lower(call("random_below", column("s"), literal(key), literal(limit))).sql("duckdb")
    values = ", ".join(f"({index}, {place}::BIGINT)" for index, place in enumerate(places))
    with duckdb.connect() as connection:
        found = connection.sql(
            f"SELECT {drawn} FROM (SELECT i, {state} AS s FROM (VALUES {values}) AS t(i, n)) ORDER BY i"
        ).fetchall()
    return [int(value) for (value,) in found]


@settings(max_examples=60, deadline=None)
@given(st.lists(_PLACES, min_size=1, max_size=30), _KEYS, _LIMITS)
def test_duckdb_draws_what_the_rule_says(places: list[int], key: int, limit: int) -> None:
    assert _in_duckdb(places, key, limit) == [random_below(random_state(place), key, limit) for place in places]


@given(_PLACES, _KEYS, _LIMITS)
def test_a_number_is_below_its_limit(place: int, key: int, limit: int) -> None:
    assert 0 <= random_below(random_state(place), key, limit) < limit


@given(_KEYS, st.integers(0, 20), st.integers(0, 2**32 - 1))
def test_products_stay_inside_64_bits(key: int, index: int, state: int) -> None:
    multiplier, addend = stream(key, index)
    assert multiplier % 2 == 1
    assert -(2**63) <= state * multiplier + addend < 2**63
    assert -(2**63) <= (2**32 - 1) * (0x846CA68B - 2**32)


def test_states_of_different_rows_differ() -> None:
    assert len({random_state(place) for place in range(100_000)}) == 100_000


def test_the_numbers_are_pinned() -> None:
    """A change of these would change the rows of every flow that was ever run."""
    key = key_of("5", "amount", "value")
    assert key == 3425697247999731902
    assert [random_below(random_state(place), key, 100) for place in range(8)] == [16, 17, 98, 68, 80, 52, 33, 60]


def test_keys_differ_by_seed_column_and_purpose() -> None:
    said = [("1", "a", "value"), ("2", "a", "value"), ("1", "b", "value"), ("1", "a", "nulls"), ("1a", "", "value")]
    assert len({key_of(*each) for each in said}) == len(said)


def _chi_square(values: list[int], kinds: int) -> float:
    expected = len(values) / kinds
    counts = Counter(values)
    return sum((counts[kind] - expected) ** 2 / expected for kind in range(kinds))


@pytest.mark.parametrize("seed", ["0", "1", "2", "42", "-7"])
@pytest.mark.parametrize("kinds", [2, 7, 10, 100])
def test_values_are_even(seed: str, kinds: int) -> None:
    key = key_of(seed, "c", "value")
    values = [random_below(random_state(place), key, kinds) for place in range(20_000)]
    # So far from the mean that chance leads there once in a million draws.
    assert _chi_square(values, kinds) < (kinds - 1) + 5 * (2 * (kinds - 1)) ** 0.5 + 12


@pytest.mark.parametrize("limit", [2**40, 2**63, 10**38])
def test_wide_values_are_even(limit: int) -> None:
    key = key_of("3", "c", "value")
    values = [random_below(random_state(place), key, limit) * 20 // limit for place in range(20_000)]
    assert _chi_square(values, 20) < 62


@pytest.mark.parametrize("distance", [1, 2, 17, 62, 1024])
def test_neighbours_do_not_go_together(distance: int) -> None:
    key = key_of("0", "c", "value")
    values = [random_below(random_state(place), key, 10) for place in range(20_000 + distance)]
    pairs = [values[place] * 10 + values[place + distance] for place in range(20_000)]
    assert _chi_square(pairs, 100) < 180


@pytest.mark.parametrize(("one", "other"), list(pairwise(["a", "b", "name", "amount", "x1", "x2"])))
def test_columns_do_not_go_together(one: str, other: str) -> None:
    keys = key_of("5", one, "value"), key_of("5", other, "value")
    states = [random_state(place) for place in range(20_000)]
    pairs = [random_below(state, keys[0], 10) * 10 + random_below(state, keys[1], 10) for state in states]
    assert _chi_square(pairs, 100) < 180


def test_every_bit_of_a_word_is_set_half_of_the_time() -> None:
    key = key_of("0", "c", "value")
    words = [random_word(random_state(place), key, 0) for place in range(20_000)]
    for bit in range(32):
        assert abs(sum(word >> bit & 1 for word in words) - 10_000) < 400
