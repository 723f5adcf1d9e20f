//! The orientation in EXIF metadata: tag 0x0112 of the first directory of a TIFF structure (EXIF 2.32, 4.6.2).
const ORIENTATION: u16 = 0x0112;
const BYTE: u16 = 1;
const SHORT: u16 = 3;
const LONG: u16 = 4;

/// The orientation, 1 to 8, where there is one.
pub(super) fn orientation(tiff: &[u8]) -> Option<u8> {
    let reader = Reader { bytes: tiff, little: tiff.starts_with(b"II") };
    if !(tiff.starts_with(b"II") || tiff.starts_with(b"MM")) || reader.short(2)? != 42 {
        return None;
    }
    let directory = usize::try_from(reader.long(4)?).ok()?;
    let entries = usize::from(reader.short(directory)?);
    for entry in 0..entries {
        let at = directory.checked_add(2 + entry * 12)?;
        if reader.short(at)? != ORIENTATION {
            continue;
        }
        let value = match reader.short(at + 2)? {
            BYTE => u32::from(*tiff.get(at + 8)?),
            SHORT => u32::from(reader.short(at + 8)?),
            LONG => reader.long(at + 8)?,
            _ => return None,
        };
        return u8::try_from(value).ok().filter(|value| (1..=8).contains(value));
    }
    None
}

struct Reader<'a> {
    bytes: &'a [u8],
    little: bool,
}

impl Reader<'_> {
    fn short(&self, at: usize) -> Option<u16> {
        let found = self.bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.little { u16::from_le_bytes(found) } else { u16::from_be_bytes(found) })
    }

    fn long(&self, at: usize) -> Option<u32> {
        let found = self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.little { u32::from_le_bytes(found) } else { u32::from_be_bytes(found) })
    }
}
