use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

type Row = (u8, i64, Vec<u8>);

/// Few keys, some of which share their leading bits.
fn digest(key: u8) -> Digest {
    let mut made = [0; 16];
    made[0] = (key % 5) << 5;
    made[15] = key;
    made
}

fn build(rows: &[Row]) -> Vec<u8> {
    let keys: Vec<_> = rows.iter().map(|row| digest(row.0)).collect();
    let times: Vec<_> = rows.iter().map(|row| row.1).collect();
    let bytes: Vec<_> = rows.iter().map(|row| row.2.as_slice()).collect();
    build_tail(&keys, &times, &bytes)
}

fn read(runs: &[Vec<u8>], keys: &[u8], first: i64, last: i64) -> Vec<(usize, Vec<u8>)> {
    let runs: Vec<_> =
        runs.iter().filter(|run| !run.is_empty()).map(|run| TailRun::open(run).unwrap()).collect();
    let keys: Vec<_> = keys.iter().map(|key| digest(*key)).collect();
    let places = find_rows(&runs, &keys, first, last);
    let rows = read_rows(&runs, &places);
    places.iter().zip(rows).map(|(place, row)| (place.key, row.to_vec())).collect()
}

/// The oracle: all rows in a list.
fn plainly(runs: &[Vec<Row>], keys: &[u8], first: i64, last: i64) -> Vec<(usize, Vec<u8>)> {
    let mut found = Vec::new();
    for (number, key) in keys.iter().enumerate() {
        let mut own: Vec<_> = runs.iter().flatten().filter(|row| row.0 == *key).collect();
        own.sort_by_key(|row| row.1);
        let within = own.into_iter().filter(|row| first <= row.1 && row.1 <= last);
        found.extend(within.map(|row| (number, row.2.clone())));
    }
    found
}

prop_compose! {
    fn runs()(
        runs in prop::collection::vec(
            prop::collection::vec((0..40_u8, -5..5_i64, prop::collection::vec(any::<u8>(), 0..4)), 1..60), 1..5)
    ) -> Vec<Vec<Row>> { runs }
}

proptest! {
    #[test]
    fn rows_are_found_in_runs_as_in_a_list_and_merging_changes_nothing(
        given in runs(), keys in prop::collection::vec(0..45_u8, 0..6),
        first in prop_oneof![Just(i64::MIN), -6..6_i64], last in prop_oneof![Just(i64::MAX), -6..6_i64],
    ) {
        let built: Vec<_> = given.iter().map(|rows| build(rows)).collect();
        let expected = plainly(&given, &keys, first, last);
        prop_assert_eq!(&read(&built, &keys, first, last), &expected);
        let opened: Vec<_> = built.iter().map(|run| TailRun::open(run.as_slice()).unwrap()).collect();
        let merged = merge_tails(&opened);
        prop_assert_eq!(&read(std::slice::from_ref(&merged), &keys, first, last), &expected);
        let one = TailRun::open(merged.as_slice()).unwrap();
        let late = keep_rows(&one, |row| one.time(row) >= 0);
        prop_assert_eq!(read(&[late], &keys, first, last), plainly(&given, &keys, first.max(0), last));
        prop_assert_eq!(keep_rows(&one, |_| true), merged.clone());
    }

    #[test]
    fn ids_are_known_as_in_a_map_and_the_last_arrival_counts(
        given in prop::collection::vec(prop::collection::vec((0..60_u8, -5..5_i64), 1..40), 1..5), before in -6..6_i64,
    ) {
        let built: Vec<Vec<u8>> = given.iter().map(|run| {
            let (ids, arrivals): (Vec<_>, Vec<_>) = run.iter().map(|(id, at)| (digest(*id), *at)).unzip();
            build_ids(&ids, &arrivals)
        }).collect();
        let opened: Vec<_> = built.iter().map(|run| IdRun::open(run.as_slice()).unwrap()).collect();
        let map: BTreeMap<u8, i64> = given.iter().flatten().copied().collect();
        let merged = merge_ids(&opened);
        let merged = IdRun::open(merged.as_slice()).unwrap();
        let (kept, gone) = forget_ids(&merged, before);
        let kept = IdRun::open(&kept).ok();
        prop_assert_eq!(gone, map.values().filter(|at| **at < before).count());
        for id in 0..60 {
            prop_assert_eq!(!find_ids(&opened, &[digest(id)]).is_empty(), map.contains_key(&id));
            prop_assert_eq!(merged.has(&[digest(id)])[0], map.contains_key(&id));
            prop_assert_eq!(kept.as_ref().is_some_and(|kept| kept.has(&[digest(id)])[0]), map.get(&id).is_some_and(|at| *at >= before));
        }
    }

    #[test]
    fn ranges_are_found_as_in_a_map(given in prop::collection::btree_map(0..60_u8, 0..5_u64, 0..40)) {
        let (keys, rows): (Vec<_>, Vec<_>) = given.iter().map(|(key, rows)| (digest(*key), *rows)).unzip();
        let run = build_ranges(&keys, &rows);
        prop_assert!(run.len() < 9 || RangeRun::open(&run[..run.len() - 1]).is_err());
        let run = RangeRun::open(run.as_slice()).unwrap();
        for key in 0..61 {
            let range = given.get(&key).map(|rows| {
                let first: u64 = given.range(..key).map(|(_, rows)| rows).sum();
                [first.to_le_bytes(), rows.to_le_bytes()].concat()
            });
            prop_assert_eq!(run.find(&[digest(key)])[0], range.as_deref());
        }
    }

    #[test]
    fn a_cut_or_foreign_value_is_no_run(rows in prop::collection::vec((0..9_u8, 0..9_i64, Just(vec![7])), 1..9)) {
        let run = build(&rows);
        for cut in 0..run.len() {
            prop_assert!(TailRun::open(&run[..cut]).is_err());
        }
        prop_assert!(IdRun::open(run.as_slice()).is_err());
    }
}

#[test]
fn digests_of_rows_are_those_of_their_values() {
    use crate::online::{Digester, KeyValue};
    use arrow_array::{ArrayRef, BooleanArray, Int64Array, StringViewArray};
    use std::sync::Arc;

    let numbers: Vec<Option<i64>> = (0..200).map(|n| (n % 7 > 0).then_some((n - 100) << (n % 60))).collect();
    let texts: Vec<String> = (0..200).map(|n| "ß".repeat(n)).collect();
    let truths: Vec<bool> = (0..200).map(|n| n % 3 == 0).collect();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from(numbers.clone())),
        Arc::new(StringViewArray::from_iter_values(&texts)),
        Arc::new(BooleanArray::from(truths.clone())),
    ];
    let made = row_digests(&columns, 200).unwrap();
    let mut digester = Digester::default();
    for row in 0..200 {
        digester.start(3);
        digester.add(numbers[row].map_or(KeyValue::Null, KeyValue::Integer));
        digester.add(KeyValue::Text(&texts[row]));
        digester.add(KeyValue::Boolean(truths[row]));
        assert_eq!(made[row], digester.digest());
    }
}

#[test]
fn packed_rows_are_read_back_and_other_types_are_refused() {
    use crate::online::unpack;
    use arrow_array::{ArrayRef, Date32Array, Float64Array, Int64Array, StringViewArray};
    use std::sync::Arc;

    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from(vec![Some(i64::MIN), None, Some(200)])),
        Arc::new(StringViewArray::from(vec![Some("x"), Some(""), None])),
        Arc::new(Float64Array::from(vec![Some(-0.5), None, Some(f64::INFINITY)])),
    ];
    let (packed, ends) = pack_rows(&columns, 3).unwrap();
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let rows: Vec<&[u8]> = starts.zip(&ends).map(|(start, end)| &packed[start..*end]).collect();
    let wanted: Vec<_> = columns.iter().map(|column| column.data_type()).enumerate().collect();
    let back = unpack(&rows, &wanted).unwrap();
    assert!(back.iter().zip(&columns).all(|(seen, expected)| seen.as_ref() == expected.as_ref()));
    let days: ArrayRef = Arc::new(Date32Array::from(vec![1]));
    assert_eq!(pack_rows(&[days], 1), Err(PackError("Date32".to_owned())));
}
