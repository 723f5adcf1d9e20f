//! Preprocessing over whole columns. Arrays go in and out through the Arrow `PyCapsule` interface.
use bighead_kernels_core::linear;
use bighead_kernels_core::transform::categories::Category;
use bighead_kernels_core::transform::columns::{self, ColumnError};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyString};
use pyo3_arrow::input::AnyArray;
use pyo3_arrow::{PyArray, PyRecordBatch};

fn refuse(error: &ColumnError) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// Run `work` over the chunks of an array with the GIL released.
fn over<T: Send>(
    py: Python<'_>,
    array: AnyArray,
    work: impl FnOnce(&[arrow_array::ArrayRef]) -> Result<T, ColumnError> + Send,
) -> PyResult<T> {
    let (chunks, _) = array.into_chunked_array()?.into_inner();
    py.detach(|| work(&chunks)).map_err(|error| refuse(&error))
}

/// A list of strings, integers, floats, booleans or None, as categories.
pub struct Listed(Vec<Category>);

impl<'py> FromPyObject<'_, 'py> for Listed {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        object.try_iter()?.map(|item| category(&item?)).collect::<PyResult<_>>().map(Self)
    }
}

fn category(item: &Bound<'_, PyAny>) -> PyResult<Category> {
    if item.is_none() {
        Ok(Category::Missing)
    } else if let Ok(value) = item.cast::<PyBool>() {
        Ok(Category::Bool(value.is_true()))
    } else if item.is_instance_of::<PyInt>() {
        Ok(Category::Integer(item.extract()?))
    } else if item.is_instance_of::<PyFloat>() {
        Ok(Category::Number(item.extract()?))
    } else if item.is_instance_of::<PyString>() {
        Ok(Category::Text(item.extract()?))
    } else {
        let seen = item.get_type().name()?;
        Err(PyTypeError::new_err(format!("a category is a {seen}, expected str, int, float, bool or None")))
    }
}

/// Mean, population standard deviation and count of what is neither null nor NaN.
#[pyfunction]
pub fn mean_std(py: Python<'_>, array: AnyArray) -> PyResult<(f64, f64, usize)> {
    let found = over(py, array, columns::moments)?;
    Ok(found.map_or((f64::NAN, f64::NAN, 0), |found| (found.mean, found.std, found.count)))
}

/// What stands in for a missing value.
#[derive(FromPyObject)]
pub enum Filling {
    /// In a column of numbers.
    Number(f64),
    /// In a column of texts.
    Text(String),
}

/// Replace null (and, among numbers, NaN) by a value.
#[pyfunction]
pub fn fill(py: Python<'_>, array: AnyArray, value: Filling) -> PyResult<PyArray> {
    let filled = match value {
        Filling::Number(value) => over(py, array, |chunks| columns::fill_numbers(chunks, value)),
        Filling::Text(value) => over(py, array, |chunks| columns::fill_texts(chunks, &value)),
    };
    filled.map(PyArray::from_array_ref)
}

/// `(x - center) / scale` in 64 bits; null stays null.
#[pyfunction]
pub fn affine(py: Python<'_>, array: AnyArray, center: f64, scale: f64) -> PyResult<PyArray> {
    over(py, array, |chunks| columns::affine(chunks, center, scale)).map(PyArray::from_array_ref)
}

/// One column of 0 and 1 per category.
#[pyfunction]
pub fn one_hot(py: Python<'_>, array: AnyArray, categories: Listed) -> PyResult<PyRecordBatch> {
    over(py, array, move |chunks| columns::one_hot_columns(chunks, &categories.0)).map(PyRecordBatch::new)
}

/// Place of each value among the categories.
#[pyfunction]
#[pyo3(signature = (array, categories, unknown=None))]
pub fn index(py: Python<'_>, array: AnyArray, categories: Listed, unknown: Option<i64>) -> PyResult<PyArray> {
    over(py, array, move |chunks| columns::index_codes(chunks, &categories.0, unknown))
        .map(PyArray::from_array_ref)
}

/// XXH3 of each text or integer, modulo `buckets`.
#[pyfunction]
#[pyo3(signature = (array, buckets, seed=0))]
pub fn hash_buckets(py: Python<'_>, array: AnyArray, buckets: u64, seed: u64) -> PyResult<PyArray> {
    over(py, array, |chunks| columns::hash_buckets(chunks, buckets, seed)).map(PyArray::from_array_ref)
}

/// Margin of a probability in single precision, as `XGBoost` computes it from `base_score`.
#[pyfunction]
#[must_use]
pub fn logit_single(probability: f32) -> f32 {
    linear::logit_single(probability)
}

/// Natural logarithm in single precision, as `XGBoost` computes it from `base_score`.
#[pyfunction]
#[must_use]
pub fn log_single(mean: f32) -> f32 {
    linear::log_single(mean)
}
