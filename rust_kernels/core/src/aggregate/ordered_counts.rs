//! A multiset of ranks that answers by order: a Fenwick tree of integer counts, so that adding and removing is exact.
//!
//! 1. Whoever uses it numbers the values that may come, in order: their ranks 0..n.
//! 2. `add` and `remove` touch log n sums; `select` finds the rank at a place of the sorted multiset by one descent.
//! 3. If asked to, a tournament over the ranks keeps the most frequent one; of equally frequent ones the lowest.

/// The multiset.
#[derive(Debug, Default)]
pub struct OrderedCounts {
    counts: Vec<u32>,
    sums: Vec<u32>,
    /// The most frequent rank below each node; the leaves are the ranks themselves and are not kept.
    winners: Vec<u32>,
    total: u32,
    distinct: u32,
    is_ordered: bool,
    has_mode: bool,
}

impl OrderedCounts {
    /// Empties it and makes room for `ranks`; what is not needed, the order or the mode, costs nothing.
    pub fn clear(&mut self, ranks: usize, is_ordered: bool, has_mode: bool) {
        (self.total, self.distinct, self.is_ordered, self.has_mode) = (0, 0, is_ordered, has_mode);
        refill(&mut self.counts, ranks, 0);
        refill(&mut self.sums, if is_ordered { ranks + 1 } else { 0 }, 0);
        refill(&mut self.winners, if has_mode { ranks.next_power_of_two() } else { 0 }, 0);
        if has_mode {
            self.seat_winners(ranks);
        }
    }

    /// Without counts, the lowest rank below a node wins; ranks beyond the last never do.
    fn seat_winners(&mut self, ranks: usize) {
        for node in (1..self.winners.len()).rev() {
            let (left, right) = (self.winner(2 * node), self.winner(2 * node + 1));
            self.winners[node] = if left < ranks { left } else { right } as u32;
        }
    }

    fn winner(&self, node: usize) -> usize {
        let leaves = self.winners.len();
        if node < leaves { self.winners[node] as usize } else { node - leaves }
    }

    /// Adds one of a rank.
    #[inline]
    pub fn add(&mut self, rank: u32) {
        let count = &mut self.counts[rank as usize];
        self.distinct += u32::from(*count == 0);
        *count += 1;
        self.total += 1;
        self.change(rank, |sum| *sum += 1);
    }

    /// Removes one of a rank, which must be there.
    #[inline]
    pub fn remove(&mut self, rank: u32) {
        let count = &mut self.counts[rank as usize];
        *count -= 1;
        self.distinct -= u32::from(*count == 0);
        self.total -= 1;
        self.change(rank, |sum| *sum -= 1);
    }

    #[inline]
    fn change(&mut self, rank: u32, by: impl Fn(&mut u32)) {
        if self.is_ordered {
            let mut node = rank as usize + 1;
            while node < self.sums.len() {
                by(&mut self.sums[node]);
                node += node & node.wrapping_neg();
            }
        }
        if self.has_mode {
            let mut node = usize::midpoint(rank as usize, self.winners.len());
            while node > 0 {
                let (left, right) = (self.winner(2 * node), self.winner(2 * node + 1));
                let count = |rank: usize| self.counts.get(rank).copied();
                self.winners[node] = if count(right) > count(left) { right } else { left } as u32;
                node /= 2;
            }
        }
    }

    /// How many there are.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.total
    }

    /// How many ranks there are at least one of.
    #[must_use]
    pub fn distinct(&self) -> u32 {
        self.distinct
    }

    /// How many of a rank.
    #[must_use]
    pub fn count(&self, rank: u32) -> u32 {
        self.counts[rank as usize]
    }

    /// The rank at a place, from 0, of the sorted multiset; the place must be below the total.
    #[inline]
    #[must_use]
    pub fn select(&self, place: u32) -> u32 {
        let (mut node, mut left) = (0, place);
        let mut stride = self.sums.len().next_power_of_two() / 2;
        while stride > 0 {
            if let Some(sum) = self.sums.get(node + stride).filter(|sum| **sum <= left) {
                left -= sum;
                node += stride;
            }
            stride /= 2;
        }
        node as u32
    }

    /// The ranks there are, ascending, each with its count.
    pub fn ascending(&self) -> impl Iterator<Item = (u32, u32)> {
        let mut place = 0;
        std::iter::from_fn(move || {
            (place < self.total).then(|| {
                let rank = self.select(place);
                place += self.count(rank);
                (rank, self.count(rank))
            })
        })
    }

    /// The same, descending.
    pub fn descending(&self) -> impl Iterator<Item = (u32, u32)> {
        let mut above = self.total;
        std::iter::from_fn(move || {
            (above > 0).then(|| {
                let rank = self.select(above - 1);
                above -= self.count(rank);
                (rank, self.count(rank))
            })
        })
    }

    /// The most frequent rank, the lowest of those that tie; `None` where nothing is in.
    #[must_use]
    pub fn mode(&self) -> Option<u32> {
        (self.total > 0).then(|| self.winner(1) as u32)
    }
}

fn refill(list: &mut Vec<u32>, length: usize, with: u32) {
    list.clear();
    list.resize(length, with);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_answers_as_a_sorted_list_does(
            ranks in 1..40_u32,
            steps in prop::collection::vec((any::<bool>(), 0..40_u32), 0..80),
        ) {
            let (mut ours, mut plain) = (OrderedCounts::default(), Vec::new());
            ours.clear(ranks as usize, true, true);
            for (adds, rank) in steps {
                let rank = rank % ranks;
                match plain.iter().position(|seen| *seen == rank) {
                    Some(place) if !adds => {
                        plain.remove(place);
                        ours.remove(rank);
                    }
                    _ => {
                        plain.push(rank);
                        ours.add(rank);
                    }
                }
                plain.sort_unstable();
                let selected: Vec<u32> = (0..ours.total()).map(|place| ours.select(place)).collect();
                prop_assert_eq!(&selected, &plain);
                let runs: Vec<(u32, u32)> = plain.chunk_by(|a, b| a == b).map(|run| (run[0], run.len() as u32)).collect();
                prop_assert_eq!(ours.distinct() as usize, runs.len());
                prop_assert_eq!(&ours.ascending().collect::<Vec<_>>(), &runs);
                let mut back: Vec<_> = ours.descending().collect();
                back.reverse();
                prop_assert_eq!(&back, &runs);
                let most = runs.iter().map(|run| run.1).max();
                prop_assert_eq!(ours.mode(), runs.iter().find(|run| Some(run.1) == most).map(|run| run.0));
            }
        }
    }
}
