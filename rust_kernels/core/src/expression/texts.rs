//! Text: places count code points from 1.
use regex::Regex;

use super::spec::SpecError;
use super::strict::Strict;
use super::value::Value;
use std::cmp::Ordering;

/// The primitive of a name, where it is one of these.
pub(super) fn primitive(op: &str) -> Option<Strict> {
    Some(match op {
        "lower" => made(str::to_lowercase),
        "upper" => made(str::to_uppercase),
        "trim" => part(|x| x.trim()),
        "ltrim" => part(|x| x.trim_start()),
        "rtrim" => part(|x| x.trim_end()),
        "length" => Strict::text_to_int(|x| Some(x.chars().count() as i64)),
        "substr" => Strict::new(|args| match args {
            [Value::Text(x), Value::Int(start), Value::Int(length)] if *length >= 0 => {
                let end = start.saturating_add(*length).max(1);
                let begin = (*start).max(1);
                Value::part(x, |x| cut(x, begin - 1, end.saturating_sub(begin).max(0)))
            }
            _ => Value::Null,
        }),
        "substr_from" => Strict::new(|args| match args {
            [Value::Text(x), Value::Int(start)] => Value::part(x, |x| cut(x, (*start).max(1) - 1, i64::MAX)),
            _ => Value::Null,
        }),
        "join" => Strict::new(|args| match args {
            [Value::Text(a), Value::Text(b)] => Value::text(format!("{a}{b}")),
            _ => Value::Null,
        }),
        "starts_with" => Strict::texts(|x, y| x.starts_with(y)),
        "ends_with" => Strict::texts(|x, y| x.ends_with(y)),
        "contains" => Strict::texts(|x, y| x.contains(y)),
        "text_to_bool" => Strict::new(|args| match args {
            [Value::Text(x)] if x.eq_ignore_ascii_case("true") => Value::Bool(true),
            [Value::Text(x)] if x.eq_ignore_ascii_case("false") => Value::Bool(false),
            _ => Value::Null,
        }),
        "text_to_int" => Strict::text_to_int(read_int),
        "text_to_float" => Strict::new(|args| match args {
            [Value::Text(x)] => read_float(x).map_or(Value::Null, Value::Float),
            _ => Value::Null,
        }),
        _ => return list(op),
    })
}

fn list(op: &str) -> Option<Strict> {
    Some(match op {
        "list_length" => Strict::new(|args| match args {
            [Value::List(items)] => Value::Int(items.len() as i64),
            _ => Value::Null,
        }),
        "element" => Strict::new(|args| match args {
            [Value::List(items), Value::Int(place)] => {
                index(*place, items.len()).and_then(|at| items.get(at).cloned()).unwrap_or(Value::Null)
            }
            _ => Value::Null,
        }),
        "array_contains" => Strict::new(|args| match args {
            [Value::List(items), asked] => {
                Value::Bool(items.iter().any(|item| !item.is_null() && item.order(asked) == Ordering::Equal))
            }
            _ => Value::Null,
        }),
        _ => return None,
    })
}

/// A primitive with texts that the expression spells out, and the places of its other arguments.
pub(super) fn spelled<'s>(
    op: &str,
    text: impl Fn(usize) -> Result<&'s str, SpecError>,
) -> Result<Option<(Strict, Vec<usize>)>, SpecError> {
    Ok(Some(match op {
        "regexp_like" => {
            let pattern = Regex::new(text(1)?).map_err(|error| SpecError(error.to_string()))?;
            let work = Strict::new(move |args| match args {
                [Value::Text(x)] => Value::Bool(pattern.is_match(x)),
                _ => Value::Null,
            });
            (work, vec![0])
        }
        "replace" => {
            let (old, new) = (text(1)?.to_owned(), text(2)?.to_owned());
            let work = Strict::new(move |args| match args {
                [Value::Text(x)] if old.is_empty() => Value::Text(x.clone()),
                [Value::Text(x)] => Value::text(x.replace(&old, &new)),
                _ => Value::Null,
            });
            (work, vec![0])
        }
        "split_part" => {
            let separator = text(1)?.to_owned();
            let work = Strict::new(move |args| match args {
                [Value::Text(x), Value::Int(place)] if *place != 0 => {
                    Value::part(x, |x| split_part(x, &separator, *place))
                }
                _ => Value::Null,
            });
            (work, vec![0, 2])
        }
        _ => return Ok(None),
    }))
}

fn split_part<'t>(text: &'t str, separator: &str, place: i64) -> &'t str {
    let far = place.unsigned_abs() as usize - 1;
    let found = if place > 0 {
        text.split(separator).nth(far)
    } else {
        // The parts from the left, for separators that overlap themselves.
        let parts: Vec<_> = text.split(separator).collect();
        parts.len().checked_sub(far + 1).map(|at| parts[at])
    };
    found.unwrap_or("")
}

fn made(work: fn(&str) -> String) -> Strict {
    Strict::new(move |args| match args {
        [Value::Text(x)] => Value::text(work(x)),
        _ => Value::Null,
    })
}

fn part(work: for<'s> fn(&'s str) -> &'s str) -> Strict {
    Strict::new(move |args| match args {
        [Value::Text(x)] => Value::part(x, work),
        _ => Value::Null,
    })
}

/// So many code points from a place on.
fn cut(text: &str, from: i64, count: i64) -> &str {
    let at = |text: &str, places: i64| {
        let places = usize::try_from(places).unwrap_or(usize::MAX);
        text.char_indices().nth(places).map_or(text.len(), |(at, _)| at)
    };
    let rest = &text[at(text, from)..];
    &rest[..at(rest, count)]
}

/// The index of a place that counts from 1, or from the end below 0.
fn index(place: i64, length: usize) -> Option<usize> {
    let far = usize::try_from(place.unsigned_abs()).ok()?.checked_sub(1)?;
    if place > 0 { Some(far) } else { length.checked_sub(far + 1) }
}

fn digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

fn read_int(text: &str) -> Option<i64> {
    let plain = unsigned(text);
    (!plain.is_empty() && digits(plain)).then(|| text.parse().ok()).flatten()
}

fn read_float(text: &str) -> Option<f64> {
    let plain = unsigned(text);
    let (mantissa, exponent) = plain.split_once(['e', 'E']).map_or((plain, None), |(m, e)| (m, Some(e)));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fits = digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty());
    let fits = fits && exponent.is_none_or(|e| !unsigned(e).is_empty() && digits(unsigned(e)));
    fits.then(|| text.parse::<f64>().ok()).flatten().filter(|number| number.is_finite())
}
