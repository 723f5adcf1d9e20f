//! The text of HTML: without tags, comments, scripts and styles, and with its character references replaced.
use std::borrow::Cow;

use super::entities::unescape;

/// Elements whose ends part words, so that a space takes the place of their tags.
const PARTING: [&str; 44] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "caption",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "li",
    "main",
    "nav",
    "ol",
    "option",
    "p",
    "pre",
    "section",
    "select",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "ul",
];

/// The text of HTML, which need not be well formed: a `<` that starts no tag is text, and what is not closed goes on to
/// the end. White space stays as it is.
#[must_use]
pub fn strip_html(text: &str) -> Cow<'_, str> {
    if !text.contains('<') {
        return unescape(text);
    }
    let mut made = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = next_markup(rest) {
        made.push_str(&unescape(&rest[..at]));
        rest = after_markup(&rest[at..], &mut made);
    }
    made.push_str(&unescape(rest));
    Cow::Owned(made)
}

/// Where the next tag, comment or declaration starts.
fn next_markup(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let starts = |at: usize| match bytes.get(at + 1) {
        Some(b'!' | b'?') => true,
        Some(b'/') => bytes.get(at + 2).is_some_and(u8::is_ascii_alphabetic),
        Some(next) => next.is_ascii_alphabetic(),
        None => false,
    };
    text.match_indices('<').map(|(at, _)| at).find(|at| starts(*at))
}

/// What follows the markup that a text starts with.
fn after_markup<'t>(text: &'t str, made: &mut String) -> &'t str {
    if let Some(comment) = text.strip_prefix("<!--") {
        return after(comment, "-->");
    }
    if text.starts_with("<!") || text.starts_with("<?") {
        return after(text, ">");
    }
    let closing = text.starts_with("</");
    let inside = &text[if closing { 2 } else { 1 }..];
    let length = inside.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let name = inside[..length].to_ascii_lowercase();
    let rest = after_attributes(&inside[length..]);
    if PARTING.contains(&name.as_str()) {
        made.push(' ');
    }
    if !closing && matches!(name.as_str(), "script" | "style") { after_closing(rest, &name) } else { rest }
}

fn after<'t>(text: &'t str, end: &str) -> &'t str {
    text.split_once(end).map_or("", |(_, rest)| rest)
}

/// What follows the `>` of a tag; one within the quotes of an attribute's value is none.
fn after_attributes(text: &str) -> &str {
    let bytes = text.as_bytes();
    let (mut at, mut value) = (0, false);
    while let Some(seen) = bytes.get(at) {
        match seen {
            b'>' => return &text[at + 1..],
            b'"' | b'\'' if value => match text[at + 1..].find(char::from(*seen)) {
                Some(length) => at += length + 1,
                None => return "",
            },
            _ => {}
        }
        value = *seen == b'=' || value && seen.is_ascii_whitespace();
        at += 1;
    }
    ""
}

/// What follows the closing tag of an element whose content is no text.
fn after_closing<'t>(text: &'t str, name: &str) -> &'t str {
    let closes = |at: usize| {
        let seen = text.as_bytes().get(at + 2..at + 2 + name.len());
        seen.is_some_and(|seen| seen.eq_ignore_ascii_case(name.as_bytes()))
    };
    let closing = text.match_indices("</").map(|(at, _)| at).find(|at| closes(*at));
    closing.map_or("", |at| after_attributes(&text[at + 2 + name.len()..]))
}

#[cfg(test)]
mod tests {
    use super::strip_html;

    #[test]
    fn markup_goes_and_text_stays() {
        let cases = [
            ("b<b>ol</b>d &amp; <i title='a > b'>i</i>", "bold & i"),
            ("<p>one</p><p>two<br/>three", " one  two three"),
            ("a < b > c <3 </ x", "a < b > c <3 </ x"),
            ("x<!-- <b> -->y<!doctype html>z<?php ?>", "xyz"),
            ("<SCRIPT>if (a < b) '</b>'</Script >after<style>p {}</style>", "after"),
            ("<a href=x'y>text</a> it's <a it's>here", "text it's here"),
            ("open <a href='", "open "),
            ("open <!-- for ever", "open "),
            ("&lt;b&gt;", "<b>"),
            ("", ""),
        ];
        for (html, text) in cases {
            assert_eq!(strip_html(html), text, "{html}");
        }
    }
}
