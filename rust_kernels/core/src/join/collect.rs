//! What needs a window's values themselves: order, frequency, distinct ones, the newest or oldest few.
//!
//! 1. Each key's events that any row's window spans are numbered in the order asked for, that of their values or of
//!    their times; events without a value get no number.
//! 2. The window walks from row to row (`walk`), adding and removing numbers in `OrderedCounts`, in the order of
//!    log(numbers) an event. Late arrivals, and deletes, cost the same: counts take back exactly what they were given.
//! 3. One multiset a (column, window, order) serves all operations on it.

use std::ops::Range;

use super::changes::{Change, Changes, Held};
use super::keys::Keys;
use super::output::Block;
use super::plan::{Aggregation, Use};
use super::ranges::{Key, Ranges};
use super::walk::{Bag, Walk};
use crate::aggregate::{Answer, Operation, OrderedCounts, interpolate};
use crate::sketch::value_of;

/// By what the numbers of a window are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Their events' order in time.
    Place,
    /// Their values.
    Value,
    /// The buckets of their values.
    Bucket,
}

/// One column of a bucket, and what asks for its values.
pub struct Collector<'a> {
    /// The windows.
    pub ranges: &'a Ranges,
    /// When the sorted events became known, if not at once.
    pub held: Option<Held<'a>>,
    /// The values.
    pub keys: Keys<'a>,
    /// The outputs.
    pub aggregations: &'a [Aggregation],
}

/// A key's numbers, and those of them that are in the window.
#[derive(Default)]
struct Numbered {
    first: usize,
    /// For each event from `first` on its number, or `ABSENT`.
    numbers: Vec<u32>,
    /// For each number its value's key or its event's place.
    items: Vec<i64>,
    counts: OrderedCounts,
    pairs: Vec<(i64, u32)>,
}

const ABSENT: u32 = u32::MAX;

impl Numbered {
    fn number(&mut self, by: By, span: &Range<usize>, keys: &Keys<'_>, is: &impl Fn(usize) -> bool) {
        self.first = span.start;
        self.numbers.clear();
        self.numbers.resize(span.len(), ABSENT);
        self.items.clear();
        self.pairs.clear();
        let places = span.clone().filter(|place| is(*place));
        match by {
            By::Place => self.pairs.extend(places.map(|place| (place as i64, place as u32))),
            By::Value => self.pairs.extend(places.map(|place| (keys.of(place), place as u32))),
            By::Bucket => self.pairs.extend(places.map(|place| (keys.bucket(place), place as u32))),
        }
        if by != By::Place {
            self.pairs.sort_unstable();
        }
        for (item, place) in &self.pairs {
            if self.items.last() != Some(item) {
                self.items.push(*item);
            }
            self.numbers[*place as usize - span.start] = self.items.len() as u32 - 1;
        }
    }

    /// The items from the least on, each as often as it is in.
    fn ascending(&self) -> impl Iterator<Item = i64> {
        let repeated =
            |(number, count): (u32, u32)| std::iter::repeat_n(self.items[number as usize], count as usize);
        self.counts.ascending().flat_map(repeated)
    }

    /// The items from the greatest on.
    fn descending(&self) -> impl Iterator<Item = i64> {
        let repeated =
            |(number, count): (u32, u32)| std::iter::repeat_n(self.items[number as usize], count as usize);
        self.counts.descending().flat_map(repeated)
    }

    fn at(&self, place: u32) -> i64 {
        self.items[self.counts.select(place) as usize]
    }
}

impl Bag for Numbered {
    #[inline]
    fn add(&mut self, place: usize) {
        if let Some(number) = self.numbers.get(place - self.first).filter(|number| **number != ABSENT) {
            self.counts.add(*number);
        }
    }

    #[inline]
    fn remove(&mut self, place: usize) {
        if let Some(number) = self.numbers.get(place - self.first).filter(|number| **number != ABSENT) {
            self.counts.remove(*number);
        }
    }
}

impl Collector<'_> {
    /// Answers the uses; `is` tells the events that have a value.
    pub fn run(&self, by: By, uses: &[Use], is: &impl Fn(usize) -> bool, block: &mut Block) {
        let (mut walk, mut bag, mut windows) = (Walk::default(), Numbered::default(), Vec::new());
        for part in uses {
            let needs = |counted: fn(Operation) -> bool| part.outputs.iter().any(|(_, op)| counted(*op));
            let is_ordered = needs(|op| {
                !matches!(op, Operation::UniqueCount | Operation::BoundedUniqueCount | Operation::Mode)
            });
            let has_mode = needs(|op| op == Operation::Mode);
            for key in &self.ranges.keys {
                windows.clear();
                windows.extend(key.rows.clone().map(|row| self.ranges.places(key, part.window, row)));
                let span = union(&windows);
                bag.number(by, &span, &self.keys, is);
                bag.counts.clear(bag.items.len(), is_ordered, has_mode);
                self.walk_key(key, part, &windows, (&mut walk, &mut bag), block);
            }
        }
    }

    fn walk_key(
        &self,
        key: &Key,
        part: &Use,
        windows: &[Range<usize>],
        (walk, bag): (&mut Walk, &mut Numbered),
        block: &mut Block,
    ) {
        walk.clear(&key.events, key.arrivals.is_some());
        let mut changes = Changes::new(key, self.held, self.ranges);
        for (row, window) in key.rows.clone().zip(windows) {
            while let Some(change) = changes.next(row) {
                match change {
                    Change::Arrives(place) => walk.arrive(place, bag),
                    Change::Departs(place) => walk.depart(place, bag),
                }
            }
            walk.advance(window, bag);
            for (output, operation) in &part.outputs {
                self.answer(row, *output, *operation, bag, block);
            }
        }
    }

    fn answer(&self, row: usize, output: usize, operation: Operation, bag: &Numbered, block: &mut Block) {
        let parameters = &self.aggregations[output].parameters;
        let (k, total, distinct) = (parameters.k, bag.counts.total(), bag.counts.distinct());
        match operation {
            Operation::UniqueCount => block.put(row, output, Answer::Integer(i64::from(distinct))),
            Operation::BoundedUniqueCount => {
                block.put(row, output, Answer::Integer(i64::from(distinct.min(k))));
            }
            _ if total == 0 => {}
            Operation::Mode => {
                let most = bag.counts.mode().map(|number| bag.items[number as usize]);
                block.put(row, output, most.map_or(Answer::Nothing, |key| self.keys.answer(key)));
            }
            Operation::Lag if total <= k => {}
            Operation::Lag => {
                let key = self.keys.of(bag.at(total - 1 - k) as usize);
                block.put(row, output, self.keys.answer(key));
            }
            Operation::Percentile | Operation::Median | Operation::ApproxPercentile => {
                self.put_quantiles(row, output, operation, bag, block);
            }
            _ => self.put_list(row, output, operation, bag, block),
        }
    }

    fn put_quantiles(
        &self,
        row: usize,
        output: usize,
        operation: Operation,
        bag: &Numbered,
        block: &mut Block,
    ) {
        let quantiles = &self.aggregations[output].parameters.quantiles;
        let total = bag.counts.total();
        let quantile = |share: f64| {
            if operation == Operation::ApproxPercentile {
                return value_of(bag.at((share * f64::from(total - 1)) as u32));
            }
            interpolate(total, share, |place| self.keys.number(bag.at(place)))
        };
        match (operation, quantiles.as_slice()) {
            (Operation::Median, _) => block.put(row, output, Answer::Float(quantile(0.5))),
            (_, [share]) => block.put(row, output, Answer::Float(quantile(*share))),
            (_, shares) => block.put_list(row, output, shares.iter().map(|share| quantile(*share).to_bits())),
        }
    }

    fn put_list(&self, row: usize, output: usize, operation: Operation, bag: &Numbered, block: &mut Block) {
        let k = self.aggregations[output].parameters.k as usize;
        let value = |key: i64| self.keys.word(key);
        let at_place = |place: i64| self.keys.word(self.keys.of(place as usize));
        let each = bag.counts.ascending().map(|(number, count)| (bag.items[number as usize], count));
        match operation {
            Operation::FirstK => block.put_list(row, output, bag.ascending().take(k).map(at_place)),
            Operation::LastK => block.put_list(row, output, bag.descending().take(k).map(at_place)),
            Operation::BottomK => block.put_list(row, output, bag.ascending().take(k).map(value)),
            Operation::TopK => block.put_list(row, output, bag.descending().take(k).map(value)),
            Operation::Distinct => block.put_list(row, output, each.map(|(key, _)| value(key))),
            _ => {
                let pairs = each.flat_map(|(key, count)| [value(key), u64::from(count)]);
                block.put_list(row, output, pairs);
            }
        }
    }
}

/// The least range that holds all that are not empty.
fn union(windows: &[Range<usize>]) -> Range<usize> {
    let filled = || windows.iter().filter(|window| !window.is_empty());
    let start = filled().map(|window| window.start).min().unwrap_or(0);
    start..filled().map(|window| window.end).max().unwrap_or(start)
}
