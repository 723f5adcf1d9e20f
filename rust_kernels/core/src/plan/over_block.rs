//! What steps do to a block where one slot is not simply mapped to another.
use std::borrow::Cow;

use super::block::Block;
use super::spec::Precision;
use super::step::Slot;
use crate::linear::{add_weighted, add_weighted_single, softmax, softmax_single};
use crate::text::comparison::Comparison;
use crate::text::function::TextFunction;
use crate::transform::categories::Categories;
use crate::transform::combine::Norm;
use crate::transform::one_hot::one_hot;

fn replace<T: Clone>(all: &mut [Option<T>], stride: usize, from: usize, to: usize, n: usize, value: &T) {
    let (before, after) = all.split_at_mut(to * stride);
    for (slot, seen) in after[..n].iter_mut().zip(&before[from * stride..]) {
        *slot = Some(seen.as_ref().unwrap_or(value).clone());
    }
}

/// Missing integers become a value.
pub(super) fn fill_integers(block: &mut Block<'_>, from: usize, to: usize, n: usize, value: i64) {
    let stride = block.stride();
    replace(&mut block.integers, stride, from, to, n, &value);
}

/// Missing texts become a value.
pub(super) fn fill_texts<'a>(block: &mut Block<'a>, from: usize, to: usize, n: usize, value: &'a str) {
    let stride = block.stride();
    replace(&mut block.texts, stride, from, to, n, &Cow::Borrowed(value));
}

fn map_present<T>(source: &[Option<T>], out: &mut [f64], f: impl Fn(&T) -> f64) {
    for (slot, seen) in out.iter_mut().zip(source) {
        *slot = seen.as_ref().map_or(f64::NAN, &f);
    }
}

/// Integers become numbers; missing stays missing.
pub(super) fn map_integers(block: &mut Block<'_>, from: usize, to: usize, n: usize, f: impl Fn(i64) -> f64) {
    let stride = block.stride();
    let out = &mut block.numbers[to * stride..][..n];
    map_present(&block.integers[from * stride..][..n], out, |&x| f(x));
}

/// Texts become numbers; missing stays missing.
pub(super) fn map_texts(block: &mut Block<'_>, from: usize, to: usize, n: usize, f: impl Fn(&str) -> f64) {
    let stride = block.stride();
    let out = &mut block.numbers[to * stride..][..n];
    map_present(&block.texts[from * stride..][..n], out, |text| f(text));
}

/// Texts become other texts; missing stays missing.
pub(super) fn rewrite(block: &mut Block<'_>, from: usize, to: usize, n: usize, function: &TextFunction) {
    let stride = block.stride();
    let (before, after) = block.texts.split_at_mut(to * stride);
    for (slot, seen) in after[..n].iter_mut().zip(&before[from * stride..]) {
        *slot = seen.as_ref().map(|text| match text {
            // What is borrowed of a column outlives the block.
            Cow::Borrowed(text) => function.apply(text),
            Cow::Owned(text) => Cow::Owned(function.apply(text).into_owned()),
        });
    }
}

/// A number of two texts, missing where one of them is.
pub(super) fn compare(
    block: &mut Block<'_>,
    one: usize,
    other: usize,
    to: usize,
    rows: usize,
    comparison: &Comparison,
) {
    let stride = block.stride();
    for row in 0..rows {
        let pair = (&block.texts[one * stride + row], &block.texts[other * stride + row]);
        block.numbers[to * stride + row] = match pair {
            (Some(one), Some(other)) => comparison.compare(one, other),
            _ => f64::NAN,
        };
    }
}

/// One-hot columns.
pub(super) fn mark(block: &mut Block<'_>, from: Slot, to: usize, rows: usize, categories: &Categories) {
    let stride = block.stride();
    let (before, after) = block.numbers.split_at_mut(to * stride);
    let out = &mut after[..categories.len() * stride];
    match from {
        Slot::Number(slot) => {
            let seen = before[slot * stride..][..rows].iter();
            one_hot(seen.map(|&x| categories.number(x)), stride, out);
        }
        Slot::Integer(slot) => {
            let seen = block.integers[slot * stride..][..rows].iter();
            one_hot(seen.map(|&x| categories.integer(x)), stride, out);
        }
        Slot::Text(slot) => {
            let seen = block.texts[slot * stride..][..rows].iter();
            one_hot(seen.map(|x| categories.text(x.as_deref())), stride, out);
        }
    }
}

/// A number for each place among the categories.
pub(super) fn categorise(
    block: &mut Block<'_>,
    from: Slot,
    to: usize,
    rows: usize,
    categories: &Categories,
    number: impl Fn(Option<u32>) -> f64,
) {
    let stride = block.stride();
    let (before, after) = block.numbers.split_at_mut(to * stride);
    for (row, out) in after[..rows].iter_mut().enumerate() {
        *out = number(match from {
            Slot::Number(slot) => categories.number(before[slot * stride + row]),
            Slot::Integer(slot) => categories.integer(block.integers[slot * stride + row]),
            Slot::Text(slot) => categories.text(block.texts[slot * stride + row].as_deref()),
        });
    }
}

/// One number of several, row by row.
pub(super) fn combine(
    block: &mut Block<'_>,
    inputs: &[usize],
    to: usize,
    rows: usize,
    number: impl Fn(&[f64]) -> f64,
) {
    let stride = block.stride();
    let mut values = vec![0.0; inputs.len()];
    for row in 0..rows {
        for (value, &input) in values.iter_mut().zip(inputs) {
            *value = block.numbers[input * stride + row];
        }
        block.numbers[to * stride + row] = number(&values);
    }
}

/// Numbers of a row divided by a norm of theirs.
pub(super) fn normalize(block: &mut Block<'_>, inputs: &[usize], to: usize, rows: usize, norm: Norm) {
    let stride = block.stride();
    let mut values = vec![0.0; inputs.len()];
    for row in 0..rows {
        for (value, &input) in values.iter_mut().zip(inputs) {
            *value = block.numbers[input * stride + row];
        }
        let length = norm.of(&values);
        for (place, value) in values.iter().enumerate() {
            block.numbers[(to + place) * stride + row] = value / length;
        }
    }
}

/// A linear model's margin.
pub(super) fn weigh(
    block: &mut Block<'_>,
    inputs: &[usize],
    to: usize,
    weights: &[f64],
    bias: f64,
    precision: Precision,
    rows: usize,
) {
    let stride = block.stride();
    let (before, after) = block.numbers.split_at_mut(to * stride);
    let sums = &mut after[..rows];
    sums.fill(bias);
    for (&input, &weight) in inputs.iter().zip(weights) {
        let values = &before[input * stride..][..rows];
        match precision {
            Precision::Float64 => add_weighted(sums, values, weight),
            Precision::Float32 => add_weighted_single(sums, values, weight as f32),
        }
    }
}

/// Margins to probabilities, row by row.
pub(super) fn share(block: &mut Block<'_>, inputs: &[usize], to: usize, precision: Precision, rows: usize) {
    let stride = block.stride();
    let mut double = vec![0.0_f64; inputs.len()];
    let mut single = vec![0.0_f32; inputs.len()];
    for row in 0..rows {
        for (slot, &input) in double.iter_mut().zip(inputs) {
            *slot = block.numbers[input * stride + row];
        }
        if precision == Precision::Float32 {
            single.iter_mut().zip(&double).for_each(|(slot, &x)| *slot = x as f32);
            softmax_single(&mut single);
            double.iter_mut().zip(&single).for_each(|(slot, &x)| *slot = f64::from(x));
        } else {
            softmax(&mut double);
        }
        for (class, &probability) in double.iter().enumerate() {
            block.numbers[(to + class) * stride + row] = probability;
        }
    }
}
