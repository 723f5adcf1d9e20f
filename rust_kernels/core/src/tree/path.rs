//! The way to a node of `TreeSHAP`: the features tested on it, and the weights of the subsets of them that are known.

/// One feature of the way.
#[derive(Debug, Clone, Copy)]
struct Step {
    /// None at the root.
    feature: Option<usize>,
    /// The share of ways that come here when the feature is unknown, and when it is known.
    zero: f64,
    one: f64,
    /// The weight of all subsets of as many features as there are steps before this one.
    weight: f64,
}

/// The features on the way to a node, each once.
#[derive(Debug, Clone, Default)]
pub(super) struct Path {
    steps: Vec<Step>,
}

impl Path {
    /// Add a feature: every subset is counted without and with it.
    pub(super) fn extend(&mut self, feature: Option<usize>, zero: f64, one: f64) {
        let length = self.steps.len();
        let size = (length + 1) as f64;
        self.steps.push(Step { feature, zero, one, weight: if length == 0 { 1.0 } else { 0.0 } });
        for i in (0..length).rev() {
            let weight = self.steps[i].weight;
            self.steps[i + 1].weight += one * weight * (i + 1) as f64 / size;
            self.steps[i].weight = zero * weight * (length - i) as f64 / size;
        }
    }

    /// Undo the extension by a feature, and return its shares; nothing where it is not on the way.
    pub(super) fn take(&mut self, feature: usize) -> Option<(f64, f64)> {
        let at = self.steps.iter().position(|step| step.feature == Some(feature))?;
        let taken = self.steps[at];
        let weights: Vec<f64> = self.without(at).collect();
        self.steps.remove(at);
        for (step, weight) in self.steps.iter_mut().rev().zip(weights) {
            step.weight = weight;
        }
        Some((taken.zero, taken.one))
    }

    /// What each feature's being known adds at a leaf, for a leaf of 1.
    pub(super) fn weights(&self) -> impl Iterator<Item = (usize, f64)> {
        self.steps.iter().enumerate().filter_map(|(at, step)| {
            let sum: f64 = self.without(at).sum();
            step.feature.map(|feature| (feature, sum * (step.one - step.zero)))
        })
    }

    /// The weights of the way without one of its features, from the largest subsets down.
    fn without(&self, at: usize) -> impl Iterator<Item = f64> {
        let last = self.steps.len() - 1;
        let (size, Step { zero, one, .. }) = (self.steps.len() as f64, self.steps[at]);
        let mut next = self.steps[last].weight;
        (0..last).rev().map(move |i| {
            let weight = self.steps[i].weight;
            let others = (last - i) as f64;
            if one == 0.0 {
                return weight * size / (zero * others);
            }
            let found = next * size / ((i + 1) as f64 * one);
            next = weight - found * zero * others / size;
            found
        })
    }
}
