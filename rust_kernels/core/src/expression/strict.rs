//! Primitives that are null where an argument is: functions of values that are there.
use super::value::Value;

type Work = dyn for<'a> Fn(&[Value<'a>]) -> Value<'a> + Send + Sync;

/// A function of one, two or three values.
pub(super) struct Strict(Box<Work>);

impl Strict {
    /// The value of arguments that are no nulls.
    pub(super) fn run<'a>(&self, args: &[Value<'a>]) -> Value<'a> {
        (self.0)(args)
    }

    pub(super) fn new(work: impl for<'a> Fn(&[Value<'a>]) -> Value<'a> + Send + Sync + 'static) -> Self {
        Self(Box::new(work))
    }

    /// Of one whole number to another, or to none.
    pub(super) fn int(work: impl Fn(i64) -> Option<i64> + Send + Sync + 'static) -> Self {
        Self::new(move |args| match args {
            [Value::Int(a)] => Value::int(work(*a)),
            _ => Value::Null,
        })
    }

    /// Of two whole numbers to another, or to none.
    pub(super) fn ints(work: impl Fn(i64, i64) -> Option<i64> + Send + Sync + 'static) -> Self {
        Self::new(move |args| match args {
            [Value::Int(a), Value::Int(b)] => Value::int(work(*a, *b)),
            _ => Value::Null,
        })
    }

    /// Of one float to another.
    pub(super) fn float(work: impl Fn(f64) -> f64 + Send + Sync + 'static) -> Self {
        Self::new(move |args| match args {
            [Value::Float(a)] => Value::Float(work(*a)),
            _ => Value::Null,
        })
    }

    /// Of two floats to another, or to none.
    pub(super) fn floats(work: impl Fn(f64, f64) -> Option<f64> + Send + Sync + 'static) -> Self {
        Self::new(move |args| match args {
            [Value::Float(a), Value::Float(b)] => work(*a, *b).map_or(Value::Null, Value::Float),
            _ => Value::Null,
        })
    }

    /// Of a text to a whole number, or to none.
    pub(super) fn text_to_int(work: impl Fn(&str) -> Option<i64> + Send + Sync + 'static) -> Self {
        Self::new(move |args| match args {
            [Value::Text(a)] => Value::int(work(a)),
            _ => Value::Null,
        })
    }

    /// Of two texts to a truth.
    pub(super) fn texts(work: impl Fn(&str, &str) -> bool + Send + Sync + 'static) -> Self {
        Self::new(move |args| match args {
            [Value::Text(a), Value::Text(b)] => Value::Bool(work(a, b)),
            _ => Value::Null,
        })
    }
}
