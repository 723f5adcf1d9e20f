//! What is asked, arranged so that each fold runs once for all that needs it.

use super::JoinError;
use super::collect::By;
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

impl Aggregation {
    /// Whether the answers are lists.
    #[must_use]
    pub fn has_lists(&self) -> bool {
        let Self { operation, parameters, .. } = self;
        let is_many = operation.is_percentile() && parameters.quantiles.len() > 1;
        is_many || operation.is_list() || operation.is_histogram()
    }

    fn check(&self) -> Result<(), JoinError> {
        let has_start = !matches!(self.window, Window::Unbounded | Window::Bounds { start: None, .. });
        let endless = self.operation == Operation::Rate && !has_start;
        let lacks = self.operation.lacks(&self.parameters).or(endless.then_some("a window that has a start"));
        lacks.map_or(Ok(()), |expected| {
            Err(JoinError::Parameter { name: self.name.clone(), operation: self.operation.name(), expected })
        })
    }
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
    /// From when on an event no longer counts; null, or no such column, is never.
    pub available_to: Option<String>,
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

/// How the values of a window are folded; one fold serves all operations that its state answers.
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
    /// The first four moments.
    Moments,
    /// The sum that decays with this half-life.
    Decayed(i64),
    /// The values in this order.
    Collected(By),
    /// Registers of distinct values.
    Distinct,
    /// Counters of this many of the most frequent values.
    Frequent(u32),
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
    /// What is asked, an output each.
    pub aggregations: &'a [Aggregation],
}

impl<'a> Plan<'a> {
    /// Arranges the aggregations by column, fold and window.
    pub fn new(request: &'a Request, events: &'a Table, spans: &'a [Span]) -> Result<Self, JoinError> {
        let mut plan = Self { windows: Vec::new(), columns: Vec::new(), aggregations: &request.aggregations };
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
            aggregation.check()?;
            column.values.check(operation)?;
            place_of(&mut column.windows, |seen| *seen == window, || window);
            let kind = kind_of(aggregation);
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

fn kind_of(aggregation: &Aggregation) -> FoldKind {
    match aggregation.operation {
        Operation::Count | Operation::Rate => FoldKind::Count,
        Operation::Sum | Operation::Average => FoldKind::Sum,
        Operation::Min => FoldKind::Smallest,
        Operation::Max => FoldKind::Largest,
        Operation::First | Operation::TimeSinceFirst => FoldKind::First,
        Operation::Last | Operation::TimeSinceLast => FoldKind::Last,
        Operation::DecayedSum => FoldKind::Decayed(aggregation.parameters.half_life),
        Operation::ApproxUniqueCount => FoldKind::Distinct,
        Operation::ApproxHistogramK => FoldKind::Frequent(aggregation.parameters.k),
        Operation::ApproxPercentile => FoldKind::Collected(By::Bucket),
        operation if operation.is_moment() => FoldKind::Moments,
        operation if operation.is_ordered() => FoldKind::Collected(By::Place),
        _ => FoldKind::Collected(By::Value),
    }
}
