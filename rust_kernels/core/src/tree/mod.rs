//! Forests of regression trees, evaluated exactly as `XGBoost` does.
//!
//! Features are single floats; a row goes left where `x < threshold`, and a missing one (NaN) goes the node's default
//! way. Leaves are added in single precision and in the order of the trees, so that a margin is bit for bit
//! `XGBoost`'s.
mod spec;

pub use spec::{TreeError, TreeSpec};

/// Marks in a node's feature that a missing value goes left.
const DEFAULT_LEFT: u32 = 1 << 31;

/// A node in preorder: its left child follows it, its right child is named. A leaf has right child 0.
#[derive(Debug, Clone, Copy)]
struct Node {
    /// Threshold of an inner node, value of a leaf.
    value: f32,
    feature: u32,
    right: u32,
}

/// Trees laid out for evaluation.
#[derive(Debug, Clone)]
pub struct Forest {
    nodes: Vec<Node>,
    /// Root and group of each tree, in order.
    trees: Vec<(u32, u32)>,
    base: Vec<f32>,
    features: usize,
}

impl Forest {
    /// Check the trees and lay them out. `base` is the margin that each group starts from.
    pub fn new(specs: &[TreeSpec], base: Vec<f32>, features: usize) -> Result<Self, TreeError> {
        let mut forest = Self { nodes: Vec::new(), trees: Vec::with_capacity(specs.len()), base, features };
        for (tree, spec) in specs.iter().enumerate() {
            if spec.group >= forest.base.len() {
                let groups = forest.base.len();
                return Err(TreeError::Group { tree, group: spec.group, groups });
            }
            forest.trees.push((forest.nodes.len() as u32, spec.group as u32));
            forest.lay_out(spec, tree)?;
        }
        Ok(forest)
    }

    fn lay_out(&mut self, spec: &TreeSpec, tree: usize) -> Result<(), TreeError> {
        let count = spec.nodes().ok_or(TreeError::Ragged { tree })?;
        let mut seen = vec![false; count];
        // Nodes still to be placed, and the parent whose right child each is.
        let mut waiting: Vec<(i64, Option<usize>)> = vec![(0, None)];
        while let Some((node, parent)) = waiting.pop() {
            let at = usize::try_from(node).ok().filter(|&at| at < count);
            let at = at.ok_or(TreeError::Node { tree, node, what: "no such node" })?;
            if std::mem::replace(&mut seen[at], true) {
                return Err(TreeError::Node { tree, node, what: "it is reached twice" });
            }
            let placed = self.nodes.len();
            if let Some(parent) = parent {
                self.nodes[parent].right = placed as u32;
            }
            if spec.left[at] < 0 {
                self.nodes.push(Node { value: spec.leaf[at], feature: 0, right: 0 });
                continue;
            }
            let node =
                self.inner(spec, at).ok_or(TreeError::Node { tree, node, what: "it tests no input" })?;
            self.nodes.push(node);
            waiting.push((spec.right[at], Some(placed)));
            waiting.push((spec.left[at], None));
        }
        Ok(())
    }

    fn inner(&self, spec: &TreeSpec, at: usize) -> Option<Node> {
        let feature = usize::try_from(spec.feature[at]).ok().filter(|&feature| feature < self.features)?;
        let way = if spec.default_left[at] { DEFAULT_LEFT } else { 0 };
        Some(Node { value: spec.threshold[at], feature: feature as u32 | way, right: 0 })
    }

    /// How many margins a row gets.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.base.len()
    }

    /// How many inputs a row has.
    #[must_use]
    pub fn features(&self) -> usize {
        self.features
    }

    /// Margins of many rows. `rows` holds `features()` numbers a row; `margins` gets `groups()` numbers a row.
    pub fn margins(&self, rows: &[f32], margins: &mut [f32]) {
        let groups = self.base.len();
        for row in margins.chunks_exact_mut(groups) {
            row.copy_from_slice(&self.base);
        }
        if self.features == 0 {
            for &(root, group) in &self.trees {
                let value = self.nodes[root as usize].value;
                margins.iter_mut().skip(group as usize).step_by(groups).for_each(|margin| *margin += value);
            }
            return;
        }
        // Trees outside, rows inside: a tree's nodes stay in the nearest cache, and each row still adds its leaves
        // in the order of the trees.
        for &(root, group) in &self.trees {
            let sums = margins.iter_mut().skip(group as usize).step_by(groups);
            for (row, margin) in rows.chunks_exact(self.features).zip(sums) {
                *margin += self.leaf(root as usize, row);
            }
        }
    }

    #[inline]
    fn leaf(&self, root: usize, row: &[f32]) -> f32 {
        let mut at = root;
        loop {
            let node = self.nodes[at];
            if node.right == 0 {
                return node.value;
            }
            let x = row[(node.feature & !DEFAULT_LEFT) as usize];
            let missing_left = node.feature & DEFAULT_LEFT != 0;
            let left = x < node.value || (x.is_nan() && missing_left);
            at = if left { at + 1 } else { node.right as usize };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stump(default_left: bool) -> TreeSpec {
        TreeSpec {
            group: 0,
            left: vec![1, -1, -1],
            right: vec![2, -1, -1],
            feature: vec![0, 0, 0],
            threshold: vec![1.5, 0.0, 0.0],
            default_left: vec![default_left, false, false],
            leaf: vec![0.0, -1.0, 2.0],
        }
    }

    fn margin(forest: &Forest, row: &[f32]) -> f32 {
        let mut margins = [0.0];
        forest.margins(row, &mut margins);
        margins[0]
    }

    #[test]
    fn a_threshold_itself_goes_right_and_missing_goes_its_default_way() {
        for (default_left, missing) in [(true, -0.5), (false, 2.5)] {
            let forest = Forest::new(&[stump(default_left)], vec![0.5], 1).unwrap();
            let seen = [1.0, 1.5, f32::NAN, f32::INFINITY, f32::NEG_INFINITY]
                .map(|x| margin(&forest, &[x]).to_bits());
            assert_eq!(seen, [-0.5, 2.5, missing, 2.5, -0.5].map(f32::to_bits));
        }
    }

    #[test]
    fn a_cycle_is_refused() {
        let tree = TreeSpec { right: vec![0, -1, -1], ..stump(true) };
        let seen = Forest::new(&[tree], vec![0.0], 1).unwrap_err();
        assert_eq!(seen.to_string(), "tree 0, node 0: it is reached twice");
    }

    #[test]
    fn unknown_nodes_features_groups_and_ragged_arrays_are_refused() {
        let missing = TreeSpec { right: vec![9, -1, -1], ..stump(true) };
        assert!(matches!(Forest::new(&[missing], vec![0.0], 1), Err(TreeError::Node { node: 9, .. })));
        let blind = TreeSpec { feature: vec![3, 0, 0], ..stump(true) };
        assert!(matches!(Forest::new(&[blind], vec![0.0], 1), Err(TreeError::Node { node: 0, .. })));
        let far = TreeSpec { group: 2, ..stump(true) };
        assert!(matches!(Forest::new(&[far], vec![0.0], 1), Err(TreeError::Group { group: 2, .. })));
        let ragged = TreeSpec { leaf: vec![], ..stump(true) };
        assert_eq!(Forest::new(&[ragged], vec![0.0], 1).unwrap_err(), TreeError::Ragged { tree: 0 });
    }
}
