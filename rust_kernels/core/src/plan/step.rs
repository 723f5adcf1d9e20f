//! Steps as they run: names are resolved to slots, and every step writes slots that come after those it reads.
use super::block::Block;
use super::evaluate::{self, Kind};
use super::over_block as over;
use super::over_trees::{grow, refuse};
use super::spec::{Precision, Refused};
use crate::expression::Expression;
use crate::linear::{sigmoid, sigmoid_single};
use crate::text::comparison::Comparison;
use crate::text::function::TextFunction;
use crate::transform::affine::affine;
use crate::transform::categories::Categories;
use crate::transform::combine::{Combination, Norm};
use crate::transform::fill::fill;
use crate::transform::hash::{hash_integer, hash_text};
use crate::transform::index::index;
use crate::transform::map::Function;
use crate::tree::Forest;

/// Where a value is kept. Truth values are numbers 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    Number(usize),
    Integer(usize),
    Text(usize),
}

/// One calculation over a block.
#[derive(Debug)]
pub(crate) enum Step {
    FillNumber { from: usize, to: usize, value: f64 },
    FillInteger { from: usize, to: usize, value: i64 },
    FillText { from: usize, to: usize, value: String },
    Affine { from: usize, to: usize, center: f64, scale: f64 },
    OneHot { from: Slot, to: usize, categories: Categories },
    Index { from: Slot, to: usize, categories: Categories, unknown: Option<f64> },
    HashText { from: usize, to: usize, buckets: u64, seed: u64 },
    HashInteger { from: usize, to: usize, buckets: u64, seed: u64 },
    Cast { from: usize, to: usize },
    Map { from: usize, to: usize, function: Function },
    Combine { inputs: Vec<usize>, to: usize, combination: Combination },
    Normalize { inputs: Vec<usize>, to: usize, norm: Norm },
    Lookup { from: Slot, to: usize, categories: Categories, values: Vec<f64>, unknown: f64 },
    Expression { inputs: Vec<(Slot, Kind)>, to: Slot, expression: Box<Expression> },
    Text { from: usize, to: usize, function: Box<TextFunction> },
    Compare { one: usize, other: usize, to: usize, comparison: Box<Comparison> },
    Linear { inputs: Vec<usize>, to: usize, weights: Vec<f64>, bias: f64, precision: Precision },
    Trees { inputs: Vec<usize>, to: usize, forest: Forest, refused: Refused },
    Exp { from: usize, to: usize, precision: Precision },
    Sigmoid { from: usize, to: usize, precision: Precision },
    Softmax { inputs: Vec<usize>, to: usize, precision: Precision },
}

impl Step {
    /// Calculate this step for the first `n` rows of a block.
    pub(crate) fn run<'a>(&'a self, block: &mut Block<'a>, n: usize) {
        match *self {
            Self::FillNumber { from, to, value } => block.map_numbers(from, to, n, |x| fill(x, value)),
            Self::FillInteger { from, to, value } => over::fill_integers(block, from, to, n, value),
            Self::FillText { from, to, ref value } => over::fill_texts(block, from, to, n, value),
            Self::Affine { from, to, center, scale } => {
                block.map_numbers(from, to, n, |x| affine(x, center, scale));
            }
            Self::OneHot { from, to, ref categories } => over::mark(block, from, to, n, categories),
            Self::Index { from, to, ref categories, unknown } => {
                over::categorise(block, from, to, n, categories, |place| index(place, unknown));
            }
            Self::HashText { from, to, buckets, seed } => {
                over::map_texts(block, from, to, n, |text| hash_text(text, buckets, seed) as f64);
            }
            Self::HashInteger { from, to, buckets, seed } => {
                over::map_integers(block, from, to, n, |x| hash_integer(x, buckets, seed) as f64);
            }
            Self::Cast { from, to } => over::map_integers(block, from, to, n, |x| x as f64),
            Self::Map { from, to, ref function } => {
                block.map_numbers(from, to, n, |x| function.apply(x));
            }
            Self::Combine { ref inputs, to, combination } => {
                over::combine(block, inputs, to, n, |values| combination.of(values));
            }
            Self::Normalize { ref inputs, to, norm } => over::normalize(block, inputs, to, n, norm),
            Self::Lookup { from, to, ref categories, ref values, unknown } => {
                over::categorise(block, from, to, n, categories, |place| {
                    place.map_or(unknown, |place| values[place as usize])
                });
            }
            Self::Expression { ref inputs, to, ref expression } => {
                evaluate::run(block, inputs, to, expression, n);
            }
            Self::Text { from, to, ref function } => over::rewrite(block, from, to, n, function),
            Self::Compare { one, other, to, ref comparison } => {
                over::compare(block, one, other, to, n, comparison);
            }
            Self::Linear { ref inputs, to, ref weights, bias, precision } => {
                over::weigh(block, inputs, to, weights, bias, precision, n);
            }
            Self::Trees { ref inputs, to, ref forest, refused } => {
                grow(block, inputs, to, forest, n);
                refuse(
                    block,
                    inputs,
                    to..to + forest.groups(),
                    n,
                    refused,
                    matches!(forest, Forest::Double(_, true)),
                );
            }
            Self::Exp { from, to, precision: Precision::Float64 } => {
                block.map_numbers(from, to, n, f64::exp);
            }
            Self::Exp { from, to, precision: Precision::Float32 } => {
                block.map_numbers(from, to, n, |x| f64::from((x as f32).exp()));
            }
            Self::Sigmoid { from, to, precision: Precision::Float64 } => {
                block.map_numbers(from, to, n, sigmoid);
            }
            Self::Sigmoid { from, to, precision: Precision::Float32 } => {
                block.map_numbers(from, to, n, |x| f64::from(sigmoid_single(x as f32)));
            }
            Self::Softmax { ref inputs, to, precision } => over::share(block, inputs, to, precision, n),
        }
    }
}
