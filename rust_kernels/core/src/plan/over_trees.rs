//! Forests over a block: columns become rows in the forest's precision, margins become columns again.
use std::ops::Range;

use super::block::{Block, Rows};
use super::spec::Refused;
use crate::tree::{Forest, Layout, Number};

/// A forest's margins.
pub(super) fn grow(block: &mut Block<'_>, inputs: &[usize], to: usize, forest: &Forest, rows: usize) {
    let stride = block.stride();
    let Block { numbers, single, double, .. } = block;
    match forest {
        Forest::Single(layout) => margins(numbers, stride, single, inputs, to, layout, rows, f32::of),
        Forest::Double(layout, false) => margins(numbers, stride, double, inputs, to, layout, rows, f64::of),
        Forest::Double(layout, true) => {
            margins(numbers, stride, double, inputs, to, layout, rows, |x| f64::from(x as f32));
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "the parts of a block are borrowed one by one")]
fn margins<T: Number>(
    numbers: &mut [f64],
    stride: usize,
    place: &mut Rows<T>,
    inputs: &[usize],
    to: usize,
    forest: &Layout<T>,
    rows: usize,
    number: impl Fn(f64) -> T,
) {
    let (width, groups) = (inputs.len(), forest.groups());
    let features = &mut place.features[..rows * width];
    for (feature, &input) in inputs.iter().enumerate() {
        for (row, &x) in numbers[input * stride..][..rows].iter().enumerate() {
            features[row * width + feature] = number(x);
        }
    }
    let sums = &mut place.margins[..rows * groups];
    forest.margins(features, sums);
    for (row, sums) in sums.chunks_exact(groups).enumerate() {
        for (group, &sum) in sums.iter().enumerate() {
            numbers[(to + group) * stride + row] = sum.into();
        }
    }
}

/// Take away the margins of rows that the forest's framework refuses; what is too large for a single float is infinite
/// where inputs are rounded.
pub(super) fn refuse(
    block: &mut Block<'_>,
    inputs: &[usize],
    margins: Range<usize>,
    rows: usize,
    refused: Refused,
    rounds: bool,
) {
    let stride = block.stride();
    let is_refused = |x: f64| match refused {
        Refused::Nothing => false,
        Refused::Infinite if rounds => (x as f32).is_infinite(),
        Refused::Infinite => x.is_infinite(),
        Refused::InfiniteOrMissing if rounds => !(x as f32).is_finite(),
        Refused::InfiniteOrMissing => !x.is_finite(),
    };
    if refused == Refused::Nothing {
        return;
    }
    for row in 0..rows {
        if inputs.iter().any(|&input| is_refused(block.numbers[input * stride + row])) {
            for margin in margins.clone() {
                block.numbers[margin * stride + row] = f64::NAN;
            }
        }
    }
}
