"""The text of HTML: html.unescape for references, html.parser for well-formed tags."""

from __future__ import annotations

import html
import sys
from html.entities import html5
from html.parser import HTMLParser

from drawn_texts import frame, made, texts
from hypothesis import given
from hypothesis import strategies as st

from bighead.pipeline_lib.transforms.text import StripHtml

PARTS = [
    "&", "&amp", "&amp;", "&notit;", "&not", "&eacute", "&AElig;", "&#", "&#x", "&#X41;", "&#65", "&#0;", "&#128;",
    "&#x9f;", "&#13;", "&#xD800;", "&#x110000;", "&#99999999999;", "&#1;", "&#xFFFE;", "&#xfdd0;", "&#11;", "&bogus;",
    "&fjlig;", "&#٣;", "x", "é", ";", " ", "\t", "&NotEqualTilde;", "&a", "&Aacutex;",
]  # fmt: skip


class Data(HTMLParser):
    """Collects text, with the space that parts words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""

    def handle_data(self, data: str) -> None:
        if self.cdata_elem is None:
            self.text += data

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.handle_starttag(tag, attrs)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.text += " " * (tag in ("p", "br", "div", "li"))

    def handle_endtag(self, tag: str) -> None:
        self.text += " " * (tag in ("p", "br", "div", "li"))


@given(seen=st.lists(st.sampled_from(PARTS), max_size=8).map("".join) | texts)
def test_references_are_those_of_the_standard(seen):
    seen = seen.replace("<", "")
    assert made(StripHtml(), [seen], [seen]).to_list() == [html.unescape(seen)]


def test_every_name_and_number():
    seen = [f"&{name} x" for name in html5] + [f"&#{code};" for code in range(0, sys.maxunicode + 3, 7)]
    seen += [f"&#{code};" for code in range(70_000)]
    assert StripHtml().transform(frame(seen))["t"].to_list() == [html.unescape(each) for each in seen]


words = st.lists(
    st.sampled_from(["late", " ", "é", "漢字", "&lt;", "&amp;", "2 > 1", "\n", "'"]), max_size=4
).map("".join)
attributes = st.sampled_from(
    ["", " href=x", ' title="a > b"', " title = 'it > \"'", " checked", '\nclass="a"\n']
)


@st.composite
def elements(draw, inside):
    tag = draw(st.sampled_from(["b", "p", "DIV", "li", "span", "custom"]))
    return f"<{tag}{draw(attributes)}>{draw(inside)}</{tag}>"


oddities = st.sampled_from(
    ["<br>", "<br/>", "<!-- <b>x</b> -->", "<!doctype html>", "<script>if (a < b) '<b>'</script>", "<?php x ?>",
     "<style type='a > b'>p > a {}</style>", "a < b", "3 <3"]
)  # fmt: skip
documents = st.recursive(
    words | oddities,
    lambda inside: elements(inside) | st.lists(inside, max_size=4).map("".join),
    max_leaves=8,
)


@given(seen=documents)
def test_well_formed_tags_are_those_of_the_parser(seen):
    parser = Data()
    parser.feed(seen)
    parser.close()
    assert made(StripHtml(), [seen], [seen]).to_list() == [parser.text]


@given(seen=st.text(st.sampled_from("<>/!-?&#;='\" abpé\n"), max_size=60))
def test_whatever_comes_is_answered(seen):
    answer = made(StripHtml(), [seen], [seen]).item()
    assert len(answer) <= len(seen)


def test_long_texts_that_are_never_closed():
    for part in ("<", "<a ", "<a b='", "<!--", "<script>", "</", "&", "&a", '<a ="x"'):
        assert StripHtml().transform(frame([part * 100_000])).height == 1
