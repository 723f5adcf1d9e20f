//! Trees laid out for evaluation: checked once, then walked without a check.
use super::node::{Codes, MOST_FEATURES, Node};
use super::number::Number;
use super::spec::{TreeError, TreeSpec};

/// The group of a tree whose leaves add to every margin.
const EVERY: u32 = u32::MAX;

/// Trees of numbers of one precision.
#[derive(Debug, Clone)]
pub struct Layout<T> {
    pub(super) nodes: Vec<Node<T>>,
    /// Root and group of each tree, in order.
    pub(super) trees: Vec<(u32, u32)>,
    pub(super) base: Vec<T>,
    features: usize,
    codes: Vec<Codes>,
    /// Values of leaves that add to every margin.
    wide: Vec<T>,
    plain: bool,
    /// The node of its tree's spec that each node is.
    pub(super) origins: Vec<u32>,
}

impl<T: Number> Layout<T> {
    /// Check the trees and lay them out. `base` is the margin that each group starts from.
    pub fn new(specs: &[TreeSpec], base: &[f64], features: usize) -> Result<Self, TreeError> {
        let zero = |spec: &TreeSpec| spec.zero_is_missing.contains(&true);
        let mut layout = Self {
            nodes: Vec::new(),
            trees: Vec::with_capacity(specs.len()),
            base: base.iter().map(|&score| T::of(score)).collect(),
            features,
            codes: Vec::new(),
            wide: Vec::new(),
            plain: !specs.iter().any(|spec| zero(spec) || !spec.categories.is_empty()),
            origins: Vec::new(),
        };
        for (tree, spec) in specs.iter().enumerate() {
            if spec.group >= base.len() {
                return Err(TreeError::Group { tree, group: spec.group, groups: base.len() });
            }
            let group = if spec.is_wide() { EVERY } else { spec.group as u32 };
            layout.trees.push((layout.nodes.len() as u32, group));
            layout.lay_out(spec, tree)?;
        }
        Ok(layout)
    }

    fn lay_out(&mut self, spec: &TreeSpec, tree: usize) -> Result<(), TreeError> {
        let count = spec.nodes(self.base.len()).ok_or(TreeError::Ragged { tree })?;
        let codes = self.lay_out_codes(spec, tree, count)?;
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
            self.origins.push(at as u32);
            if let Some(parent) = parent {
                self.nodes[parent].right = placed as u32;
            }
            if spec.left[at] < 0 {
                let leaf = self.leaf(spec, at);
                self.nodes.push(leaf);
                continue;
            }
            let inner = self.inner(spec, at, codes[at]);
            self.nodes.push(inner.ok_or(TreeError::Node { tree, node, what: "it tests no input" })?);
            waiting.push((spec.right[at], Some(placed)));
            waiting.push((spec.left[at], None));
        }
        Ok(())
    }

    /// The place of each node's codes.
    fn lay_out_codes(
        &mut self,
        spec: &TreeSpec,
        tree: usize,
        count: usize,
    ) -> Result<Vec<Option<u32>>, TreeError> {
        let mut places = vec![None; count];
        for each in &spec.categories {
            let node = each.node as i64;
            let place = places.get_mut(each.node);
            let place = place.ok_or(TreeError::Node { tree, node, what: "no such node" })?;
            if place.replace(self.codes.len() as u32).is_some() {
                return Err(TreeError::Node { tree, node, what: "it lists categories twice" });
            }
            if each.codes.iter().any(|&code| code >= MOST_CODES) {
                return Err(TreeError::Node { tree, node, what: "a code is beyond 2^24" });
            }
            self.codes.push(Codes::new(&each.codes, each.left));
        }
        Ok(places)
    }

    fn leaf(&mut self, spec: &TreeSpec, at: usize) -> Node<T> {
        if !spec.is_wide() {
            return Node::leaf(T::of(spec.leaf[at]));
        }
        let (groups, first) = (self.base.len(), self.wide.len());
        self.wide.extend(spec.leaf[at * groups..][..groups].iter().map(|&value| T::of(value)));
        Node::leaf(T::from_place(first as u32))
    }

    fn inner(&self, spec: &TreeSpec, at: usize, codes: Option<u32>) -> Option<Node<T>> {
        let feature = usize::try_from(spec.feature[at])
            .ok()
            .filter(|&feature| feature < self.features.min(MOST_FEATURES))?;
        let value = codes.map_or_else(|| T::of(spec.threshold[at]), T::from_place);
        let zero = spec.zero_is_missing.get(at).copied().unwrap_or(false);
        Some(Node::inner(value, feature as u32, spec.default_left[at], codes.is_some(), zero))
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
    pub fn margins(&self, rows: &[T], margins: &mut [T]) {
        if self.plain { self.add_all::<true>(rows, margins) } else { self.add_all::<false>(rows, margins) }
    }

    fn add_all<const PLAIN: bool>(&self, rows: &[T], margins: &mut [T]) {
        let groups = self.base.len();
        for row in margins.chunks_exact_mut(groups) {
            row.copy_from_slice(&self.base);
        }
        // Trees outside, rows inside: a tree's nodes stay in the nearest cache, and each row still adds its leaves
        // in the order of the trees.
        for &(root, group) in &self.trees {
            for (row, sums) in margins.chunks_exact_mut(groups).enumerate() {
                let leaf = self.leaf_of::<PLAIN>(root as usize, &rows[row * self.features..]);
                self.add(leaf, group, sums);
            }
        }
    }

    /// Add what a leaf holds to a row's margins.
    #[inline]
    fn add(&self, leaf: Node<T>, group: u32, sums: &mut [T]) {
        if group != EVERY {
            sums[group as usize] += leaf.value;
            return;
        }
        for (sum, &value) in sums.iter_mut().zip(&self.wide[leaf.value.place()..]) {
            *sum += value;
        }
    }

    #[inline]
    fn leaf_of<const PLAIN: bool>(&self, root: usize, row: &[T]) -> Node<T> {
        let mut at = root;
        loop {
            let node = self.nodes[at];
            if node.is_leaf() {
                return node;
            }
            let left = node.goes_left::<PLAIN>(row, &self.codes);
            at = if left { at + 1 } else { node.right as usize };
        }
    }

    /// How many nodes a tree has.
    pub(super) fn size(&self, tree: usize) -> usize {
        let next = self.trees.get(tree + 1).map_or(self.nodes.len(), |&(root, _)| root as usize);
        next - self.trees[tree].0 as usize
    }

    /// Whether a row goes left at an inner node.
    pub(super) fn goes_left(&self, at: usize, row: &[T]) -> bool {
        self.nodes[at].goes_left::<false>(row, &self.codes)
    }

    /// What a leaf adds to one margin.
    pub(super) fn leaf_value(&self, at: usize, own: u32, group: usize) -> f64 {
        let value = self.nodes[at].value;
        match own {
            EVERY => self.wide[value.place() + group].into(),
            own if own as usize == group => value.into(),
            _ => 0.0,
        }
    }
}

/// Codes are kept as bits: this many take two megabytes.
const MOST_CODES: u32 = 1 << 24;
