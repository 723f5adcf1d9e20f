//! Perceptual hashes: 64 bits that stay much the same when an image is resized, compressed or brightened.
use std::f64::consts::PI;

use serde::Deserialize;

use super::color::to_gray;
use super::pixels::{Limit, Pixels};
use super::refusal::Refusal;
use super::resize::{Filter, resized};
use super::workspace::Workspace;

const SIDE: usize = 8;
const WIDE: usize = 32;
// Coefficients of a plain image are rounding noise, which may not decide a bit.
const STEPS: f64 = 1024.0;

/// What the bits say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Whether each of 8 × 8 cells is brighter than their mean.
    Average,
    /// Whether each of 8 × 8 cells is darker than the cell to its right.
    Difference,
    /// Whether each of the 8 × 8 lowest frequencies (DCT of 32 × 32 cells) is above their median.
    Frequency,
}

/// The hash of an image; bits go row by row, the first is the highest.
pub fn hash(image: Pixels, method: Method, workspace: &mut Workspace) -> Result<u64, Refusal> {
    let gray = to_gray(image);
    let (width, height) = match method {
        Method::Average => (SIDE, SIDE),
        Method::Difference => (SIDE + 1, SIDE),
        Method::Frequency => (WIDE, WIDE),
    };
    let cells = resized(gray, width, height, Filter::Lanczos, Limit(usize::MAX), workspace)?;
    let bits: Vec<bool> = match method {
        Method::Average => above_mean(&cells.bytes),
        Method::Difference => cells.bytes.chunks_exact(width).flat_map(rising).collect(),
        Method::Frequency => above_median(&frequencies(&cells.bytes)),
    };
    workspace.give(cells.bytes);
    Ok(bits.into_iter().fold(0, |bits, bit| bits << 1 | u64::from(bit)))
}

fn above_mean(cells: &[u8]) -> Vec<bool> {
    let sum: u64 = cells.iter().map(|cell| u64::from(*cell)).sum();
    cells.iter().map(|cell| u64::from(*cell) * cells.len() as u64 > sum).collect()
}

fn rising(row: &[u8]) -> impl Iterator<Item = bool> {
    row.windows(2).map(|pair| pair[1] > pair[0])
}

/// The lowest frequencies of the two-dimensional DCT-II.
fn frequencies(cells: &[u8]) -> Vec<f64> {
    let wave = |frequency: usize, place: usize| {
        (PI * frequency as f64 * (2 * place + 1) as f64 / (2 * WIDE) as f64).cos()
    };
    let mut down = [[0.0; WIDE]; SIDE];
    for (frequency, sums) in down.iter_mut().enumerate() {
        for (y, row) in cells.chunks_exact(WIDE).enumerate() {
            let weight = wave(frequency, y);
            for (sum, cell) in sums.iter_mut().zip(row) {
                *sum += weight * f64::from(*cell);
            }
        }
    }
    let across = |sums: &[f64; WIDE], frequency: usize| -> f64 {
        sums.iter().enumerate().map(|(x, sum)| sum * wave(frequency, x)).sum()
    };
    let made = down.iter().flat_map(|sums| (0..SIDE).map(move |frequency| across(sums, frequency)));
    made.map(|value| (4.0 * value * STEPS).round() / STEPS).collect()
}

fn above_median(values: &[f64]) -> Vec<bool> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let median = f64::midpoint(sorted[middle - 1], sorted[middle]);
    values.iter().map(|value| *value > median).collect()
}
