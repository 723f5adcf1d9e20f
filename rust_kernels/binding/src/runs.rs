//! The runs' door: values of an index are read where they lie, new ones go out as bytes.

use arrow_array::cast::AsArray;
use arrow_array::types::UInt8Type;
use arrow_array::{ArrayRef, new_empty_array};
use arrow_select::concat::concat;
use bighead_kernels_core::runs::{self, Digest, IdRun, RangeRun, RunError, TailRun};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use pyo3_arrow::{PyArray, PyTable};

/// The numbers of those digests that are in a run.
#[pyfunction]
#[pyo3(signature = (runs, digests, /))]
#[expect(clippy::needless_pass_by_value, reason = "what Python hands over")]
pub fn find_ids(runs: Vec<PyArray>, digests: &[u8]) -> PyResult<Vec<usize>> {
    let bytes = slices(&runs)?;
    let opened =
        bytes.iter().map(|bytes| IdRun::open(bytes)).collect::<Result<Vec<_>, _>>().map_err(refused)?;
    Ok(runs::find_ids(&opened, split(digests)?))
}

/// A run of ids.
#[pyfunction]
#[pyo3(signature = (digests, arrivals, /))]
#[expect(clippy::needless_pass_by_value, reason = "what Python hands over")]
pub fn build_ids<'py>(py: Python<'py>, digests: &[u8], arrivals: Vec<i64>) -> PyResult<Bound<'py, PyBytes>> {
    let ids = split(digests)?;
    alike(ids.len(), arrivals.len())?;
    Ok(PyBytes::new(py, &runs::build_ids(ids, &arrivals)))
}

/// One run of several.
#[pyfunction]
#[pyo3(signature = (runs, /))]
#[expect(clippy::needless_pass_by_value, reason = "what Python hands over")]
pub fn merge_ids(py: Python<'_>, runs: Vec<PyArray>) -> PyResult<Bound<'_, PyBytes>> {
    let bytes = slices(&runs)?;
    let opened =
        bytes.iter().map(|bytes| IdRun::open(bytes)).collect::<Result<Vec<_>, _>>().map_err(refused)?;
    let merged = py.detach(|| runs::merge_ids(&opened));
    Ok(PyBytes::new(py, &merged))
}

/// A run without the ids that arrived before an instant, and how many they are.
#[pyfunction]
#[pyo3(signature = (run, before, /))]
#[expect(clippy::needless_pass_by_value, reason = "what Python hands over")]
pub fn forget_ids(py: Python<'_>, run: PyArray, before: i64) -> PyResult<(Bound<'_, PyBytes>, usize)> {
    let bytes = slice(&run)?;
    let (kept, gone) = runs::forget_ids(&IdRun::open(bytes).map_err(refused)?, before);
    Ok((PyBytes::new(py, &kept), gone))
}

/// A run of ranges.
#[pyfunction]
#[pyo3(signature = (digests, rows, /))]
#[expect(clippy::needless_pass_by_value, reason = "what Python hands over")]
pub fn build_ranges<'py>(py: Python<'py>, digests: &[u8], rows: Vec<u64>) -> PyResult<Bound<'py, PyBytes>> {
    let keys = split(digests)?;
    alike(keys.len(), rows.len())?;
    Ok(PyBytes::new(py, &runs::build_ranges(keys, &rows)))
}

/// The range of each key that is in a run.
#[pyfunction]
#[pyo3(signature = (run, keys, /))]
#[expect(clippy::needless_pass_by_value, reason = "what Python hands over")]
pub fn find_ranges<'py>(
    py: Python<'py>,
    run: PyArray,
    keys: Vec<Bound<'py, PyBytes>>,
) -> PyResult<Vec<Option<Bound<'py, PyBytes>>>> {
    let bytes = slice(&run)?;
    let run = RangeRun::open(bytes).map_err(refused)?;
    let found = run.find(&joined(&keys)?);
    Ok(found.into_iter().map(|range| range.map(|range| PyBytes::new(py, range))).collect())
}

/// A run of rows.
#[pyfunction]
#[pyo3(signature = (digests, times, rows, /))]
#[expect(clippy::needless_pass_by_value, reason = "what Python hands over")]
pub fn build_tail<'py>(
    py: Python<'py>,
    digests: &[u8],
    times: Vec<i64>,
    rows: Vec<Bound<'py, PyBytes>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let keys = split(digests)?;
    alike(keys.len(), times.len())?;
    alike(keys.len(), rows.len())?;
    let rows: Vec<&[u8]> = rows.iter().map(PyBytesMethods::as_bytes).collect();
    Ok(PyBytes::new(py, &runs::build_tail(keys, &times, &rows)))
}

/// One run of several.
#[pyfunction]
#[pyo3(signature = (runs, /))]
#[expect(clippy::needless_pass_by_value, reason = "what Python hands over")]
pub fn merge_tails(py: Python<'_>, runs: Vec<PyArray>) -> PyResult<Bound<'_, PyBytes>> {
    let bytes = slices(&runs)?;
    let opened =
        bytes.iter().map(|bytes| TailRun::open(bytes)).collect::<Result<Vec<_>, _>>().map_err(refused)?;
    let merged = py.detach(|| runs::merge_tails(&opened));
    Ok(PyBytes::new(py, &merged))
}

/// The rows of keys within times, and the number of each one's key.
#[pyfunction]
#[pyo3(signature = (runs, keys, first, last, /))]
#[expect(clippy::needless_pass_by_value, reason = "what Python hands over")]
pub fn find_rows<'py>(
    py: Python<'py>,
    runs: Vec<PyArray>,
    keys: Vec<Bound<'py, PyBytes>>,
    first: Option<i64>,
    last: i64,
) -> PyResult<(Vec<Bound<'py, PyBytes>>, Vec<usize>)> {
    let bytes = slices(&runs)?;
    let opened =
        bytes.iter().map(|bytes| TailRun::open(bytes)).collect::<Result<Vec<_>, _>>().map_err(refused)?;
    let places = runs::find_rows(&opened, &joined(&keys)?, first.unwrap_or(i64::MIN), last);
    let rows = runs::read_rows(&opened, &places).into_iter().map(|row| PyBytes::new(py, row));
    Ok((rows.collect(), places.iter().map(|place| place.key).collect()))
}

/// The numbers and bytes of the rows of a run before an instant.
#[pyfunction]
#[pyo3(signature = (run, before, /))]
#[expect(clippy::needless_pass_by_value, reason = "what Python hands over")]
pub fn rows_before(
    py: Python<'_>,
    run: PyArray,
    before: i64,
) -> PyResult<(Vec<usize>, Vec<Bound<'_, PyBytes>>)> {
    let bytes = slice(&run)?;
    let run = TailRun::open(bytes).map_err(refused)?;
    let before = (0..run.rows).filter(|row| run.time(*row) < before);
    Ok(before.map(|row| (row, PyBytes::new(py, run.row(row)))).unzip())
}

/// A run without rows of some numbers.
#[pyfunction]
#[pyo3(signature = (run, gone, /))]
#[expect(clippy::needless_pass_by_value, reason = "what Python hands over")]
pub fn drop_rows(
    py: Python<'_>,
    run: PyArray,
    gone: std::collections::HashSet<usize>,
) -> PyResult<Bound<'_, PyBytes>> {
    let bytes = slice(&run)?;
    let run = TailRun::open(bytes).map_err(refused)?;
    Ok(PyBytes::new(py, &runs::keep_rows(&run, |row| !gone.contains(&row))))
}

/// The rows of a table, packed.
#[pyfunction]
#[pyo3(signature = (table, /))]
pub fn pack_rows(py: Python<'_>, table: PyTable) -> PyResult<Vec<Bound<'_, PyBytes>>> {
    let (columns, rows) = columns(table)?;
    let packed = runs::pack_rows(&columns, rows);
    let (packed, ends) = packed.map_err(|refused| PyTypeError::new_err(refused.to_string()))?;
    let mut start = 0;
    let mut row = |end: usize| {
        let bytes = PyBytes::new(py, &packed[start..end]);
        start = end;
        bytes
    };
    Ok(ends.into_iter().map(&mut row).collect())
}

/// The digest of each row of a table, one after another.
#[pyfunction]
#[pyo3(signature = (table, /))]
pub fn digest_rows(py: Python<'_>, table: PyTable) -> PyResult<Bound<'_, PyBytes>> {
    let (columns, rows) = columns(table)?;
    let made = runs::row_digests(&columns, rows);
    let made = made.map_err(|refused| PyTypeError::new_err(refused.to_string()))?;
    Ok(PyBytes::new(py, made.as_flattened()))
}

fn columns(table: PyTable) -> PyResult<(Vec<ArrayRef>, usize)> {
    let (batches, schema) = table.into_inner();
    let rows = batches.iter().map(arrow_array::RecordBatch::num_rows).sum();
    let column = |place: usize| match batches.as_slice() {
        [] => Ok(new_empty_array(schema.field(place).data_type())),
        [batch] => Ok(batch.column(place).clone()),
        _ => {
            let chunks: Vec<_> = batches.iter().map(|batch| batch.column(place).as_ref()).collect();
            concat(&chunks).map_err(|error| PyValueError::new_err(error.to_string()))
        }
    };
    Ok(((0..schema.fields().len()).map(column).collect::<PyResult<_>>()?, rows))
}

fn slices(runs: &[PyArray]) -> PyResult<Vec<&[u8]>> {
    runs.iter().map(slice).collect()
}

fn slice(run: &PyArray) -> PyResult<&[u8]> {
    let bytes = run.array().as_primitive_opt::<UInt8Type>();
    bytes.map(|bytes| bytes.values().as_ref()).ok_or_else(|| PyTypeError::new_err("a run is made of bytes"))
}

fn split(digests: &[u8]) -> PyResult<&[Digest]> {
    match digests.as_chunks() {
        (digests, []) => Ok(digests),
        _ => Err(PyValueError::new_err("digests have 16 bytes each")),
    }
}

/// The digests of keys, which have one each.
fn joined(keys: &[Bound<'_, PyBytes>]) -> PyResult<Vec<Digest>> {
    let one = |key: &Bound<'_, PyBytes>| match split(key.as_bytes())? {
        [key] => Ok(*key),
        _ => Err(PyValueError::new_err("a key has one digest")),
    };
    keys.iter().map(one).collect()
}

fn alike(digests: usize, others: usize) -> PyResult<()> {
    if digests == others {
        return Ok(());
    }
    Err(PyValueError::new_err(format!("there are {digests} digests and {others} values for them")))
}

#[expect(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
fn refused(error: RunError) -> PyErr {
    PyValueError::new_err(error.to_string())
}
