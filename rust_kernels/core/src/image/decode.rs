//! Bytes of any format that is known to pixels, standing upright.
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::orientation::{Turn, turned};
use super::pixels::{Limit, Pixels};
use super::program::Step;
use super::refusal::Refusal;
use super::workspace::Workspace;
use super::{jpeg, png, pnm};

/// Pixels as they are stored, and what makes them stand upright.
pub(super) type Stored = Result<(Pixels, Turn), Refusal>;

/// Decode a JPEG, PNG or binary PNM; grey stays grey, anything else becomes red, green and blue.
///
/// With a step that resizes, a JPEG may come out smaller than it is, but no smaller than the step makes it.
pub fn decode(
    bytes: &[u8],
    first: Option<&Step>,
    limit: Limit,
    workspace: &mut Workspace,
) -> Result<Pixels, Refusal> {
    let (image, turn) = match bytes {
        [] => return Err(Refusal::Empty),
        [0xFF, 0xD8, ..] => contained("JPEG", || jpeg::decode(bytes, first, limit, workspace))?,
        [0x89, b'P', b'N', b'G', ..] => contained("PNG", || png::decode(bytes, limit, workspace))?,
        [b'P', b'5' | b'6', ..] => pnm::decode(bytes, limit, workspace)?,
        _ => return Err(Refusal::Format(first_bytes(bytes))),
    };
    Ok(turned(image, turn, workspace))
}

/// A decoder's own mistakes end here: one image may not take its batch along.
fn contained(format: &'static str, work: impl FnOnce() -> Stored) -> Stored {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(Refusal::broken(format, "the decoder gave up on it")))
}

fn first_bytes(bytes: &[u8]) -> String {
    bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}
