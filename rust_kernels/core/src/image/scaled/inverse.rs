//! The inverse discrete cosine transform of the lowest frequencies of a block of 8 × 8, as a smaller block.
use std::f64::consts::PI;

type Write = fn(&Inverse, &[f32; 64], usize, &mut [u8], usize);

/// By the place of the last coefficient in zigzag order: how many rows and columns there are up to it.
const REACH: [usize; 64] = {
    let (mut made, mut place, mut diagonal) = ([8; 64], 0, 0);
    while diagonal < 8 {
        let mut step = 0;
        while step <= diagonal {
            made[place] = diagonal + 1;
            (place, step) = (place + 1, step + 1);
        }
        diagonal += 1;
    }
    made
};

/// A transform to blocks of one size.
pub(super) struct Inverse {
    pub(super) width: usize,
    pub(super) height: usize,
    /// What a frequency adds to a place across, and down.
    across: [[f32; 8]; 8],
    down: [[f32; 8]; 8],
    write: Write,
}

impl Inverse {
    /// To blocks of this size; None where it is none of those that occur.
    pub(super) fn new(width: usize, height: usize) -> Option<Self> {
        let write: Write = match (width, height) {
            (1, 1) => write::<1, 1>,
            (2, 1) => write::<2, 1>,
            (1, 2) => write::<1, 2>,
            (2, 2) => write::<2, 2>,
            (4, 2) => write::<4, 2>,
            (2, 4) => write::<2, 4>,
            (4, 4) => write::<4, 4>,
            (8, 4) => write::<8, 4>,
            (4, 8) => write::<4, 8>,
            (8, 8) => write::<8, 8>,
            _ => return None,
        };
        Some(Self { width, height, across: waves(width), down: waves(height), write })
    }

    /// Transform a block; `last` is the place of its last coefficient in zigzag order.
    #[inline]
    pub(super) fn write(&self, block: &[f32; 64], last: usize, into: &mut [u8], stride: usize) {
        if last > 0 {
            return (self.write)(self, block, REACH[last & 63], into, stride);
        }
        let value = level(block[0] / 8.0);
        for row in into.chunks_mut(stride).take(self.height) {
            if let Some(row) = row.get_mut(..self.width) {
                row.fill(value);
            }
        }
    }
}

/// Row by row a frequency's wave over a side of so many places; scaled so that a block's mean stays what it was.
fn waves(side: usize) -> [[f32; 8]; 8] {
    let mut made = [[0.0; 8]; 8];
    for (frequency, wave) in made.iter_mut().enumerate().take(side) {
        for (place, value) in wave.iter_mut().enumerate().take(side) {
            let norm = if frequency == 0 { 1.0 } else { 2.0_f64.sqrt() } / 8.0_f64.sqrt();
            let angle = PI * frequency as f64 * (2 * place + 1) as f64 / (2 * side) as f64;
            *value = (norm * angle.cos()) as f32;
        }
    }
    made
}

fn write<const WIDTH: usize, const HEIGHT: usize>(
    inverse: &Inverse,
    block: &[f32; 64],
    reach: usize,
    into: &mut [u8],
    stride: usize,
) {
    // A small block is through before a branch on its content would have been foreseen.
    let reach = if WIDTH.max(HEIGHT) <= 4 { WIDTH.max(HEIGHT) } else { reach };
    let mut columns = [[0.0_f32; WIDTH]; HEIGHT];
    for frequency in 0..HEIGHT.min(reach) {
        let row = &block[frequency * 8..frequency * 8 + WIDTH];
        for (sums, weight) in columns.iter_mut().zip(&inverse.down[frequency]) {
            for (sum, value) in sums.iter_mut().zip(row) {
                *sum += weight * value;
            }
        }
    }
    for (values, row) in columns.iter().zip(into.chunks_mut(stride)) {
        let mut sums = [0.0_f32; WIDTH];
        for (value, wave) in values.iter().zip(&inverse.across).take(reach) {
            for (sum, weight) in sums.iter_mut().zip(wave) {
                *sum += value * weight;
            }
        }
        if let Some(row) = row.first_chunk_mut::<WIDTH>() {
            *row = sums.map(level);
        }
    }
}

/// A value around 0 as one from 0 to 255. Added to 2^23 it stands, rounded, in the lowest bits of the float: many values
/// at once, where a cast would take them one by one.
#[inline]
fn level(value: f32) -> u8 {
    const SHIFT: f32 = 8_388_608.0;
    ((value + 128.0).clamp(0.0, 255.0) + SHIFT).to_bits() as u8
}
