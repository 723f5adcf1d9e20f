//! The temporal join: for each row (key, t), every operation over the events of its key in the window before t.
//!
//! `V(key, t) = op { e : start(t) ≤ event_time ◁ t and available_at ◁ t }`, where ◁ is `<` (or `≤` if inclusive)
//! and `available_at := max(event_time, available_at)`.
//!
//! Steps, with n events, m rows, k keys, c value columns and a aggregations:
//!
//! 1. read the times and values (`column`): n times, n arrivals, c × n values
//! 2. give the keys dense ids (`key`): n ids below k, m ids (or null, or unknown)
//! 3. counting-sort events and rows by id (`partition`): k ranges of n event numbers, of m row numbers
//! 4. per key, in parallel: sort its events by (event time, available at, tie break) and its rows by t (`order`)
//! 5. per key, column and window: one pass over the rows; two stacks where events become available in the order
//!    they happened (`two_stack`), else a segment tree over event time activated by arrival (`segment_tree`)
//! 6. put the values back into the order of the rows (`output`): a columns of m values

mod column;
mod error;
mod key;
mod order;
mod output;
mod partition;
mod per_key;
mod segment_tree;
mod temporal_join;
mod two_stack;

pub use column::{Table, TableColumn};
pub use error::JoinError;
pub use output::OutputColumn;
pub use temporal_join::{Aggregation, Joined, Request, temporal_join};
