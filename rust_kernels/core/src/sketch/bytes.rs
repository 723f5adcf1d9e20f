//! How states are read back from bytes.

use thiserror::Error;

/// Bytes that are no state.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SketchError {
    /// A layout that is not known here.
    #[error("a {what} of layout {seen}; expected layout {expected}")]
    Layout {
        /// The state that was to be read.
        what: &'static str,
        /// The first byte, or 0 where there is none.
        seen: u8,
        /// The layout that is read.
        expected: u8,
    },
    /// Bytes that end early, go on too long or contradict one another.
    #[error("the bytes of a {0} are cut short or damaged; expected them as they were written")]
    Damaged(&'static str),
}

/// What a state of items can write and read back.
pub trait Item: Ord + Clone {
    /// Appends the item.
    fn write(&self, into: &mut Vec<u8>);
    /// Reads an item.
    fn read(from: &mut Reader<'_>) -> Result<Self, SketchError>;
}

impl Item for i64 {
    fn write(&self, into: &mut Vec<u8>) {
        into.extend(self.to_le_bytes());
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, SketchError> {
        from.array().map(Self::from_le_bytes)
    }
}

impl Item for String {
    fn write(&self, into: &mut Vec<u8>) {
        into.extend((self.len() as u64).to_le_bytes());
        into.extend(self.as_bytes());
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, SketchError> {
        let length = from.number()?;
        let text = from.take(usize::try_from(length).unwrap_or(usize::MAX))?;
        Self::from_utf8(text.to_vec()).map_err(|_| from.damaged())
    }
}

/// Bytes that are left to read.
pub struct Reader<'a> {
    what: &'static str,
    left: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts after the byte that names the layout.
    pub fn new(what: &'static str, bytes: &'a [u8], layout: u8) -> Result<Self, SketchError> {
        match bytes.split_first() {
            Some((seen, left)) if *seen == layout => Ok(Self { what, left }),
            first => {
                let seen = first.map_or(0, |(seen, _)| *seen);
                Err(SketchError::Layout { what, seen, expected: layout })
            }
        }
    }

    /// The error of bytes that make no sense.
    #[must_use]
    pub fn damaged(&self) -> SketchError {
        SketchError::Damaged(self.what)
    }

    /// The next bytes.
    pub fn take(&mut self, length: usize) -> Result<&'a [u8], SketchError> {
        let (taken, left) = self.left.split_at_checked(length).ok_or(self.damaged())?;
        self.left = left;
        Ok(taken)
    }

    /// The next `N` bytes.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], SketchError> {
        self.take(N)?.try_into().map_err(|_| self.damaged())
    }

    /// The next unsigned number of 64 bits.
    pub fn number(&mut self) -> Result<u64, SketchError> {
        self.array().map(u64::from_le_bytes)
    }

    /// Checks that nothing is left.
    pub fn end(&self) -> Result<(), SketchError> {
        if self.left.is_empty() { Ok(()) } else { Err(self.damaged()) }
    }
}
