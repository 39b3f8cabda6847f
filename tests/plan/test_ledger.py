"""The solver of the row ledger."""

from hypothesis import given
from hypothesis import strategies as st

from riverstage.plan.ledger import Ledger, Observation, choose
from riverstage.plan.nodes import Law


def test_sums_and_equalities_determine_counts() -> None:
    ledger = Ledger([Law.sums(["a", "b"], ["in"]), Law.equal("b", "c")])
    ledger.observe("in", 10, "source")
    assert ledger.value("a") is None
    ledger.observe("c", 4, "sink")
    assert (ledger.value("a"), ledger.value("b")) == (6, 4)
    assert ledger.conflicts == []


def test_what_disagrees_is_a_conflict() -> None:
    ledger = Ledger([Law.sums(["a", "b"], ["in"])])
    for name, value in (("in", 10), ("a", 6)):
        ledger.observe(name, value, "seen")
    conflict = ledger.observe("b", 5, "sink")
    assert conflict is not None
    assert (conflict.name, conflict.seen, conflict.expected) == ("b", 5, 4)


def test_the_cheapest_set_is_taken() -> None:
    laws = [Law.equal("l1", "l2"), Law.sums(["l3", "l4"], ["l2"])]
    offers = [
        Observation("l1", 5, "tap"),
        Observation("l2", 1, "sink"),
        Observation("l3", 2, "x"),
        Observation("l4", 0, "y"),
    ]
    taken, unknown = choose(laws, ["l1", "l2", "l3", "l4"], offers)
    assert [offer.name for offer in taken] == ["l4", "l2"]
    assert unknown == []


def test_what_cannot_be_determined_is_named() -> None:
    assert choose([Law.equal("a", "b")], ["a", "b", "c"], [Observation("a", 0, "x")])[1] == ["c"]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3)), min_size=1, max_size=40), st.randoms())
def test_random_trees_are_solved(splits: list[tuple[int, int]], random) -> None:
    """Each link is split into parts; seeing the leaves, in any order, determines all."""
    counts = {"l0": 0}
    leaves = ["l0"]
    laws = []
    for pick, parts in splits:
        parent = leaves.pop(pick % len(leaves))
        children = [f"l{len(counts) + index}" for index in range(parts)]
        counts.update(dict.fromkeys(children, 0))
        laws.append(Law.sums(children, [parent]))
        leaves += children
    for leaf in leaves:
        counts[leaf] = random.randint(0, 1000)
    for law in reversed(laws):
        parent = next(key for key, factor in law.terms.items() if factor == -1)
        counts[parent] = sum(counts[key] for key, factor in law.terms.items() if factor == 1)
    ledger = Ledger(laws)
    random.shuffle(leaves)
    for leaf in leaves:
        assert ledger.observe(leaf, counts[leaf], "seen") is None
    assert {name: ledger.value(name) for name in counts} == counts
