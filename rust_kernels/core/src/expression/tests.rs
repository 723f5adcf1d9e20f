//! Values that the dialect states, and laws of the calendar; parity with tables is held in Python.
use proptest::prelude::*;

use super::calendar::{civil, days, week};
use super::numbers::{floor_div, floor_mod};
use super::{Expression, Value};

fn value(json: &str, row: &[Value<'static>]) -> Value<'static> {
    let expression = Box::leak(Box::new(Expression::from_json(json).unwrap()));
    expression.value(row)
}

fn over(op: &str, kind: &str, of: &str) -> String {
    let columns = ["a", "b"].map(|name| format!(r#"{{"op":"column","kind":"{of}","value":"{name}"}}"#));
    format!(r#"{{"op":"{op}","kind":"{kind}","args":[{}]}}"#, columns.join(","))
}

#[test]
fn zero_divisors_and_overflows_are_null() {
    let ints = |op, a, b| value(&over(op, "int", "int"), &[Value::Int(a), Value::Int(b)]);
    assert_eq!(ints("floordiv_int", -7, 2), Value::Int(-4));
    assert_eq!(ints("mod_int", -7, 2), Value::Int(1));
    assert_eq!(ints("mod_int", i64::MIN, -1), Value::Int(0));
    for (op, a, b) in [("floordiv_int", 1, 0), ("mod_int", 1, 0), ("floordiv_int", i64::MIN, -1)] {
        assert_eq!(ints(op, a, b), Value::Null);
    }
    assert_eq!(ints("add_int", i64::MAX, 1), Value::Null);
    assert_eq!(value(&over("div", "float", "float"), &[Value::Float(1.0), Value::Float(-0.0)]), Value::Null);
}

#[test]
fn truth_has_three_values() {
    let and = |a, b| value(&over("and", "bool", "bool"), &[a, b]);
    assert_eq!(and(Value::Null, Value::Bool(false)), Value::Bool(false));
    assert_eq!(and(Value::Null, Value::Bool(true)), Value::Null);
}

#[test]
fn what_no_row_can_be_is_refused() {
    for (json, told) in [
        ("{}", "missing field"),
        (
            r#"{"op":"frobnicate","kind":"int","args":[{"op":"constant","kind":"int","value":1}]}"#,
            "frobnicate",
        ),
        (r#"{"op":"constant","kind":"int","value":"x"}"#, "is no int"),
        (
            r#"{"op":"regexp_like","kind":"bool","args":[{"op":"constant","kind":"text","value":"a"}]}"#,
            "lacks its text",
        ),
        (r#"{"op":"and","kind":"bool","args":[]}"#, "no arguments"),
    ] {
        let error = Expression::from_json(json).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
}

proptest! {
    #[test]
    fn quotient_and_rest_make_the_number(a: i64, b: i64) {
        prop_assume!(b != 0 && !(a == i64::MIN && b == -1));
        let (quotient, rest) = (floor_div(a, b).unwrap(), floor_mod(a, b).unwrap());
        prop_assert_eq!(i128::from(quotient) * i128::from(b) + i128::from(rest), i128::from(a));
        prop_assert!(rest == 0 || (rest < 0) == (b < 0));
    }

    #[test]
    fn days_and_dates_are_each_other(day in -800_000i64..3_000_000) {
        let (year, month, of_month) = civil(day);
        prop_assert_eq!(days(year, month, of_month), day);
        let (next, months, first) = civil(day + 1);
        prop_assert!((next, months, first) > (year, month, of_month));
        prop_assert_eq!(week(day + 7), week(day) + 1);
    }
}
