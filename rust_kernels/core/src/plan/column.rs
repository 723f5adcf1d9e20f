//! Runs whole tables: blocks of rows in parallel, without copying the columns first.
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use rayon::prelude::*;

use super::answer::{Column, Part};
use super::block::{Block, ROWS};
use super::error::PlanError;
use super::spec::{Dtype, InputSpec};
use super::{Cells, Plan};
use crate::reader;

/// How many rows one task takes: enough that the task's own cost is nothing beside them.
const TASK: usize = 16 * ROWS;

/// A run of rows of one record batch and where its answers go.
struct Task<'a, 'o> {
    columns: &'a [ArrayRef],
    /// First row within the record batch, and within the whole table.
    start: usize,
    first: usize,
    outputs: Vec<Part<'o>>,
}

impl Plan {
    /// Answer a table, given as record batches of one schema. The answer is one batch; a missing
    /// number is NaN, what else is missing is null. Small tables are answered on the calling thread, larger ones on all.
    pub fn predict(&self, schema: &Schema, batches: &[RecordBatch]) -> Result<RecordBatch, PlanError> {
        let places = self.places(schema)?;
        let total = batches.iter().map(RecordBatch::num_rows).sum();
        let chosen: Vec<Vec<ArrayRef>> = batches
            .iter()
            .map(|batch| places.iter().map(|&place| batch.column(place).clone()).collect())
            .collect();
        let rows: Vec<usize> = batches.iter().map(RecordBatch::num_rows).collect();
        let slots = self.compiled.outputs.iter().map(|&(_, slot)| slot);
        let mut answers = Column::all(slots, total, &self.spare);
        let tasks = tasks(&chosen, &rows, &mut answers);
        if tasks.len() > 1 {
            tasks.into_par_iter().try_for_each(|task| self.run_task(task))?;
        } else {
            tasks.into_iter().try_for_each(|task| self.run_task(task))?;
        }
        let fields: Vec<Field> = self
            .outputs()
            .zip(&answers)
            .map(|(name, made)| Field::new(name, made.data_type(), true))
            .collect();
        let columns = answers.into_iter().map(Column::array);
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns.collect())
            .map_err(|error| PlanError::Shape(error.to_string()))
    }

    /// Where each input stands in a schema; a table may have other columns too.
    fn places(&self, schema: &Schema) -> Result<Vec<usize>, PlanError> {
        let find = |input: &InputSpec| {
            let column = || input.name.clone();
            let (place, field) = schema.column_with_name(&input.name).ok_or_else(|| {
                let what = format!("is missing from the table, expected {}", input.dtype.word());
                PlanError::Column { column: column(), what }
            })?;
            if takes(input.dtype, field.data_type()) {
                return Ok(place);
            }
            let what = format!("has the type {}, expected {}", field.data_type(), input.dtype.word());
            Err(PlanError::Column { column: column(), what })
        };
        self.inputs().map(find).collect()
    }

    fn run_task(&self, mut task: Task<'_, '_>) -> Result<(), PlanError> {
        let length = task.outputs[0].len();
        let mut block = Block::new(self.sizes(), ROWS.min(length));
        for offset in (0..length).step_by(ROWS) {
            let rows = ROWS.min(length - offset);
            let start = task.start + offset;
            for (input, column) in task.columns.iter().enumerate() {
                match self.cells(&mut block, input, rows) {
                    Cells::Numbers(out) => reader::numbers(column.as_ref(), start, out),
                    Cells::Integers(out) => reader::integers(column.as_ref(), start, out),
                    Cells::Texts(out) => reader::texts(column.as_ref(), start, out),
                }
            }
            self.run(&mut block, rows, task.first + offset)?;
            for (output, answer) in task.outputs.iter_mut().enumerate() {
                answer.write(&block, self.compiled.outputs[output].1, offset, rows);
            }
        }
        Ok(())
    }
}

/// Cut the rows into tasks, each with its own slice of every answer.
fn tasks<'a, 'o>(
    chosen: &'a [Vec<ArrayRef>],
    rows: &[usize],
    answers: &'o mut [Column],
) -> Vec<Task<'a, 'o>> {
    let mut rest: Vec<Part<'o>> = answers.iter_mut().map(Column::part).collect();
    let (mut tasks, mut first) = (Vec::new(), 0);
    for (columns, &count) in chosen.iter().zip(rows) {
        for start in (0..count).step_by(TASK) {
            let length = TASK.min(count - start);
            let outputs = rest.iter_mut().map(|answer| answer.split_off(length)).collect();
            tasks.push(Task { columns, start, first, outputs });
            first += length;
        }
    }
    tasks
}

/// Whether a column of an Arrow type can be read as an input's type. A column of nulls can be read as any.
fn takes(dtype: Dtype, data_type: &DataType) -> bool {
    *data_type == DataType::Null
        || match dtype {
            Dtype::Float64 => reader::is_number(data_type),
            Dtype::Int64 => reader::is_integer(data_type) || reader::is_instant(data_type),
            Dtype::Bool => *data_type == DataType::Boolean,
            Dtype::String => reader::is_text(data_type),
        }
}
