//! A tree as it is stored, and what can be wrong with it.
use serde::Deserialize;
use thiserror::Error;

/// One tree as parallel arrays over its nodes, the root being node 0. A leaf has a negative left child.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TreeSpec {
    /// Which margin the tree adds to (the class, for several classes).
    #[serde(default)]
    pub group: usize,
    /// Left child of each node, negative for leaves.
    pub left: Vec<i64>,
    /// Right child of each node, ignored for leaves.
    pub right: Vec<i64>,
    /// Which input each node tests, ignored for leaves.
    pub feature: Vec<i64>,
    /// What the input is compared with, ignored for leaves and for nodes that test categories.
    pub threshold: Vec<f64>,
    /// Whether a missing input goes left, ignored for leaves.
    pub default_left: Vec<bool>,
    /// What a leaf adds, ignored for inner nodes: a number a node, or a number for each margin a node, node by node.
    pub leaf: Vec<f64>,
    /// Nodes that test whether the input is one of some categories.
    #[serde(default)]
    pub categories: Vec<CategoriesSpec>,
    /// Whether a node takes zero for missing; empty where none does.
    #[serde(default)]
    pub zero_is_missing: Vec<bool>,
    /// How much training data reached each node; empty where nobody asks for contributions.
    #[serde(default)]
    pub cover: Vec<f64>,
}

/// A node that tests categories: codes that are listed go one way, all others the other, missing the default one.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoriesSpec {
    /// Which node.
    pub node: usize,
    /// The codes.
    pub codes: Vec<u32>,
    /// Whether they go left.
    pub left: bool,
}

impl TreeSpec {
    /// How many nodes there are; `None` where the arrays disagree or are empty.
    pub(super) fn nodes(&self, groups: usize) -> Option<usize> {
        let count = self.left.len();
        let others = [self.right.len(), self.feature.len(), self.threshold.len(), self.default_left.len()];
        let optional = [self.zero_is_missing.len(), self.cover.len()];
        let leaves = [count, count * groups].contains(&self.leaf.len());
        let fits = others == [count; 4] && optional.iter().all(|&length| length == 0 || length == count);
        (count > 0 && fits && leaves).then_some(count)
    }

    /// Whether a leaf adds to every margin.
    pub(super) fn is_wide(&self) -> bool {
        self.leaf.len() > self.left.len()
    }
}

/// Why a tree cannot be evaluated.
#[derive(Debug, Error, PartialEq)]
pub enum TreeError {
    /// The arrays of a tree have different lengths, or none at all.
    #[error("tree {tree}: its arrays need one entry per node and at least one node")]
    Ragged {
        /// Which tree.
        tree: usize,
    },
    /// A child or feature that does not exist, or a node that is reached twice.
    #[error("tree {tree}, node {node}: {what}")]
    Node {
        /// Which tree.
        tree: usize,
        /// Which node of it.
        node: i64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A group without a base score.
    #[error("tree {tree} adds to group {group}, but there are {groups} base scores")]
    Group {
        /// Which tree.
        tree: usize,
        /// The group it names.
        group: usize,
        /// How many there are.
        groups: usize,
    },
    /// Contributions are asked of a tree that goes on for too long.
    #[error("tree {tree}: it is deeper than {deepest}")]
    Deep {
        /// Which tree.
        tree: usize,
        /// How deep a tree may be.
        deepest: usize,
    },
    /// Contributions are asked of a tree that does not say how much data reached its nodes.
    #[error("tree {tree}: its nodes need a cover, above 0 at every inner node")]
    Cover {
        /// Which tree.
        tree: usize,
    },
}
