//! Contributions of inputs to the margins of trees.
use std::sync::Arc;

use arrow_array::Float64Array;
use bighead_kernels_core::plan::explain;
use bighead_kernels_core::tree::Explainer as Core;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3_arrow::PyArray;
use pyo3_arrow::input::AnyRecordBatch;

use crate::plan::refuse;

/// Trees that can say what each input contributed.
#[pyclass(frozen, module = "bighead_kernels")]
pub struct TreeExplainer {
    core: Core,
}

#[pymethods]
impl TreeExplainer {
    /// Read a plan's step of trees with covers from its JSON; `ValueError` where it cannot mean anything.
    #[staticmethod]
    fn from_spec(py: Python<'_>, spec_json: &str) -> PyResult<Self> {
        let core = py.detach(|| explain::explainer(spec_json));
        core.map(|core| Self { core }).map_err(|error| PyValueError::new_err(error.to_string()))
    }

    /// Contributions, row by row; the GIL is released.
    fn contributions(&self, py: Python<'_>, table: AnyRecordBatch) -> PyResult<PyArray> {
        let (batches, _) = table.into_table()?.into_inner();
        let made = py.detach(|| explain::contributions(&self.core, &batches));
        let made = made.map_err(|error| refuse(py, &error))?;
        Ok(PyArray::from_array_ref(Arc::new(Float64Array::from(made))))
    }
}
