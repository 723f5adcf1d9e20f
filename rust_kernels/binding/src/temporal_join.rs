//! The temporal join's door: Arrow tables in, an Arrow table and a report out, the GIL released between.

use bighead_kernels_core::aggregate::{Operation, Parameters};
use bighead_kernels_core::join::{
    Aggregation, JoinError, Joined, Request, Table, TableColumn, temporal_join as join,
};
use bighead_kernels_core::window::Window;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3_arrow::PyTable;

/// One aggregation as Python writes it, a dict.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Spec {
    name: String,
    column: String,
    operation: String,
    window: (String, i64, i64),
    #[pyo3(default)]
    k: u32,
    #[pyo3(default)]
    quantiles: Vec<f64>,
    #[pyo3(default)]
    half_life: i64,
    #[pyo3(default)]
    start_column: Option<String>,
    #[pyo3(default)]
    end_column: Option<String>,
}

/// Joins; `bighead_kernels.temporal_join` documents it.
#[pyfunction]
#[pyo3(signature = (events, rows, *, keys, event_time, available_at, timestamp, tie_break, aggregations, inclusive=false, available_to=None))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of the Python function")]
pub fn temporal_join(
    py: Python<'_>,
    events: PyTable,
    rows: PyTable,
    keys: Vec<String>,
    event_time: String,
    available_at: Option<String>,
    timestamp: String,
    tie_break: Vec<String>,
    aggregations: Vec<Spec>,
    inclusive: bool,
    available_to: Option<String>,
) -> PyResult<(Bound<'_, PyAny>, Bound<'_, PyDict>)> {
    let mut bounds = Vec::new();
    let aggregations = aggregations.into_iter().map(|spec| aggregation(spec, &mut bounds));
    let aggregations = aggregations.collect::<Result<_, _>>().map_err(refused)?;
    let request = Request {
        keys,
        event_time,
        available_at,
        available_to,
        timestamp,
        tie_break,
        aggregations,
        bounds,
        inclusive,
    };
    let (events, rows) = (table("events", events), table("rows", rows));
    let joined = py.detach(|| join(&events, &rows, &request)).map_err(refused)?;
    let report = PyDict::new(py);
    report.set_item("non_finite", joined.non_finite.clone())?;
    report.set_item("overflow", joined.overflow.clone())?;
    report.set_item("matched_rows", joined.matched_rows)?;
    Ok((to_table(py, joined)?, report))
}

pub(crate) fn aggregation(spec: Spec, bounds: &mut Vec<String>) -> Result<Aggregation, JoinError> {
    let window = window(&spec, bounds)?;
    let Spec { name, column, operation, k, quantiles, half_life, .. } = spec;
    let parameters = Parameters { k, quantiles, half_life };
    Ok(Aggregation { name, column, operation: Operation::parse(&operation)?, parameters, window })
}

fn window(spec: &Spec, bounds: &mut Vec<String>) -> Result<Window, JoinError> {
    let (ref kind, length, hop) = spec.window;
    let mut place = |name: &Option<String>| {
        let name = name.as_ref()?;
        Some(bounds.iter().position(|seen| seen == name).unwrap_or_else(|| {
            bounds.push(name.clone());
            bounds.len() - 1
        }))
    };
    Ok(match kind.as_str() {
        "unbounded" => Window::Unbounded,
        "bounds" => Window::Bounds { start: place(&spec.start_column), end: place(&spec.end_column) },
        "sliding" if length > 0 => Window::Sliding { length },
        "sawtooth" if length > 0 && hop > 0 => Window::Sawtooth { length, hop },
        "tumbling" if length > 0 => Window::Tumbling { length, offset: hop },
        "snapshot" if length > 0 && hop >= 0 => Window::Snapshot { length, landing: hop },
        "sliding" | "sawtooth" | "tumbling" | "snapshot" => {
            return Err(JoinError::WindowLength { name: spec.name.clone(), length, hop });
        }
        _ => return Err(JoinError::UnknownWindow(kind.clone())),
    })
}

fn table(label: &'static str, table: PyTable) -> Table {
    let (batches, schema) = table.into_inner();
    let rows = batches.iter().map(arrow_array::RecordBatch::num_rows).sum();
    let columns = schema.fields().iter().enumerate().map(|(place, field)| TableColumn {
        name: field.name().clone(),
        data_type: field.data_type().clone(),
        chunks: batches.iter().map(|batch| batch.column(place).clone()).collect(),
    });
    Table { label, columns: columns.collect(), rows }
}

fn to_table(py: Python<'_>, joined: Joined) -> PyResult<Bound<'_, PyAny>> {
    let fields: Vec<_> = joined
        .columns
        .iter()
        .map(|(name, array)| arrow_schema::Field::new(name, array.data_type().clone(), true))
        .collect();
    let schema = std::sync::Arc::new(arrow_schema::Schema::new(fields));
    let arrays = joined.columns.into_iter().map(|(_, array)| array).collect();
    let batch = arrow_array::RecordBatch::try_new(schema.clone(), arrays)
        .map_err(|error| PyValueError::new_err(error.to_string()))?;
    Ok(Bound::new(py, PyTable::try_new(vec![batch], schema)?)?.into_any())
}

#[expect(clippy::needless_pass_by_value, reason = "map_err hands the error over")]
pub(crate) fn refused(error: JoinError) -> PyErr {
    PyValueError::new_err(error.to_string())
}
