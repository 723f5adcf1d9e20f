//! Forests over a block: columns become rows in the forest's precision, margins become columns again.
use super::block::{Block, Rows};
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
