//! The texts' door: columns of texts go in and vectors go out through the Arrow `PyCapsule` interface.
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, LargeStringArray, UInt64Array};
use bighead_kernels_core::text::columns::{self, TextError};
use bighead_kernels_core::text::comparison::Comparison;
use bighead_kernels_core::text::function::TextFunction as Function;
use bighead_kernels_core::text::hashing::Hashing;
use bighead_kernels_core::text::terms::Analysis;
use bighead_kernels_core::text::vectors::{Vectors, VectorsSpec};
use bighead_kernels_core::text::weights::Texts;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3_arrow::input::AnyArray;
use pyo3_arrow::{PyArray, PyRecordBatch};

fn refuse(error: impl Into<String>) -> PyErr {
    PyValueError::new_err(error.into())
}

/// Run `work` over the chunks of an array with the GIL released.
fn over<T: Send>(
    py: Python<'_>,
    array: AnyArray,
    work: impl FnOnce(&[ArrayRef]) -> Result<T, TextError> + Send,
) -> PyResult<T> {
    let (chunks, _) = array.into_chunked_array()?.into_inner();
    py.detach(|| work(&chunks)).map_err(|error| refuse(error.to_string()))
}

/// Hashed vectors of texts.
#[pyclass(frozen, module = "bighead_kernels")]
pub struct TextHashing(Hashing);

#[pymethods]
impl TextHashing {
    /// Read it from its JSON.
    #[staticmethod]
    fn from_spec(spec_json: &str) -> PyResult<Self> {
        Hashing::from_json(spec_json).map(Self).map_err(refuse)
    }

    /// The vectors of a column of texts.
    fn vectors(&self, py: Python<'_>, array: AnyArray) -> PyResult<PyArray> {
        over(py, array, |chunks| columns::hashed(chunks, &self.0)).map(PyArray::from_array_ref)
    }
}

/// Vectors of texts by a vocabulary.
#[pyclass(frozen, module = "bighead_kernels")]
pub struct TextVectors(Vectors);

fn spec(spec_json: &str) -> PyResult<VectorsSpec> {
    VectorsSpec::from_json(spec_json).map_err(refuse)
}

#[pymethods]
impl TextVectors {
    /// Learn a vocabulary of a column of texts; its vectors come with it.
    #[staticmethod]
    fn learn(py: Python<'_>, spec_json: &str, array: AnyArray) -> PyResult<(Self, PyArray)> {
        let spec = spec(spec_json)?;
        let (learnt, made) = over(py, array, |chunks| columns::learnt(chunks, spec))?;
        Ok((Self(learnt), PyArray::from_array_ref(made)))
    }

    /// Take up a vocabulary that was learnt.
    #[staticmethod]
    fn restore(
        py: Python<'_>,
        spec_json: &str,
        terms: AnyArray,
        documents: Vec<u64>,
        weights: Vec<f64>,
        texts: (u64, f64),
    ) -> PyResult<Self> {
        let spec = spec(spec_json)?;
        let texts = Texts { count: texts.0, mean_length: texts.1 };
        over(py, terms, |chunks| {
            let terms = columns::texts(chunks)?.into_iter().flatten();
            Ok(Vectors::restore(spec, terms, documents, weights, texts)?)
        })
        .map(Self)
    }

    /// Its terms, in order.
    fn terms(&self) -> PyArray {
        PyArray::from_array_ref(Arc::new(LargeStringArray::from_iter_values(self.0.terms())))
    }

    /// In how many texts each term was.
    fn documents(&self) -> PyArray {
        PyArray::from_array_ref(Arc::new(UInt64Array::from(self.0.documents().to_vec())))
    }

    /// What each term counts.
    fn weights(&self) -> PyArray {
        PyArray::from_array_ref(Arc::new(Float64Array::from(self.0.weights().terms.clone())))
    }

    /// How many texts there were, and the mean number of their terms.
    fn texts(&self) -> (u64, f64) {
        let texts = self.0.weights().texts;
        (texts.count, texts.mean_length)
    }

    /// The vectors of a column of texts.
    fn vectors(&self, py: Python<'_>, array: AnyArray) -> PyResult<PyArray> {
        over(py, array, |chunks| columns::vectors(chunks, &self.0)).map(PyArray::from_array_ref)
    }
}

/// A function of a text that answers a text.
#[pyclass(frozen, module = "bighead_kernels")]
pub struct TextFunction(Function);

#[pymethods]
impl TextFunction {
    /// Read it from its JSON.
    #[staticmethod]
    fn from_spec(spec_json: &str) -> PyResult<Self> {
        Function::from_json(spec_json).map(Self).map_err(refuse)
    }

    /// Apply it to a column of texts.
    fn apply(&self, py: Python<'_>, array: AnyArray) -> PyResult<PyArray> {
        over(py, array, |chunks| columns::applied(chunks, &self.0)).map(PyArray::from_array_ref)
    }
}

/// A number of two texts.
#[pyclass(frozen, module = "bighead_kernels")]
pub struct TextComparison(Comparison);

#[pymethods]
impl TextComparison {
    /// Read it from its JSON.
    #[staticmethod]
    fn from_spec(spec_json: &str) -> PyResult<Self> {
        Comparison::from_json(spec_json).map(Self).map_err(refuse)
    }

    /// Compare two columns of texts, row by row.
    fn compare(&self, py: Python<'_>, one: AnyArray, other: AnyArray) -> PyResult<PyArray> {
        let (other, _) = other.into_chunked_array()?.into_inner();
        over(py, one, |one| columns::compared(one, &other, &self.0)).map(PyArray::from_array_ref)
    }
}

/// The terms of texts.
#[pyclass(frozen, module = "bighead_kernels")]
pub struct TextTerms(Analysis);

#[pymethods]
impl TextTerms {
    /// Read it from its JSON.
    #[staticmethod]
    fn from_spec(spec_json: &str) -> PyResult<Self> {
        Analysis::from_json(spec_json).map(Self).map_err(refuse)
    }

    /// The terms of a column of texts as lists.
    fn lists(&self, py: Python<'_>, array: AnyArray) -> PyResult<PyArray> {
        over(py, array, |chunks| columns::lists(chunks, &self.0)).map(PyArray::from_array_ref)
    }
}

/// Numbers about a column of texts.
#[pyfunction]
pub fn text_statistics(py: Python<'_>, array: AnyArray) -> PyResult<PyRecordBatch> {
    over(py, array, columns::statistics).map(PyRecordBatch::new)
}
