//! Work for all cores, unless there is only one piece of it: then a hand-over would cost more than the work.
use rayon::prelude::*;

/// Applies `work` to pieces of at least `least` texts, in order; pieces per core even out what takes longer.
pub(crate) fn pieces<T: Sync, R: Send>(
    texts: &[T],
    least: usize,
    per_core: usize,
    work: impl Fn(&[T]) -> R + Sync + Send,
) -> Vec<R> {
    let length = texts.len().div_ceil(per_core * rayon::current_num_threads()).max(least);
    if texts.len() <= length {
        return vec![work(texts)];
    }
    texts.par_chunks(length).with_max_len(1).map(work).collect()
}

/// Applies `work` to each item, in order.
pub(crate) fn map<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    if items.len() < 2 {
        return items.into_iter().map(work).collect();
    }
    items.into_par_iter().with_max_len(1).map(work).collect()
}
