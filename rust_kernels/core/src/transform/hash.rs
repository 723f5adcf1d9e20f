//! Feature hashing: a text or an integer becomes one of a fixed number of buckets.
use std::io::Write;

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Longest decimal form of a 64-bit integer, its sign included.
const DIGITS: usize = 20;

/// The bucket of a text: XXH3 (64 bits) of its UTF-8 bytes, modulo `buckets`.
#[inline]
#[must_use]
pub fn hash_text(text: &str, buckets: u64, seed: u64) -> u64 {
    xxh3_64_with_seed(text.as_bytes(), seed) % buckets
}

/// The bucket of an integer: that of its decimal digits, so that 7 and "7" share one.
#[must_use]
pub fn hash_integer(value: i64, buckets: u64, seed: u64) -> u64 {
    let mut digits = [0_u8; DIGITS];
    let mut rest = digits.as_mut_slice();
    // A 64-bit integer always fits, so this write cannot fail.
    let _ = write!(rest, "{value}");
    let unused = rest.len();
    xxh3_64_with_seed(&digits[..DIGITS - unused], seed) % buckets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_hashes_like_its_digits() {
        for value in [0, 7, -7, i64::MAX, i64::MIN] {
            assert_eq!(hash_integer(value, 1024, 3), hash_text(&value.to_string(), 1024, 3));
        }
    }

    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(hash_text("", u64::MAX, 0), 0x2d06_8005_38d3_94c2);
    }
}
