//! Expressions over the rows of a block: slots become values of the kinds that the expression was typed with.
use std::borrow::Cow;

use super::block::Block;
use super::compile::Names;
use super::step::{Slot, Step};
use crate::expression::spec::Spec;
use crate::expression::{Expression, Value};

/// What an expression is typed with, as far as a plan holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Bool,
    Int,
    Float,
    Text,
}

fn kind(word: &str) -> Result<Kind, String> {
    Ok(match word {
        "bool" => Kind::Bool,
        "int" | "date" | "timestamp" | "instant" | "interval" => Kind::Int,
        "float" => Kind::Float,
        "text" => Kind::Text,
        other => return Err(format!("a plan holds no values of the kind {other}")),
    })
}

/// Add an expression to the plan; its columns are names that exist before it.
pub(super) fn lower(names: &mut Names, spec: &Spec, output: &str) -> Result<(), String> {
    let expression = Expression::from_spec(spec).map_err(|error| error.to_string())?;
    let mut inputs = Vec::with_capacity(expression.inputs().len());
    for (name, word) in expression.inputs() {
        let (slot, kind) = (names.get(name)?, kind(word)?);
        if matches!(slot, Slot::Text(_)) != (kind == Kind::Text) {
            return Err(format!("column '{name}' is not of the kind {word}"));
        }
        inputs.push((slot, kind));
    }
    let to = match kind(expression.kind())? {
        Kind::Bool | Kind::Float => Slot::Number(names.number()),
        Kind::Int => Slot::Integer(names.integer()),
        Kind::Text => Slot::Text(names.text()),
    };
    names.bind(output, to)?;
    names.steps.push(Step::Expression { inputs, to, expression: Box::new(expression) });
    Ok(())
}

/// Calculate an expression for the first rows of a block.
pub(super) fn run<'a>(
    block: &mut Block<'a>,
    inputs: &[(Slot, Kind)],
    to: Slot,
    expression: &'a Expression,
    rows: usize,
) {
    let stride = block.stride();
    let mut values = Vec::with_capacity(inputs.len());
    for row in 0..rows {
        values.clear();
        values.extend(inputs.iter().map(|&(slot, kind)| read(block, stride, row, slot, kind)));
        write(block, stride, row, to, expression.value(&values));
    }
}

fn read<'a>(block: &Block<'a>, stride: usize, row: usize, slot: Slot, kind: Kind) -> Value<'a> {
    match slot {
        Slot::Number(slot) => number(block.numbers[slot * stride + row], kind),
        Slot::Integer(slot) => match (block.integers[slot * stride + row], kind) {
            (None, _) => Value::Null,
            (Some(x), Kind::Float) => Value::Float(x as f64),
            (Some(x), Kind::Bool) => Value::Bool(x != 0),
            (Some(x), _) => Value::Int(x),
        },
        Slot::Text(slot) => block.texts[slot * stride + row].clone().map_or(Value::Null, Value::Text),
    }
}

/// A number of the plan as a value; whole numbers of steps before are kept as floats there.
fn number(x: f64, kind: Kind) -> Value<'static> {
    match kind {
        _ if x.is_nan() => Value::Null,
        Kind::Bool => Value::Bool(x != 0.0),
        Kind::Int => Value::Int(x as i64),
        Kind::Float | Kind::Text => Value::Float(x),
    }
}

fn write<'a>(block: &mut Block<'a>, stride: usize, row: usize, to: Slot, value: Value<'a>) {
    match to {
        Slot::Number(slot) => {
            block.numbers[slot * stride + row] = match value {
                Value::Float(x) => x,
                Value::Bool(truth) => f64::from(u8::from(truth)),
                Value::Int(x) => x as f64,
                _ => f64::NAN,
            };
        }
        Slot::Integer(slot) => {
            block.integers[slot * stride + row] = if let Value::Int(x) = value { Some(x) } else { None };
        }
        Slot::Text(slot) => {
            let text: Option<Cow<'a, str>> = if let Value::Text(text) = value { Some(text) } else { None };
            block.texts[slot * stride + row] = text;
        }
    }
}
