//! Rows of Python dictionaries, read into the same blocks that tables go through.
use std::borrow::Cow;

use bighead_kernels_core::plan::block::{Block, ROWS};
use bighead_kernels_core::plan::error::PlanError;
use bighead_kernels_core::plan::spec::InputSpec;
use bighead_kernels_core::plan::{Answer, Cells};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString};

use crate::plan::{Plan, refuse};

/// More rows than this are calculated with the GIL released; below, taking it again costs more than it gives.
const FEW: usize = 8;

type Row<'py> = Bound<'py, PyDict>;

/// An answer on its way to Python: a float, an int or None, a str or None.
pub struct Given(Answer);

impl<'py> IntoPyObject<'py> for Given {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        match self.0 {
            Answer::Number(x) => Ok(PyFloat::new(py, x).into_any()),
            Answer::Integer(x) => Ok(x.into_pyobject(py)?),
            Answer::Text(x) => Ok(x.into_pyobject(py)?),
        }
    }
}

/// Answer rows, a block at a time.
pub(crate) fn predict(plan: &Plan, py: Python<'_>, rows: &Bound<'_, PyList>) -> PyResult<Vec<Vec<Given>>> {
    let rows = rows
        .iter()
        .enumerate()
        .map(|(at, row)| row.cast_into::<PyDict>().map_err(|wrong| no_mapping(at, &wrong.into_inner())))
        .collect::<PyResult<Vec<_>>>()?;
    let mut answers = Vec::with_capacity(rows.len());
    for (part, chunk) in rows.chunks(ROWS).enumerate() {
        predict_block(plan, py, chunk, part * ROWS, &mut answers)?;
    }
    Ok(answers)
}

/// Answer one row.
pub(crate) fn predict_one(plan: &Plan, py: Python<'_>, row: &Row<'_>) -> PyResult<Vec<Given>> {
    let mut answers = Vec::with_capacity(1);
    predict_block(plan, py, std::slice::from_ref(row), 0, &mut answers)?;
    Ok(answers.pop().unwrap_or_default())
}

fn no_mapping(row: usize, seen: &Bound<'_, PyAny>) -> PyErr {
    let message = format!("row {row} is {}, expected a dict of columns", describe(seen));
    refuse(seen.py(), &PlanError::Shape(message))
}

fn predict_block(
    plan: &Plan,
    py: Python<'_>,
    rows: &[Row<'_>],
    first: usize,
    answers: &mut Vec<Vec<Given>>,
) -> PyResult<()> {
    let count = rows.len();
    let values = collect(plan, py, rows, first)?;
    let mut block = Block::new(plan.core.sizes(), count);
    for (at, input) in plan.core.inputs().enumerate() {
        let column = &values[at * count..][..count];
        let cells = plan.core.cells(&mut block, at, count);
        read(column, cells, input, first).map_err(|error| refuse(py, &error))?;
    }
    let ran = if count > FEW {
        py.detach(|| plan.core.run(&mut block, count, first))
    } else {
        plan.core.run(&mut block, count, first)
    };
    ran.map_err(|error| refuse(py, &error))?;
    let outputs = plan.core.outputs().len();
    for row in 0..count {
        answers.push((0..outputs).map(|output| Given(plan.core.answer(&block, output, row))).collect());
    }
    Ok(())
}

/// The values of all inputs, column by column; they are kept so that texts can be borrowed from them.
fn collect<'py>(
    plan: &Plan,
    py: Python<'py>,
    rows: &[Row<'py>],
    first: usize,
) -> PyResult<Vec<Option<Bound<'py, PyAny>>>> {
    let mut values = Vec::with_capacity(plan.names.len() * rows.len());
    let mut found = vec![0; rows.len()];
    for name in &plan.names {
        for (row, found) in rows.iter().zip(&mut found) {
            let value = row.get_item(name.bind(py))?;
            *found += usize::from(value.is_some());
            values.push(value.filter(|value| !value.is_none()));
        }
    }
    for (at, (row, found)) in rows.iter().zip(found).enumerate() {
        if row.len() != found {
            return Err(superfluous(plan, py, row, first + at));
        }
    }
    Ok(values)
}

fn superfluous(plan: &Plan, py: Python<'_>, row: &Row<'_>, at: usize) -> PyErr {
    let known = |key: &Bound<'_, PyAny>| plan.names.iter().any(|name| key.eq(name.bind(py)).unwrap_or(false));
    let extra = row.keys().iter().find(|key| !known(key));
    let extra = extra.map_or_else(String::new, |key| key.to_string());
    refuse(py, &plan.core.unknown(at, &extra))
}

fn read<'a>(
    column: &'a [Option<Bound<'_, PyAny>>],
    cells: Cells<'_, 'a>,
    input: &InputSpec,
    first: usize,
) -> Result<(), PlanError> {
    let wrong = |row: usize, seen: &Bound<'_, PyAny>| PlanError::Value {
        row: first + row,
        column: input.name.clone(),
        what: format!("is {}, expected {}", describe(seen), input.dtype.word()),
    };
    match cells {
        Cells::Numbers(out) => {
            let as_number = if input.dtype.word() == "bool" { truth } else { number };
            each(column, out, |seen| seen.map_or(Some(f64::NAN), as_number), wrong)
        }
        Cells::Integers(out) => {
            each(column, out, |seen| seen.map_or(Some(None), |x| integer(x).map(Some)), wrong)
        }
        Cells::Texts(out) => each(column, out, |seen| seen.map_or(Some(None), |x| text(x).map(Some)), wrong),
    }
}

fn each<'a, 'py, T>(
    column: &'a [Option<Bound<'py, PyAny>>],
    out: &mut [T],
    convert: impl Fn(Option<&'a Bound<'py, PyAny>>) -> Option<T>,
    wrong: impl Fn(usize, &Bound<'py, PyAny>) -> PlanError,
) -> Result<(), PlanError> {
    for (row, (slot, seen)) in out.iter_mut().zip(column).enumerate() {
        match (convert(seen.as_ref()), seen) {
            (Some(value), _) => *slot = value,
            (None, Some(seen)) => return Err(wrong(row, seen)),
            (None, None) => {}
        }
    }
    Ok(())
}

fn number(seen: &Bound<'_, PyAny>) -> Option<f64> {
    if let Ok(float) = seen.cast::<PyFloat>() {
        return Some(float.value());
    }
    // Truth values are Python integers, but no numbers here; texts never convert.
    if seen.is_instance_of::<PyBool>() {
        return None;
    }
    seen.extract::<f64>().ok()
}

fn truth(seen: &Bound<'_, PyAny>) -> Option<f64> {
    seen.cast::<PyBool>().ok().map(|value| f64::from(u8::from(value.is_true())))
}

fn integer(seen: &Bound<'_, PyAny>) -> Option<i64> {
    if seen.is_instance_of::<PyBool>() || seen.is_instance_of::<PyFloat>() {
        return None;
    }
    seen.extract::<i64>().ok()
}

fn text<'a>(seen: &'a Bound<'_, PyAny>) -> Option<Cow<'a, str>> {
    seen.cast::<PyString>().ok()?.to_str().ok().map(Cow::Borrowed)
}

/// A value in words, cut short: a message must not carry a whole request.
fn describe(seen: &Bound<'_, PyAny>) -> String {
    const LONGEST: usize = 60;
    let kind = if seen.is_instance_of::<PyString>() {
        "the string ".to_owned()
    } else if seen.is_instance_of::<PyBool>() {
        "the bool ".to_owned()
    } else if seen.is_instance_of::<PyInt>() {
        "the integer ".to_owned()
    } else if seen.is_instance_of::<PyFloat>() {
        "the number ".to_owned()
    } else {
        let name = seen.get_type().name().map_or_else(|_| "object".to_owned(), |name| name.to_string());
        return format!("a {name}");
    };
    let shown = seen.repr().map_or_else(|_| "?".to_owned(), |shown| shown.to_string());
    let mut cut: String = shown.chars().take(LONGEST).collect();
    if cut.len() < shown.len() {
        cut.push('…');
    }
    kind + &cut
}
