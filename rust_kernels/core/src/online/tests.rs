use super::*;
use crate::aggregate::{Operation, Parameters};
use crate::join::Aggregation;
use crate::window::Window;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use proptest::prelude::*;

type Row = (u8, i64, i64);

fn arrays(rows: &[Row]) -> Vec<(String, ArrayRef)> {
    let column = |of: fn(&Row) -> i64| -> ArrayRef { Arc::new(rows.iter().map(of).collect::<Int64Array>()) };
    vec![
        ("user".to_owned(), column(|row| i64::from(row.0))),
        ("time".to_owned(), column(|row| row.1)),
        ("id".to_owned(), column(|row| row.2)),
    ]
}

fn request(key: &str, timestamp: &str) -> Request {
    let aggregation = |name: &str, operation: &str, window| Aggregation {
        name: name.to_owned(),
        column: "id".to_owned(),
        operation: Operation::parse(operation).unwrap(),
        parameters: Parameters { k: 0, quantiles: Vec::new(), half_life: 0 },
        window,
    };
    Request {
        keys: vec![key.to_owned()],
        event_time: "time".to_owned(),
        available_at: None,
        available_to: None,
        timestamp: timestamp.to_owned(),
        tie_break: vec!["id".to_owned()],
        aggregations: vec![
            aggregation("a", "sum", Window::Sliding { length: 7 }),
            aggregation("b", "last", Window::Unbounded),
            aggregation("c", "count", Window::Unbounded),
        ],
        bounds: Vec::new(),
        inclusive: false,
    }
}

fn answers(joined: &Joined) -> Vec<Vec<Option<i64>>> {
    joined.columns.iter().map(|(_, array)| array.as_primitive::<Int64Type>().iter().collect()).collect()
}

proptest! {
    #[test]
    fn answers_are_those_of_the_join_over_all_rows_each_once(
        mut kept in prop::collection::vec((0..4_u8, 0..20_i64), 0..20),
        fresh in prop::collection::vec((0..4_u8, 0..40_i64), 0..8),
        again in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
        asked in prop::collection::vec(prop::option::of(0..4_u8), 1..6),
        at in 0..45_i64,
    ) {
        kept.sort_unstable();
        let generation: Vec<Row> = (0..).zip(&kept).map(|(id, (key, time))| (*key, *time, id)).collect();
        let mut tail: Vec<Row> = (100..).zip(&fresh).map(|(id, (key, time))| (*key, *time, id)).collect();
        let all: Vec<Row> = generation.iter().chain(&tail).copied().collect();
        if !generation.is_empty() {
            tail.extend(again.iter().map(|index| *index.get(&generation)));
        }
        let mut keys: Vec<u8> = asked.iter().flatten().copied().collect();
        keys.sort_unstable();
        keys.dedup();
        let number = |key: u8| keys.iter().position(|each| *each == key).map(|place| place as u32);
        let ranges: Vec<_> = keys.iter().filter_map(|key| {
            let start = generation.iter().position(|row| row.0 == *key)?;
            Some((number(*key)?, start, generation.iter().filter(|row| row.0 == *key).count()))
        }).collect();
        tail.retain(|row| number(row.0).is_some());
        let tail_keys: Vec<u32> = tail.iter().filter_map(|row| number(row.0)).collect();
        let online = Online::new(arrays(&generation), Vec::new(), 1, Some(2), request(KEY, AT));
        let streamed: Vec<ArrayRef> = arrays(&tail).into_iter().map(|(_, array)| array).collect();
        let questions: Vec<_> = asked.iter().map(|key| key.and_then(number)).collect();
        let ours = online.answer(&Asked {
            ranges: &ranges, tail: &streamed, tail_keys: &tail_keys, midnight: 20, questions: &questions, at,
        }).unwrap();
        let columns = arrays(&all).into_iter().map(|(name, array)| column(&name, DataType::Int64, vec![array]));
        let events = Table { label: "events", columns: columns.collect(), rows: all.len() };
        let users: ArrayRef = Arc::new(asked.iter().map(|key| key.map(i64::from)).collect::<Int64Array>());
        let times: ArrayRef = Arc::new(Int64Array::from(vec![at; asked.len()]));
        let columns =
            vec![column("user", DataType::Int64, vec![users]), column("t", DataType::Int64, vec![times])];
        let rows = Table { label: "rows", columns, rows: asked.len() };
        let theirs = temporal_join(&events, &rows, &request("user", "t")).unwrap();
        prop_assert_eq!(answers(&ours), answers(&theirs));
    }
}
