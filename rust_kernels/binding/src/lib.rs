//! The Python door of the kernels.
mod digests;
mod explainer;
mod expression;
mod expression_values;
mod image;
mod online;
mod online_values;
mod plan;
mod row;
mod runs;
mod temporal_join;
mod text;
mod transform;

use pyo3::prelude::*;

/// Bighead's native kernels.
#[pymodule]
mod _native {
    #[allow(clippy::wildcard_imports, reason = "a module of pyo3 sees what its file imports")]
    use super::*;

    #[pymodule_export]
    use crate::digests::digests;
    #[pymodule_export]
    use crate::explainer::TreeExplainer;
    #[pymodule_export]
    use crate::expression::Expression;
    #[pymodule_export]
    use crate::image::ImageProgram;
    #[pymodule_export]
    use crate::online::OnlinePlan;
    #[pymodule_export]
    use crate::plan::{InputError, Plan};
    #[pymodule_export]
    use crate::runs::{
        build_ids, build_ranges, build_tail, digest_rows, drop_rows, find_ids, find_ranges, find_rows,
        forget_ids, merge_ids, merge_tails, pack_rows, rows_before,
    };
    #[pymodule_export]
    use crate::temporal_join::temporal_join;
    #[pymodule_export]
    use crate::text::{TextComparison, TextFunction, TextHashing, TextTerms, TextVectors, text_statistics};
    #[pymodule_export]
    use crate::transform::{affine, fill, hash_buckets, index, log_single, logit_single, mean_std, one_hot};

    #[pymodule_init]
    fn init(m: &Bound<'_, PyModule>) -> PyResult<()> {
        let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
        m.add("PROFILE", profile)
    }
}
