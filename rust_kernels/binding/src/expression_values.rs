//! Values of expressions from and to Python: dates, times and spans are days and microseconds inside.
use std::borrow::Cow;
use std::fmt;

use bighead_kernels_core::expression::Value;
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyFloat, PyInt, PyList, PyString};

const DAY: i64 = 86_400_000_000;
/// The ordinal of 1970-01-01 in Python.
const EPOCH: i64 = 719_163;

/// What a column or a result is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Null,
    Bool,
    Int,
    Float,
    Text,
    Date,
    Timestamp,
    Instant,
    Interval,
    List(Box<Self>),
}

/// Python's types of times, and the two epochs.
struct Times {
    epoch: Py<PyAny>,
    utc_epoch: Py<PyAny>,
    timedelta: Py<PyAny>,
    date: Py<PyAny>,
}

fn times(py: Python<'_>) -> PyResult<&Times> {
    static TIMES: PyOnceLock<Times> = PyOnceLock::new();
    TIMES.get_or_try_init(py, || {
        let module = py.import("datetime")?;
        let (datetime, utc) = (module.getattr("datetime")?, module.getattr("UTC")?);
        Ok(Times {
            epoch: datetime.call1((1970, 1, 1))?.unbind(),
            utc_epoch: datetime.call1((1970, 1, 1, 0, 0, 0, 0, utc))?.unbind(),
            timedelta: module.getattr("timedelta")?.unbind(),
            date: module.getattr("date")?.unbind(),
        })
    })
}

impl Kind {
    pub(crate) fn new(name: &str) -> PyResult<Self> {
        Ok(match name {
            "null" => Self::Null,
            "bool" => Self::Bool,
            "int" => Self::Int,
            "float" => Self::Float,
            "text" => Self::Text,
            "date" => Self::Date,
            "timestamp" => Self::Timestamp,
            "instant" => Self::Instant,
            "interval" => Self::Interval,
            other => match other.strip_prefix("list[").and_then(|inner| inner.strip_suffix(']')) {
                Some(inner) => Self::List(Box::new(Self::new(inner)?)),
                None => return Err(PyValueError::new_err(format!("single rows have no values of {other}"))),
            },
        })
    }

    /// Read a value; an error where it is of another kind. Integers beyond 64 bits are null.
    pub(crate) fn read<'a>(&self, given: &'a Bound<'_, PyAny>) -> PyResult<Value<'a>> {
        if given.is_none() {
            return Ok(Value::Null);
        }
        let py = given.py();
        Ok(match self {
            Self::Bool => Value::Bool(given.cast::<PyBool>()?.is_true()),
            Self::Int => Value::int(number(given)?.extract().ok()),
            Self::Float if given.is_instance_of::<PyFloat>() => Value::Float(given.extract()?),
            Self::Float => Value::Float(number(given)?.extract()?),
            Self::Text => Value::Text(Cow::Borrowed(given.cast::<PyString>()?.to_str()?)),
            Self::Date => Value::Int(given.call_method0("toordinal")?.extract::<i64>()? - EPOCH),
            Self::Timestamp => Value::Int(span(&given.sub(times(py)?.epoch.bind(py))?)?),
            Self::Instant => Value::Int(span(&given.sub(times(py)?.utc_epoch.bind(py))?)?),
            Self::Interval => Value::Int(span(given)?),
            Self::List(inner) => Value::List(list(inner, given.cast()?)?.into()),
            Self::Null => return Err(PyTypeError::new_err("expected None")),
        })
    }

    pub(crate) fn write<'py>(&self, py: Python<'py>, value: &Value<'_>) -> PyResult<Bound<'py, PyAny>> {
        match (self, value) {
            (_, Value::Null) => Ok(py.None().into_bound(py)),
            (Self::Date, Value::Int(days)) => {
                times(py)?.date.bind(py).call_method1("fromordinal", (days + EPOCH,))
            }
            (Self::Interval, Value::Int(micros)) => made_span(py, *micros),
            (Self::Timestamp, Value::Int(micros)) => times(py)?.epoch.bind(py).add(made_span(py, *micros)?),
            (Self::Instant, Value::Int(micros)) => times(py)?.utc_epoch.bind(py).add(made_span(py, *micros)?),
            (Self::List(inner), Value::List(items)) => {
                let items = items.iter().map(|item| inner.write(py, item));
                PyList::new(py, items.collect::<PyResult<Vec<_>>>()?)?.into_bound_py_any(py)
            }
            (_, Value::Bool(value)) => value.into_bound_py_any(py),
            (_, Value::Int(value)) => value.into_bound_py_any(py),
            (_, Value::Float(value)) => value.into_bound_py_any(py),
            (_, Value::Text(value)) => value.as_ref().into_bound_py_any(py),
            (_, Value::List(_)) => Err(PyTypeError::new_err("a list was not expected")),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format!("{self:?}").to_lowercase())
    }
}

/// Truth values are Python integers, but no numbers here.
fn number<'a, 'py>(given: &'a Bound<'py, PyAny>) -> PyResult<&'a Bound<'py, PyInt>> {
    if given.is_instance_of::<PyBool>() {
        return Err(PyTypeError::new_err("a truth is no number"));
    }
    Ok(given.cast::<PyInt>()?)
}

fn span(delta: &Bound<'_, PyAny>) -> PyResult<i64> {
    let part = |name: &str| delta.getattr(name)?.extract::<i64>();
    Ok(part("days")? * DAY + part("seconds")? * 1_000_000 + part("microseconds")?)
}

fn made_span(py: Python<'_>, micros: i64) -> PyResult<Bound<'_, PyAny>> {
    times(py)?.timedelta.bind(py).call1((0, 0, micros))
}

/// Items are owned: those of a Python list live no longer than their turn.
fn list<'a>(inner: &Kind, given: &Bound<'_, PyList>) -> PyResult<Vec<Value<'a>>> {
    let owned = |item: Bound<'_, PyAny>| {
        Ok(match inner.read(&item)? {
            Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Value::Bool(value) => Value::Bool(value),
            Value::Int(value) => Value::Int(value),
            Value::Float(value) => Value::Float(value),
            Value::Null | Value::List(_) => Value::Null,
        })
    };
    given.iter().map(owned).collect()
}
