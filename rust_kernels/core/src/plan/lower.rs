//! Lowers one stored step to one that runs.
use super::compile::Names;
use super::evaluate;
use super::spec::{FillValue, Precision, Refused, StepSpec};
use super::step::{Slot, Step};
use crate::text::comparison::Comparison;
use crate::text::function::{FunctionSpec, TextFunction};
use crate::transform::categories::{Categories, Category};
use crate::tree::{Arithmetic, Forest, TreeSpec};

/// Buckets are answered as 64-bit floats, which count exactly up to here.
const MOST_BUCKETS: u64 = 1 << 53;

/// Add a stored step to the plan.
pub(crate) fn lower(names: &mut Names, spec: StepSpec) -> Result<(), String> {
    use StepSpec as S;
    match spec {
        S::Fill { input, output, value } => lower_fill(names, &input, &output, value),
        S::Affine { input, output, center, scale } => {
            map_number(names, &input, &output, |from, to| Step::Affine { from, to, center, scale })
        }
        S::OneHot { input, outputs, categories, unknown: _ } => {
            lower_one_hot(names, &input, &outputs, &categories)
        }
        S::Index { input, output, categories, unknown } => {
            let from = names.get(&input)?;
            check(from, &input, &categories)?;
            let to = names.bind_numbers(&[output])?;
            names.steps.push(Step::Index { from, to, categories: Categories::new(&categories), unknown });
            Ok(())
        }
        S::Hash { input, output, buckets, seed } => lower_hash(names, &input, output, buckets, seed),
        S::Cast { input, output } => {
            // Truth values and numbers are kept as numbers already: the output is another name of the same slot.
            let slot = names.get_number(&input)?;
            names.bind(&output, Slot::Number(slot))
        }
        S::Map { input, output, function } => {
            function.check()?;
            map_number(names, &input, &output, |from, to| Step::Map { from, to, function })
        }
        S::Combine { inputs, output, combination } => {
            lower_many(names, &inputs, &[output], |inputs, to| Step::Combine { inputs, to, combination })
        }
        S::Normalize { inputs, outputs, norm } => {
            same_length("outputs", outputs.len(), "inputs", inputs.len())?;
            lower_many(names, &inputs, &outputs, |inputs, to| Step::Normalize { inputs, to, norm })
        }
        S::Lookup { input, output, categories, values, unknown } => {
            lower_lookup(names, &input, output, &categories, values, unknown)
        }
        S::Expression { output, expression } => evaluate::lower(names, &expression, &output),
        S::Text { input, output, function } => lower_text(names, &input, &output, function),
        S::Compare { one, other, output, comparison } => {
            let (one, other) = (text(names, &one)?, text(names, &other)?);
            let comparison = Box::new(Comparison::new(comparison)?);
            let to = names.bind_numbers(&[output])?;
            names.steps.push(Step::Compare { one, other, to, comparison });
            Ok(())
        }
        S::Linear { inputs, output, weights, bias, precision } => {
            lower_linear(names, &inputs, output, weights, bias, precision)
        }
        S::Trees { inputs, outputs, base_score, trees, missing: _, arithmetic, refused } => {
            lower_trees(names, &inputs, &outputs, &base_score, &trees, (arithmetic, refused))
        }
        S::Exp { input, output, precision } => {
            map_number(names, &input, &output, |from, to| Step::Exp { from, to, precision })
        }
        S::Sigmoid { input, output, precision } => {
            map_number(names, &input, &output, |from, to| Step::Sigmoid { from, to, precision })
        }
        S::Softmax { inputs, outputs, precision } => lower_softmax(names, &inputs, &outputs, precision),
    }
}

fn lower_many(
    names: &mut Names,
    inputs: &[String],
    outputs: &[String],
    step: impl FnOnce(Vec<usize>, usize) -> Step,
) -> Result<(), String> {
    let inputs = names.get_numbers(inputs)?;
    let to = names.bind_numbers(outputs)?;
    names.steps.push(step(inputs, to));
    Ok(())
}

fn lower_lookup(
    names: &mut Names,
    input: &str,
    output: String,
    categories: &[Category],
    values: Vec<f64>,
    unknown: Option<f64>,
) -> Result<(), String> {
    same_length("values", values.len(), "categories", categories.len())?;
    let from = names.get(input)?;
    check(from, input, categories)?;
    let to = names.bind_numbers(&[output])?;
    let (categories, unknown) = (Categories::new(categories), unknown.unwrap_or(f64::NAN));
    names.steps.push(Step::Lookup { from, to, categories, values, unknown });
    Ok(())
}

fn lower_text(names: &mut Names, input: &str, output: &str, function: FunctionSpec) -> Result<(), String> {
    let from = text(names, input)?;
    let function = Box::new(TextFunction::new(function)?);
    let to = names.text();
    names.bind(output, Slot::Text(to))?;
    names.steps.push(Step::Text { from, to, function });
    Ok(())
}

fn text(names: &Names, input: &str) -> Result<usize, String> {
    match names.get(input)? {
        Slot::Text(slot) => Ok(slot),
        _ => Err(format!("column '{input}' holds numbers, strings are needed")),
    }
}

fn lower_linear(
    names: &mut Names,
    inputs: &[String],
    output: String,
    weights: Vec<f64>,
    bias: f64,
    precision: Precision,
) -> Result<(), String> {
    same_length("weights", weights.len(), "inputs", inputs.len())?;
    lower_many(names, inputs, &[output], |inputs, to| Step::Linear { inputs, to, weights, bias, precision })
}

fn lower_softmax(
    names: &mut Names,
    inputs: &[String],
    outputs: &[String],
    precision: Precision,
) -> Result<(), String> {
    same_length("outputs", outputs.len(), "inputs", inputs.len())?;
    lower_many(names, inputs, outputs, |inputs, to| Step::Softmax { inputs, to, precision })
}

fn map_number(
    names: &mut Names,
    input: &str,
    output: &str,
    step: impl FnOnce(usize, usize) -> Step,
) -> Result<(), String> {
    let from = names.get_number(input)?;
    let to = names.number();
    names.bind(output, Slot::Number(to))?;
    names.steps.push(step(from, to));
    Ok(())
}

fn lower_fill(names: &mut Names, input: &str, output: &str, value: FillValue) -> Result<(), String> {
    match (names.get(input)?, value) {
        (Slot::Text(from), FillValue::Text(value)) => {
            let to = names.text();
            names.bind(output, Slot::Text(to))?;
            names.steps.push(Step::FillText { from, to, value });
            Ok(())
        }
        (Slot::Integer(from), FillValue::Integer(value)) => {
            let to = names.integer();
            names.bind(output, Slot::Integer(to))?;
            names.steps.push(Step::FillInteger { from, to, value });
            Ok(())
        }
        (Slot::Text(_), _) => Err(format!("column '{input}' holds strings, the value is a number")),
        (_, FillValue::Text(_)) => Err(format!("column '{input}' holds numbers, the value is a string")),
        (_, FillValue::Integer(value)) => {
            map_number(names, input, output, |from, to| Step::FillNumber { from, to, value: value as f64 })
        }
        (_, FillValue::Number(value)) => {
            map_number(names, input, output, |from, to| Step::FillNumber { from, to, value })
        }
    }
}

fn lower_one_hot(
    names: &mut Names,
    input: &str,
    outputs: &[String],
    categories: &[Category],
) -> Result<(), String> {
    same_length("outputs", outputs.len(), "categories", categories.len())?;
    let from = names.get(input)?;
    check(from, input, categories)?;
    let to = names.bind_numbers(outputs)?;
    names.steps.push(Step::OneHot { from, to, categories: Categories::new(categories) });
    Ok(())
}

fn lower_hash(names: &mut Names, input: &str, output: String, buckets: u64, seed: u64) -> Result<(), String> {
    if !(1..=MOST_BUCKETS).contains(&buckets) {
        return Err(format!("{buckets} buckets; there must be between 1 and 2^53"));
    }
    let from = names.get(input)?;
    let to = names.bind_numbers(&[output])?;
    names.steps.push(match from {
        Slot::Text(from) => Step::HashText { from, to, buckets, seed },
        Slot::Integer(from) => Step::HashInteger { from, to, buckets, seed },
        Slot::Number(_) => {
            return Err(format!("column '{input}' holds numbers, strings or integers are needed"));
        }
    });
    Ok(())
}

fn lower_trees(
    names: &mut Names,
    inputs: &[String],
    outputs: &[String],
    base_score: &[f64],
    trees: &[TreeSpec],
    (arithmetic, refused): (Arithmetic, Refused),
) -> Result<(), String> {
    same_length("outputs", outputs.len(), "base scores", base_score.len())?;
    if outputs.is_empty() {
        return Err("it has no outputs".to_owned());
    }
    let forest =
        Forest::new(trees, base_score, inputs.len(), arithmetic).map_err(|error| error.to_string())?;
    let inputs = names.get_numbers(inputs)?;
    let to = names.bind_numbers(outputs)?;
    let widths = match forest {
        Forest::Single(_) => &mut names.sizes.single,
        Forest::Double(..) => &mut names.sizes.double,
    };
    widths.features = widths.features.max(inputs.len());
    widths.margins = widths.margins.max(outputs.len());
    names.steps.push(Step::Trees { inputs, to, forest, refused });
    Ok(())
}

fn same_length(left: &str, seen: usize, right: &str, expected: usize) -> Result<(), String> {
    if seen == expected {
        return Ok(());
    }
    Err(format!("it has {seen} {left} for {expected} {right}"))
}

/// A category of another kind than the column's could never be met; that is a mistake, not a choice.
fn check(slot: Slot, input: &str, categories: &[Category]) -> Result<(), String> {
    let fits = |category: &Category| match (slot, category) {
        (_, Category::Missing)
        | (Slot::Text(_), Category::Text(_))
        | (Slot::Integer(_), Category::Integer(_)) => true,
        (Slot::Number(_), category) => !matches!(category, Category::Text(_)),
        _ => false,
    };
    match categories.iter().find(|category| !fits(category)) {
        None => Ok(()),
        Some(odd) => {
            let odd = serde_json::to_string(odd).unwrap_or_default();
            Err(format!("the category {odd} can never be met in column '{input}'"))
        }
    }
}
