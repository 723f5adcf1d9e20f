//! Work for all cores, unless there is only one piece of it: then a hand-over would cost more than the work.

use rayon::prelude::*;

/// Applies `work` to every item, in order.
pub fn map<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    if items.len() < 2 {
        return items.into_iter().map(work).collect();
    }
    items.into_par_iter().with_max_len(1).map(work).collect()
}
