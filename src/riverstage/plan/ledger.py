"""The row ledger: counts are unknowns, stages give equations, observations have prices.

Equations are linear with integer coefficients; elimination is over exact fractions. Taking observations cheapest
first and keeping one only where it raises the rank gives the cheapest set that determines every count (a linear
matroid: greedy is optimal). What is observed besides is a check.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from riverstage.plan.nodes import Law

__all__ = ["Conflict", "Ledger", "Observation", "choose"]

_Row = dict[str, Fraction]
_CONSTANT = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """Something an engine can count.

    Args:
        name: The count that it gives.
        price: What it costs; 0 is free.
        how: How it is seen, for ``explain`` and for the message of a conflict.
    """

    name: str
    price: float
    how: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two ways of counting that disagree: ``name`` was seen as ``seen``, and follows to be ``expected``."""

    name: str
    seen: Fraction
    expected: Fraction
    how: str


class Ledger:
    """The equations of a run, kept in reduced form as they come.

    Example:
        >>> ledger = Ledger([Law.sums(["out", "reject"], ["in"])])
        >>> ledger.observe("in", 10, "source"), ledger.observe("reject", 3, "file")
        (None, None)
        >>> ledger.value("out")
        7
    """

    def __init__(self, laws: Iterable[Law] = ()) -> None:
        self._rows: dict[str, _Row] = {}
        self._users: dict[str, set[str]] = {}
        self.conflicts: list[Conflict] = []
        for law in laws:
            self.add(law)

    def add(self, law: Law) -> None:
        """Add an equation; one that contradicts the others is kept as a conflict."""
        row: _Row = {name: Fraction(factor) for name, factor in law.terms.items() if factor}
        row[_CONSTANT] = Fraction(law.constant)
        left = self._insert(row)
        if left is not None and left:
            self.conflicts.append(Conflict(law.stage, left, Fraction(0), "the stage's law"))

    def observe(self, name: str, value: int, how: str) -> Conflict | None:
        """Add what was seen of a count; return the conflict where it contradicts what is known already."""
        left = self._insert({name: Fraction(1), _CONSTANT: Fraction(value)})
        if left:
            conflict = Conflict(name, Fraction(value), Fraction(value) - left, how)
            self.conflicts.append(conflict)
            return conflict
        return None

    def would_help(self, name: str) -> bool:
        """Return whether seeing that count would tell something new."""
        row = self._reduce({name: Fraction(1), _CONSTANT: Fraction(0)})
        return any(key != _CONSTANT for key in row)

    def assume(self, name: str) -> None:
        """Note that a count will be seen, whatever it will be."""
        self._insert({name: Fraction(1), _CONSTANT: Fraction(0)})

    def value(self, name: str) -> int | None:
        """Return a count, or None where the equations do not determine it."""
        row = self._reduce({name: Fraction(1), _CONSTANT: Fraction(0)})
        if any(key != _CONSTANT for key in row):
            return None
        value = -row.get(_CONSTANT, Fraction(0))
        return int(value) if value.denominator == 1 else None

    def _reduce(self, row: _Row) -> _Row:
        reduced = dict(row)
        for name in row:
            pivot = self._rows.get(name)
            if pivot is not None and name in reduced:
                self._subtract(reduced, pivot, reduced[name])
        return reduced

    @staticmethod
    def _subtract(row: _Row, pivot: _Row, factor: Fraction) -> None:
        for key, value in pivot.items():
            left = row.get(key, Fraction(0)) - factor * value
            if left or key == _CONSTANT:
                row[key] = left
            else:
                row.pop(key, None)

    def _insert(self, row: _Row) -> Fraction | None:
        """Add a row; return None when it told something new, else what is left of its constant (0: it agrees)."""
        reduced = self._reduce(row)
        names = sorted(key for key in reduced if key != _CONSTANT)
        if not names:
            return reduced.get(_CONSTANT, Fraction(0))
        pivot = names[0]
        factor = reduced[pivot]
        fresh = {key: value / factor for key, value in reduced.items()}
        for user in list(self._users.get(pivot, ())):
            other = self._rows[user]
            before = set(other)
            self._subtract(other, fresh, other[pivot])
            for key in before - set(other):
                self._users.get(key, set()).discard(user)
            for key in set(other) - before:
                self._users.setdefault(key, set()).add(user)
        self._rows[pivot] = fresh
        for key in fresh:
            if key not in (_CONSTANT, pivot):
                self._users.setdefault(key, set()).add(pivot)
        return None


def choose(
    laws: Sequence[Law], wanted: Iterable[str], offers: Iterable[Observation], known: Mapping[str, int] | None = None
) -> tuple[list[Observation], list[str]]:
    """Return the cheapest offers that determine every wanted count, and the wanted ones that stay unknown.

    Args:
        laws: The stages' equations.
        wanted: The counts to be determined.
        offers: What the engine can count.
        known: Counts known beforehand.
    """
    ledger = Ledger(laws)
    for name, value in (known or {}).items():
        ledger.observe(name, value, "known")
    unknown = [name for name in dict.fromkeys(wanted) if ledger.would_help(name)]
    taken: list[Observation] = []
    for offer in sorted(offers, key=lambda item: item.price):
        if offer.price > 0 and not unknown:
            break
        if ledger.would_help(offer.name):
            taken.append(offer)
            ledger.assume(offer.name)
            unknown = [name for name in unknown if ledger.would_help(name)]
    return taken, unknown
