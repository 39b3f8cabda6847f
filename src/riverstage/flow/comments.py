"""Comments on the canvas: Markdown and annotations, connected to stages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverstage.errors import NotFoundError, Place, RemovedError, UsageError
from riverstage.flow import _formats, placing
from riverstage.flow._belonging import require_belonging
from riverstage.flow._strict import Strict

if TYPE_CHECKING:
    from riverstage.document import Document
    from riverstage.flow.stage import StageNode
    from riverstage.flow.stages import Stages

__all__ = ["Annotation", "AnnotationConfiguration", "CommentNode", "Comments", "MarkdownComment", "comment_at"]


class CommentNode(Strict):
    """A comment of a flow: text on the canvas that can be connected to stages.

    Where it is first laid out it surrounds them; where a person put it, it stays.
    """

    __slots__ = ("_document", "_key", "_pipeline")

    _document: Document
    _pipeline: str
    _key: str

    def __init__(self, document: Document, pipeline: str, key: str) -> None:
        object.__setattr__(self, "_document", document)
        object.__setattr__(self, "_pipeline", pipeline)
        object.__setattr__(self, "_key", key)

    def _comment(self) -> dict[str, Any]:
        pipelines = self._document.pipeline_ids
        for pipeline in (self._pipeline, *pipelines) if self._pipeline in pipelines else pipelines:
            for comment in self._document.comments(pipeline):
                if comment.get("id") == self._key:
                    object.__setattr__(self, "_pipeline", pipeline)
                    return comment
        message = f"This {type(self).__name__} was removed from its flow."
        raise RemovedError(message, mend="Add a new one.")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CommentNode) and other._key == self._key and other._document is self._document

    def __hash__(self) -> int:
        return hash((id(self._document), self._key))

    def __repr__(self) -> str:
        try:
            return f"{type(self).__name__}(content={self.content!r})"
        except RemovedError:
            return f"{type(self).__name__}(removed)"

    @property
    def content(self) -> str:
        """The text."""
        return str(self._comment().get("content") or "")

    @content.setter
    def content(self, text: str) -> None:
        self._comment()["content"] = _text(text)

    @property
    def comment_id(self) -> str:
        """The id of the comment in the document."""
        return self._key

    @property
    def stages(self) -> Stages:
        """The stages it is connected to."""
        from riverstage.flow.stages import Stages

        refs = self._comment().get("associated_id_refs") or ()
        keys = [ref.get("node_ref") for ref in refs if isinstance(ref, dict)]
        here = [str(key) for key in keys if self._has(key)]
        return Stages.of(self._document, self._pipeline, here)

    def _has(self, key: object) -> bool:
        return isinstance(key, str) and self._document.has_node(self._pipeline, key)

    def connect_to(self, node: StageNode) -> None:
        """Connect the comment to a stage; connecting twice changes nothing.

        Raises:
            UsageError: It is no stage of the same flow.
        """
        comment = self._comment()
        key = self._own_stage(node)
        refs = comment.get("associated_id_refs")
        if isinstance(refs, list) and any(isinstance(ref, dict) and ref.get("node_ref") == key for ref in refs):
            return
        self._move(comment)
        if not isinstance(refs, list):
            refs = comment["associated_id_refs"] = []
        refs.append({"node_ref": key})

    def connect_output_to(self, node: StageNode) -> None:
        """Connect the comment to a stage: the same as ``connect_to``."""
        self.connect_to(node)

    def connect_input_to(self, node: StageNode) -> None:
        """Connect the comment to a stage: the same as ``connect_to``."""
        self.connect_to(node)

    def disconnect_from(self, node: StageNode) -> None:
        """Take the connection to a stage away.

        Raises:
            NotFoundError: The comment is not connected to that stage.
        """
        comment = self._comment()
        key = self._own_stage(node)
        refs = comment.get("associated_id_refs")
        kept = [ref for ref in refs or () if not (isinstance(ref, dict) and ref.get("node_ref") == key)]
        if not isinstance(refs, list) or len(kept) == len(refs):
            raise NotFoundError(f"{self!r} is not connected to {node!r}.")
        self._move(comment)
        refs[:] = kept

    def _move(self, comment: dict[str, Any]) -> None:
        """Let a comment that nobody moved be laid out again, around its new stages."""
        self._document.unplaced.discard(self._key)
        if placing.is_automatic(self._document, self._pipeline, comment):
            placing.lift(comment)

    def _own_stage(self, node: object) -> str:
        from riverstage.flow.stage import StageNode

        if not isinstance(node, StageNode):
            message = f"A comment is connected to stages, not to {node!r}."
            raise UsageError(message, code="RS-2030")
        mend = "Connect a comment to stages of its own flow."
        require_belonging(node, self._document, self._pipeline, Place(), mend)
        return node._key


class MarkdownComment(CommentNode):
    """A comment in Markdown."""

    __slots__ = ()


class _Look:
    """An attribute of an annotation, on the annotation itself and on its ``configuration``."""

    def __init__(self, name: str, doc: str) -> None:
        self._name = name
        self.__doc__ = doc

    def __get__(self, owner: Any, kind: type | None = None) -> Any:
        if owner is None:
            return self
        return _formats.read(owner._comment(), self._name)

    def __set__(self, owner: Any, value: object) -> None:
        _formats.write(owner._comment(), self._name, value)

    def __delete__(self, owner: Any) -> None:
        self.__set__(owner, None)


class _Styled:
    """The ten attributes of an annotation. None clears one; an unset one reads as None, or as what it is drawn as."""

    __slots__ = ()

    bold = _Look("bold", "Whether the text is bold.")
    italics = _Look("italics", "Whether the text is italic.")
    font = _Look("font", "The font, such as ``font-arial``; see ``AnnotationFont``.")
    text_decoration = _Look("text_decoration", "``underline``, ``strikethrough``, or both with a space between.")
    background_color = _Look("background_color", "``#RRGGBB`` or ``transparent``.")
    text_color = _Look("text_color", "``#RRGGBB``.")
    vertical_align = _Look("vertical_align", "``align-top``, ``align-middle`` (``align-center``) or ``align-bottom``.")
    horizontal_align = _Look(
        "horizontal_align", "``align-left``, ``align-center`` (``align-middle``) or ``align-right``."
    )
    text_size = _Look("text_size", "The size of the text in pixels; see ``TextSize``.")
    outline = _Look("outline", "Whether there is a line around the box.")


class Annotation(_Styled, CommentNode):
    """A box with text on the canvas, whose look can be set.

    Example:
        >>> from riverstage import BatchFlow
        >>> annotation = BatchFlow("demo").add_annotation("New Annotation")
        >>> annotation.bold = True
        >>> annotation.text_size = 18
        >>> annotation
        Annotation(content='New Annotation')
    """

    __slots__ = ()

    @property
    def configuration(self) -> AnnotationConfiguration:
        """The same attributes, for code that looks for them here."""
        self._comment()
        return AnnotationConfiguration(self._document, self._pipeline, self._key)


class AnnotationConfiguration(_Styled, CommentNode):
    """The look of an annotation: the same ten attributes that the annotation has, and four of older documents."""

    __slots__ = ()

    border_color = _Look("border_color", "The colour of the line around the box.")
    letter_spacing = _Look("letter_spacing", "The room between letters, such as ``1px``.")
    line_height = _Look("line_height", "The height of a line, such as ``1.5``.")
    padding = _Look("padding", "The room between the box and its text, such as ``4px 8px``.")

    def __repr__(self) -> str:
        comment = self._comment()
        looks = [f"{name}={_formats.read(comment, name)!r}" for name in _formats.FORMATS]
        styles = {name: _formats.read(comment, name) for name in _formats.STYLES}
        looks += [f"{name}={value!r}" for name, value in styles.items() if value is not None]
        return f"AnnotationConfiguration({', '.join(looks)})"

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)

    def __setitem__(self, name: str, value: object) -> None:
        setattr(self, name, value)


class Comments(list[CommentNode]):
    """A list of comments that can be filtered by their attributes."""

    __slots__ = ()

    def get_all(self, **filters: object) -> Comments:
        """Return the comments whose attributes (``content``, ``bold`` …) equal all of the filters."""
        return Comments(one for one in self if all(getattr(one, key, None) == want for key, want in filters.items()))

    def get(self, **filters: object) -> CommentNode:
        """Return the first comment whose attributes equal all of the filters.

        Raises:
            NotFoundError: There is none.
        """
        found = self.get_all(**filters)
        if found:
            return found[0]
        raise NotFoundError(f"No comment that matches the arguments {filters}")


def _text(text: object) -> str:
    if isinstance(text, str):
        return text
    raise UsageError(f"The content of a comment is text, not {text!r}.", code="RS-2030")


def comment_at(document: Document, pipeline: str, comment: dict[str, Any]) -> CommentNode:
    """Return the cursor for a comment of the document."""
    annotated = "WYSIWYG" in (comment.get("contentType"), comment.get("content_type"))
    return (Annotation if annotated else MarkdownComment)(document, pipeline, comment["id"])


def comments_of(document: Document, pipeline: str) -> Comments:
    """Return the comments of a pipeline."""
    return Comments(comment_at(document, pipeline, comment) for comment in document.comments(pipeline))


def add_markdown(document: Document, pipeline: str, text: str) -> MarkdownComment:
    """Add a Markdown comment."""
    comment = {"content": _text(text), "associated_id_refs": []}
    return MarkdownComment(document, pipeline, _add(document, pipeline, comment))


def add_annotation(document: Document, pipeline: str, text: str) -> Annotation:
    """Add an annotation."""
    comment = {"content": _text(text), "contentType": "WYSIWYG", "associated_id_refs": [], "formats": []}
    return Annotation(document, pipeline, _add(document, pipeline, comment))


def _add(document: Document, pipeline: str, comment: dict[str, Any]) -> str:
    """Add a comment that has no place yet, so that it is laid out when it is first saved."""
    key = document.add_comment(pipeline, comment)
    placing.lift(document.comment(pipeline, key))
    return key


def remove(document: Document, comment: object) -> None:
    """Remove a comment.

    Raises:
        UsageError: It is no comment of this flow.
    """
    if not isinstance(comment, CommentNode) or comment._document is not document:
        message = f"{comment!r} is no comment of this flow."
        raise UsageError(message, code="RS-2004")
    comment._comment()
    document.remove_comment(comment._pipeline, comment._key)
    placing.drop(document, comment._key)
