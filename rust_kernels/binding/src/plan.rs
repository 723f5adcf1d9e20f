//! The serving plan: tables through Arrow, single rows as dictionaries.
use bighead_kernels_core::plan::Plan as Core;
use bighead_kernels_core::plan::error::PlanError;
use pyo3::create_exception;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};
use pyo3_arrow::PyRecordBatch;
use pyo3_arrow::input::AnyRecordBatch;

use crate::row::{self, Given};

create_exception!(
    bighead_kernels,
    InputError,
    PyValueError,
    "A value or column that a plan cannot use; `row` (from 0) and `column` say where, None where that is not known."
);

/// Turn a plan's error into Python's, with the place it names.
pub(crate) fn refuse(py: Python<'_>, error: &PlanError) -> PyErr {
    let (row, column) = error.place();
    let raised = InputError::new_err(error.to_string());
    let value = raised.value(py);
    match value.setattr("row", row).and_then(|()| value.setattr("column", column)) {
        Ok(()) => raised,
        Err(other) => other,
    }
}

/// A pipeline lowered to native steps.
#[pyclass(frozen, module = "bighead_kernels")]
pub struct Plan {
    pub(crate) core: Core,
    /// Names of the inputs as Python strings, whose hashes are known.
    pub(crate) names: Vec<Py<PyString>>,
}

#[pymethods]
impl Plan {
    /// Read a plan from its JSON; `ValueError` where it cannot mean anything.
    #[staticmethod]
    fn from_spec(py: Python<'_>, spec_json: &str) -> PyResult<Self> {
        let core = py.detach(|| Core::from_json(spec_json));
        let core = core.map_err(|error| PyValueError::new_err(error.to_string()))?;
        let names = core.inputs().map(|input| PyString::intern(py, &input.name).unbind()).collect();
        Ok(Self { core, names })
    }

    /// The inputs as (name, dtype, nullable).
    #[getter]
    fn inputs(&self) -> Vec<(&str, &'static str, bool)> {
        self.core.inputs().map(|input| (input.name.as_str(), input.dtype.word(), input.nullable)).collect()
    }

    /// Names of the outputs.
    #[getter]
    fn outputs(&self) -> Vec<&str> {
        self.core.outputs().collect()
    }

    /// Answer a table of any Arrow producer; the GIL is released.
    fn predict(&self, py: Python<'_>, table: AnyRecordBatch) -> PyResult<PyRecordBatch> {
        let (batches, schema) = table.into_table()?.into_inner();
        let answer = py.detach(|| self.core.predict(&schema, &batches));
        answer.map(PyRecordBatch::new).map_err(|error| refuse(py, &error))
    }

    /// Answer rows given as dictionaries: one list of answers a row.
    fn predict_rows(&self, py: Python<'_>, rows: &Bound<'_, PyList>) -> PyResult<Vec<Vec<Given>>> {
        row::predict(self, py, rows)
    }

    /// Answer one row.
    fn predict_row(&self, py: Python<'_>, row: &Bound<'_, PyDict>) -> PyResult<Vec<Given>> {
        row::predict_one(self, py, row)
    }

    fn __repr__(&self) -> String {
        let (inputs, outputs) = (self.core.inputs().len(), self.core.outputs().len());
        format!("<Plan: {inputs} inputs, {outputs} outputs>")
    }
}
