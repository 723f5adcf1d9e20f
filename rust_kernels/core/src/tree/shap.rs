//! Contributions of inputs to margins: exact path-dependent `TreeSHAP` (Lundberg, Erion and Lee 2018, Algorithm 2).
//!
//! An input that is left out follows both ways of a node, weighed by how much training data went each. Rows go by the
//! forest's own comparison, so that what is explained is what is answered; sums are in double precision.
use rayon::prelude::*;

use super::layout::Layout;
use super::number::Number;
use super::path::Path;
use super::spec::{TreeError, TreeSpec};
use super::{Arithmetic, Forest};

/// The recursion follows a tree down, and its work grows with the square of the depth.
const DEEPEST: usize = 1_000;

/// A forest that can say what each input contributed.
#[derive(Debug)]
pub struct Explainer {
    forest: Forest,
    covers: Vec<f64>,
    /// The mean margin of the training data in each group.
    expected: Vec<f64>,
}

impl Explainer {
    /// Check the trees and their covers. `base` is the margin that each group starts from.
    pub fn new(
        specs: &[TreeSpec],
        base: &[f64],
        features: usize,
        arithmetic: Arithmetic,
    ) -> Result<Self, TreeError> {
        let forest = Forest::new(specs, base, features, arithmetic)?;
        let (covers, expected) = match &forest {
            Forest::Single(layout) => told(layout, specs)?,
            Forest::Double(layout, _) => told(layout, specs)?,
        };
        Ok(Self { forest, covers, expected })
    }

    /// How many inputs a row has.
    #[must_use]
    pub fn features(&self) -> usize {
        match &self.forest {
            Forest::Single(layout) => layout.features(),
            Forest::Double(layout, _) => layout.features(),
        }
    }

    /// How many numbers a row gets: for each margin one an input, and the expected margin behind them.
    #[must_use]
    pub fn width(&self) -> usize {
        self.expected.len() * (self.features() + 1)
    }

    /// Contributions of many rows, `features()` numbers each; a row gets `width()` numbers.
    #[must_use]
    pub fn contributions(&self, rows: &[f64], count: usize) -> Vec<f64> {
        let mut out = vec![0.0; count * self.width()];
        let features = self.features();
        out.par_chunks_exact_mut(self.width()).enumerate().for_each(|(row, out)| {
            let row = &rows[row * features..][..features];
            for (group, expected) in self.expected.iter().enumerate() {
                out[group * (features + 1) + features] = *expected;
            }
            match &self.forest {
                Forest::Single(layout) => self.explain(layout, row, out, f32::of),
                Forest::Double(layout, false) => self.explain(layout, row, out, f64::of),
                Forest::Double(layout, true) => self.explain(layout, row, out, |x| f64::from(x as f32)),
            }
        });
        out
    }

    fn explain<T: Number>(&self, forest: &Layout<T>, row: &[f64], out: &mut [f64], of: impl Fn(f64) -> T) {
        let row: Vec<T> = row.iter().map(|&x| of(x)).collect();
        let mut walk = Walk { forest, covers: &self.covers, row: &row, out, group: 0 };
        for &(root, group) in &forest.trees {
            walk.group = group;
            walk.visit(root as usize, &Path::default(), None, 1.0, 1.0);
        }
    }
}

/// Covers by place, and the expected margins.
fn told<T: Number>(forest: &Layout<T>, specs: &[TreeSpec]) -> Result<(Vec<f64>, Vec<f64>), TreeError> {
    let mut covers = Vec::with_capacity(forest.nodes.len());
    let mut expected: Vec<f64> = forest.base.iter().map(|&base| base.into()).collect();
    for (tree, (&(root, own), spec)) in forest.trees.iter().zip(specs).enumerate() {
        let first = root as usize;
        for &origin in &forest.origins[first..first + forest.size(tree)] {
            covers.push(*spec.cover.get(origin as usize).ok_or(TreeError::Cover { tree })?);
        }
        let mut waiting = vec![(first, 1.0, 0)];
        while let Some((at, share, depth)) = waiting.pop() {
            let node = forest.nodes[at];
            if node.is_leaf() {
                let add = |(group, sum): (usize, &mut f64)| *sum += share * forest.leaf_value(at, own, group);
                expected.iter_mut().enumerate().for_each(add);
                continue;
            }
            if depth > DEEPEST {
                return Err(TreeError::Deep { tree, deepest: DEEPEST });
            }
            let (left, right) = (at + 1, node.right as usize);
            if !(covers[at] > 0.0 && covers[left] >= 0.0 && covers[right] >= 0.0) {
                return Err(TreeError::Cover { tree });
            }
            for child in [left, right] {
                waiting.push((child, share * covers[child] / covers[at], depth + 1));
            }
        }
    }
    Ok((covers, expected))
}

/// One row on its way through one tree.
struct Walk<'w, T> {
    forest: &'w Layout<T>,
    covers: &'w [f64],
    row: &'w [T],
    out: &'w mut [f64],
    group: u32,
}

impl<T: Number> Walk<'_, T> {
    /// Go down from a node that was reached by a test of `feature`; `zero` is the share of training data that came the
    /// same way, `one` whether the row did.
    fn visit(&mut self, at: usize, above: &Path, feature: Option<usize>, zero: f64, one: f64) {
        if zero == 0.0 && one == 0.0 {
            // Nothing comes here, with the input known or not.
            return;
        }
        let mut path = above.clone();
        path.extend(feature, zero, one);
        let node = self.forest.nodes[at];
        if node.is_leaf() {
            self.leaf(at, &path);
            return;
        }
        let (left, right) = (at + 1, node.right as usize);
        let feature = node.feature();
        // A feature that was tested above is taken out, and its shares are multiplied in.
        let (zero, one) = path.take(feature).unwrap_or((1.0, 1.0));
        let goes_left = self.forest.goes_left(at, self.row);
        for (child, came) in [(left, goes_left), (right, !goes_left)] {
            let share = zero * self.covers[child] / self.covers[at];
            self.visit(child, &path, Some(feature), share, if came { one } else { 0.0 });
        }
    }

    fn leaf(&mut self, at: usize, path: &Path) {
        let features = self.row.len();
        for (feature, weight) in path.weights() {
            for (group, out) in self.out.chunks_exact_mut(features + 1).enumerate() {
                out[feature] += weight * self.forest.leaf_value(at, self.group, group);
            }
        }
    }
}
