//! The work on one key: its rows and events are sorted, then each column and window is folded in one pass.

use super::column::Dense;
use super::order::{TieBreak, sort_events};
use super::output::OutputColumn;
use super::partition::Partition;
use super::segment_tree::SegmentTree;
use super::two_stack::TwoStack;
use crate::aggregate::{Operation, State, Value};
use crate::window::Window;

/// The values of one column that is aggregated; null where the input was null or not finite.
pub enum Values<'a> {
    /// Integers, ranks of text, times, truth values.
    Integers(Dense<'a, i64>),
    /// Floats.
    Floats(Dense<'a, f64>),
}

/// One window over one column, and which operation fills which output.
pub struct Fold {
    /// The window.
    pub window: Window,
    /// Operation and number of the output.
    pub outputs: Vec<(Operation, usize)>,
}

/// One column with its folds.
pub struct ColumnFolds<'a> {
    /// The values, one an event.
    pub values: Values<'a>,
    /// The windows over them.
    pub folds: Vec<Fold>,
}

/// What all keys share.
pub struct Input<'a> {
    /// One event time an event.
    pub event_times: &'a [i64],
    /// When each event could be known; `None` where that is its event time.
    pub available: Option<&'a [i64]>,
    /// One question time a row.
    pub row_times: &'a [i64],
    /// ◁ is ≤ instead of <.
    pub inclusive: bool,
    /// The tie-break columns.
    pub ties: Vec<TieBreak<'a>>,
    /// The columns and windows.
    pub columns: Vec<ColumnFolds<'a>>,
    /// Whether each output holds floats.
    pub floats: Vec<bool>,
    /// Events by key.
    pub events: &'a Partition,
    /// Rows by key.
    pub rows: &'a Partition,
}

/// The outputs of a range of keys, by slot, with the overflows of each.
pub struct Part {
    /// The first slot.
    pub start: usize,
    /// One column an aggregation.
    pub columns: Vec<OutputColumn>,
    /// How many values did not fit, an aggregation each.
    pub overflow: Vec<u64>,
    /// How many rows had an event of their key.
    pub matched: u64,
}

/// One key's events in order, and its rows in order of time.
struct Key {
    times: Vec<i64>,
    known: Vec<i64>,
    numbers: Vec<u32>,
    rows: Vec<(i64, u32)>,
    in_order: bool,
}

impl Input<'_> {
    /// Computes a range of keys.
    #[must_use]
    pub fn compute(&self, keys: std::ops::Range<usize>) -> Part {
        let start = self.rows.starts[keys.start] as usize;
        let length = self.rows.starts[keys.end] as usize - start;
        let columns = self.floats.iter().map(|&floats| OutputColumn::nulls(floats, length)).collect();
        let mut part = Part { start, columns, overflow: vec![0; self.floats.len()], matched: 0 };
        let mut pairs = Vec::new();
        for key in keys {
            let row_numbers = self.rows.of(key);
            if row_numbers.is_empty() || self.events.of(key).is_empty() {
                continue;
            }
            part.matched += row_numbers.len() as u64;
            let key = self.sorted(key, &mut pairs);
            for column in &self.columns {
                match &column.values {
                    Values::Integers(values) => self.fold(&key, values, &column.folds, &mut part),
                    Values::Floats(values) => self.fold(&key, values, &column.folds, &mut part),
                }
            }
        }
        part
    }

    fn sorted(&self, key: usize, pairs: &mut Vec<(i64, u32)>) -> Key {
        pairs.clear();
        pairs.extend(self.events.of(key).iter().map(|&number| (self.event_times[number as usize], number)));
        sort_events(pairs, self.available, &self.ties);
        let times: Vec<i64> = pairs.iter().map(|&(time, _)| time).collect();
        let numbers: Vec<u32> = pairs.iter().map(|&(_, number)| number).collect();
        let known = match self.available {
            None => Vec::new(),
            Some(at) => numbers.iter().map(|&number| at[number as usize]).collect(),
        };
        let first_slot = self.rows.starts[key];
        let row_numbers = self.rows.of(key).iter().zip(first_slot..);
        let mut rows: Vec<(i64, u32)> =
            row_numbers.map(|(&row, slot)| (self.row_times[row as usize], slot)).collect();
        rows.sort_unstable();
        let in_order = known.is_sorted();
        Key { times, known, numbers, rows, in_order }
    }

    fn before(&self, time: i64, t: i64) -> bool {
        if self.inclusive { time <= t } else { time < t }
    }

    fn fold<V: Value>(&self, key: &Key, values: &Dense<'_, V>, folds: &[Fold], part: &mut Part) {
        let ordered: Vec<Option<V>> = key.numbers.iter().map(|&number| values.get(number as usize)).collect();
        if key.in_order {
            self.fold_in_order(key, &ordered, folds, part);
        } else {
            self.fold_late(key, &ordered, folds, part);
        }
    }

    /// Events become available in the order they happened: both ends of the window only move forward.
    fn fold_in_order<V: Value>(&self, key: &Key, values: &[Option<V>], folds: &[Fold], part: &mut Part) {
        let known = if key.known.is_empty() { &key.times } else { &key.known };
        let mut scratch = Vec::new();
        for fold in folds {
            let mut stack = TwoStack::new(values, scratch);
            let (mut lo, mut hi) = (0, 0);
            for &(t, slot) in &key.rows {
                while hi < known.len() && self.before(known[hi], t) {
                    hi += 1;
                }
                let start = fold.window.start(t);
                while lo < hi && key.times[lo] < start {
                    lo += 1;
                }
                part.put(fold, slot, stack.fold(lo, hi));
            }
            scratch = stack.into_scratch();
        }
    }

    /// Some event became available after a later one: activate by arrival, fold over event time.
    fn fold_late<V: Value>(&self, key: &Key, values: &[Option<V>], folds: &[Fold], part: &mut Part) {
        let mut arrivals: Vec<u32> = (0..key.known.len() as u32).collect();
        arrivals.sort_by_key(|&index| key.known[index as usize]);
        let mut tree = SegmentTree::new(values.len());
        let mut next = 0;
        for &(t, slot) in &key.rows {
            while next < arrivals.len() && self.before(key.known[arrivals[next] as usize], t) {
                let index = arrivals[next] as usize;
                tree.activate(index, values[index]);
                next += 1;
            }
            for fold in folds {
                let start = fold.window.start(t);
                let lo = key.times.partition_point(|&time| time < start);
                part.put(fold, slot, tree.suffix(lo));
            }
        }
    }
}

impl Part {
    fn put<V: Value>(&mut self, fold: &Fold, slot: u32, state: State<V>) {
        let slot = slot as usize - self.start;
        for &(operation, output) in &fold.outputs {
            if !state.finalize(operation, &mut self.columns[output], slot) {
                self.overflow[output] += 1;
            }
        }
    }
}
