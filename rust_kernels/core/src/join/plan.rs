//! What is asked, arranged so that each fold runs once for all that needs it.

use super::JoinError;
use super::table::{Span, Table};
use super::value::ValueColumn;
use crate::aggregate::{Operation, Parameters};
use crate::window::Window;

/// One output column.
#[derive(Clone, Debug)]
pub struct Aggregation {
    /// Its name.
    pub name: String,
    /// The column of the events that it reads.
    pub column: String,
    /// What it computes.
    pub operation: Operation,
    /// What the operation needs to know.
    pub parameters: Parameters,
    /// Over which window.
    pub window: Window,
}

/// Which columns play which part.
#[derive(Clone, Debug)]
pub struct Request {
    /// Key columns, of the same names in both tables.
    pub keys: Vec<String>,
    /// When an event happened.
    pub event_time: String,
    /// When it could be known; the event time where there is no such column.
    pub available_at: Option<String>,
    /// When a row asks.
    pub timestamp: String,
    /// Columns that order events of equal times.
    pub tie_break: Vec<String>,
    /// The outputs.
    pub aggregations: Vec<Aggregation>,
    /// Columns of the rows that `Window::Bounds` names by their places here: int64 microseconds, or timestamps.
    pub bounds: Vec<String>,
    /// ◁ is ≤ instead of <.
    pub inclusive: bool,
}

/// How the values of a window are folded; a sum also serves the average.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoldKind {
    /// Nothing but the count.
    Count,
    /// The sum.
    Sum,
    /// The smallest.
    Smallest,
    /// The largest.
    Largest,
    /// The earliest.
    First,
    /// The latest.
    Last,
}

/// The outputs that one fold over one window feeds.
#[derive(Clone, Debug)]
pub struct Use {
    /// The place of the window.
    pub window: usize,
    /// The places of the outputs, with what each makes of the state.
    pub outputs: Vec<(usize, Operation)>,
}

/// The folds over one column.
pub struct ColumnPlan<'a> {
    /// The column.
    pub values: ValueColumn<'a>,
    /// The places of the windows in use.
    pub windows: Vec<usize>,
    /// Each fold with its uses.
    pub folds: Vec<(FoldKind, Vec<Use>)>,
}

/// All folds.
pub struct Plan<'a> {
    /// The distinct windows.
    pub windows: Vec<Window>,
    /// The distinct columns.
    pub columns: Vec<ColumnPlan<'a>>,
    /// How many outputs.
    pub outputs: usize,
}

impl<'a> Plan<'a> {
    /// Arranges the aggregations by column, fold and window.
    pub fn new(request: &Request, events: &'a Table, spans: &'a [Span]) -> Result<Self, JoinError> {
        let mut plan = Self { windows: Vec::new(), columns: Vec::new(), outputs: request.aggregations.len() };
        for (output, aggregation) in request.aggregations.iter().enumerate() {
            let (name, operation) = (&aggregation.column, aggregation.operation);
            let known = plan.columns.iter().position(|column| column.values.column.name == *name);
            let place = known.unwrap_or(plan.columns.len());
            if known.is_none() {
                let values = ValueColumn::new(events, events.column(name)?, spans)?;
                plan.columns.push(ColumnPlan { values, windows: Vec::new(), folds: Vec::new() });
            }
            let window =
                place_of(&mut plan.windows, |seen| *seen == aggregation.window, || aggregation.window);
            let column = &mut plan.columns[place];
            column.values.check(operation)?;
            place_of(&mut column.windows, |seen| *seen == window, || window);
            let kind = kind_of(operation);
            let fold = place_of(&mut column.folds, |fold| fold.0 == kind, || (kind, Vec::new()));
            let uses = &mut column.folds[fold].1;
            let place = place_of(uses, |seen| seen.window == window, || Use { window, outputs: Vec::new() });
            uses[place].outputs.push((output, operation));
        }
        Ok(plan)
    }
}

fn place_of<T>(list: &mut Vec<T>, is_it: impl Fn(&T) -> bool, new: impl FnOnce() -> T) -> usize {
    list.iter().position(is_it).unwrap_or_else(|| {
        list.push(new());
        list.len() - 1
    })
}

fn kind_of(operation: Operation) -> FoldKind {
    match operation {
        Operation::Count => FoldKind::Count,
        Operation::Sum | Operation::Average => FoldKind::Sum,
        Operation::Min => FoldKind::Smallest,
        Operation::Max => FoldKind::Largest,
        Operation::First => FoldKind::First,
        Operation::Last => FoldKind::Last,
    }
}
