"""What DuckDB can count, and for how much: the prices behind the choice of observations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from riverstage.plan import Count, Kernel, NativeScan, Node, Relation, Sink, Source, Total, hidden_key
from riverstage.plan.ledger import Observation, choose
from riverstage.plan.plan import Plan, reads, writes

__all__ = ["KINDS", "READ", "SCANNED", "Observations", "plan_observations"]

# Prices are orders of magnitude: free is 0, a count over rows that are kept anyway is about 1, a narrow second
# evaluation (a shadow) is tens, and keeping a link only to count it (a tap) is hundreds. A link that all its readers
# filter is kept without the rows that none of them takes, unless it is counted.
_PROFILED, _SHARED, _SHADOW, _SIFTED, _TAP = 0.5, 1.0, 20.0, 60.0, 400.0
_HEAVY = (exp.Join, exp.Group, exp.Window, exp.Order)
_UNSETTLING = (exp.Join, exp.Group, exp.Union, exp.Distinct)
# Which rows such a query gives depends on the order in which they come.
_CHOOSING = (exp.Limit, exp.Offset, exp.Window, exp.First, exp.Last, exp.AnyValue)
_FEW, _REPEATED = 10, 5.0
"""A second evaluation of more than a few relations costs this for each: DuckDB plans them all again (at 50 columns
some 4 ms each), and computes them."""
_CHANGING = ("where", "group", "having", "qualify", "limit", "offset", "distinct", "joins", "laterals", "with_")
"""What makes a query give other than one row for each row that it reads."""
_MANY, _FAR = 4, 2
"""From that many second evaluations on, one is kept that repeats more relations than this."""
KINDS: tuple[type[exp.Expression], ...] = tuple({*_HEAVY, *_UNSETTLING, *_CHOOSING, exp.Where})
"""The parts of queries that prices and order hang on."""
SCANNED = "rows that the engine scanned"
READ = "rows that the reader gave"


@dataclass(slots=True)
class Observations:
    """What will be counted in a run.

    Args:
        taken: The observations chosen.
        unknown: Links that stay unknown.
        known: Counts known beforehand, and how.
        counts: Counts to ask of a link's rows, by the link they look at.
        totals: Sums to ask of a link's hidden column, by the link.
        shadows: Links whose rows are computed again for the count alone.
        taps: Links that are kept in order to be counted.
        profiled: Sources whose rows the engine's own profile counts.
        read: Sources whose rows their plain reader counts.
        apart: Links among the shadows that others read too, kept for them without the rows that nobody takes.
        light: Links that cost little to compute again: read, filtered, derived, but not joined, grouped or sorted.
    """

    taken: list[Observation] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    known: dict[str, tuple[int, str]] = field(default_factory=dict)
    counts: list[Count] = field(default_factory=list)
    totals: list[Total] = field(default_factory=list)
    shadows: set[str] = field(default_factory=set)
    taps: set[str] = field(default_factory=set)
    profiled: set[str] = field(default_factory=set)
    read: set[str] = field(default_factory=set)
    apart: set[str] = field(default_factory=set)
    light: set[str] = field(default_factory=set)

    @property
    def looked_at(self) -> frozenset[str]:
        """Links whose rows a statement must have, because they are counted."""
        return frozenset({hint.over for hint in self.counts} | {hint.over for hint in self.totals})


def plan_observations(
    plan: Plan,
    scans: Mapping[str, NativeScan | None],
    kinds: Mapping[str, frozenset[type]],
    stored: frozenset[str],
    *,
    exact: bool,
) -> Observations:
    """Choose the cheapest observations that determine every link's count.

    Args:
        plan: The plan.
        scans: How each source is read, by its link.
        kinds: Which of ``KINDS`` each relation's query has, by its link.
        stored: Links that are kept as tables.
        exact: False takes only what is free (``ledger='basic'``).
    """
    found = Observations()
    shape = _Shape(plan, scans, kinds, stored)
    offers: list[Observation] = []
    hints: dict[str, Count | Total] = {}
    for node in plan.nodes:
        if isinstance(node, Sink) and node.request.family != "log":
            offers.append(Observation(node.counts or node.input, 0, "rows that the target accepted"))
        elif isinstance(node, Source):
            _source_offers(node, scans.get(node.link), found, offers)
    found.light = {key for key in shape.replayable if shape.heaviness(key) == 0}
    for hint in plan.seen:
        price = _SHARED if isinstance(hint, Total) else shape.price(hint.over)
        how = "hidden count of groups" if isinstance(hint, Total) else f"rows counted in {hint.over}"
        offers.append(Observation(hint.name, price, how))
        hints.setdefault(f"{hint.name}\0{how}", hint)
    for node in plan.nodes:
        scan = scans.get(node.link) if isinstance(node, Source) else None
        if isinstance(node, Source) and scan is not None and shape.is_read_whole(node):
            if scan.plain is not None:
                offers.append(Observation(node.link, _PROFILED, READ))
            elif scan.files:
                offers.append(Observation(node.link, _PROFILED, SCANNED))
    links = plan.links
    for key in links:
        over = shape.cheapest_of_same_rows(key)
        how = f"rows of {over} counted"
        offers.append(Observation(key, shape.price(over) + 0.5, how))
        hints[f"{key}\0{how}"] = Count(key, over)
    known = {name: value for name, (value, _) in found.known.items()}
    wanted = [*links, *plan.dropped]
    if not exact:
        offers = [offer for offer in offers if offer.price == 0]
    found.taken, found.unknown = choose(plan.laws, wanted, offers, known)
    for offer in found.taken:
        if offer.how == SCANNED:
            found.profiled.add(offer.name)
            continue
        if offer.how == READ:
            found.read.add(offer.name)
            continue
        hint_taken = hints.get(f"{offer.name}\0{offer.how}")
        if isinstance(hint_taken, Total):
            found.totals.append(hint_taken)
        elif isinstance(hint_taken, Count):
            found.counts.append(hint_taken)
            if offer.price >= _TAP:
                found.taps.add(hint_taken.over)
            elif offer.price >= _SHADOW and not shape.is_kept_whole(hint_taken.over):
                found.shadows.add(hint_taken.over)
    _read_for_rejects(plan, scans, shape, found)
    _keep_some(plan, stored, found)
    found.apart = {key for key in found.shadows if shape.is_shared(key)}
    return found


def _read_for_rejects(plan: Plan, scans: Mapping[str, NativeScan | None], shape: _Shape, found: Observations) -> None:
    """See to it that sources are read to their end where somebody reads what they reject, whoever needs their rows."""
    for node in plan.nodes:
        scan = scans.get(node.link) if isinstance(node, Source) else None
        if not isinstance(node, Source) or scan is None or scan.rejects is None or not shape.has_readers(node.reject):
            continue
        if scan.files and shape.is_read_whole(node):
            # Seen in the profile, where it is not after all: a join with an empty side reads nothing of its other one.
            found.profiled.add(node.link)
        elif not shape.is_surely_read(node.link, found.looked_at):
            # Read twice, its rejects would be told twice: so it is kept for whoever reads it besides.
            found.counts.append(Count(node.link, node.link))
            found.taps.add(node.link)


def _keep_some(plan: Plan, stored: frozenset[str], found: Observations) -> None:
    """Keep some links instead of computing them again, where many counts stand in a row.

    Each second evaluation begins at its sources, so that a row of n counts would cost n * n relations; it begins at a
    kept link instead, where there is one above.
    """
    if len(found.shadows) < _MANY:
        return
    numbers = {node.link: 1 << number for number, node in enumerate(plan.nodes) if isinstance(node, Relation)}
    above: dict[str, int] = {}
    for node in plan.nodes:
        bits = numbers.get(node.link, 0) if isinstance(node, Relation) else 0
        for key in reads(node):
            bits |= above.get(key, 0)
        for key in writes(node):
            if key in found.shadows and bits.bit_count() > _FAR:
                found.shadows.discard(key)
                found.taps.add(key)
            above[key] = 0 if key in stored or key in found.taps else bits


def _source_offers(node: Source, scan: NativeScan | None, found: Observations, offers: list[Observation]) -> None:
    if scan is None:
        return
    if scan.rows is not None:
        found.known[node.link] = (scan.rows, "rows that the source says it has")
    name = node.reject or hidden_key(node.stage, "rejected")
    if scan.plain is not None:
        found.known[name] = (0, "records that the source could not read")
    elif scan.reject_count is not None:
        offers.append(Observation(name, 0, "records that the source could not read"))


class _Shape:
    """What a plan's nodes are to each other, looked up once.

    Args:
        plan: The plan.
        scans: How each source is read, by its link.
        kinds: Which of ``KINDS`` each relation's query has, by its link.
        stored: Links that are kept as tables.
    """

    def __init__(
        self,
        plan: Plan,
        scans: Mapping[str, NativeScan | None],
        kinds: Mapping[str, frozenset[type]],
        stored: frozenset[str],
    ) -> None:
        self._kinds = kinds
        self._stored = stored
        self._readers: dict[str, list[Node]] = {}
        for node in plan.nodes:
            for key in reads(node):
                self._readers.setdefault(key, []).append(node)
        self._above: dict[str, tuple[int, int, int]] = {}
        self.replayable: set[str] = set()
        settled: set[str] = set()
        for index, node in enumerate(plan.nodes):
            self._weigh(node, 1 << index)
            self._note_replay(node, scans, settled)
            for key in stored.intersection(writes(node)):
                # Whatever stands above it is not done again.
                self._above[key] = (0, 0, 0)
                self.replayable.add(key)
                settled.add(key)

    def _has(self, node: Relation, kinds: tuple[type, ...]) -> bool:
        return any(issubclass(kind, kinds) for kind in self._kinds[node.link])

    def _weigh(self, node: Node, bit: int) -> None:
        """Note what stands above what a node writes, as bits: joins and groupings, kernels, relations of any kind."""
        heavy = kernels = relations = 0
        for key in reads(node):
            above = self._above.get(key, (0, 0, 0))
            heavy, kernels, relations = heavy | above[0], kernels | above[1], relations | above[2]
        if isinstance(node, Kernel):
            kernels |= bit
        elif isinstance(node, Relation):
            relations |= bit
            if self._has(node, _HEAVY):
                heavy |= bit
        for key in writes(node):
            self._above[key] = (heavy, kernels, relations)

    def heaviness(self, key: str) -> int:
        """Return how many joins and groupings stand above a link: what a second evaluation repeats."""
        heavy, kernels, _ = self._above.get(key, (0, 0, 0))
        return heavy.bit_count() + 5 * kernels.bit_count()

    def _note_replay(self, node: Node, scans: Mapping[str, NativeScan | None], settled: set[str]) -> None:
        """Note a link that gives the same rows when it is computed again, without any harm."""
        if isinstance(node, Source):
            scan = scans.get(node.link)
            if scan is not None and node.deterministic and scan.rejects is None and scan.plain is None:
                self.replayable.add(node.link)
                settled.add(node.link)
        elif isinstance(node, Relation) and node.deterministic and all(key in self.replayable for key in node.inputs):
            is_settled = all(key in settled for key in node.inputs)
            if is_settled or not self._has(node, _CHOOSING):
                self.replayable.add(node.link)
            if is_settled and not self._has(node, _UNSETTLING):
                settled.add(node.link)

    def price(self, key: str) -> float:
        """Return what it costs to count a link's rows."""
        if key in self._stored:
            return _SHARED
        if self.is_shared(key) and not self._is_sifted(key):
            return _SHARED + 0.5
        if self.is_kept_whole(key):
            return _SIFTED
        return self._again(key) if key in self.replayable else _TAP

    def _again(self, key: str) -> float:
        """Return what it costs to compute a link's rows again."""
        _, _, relations = self._above.get(key, (0, 0, 0))
        return _SHADOW + 20 * self.heaviness(key) + _REPEATED * max(0, relations.bit_count() - _FEW)

    def is_shared(self, key: str) -> bool:
        """Return whether a link has several readers, for whom it is kept."""
        return len(self._readers.get(key, ())) > 1

    def is_kept_whole(self, key: str) -> bool:
        """Return whether a link that is kept for several readers is kept whole where it is counted."""
        dear = key not in self.replayable or self._again(key) > _SIFTED
        return self.is_shared(key) and (dear or not self._is_sifted(key))

    def _is_sifted(self, key: str) -> bool:
        """Return whether all readers of a link filter it."""
        return all(isinstance(node, Relation) and self._has(node, (exp.Where,)) for node in self._readers.get(key, ()))

    def cheapest_of_same_rows(self, key: str) -> str:
        """Return the link that has one row for each of a link's rows and costs least to count, mostly itself."""
        best, ahead = key, [key]
        while ahead and self.price(best) > 2 * _SHARED:
            for node in self._readers.get(ahead.pop(), ()):
                if isinstance(node, Relation) and _keeps_rows(node):
                    ahead.append(node.link)
                    if self.price(node.link) < self.price(best):
                        best = node.link
        return best

    def has_readers(self, key: str | None) -> bool:
        """Return whether anything reads a link."""
        return bool(key and self._readers.get(key))

    def is_surely_read(self, key: str, counted: frozenset[str]) -> bool:
        """Return whether every row of a link is looked at, whatever stands in other links.

        Args:
            key: The link.
            counted: Links whose rows are counted.
        """
        ahead = [key]
        while ahead:
            key = ahead.pop()
            if key in counted or key in self._stored:
                return True
            for node in self._readers.get(key, ()):
                # What a kernel reads of a source with rejects is stored.
                if isinstance(node, Kernel) or (isinstance(node, Sink) and node.request.family != "log"):
                    return True
                if isinstance(node, Relation) and len(node.inputs) == 1 and not self._has(node, _CHOOSING):
                    ahead.append(node.link)
        return False

    def is_read_whole(self, source: Source) -> bool:
        """Return whether a target needs every row of a source: only then is what was scanned what there is."""
        ahead = [source.link]
        seen: set[str] = set()
        while ahead:
            key = ahead.pop()
            if key in seen:
                continue
            seen.add(key)
            for node in self._readers.get(key, ()):
                if isinstance(node, Sink) and node.request.family != "log":
                    return True
                if isinstance(node, Relation) and not self._has(node, (exp.Limit,)):
                    ahead.append(node.link)
        return False


def _keeps_rows(relation: Relation) -> bool:
    """Return whether a relation adds columns to each row of its only input, and does nothing else."""
    tree = relation.tree
    if not isinstance(tree, exp.Select) or len(relation.inputs) != 1 or any(tree.args.get(name) for name in _CHANGING):
        return False
    source = tree.args.get("from_")
    # With a star there is no grouping without saying so.
    adds = any(isinstance(value, exp.Star) for value in tree.expressions) and not tree.find(exp.Unnest, exp.Explode)
    return adds and isinstance(source, exp.From) and source.this.name == relation.inputs[0]
