//! The digests' door.

use bighead_kernels_core::online::{Digester, KeyValue};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyInt, PySequence, PyString};

/// The digest of each key.
#[pyfunction]
#[pyo3(signature = (keys, /))]
pub fn digests<'py>(py: Python<'py>, keys: Vec<Bound<'py, PyAny>>) -> PyResult<Vec<Bound<'py, PyBytes>>> {
    let mut digester = Digester::default();
    let mut digest = |key: Bound<'py, PyAny>| {
        let key = key.cast_into::<PySequence>()?;
        digester.start(key.len()?);
        for value in key.try_iter()? {
            add(&mut digester, &value?)?;
        }
        Ok(PyBytes::new(py, &digester.digest()))
    };
    keys.into_iter().map(&mut digest).collect()
}

fn add(digester: &mut Digester, value: &Bound<'_, PyAny>) -> PyResult<()> {
    if let Ok(text) = value.cast::<PyString>() {
        digester.add(KeyValue::Text(text.to_cow()?.as_ref()));
    } else if let Ok(truth) = value.cast::<PyBool>() {
        digester.add(KeyValue::Boolean(truth.is_true()));
    } else if value.is_none() {
        digester.add(KeyValue::Null);
    } else if value.is_instance_of::<PyInt>() {
        let integer = value.extract::<i64>().map(KeyValue::Integer);
        digester.add(integer.or_else(|_| value.extract::<u64>().map(KeyValue::Large))?);
    } else {
        return Err(PyTypeError::new_err(format!("a key holds a {}", value.get_type().name()?)));
    }
    Ok(())
}
