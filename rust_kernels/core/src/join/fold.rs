//! One column's folds over the windows of a bucket.

use super::changes::{Change, Changes, Held};
use super::clock::Clock;
use super::collect::Collector;
use super::keys::Keys;
use super::output::Block;
use super::plan::{Aggregation, ColumnPlan, FoldKind, Use};
use super::ranges::Ranges;
use super::read::Integers;
use super::segment_tree::SegmentTree;
use super::sketches::Sketcher;
use super::two_stack::TwoStack;
use super::value::Values;
use crate::aggregate::{
    Answer, Count, DecayedSum, First, FloatSum, Fold, IntegerSum, Largest, Last, Moments, Operation, Smallest,
};

/// One column of a bucket and the windows over it.
pub struct Folder<'a> {
    /// The windows.
    pub ranges: &'a Ranges,
    /// When the sorted events became known, if not at once.
    pub held: Option<Held<'a>>,
    /// What is asked of the column.
    pub column: &'a ColumnPlan<'a>,
    /// The times.
    pub clock: Clock<'a>,
    /// The outputs.
    pub aggregations: &'a [Aggregation],
}

impl Folder<'_> {
    /// Answers all that is asked of the column, whose sorted values are given.
    pub fn fold_column(&self, values: &Values, block: &mut Block) {
        match values {
            Values::Floats(values) if values.iter().any(|value| value.is_nan()) => {
                self.fold_floats(values, |place| !values[place].is_nan(), false, block);
            }
            Values::Floats(values) => self.fold_floats(values, |_| true, true, block),
            Values::Integers(Integers { values, present: Some(present) }) => {
                self.fold_integers(values, |place| present[place], false, block);
            }
            Values::Integers(Integers { values, present: None }) => {
                self.fold_integers(values, |_| true, true, block);
            }
        }
    }

    fn fold_floats(&self, values: &[f64], is: impl Fn(usize) -> bool, all: bool, block: &mut Block) {
        let counts = self.counts(values.len(), &is, all);
        let answer = |place: u32| Answer::Float(values[place as usize]);
        for (kind, uses) in &self.column.folds {
            match kind {
                FoldKind::Sum => {
                    self.run::<FloatSum>(uses, |p| values[p], &is, &counts, answer, block);
                }
                FoldKind::Smallest => {
                    self.run::<Smallest<f64>>(uses, |p| values[p], &is, &counts, answer, block);
                }
                FoldKind::Largest => {
                    self.run::<Largest<f64>>(uses, |p| values[p], &is, &counts, answer, block);
                }
                FoldKind::Collected(_) | FoldKind::Distinct | FoldKind::Frequent(_) => {
                    self.collect(*kind, Keys::Floats(values), uses, &is, block);
                }
                FoldKind::Moments | FoldKind::Decayed(_) => {
                    self.fold_numbers(*kind, uses, &|p| values[p], &is, &counts, block);
                }
                _ => self.fold_places(*kind, uses, &is, &counts, answer, block),
            }
        }
    }

    fn fold_integers(&self, values: &[i64], is: impl Fn(usize) -> bool, all: bool, block: &mut Block) {
        let counts = self.counts(values.len(), &is, all);
        let answer = |place: u32| Answer::Integer(values[place as usize]);
        for (kind, uses) in &self.column.folds {
            match kind {
                FoldKind::Sum => {
                    self.run::<IntegerSum>(uses, |p| values[p], &is, &counts, answer, block);
                }
                FoldKind::Smallest => {
                    self.run::<Smallest<i64>>(uses, |p| values[p], &is, &counts, answer, block);
                }
                FoldKind::Largest => {
                    self.run::<Largest<i64>>(uses, |p| values[p], &is, &counts, answer, block);
                }
                FoldKind::Collected(_) | FoldKind::Distinct | FoldKind::Frequent(_) => {
                    self.collect(*kind, Keys::Integers(values), uses, &is, block);
                }
                FoldKind::Moments | FoldKind::Decayed(_) => {
                    self.fold_numbers(*kind, uses, &|p| values[p] as f64, &is, &counts, block);
                }
                _ => self.fold_places(*kind, uses, &is, &counts, answer, block),
            }
        }
    }

    fn collect(
        &self,
        kind: FoldKind,
        keys: Keys<'_>,
        uses: &[Use],
        is: &impl Fn(usize) -> bool,
        block: &mut Block,
    ) {
        let Self { ranges, held, aggregations, .. } = *self;
        let sketcher = Sketcher { ranges, held };
        match kind {
            FoldKind::Distinct => {
                let texts = self.column.values.words.as_deref();
                sketcher.count_distinct(uses, is, &|place| keys.hash(place, texts), block);
            }
            FoldKind::Frequent(k) => sketcher.count_frequent(uses, k, is, &keys, block),
            FoldKind::Collected(by) => {
                Collector { ranges, held, keys, aggregations }.run(by, uses, is, block);
            }
            _ => {}
        }
    }

    fn fold_numbers(
        &self,
        kind: FoldKind,
        uses: &[Use],
        number: &impl Fn(usize) -> f64,
        is: &impl Fn(usize) -> bool,
        counts: &[Vec<u32>],
        block: &mut Block,
    ) {
        let answer = |_| Answer::Nothing;
        if let FoldKind::Decayed(half_life) = kind {
            let (half_life, times) = (half_life as f64, self.clock.events);
            let term = |p: usize| DecayedSum { newest: times[p], sum: number(p), half_life };
            self.run::<DecayedSum>(uses, term, is, counts, answer, block);
        } else {
            self.run::<Moments>(uses, number, is, counts, answer, block);
        }
    }

    fn fold_places(
        &self,
        kind: FoldKind,
        uses: &[Use],
        is: &impl Fn(usize) -> bool,
        counts: &[Vec<u32>],
        answer: impl Fn(u32) -> Answer,
        block: &mut Block,
    ) {
        match kind {
            FoldKind::First => {
                self.run::<First>(uses, |place| place as u32, is, counts, answer, block);
            }
            FoldKind::Last => {
                self.run::<Last>(uses, |place| place as u32, is, counts, answer, block);
            }
            _ => {
                for part in uses {
                    for (row, count) in counts[part.window].iter().enumerate() {
                        for (output, operation) in &part.outputs {
                            let answer = match operation {
                                Operation::Rate => self.clock.rate(*count, part.window, row),
                                _ => Answer::Integer(i64::from(*count)),
                            };
                            block.put(row, *output, answer);
                        }
                    }
                }
            }
        }
    }

    /// For each window and row, how many values; `all` says that no event lacks one.
    fn counts(&self, events: usize, is: &impl Fn(usize) -> bool, all: bool) -> Vec<Vec<u32>> {
        let ranges = self.ranges;
        let mut counts = vec![Vec::new(); ranges.lows.len()];
        let mut before = vec![0_u32];
        if !all {
            before.reserve(events);
            let running = (0..events).scan(0, |count, place| {
                *count += u32::from(is(place));
                Some(*count)
            });
            before.extend(running);
        }
        for &window in &self.column.windows {
            let count = |row: usize| {
                let range = ranges.range(window, row);
                if all { range.len() as u32 } else { before[range.end] - before[range.start] }
            };
            counts[window] = (0..ranges.highs.len()).map(count).collect();
        }
        let event = |place: usize| u32::from(is(place));
        self.fold_late::<Count>(&self.column.windows, &event, |window, row, state| {
            counts[window][row] = state;
        });
        counts
    }

    fn run<F: Fold>(
        &self,
        uses: &[Use],
        value: impl Fn(usize) -> F::Value,
        is: &impl Fn(usize) -> bool,
        counts: &[Vec<u32>],
        answer: impl Fn(u32) -> Answer,
        block: &mut Block,
    ) {
        let event = |place: usize| {
            if is(place) { F::prepare(value(place)) } else { F::EMPTY }
        };
        let mut put = |part: &Use, row: usize, state: F::State| {
            let count = counts[part.window][row];
            if count == 0 {
                return;
            }
            for (output, operation) in &part.outputs {
                match F::finalize(state, count, *operation, self.clock.rows[row]) {
                    Answer::At(place) => block.put(row, *output, answer(place)),
                    Answer::Since(place) => block.put(row, *output, self.clock.since(place, row)),
                    other => block.put(row, *output, other),
                }
            }
        };
        let mut stack = TwoStack::<F>::new();
        for part in uses {
            // One pass over all keys: their ranges follow one another, and the stack turns over where a key ends.
            stack.clear();
            for key in self.ranges.keys.iter().filter(|key| key.arrivals.is_none()) {
                for row in key.rows.clone() {
                    let range = self.ranges.range(part.window, row);
                    put(part, row, stack.fold(range.start, range.end, &event));
                }
            }
        }
        let use_of = |window: usize| uses.iter().find(|part| part.window == window);
        let windows: Vec<usize> = uses.iter().map(|part| part.window).collect();
        self.fold_late::<F>(&windows, &event, |window, row, state| {
            if let Some(part) = use_of(window) {
                put(part, row, state);
            }
        });
    }

    /// Folds the keys whose events became known out of order, or are taken back.
    fn fold_late<F: Fold>(
        &self,
        windows: &[usize],
        event: &impl Fn(usize) -> F::State,
        mut put: impl FnMut(usize, usize, F::State),
    ) {
        let mut tree = SegmentTree::<F>::new();
        for key in self.ranges.keys.iter().filter(|key| key.arrivals.is_some()) {
            tree.clear(key.events.len());
            let mut changes = Changes::new(key, self.held, self.ranges);
            for row in key.rows.clone() {
                while let Some(change) = changes.next(row) {
                    match change {
                        Change::Arrives(place) => tree.insert(place - key.events.start, event(place)),
                        Change::Departs(place) => tree.remove(place - key.events.start),
                    }
                }
                for &window in windows {
                    let span = self.ranges.span(key, window, row);
                    put(window, row, tree.range(span.start, span.end));
                }
            }
        }
    }
}
