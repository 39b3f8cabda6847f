"""What the catalogue says: stage types, their properties, and the shapes of what properties hold."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from riverstage.catalogue import _codec, _holding
from riverstage.errors import CatalogueError, Place

__all__ = ["ConnectionSpec", "Items", "Kind", "Property", "Role", "Span", "StageInfo", "StageSpec", "Where"]

Kind = Literal["string", "integer", "number", "boolean", "choice", "list", "table", "map", "any"]
Where = Literal["node", "input", "output", "connection"]
Role = Literal["source", "target"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Span(NamedTuple):
    """How many links a stage takes or gives; ``max`` is None where any number goes.

    Example:
        >>> 3 in Span(2, None).counts(4)
        True
        >>> Span(1, 1).allows(2)
        False
    """

    min: int
    max: int | None

    def allows(self, number: int) -> bool:
        """Say whether that many links are enough and not too many."""
        return number >= self.min and (self.max is None or number <= self.max)

    def counts(self, up_to: int) -> range:
        """Return the numbers of links that are allowed, at most ``up_to``."""
        return range(self.min, (up_to if self.max is None else min(self.max, up_to)) + 1)

    def __str__(self) -> str:
        if self.max == self.min:
            return str(self.min)
        return f"{self.min} or more" if self.max is None else f"{self.min} to {self.max}"


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """The shape of one row of a table property.

    Args:
        fields: What a row may say, by Python name. Keys that are not here are kept as they are.
        nested: A row may be a list of mappings instead of one mapping.
    """

    fields: Mapping[str, Property]
    nested: bool = False

    def field(self, key: str) -> Property | None:
        """Return the field with that Python name or wire key, in either spelling (``asc_desc``, ``asc-desc``)."""
        found = self.fields.get(key)
        if found is not None:
            return found
        for candidate in self.fields.values():
            if key in (candidate.wire, candidate.wire.replace("-", "_"), *candidate.names):
                return candidate
        return None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Property:
    """One thing that can be said to a stage: a slot with a wire key and one or more Python names.

    Args:
        name: Its Python name, the first where it has several.
        names: All its Python names. Two names are one slot: setting one sets the other.
        wire: Its key in documents.
        kind: What its value is.
        choices: For a choice, label to wire value.
        places: Where documents may hold it, as the published facts list them.
        required: A run needs it.
        secret: Its value must not be shown or saved in clear.
        internal: Other tools keep their own state in it; people do not set it.
        label: What a form calls it.
        help: What it does, one sentence.
        group: The part of the form it stands in.
        visible_when: The condition under which it means anything; see ``holds``.
        items: For a table, the shape of a row.
        role: The side of a source-or-target stage that it belongs to, or None for both.
        of: For a list, the kind of its items.
        nullable: The published client takes None for it.
        open: A choice that also takes other text.
        multiple: A choice that also takes a list of choices.
        as_number: A boolean that documents hold as 0 or 1.
        enum: For a choice, the name that the published client gives its class of choices.
        also: For a choice, other words that documents have for it, each with the wire value that it means.
        least: The smallest number that it can be, None where any will do.
        most: The greatest number that it can be, None where any will do.
        longest: The most characters of a text, of a choice those of a text that is none of the choices; None where any
            will do. Quotes around a character, which documents have, do not count, and an escape is one.
    """

    name: str
    wire: str
    kind: Kind
    names: tuple[str, ...] = ()
    initial: Any = field(default=None, repr=False)
    choices: Mapping[str, Any] = field(default_factory=lambda: _NOTHING, repr=False)
    places: tuple[Where, ...] = ()
    required: bool = False
    secret: bool = False
    internal: bool = False
    label: str = ""
    help: str = field(default="", repr=False)
    group: str = ""
    visible_when: Mapping[str, Any] | None = field(default=None, repr=False)
    items: Items | None = field(default=None, repr=False)
    role: Role | None = None
    of: Kind | None = None
    nullable: bool = True
    open: bool = False
    multiple: bool = False
    as_number: bool = False
    enum: str = field(default="", repr=False)
    also: Mapping[str, Any] = field(default_factory=lambda: _NOTHING, repr=False)
    least: int | None = None
    most: int | None = None
    longest: int | None = None

    @property
    def default(self) -> Any:
        """The value of a stage that never had it set; a list or mapping is the caller's own."""
        return copy.deepcopy(self.initial) if isinstance(self.initial, list | dict) else self.initial

    @property
    def is_truth(self) -> bool:
        """Whether it is a choice between true and false, whatever words documents have for them."""
        return self.kind == "choice" and set(self.choices) == {"true", "false"}

    def encode(self, value: object, *, known: Collection[str] = ()) -> Any:
        """Return the wire form of a value.

        Text with a parameter in it (``#name#``, ``#set.name#``) goes as it is, whatever the kind, and so does None.

        Args:
            value: A value of the property's kind. A choice goes by label, wire value or enum member, and by True or
                False where its labels say so. One item stands for a list of one; a row of a table may be the text of
                its first field; paths and whole numbers in text go where they fit.
            known: Keys that rows of a table may have besides its fields: those that the document has already.

        Raises:
            CatalogueError: The property cannot hold the value (``RS-2103``).

        Example:
            >>> from riverstage.catalogue import find
            >>> find("Peek").property("all").encode(True)
            'all'
            >>> find("Sort").property("key_properties").encode([{"key": "id", "asc_desc": "desc"}])
            [{'key': 'id', 'asc-desc': 'desc'}]
        """
        return _codec.encode(self, value, known)

    def decode(self, wire: Any) -> Any:
        """Return the Python form of a wire value; a value that is not understood comes back unchanged.

        Example:
            >>> from riverstage.catalogue import find
            >>> find("Row Generator").property("runtime_column_propagation").decode(1)
            True
        """
        return _codec.decode(self, wire)

    def read(self, wire: Any) -> Any:
        """Return a wire value as a person reads it: as ``decode`` does, and a choice of true or false as such.

        Example:
            >>> from riverstage.catalogue import find
            >>> columns = find("Peek").property("columns")
            >>> columns.encode(True), columns.read(" "), columns.read("#shown#")
            (' ', True, '#shown#')
        """
        truth = self.truth(wire) if self.is_truth else None
        return self.decode(wire) if truth is None else truth

    def hold(self, value: Any) -> tuple[Any, tuple[CatalogueError, ...]]:
        """Return the value that stands for what a document or a parameter says, and what is wrong with it.

        Text goes to the number, the truth or the choice that it means, one entry to a list of one; keys of entries
        that are not known stay. Nothing, blank text, and text with a parameter in it come back as they are.

        Args:
            value: The wire value, its parameters bound.

        Returns:
            The value, unchanged where something is wrong with it; and a refusal (``RS-2103``) for each thing.

        Example:
            >>> from riverstage.catalogue import find
            >>> find("Sort").property("flag_key").hold("True")
            ('flagKey', ())
            >>> _, (refusal,) = find("Join").property("operator").hold("inerjoin")
            >>> refusal.mend
            "Did you mean 'innerjoin'?"
        """
        return (value, ()) if self.is_sound(value) else _holding.hold(self, value)

    @property
    def is_sound(self) -> Callable[[Any], bool]:
        """A quick test, made once, that says of nearly every right value that ``hold`` returns it as it is."""
        return _holding.sound(self)

    def truth(self, value: Any) -> bool | None:
        """Return what a wire value means as yes or no, or None where it says neither.

        Example:
            >>> from riverstage.catalogue import find
            >>> find("Peek").property("columns").truth(" ")
            True
        """
        decoded = self.decode(value)
        if self.kind != "choice":
            return decoded if isinstance(decoded, bool) else None
        word = self.label_of(decoded)
        return {"true": True, "false": False, "yes": True, "no": False}.get(word) if word else None

    def label_of(self, wire: Any) -> str | None:
        """Return the label of a choice's wire value, or None where it is no choice."""
        return next((label for label, value in self.choices.items() if value == wire), None)


@dataclass(frozen=True, slots=True)
class StageInfo:
    """One line about a stage type: enough for a palette, without opening its file."""

    name: str
    op: str | None
    class_name: str
    category: str
    summary: str


@dataclass(frozen=True, slots=True, eq=False)
class ConnectionSpec:
    """What the connection of a connector holds.

    Args:
        class_name: The published client's class of the connection.
        datasource_type: The id or name of the kind of data source.
        fields: Its settings, Python name to property.
    """

    class_name: str
    datasource_type: str | None
    fields: Mapping[str, Property]

    def field(self, name: str) -> Property | None:
        """Return the field with that Python name or, where none has it, that wire key.

        Example:
            >>> from riverstage.catalogue import find
            >>> find("PostgreSQL").connection.field("host").name
            'hostname_or_ip_address'
        """
        found = self.fields.get(name)
        return found or next((said for said in self.fields.values() if said.wire == name), None)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StageSpec:
    """All there is to say about a stage type.

    ``properties`` has every Python name, in the published order; two names of one slot lead to the same property.
    ``slots`` has every property once. ``always_sent`` and ``sent_when_untouched`` say what the published client writes
    whatever the user did, by place (``node``, ``input``, ``output``, ``source`` and ``target`` for the connection).
    """

    name: str
    class_name: str
    config_name: str
    op: str | None
    node_type: str
    category: str
    summary: str
    image: str | None
    is_connector: bool
    inputs: Span
    outputs: Span
    link_limits: Mapping[str, Any] = field(repr=False)
    properties: Mapping[str, Property] = field(repr=False)
    groups: tuple[str, ...] = field(repr=False)
    always_sent: Mapping[str, tuple[str, ...]] = field(repr=False)
    sent_when_untouched: Mapping[str, Mapping[str, Any]] = field(repr=False)
    connection: ConnectionSpec | None = field(repr=False)
    by_wire: Mapping[str, Property] = field(repr=False)

    @property
    def slots(self) -> tuple[Property, ...]:
        """Every property once, in the published order."""
        return tuple(said for name, said in self.properties.items() if name == said.name)

    @property
    def aliases(self) -> Mapping[str, str]:
        """Second Python names, each with the first name of its slot."""
        return {name: said.name for name, said in self.properties.items() if name != said.name}

    @property
    def rejects(self) -> Span:
        """How many reject links the stage gives."""
        return _limits(self.link_limits, "RejectOutputs")

    @property
    def references(self) -> Span:
        """How many reference links the stage takes."""
        return _limits(self.link_limits, "ReferenceInputs")

    def property(self, name: str) -> Property:
        """Return the property with that Python name or, where no property has it, that wire key.

        Raises:
            CatalogueError: The stage type has no such property (``RS-2102``).

        Example:
            >>> from riverstage.catalogue import find
            >>> find("Sort").property("keyProperties").name
            'key_properties'
        """
        found = self.properties.get(name) or self.by_wire.get(name)
        if found is not None:
            return found
        import difflib  # only for a mistake

        near = difflib.get_close_matches(name, list(self.properties), n=1)
        message = f'A {self.name} stage has no property "{name}".'
        mend = f'Did you mean "{near[0]}"?' if near else f"\"riverstage stages '{self.name}'\" lists what it has."
        raise CatalogueError(message, code="RS-2102", place=Place(property=name), mend=mend)


def _limits(limits: Mapping[str, Any], what: str) -> Span:
    high = limits.get(f"max{what}", 0)
    return Span(limits.get(f"min{what}", 0), None if high < 0 or high >= 2**31 - 1 else high)
