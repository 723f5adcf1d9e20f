//! From the typed form to a tree of functions.
use std::borrow::Cow;
use std::cmp::Ordering;

use super::logic::Node;
use super::spec::{Spec, SpecError};
use super::strict::Strict;
use super::value::Value;
use super::{numbers, texts, times};

type Inputs = Vec<(String, String)>;

/// Resolve a form; columns are added to `inputs` as they are met.
pub(super) fn compile(spec: &Spec, inputs: &mut Inputs) -> Result<Node, SpecError> {
    match spec.op.as_str() {
        "column" => return column(spec, inputs),
        "constant" => return constant(spec).map(Node::Constant),
        _ => {}
    }
    let (work, computed) = match strict(spec)? {
        Some((work, places)) => (
            Some(work),
            spec.args
                .iter()
                .enumerate()
                .filter(|(place, _)| places.contains(place))
                .map(|(_, arg)| arg)
                .collect(),
        ),
        None => (None, spec.args.iter().collect::<Vec<_>>()),
    };
    let mut args = computed.into_iter().map(|arg| compile(arg, inputs)).collect::<Result<Vec<_>, _>>()?;
    if let Some(work) = work {
        if args.len() > 3 {
            return Err(SpecError(format!("{} has {} arguments", spec.op, args.len())));
        }
        return Ok(Node::Strict(work, args));
    }
    if args.is_empty() {
        return Err(SpecError(format!("{} has no arguments", spec.op)));
    }
    Ok(match spec.op.as_str() {
        "and" => Node::And(args),
        "or" => Node::Or(args),
        "in" => Node::In(args),
        "is_null" => Node::IsNull(Box::new(args.swap_remove(0))),
        "coalesce" => Node::Coalesce(args),
        "case" => Node::Case(args),
        "greatest" => Node::Best(Ordering::Greater, args),
        "least" => Node::Best(Ordering::Less, args),
        "concat" => Node::Concat(args),
        "same" | "same_time" => args.swap_remove(0),
        other => return Err(SpecError(format!("there is no primitive {other:?} for single rows"))),
    })
}

/// A strict primitive, and the places of the arguments that are computed; the others are spelled out.
fn strict(spec: &Spec) -> Result<Option<(Strict, Vec<usize>)>, SpecError> {
    if let Some(work) = numbers::primitive(&spec.op)
        .or_else(|| texts::primitive(&spec.op))
        .or_else(|| times::primitive(&spec.op))
    {
        return Ok(Some((work, (0..spec.args.len()).collect())));
    }
    let spelled = |place: usize| {
        let text = spec.args.get(place).and_then(|arg| arg.value.as_str());
        text.ok_or_else(|| SpecError(format!("{} lacks its text at {place}", spec.op)))
    };
    if spec.op == "round_to" {
        let places = spec.args.get(1).and_then(|arg| arg.value.as_i64()).unwrap_or_default();
        return Ok(Some((numbers::round_to(places as i32), vec![0])));
    }
    if let Some(found) = texts::spelled(&spec.op, spelled)? {
        return Ok(Some(found));
    }
    times::spelled(&spec.op, spelled)
}

fn column(spec: &Spec, inputs: &mut Inputs) -> Result<Node, SpecError> {
    let name = spec.value.as_str().ok_or_else(|| SpecError("a column has no name".to_owned()))?;
    let place = inputs.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
        inputs.push((name.to_owned(), spec.kind.clone()));
        inputs.len() - 1
    });
    Ok(Node::Column(place))
}

fn constant(spec: &Spec) -> Result<Value<'static>, SpecError> {
    use serde_json::Value as Json;
    Ok(match (&spec.value, spec.kind.as_str()) {
        (Json::Null, _) => Value::Null,
        (Json::Bool(value), "bool") => Value::Bool(*value),
        (Json::String(value), "text") => Value::Text(Cow::Owned(value.clone())),
        (Json::Number(value), "float") => Value::Float(value.as_f64().unwrap_or(f64::NAN)),
        (Json::Number(value), _) if value.is_i64() => Value::int(value.as_i64()),
        (value, kind) => return Err(SpecError(format!("{value} is no {kind}"))),
    })
}
