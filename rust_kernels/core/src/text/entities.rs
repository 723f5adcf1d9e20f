//! Character references of HTML, as `&eacute;` or `&#233;`, by the rules of the HTML standard (section 13.2.5.72 on).
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The standard's named character references: a name and, in hexadecimal, its one or two code points.
const TABLE: &str = include_str!("html_entities.tsv");
/// What the standard takes the numbers 128 to 159 for: Windows-1252, which has five gaps.
const WINDOWS: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";
const LONGEST_NAME: usize = 32;

static NAMED: LazyLock<HashMap<&str, String>> = LazyLock::new(|| {
    let read = |codes: &str| {
        let codes = codes.split(' ').filter_map(|code| u32::from_str_radix(code, 16).ok());
        codes.filter_map(char::from_u32).collect()
    };
    TABLE.lines().filter_map(|line| line.split_once('\t')).map(|(name, codes)| (name, read(codes))).collect()
});

/// A text with its character references replaced by what they mean; what is none stays.
#[must_use]
pub fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut made = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        made.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let used = match after.strip_prefix('#') {
            Some(number) => numbered(number, &mut made).map(|used| used + 1),
            None => named(after, &mut made),
        };
        if used.is_none() {
            made.push('&');
        }
        rest = &after[used.unwrap_or(0)..];
    }
    made.push_str(rest);
    Cow::Owned(made)
}

/// Writes what the number after `&#` means, and returns how many bytes it took.
fn numbered(text: &str, made: &mut String) -> Option<usize> {
    let (radix, skipped) = if text.starts_with(['x', 'X']) { (16, 1) } else { (10, 0) };
    let digits = text[skipped..].bytes().take_while(|digit| char::from(*digit).is_digit(radix)).count();
    if digits == 0 {
        return None;
    }
    let end = skipped + digits;
    // A number of more than 32 bits is as little a character as the greatest that fits.
    made.extend(meant(u32::from_str_radix(&text[skipped..end], radix).unwrap_or(u32::MAX)));
    Some(end + usize::from(text[end..].starts_with(';')))
}

fn meant(code: u32) -> Option<char> {
    match code {
        0 => Some('\u{fffd}'),
        0x80..=0x9f => WINDOWS.chars().nth(code as usize - 0x80),
        0x01..=0x08 | 0x0b | 0x0e..=0x1f | 0x7f | 0xfdd0..=0xfdef => None,
        _ if code <= 0x10_ffff && code & 0xfffe == 0xfffe => None,
        _ => Some(char::from_u32(code).unwrap_or('\u{fffd}')),
    }
}

/// Writes what the longest name at the start of a text means, and returns how many bytes it took.
fn named(text: &str, made: &mut String) -> Option<usize> {
    let ends = |seen: char| matches!(seen, '\t' | '\n' | '\u{c}' | ' ' | '<' | '&' | '#' | ';');
    let name: usize =
        text.chars().take(LONGEST_NAME).take_while(|seen| !ends(*seen)).map(char::len_utf8).sum();
    let longest = name + usize::from(name > 0 && text[name..].starts_with(';'));
    let mut lengths = (2..=longest).rev().filter(|length| text.is_char_boundary(*length));
    let (length, meaning) =
        lengths.find_map(|length| NAMED.get(&text[..length]).map(|meaning| (length, meaning)))?;
    made.push_str(meaning);
    Some(length)
}

#[cfg(test)]
mod tests {
    use super::unescape;

    #[test]
    fn references_become_characters() {
        let text =
            "&lt;b&gt; &eacute;&#233;&#xE9; &notit; &amp;amp; &#128; &#0; &#xD800; & &; &#; &#x; &unknown;";
        assert_eq!(unescape(text), "<b> ééé ¬it; &amp; € \u{fffd} \u{fffd} & &; &#; &#x; &unknown;");
        assert_eq!(unescape("&#99999999999999;&#1;&ampé"), "\u{fffd}&é");
    }
}
