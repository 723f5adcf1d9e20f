//! Buffers that go from image to image: fresh memory costs a page fault each 4 KiB, a tenth of decoding.
use fast_image_resize::Resizer;

// What is larger goes back to the system at once.
const MOST_KEPT: usize = 64 << 20;
const MOST_BUFFERS: usize = 6;

/// What one thread works with.
#[derive(Default)]
pub struct Workspace {
    spare: Vec<Vec<u8>>,
    pub(super) resizer: Resizer,
}

impl Workspace {
    /// A buffer of this length; what stands in it is left over.
    pub(super) fn take(&mut self, length: usize) -> Vec<u8> {
        let fits = self.spare.iter().position(|buffer| buffer.capacity() >= length);
        let mut buffer = fits.map_or_else(Vec::new, |place| self.spare.swap_remove(place));
        if buffer.capacity() == 0 {
            return vec![0; length];
        }
        buffer.resize(length, 0);
        buffer
    }

    /// Take a buffer back.
    pub(super) fn give(&mut self, buffer: Vec<u8>) {
        if buffer.capacity() > MOST_KEPT {
            return;
        }
        if self.spare.len() >= MOST_BUFFERS {
            self.spare.remove(0);
        }
        self.spare.push(buffer);
    }
}
