//! A block: the values of a few rows, one run of `stride` places per slot.
//!
//! Rows and batches go through the same blocks (a single row is a block of one), so that both give the same bits.

use std::borrow::Cow;

/// How many rows a block of a batch holds: few enough to stay in the second cache with a few hundred columns.
pub const ROWS: usize = 128;

/// How many slots of each kind a plan uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Slots of numbers.
    pub numbers: usize,
    /// Slots of integers.
    pub integers: usize,
    /// Slots of texts.
    pub texts: usize,
    /// Single floats a row that the widest forest reads.
    pub features: usize,
    /// Margins a row that the widest forest or softmax writes.
    pub margins: usize,
}

/// Values of up to `stride` rows. A missing number is NaN.
#[derive(Debug)]
pub struct Block<'a> {
    stride: usize,
    pub(crate) numbers: Vec<f64>,
    pub(crate) integers: Vec<Option<i64>>,
    pub(crate) texts: Vec<Option<Cow<'a, str>>>,
    pub(crate) features: Vec<f32>,
    pub(crate) margins: Vec<f32>,
}

impl<'a> Block<'a> {
    /// A block of `stride` rows in which everything is missing.
    #[must_use]
    pub fn new(sizes: Sizes, stride: usize) -> Self {
        Self {
            stride,
            numbers: vec![f64::NAN; sizes.numbers * stride],
            integers: vec![None; sizes.integers * stride],
            texts: vec![None; sizes.texts * stride],
            features: vec![0.0; sizes.features * stride],
            margins: vec![0.0; sizes.margins * stride],
        }
    }

    /// How many rows fit.
    #[must_use]
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// Numbers of a slot, first `rows` of them.
    #[must_use]
    pub fn number(&self, slot: usize, rows: usize) -> &[f64] {
        &self.numbers[slot * self.stride..][..rows]
    }

    /// Numbers of a slot, to be written.
    pub fn number_mut(&mut self, slot: usize, rows: usize) -> &mut [f64] {
        &mut self.numbers[slot * self.stride..][..rows]
    }

    /// Integers of a slot, to be written.
    pub fn integer_mut(&mut self, slot: usize, rows: usize) -> &mut [Option<i64>] {
        &mut self.integers[slot * self.stride..][..rows]
    }

    /// Integers of a slot.
    #[must_use]
    pub fn integer(&self, slot: usize, rows: usize) -> &[Option<i64>] {
        &self.integers[slot * self.stride..][..rows]
    }

    /// Texts of a slot, to be written.
    pub fn text_mut(&mut self, slot: usize, rows: usize) -> &mut [Option<Cow<'a, str>>] {
        &mut self.texts[slot * self.stride..][..rows]
    }

    /// Texts of a slot.
    #[must_use]
    pub fn text(&self, slot: usize, rows: usize) -> &[Option<Cow<'a, str>>] {
        &self.texts[slot * self.stride..][..rows]
    }

    /// Read one slot of numbers and write a later one.
    pub(crate) fn map_numbers(&mut self, from: usize, to: usize, rows: usize, f: impl Fn(f64) -> f64) {
        let (before, after) = self.numbers.split_at_mut(to * self.stride);
        let source = &before[from * self.stride..][..rows];
        for (slot, &x) in after[..rows].iter_mut().zip(source) {
            *slot = f(x);
        }
    }
}
