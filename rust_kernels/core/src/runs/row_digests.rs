//! The digests of many keys at once: each is that of its packed row.

use arrow_array::ArrayRef;
use blake2b_simd::Params;
use blake2b_simd::many::{HashManyJob, hash_many};

use super::Digest;
use super::pack::{PackError, pack_rows};

const AT_ONCE: usize = 64;

/// The digest of the values of each row, as `online::Digester` makes it.
pub fn row_digests(columns: &[ArrayRef], rows: usize) -> Result<Vec<Digest>, PackError> {
    let (packed, ends) = pack_rows(columns, rows)?;
    let mut params = Params::new();
    params.hash_length(size_of::<Digest>());
    let (mut digests, mut start) = (Vec::with_capacity(rows), 0);
    for part in ends.chunks(AT_ONCE) {
        let job = |end: &usize| HashManyJob::new(&params, &packed[std::mem::replace(&mut start, *end)..*end]);
        let mut jobs: Vec<_> = part.iter().map(job).collect();
        hash_many(jobs.iter_mut());
        digests.extend(jobs.iter().map(|job| {
            let mut digest = [0; size_of::<Digest>()];
            digest.copy_from_slice(job.to_hash().as_bytes());
            digest
        }));
    }
    Ok(digests)
}
