//! The bits between the markers of a JPEG's scan (ITU-T T.81, F.2.2.5).
use super::super::refusal::Refusal;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = ONES << 7;

/// Reads bits from the highest on; behind a marker or the end come zeros, which are counted.
pub(super) struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    held: u64,
    count: u32,
    made_up: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0, held: 0, count: 0, made_up: 0 }
    }

    /// Hold at least 32 bits: a code and its value have no more.
    #[inline]
    pub(super) fn refill(&mut self) {
        if self.count >= 32 {
            return;
        }
        if let Some(eight) = self.data.get(self.at..).and_then(|rest| rest.first_chunk::<8>()) {
            let word = u64::from_be_bytes(*eight);
            let zeros = !word;
            // No byte is 0xFF where none of the inverted is zero.
            if zeros.wrapping_sub(ONES) & !zeros & HIGHS == 0 {
                let bytes = (63 - self.count) >> 3;
                self.held |= word >> self.count;
                self.count += bytes * 8;
                self.held &= u64::MAX << (64 - self.count);
                self.at += bytes as usize;
                return;
            }
        }
        self.refill_by_bytes();
    }

    #[cold]
    #[inline(never)]
    fn refill_by_bytes(&mut self) {
        while self.count <= 56 {
            let byte = match self.data.get(self.at..self.at + 2) {
                Some([0xFF, 0]) => {
                    self.at += 2;
                    0xFF
                }
                Some([0xFF, _]) | None => self.last_byte(),
                Some(pair) => {
                    self.at += 1;
                    pair[0]
                }
            };
            self.held |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
    }

    /// What stands at a marker or at the end: zeros, but for a last byte without a marker behind it.
    fn last_byte(&mut self) -> u8 {
        if let Some([byte]) = self.data.get(self.at..).filter(|rest| *rest != [0xFF]) {
            self.at += 1;
            return *byte;
        }
        self.made_up = self.made_up.saturating_add(8);
        0
    }

    /// The next bits, at most 16, which are held.
    #[inline]
    pub(super) fn peek(&self, count: u32) -> usize {
        (self.held >> 32 >> (32 - count)) as usize
    }

    /// Go on by bits that are held.
    #[inline]
    pub(super) fn skip(&mut self, count: u32) {
        self.held <<= count;
        self.count = self.count.saturating_sub(count);
    }

    /// A number of so many bits, whose first says its sign (F.2.2.1).
    #[inline]
    pub(super) fn signed(&mut self, count: u32) -> i32 {
        if count == 0 {
            return 0;
        }
        let value = self.peek(count) as i32;
        self.skip(count);
        if value >> (count - 1) == 0 { value - (1 << count) + 1 } else { value }
    }

    /// Go behind the next marker, which must be that of a restart.
    pub(super) fn restart(&mut self) -> Result<(), Refusal> {
        self.check()?;
        // Whole bytes that were held, but are in front of the marker, would be padding of no use; none is there.
        match self.data.get(self.at..self.at + 2) {
            Some([0xFF, 0xD0..=0xD7]) => {
                *self = Self { data: self.data, at: self.at + 2, held: 0, count: 0, made_up: 0 };
                Ok(())
            }
            _ => Err(Refusal::broken("JPEG", "a restart is not where it was announced")),
        }
    }

    /// Refuse to have read bits that were made up.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        if self.made_up > self.count {
            return Err(Refusal::broken("JPEG", "it ends too early"));
        }
        Ok(())
    }
}
