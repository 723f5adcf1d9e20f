//! The join's steps, one after the other.

use std::collections::BTreeMap;

use arrow_array::ArrayRef;
use arrow_schema::DataType;

use super::JoinError;
use super::evaluate::Evaluator;
use super::key::{NO_KEY, number_keys};
use super::lists::Lists;
use super::output::{Block, Column, assemble};
use super::partition::{Buckets, Deal, Dealt};
use super::plan::{Aggregation, Plan, Request};
use super::read::{instants, times};
use super::table::{Span, Table};
use super::tie_break::TieBreak;
use crate::parallel;

/// Fewer rows than this are turned into arrays by one core.
const SMALL: usize = 1 << 14;

/// The outputs, one value a row in the order of the rows, with what was left out on the way.
pub struct Joined {
    /// Name and array of each aggregation.
    pub columns: Vec<(String, ArrayRef)>,
    /// NaN and infinite inputs, by column; they were skipped.
    pub non_finite: BTreeMap<String, u64>,
    /// Sums that did not fit, by aggregation; they are null.
    pub overflow: BTreeMap<String, u64>,
    /// Rows that saw an event in a window.
    pub matched_rows: u64,
}

/// Joins; see the module above for the steps.
pub fn temporal_join(events: &Table, rows: &Table, request: &Request) -> Result<Joined, JoinError> {
    for table in [events, rows] {
        if table.rows >= NO_KEY as usize {
            return Err(JoinError::TooMany { table: table.label, rows: table.rows });
        }
    }
    let (event_spans, row_spans) = (events.spans(), rows.spans());
    let plan = Plan::new(request, events, &event_spans)?;
    let ties = tie_breaks(events, request)?;
    for key in &request.keys {
        events.column(key)?;
    }
    let (index, row_ids) = number_keys(rows, &row_spans, &request.keys)?;
    index.check(events, rows)?;
    let event_ids: Vec<_> = parallel::map(event_spans.iter().collect(), |span| index.look_up(events, span));
    let buckets = Buckets::balanced(index.keys, &event_ids, &row_ids);
    let (dealt_events, non_finite) = deal_events(events, request, &plan, &event_spans, event_ids, &buckets)?;
    let dealt_rows = deal_rows(rows, request, &row_spans, row_ids, &buckets)?;
    let evaluator = Evaluator {
        plan: &plan,
        events: &dealt_events,
        rows: &dealt_rows,
        ties: &ties,
        inclusive: request.inclusive,
    };
    let mut blocks: Vec<Block> =
        parallel::map(buckets.keys.iter().enumerate().collect(), |(bucket, keys)| {
            evaluator.evaluate(bucket, keys)
        })
        .into_iter()
        .collect::<Result<_, _>>()?;
    place_lists(&plan, &mut blocks);
    Ok(finish(request, &plan, &blocks, rows.rows, &non_finite))
}

fn tie_breaks<'a>(events: &'a Table, request: &Request) -> Result<Vec<TieBreak<'a>>, JoinError> {
    // Only first and last see the order of equal times; the columns are checked all the same.
    let ordered = request.aggregations.iter().any(|aggregation| aggregation.operation.is_ordered());
    for name in &request.tie_break {
        events.column(name)?;
    }
    let names = request.tie_break.iter().filter(|_| ordered);
    names.map(|name| TieBreak::read(events, name)).collect()
}

fn deal_events(
    events: &Table,
    request: &Request,
    plan: &Plan<'_>,
    spans: &[Span],
    ids: Vec<Vec<u32>>,
    buckets: &Buckets,
) -> Result<(Vec<Dealt>, Vec<u64>), JoinError> {
    let happened = events.column(&request.event_time)?;
    let available = request.available_at.as_ref().map(|name| events.column(name)).transpose()?;
    let retracted = request.available_to.as_ref().map(|name| events.column(name)).transpose()?;
    let deal_span = |(span, ids): (&Span, Vec<u32>)| {
        let deal = Deal::new(&ids, buckets);
        let at = times(events, happened, span)?;
        // Where rows are taken back, when they were known matters, and be it when they happened.
        let known = available.or(retracted.and(Some(happened)));
        let known = known.map(|column| times(events, column, span)).transpose()?;
        let known: Option<Vec<i64>> =
            known.map(|known| known.iter().zip(&at).map(|(known, at)| *known.max(at)).collect());
        let until = retracted.map(|column| instants(events, column, span)).transpose()?;
        let until = until.zip(known.as_ref()).map(|(until, known)| {
            deal.scatter(until.iter().zip(known).map(|(until, known)| until.unwrap_or(i64::MAX).max(*known)))
        });
        let known = known.map(|known| deal.scatter(known));
        let mut columns = Vec::new();
        let mut non_finite = Vec::new();
        for column in &plan.columns {
            let (values, skipped) = column.values.deal(span, &deal)?;
            columns.push(values);
            non_finite.push(skipped);
        }
        let is_ordered = known.is_some() || !request.tie_break.is_empty();
        let numbers = if is_ordered { deal.scatter(span.first as u32..) } else { Vec::new() };
        let (ids, times, bounds) = (deal.scatter(ids), deal.scatter(at), Vec::new());
        Ok((
            Dealt { ids, numbers, times, known, until, columns, bounds, starts: deal.into_starts() },
            non_finite,
        ))
    };
    let dealt = parallel::map(spans.iter().zip(ids).collect(), deal_span)
        .into_iter()
        .collect::<Result<Vec<_>, _>>()?;
    let mut totals = vec![0; plan.columns.len()];
    let mut spans = Vec::with_capacity(dealt.len());
    for (span, non_finite) in dealt {
        totals.iter_mut().zip(non_finite).for_each(|(total, skipped)| *total += skipped);
        spans.push(span);
    }
    Ok((spans, totals))
}

fn deal_rows(
    rows: &Table,
    request: &Request,
    spans: &[Span],
    ids: Vec<Vec<u32>>,
    buckets: &Buckets,
) -> Result<Vec<Dealt>, JoinError> {
    let asked = rows.column(&request.timestamp)?;
    let bounds = request.bounds.iter().map(|name| rows.column(name)).collect::<Result<Vec<_>, _>>()?;
    let deal_span = |(span, ids): (&Span, Vec<u32>)| {
        let deal = Deal::new(&ids, buckets);
        let times = deal.scatter(times(rows, asked, span)?);
        let numbers = deal.scatter(span.first as u32..);
        let bounds = bounds.iter().map(|column| Ok(deal.scatter(instants(rows, column, span)?)));
        let bounds = bounds.collect::<Result<_, JoinError>>()?;
        let (ids, known, until, columns) = (deal.scatter(ids), None, None, Vec::new());
        Ok(Dealt { ids, numbers, times, known, until, columns, bounds, starts: deal.into_starts() })
    };
    parallel::map(spans.iter().zip(ids).collect(), deal_span).into_iter().collect()
}

/// Tells the blocks where their lists lie among those of all.
fn place_lists(plan: &Plan<'_>, blocks: &mut [Block]) {
    let outputs: Vec<usize> =
        (0..plan.aggregations.len()).filter(|output| plan.aggregations[*output].has_lists()).collect();
    let mut start = 0;
    for block in blocks.iter_mut().filter(|_| !outputs.is_empty()) {
        block.shift_lists(&outputs, start);
        start += block.lists().len() as u64;
    }
}

fn finish(request: &Request, plan: &Plan<'_>, blocks: &[Block], rows: usize, non_finite: &[u64]) -> Joined {
    let lists = Lists::new(blocks);
    let columns = assemble(blocks, rows, plan.aggregations.len());
    let array = |(column, aggregation): (Column, &Aggregation)| {
        let found =
            plan.columns.iter().map(|plan| &plan.values).find(|v| v.column.name == aggregation.column);
        let array = match found {
            Some(values) => values.array(aggregation, column, &lists),
            None => column.into_array(&DataType::Null, None),
        };
        (aggregation.name.clone(), array)
    };
    let jobs: Vec<_> = columns.into_iter().zip(&request.aggregations).collect();
    let arrays =
        if rows < SMALL { jobs.into_iter().map(array).collect() } else { parallel::map(jobs, array) };
    let overflow = request.aggregations.iter().enumerate().filter_map(|(output, aggregation)| {
        let count = blocks.iter().map(|block| block.overflow[output]).sum::<u64>();
        (count > 0).then(|| (aggregation.name.clone(), count))
    });
    let skipped = plan.columns.iter().zip(non_finite).filter(|(_, count)| **count > 0);
    let skipped = skipped.map(|(plan, count)| (plan.values.column.name.clone(), *count));
    Joined {
        columns: arrays,
        non_finite: skipped.collect(),
        overflow: overflow.collect(),
        matched_rows: blocks.iter().map(|block| block.matched).sum(),
    }
}
