//! Contributions to the margins of one step of trees.
use arrow_array::{Array, RecordBatch};

use super::error::PlanError;
use super::spec::StepSpec;
use crate::reader;
use crate::tree::Explainer;

/// Read a step of trees whose nodes have covers, from its stored JSON.
pub fn explainer(text: &str) -> Result<Explainer, PlanError> {
    let spec: StepSpec =
        serde_json::from_str(text).map_err(|error| PlanError::Malformed(error.to_string()))?;
    let StepSpec::Trees { inputs, base_score, trees, arithmetic, .. } = spec else {
        return Err(PlanError::Malformed(format!("a step of trees is expected, not '{}'", spec.op())));
    };
    Explainer::new(&trees, &base_score, inputs.len(), arithmetic)
        .map_err(|error| PlanError::Shape(error.to_string()))
}

/// What each input contributed to each margin, and the expected margin behind the inputs, row by row.
/// The columns are the inputs in order.
pub fn contributions(explainer: &Explainer, batches: &[RecordBatch]) -> Result<Vec<f64>, PlanError> {
    let (features, mut out) = (explainer.features(), Vec::new());
    for batch in batches {
        if batch.num_columns() != features {
            let seen = batch.num_columns();
            return Err(PlanError::Shape(format!("the table has {seen} columns for {features} inputs")));
        }
        if let Some(odd) = batch.columns().iter().find(|column| !reader::is_number(column.data_type())) {
            return Err(PlanError::Shape(format!("a column is {}, expected numbers", odd.data_type())));
        }
        let rows = batch.num_rows();
        let (mut values, mut column) = (vec![0.0; rows * features], vec![0.0; rows]);
        for (feature, array) in batch.columns().iter().enumerate() {
            reader::numbers(array.as_ref(), 0, &mut column);
            for (row, &x) in column.iter().enumerate() {
                values[row * features + feature] = x;
            }
        }
        out.extend(explainer.contributions(&values, rows));
    }
    Ok(out)
}
