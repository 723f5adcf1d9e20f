//! What is folded into states of bounded size (`sketch`).
//!
//! 1. A key's events lie in blocks of 1024. A block that a window holds whole has a state of its own, made when it is
//!    first needed; where events arrive late, each that becomes known is added to its block's. A state takes nothing
//!    back: a block of which an event departs is made anew from those that are left.
//! 2. A row's state is that of its window's whole blocks, merged, and of the events before and after them.
//!
//! A row costs at most 2047 events and a merge for each 1024 events of its window; a key takes a state a block.

use std::ops::Range;

use super::changes::{Change, Changes, Held};
use super::keys::Keys;
use super::output::Block;
use super::plan::Use;
use super::ranges::{Key, Ranges};
use crate::aggregate::Answer;
use crate::sketch::{Frequent, HyperLogLog, Sketch};

const BLOCK: usize = 1 << 10;
/// Counters for each value that is answered.
const SPARE: usize = 8;

/// A bucket's windows.
pub struct Sketcher<'a> {
    /// The windows.
    pub ranges: &'a Ranges,
    /// When the sorted events became known, if not at once.
    pub held: Option<Held<'a>>,
}

/// One key's events as they become known.
struct Blocks<S> {
    first: usize,
    states: Vec<Option<S>>,
    /// For each event; empty where windows hold known ones only.
    known: Vec<bool>,
    /// For each block, whether its state lacks what is known; without meaning where all are.
    stale: Vec<bool>,
}

impl Sketcher<'_> {
    /// Answers about how many distinct values there are, from their hashes.
    pub fn count_distinct(
        &self,
        uses: &[Use],
        is: &impl Fn(usize) -> bool,
        hash: &impl Fn(usize) -> u64,
        block: &mut Block,
    ) {
        let add = |state: &mut HyperLogLog, place: usize| {
            if is(place) {
                state.update(hash(place));
            }
        };
        self.run(uses, &HyperLogLog::default(), &add, |row, output, state| {
            block.put(row, output, Answer::Integer(state.estimate().round() as i64));
        });
    }

    /// Answers the `k` most frequent values, from eight times as many counters: no count is too high, and each is short
    /// by less than n / 8k.
    pub fn count_frequent(
        &self,
        uses: &[Use],
        k: u32,
        is: &impl Fn(usize) -> bool,
        keys: &Keys<'_>,
        block: &mut Block,
    ) {
        let add = |state: &mut Frequent<i64>, place: usize| {
            if is(place) {
                state.update(keys.of(place));
            }
        };
        self.run(uses, &Frequent::new(SPARE * k as usize), &add, |row, output, state| {
            let top = state.top(k as usize);
            if !top.is_empty() {
                block.put_list(row, output, top.iter().flat_map(|(key, count)| [keys.word(**key), *count]));
            }
        });
    }

    /// Calls `put` with each use's row, output and state; `add` adds the event at a place to a state.
    fn run<S: Sketch>(
        &self,
        uses: &[Use],
        empty: &S,
        add: &impl Fn(&mut S, usize),
        mut put: impl FnMut(usize, usize, &S),
    ) {
        for (part, key) in uses.iter().flat_map(|part| self.ranges.keys.iter().map(move |key| (part, key))) {
            let mut blocks = Blocks::new(key);
            let mut changes = Changes::new(key, self.held, self.ranges);
            for row in key.rows.clone() {
                while let Some(change) = changes.next(row) {
                    match change {
                        Change::Arrives(place) => blocks.arrive(place, empty, add),
                        Change::Departs(place) => blocks.depart(place),
                    }
                }
                let state = blocks.fold(&self.ranges.places(key, part.window, row), empty, add);
                part.outputs.iter().for_each(|(output, _)| put(row, *output, &state));
            }
        }
    }
}

impl<S: Sketch> Blocks<S> {
    fn new(key: &Key) -> Self {
        let events = key.events.len();
        let late = if key.arrivals.is_some() { events } else { 0 };
        let blocks = events.div_ceil(BLOCK);
        let (states, stale) = (vec![None; blocks], vec![false; blocks]);
        Self { first: key.events.start, states, known: vec![false; late], stale }
    }

    fn arrive(&mut self, place: usize, empty: &S, add: &impl Fn(&mut S, usize)) {
        self.known[place - self.first] = true;
        let block = (place - self.first) / BLOCK;
        if !self.stale[block] {
            add(self.states[block].get_or_insert_with(|| empty.clone()), place);
        }
    }

    fn depart(&mut self, place: usize) {
        self.known[place - self.first] = false;
        self.states[(place - self.first) / BLOCK] = None;
        self.stale[(place - self.first) / BLOCK] = true;
    }

    fn fold(&mut self, window: &Range<usize>, empty: &S, add: &impl Fn(&mut S, usize)) -> S {
        let (low, high) = (window.start - self.first, window.end - self.first);
        let (whole, after) = (low.div_ceil(BLOCK), high / BLOCK);
        let mut state = empty.clone();
        let mut add_all = |places: Range<usize>| {
            let known = |place: &usize| self.known.get(*place).copied().unwrap_or(true);
            places.filter(known).for_each(|place| add(&mut state, place + self.first));
        };
        if whole >= after {
            add_all(low..high);
            return state;
        }
        add_all(low..whole * BLOCK);
        add_all(after * BLOCK..high);
        for block in whole..after {
            if self.states[block].is_none() && (self.known.is_empty() || self.stale[block]) {
                let mut fresh = empty.clone();
                let known = |place: &usize| self.known.get(*place).copied().unwrap_or(true);
                let places = (block * BLOCK..(block + 1) * BLOCK).filter(known);
                places.for_each(|place| add(&mut fresh, place + self.first));
                (self.states[block], self.stale[block]) = (Some(fresh), false);
            }
            if let Some(block) = &self.states[block] {
                state.merge(block);
            }
        }
        state
    }
}
