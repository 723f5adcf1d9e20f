//! One key's window as it moves from row to row, told as events that enter and leave.
//!
//! 1. An event is in where its place lies in the row's range and it is known by then.
//! 2. Where events became known in order, the range holds known ones only; else `arrive` notes which are known, and an
//!    event may enter when its place comes into the range or, later, when it becomes known.
//! 3. Ranges mostly move forward, so that each event enters and leaves once; a range that shares nothing with the one
//!    before empties the window and starts anew, and events that no range holds are never touched.
//!
//! So late arrivals, and events that are taken back, cost a flag each and nothing else: what counts exactly can also take
//! back exactly.

use std::ops::Range;

/// What enters and leaves.
pub trait Bag {
    /// The event at a place enters.
    fn add(&mut self, place: usize);
    /// The event at a place leaves.
    fn remove(&mut self, place: usize);
}

/// The window's places, and which events are known.
#[derive(Debug, Default)]
pub struct Walk {
    low: usize,
    high: usize,
    first: usize,
    /// For each place from `first` on; empty where all are known.
    known: Vec<bool>,
}

impl Walk {
    /// Starts with an empty window over a key's `events`, of which none is known if they arrive `late`.
    pub fn clear(&mut self, events: &Range<usize>, late: bool) {
        (self.low, self.high, self.first) = (events.start, events.start, events.start);
        self.known.clear();
        self.known.resize(if late { events.len() } else { 0 }, false);
    }

    /// Makes the event at a place known.
    #[inline]
    pub fn arrive(&mut self, place: usize, bag: &mut impl Bag) {
        self.known[place - self.first] = true;
        if (self.low..self.high).contains(&place) {
            bag.add(place);
        }
    }

    /// Takes back the event at a place, which is known.
    #[inline]
    pub fn depart(&mut self, place: usize, bag: &mut impl Bag) {
        self.known[place - self.first] = false;
        if (self.low..self.high).contains(&place) {
            bag.remove(place);
        }
    }

    fn is_in(&self, place: usize) -> bool {
        self.known.get(place - self.first).copied().unwrap_or(true)
    }

    /// Moves the window to a range.
    pub fn advance(&mut self, to: &Range<usize>, bag: &mut impl Bag) {
        let shares = to.start < self.high && self.low < to.end;
        if !shares {
            (self.low..self.high).filter(|place| self.is_in(*place)).for_each(|place| bag.remove(place));
            (self.low, self.high) = (to.start, to.start);
        }
        (to.start..self.low).filter(|place| self.is_in(*place)).for_each(|place| bag.add(place));
        (self.high..to.end).filter(|place| self.is_in(*place)).for_each(|place| bag.add(place));
        (self.low..to.start).filter(|place| self.is_in(*place)).for_each(|place| bag.remove(place));
        (to.end..self.high).filter(|place| self.is_in(*place)).for_each(|place| bag.remove(place));
        (self.low, self.high) = (to.start, to.end.max(to.start));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    impl Bag for BTreeSet<usize> {
        fn add(&mut self, place: usize) {
            assert!(self.insert(place));
        }

        fn remove(&mut self, place: usize) {
            assert!(BTreeSet::remove(self, &place));
        }
    }

    proptest! {
        #[test]
        fn the_bag_holds_what_is_known_within_the_range(
            late: bool,
            steps in prop::collection::vec((5..30_usize, 0..12_usize, 5..30_usize), 0..30),
        ) {
            let (mut walk, mut bag, mut known) = (Walk::default(), BTreeSet::new(), BTreeSet::new());
            walk.clear(&(5..42), late);
            for (start, length, arrival) in steps {
                if late && known.insert(arrival) {
                    walk.arrive(arrival, &mut bag);
                } else if late && known.remove(&arrival) {
                    walk.depart(arrival, &mut bag);
                }
                walk.advance(&(start..start + length), &mut bag);
                let inside = (start..start + length).filter(|place| !late || known.contains(place));
                prop_assert_eq!(&bag, &inside.collect::<BTreeSet<_>>());
            }
        }
    }
}
