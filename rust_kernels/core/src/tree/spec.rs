//! A tree as it is stored, and what can be wrong with it.
use serde::Deserialize;
use thiserror::Error;

/// One tree as parallel arrays over its nodes, the root being node 0. A leaf has a negative left child.
#[derive(Debug, Clone, PartialEq, Deserialize)]
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
    /// What the input is compared with, ignored for leaves.
    pub threshold: Vec<f32>,
    /// Whether a missing input goes left, ignored for leaves.
    pub default_left: Vec<bool>,
    /// What a leaf adds, ignored for inner nodes.
    pub leaf: Vec<f32>,
}

impl TreeSpec {
    /// How many nodes there are; `None` where the arrays disagree or are empty.
    pub(super) fn nodes(&self) -> Option<usize> {
        let count = self.left.len();
        let others = [
            self.right.len(),
            self.feature.len(),
            self.threshold.len(),
            self.default_left.len(),
            self.leaf.len(),
        ];
        (count > 0 && others == [count; 5]).then_some(count)
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
}
