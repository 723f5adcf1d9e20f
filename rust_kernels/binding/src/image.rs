//! The images' door: columns of bytes go in, and bytes, tensors or texts go out through the Arrow `PyCapsule` interface.
use bighead_kernels_core::image::columns::answered;
use bighead_kernels_core::image::program::Program;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3_arrow::PyArray;
use pyo3_arrow::input::AnyArray;

/// What is done to images, and what is answered.
#[pyclass(frozen, module = "bighead_kernels")]
pub struct ImageProgram(Program);

#[pymethods]
impl ImageProgram {
    /// Read it from its JSON.
    #[staticmethod]
    fn from_spec(spec_json: &str) -> PyResult<Self> {
        Program::from_json(spec_json).map(Self).map_err(PyValueError::new_err)
    }

    /// Run it over a column of encoded images; rows that were refused are null, and named with the reason.
    fn run(&self, py: Python<'_>, array: AnyArray) -> PyResult<(PyArray, Vec<(usize, String)>)> {
        let (chunks, _) = array.into_chunked_array()?.into_inner();
        let made = py.detach(|| answered(&chunks, &self.0));
        let made = made.map_err(|error| PyValueError::new_err(error.to_string()))?;
        let refused = made.refused.into_iter().map(|(row, reason)| (row, reason.to_string())).collect();
        Ok((PyArray::from_array_ref(made.column), refused))
    }
}
