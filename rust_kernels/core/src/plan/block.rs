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
    /// What forests of single precision need.
    pub single: Widths,
    /// What forests of double precision need.
    pub double: Widths,
}

/// How much of a row the widest forests of a plan read and write.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Widths {
    /// Numbers that are read.
    pub features: usize,
    /// Margins that are written.
    pub margins: usize,
}

/// Rows as forests read them, a row's numbers side by side, and their margins.
#[derive(Debug)]
pub(crate) struct Rows<T> {
    pub(crate) features: Vec<T>,
    pub(crate) margins: Vec<T>,
}

impl<T: Clone + Default> Rows<T> {
    fn new(widths: Widths, rows: usize) -> Self {
        let zeros = |width: usize| vec![T::default(); width * rows];
        Self { features: zeros(widths.features), margins: zeros(widths.margins) }
    }
}

/// Values of up to `stride` rows. A missing number is NaN.
#[derive(Debug)]
pub struct Block<'a> {
    stride: usize,
    pub(crate) numbers: Vec<f64>,
    pub(crate) integers: Vec<Option<i64>>,
    pub(crate) texts: Vec<Option<Cow<'a, str>>>,
    pub(crate) single: Rows<f32>,
    pub(crate) double: Rows<f64>,
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
            single: Rows::new(sizes.single, stride),
            double: Rows::new(sizes.double, stride),
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
