//! The tree of an expression, and the primitives that nulls do not pass through untouched.
use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use super::strict::Strict;
use super::value::Value;

/// A node of the tree.
pub(super) enum Node {
    Column(usize),
    Constant(Value<'static>),
    /// Null where an argument is null.
    Strict(Strict, Vec<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    In(Vec<Node>),
    IsNull(Box<Node>),
    Coalesce(Vec<Node>),
    Case(Vec<Node>),
    /// The one of this order beside the others.
    Best(Ordering, Vec<Node>),
    Concat(Vec<Node>),
}

/// Strict primitives take no more arguments.
const MOST: usize = 3;

impl Node {
    pub(super) fn value<'a>(&'a self, row: &[Value<'a>]) -> Value<'a> {
        match self {
            Self::Column(place) => row[*place].clone(),
            Self::Constant(value) => value.clone(),
            Self::Strict(work, args) => strict(work, args, row),
            Self::And(args) => decided(args, row, false),
            Self::Or(args) => decided(args, row, true),
            Self::In(args) => among(args, row),
            Self::IsNull(arg) => Value::Bool(arg.value(row).is_null()),
            Self::Coalesce(args) => {
                args.iter().map(|arg| arg.value(row)).find(|value| !value.is_null()).unwrap_or(Value::Null)
            }
            Self::Case(args) => case(args, row),
            Self::Best(order, args) => best(*order, args, row),
            Self::Concat(args) => concat(args, row),
        }
    }
}

fn strict<'a>(work: &Strict, args: &'a [Node], row: &[Value<'a>]) -> Value<'a> {
    let mut values = [const { Value::Null }; MOST];
    for (slot, arg) in values.iter_mut().zip(args) {
        *slot = arg.value(row);
        if slot.is_null() {
            return Value::Null;
        }
    }
    work.run(&values[..args.len()])
}

/// AND is decided by the first false, OR by the first true; else one null makes null.
fn decided<'a>(args: &'a [Node], row: &[Value<'a>], by: bool) -> Value<'a> {
    let mut result = Value::Bool(!by);
    for arg in args {
        match arg.value(row) {
            Value::Bool(value) if value == by => return Value::Bool(by),
            Value::Null => result = Value::Null,
            _ => {}
        }
    }
    result
}

fn among<'a>(args: &'a [Node], row: &[Value<'a>]) -> Value<'a> {
    let asked = args[0].value(row);
    if asked.is_null() {
        return Value::Null;
    }
    let mut result = Value::Bool(false);
    for arg in &args[1..] {
        let value = arg.value(row);
        if value.is_null() {
            result = Value::Null;
        } else if value.order(&asked) == Ordering::Equal {
            return Value::Bool(true);
        }
    }
    result
}

fn case<'a>(args: &'a [Node], row: &[Value<'a>]) -> Value<'a> {
    let mut pairs = args.chunks_exact(2);
    for pair in &mut pairs {
        if pair[0].value(row) == Value::Bool(true) {
            return pair[1].value(row);
        }
    }
    pairs.remainder().first().map_or(Value::Null, |last| last.value(row))
}

fn best<'a>(order: Ordering, args: &'a [Node], row: &[Value<'a>]) -> Value<'a> {
    let mut kept = Value::Null;
    for arg in args {
        let value = arg.value(row);
        if !value.is_null() && (kept.is_null() || value.order(&kept) == order) {
            kept = value;
        }
    }
    kept
}

fn concat<'a>(args: &'a [Node], row: &[Value<'a>]) -> Value<'a> {
    let mut made = String::new();
    for arg in args {
        if let Value::Text(text) = arg.value(row) {
            made.push_str(&text);
        }
    }
    Value::Text(Cow::Owned(made))
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Node")
    }
}
