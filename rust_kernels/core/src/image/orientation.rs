//! Turns images: mirrored, by quarters, and as EXIF says that they were held.
use super::pixels::Pixels;
use super::workspace::Workspace;

/// What makes an image stand upright; the numbers are those of EXIF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// As it is (1).
    None,
    /// Left becomes right (2).
    Mirror,
    /// By 180 degrees (3).
    Half,
    /// Top becomes bottom (4).
    Flip,
    /// Rows become columns (5).
    Transpose,
    /// By 90 degrees clockwise (6).
    Right,
    /// Rows become columns, by the other diagonal (7).
    Transverse,
    /// By 90 degrees anticlockwise (8).
    Left,
}

impl Turn {
    /// What makes an image of this orientation stand upright.
    #[must_use]
    pub fn of_exif(orientation: u8) -> Self {
        match orientation {
            2 => Self::Mirror,
            3 => Self::Half,
            4 => Self::Flip,
            5 => Self::Transpose,
            6 => Self::Right,
            7 => Self::Transverse,
            8 => Self::Left,
            _ => Self::None,
        }
    }

    /// Quarters of a turn anticlockwise.
    #[must_use]
    pub fn of_quarters(quarters: u8) -> Self {
        [Self::None, Self::Left, Self::Half, Self::Right][usize::from(quarters % 4)]
    }

    /// Whether rows become columns.
    #[must_use]
    pub fn swaps(self) -> bool {
        matches!(self, Self::Transpose | Self::Right | Self::Transverse | Self::Left)
    }

    /// Where the first pixel of the answer stands, and the steps to the pixel right of it and below it, in pixels.
    fn walk(self, width: usize, height: usize) -> (usize, isize, isize) {
        let (right, bottom, row) = (width - 1, (height - 1) * width, width.cast_signed());
        match self {
            Self::None => (0, 1, row),
            Self::Mirror => (right, -1, row),
            Self::Half => (bottom + right, -1, -row),
            Self::Flip => (bottom, 1, -row),
            Self::Transpose => (0, row, 1),
            Self::Right => (bottom, -row, 1),
            Self::Transverse => (bottom + right, -row, -1),
            Self::Left => (right, row, -1),
        }
    }
}

/// Turn an image.
#[must_use]
pub fn turned(image: Pixels, turn: Turn, workspace: &mut Workspace) -> Pixels {
    if turn == Turn::None {
        return image;
    }
    let (width, height) =
        if turn.swaps() { (image.height, image.width) } else { (image.width, image.height) };
    let mut made = Pixels::take(workspace, width, height, image.channels);
    let walk = turn.walk(image.width, image.height);
    if image.channels == 3 {
        fill::<3>(&image.bytes, &mut made.bytes, width, walk);
    } else {
        fill::<1>(&image.bytes, &mut made.bytes, width, walk);
    }
    workspace.give(image.bytes);
    made
}

// Columns of the answer are filled by bands, so that what is read of a row is still in the cache for the next band's.
const BAND: usize = 32;

fn fill<const CHANNELS: usize>(
    from: &[u8],
    into: &mut [u8],
    width: usize,
    (first, right, down): (usize, isize, isize),
) {
    let (from, _) = from.as_chunks::<CHANNELS>();
    let (into, _) = into.as_chunks_mut::<CHANNELS>();
    for band in (0..width).step_by(BAND) {
        for (y, row) in into.chunks_exact_mut(width).enumerate() {
            let start = first.cast_signed() + y.cast_signed() * down;
            let end = (band + BAND).min(width);
            for (x, pixel) in (band..end).zip(&mut row[band..end]) {
                *pixel = from[(start + x.cast_signed() * right).cast_unsigned()];
            }
        }
    }
}
