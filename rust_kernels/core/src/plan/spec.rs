//! The plan as it is stored: JSON that a pipeline is lowered to when its artifact is saved.
use serde::Deserialize;

use crate::expression::spec::Spec;
use crate::text::comparison::ComparisonSpec;
use crate::text::function::FunctionSpec;
use crate::transform::categories::Category;
use crate::transform::combine::{Combination, Norm};
use crate::transform::map::Function;
use crate::tree::{Arithmetic, TreeSpec};

/// The format that this build reads.
pub const FORMAT: u32 = 1;

/// A whole plan.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanSpec {
    /// Version of this layout.
    pub format: u32,
    /// Columns that a caller gives.
    pub inputs: Vec<InputSpec>,
    /// What is calculated, in order; each step reads names that exist before it.
    pub steps: Vec<StepSpec>,
    /// Names of the columns that are answered.
    pub outputs: Vec<String>,
}

/// One column that a caller gives.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputSpec {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub dtype: Dtype,
    /// Whether it may be missing.
    #[serde(default = "yes")]
    pub nullable: bool,
}

/// What an input column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dtype {
    /// Floating-point numbers; integers are taken too.
    Float64,
    /// Integers.
    Int64,
    /// Truth values.
    Bool,
    /// Texts.
    String,
}

impl Dtype {
    /// The word for it in specs and messages.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Float64 => "float64",
            Self::Int64 => "int64",
            Self::Bool => "bool",
            Self::String => "string",
        }
    }
}

/// In which precision a probability is calculated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 64 bits.
    #[default]
    Float64,
    /// 32 bits, operation by operation as `XGBoost` does.
    Float32,
}

/// A value that stands in for a missing one.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum FillValue {
    /// For integers.
    Integer(i64),
    /// For numbers.
    Number(f64),
    /// For texts.
    Text(String),
}

/// One calculation.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are the contract's own words")]
pub enum StepSpec {
    /// Missing becomes a value.
    Fill { input: String, output: String, value: FillValue },
    /// `(x - center) / scale`.
    Affine { input: String, output: String, center: f64, scale: f64 },
    /// One 0/1 column per category; other values give zeros.
    OneHot {
        input: String,
        outputs: Vec<String>,
        categories: Vec<Category>,
        #[serde(default)]
        unknown: Unknown,
    },
    /// Place among the categories.
    Index { input: String, output: String, categories: Vec<Category>, unknown: Option<f64> },
    /// XXH3 of the text, modulo `buckets`; missing stays missing.
    Hash {
        input: String,
        output: String,
        buckets: u64,
        #[serde(default)]
        seed: u64,
    },
    /// Integers and truth values become numbers.
    Cast { input: String, output: String },
    /// A function of one number.
    Map { input: String, output: String, function: Function },
    /// One number of several.
    Combine { inputs: Vec<String>, output: String, combination: Combination },
    /// Numbers of a row divided by a norm of theirs.
    Normalize { inputs: Vec<String>, outputs: Vec<String>, norm: Norm },
    /// The number that stands for a category.
    Lookup {
        input: String,
        output: String,
        categories: Vec<Category>,
        values: Vec<f64>,
        unknown: Option<f64>,
    },
    /// A typed expression over columns; whole numbers and times stay whole, texts stay texts.
    Expression { output: String, expression: Spec },
    /// A text made of a text.
    Text { input: String, output: String, function: FunctionSpec },
    /// A number of two texts.
    Compare { one: String, other: String, output: String, comparison: ComparisonSpec },
    /// `bias + Σ weight · x`; in single precision as `XGBoost` does it, where a missing x adds nothing.
    Linear {
        inputs: Vec<String>,
        output: String,
        weights: Vec<f64>,
        bias: f64,
        #[serde(default)]
        precision: Precision,
    },
    /// A forest's margins, one output per base score.
    Trees {
        inputs: Vec<String>,
        outputs: Vec<String>,
        base_score: Vec<f64>,
        trees: Vec<TreeSpec>,
        #[serde(default)]
        missing: Missing,
        #[serde(default)]
        arithmetic: Arithmetic,
        #[serde(default)]
        refused: Refused,
    },
    /// e to the margin, beyond the largest number too.
    Exp {
        input: String,
        output: String,
        #[serde(default)]
        precision: Precision,
    },
    /// Margin to probability.
    Sigmoid {
        input: String,
        output: String,
        #[serde(default)]
        precision: Precision,
    },
    /// Margins to probabilities that sum to 1.
    Softmax {
        inputs: Vec<String>,
        outputs: Vec<String>,
        #[serde(default)]
        precision: Precision,
    },
}

/// What a value that is no category becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unknown {
    /// Zero in every column.
    #[default]
    Zero,
}

/// Which value a forest takes as missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Missing {
    /// NaN.
    #[default]
    Nan,
}

/// Which rows get no answer of a forest: those that its framework refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refused {
    /// None.
    #[default]
    Nothing,
    /// Those with an infinite input.
    Infinite,
    /// Those with an infinite or missing input.
    InfiniteOrMissing,
}

fn yes() -> bool {
    true
}
