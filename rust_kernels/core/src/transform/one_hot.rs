//! One-hot encoding: one column per category, 1 where the value is that category and 0 elsewhere.

/// Mark the places of a block: `out` holds one run of `stride` rows per category, of which the first
/// `places.len()` are written. A value that is no category leaves its row all zero.
pub fn one_hot<T: Copy + From<u8>>(
    places: impl ExactSizeIterator<Item = Option<u32>>,
    stride: usize,
    out: &mut [T],
) {
    let rows = places.len();
    for column in out.chunks_mut(stride.max(1)) {
        column[..rows].fill(T::from(0));
    }
    for (row, place) in places.enumerate() {
        if let Some(place) = place {
            out[place as usize * stride + row] = T::from(1);
        }
    }
}
