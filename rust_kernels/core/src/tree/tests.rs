//! Trees small enough to know their answers, and trees that cannot be.
use super::*;

fn stump(default_left: bool) -> TreeSpec {
    TreeSpec {
        left: vec![1, -1, -1],
        right: vec![2, -1, -1],
        feature: vec![0, 0, 0],
        threshold: vec![1.5, 0.0, 0.0],
        default_left: vec![default_left, false, false],
        leaf: vec![0.0, -1.0, 2.0],
        ..TreeSpec::default()
    }
}

fn margins<T: Number>(tree: TreeSpec, base: f64, rows: &[T]) -> Vec<f64> {
    let layout = Layout::new(&[tree], &[base], 1).unwrap();
    let mut seen = vec![T::of(0.0); rows.len()];
    layout.margins(rows, &mut seen);
    seen.into_iter().map(Into::into).collect()
}

#[test]
fn a_threshold_itself_goes_right_or_left_and_missing_goes_its_default_way() {
    for (default_left, missing) in [(true, -0.5), (false, 2.5)] {
        let seen = margins(stump(default_left), 0.5, &[1.0, 1.5, f32::NAN, f32::INFINITY, f32::NEG_INFINITY]);
        assert_eq!(seen, [-0.5, 2.5, missing, 2.5, -0.5]);
        let seen = margins(stump(default_left), 0.5, &[1.0, 1.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY]);
        assert_eq!(seen, [-0.5, -0.5, missing, 2.5, -0.5]);
    }
}

#[test]
fn listed_categories_go_one_way_and_all_others_the_other() {
    let rows = [0.0, 64.0, 65.0, 500.0, -3.0, f32::NAN];
    for (left, expected) in
        [(true, [2.0, -1.0, -1.0, 2.0, 2.0, -1.0]), (false, [-1.0, 2.0, 2.0, -1.0, -1.0, -1.0])]
    {
        let categories = vec![CategoriesSpec { node: 0, codes: vec![64, 65], left }];
        assert_eq!(margins(TreeSpec { categories, ..stump(true) }, 0.0, &rows), expected);
    }
    let none = vec![CategoriesSpec { node: 0, codes: vec![], left: true }];
    assert_eq!(margins(TreeSpec { categories: none, ..stump(true) }, 0.0, &rows[..1]), [2.0]);
}

#[test]
fn zero_is_missing_where_the_node_says_so() {
    let tree = TreeSpec { zero_is_missing: vec![true, false, false], ..stump(false) };
    assert_eq!(margins(tree, 0.0, &[0.0, -1e-36, 1e-30, f64::NAN]), [2.0, 2.0, -1.0, 2.0]);
}

#[test]
fn wide_leaves_add_to_every_margin() {
    let tree = TreeSpec { leaf: vec![0.0, 0.0, 1.0, 2.0, 3.0, 4.0], ..stump(true) };
    let layout = Layout::<f64>::new(&[tree.clone(), tree], &[10.0, 20.0], 1).unwrap();
    let mut seen = [0.0; 4];
    layout.margins(&[0.0, 9.0], &mut seen);
    assert_eq!(seen.map(f64::to_bits), [12.0, 24.0, 16.0, 28.0].map(f64::to_bits));
}

#[test]
fn a_tree_of_one_leaf_needs_no_inputs() {
    let leaf = TreeSpec {
        left: vec![-1],
        right: vec![-1],
        feature: vec![0],
        threshold: vec![0.0],
        default_left: vec![false],
        leaf: vec![0.25],
        ..TreeSpec::default()
    };
    let layout = Layout::<f32>::new(&[leaf.clone(), leaf], &[1.0], 0).unwrap();
    let mut seen = [0.0; 3];
    layout.margins(&[], &mut seen);
    assert_eq!(seen.map(f32::to_bits), [1.5; 3].map(f32::to_bits));
}

fn refused(tree: TreeSpec) -> TreeError {
    Forest::new(&[tree], &[0.0], 1, Arithmetic::Single).unwrap_err()
}

#[test]
fn a_cycle_is_refused() {
    let seen = refused(TreeSpec { right: vec![0, -1, -1], ..stump(true) });
    assert_eq!(seen.to_string(), "tree 0, node 0: it is reached twice");
}

#[test]
fn unknown_nodes_features_groups_and_ragged_arrays_are_refused() {
    let missing = TreeSpec { right: vec![9, -1, -1], ..stump(true) };
    assert!(matches!(refused(missing), TreeError::Node { node: 9, .. }));
    let blind = TreeSpec { feature: vec![3, 0, 0], ..stump(true) };
    assert!(matches!(refused(blind), TreeError::Node { node: 0, .. }));
    let far = TreeSpec { group: 2, ..stump(true) };
    assert!(matches!(refused(far), TreeError::Group { group: 2, .. }));
    for ragged in [
        TreeSpec { leaf: vec![], ..stump(true) },
        TreeSpec { cover: vec![1.0], ..stump(true) },
        TreeSpec { zero_is_missing: vec![true], ..stump(true) },
    ] {
        assert_eq!(refused(ragged), TreeError::Ragged { tree: 0 });
    }
}

#[test]
fn categories_of_no_node_or_beyond_bounds_are_refused() {
    for (node, codes) in [(7, vec![]), (0, vec![u32::MAX])] {
        let categories = vec![CategoriesSpec { node, codes, left: true }];
        assert!(matches!(refused(TreeSpec { categories, ..stump(true) }), TreeError::Node { .. }));
    }
}
