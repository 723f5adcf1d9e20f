//! One bucket's answers: sort, find each window's events, fold them.

use std::ops::Range;

use super::JoinError;
use super::changes::{Change, Changes, Held};
use super::clock::Clock;
use super::fold::Folder;
use super::group::Grouped;
use super::output::Block;
use super::partition::{Dealt, gather};
use super::plan::Plan;
use super::ranges::Ranges;
use super::read::Integers;
use super::segment_tree::SegmentTree;
use super::tie_break::TieBreak;
use super::value::Values;
use crate::aggregate::Count;

/// What all buckets share.
pub struct Evaluator<'a> {
    /// The folds.
    pub plan: &'a Plan<'a>,
    /// The events, dealt to buckets.
    pub events: &'a [Dealt],
    /// The rows that ask, dealt to buckets.
    pub rows: &'a [Dealt],
    /// What orders events of equal times.
    pub ties: &'a [TieBreak<'a>],
    /// ◁ is ≤ instead of <.
    pub inclusive: bool,
}

/// Sorted events, when they became known, and from when on they no longer count.
type Sorted = (Grouped, Option<Vec<i64>>, Option<Vec<i64>>);

impl Evaluator<'_> {
    /// Answers the rows of one bucket, whose keys are given.
    pub fn evaluate(&self, bucket: usize, keys: &Range<u32>) -> Result<Block, JoinError> {
        let rows = Grouped::new(
            &gather(self.rows, bucket, |span| &span.ids),
            &gather(self.rows, bucket, |span| &span.times),
            keys,
        );
        let numbers = gather(self.rows, bucket, |span| &span.numbers);
        let mut block = Block::new(numbers, rows.order.clone(), self.plan.aggregations.len());
        if block.rows.is_empty() {
            return Ok(block);
        }
        let (events, known, until) = self.sort_events(bucket, keys);
        let bounds: Vec<_> = (0..self.rows.first().map_or(0, |span| span.bounds.len()))
            .map(|place| rows.sort(&gather(self.rows, bucket, |span| &span.bounds[place])))
            .collect();
        let held = known.as_deref().map(|known| Held { known, until: until.as_deref() });
        let windows = &self.plan.windows;
        let ranges = Ranges::new(&events, held, &rows, &bounds, windows, self.inclusive)?;
        let clock = Clock { events: &events.times, rows: &rows.times, bounds: &bounds, windows };
        let aggregations = self.plan.aggregations;
        for (place, column) in self.plan.columns.iter().enumerate() {
            let values = sorted_values(self.events, bucket, place, &events);
            let folder = Folder { ranges: &ranges, held, column, clock, aggregations };
            folder.fold_column(&values, &mut block);
        }
        block.matched = matched(&ranges, held);
        Ok(block)
    }

    fn sort_events(&self, bucket: usize, keys: &Range<u32>) -> Sorted {
        let ids = gather(self.events, bucket, |span| &span.ids);
        let mut events = Grouped::new(&ids, &gather(self.events, bucket, |span| &span.times), keys);
        let has_known = self.events.iter().any(|span| span.known.is_some());
        let known =
            has_known.then(|| gather(self.events, bucket, |span| span.known.as_deref().unwrap_or(&[])));
        if known.is_some() || !self.ties.is_empty() {
            let numbers = gather(self.events, bucket, |span| &span.numbers);
            let at = |place: u32| known.as_ref().map(|known| known[place as usize]);
            events.break_ties(|left, right| {
                let tied = || {
                    let (left, right) = (numbers[left as usize], numbers[right as usize]);
                    let mut orders = self.ties.iter().map(|tie| tie.compare(left, right));
                    orders.find(|order| order.is_ne()).unwrap_or(left.cmp(&right))
                };
                at(left).cmp(&at(right)).then_with(tied)
            });
        }
        let known = known.map(|known| events.sort(&known));
        let has_until = self.events.iter().any(|span| span.until.is_some());
        let until =
            has_until.then(|| gather(self.events, bucket, |span| span.until.as_deref().unwrap_or(&[])));
        let until = until.map(|until| events.sort(&until));
        (events, known, until)
    }
}

fn sorted_values(spans: &[Dealt], bucket: usize, column: usize, events: &Grouped) -> Values {
    let is_float = |span: &Dealt| matches!(span.columns[column], Values::Floats(_));
    if spans.first().is_some_and(is_float) {
        let joined = gather(spans, bucket, |span| match &span.columns[column] {
            Values::Floats(values) => values,
            Values::Integers(_) => &[],
        });
        return Values::Floats(events.sort(&joined));
    }
    let (mut values, mut present) = (Vec::new(), None);
    for span in spans {
        let Values::Integers(read) = &span.columns[column] else {
            continue;
        };
        let part = span.bucket(bucket);
        if let Some(there) = &read.present {
            let present: &mut Vec<bool> = present.get_or_insert_with(|| vec![true; values.len()]);
            present.extend_from_slice(&there[part.clone()]);
        } else if let Some(present) = &mut present {
            present.resize(values.len() + part.len(), true);
        }
        values.extend_from_slice(&read.values[part]);
    }
    let present = present.map(|present| events.sort(&present));
    Values::Integers(Integers { values: events.sort(&values), present })
}

/// How many rows saw an event in any window.
fn matched(ranges: &Ranges, held: Option<Held<'_>>) -> u64 {
    let (windows, early) = (0..ranges.lows.len(), ranges.ends.iter().any(Option::is_some));
    let mut matched = 0;
    let mut counts = SegmentTree::<Count>::new();
    for key in &ranges.keys {
        if key.arrivals.is_none() {
            let any = |row: &usize| windows.clone().any(|window| !ranges.range(window, *row).is_empty());
            matched += key.rows.clone().filter(any).count() as u64;
            continue;
        }
        // Where windows end at t and nothing departs, the latest event that is known tells; else the span's are counted.
        let counted = early || !key.departures.is_empty();
        counts.clear(if counted { key.events.len() } else { 0 });
        let (mut latest, mut changes) = (None, Changes::new(key, held, ranges));
        for row in key.rows.clone() {
            while let Some(change) = changes.next(row) {
                match change {
                    Change::Arrives(place) if counted => counts.insert(place - key.events.start, 1),
                    Change::Arrives(place) => latest = latest.max(Some(place as u32)),
                    Change::Departs(place) => counts.remove(place - key.events.start),
                }
            }
            let any = windows.clone().any(|window| {
                let span = ranges.span(key, window, row);
                if counted {
                    counts.range(span.start, span.end) > 0
                } else {
                    latest >= Some(ranges.lows[window][row])
                }
            });
            matched += u64::from(any);
        }
    }
    matched
}
