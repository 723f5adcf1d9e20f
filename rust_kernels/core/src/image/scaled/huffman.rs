//! Huffman codes of JPEG (ITU-T T.81, annex C and F.2.2): tables, and the coefficients of a block.
use super::super::refusal::Refusal;
use super::bits::Bits;

/// Codes up to this length are found in one look.
const LOOK: u32 = 10;

/// The order in which coefficients are stored, as places in rows of eight (figure A.6).
const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
    14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39,
    46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// A table of codes.
#[derive(Clone)]
pub(super) struct Table {
    /// By the next bits: length of the code, and its symbol; 0 where it is longer.
    short: Box<[(u8, u8); 1 << LOOK]>,
    /// By the next bits: a coefficient whose code and value are among them, as (value, zeros before, bits), else 0 bits.
    whole: Box<[(i16, u8, u8); 1 << LOOK]>,
    /// By length: the first code that is longer, and what is added to a code for its symbol's place.
    limits: [(i32, i32); 17],
    symbols: Vec<u8>,
}

impl Table {
    /// From how many codes there are of each length, and their symbols; None where there are too many.
    pub(super) fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        let mut table = Self {
            short: Box::new([(0, 0); 1 << LOOK]),
            whole: Box::new([(0, 0, 0); 1 << LOOK]),
            limits: [(0, 0); 17],
            symbols: symbols.to_vec(),
        };
        let (mut code, mut place) = (0_i32, 0_i32);
        for (length, count) in (1_u32..).zip(counts) {
            table.limits[length as usize] = (code + i32::from(*count), place - code);
            for _ in 0..*count {
                let symbol = *symbols.get(place as usize)?;
                if length <= LOOK {
                    let first = (code as usize) << (LOOK - length);
                    table.short.get_mut(first..first + (1 << (LOOK - length)))?.fill((length as u8, symbol));
                }
                code += 1;
                place += 1;
            }
            if code > 1 << length {
                return None;
            }
            code <<= 1;
        }
        table.find_whole();
        Some(table)
    }

    /// Note the short coefficients, value and all.
    fn find_whole(&mut self) {
        for (bits, whole) in self.whole.iter_mut().enumerate() {
            let (length, symbol) = self.short[bits];
            let (zeros, size) = (symbol >> 4, symbol & 15);
            if length == 0 || size == 0 || u32::from(length + size) > LOOK {
                continue;
            }
            let value = (bits >> (LOOK - u32::from(length + size))) as i32 & ((1 << size) - 1);
            let value = if value >> (size - 1) == 0 { value - (1 << size) + 1 } else { value };
            *whole = (value as i16, zeros, length + size);
        }
    }

    #[inline]
    fn symbol(&self, bits: &mut Bits<'_>) -> Result<u8, Refusal> {
        let (length, symbol) = self.short[bits.peek(LOOK)];
        if length > 0 {
            bits.skip(u32::from(length));
            return Ok(symbol);
        }
        let next = bits.peek(16) as i32;
        for length in LOOK + 1..=16 {
            let code = next >> (16 - length);
            let (limit, shift) = self.limits[length as usize];
            if code < limit {
                bits.skip(length);
                let place = usize::try_from(code + shift).ok();
                return place.and_then(|place| self.symbols.get(place)).copied().ok_or_else(broken);
            }
        }
        Err(broken())
    }
}

/// Decode a block of coefficients times their steps, as rows of eight; answers the place of the last in zigzag order.
#[inline]
pub(super) fn block(
    bits: &mut Bits<'_>,
    (constant, others): (&Table, &Table),
    steps: &[f32; 64],
    predicted: &mut i32,
    into: &mut [f32; 64],
) -> Result<usize, Refusal> {
    bits.refill();
    let size = constant.symbol(bits)?;
    if size > 11 {
        return Err(broken());
    }
    *predicted = predicted.wrapping_add(bits.signed(u32::from(size)));
    into[0] = *predicted as f32 * steps[0];
    let (mut place, mut last) = (1, 0);
    while place < 64 {
        bits.refill();
        let (value, zeros, length) = others.whole[bits.peek(LOOK)];
        let value = if length > 0 {
            bits.skip(u32::from(length));
            place += usize::from(zeros);
            i32::from(value)
        } else {
            let symbol = others.symbol(bits)?;
            let size = symbol & 15;
            place += usize::from(symbol >> 4);
            if size == 0 {
                if symbol != 0xF0 {
                    break;
                }
                place += 1;
                continue;
            }
            bits.signed(u32::from(size))
        };
        let Some(step) = steps.get(place) else {
            return Err(broken());
        };
        into[usize::from(ZIGZAG[place]) & 63] = value as f32 * step;
        last = place;
        place += 1;
    }
    Ok(last)
}

fn broken() -> Refusal {
    Refusal::broken("JPEG", "its codes are corrupt")
}
