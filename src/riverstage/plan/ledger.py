"""The row ledger: counts are unknowns, stages give equations, observations have prices.

Equations are linear with integer coefficients; elimination is exact: over whole numbers, fractions where it must be.
Taking observations cheapest first and keeping one only where it raises the rank gives the cheapest set that determines
every count (a linear matroid: greedy is optimal). What is observed besides is a check.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from riverstage.plan.nodes import Law

__all__ = ["Conflict", "Ledger", "Observation", "choose"]

_Number = int | Fraction
_Row = dict[str, _Number]
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
    seen: _Number
    expected: _Number
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
        known = list(laws)
        self._uses = Counter(name for law in known for name in law.terms)
        for law in known:
            self.add(law)

    def add(self, law: Law) -> None:
        """Add an equation; one that contradicts the others is kept as a conflict."""
        row: _Row = {name: factor for name, factor in law.terms.items() if factor}
        row[_CONSTANT] = law.constant
        left = self._insert(row)
        if left:
            self.conflicts.append(Conflict(law.stage, left, 0, "the stage's law"))

    def observe(self, name: str, value: int, how: str) -> Conflict | None:
        """Add what was seen of a count; return the conflict where it contradicts what is known already."""
        left = self._insert({name: 1, _CONSTANT: value})
        if left:
            conflict = Conflict(name, value, value - left, how)
            self.conflicts.append(conflict)
            return conflict
        return None

    def would_help(self, name: str) -> bool:
        """Return whether seeing that count would tell something new."""
        row = self._rows.get(name)
        return row is None or len(row) > 2

    def assume(self, name: str) -> None:
        """Note that a count will be seen, whatever it will be."""
        self._insert({name: 1, _CONSTANT: 0})

    def value(self, name: str) -> int | None:
        """Return a count, or None where the equations do not determine it."""
        if self.would_help(name):
            return None
        value = self._rows[name][_CONSTANT]
        return int(value) if value.denominator == 1 else None

    def _reduce(self, row: _Row) -> _Row:
        reduced = dict(row)
        for name in row:
            pivot = self._rows.get(name)
            if pivot is not None and name in reduced:
                self._subtract(reduced, pivot, reduced[name])
        return reduced

    @staticmethod
    def _subtract(row: _Row, pivot: _Row, factor: _Number) -> None:
        for key, value in pivot.items():
            left = row.get(key, 0) - factor * value
            if left or key == _CONSTANT:
                row[key] = left
            else:
                row.pop(key, None)

    def _pivot(self, row: _Row) -> str | None:
        """Return the count that a row is to be solved for: one that makes few rows longer; None where there is none."""
        names = [key for key in row if key != _CONSTANT]
        if not names:
            return None
        return min(names, key=lambda name: (len(self._users.get(name, ())), self._uses[name], name))

    def _insert(self, row: _Row) -> _Number | None:
        """Add a row; return None when it told something new, else what is left of its constant (0: it agrees)."""
        reduced = self._reduce(row)
        pivot = self._pivot(reduced)
        if pivot is None:
            return reduced.get(_CONSTANT, 0)
        factor = reduced[pivot]
        fresh = {key: _over(value, factor) for key, value in reduced.items()}
        for user in self._users.pop(pivot, set()):
            other = self._rows[user]
            self._subtract(other, fresh, other[pivot])
            for key in fresh:
                if key not in (_CONSTANT, pivot):
                    users = self._users.setdefault(key, set())
                    if key in other:
                        users.add(user)
                    else:
                        users.discard(user)
        self._rows[pivot] = fresh
        for key in fresh:
            if key not in (_CONSTANT, pivot):
                self._users.setdefault(key, set()).add(pivot)
        return None


def _over(value: _Number, factor: _Number) -> _Number:
    """Return an exact quotient, whole where it is."""
    if factor in (1, -1):
        return value * factor
    quotient = Fraction(value) / factor
    return quotient.numerator if quotient.denominator == 1 else quotient


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
    left = list(unknown)
    taken: list[Observation] = []
    for offer in sorted(offers, key=lambda item: item.price):
        while left and not ledger.would_help(left[-1]):
            left.pop()
        if offer.price > 0 and not left:
            break
        if ledger.would_help(offer.name):
            taken.append(offer)
            ledger.assume(offer.name)
    return taken, [name for name in unknown if ledger.would_help(name)]
