//! The online join's door: a plan made once for a generation, then rows by their places in, Python values out.

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, Int64Array};
use bighead_kernels_core::join::Request;
use bighead_kernels_core::online::{AT, Asked, Derived, KEY, Online, unpack};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString};
use pyo3_arrow::PyTable;

use crate::online_values::reader;
use crate::temporal_join::{Spec, aggregation, refused};

/// Fewer questions than this are answered with the GIL held; taking it again costs more than it gives.
const FEW: usize = 8;

/// An output: its name, its value, and what tells its status.
struct Output {
    name: Py<PyString>,
    place: usize,
    witness: usize,
    empty: Option<Py<PyAny>>,
}

/// Words of statuses, made once.
struct Words {
    null_key: Py<PyString>,
    stale: Py<PyString>,
    empty: Py<PyString>,
}

/// A generation with all that is asked of it; `bighead_kernels.OnlinePlan` documents it.
#[pyclass(frozen)]
pub struct OnlinePlan {
    online: Online,
    /// For each column, its place in a streamed row.
    places: Vec<usize>,
    outputs: Vec<Output>,
    words: Words,
    /// Every name with None.
    blank: Py<PyDict>,
    max_age: Option<i64>,
    keeps_stale: bool,
}

#[pymethods]
impl OnlinePlan {
    #[new]
    #[pyo3(signature = (generation, *, places, event_time, available_at, event_id, tie_break, aggregations, numbers, times, outputs, inclusive, max_age, keeps_stale))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of the Python class")]
    fn new(
        py: Python<'_>,
        generation: PyTable,
        places: Vec<usize>,
        event_time: String,
        available_at: Option<String>,
        event_id: Option<String>,
        tie_break: Vec<String>,
        aggregations: Vec<Spec>,
        numbers: Vec<(String, String)>,
        times: Vec<(String, String)>,
        outputs: Vec<(String, String, String, Option<Py<PyAny>>)>,
        inclusive: bool,
        max_age: Option<i64>,
        keeps_stale: bool,
    ) -> PyResult<Self> {
        let columns = columns(generation)?;
        let mut names: Vec<String> = columns.iter().map(|(name, _)| name.clone()).collect();
        let mut derived = Vec::new();
        for (name, of) in numbers {
            derived.push((name.clone(), Derived::Number { of: place(&names, &of)? }));
            names.push(name);
        }
        for (name, of) in times {
            derived.push((name.clone(), Derived::Time { of: place(&names, &of)? }));
            names.push(name);
        }
        let (time, mut bounds) = (place(&names, &event_time)?, Vec::new());
        let event_id = event_id.map(|name| place(&names, &name)).transpose()?;
        let aggregations = aggregations.into_iter().map(|spec| aggregation(spec, &mut bounds));
        let aggregations = aggregations.collect::<Result<Vec<_>, _>>().map_err(refused)?;
        let made: Vec<String> = aggregations.iter().map(|each| each.name.clone()).collect();
        let output = |(name, of, witness, empty): (String, String, String, _)| {
            let (place, witness) = (place(&made, &of)?, place(&made, &witness)?);
            Ok(Output { name: PyString::intern(py, &name).unbind(), place, witness, empty })
        };
        let outputs = outputs.into_iter().map(output).collect::<PyResult<Vec<Output>>>()?;
        let blank = PyDict::new(py);
        for output in &outputs {
            blank.set_item(&output.name, py.None())?;
        }
        let request = Request {
            keys: vec![KEY.to_owned()],
            event_time,
            available_at,
            available_to: None,
            timestamp: AT.to_owned(),
            tie_break,
            aggregations,
            bounds,
            inclusive,
        };
        let word = |text| PyString::intern(py, text).unbind();
        let words = Words { null_key: word("null_key"), stale: word("stale"), empty: word("empty") };
        let online = Online::new(columns, derived, time, event_id, request);
        Ok(Self { online, places, outputs, words, blank: blank.unbind(), max_age, keeps_stale })
    }

    /// Adds to each question's features and statuses.
    #[pyo3(signature = (ranges, tail, tail_keys, questions, *, at, midnight, stale, features, statuses))]
    #[expect(clippy::too_many_arguments, reason = "arguments of the Python method")]
    #[expect(clippy::needless_pass_by_value, reason = "what Python hands over")]
    fn answer(
        &self,
        py: Python<'_>,
        ranges: Vec<Option<Bound<'_, PyBytes>>>,
        tail: Vec<Bound<'_, PyBytes>>,
        tail_keys: Vec<u32>,
        questions: Vec<Option<u32>>,
        at: i64,
        midnight: i64,
        stale: bool,
        features: &Bound<'_, PyList>,
        statuses: &Bound<'_, PyList>,
    ) -> PyResult<()> {
        let ranges = self.ranges(&ranges)?;
        if tail.len() != tail_keys.len() {
            return Err(PyValueError::new_err("streamed rows and their keys differ in number"));
        }
        let tail = self.streamed(&tail)?;
        let asked = Asked {
            ranges: &ranges,
            tail: &tail,
            tail_keys: &tail_keys,
            midnight,
            questions: &questions,
            at,
        };
        let joined = if questions.len() > FEW {
            py.detach(|| self.online.answer(&asked))
        } else {
            self.online.answer(&asked)
        };
        let joined = joined.map_err(refused)?;
        let rows = self.dicts(py, features, statuses)?;
        for output in &self.outputs {
            let found = reader(py, joined.columns[output.place].1.as_ref());
            let witness = Witness::of(joined.columns[output.witness].1.as_ref());
            for (row, (features, statuses)) in rows.iter().enumerate() {
                let status = self.status(&witness, row, questions[row].is_none(), stale, at);
                let dropped = stale || (!self.keeps_stale && is(status, &self.words.stale));
                let empty = output.empty.as_ref().filter(|_| is(status, &self.words.empty));
                let found = match empty {
                    _ if dropped => py.None(),
                    Some(empty) => filled(py, empty),
                    None => found(row)?,
                };
                features.set_item(&output.name, found)?;
                if let Some(word) = status {
                    statuses.set_item(&output.name, word)?;
                }
            }
        }
        Ok(())
    }
}

impl OnlinePlan {
    /// The rows of each key that the generation has, as (number of the key, offset, length).
    fn ranges(&self, packed: &[Option<Bound<'_, PyBytes>>]) -> PyResult<Vec<(u32, usize, usize)>> {
        let length = self.online.columns.first().map_or(0, |(_, array)| array.len());
        let range = |(key, packed): (u32, &Option<Bound<'_, PyBytes>>)| {
            let (offset, rows) = packed.as_ref()?.as_bytes().split_first_chunk::<8>()?;
            let rows = u64::from_le_bytes(rows.try_into().ok()?) as usize;
            let offset = u64::from_le_bytes(*offset) as usize;
            (offset.checked_add(rows)? <= length).then_some((key, offset, rows))
        };
        let found: Vec<_> = (0..).zip(packed).filter_map(range).collect();
        if found.len() < packed.iter().flatten().count() {
            return Err(PyValueError::new_err("a range lies outside of the generation"));
        }
        Ok(found)
    }

    fn streamed(&self, rows: &[Bound<'_, PyBytes>]) -> PyResult<Vec<arrow_array::ArrayRef>> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<&[u8]> = rows.iter().map(PyBytesMethods::as_bytes).collect();
        let columns = self.online.columns.iter().zip(&self.places);
        let wanted: Vec<_> = columns.map(|((_, array), place)| (*place, array.data_type())).collect();
        unpack(&rows, &wanted).map_err(|refused| PyValueError::new_err(refused.to_string()))
    }

    /// The dicts to fill; an empty one of values is replaced by one that has room for all names.
    fn dicts<'py>(
        &self,
        py: Python<'py>,
        features: &Bound<'py, PyList>,
        statuses: &Bound<'py, PyList>,
    ) -> PyResult<Vec<(Bound<'py, PyDict>, Bound<'py, PyDict>)>> {
        let dicts = |row| {
            let mut values = features.get_item(row)?.cast_into::<PyDict>()?;
            if values.is_empty() {
                values = self.blank.bind(py).copy()?;
                features.set_item(row, &values)?;
            }
            Ok((values, statuses.get_item(row)?.cast_into::<PyDict>()?))
        };
        (0..features.len()).map(dicts).collect()
    }

    /// What a value lacks: `null_key` before `stale` before `empty`; `None` where it is present.
    fn status(
        &self,
        witness: &Witness<'_>,
        row: usize,
        null_key: bool,
        stale: bool,
        at: i64,
    ) -> Option<&Py<PyString>> {
        if null_key {
            return Some(&self.words.null_key);
        }
        if stale {
            return Some(&self.words.stale);
        }
        let Some(seen) = witness.seen(row) else {
            return Some(&self.words.empty);
        };
        match self.max_age {
            Some(age) if at.saturating_sub(seen) > age => Some(&self.words.stale),
            None if seen == 0 => Some(&self.words.empty),
            _ => None,
        }
    }
}

/// What tells how much, or when last, something contributed to a value.
struct Witness<'a> {
    array: &'a dyn Array,
    numbers: Option<&'a Int64Array>,
}

impl<'a> Witness<'a> {
    fn of(array: &'a dyn Array) -> Self {
        Self { array, numbers: array.as_primitive_opt::<Int64Type>() }
    }

    fn seen(&self, row: usize) -> Option<i64> {
        match self.numbers {
            Some(numbers) => numbers.is_valid(row).then(|| numbers.value(row)),
            None => self.array.is_valid(row).then_some(0),
        }
    }
}

fn is(status: Option<&Py<PyString>>, word: &Py<PyString>) -> bool {
    status.is_some_and(|status| status.is(word))
}

/// What an empty window gives, a list of its own for each row.
fn filled(py: Python<'_>, empty: &Py<PyAny>) -> Py<PyAny> {
    match empty.bind(py).cast::<PyList>() {
        Ok(list) => list.get_slice(0, list.len()).into_any().unbind(),
        Err(_) => empty.clone_ref(py),
    }
}

fn place(names: &[String], name: &str) -> PyResult<usize> {
    let unknown = || PyValueError::new_err(format!("no column '{name}'; there are: {}", names.join(", ")));
    names.iter().position(|known| known == name).ok_or_else(unknown)
}

fn columns(generation: PyTable) -> PyResult<Vec<(String, arrow_array::ArrayRef)>> {
    let (batches, schema) = generation.into_inner();
    if batches.len() > 1 {
        return Err(PyValueError::new_err("the generation lies in several chunks; expected one"));
    }
    let column = |(place, field): (usize, &std::sync::Arc<arrow_schema::Field>)| {
        let array = batches.first().map(|batch| batch.column(place).clone());
        let array = array.unwrap_or_else(|| arrow_array::new_empty_array(field.data_type()));
        (field.name().clone(), array)
    };
    Ok(schema.fields().iter().enumerate().map(column).collect())
}
