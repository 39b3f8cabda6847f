"""Random numbers that every engine computes alike: a function of the row, a key, and nothing else.

A row's *state* is a number below 2**32 that is mixed out of the row's place; a *word* is 32 random bits, mixed out of
the state and a key; a number below a limit is cut out of words. All of it is whole-number arithmetic that stays inside
a signed 64-bit integer, so any engine can do it in plain SQL with the same result. This module says what the results
are (the nodes ``random_state`` and ``random_below``); engines agree with it.

The mixing is that of a 32-bit hash with good avalanche (a multiplication, a shifted exclusive or, twice over); places
beyond 2**32 give the states of other places again, so a column repeats itself after four thousand million rows.
"""

from __future__ import annotations

import hashlib

__all__ = ["BITS", "key_of", "random_below", "random_state", "random_word", "stream"]

_MASK = 0xFFFFFFFF
_BLOCK = 31
BITS = 62
"""Limits of up to so many bits are met in one step; larger ones block by block."""


def key_of(seed: str, column: str, purpose: str) -> int:
    """Return the key of one stream of random numbers, 63 bits: each seed, column and purpose has its own."""
    said = "\0".join((seed, column, purpose)).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(said).digest()[:8], "big") >> 1


def stream(key: int, index: int) -> tuple[int, int]:
    """Return multiplier and addend of the ``index``-th word of a key: odd within 32 bits signed; 31 bits."""
    mixed = (key + (index + 1) * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    mixed ^= mixed >> 31
    multiplier = (mixed & _MASK) | 1
    return multiplier - 2**32 if multiplier >= 2**31 else multiplier, mixed >> 33


def random_state(place: int) -> int:
    """Return the state of a row from its place, counted from 0."""
    mixed = (place + (place >> 32) * 0x61C88647) & _MASK
    mixed ^= mixed >> 16
    mixed = (mixed * 0x7FEB352D) & _MASK
    mixed ^= mixed >> 15
    mixed = (mixed * 0x846CA68B) & _MASK
    return mixed ^ (mixed >> 16)


def random_word(state: int, key: int, index: int) -> int:
    """Return 32 random bits of a row."""
    multiplier, addend = stream(key, index)
    mixed = (state * multiplier + addend) & _MASK
    mixed ^= mixed >> 15
    mixed = (mixed * 0x735A2D97) & _MASK
    return mixed ^ (mixed >> 16)


def random_below(state: int, key: int, limit: int, index: int = 0) -> int:
    """Return a whole number from 0 to ``limit`` - 1.

    Below 2**31 one word is scaled, below 2**62 two of them; a larger limit is drawn in blocks of 2**31, first the
    block, then the place in it (the last block may be shorter).
    """
    if limit <= (1 << _BLOCK):
        return (random_word(state, key, index) * limit) >> 32
    if limit <= (1 << BITS):
        drawn = (random_word(state, key, index) >> 1 << _BLOCK) + (random_word(state, key, index + 1) >> 1)
        return (drawn * limit) >> BITS
    whole, rest = limit >> _BLOCK, limit % (1 << _BLOCK)
    block = random_below(state, key, whole + (rest > 0), index + 1)
    size = rest if rest and block == whole else (1 << _BLOCK)
    return (block << _BLOCK) + ((random_word(state, key, index) * size) >> 32)
