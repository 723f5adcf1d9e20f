//! Answers as Python values.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_schema::DataType;
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

/// What reads answers of a column; how numbers are read is decided once, not for every row.
pub(crate) fn reader<'a>(
    py: Python<'a>,
    array: &'a dyn Array,
) -> Box<dyn Fn(usize) -> PyResult<Py<PyAny>> + 'a> {
    if let Some(numbers) = array.as_primitive_opt::<Float64Type>() {
        let number = move |row: usize| numbers.value(row).into_py_any(py);
        return Box::new(move |row| if numbers.is_null(row) { Ok(py.None()) } else { number(row) });
    }
    if let Some(numbers) = array.as_primitive_opt::<Int64Type>() {
        let number = move |row: usize| numbers.value(row).into_py_any(py);
        return Box::new(move |row| if numbers.is_null(row) { Ok(py.None()) } else { number(row) });
    }
    Box::new(move |row| value(py, array, row))
}

/// One answer.
fn value(py: Python<'_>, array: &dyn Array, row: usize) -> PyResult<Py<PyAny>> {
    if array.is_null(row) {
        return Ok(py.None());
    }
    match array.data_type() {
        DataType::Float64 => array.as_primitive::<Float64Type>().value(row).into_py_any(py),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).into_py_any(py),
        DataType::Boolean => array.as_boolean().value(row).into_py_any(py),
        DataType::LargeUtf8 => array.as_string::<i64>().value(row).into_py_any(py),
        DataType::LargeList(_) => {
            let items = array.as_list::<i64>().value(row);
            let items = (0..items.len()).map(|item| value(py, items.as_ref(), item));
            PyList::new(py, items.collect::<PyResult<Vec<_>>>()?)?.into_py_any(py)
        }
        DataType::Struct(fields) => {
            let entry = PyDict::new(py);
            for (field, column) in fields.iter().zip(array.as_struct().columns()) {
                entry.set_item(field.name(), value(py, column.as_ref(), row)?)?;
            }
            entry.into_py_any(py)
        }
        other => Err(PyValueError::new_err(format!("no Python value is made of {other}"))),
    }
}
