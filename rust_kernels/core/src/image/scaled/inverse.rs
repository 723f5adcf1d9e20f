//! The inverse discrete cosine transform of the lowest frequencies of a block of 8 × 8, as a smaller block.
use std::f64::consts::FRAC_1_SQRT_2;

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
        let value = rounded(block[0] / 8.0);
        for y in 0..self.height {
            if let Some(row) = into.get_mut(y * stride..y * stride + self.width) {
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
            *value = (norm * cosine(frequency * (2 * place + 1) * 8 / side)) as f32;
        }
    }
    made
}

/// The cosine of a sixteenth of π, so many times; from a table, since libraries differ in the last place.
fn cosine(times: usize) -> f64 {
    const FIRST: [f64; 9] = [
        1.0,
        0.980_785_280_403_230_4,
        0.923_879_532_511_286_7,
        0.831_469_612_302_545_2,
        FRAC_1_SQRT_2,
        0.555_570_233_019_602_2,
        0.382_683_432_365_089_8,
        0.195_090_322_016_128_27,
        0.0,
    ];
    match times % 32 {
        times @ 0..=8 => FIRST[times],
        times @ 9..=16 => -FIRST[16 - times],
        times @ 17..=24 => -FIRST[times - 16],
        times => FIRST[32 - times],
    }
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
    let columns = down::<WIDTH, HEIGHT>(inverse, block, reach);
    let mut sums = [[0.0_f32; WIDTH]; HEIGHT];
    for (sums, values) in sums.iter_mut().zip(&columns) {
        for (value, wave) in values.iter().zip(&inverse.across).take(reach) {
            for (sum, weight) in sums.iter_mut().zip(wave) {
                *sum += value * weight;
            }
        }
    }
    let mut levels = [[0_u8; WIDTH]; HEIGHT];
    for (level, sum) in levels.as_flattened_mut().iter_mut().zip(sums.as_flattened()) {
        *level = rounded(*sum);
    }
    for (y, row) in levels.iter().enumerate() {
        if let Some(into) = into.get_mut(y * stride..y * stride + WIDTH) {
            into.copy_from_slice(row);
        }
    }
}

/// Transform the columns. Waves of even frequencies are mirror images of themselves, those of odd ones are inverted.
#[inline]
fn down<const WIDTH: usize, const HEIGHT: usize>(
    inverse: &Inverse,
    block: &[f32; 64],
    reach: usize,
) -> [[f32; WIDTH]; HEIGHT] {
    let (rows, _) = block.as_chunks::<8>();
    let mut made = [[0.0_f32; WIDTH]; HEIGHT];
    for y in 0..HEIGHT.div_ceil(2) {
        let (mut even, mut odd) = ([0.0_f32; WIDTH], [0.0_f32; WIDTH]);
        for (frequency, row) in rows.iter().enumerate().take(HEIGHT.min(reach)) {
            let weight = inverse.down[frequency][y];
            let sums = if frequency % 2 == 0 { &mut even } else { &mut odd };
            for (sum, value) in sums.iter_mut().zip(row) {
                *sum += weight * value;
            }
        }
        for x in 0..WIDTH {
            made[y][x] = even[x] + odd[x];
            if HEIGHT > 1 {
                made[HEIGHT - 1 - y][x] = even[x] - odd[x];
            }
        }
    }
    made
}

/// A value around 0 as one from 0 to 255. Added to 2^23 it stands, rounded, in the lowest bits of the float: many values
/// at once, where a cast would take them one by one.
#[inline]
fn rounded(value: f32) -> u8 {
    const SHIFT: f32 = 8_388_608.0;
    ((value + 128.0).clamp(0.0, 255.0) + SHIFT).to_bits() as u8
}

#[cfg(test)]
mod tests {
    use super::cosine;

    #[test]
    fn cosines_are_those_of_the_library() {
        for times in 0..200 {
            let expected = (std::f64::consts::PI * f64::from(times) / 16.0).cos();
            assert!((cosine(times as usize) - expected).abs() < 1e-13);
        }
    }
}
