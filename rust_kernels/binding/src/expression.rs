//! Expressions over single rows given as dictionaries.
use bighead_kernels_core::expression::{Expression as Core, Value};
use pyo3::exceptions::{PyKeyError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};

use crate::expression_values::Kind;

type Row<'py> = Bound<'py, PyDict>;

/// An expression that is ready for rows.
#[pyclass(frozen, module = "bighead_kernels")]
pub struct Expression {
    core: Core,
    /// Names of the inputs as Python strings, whose hashes are known.
    inputs: Vec<(Py<PyString>, Kind)>,
    gives: Kind,
}

#[pymethods]
impl Expression {
    /// Read an expression from its typed form; `ValueError` where it cannot mean anything for single rows.
    #[new]
    fn new(py: Python<'_>, spec_json: &str) -> PyResult<Self> {
        let core = Core::from_json(spec_json).map_err(|error| PyValueError::new_err(error.to_string()))?;
        let inputs = core.inputs().iter();
        let inputs = inputs.map(|(name, kind)| Ok((PyString::intern(py, name).unbind(), Kind::new(kind)?)));
        let inputs = inputs.collect::<PyResult<_>>()?;
        let gives = Kind::new(core.kind())?;
        Ok(Self { core, inputs, gives })
    }

    /// The inputs as (name, kind).
    #[getter]
    fn inputs(&self) -> Vec<(String, String)> {
        self.core.inputs().to_vec()
    }

    /// The kind of the values.
    #[getter]
    fn kind(&self) -> &str {
        self.core.kind()
    }

    /// The value in one row.
    fn value<'py>(&self, py: Python<'py>, row: &Row<'py>) -> PyResult<Bound<'py, PyAny>> {
        let given = self.inputs.iter().map(|(name, _)| {
            let name = name.bind(py);
            row.get_item(name)?
                .ok_or_else(|| PyKeyError::new_err(format!("the row lacks the column {name:?}")))
        });
        let given = given.collect::<PyResult<Vec<_>>>()?;
        let read = |(value, (name, kind)): (_, &(Py<PyString>, Kind))| {
            kind.read(value).map_err(|_| unlike(py, name, kind, value))
        };
        let values = given.iter().zip(&self.inputs).map(read).collect::<PyResult<Vec<Value<'_>>>>()?;
        self.gives.write(py, &self.core.value(&values))
    }

    /// The values in rows.
    fn values<'py>(&self, py: Python<'py>, rows: &Bound<'py, PyList>) -> PyResult<Bound<'py, PyList>> {
        let values = rows.iter().map(|row| self.value(py, row.cast::<PyDict>()?));
        PyList::new(py, values.collect::<PyResult<Vec<_>>>()?)
    }

    fn __repr__(&self) -> String {
        format!("<Expression: {} inputs, {}>", self.inputs.len(), self.core.kind())
    }
}

fn unlike(py: Python<'_>, name: &Py<PyString>, kind: &Kind, seen: &Bound<'_, PyAny>) -> PyErr {
    let seen = seen.get_type().name().map_or_else(|_| "object".to_owned(), |name| name.to_string());
    PyTypeError::new_err(format!("the column {:?} is a {seen}, expected {kind}", name.bind(py)))
}
