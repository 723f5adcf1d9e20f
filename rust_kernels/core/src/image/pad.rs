//! Puts borders around images.
use super::color::luma;
use super::pixels::{Limit, Pixels};
use super::refusal::Refusal;
use super::workspace::Workspace;

/// At least this size, the image in the middle; of an odd border the larger part is right and below.
pub fn padded(
    image: Pixels,
    width: usize,
    height: usize,
    fill: [u8; 3],
    limit: Limit,
    workspace: &mut Workspace,
) -> Result<Pixels, Refusal> {
    let (width, height) = (width.max(image.width), height.max(image.height));
    if (width, height) == (image.width, image.height) {
        return Ok(image);
    }
    limit.check(width, height)?;
    let mut made = Pixels::take(workspace, width, height, image.channels);
    if image.channels == 1 {
        made.bytes.fill(luma(fill));
    } else {
        made.bytes.as_chunks_mut::<3>().0.fill(fill);
    }
    let (left, top) = ((width - image.width) / 2, (height - image.height) / 2);
    let (stride, row) = (made.stride(), image.stride());
    for (y, from) in image.bytes.chunks_exact(row).enumerate() {
        let at = (top + y) * stride + left * image.channels;
        made.bytes[at..at + row].copy_from_slice(from);
    }
    workspace.give(image.bytes);
    Ok(made)
}
