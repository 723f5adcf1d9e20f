//! Columns of texts and of numbers of texts, made in pieces on all cores.
use std::sync::Arc;

use arrow_array::builder::LargeStringBuilder;
use arrow_array::{Array, ArrayRef, Float64Array, LargeStringArray, RecordBatch, RecordBatchOptions};
use arrow_schema::{ArrowError, DataType, Field, Schema};

use super::comparison::Comparison;
use super::function::TextFunction;
use super::stats::{STATISTICS, statistics};
use crate::parallel;

const LEAST_TEXTS: usize = 1024;
const PIECES_PER_CORE: usize = 4;

/// Apply a function to texts.
pub fn apply(texts: &[Option<&str>], function: &TextFunction) -> Result<ArrayRef, ArrowError> {
    let pieces = parallel::pieces(texts, LEAST_TEXTS, PIECES_PER_CORE, |texts| {
        let bytes = texts.iter().flatten().map(|text| text.len()).sum();
        let mut made = LargeStringBuilder::with_capacity(texts.len(), bytes);
        for text in texts {
            made.append_option(text.map(|text| function.apply(text)));
        }
        made.finish()
    });
    joined(&pieces)
}

fn joined(pieces: &[LargeStringArray]) -> Result<ArrayRef, ArrowError> {
    let all: Vec<&dyn Array> = pieces.iter().map(|piece| piece as &dyn Array).collect();
    arrow_select::concat::concat(&all)
}

/// Compare pairs of texts; missing where one of them is.
#[must_use]
pub fn compare(pairs: &[(Option<&str>, Option<&str>)], comparison: &Comparison) -> ArrayRef {
    let pieces = parallel::pieces(pairs, LEAST_TEXTS, PIECES_PER_CORE, |pairs| {
        let compared = pairs.iter().map(|(one, other)| Some(comparison.compare((*one)?, (*other)?)));
        compared.collect::<Vec<Option<f64>>>()
    });
    Arc::new(pieces.into_iter().flatten().collect::<Float64Array>())
}

/// Statistics of texts, a column each.
pub fn statistics_table(texts: &[Option<&str>]) -> Result<RecordBatch, ArrowError> {
    let pieces = parallel::pieces(texts, LEAST_TEXTS, PIECES_PER_CORE, |texts| {
        texts.iter().map(|text| text.map(statistics)).collect::<Vec<_>>()
    });
    let rows: Vec<_> = pieces.into_iter().flatten().collect();
    let column = |at: usize| -> ArrayRef {
        Arc::new(rows.iter().map(|row| row.map(|row| row[at])).collect::<Float64Array>())
    };
    let fields: Vec<Field> =
        STATISTICS.iter().map(|name| Field::new(*name, DataType::Float64, true)).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(texts.len()));
    let columns = (0..STATISTICS.len()).map(column).collect();
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)
}
