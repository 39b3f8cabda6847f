"""The document: the pipeline-flow tree, reading it with places in errors, writing it canonically, its ids and names."""

from __future__ import annotations

from riverstage.document._canonical import canonical
from riverstage.document._document import Document
from riverstage.document._index import label_of
from riverstage.document._links import LinkKind, LinkRef
from riverstage.document._order import Side
from riverstage.document._places import has_place
from riverstage.document._reading import read_json
from riverstage.document._rename import Rewrite
from riverstage.document._templates import blank_node, clone, put

__all__ = [
    "Document",
    "LinkKind",
    "LinkRef",
    "Rewrite",
    "Side",
    "blank_node",
    "canonical",
    "clone",
    "has_place",
    "label_of",
    "put",
    "read_json",
]
