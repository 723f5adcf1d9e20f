//! Sixteen bytes that stand for a key: `BLAKE2b` (RFC 7693) of its values as one `MessagePack` array.
//!
//! Integers take the shortest form that holds them, as most encoders write them, so that a digest can be made
//! anywhere.

use blake2b_simd::Params;
use rmp::encode::{write_array_len, write_bool, write_nil, write_sint, write_str, write_uint};

/// The length of a digest.
pub const BYTES: usize = 16;

/// One value of a key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum KeyValue<'a> {
    /// Null.
    Null,
    /// A truth value.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// An integer beyond those.
    Large(u64),
    /// Text.
    Text(&'a str),
}

/// Makes digests, one after another, in one buffer.
#[derive(Debug)]
pub struct Digester {
    packed: Vec<u8>,
    params: Params,
}

impl Default for Digester {
    fn default() -> Self {
        let mut params = Params::new();
        params.hash_length(BYTES);
        Self { packed: Vec::new(), params }
    }
}

impl Digester {
    /// Starts a key of so many values.
    pub fn start(&mut self, values: usize) {
        self.packed.clear();
        // Writing to memory cannot fail, here and below.
        let _ = write_array_len(&mut self.packed, values as u32);
    }

    /// Adds the key's next value.
    pub fn add(&mut self, value: KeyValue<'_>) {
        let to = &mut self.packed;
        let _ = match value {
            KeyValue::Null => write_nil(to).is_ok(),
            KeyValue::Boolean(value) => write_bool(to, value).is_ok(),
            KeyValue::Integer(value) => write_sint(to, value).is_ok(),
            KeyValue::Large(value) => write_uint(to, value).is_ok(),
            KeyValue::Text(value) => write_str(to, value).is_ok(),
        };
    }

    /// The digest of the key that was started last.
    #[must_use]
    pub fn digest(&self) -> [u8; BYTES] {
        let mut digest = [0; BYTES];
        digest.copy_from_slice(self.params.hash(&self.packed).as_bytes());
        digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(values: &[KeyValue<'_>]) -> u128 {
        let mut digester = Digester::default();
        digester.start(values.len());
        for value in values {
            digester.add(*value);
        }
        u128::from_be_bytes(digester.digest())
    }

    #[test]
    fn a_digest_is_blake2b_of_the_array() {
        // python -c "import hashlib; print(hashlib.blake2b(b'\x92\x07\xa1x', digest_size=16).hexdigest())"
        let seen = digest(&[KeyValue::Integer(7), KeyValue::Text("x")]);
        assert_eq!(seen, 0x3b76_9038_e8e2_8cd9_cac3_641f_54f5_94f2);
    }

    #[test]
    fn values_of_other_types_are_other_keys() {
        let keys = [KeyValue::Null, KeyValue::Boolean(true), KeyValue::Integer(1), KeyValue::Text("1")];
        let mut seen: Vec<_> = keys.iter().map(|key| digest(&[*key])).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), keys.len());
        assert_eq!(digest(&[KeyValue::Integer(7)]), digest(&[KeyValue::Large(7)]));
    }
}
