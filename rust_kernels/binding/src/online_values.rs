//! Answers as Python values, and streamed rows as Arrow.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Float32Array, Float64Array, Int32Array, Int64Array,
    StringViewArray, TimestampMicrosecondArray,
};
use arrow_schema::{DataType, TimeUnit};
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

/// One answer.
pub(crate) fn value(py: Python<'_>, array: &dyn Array, row: usize) -> PyResult<Py<PyAny>> {
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

/// One column of streamed rows, which lists of plain values hold at `place`.
pub(crate) fn stream(rows: &Bound<'_, PyList>, place: usize, kind: &DataType) -> PyResult<ArrayRef> {
    Ok(match kind {
        DataType::Int32 => Arc::new(Int32Array::from(read(rows, place)?)),
        DataType::Int64 => Arc::new(Int64Array::from(read(rows, place)?)),
        DataType::Float32 => Arc::new(Float32Array::from(read(rows, place)?)),
        DataType::Float64 => Arc::new(Float64Array::from(read(rows, place)?)),
        DataType::Boolean => Arc::new(BooleanArray::from(read(rows, place)?)),
        DataType::Date32 => Arc::new(Date32Array::from(read(rows, place)?)),
        DataType::Utf8View => Arc::new(read::<String>(rows, place)?.into_iter().collect::<StringViewArray>()),
        DataType::Timestamp(TimeUnit::Microsecond, zone) => {
            let times = TimestampMicrosecondArray::from(read::<i64>(rows, place)?);
            Arc::new(times.with_timezone_opt(zone.clone()))
        }
        other => return Err(PyValueError::new_err(format!("streamed rows have no {other}"))),
    })
}

fn read<T>(rows: &Bound<'_, PyList>, place: usize) -> PyResult<Vec<Option<T>>>
where
    T: for<'a, 'py> FromPyObject<'a, 'py>,
{
    let cell = |row: Bound<'_, PyAny>| {
        let cell = row.cast_into::<PyList>()?.get_item(place)?;
        if cell.is_none() { Ok(None) } else { cell.extract::<T>().map(Some).map_err(Into::into) }
    };
    rows.iter().map(cell).collect()
}
