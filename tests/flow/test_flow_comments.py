"""Comments and annotations: their look, what they are connected to, where they stand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from riverstage import (
    Annotation,
    AnnotationFont,
    BatchFlow,
    HorizontalAlignment,
    MarkdownComment,
    RemovedError,
    TextDecoration,
    TextSize,
    VerticalAlignment,
)
from riverstage.document import Document
from riverstage.errors import NotFoundError, UsageError
from riverstage.flow._formats import FORMATS

UNSET = {
    "bold": False,
    "italics": False,
    "font": None,
    "text_decoration": None,
    "background_color": None,
    "text_color": None,
    "vertical_align": None,
    "horizontal_align": None,
    "text_size": None,
    "outline": True,
}


@pytest.fixture
def flow() -> BatchFlow:
    return BatchFlow("demo")


def wire(flow: BatchFlow, at: int = 0) -> dict[str, object]:
    return flow.document.comments(flow.document.primary_pipeline)[at]


def test_unset_attributes(flow: BatchFlow) -> None:
    annotation = flow.add_annotation("x")
    assert {name: getattr(annotation, name) for name in FORMATS} == UNSET
    assert {name: getattr(annotation.configuration, name) for name in FORMATS} == UNSET
    assert wire(flow)["formats"] == []


@pytest.mark.parametrize(
    ("name", "value", "stored", "read"),
    [
        ("bold", True, {"type": "bold"}, True),
        ("italics", True, {"type": "italics"}, True),
        ("font", "font-arial", {"type": "fontType", "value": "font-arial"}, "font-arial"),
        ("font", "IBM Plex Sans", {"type": "fontType", "value": "font-ibm-plex-sans"}, "font-ibm-plex-sans"),
        ("font", "Arial", {"type": "fontType", "value": "font-arial"}, "font-arial"),
        ("font", AnnotationFont.VERDANA, {"type": "fontType", "value": "font-verdana"}, "font-verdana"),
        ("text_decoration", "underline", {"type": "textDecoration", "value": "underline"}, "underline"),
        (
            "text_decoration",
            "strikethrough underline",
            {"type": "textDecoration", "value": "strikethrough underline"},
            "strikethrough underline",
        ),
        (
            "text_decoration",
            TextDecoration.STRIKETHROUGH,
            {"type": "textDecoration", "value": "strikethrough"},
            TextDecoration.STRIKETHROUGH,
        ),
        ("background_color", "transparent", {"type": "backgroundColor", "value": "transparent"}, "transparent"),
        ("background_color", "#1192E8", {"type": "backgroundColor", "value": "#1192E8"}, "#1192E8"),
        ("text_color", "#da1e28", {"type": "textColor", "value": "#da1e28"}, "#da1e28"),
        ("vertical_align", "align-center", {"type": "alignVertically", "value": "align-center"}, "align-center"),
        ("vertical_align", "align-middle", {"type": "alignVertically", "value": "align-middle"}, "align-middle"),
        (
            "vertical_align",
            VerticalAlignment.BOTTOM,
            {"type": "alignVertically", "value": "align-bottom"},
            "align-bottom",
        ),
        ("horizontal_align", "align-middle", {"type": "alignHorizontally", "value": "align-middle"}, "align-middle"),
        ("horizontal_align", "align-center", {"type": "alignHorizontally", "value": "align-center"}, "align-center"),
        (
            "horizontal_align",
            HorizontalAlignment.RIGHT,
            {"type": "alignHorizontally", "value": "align-right"},
            "align-right",
        ),
        ("text_size", 18, {"type": "textSize", "value": "text-size-18"}, 18),
        ("text_size", "text-size-96", {"type": "textSize", "value": "text-size-96"}, 96),
        ("text_size", "24", {"type": "textSize", "value": "text-size-24"}, 24),
        ("text_size", TextSize.SIZE_36, {"type": "textSize", "value": "text-size-36"}, TextSize.SIZE_36),
        ("outline", False, {"type": "outlineStyle", "value": "outline-none"}, False),
    ],
)
@pytest.mark.parametrize("on_configuration", [False, True])
def test_each_attribute(
    flow: BatchFlow, name: str, value: object, stored: object, read: object, on_configuration: bool
) -> None:
    annotation = flow.add_annotation("x")
    owner = annotation.configuration if on_configuration else annotation
    setattr(owner, name, value)
    assert wire(flow)["formats"] == [stored]
    assert getattr(annotation, name) == getattr(annotation.configuration, name) == read
    setattr(owner, name, value)
    assert wire(flow)["formats"] == [stored]
    setattr(annotation, name, None)
    assert wire(flow)["formats"] == []
    setattr(owner, name, value)
    delattr(annotation, name)
    assert getattr(annotation, name) == UNSET[name]


def test_false_takes_away_and_true_brings_the_outline_back(flow: BatchFlow) -> None:
    annotation = flow.add_annotation("x")
    for name in ("bold", "italics"):
        setattr(annotation, name, True)
        setattr(annotation, name, False)
    annotation.outline = False
    annotation.outline = True
    assert wire(flow)["formats"] == []
    wire(flow)["formats"].append({"type": "outlineStyle", "value": "outline-solid"})
    annotation.outline = True
    assert wire(flow)["formats"] == [{"type": "outlineStyle", "value": "outline-solid"}]
    assert annotation.outline is True


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("text_size", 17, "Invalid text_size: 17. Valid sizes: 10, 11, 12, 14, 18"),
        ("text_size", True, "Valid sizes"),
        ("text_size", "big", "Valid sizes"),
        ("bold", "yes", "It is True, False or None"),
        ("outline", 1, "It is True, False or None"),
        ("font", "font-ariel", "Did you mean 'font-arial'"),
        ("font", 5, "Valid fonts"),
        ("text_decoration", "underlined", "Did you mean 'underline'"),
        ("text_decoration", "underline underline", "Valid values"),
        ("background_color", "red", "or 'transparent'"),
        ("background_color", "#12", "six hexadecimal digits"),
        ("text_color", "transparent", "six hexadecimal digits"),
        ("text_color", "#11111g", "six hexadecimal digits"),
        ("vertical_align", "align-left", "Valid values: 'align-top'"),
        ("horizontal_align", "left", "Valid values: 'align-left'"),
    ],
)
def test_what_cannot_be(flow: BatchFlow, name: str, value: object, said: str) -> None:
    annotation = flow.add_annotation("x")
    with pytest.raises(ValueError, match=r"^Invalid") as caught:
        setattr(annotation, name, value)
    assert said in str(caught.value)
    assert wire(flow)["formats"] == []


def test_a_mistyped_attribute_raises(flow: BatchFlow) -> None:
    annotation = flow.add_annotation("x")
    for name in ("blod", "colour", "x"):
        with pytest.raises(AttributeError):
            setattr(annotation, name, True)
        with pytest.raises(AttributeError):
            getattr(annotation.configuration, name)
    with pytest.raises(AttributeError, match="Did you mean 'italics'"):
        annotation.italic = True
    with pytest.raises(AttributeError):
        flow.add_markdown_comment("x").bold = True


def test_content_and_kind(flow: BatchFlow) -> None:
    note, annotation = flow.add_markdown_comment("# hi"), flow.add_annotation("It's")
    assert [repr(one) for one in flow.comments] == ["MarkdownComment(content='# hi')", 'Annotation(content="It\'s")']
    assert [type(one) for one in flow.comments] == [MarkdownComment, Annotation]
    note.content = "bye"
    assert (note.content, flow.comments.get(content="bye"), flow.comments.get_all(content="hi")) == ("bye", note, [])
    assert wire(flow) == {"id": note.comment_id, "content": "bye", "associated_id_refs": []}
    assert "contentType" not in wire(flow)
    assert wire(flow, 1)["contentType"] == "WYSIWYG"
    annotation.bold = True
    assert flow.comments.get_all(bold=True) == [annotation]
    with pytest.raises(NotFoundError, match="No comment that matches"):
        flow.comments.get(content="hi")
    for make in (flow.add_annotation, flow.add_markdown_comment):
        with pytest.raises(UsageError, match="is text"):
            make(5)


def test_connecting(flow: BatchFlow) -> None:
    peek, sort = flow.add_stage("Peek"), flow.add_stage("Sort")
    note = flow.add_annotation("x")
    assert note.connect_to(peek) is None
    note.connect_to(peek)
    note.connect_output_to(sort)
    assert note.stages == [peek, sort]
    assert wire(flow)["associated_id_refs"] == [{"node_ref": peek.stage_id}, {"node_ref": sort.stage_id}]
    note.disconnect_from(peek)
    assert note.stages == [sort]
    with pytest.raises(NotFoundError, match="is not connected to PeekStage"):
        note.disconnect_from(peek)
    with pytest.raises(UsageError, match="is connected to stages, not to 'Peek'"):
        note.connect_to("Peek")
    assert flow.links == []


def test_removing(flow: BatchFlow) -> None:
    note = flow.add_annotation("x")
    flow.remove_comment(note)
    assert (flow.comments, repr(note)) == ([], "Annotation(removed)")
    for use in (lambda: note.content, lambda: note.bold, lambda: setattr(note, "bold", True)):
        with pytest.raises(RemovedError, match="was removed"):
            use()
    for wrong in (note, 5, BatchFlow("other").add_annotation("x")):
        with pytest.raises(ValueError, match=r"."):
            flow.remove_comment(wrong)


def test_comments_of_elsewhere_are_read_and_kept(reference: Path) -> None:
    comments = []
    for file in sorted((reference / "reference" / "comments").glob("*.json")):
        comment = json.loads(file.read_bytes())
        comment["id"] = file.stem
        comment["associated_id_refs"] = []
        comments.append(comment)
    flow = BatchFlow("demo")
    tree = flow.document.copy().tree
    tree["pipelines"][0]["app_data"]["ui_data"]["comments"] = comments
    flow = BatchFlow.from_document(Document(tree))
    before = flow.document.dumps()
    found = {comment.comment_id: comment for comment in flow.comments}
    assert {key for key, one in found.items() if isinstance(one, MarkdownComment)} == {
        "comment-markdown",
        "comment-markdown-ibm-sdk",
        "comment-plain-linked",
    }
    every = found["comment-wysiwyg-all-formats"]
    assert (every.bold, every.font, every.text_size, every.outline) == (True, "font-ibm-plex-sans-condensed", 24, False)
    assert (every.text_decoration, every.background_color) == ("underline strikethrough", "transparent")
    raw = found["comment-annotation-ibm-sdk-2"]
    assert (raw.font, raw.vertical_align, raw.horizontal_align) == ("Arial", "align-top", "align-left")
    assert found["comment-wysiwyg-elyra13"].outline is True
    assert flow.document.dumps() == before
    raw.font = "Arial"
    assert raw.font == "font-arial"


def test_styles_of_older_documents() -> None:
    flow = BatchFlow("demo")
    note = flow.add_annotation("x")
    look = note.configuration
    look.border_color, look.letter_spacing, look.line_height, look.padding = "#1192E8", "1px", 1.5, "4px 8px"
    assert note._comment()["formats"] == [
        {"type": "border-color", "value": "#1192E8"},
        {"type": "letter-spacing", "value": "1px"},
        {"type": "line-height", "value": "1.5"},
        {"type": "padding", "value": "4px 8px"},
    ]
    assert (look["padding"], look.line_height) == ("4px 8px", "1.5")
    assert "padding='4px 8px'" in repr(look)
    assert 'stroke="#1192E8"' in flow._repr_html_()
    look.padding = None
    assert (look.padding, "padding" in repr(look)) == (None, False)
    for bad in ("a;b", '"x"', "url('x')", "", True, []):
        with pytest.raises(UsageError, match="Invalid border_color"):
            look.border_color = bad
    with pytest.raises(AttributeError):
        note.padding = "1px"
