//! A node as it is evaluated, and the way that a number takes at it.
use super::number::Number;

/// Marks in a node's feature: a missing value goes left; the node tests categories; zero is missing.
const DEFAULT_LEFT: u32 = 1 << 31;
const CATEGORIES: u32 = 1 << 30;
const ZERO_MISSING: u32 = 1 << 29;
const FEATURE: u32 = ZERO_MISSING - 1;
/// More inputs than this leave no room for the marks.
pub(super) const MOST_FEATURES: usize = FEATURE as usize;

/// A node in preorder: its left child follows it, its right child is named. A leaf has right child 0.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node<T> {
    /// Threshold of an inner node or the place of its categories; a leaf's value or the place of its values.
    pub(super) value: T,
    feature: u32,
    pub(super) right: u32,
}

/// The codes of one node, a bit each, and whether they go left.
#[derive(Debug, Clone)]
pub(super) struct Codes {
    words: Vec<u64>,
    left: bool,
}

impl Codes {
    pub(super) fn new(codes: &[u32], left: bool) -> Self {
        let length = codes.iter().max().map_or(0, |&most| most as usize / 64 + 1);
        let mut words = vec![0; length];
        for &code in codes {
            words[code as usize / 64] |= 1 << (code % 64);
        }
        Self { words, left }
    }

    /// Whether a code goes left; `None` is no code at all, and goes as those that are not listed.
    fn goes_left(&self, code: Option<u32>) -> bool {
        let word = code.and_then(|code| Some(self.words.get(code as usize / 64)? >> (code % 64)));
        (word.unwrap_or(0) & 1 == 1) == self.left
    }
}

impl<T: Number> Node<T> {
    pub(super) fn leaf(value: T) -> Self {
        Self { value, feature: 0, right: 0 }
    }

    pub(super) fn inner(value: T, feature: u32, default_left: bool, categories: bool, zero: bool) -> Self {
        let mark = |set: bool, mark: u32| if set { mark } else { 0 };
        let marks =
            mark(default_left, DEFAULT_LEFT) | mark(categories, CATEGORIES) | mark(zero, ZERO_MISSING);
        Self { value, feature: feature | marks, right: 0 }
    }

    #[inline]
    pub(super) fn is_leaf(self) -> bool {
        self.right == 0
    }

    /// Which input it tests.
    #[inline]
    pub(super) fn feature(self) -> usize {
        (self.feature & FEATURE) as usize
    }

    /// Whether a row goes left here. `PLAIN` says that no node of the forest has categories or missing zeros.
    #[inline]
    pub(super) fn goes_left<const PLAIN: bool>(self, row: &[T], codes: &[Codes]) -> bool {
        let default_left = self.feature & DEFAULT_LEFT != 0;
        if PLAIN {
            let x = row[(self.feature & !DEFAULT_LEFT) as usize];
            return x.goes_left(self.value) || (x.is_missing() && default_left);
        }
        let x = row[self.feature()];
        if x.is_missing() || (self.feature & ZERO_MISSING != 0 && x.is_zero()) {
            default_left
        } else if self.feature & CATEGORIES != 0 {
            codes[self.value.place()].goes_left(x.category())
        } else {
            x.goes_left(self.value)
        }
    }
}
