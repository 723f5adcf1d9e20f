//! How many distinct values, from 4096 registers (Flajolet et al. 2007, with Ertl's estimator of 2017).
//!
//! 1. A value's 64-bit hash names a register by its first 12 bits and offers it one more than the zeros that follow.
//! 2. A register keeps the most it was offered, so that duplicates, order and grouping do not matter: a merge takes the
//!    greater of each pair.
//! 3. Ertl's estimator reads the registers without a table of corrections; it is as good for few values as for many.
//!
//! The relative standard error is 1.04 / √4096 = 1.6 %: two of three estimates are within it, 19 of 20 within 3.3 %.

use xxhash_rust::xxh3::xxh3_64;

use super::bytes::Reader;
use super::{Sketch, SketchError};

const BITS: u32 = 12;
const REGISTERS: usize = 1 << BITS;
/// The most that a register can be offered.
const MOST: usize = (64 - BITS + 1) as usize;
const LAYOUT: u8 = 1;

/// The registers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HyperLogLog {
    registers: Box<[u8; REGISTERS]>,
}

/// The hash of a text or of bytes.
#[must_use]
pub fn hash_bytes(bytes: &[u8]) -> u64 {
    xxh3_64(bytes)
}

/// The hash of a number, given by its bits.
#[must_use]
pub fn hash_bits(bits: u64) -> u64 {
    xxh3_64(&bits.to_le_bytes())
}

impl HyperLogLog {
    /// About how many distinct values there are.
    #[must_use]
    pub fn estimate(&self) -> f64 {
        let mut counts = [0_u32; MOST + 1];
        for register in self.registers.iter() {
            counts[usize::from(*register)] += 1;
        }
        let m = REGISTERS as f64;
        let mut z = m * tau(1.0 - f64::from(counts[MOST]) / m);
        for count in counts[1..MOST].iter().rev() {
            z = 0.5 * (z + f64::from(*count));
        }
        z += m * sigma(f64::from(counts[0]) / m);
        m * m / (2.0 * std::f64::consts::LN_2 * z)
    }

    /// The state as bytes: its layout, then the registers.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        std::iter::once(LAYOUT).chain(self.registers.iter().copied()).collect()
    }

    /// Reads what `to_bytes` wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SketchError> {
        let mut reader = Reader::new("HyperLogLog", bytes, LAYOUT)?;
        let registers = Box::new(reader.array()?);
        reader.end()?;
        let fits = registers.iter().all(|register| usize::from(*register) <= MOST);
        if fits { Ok(Self { registers }) } else { Err(reader.damaged()) }
    }
}

impl Default for HyperLogLog {
    fn default() -> Self {
        Self { registers: Box::new([0; REGISTERS]) }
    }
}

impl Sketch for HyperLogLog {
    type Item = u64;

    #[inline]
    fn update(&mut self, hash: u64) {
        let register = &mut self.registers[(hash >> (64 - BITS)) as usize];
        // The bit below those that are counted ends the run of zeros.
        let zeros = ((hash << BITS) | 1 << (BITS - 1)).leading_zeros() as u8;
        *register = (*register).max(zeros + 1);
    }

    fn merge(&mut self, other: &Self) {
        for (register, theirs) in self.registers.iter_mut().zip(other.registers.iter()) {
            *register = (*register).max(*theirs);
        }
    }
}

/// Σ x^(2^k) · 2^(k−1) and x: what registers that were offered nothing say.
fn sigma(mut x: f64) -> f64 {
    if x >= 1.0 {
        return f64::INFINITY;
    }
    let (mut weight, mut sum) = (1.0, x);
    loop {
        x *= x;
        let before = sum;
        sum += x * weight;
        weight += weight;
        if sum <= before {
            return sum;
        }
    }
}

/// What registers that were offered the most say.
fn tau(mut x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return 0.0;
    }
    let (mut weight, mut sum) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        let before = sum;
        weight *= 0.5;
        sum -= (1.0 - x) * (1.0 - x) * weight;
        if sum >= before {
            return sum / 3.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: impl IntoIterator<Item = u64>) -> HyperLogLog {
        let mut state = HyperLogLog::default();
        values.into_iter().for_each(|value| state.update(hash_bits(value)));
        state
    }

    #[test]
    fn it_is_within_four_standard_errors_from_none_to_a_million() {
        let mut state = HyperLogLog::default();
        assert!(state.estimate() < 1e-9);
        let mut exact = 0_u32;
        for step in [1, 10, 100, 1_000, 5_000, 10_000, 20_000, 60_000, 1_000_000] {
            (exact..step).for_each(|value| state.update(hash_bits(value.into())));
            exact = step;
            let error = (state.estimate() / f64::from(exact) - 1.0).abs();
            assert!(error < 4.0 * 1.04 / 64.0, "{exact}: {error}");
        }
    }

    #[test]
    fn bytes_of_another_layout_or_length_are_refused() {
        let bytes = of(0..9).to_bytes();
        assert_eq!(
            HyperLogLog::from_bytes(&[]),
            Err(SketchError::Layout { what: "HyperLogLog", seen: 0, expected: 1 })
        );
        for wrong in [
            &bytes[..bytes.len() - 1],
            &[bytes.clone(), vec![0]].concat(),
            &[vec![1], vec![99; 4096]].concat(),
        ] {
            assert_eq!(HyperLogLog::from_bytes(wrong), Err(SketchError::Damaged("HyperLogLog")));
        }
    }

    proptest! {
        #[test]
        fn a_merge_is_one_state_of_all(left in prop::collection::vec(0..500_u64, 0..90), right in prop::collection::vec(0..500_u64, 0..90)) {
            let whole = of(left.iter().chain(&right).copied());
            let (mut ab, mut ba) = (of(left.clone()), of(right.clone()));
            ab.merge(&of(right));
            ba.merge(&of(left));
            prop_assert_eq!(&ab, &whole);
            prop_assert_eq!(&ba, &whole);
            ab.merge(&ba);
            prop_assert_eq!(&ab, &whole);
            prop_assert_eq!(HyperLogLog::from_bytes(&ab.to_bytes()), Ok(whole));
        }
    }
}
