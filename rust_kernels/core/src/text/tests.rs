//! Whatever a text holds, every function of texts answers.
use proptest::prelude::*;

use super::comparison::Comparison;
use super::function::TextFunction;
use super::hashing::Hashing;
use super::stats::statistics;
use super::terms::{Analysis, Room};
use super::vectors::{Vectors, VectorsSpec};
use super::weights::Texts;

const LANGUAGES: [&str; 14] = [
    "danish",
    "english",
    "finnish",
    "french",
    "german",
    "hungarian",
    "italian",
    "norwegian",
    "portuguese",
    "romanian",
    "russian",
    "spanish",
    "swedish",
    "turkish",
];
const FUNCTIONS: [&str; 12] = [
    r#"{"name": "lowercase"}"#,
    r#"{"name": "case_fold"}"#,
    r#"{"name": "normalise", "form": "NFC"}"#,
    r#"{"name": "normalise", "form": "NFKD"}"#,
    r#"{"name": "strip_accents", "accents": "unicode"}"#,
    r#"{"name": "strip_accents", "accents": "ascii"}"#,
    r#"{"name": "regex_replace", "pattern": "\\w+?|", "replacement": "$0$1"}"#,
    r#"{"name": "strip_html"}"#,
    r#"{"name": "trim"}"#,
    r#"{"name": "collapse_spaces"}"#,
    r#"{"name": "truncate", "length": 3}"#,
    r#"{"name": "leave_out", "words": ["a", ""]}"#,
];
const LIMITS: &str = r#"{"min_df": 1, "max_df": 1.0, "max_features": 3}"#;

fn analyses() -> Vec<String> {
    let mut found = Vec::new();
    for analyzer in ["word", "char", "char_wb"] {
        for (fewest, most) in [(1, 1), (1, 3), (2, 9)] {
            let rest = r#""lowercase": true, "strip_accents": "unicode""#;
            found.push(format!(
                r#"{{"analyzer": "{analyzer}", {rest}, "ngram_min": {fewest}, "ngram_max": {most}}}"#
            ));
        }
    }
    found
}

/// Texts of all characters, and of those that mean something to a function.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[a-c .]{0,40}", "[<>/!&#;='\"x0-9aé \\-]{0,60}", "\\PC{0,20}"]
}

proptest! {
    #[test]
    fn functions_answer_every_text(text in texts()) {
        for spec in FUNCTIONS {
            let _ = TextFunction::from_json(spec).expect(spec).apply(&text);
        }
        for language in LANGUAGES {
            let spec = format!(r#"{{"name": "stem", "language": "{language}"}}"#);
            let _ = TextFunction::from_json(&spec).expect(&spec).apply(&text);
        }
        let found = statistics(&text);
        prop_assert!(found.iter().all(|number| number.is_finite()));
    }

    #[test]
    fn comparisons_answer_every_pair(one in texts(), other in texts()) {
        let token_sets =
            format!(r#"{{"name": "token_sets", "analysis": {}, "measure": "cosine"}}"#, analyses()[1]);
        let specs = [
            r#"{"name": "edit_distance", "similarity": true}"#,
            r#"{"name": "jaro_winkler", "prefix_weight": 0.25, "boost_from": 0.0}"#,
            &token_sets,
        ];
        for spec in specs {
            let comparison = Comparison::from_json(spec).expect(spec);
            let found = comparison.compare(&one, &other);
            prop_assert!((0.0..=1.0).contains(&found), "{spec} {found}");
            prop_assert!(comparison.compare(&one, &one) > 1.0 - 1e-12);
        }
    }

    #[test]
    fn vectors_of_every_text_are_the_same_once_restored(one in texts(), other in texts()) {
        for analysis in analyses() {
            let json = format!(
                r#"{{"analysis": {analysis}, "limits": {LIMITS}, "weighting": {{"kind": "bm25", "k1": 1.2, "b": 0.75}}}}"#
            );
            let spec = || VectorsSpec::from_json(&json).expect(&json);
            let texts = [Some(one.as_str()), None, Some(other.as_str())];
            let Ok((learnt, first)) = Vectors::learn(spec(), &texts) else { continue };
            prop_assert_eq!(&learnt.vectors(&texts), &first);
            let (weights, documents) = (learnt.weights(), learnt.documents().to_vec());
            let seen = Texts { ..weights.texts };
            let restored =
                Vectors::restore(spec(), learnt.terms(), documents, weights.terms.clone(), seen);
            prop_assert_eq!(restored.map(|vectors| vectors.vectors(&texts)).ok(), Some(first));
        }
    }

    #[test]
    fn terms_of_every_text_can_be_hashed(text in texts()) {
        for analysis in analyses() {
            let spec = format!(
                r#"{{"analysis": {analysis}, "features": 7, "alternate_sign": true, "binary": false, "norm": "l1"}}"#
            );
            let _ = Hashing::from_json(&spec).expect(&spec).vectors(&[Some(&text), None]);
            let terms = Analysis::from_json(&analysis).expect(&analysis);
            terms.each_term(&text, &mut Room::default(), |term| assert!(!term.is_empty()));
        }
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let analysis =
        r#"{"analyzer": "word", "lowercase": true, "strip_accents": null, "ngram_min": 2, "ngram_max": 1}"#;
    assert!(Analysis::from_json(analysis).is_err_and(|error| error.contains("n-grams of 2 to 1")));
    assert!(TextFunction::from_json(r#"{"name": "upper"}"#).is_err());
    assert!(Comparison::from_json("{").is_err());
    let spec = VectorsSpec::from_json(&format!(
        r#"{{"analysis": {}, "limits": {LIMITS}, "weighting": {{"kind": "counts", "binary": true}}}}"#,
        analyses()[0]
    ))
    .expect("a spec");
    let texts = Texts { count: 1, mean_length: 1.0 };
    let twice = Vectors::restore(spec, ["a", "a"].into_iter(), vec![1, 1], vec![1.0, 1.0], texts);
    assert!(twice.is_err_and(|error| error.to_string().contains("1 different terms")));
}
