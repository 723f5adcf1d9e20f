//! Levenshtein's distance between texts, 64 rows of its table at a time (Myers 1999, in the blocks of Hyyrö 2003).
use std::collections::HashMap;

const BITS: usize = 64;

/// One block of a column of the table: where a cell is one more, and where one less, than the cell above it.
#[derive(Clone, Copy)]
struct Block {
    more: u64,
    less: u64,
}

/// The fewest characters to insert, delete and replace that make one text of the other.
#[must_use]
pub fn edit_distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let (one, other) = differing(&one, &other);
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    if short.is_empty() { long.len() } else { by_blocks(short, long) }
}

/// Without what both start and end with, which costs nothing.
fn differing<'t>(one: &'t [char], other: &'t [char]) -> (&'t [char], &'t [char]) {
    let alike = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one[alike..], &other[alike..]);
    let alike = one.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count();
    (&one[..one.len() - alike], &other[..other.len() - alike])
}

fn by_blocks(short: &[char], long: &[char]) -> usize {
    let count = short.len().div_ceil(BITS);
    let mut places: HashMap<char, Vec<u64>> = HashMap::new();
    for (at, seen) in short.iter().enumerate() {
        places.entry(*seen).or_insert_with(|| vec![0; count])[at / BITS] |= 1 << (at % BITS);
    }
    let nowhere = vec![0; count];
    let mut blocks = vec![Block { more: u64::MAX, less: 0 }; count];
    let last = 1 << ((short.len() - 1) % BITS);
    let mut distance = short.len();
    for seen in long {
        let matches = places.get(seen).unwrap_or(&nowhere);
        // The first row of the table counts the characters of the long text.
        let (mut more, mut less) = (1, 0);
        let (mut last_more, mut last_less) = (0, 0);
        for (block, matches) in blocks.iter_mut().zip(matches) {
            (last_more, last_less) = block.step(*matches, &mut more, &mut less);
        }
        distance += usize::from(last_more & last != 0);
        distance -= usize::from(last_less & last != 0);
    }
    distance
}

impl Block {
    /// Go to the next column. `more` and `less` say how the cell above the block changed, and then how its last did;
    /// the answer says it of all its cells.
    fn step(&mut self, matches: u64, more: &mut u64, less: &mut u64) -> (u64, u64) {
        let vertical = matches | self.less;
        let matches = matches | *less;
        let horizontal = ((matches & self.more).wrapping_add(self.more) ^ self.more) | matches;
        let grown = self.less | !(horizontal | self.more);
        let shrunk = self.more & horizontal;
        let (above_more, above_less) = (grown << 1 | *more, shrunk << 1 | *less);
        (*more, *less) = (grown >> (BITS - 1), shrunk >> (BITS - 1));
        self.more = above_less | !(vertical | above_more);
        self.less = above_more & vertical;
        (grown, shrunk)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::edit_distance;

    /// The table, cell by cell.
    fn by_table(one: &str, other: &str) -> usize {
        let other: Vec<char> = other.chars().collect();
        let mut above: Vec<usize> = (0..=other.len()).collect();
        for (row, seen) in one.chars().enumerate() {
            let mut cells = vec![row + 1];
            for (column, wanted) in other.iter().enumerate() {
                let replaced = above[column] + usize::from(seen != *wanted);
                cells.push(replaced.min(above[column + 1] + 1).min(cells[column] + 1));
            }
            above = cells;
        }
        above[other.len()]
    }

    proptest! {
        #[test]
        fn it_is_that_of_the_table(one in "[ab]{0,200}", other in "[abé]{0,200}") {
            prop_assert_eq!(edit_distance(&one, &other), by_table(&one, &other));
        }

        #[test]
        fn it_is_that_of_the_table_for_all_characters(one in any::<String>(), other in any::<String>()) {
            prop_assert_eq!(edit_distance(&one, &other), by_table(&one, &other));
        }
    }

    #[test]
    fn it_is_the_known_one() {
        for (one, other, distance) in
            [("kitten", "sitting", 3), ("", "abc", 3), ("", "", 0), ("a", "a", 0), ("Saturday", "Sunday", 3)]
        {
            assert_eq!(edit_distance(one, other), distance);
        }
        let (one, other) = ("ab".repeat(64), "ba".repeat(64));
        assert_eq!(edit_distance(&one, &other), by_table(&one, &other));
    }
}
