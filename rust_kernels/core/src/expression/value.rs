//! One value of a row.
use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

/// A value; integers, dates, times and spans are whole numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// No value.
    Null,
    /// A truth.
    Bool(bool),
    /// A whole number, days, or microseconds.
    Int(i64),
    /// A float.
    Float(f64),
    /// A text.
    Text(Cow<'a, str>),
    /// A list.
    List(Arc<[Value<'a>]>),
}

impl<'a> Value<'a> {
    /// Whether there is no value.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The order of two values of one kind; NaN is the largest float, and zeros are equal.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => {
                a.partial_cmp(b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
            }
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            _ => Ordering::Equal,
        }
    }

    /// A text that was made.
    #[must_use]
    pub fn text(made: String) -> Self {
        Self::Text(Cow::Owned(made))
    }

    /// A whole number, where there is one.
    #[must_use]
    pub fn int(made: Option<i64>) -> Self {
        made.map_or(Self::Null, Self::Int)
    }

    /// A part of a text.
    #[must_use]
    pub fn part(text: &Cow<'a, str>, part: impl for<'s> Fn(&'s str) -> &'s str) -> Self {
        match text {
            Cow::Borrowed(text) => Self::Text(Cow::Borrowed(part(text))),
            Cow::Owned(text) => Self::text(part(text).to_owned()),
        }
    }
}
