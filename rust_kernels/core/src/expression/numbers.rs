//! Numbers: integers that do not fit are null, and so is what 0 divides.
use std::cmp::Ordering;
use std::sync::Arc;

use super::strict::Strict;
use super::value::Value;

/// The primitive of a name, where it is one of these.
pub(super) fn primitive(op: &str) -> Option<Strict> {
    Some(match op {
        "add_int" => Strict::ints(i64::checked_add),
        "sub_int" => Strict::ints(i64::checked_sub),
        "mul_int" => Strict::ints(i64::checked_mul),
        "floordiv_int" => Strict::ints(floor_div),
        "mod_int" => Strict::ints(floor_mod),
        "neg_int" => Strict::int(i64::checked_neg),
        "abs_int" => Strict::int(i64::checked_abs),
        "sign_int" => Strict::int(|x| Some(x.signum())),
        "add_float" => Strict::floats(|a, b| Some(a + b)),
        "sub_float" => Strict::floats(|a, b| Some(a - b)),
        "mul_float" => Strict::floats(|a, b| Some(a * b)),
        "div" => Strict::floats(divided),
        "floordiv_float" => Strict::floats(|a, b| divided(a, b).map(f64::floor)),
        // In two roundings, as tables do it.
        "mod_float" => Strict::floats(|a, b| divided(a, b).map(|quotient| a - b * quotient.floor())),
        "pow" => Strict::floats(|a, b| Some(power(a, b))),
        "atan2" => Strict::floats(|y, x| Some(y.atan2(x))),
        "neg_float" => Strict::float(|x| -x),
        "abs_float" => Strict::float(f64::abs),
        "sign_float" => Strict::float(sign),
        "round" => Strict::float(f64::round_ties_even),
        "floor" => Strict::float(f64::floor),
        "ceil" => Strict::float(f64::ceil),
        "sqrt" => Strict::float(f64::sqrt),
        "exp" => Strict::float(f64::exp),
        "ln" => Strict::float(f64::ln),
        "log10" => Strict::float(log10),
        "sin" => Strict::float(f64::sin),
        "cos" => Strict::float(f64::cos),
        "tan" => Strict::float(f64::tan),
        _ => return asked(op).or_else(|| cast(op)),
    })
}

/// Comparisons and what else gives truths.
fn asked(op: &str) -> Option<Strict> {
    Some(match op {
        "eq" => ordered(Ordering::is_eq),
        "ne" => ordered(Ordering::is_ne),
        "lt" => ordered(Ordering::is_lt),
        "le" => ordered(Ordering::is_le),
        "gt" => ordered(Ordering::is_gt),
        "ge" => ordered(Ordering::is_ge),
        "not" => one(|x| if let Value::Bool(x) = x { Value::Bool(!x) } else { Value::Null }),
        "is_nan" => one(|x| if let Value::Float(x) = x { Value::Bool(x.is_nan()) } else { Value::Null }),
        "is_finite" => {
            one(|x| if let Value::Float(x) = x { Value::Bool(x.is_finite()) } else { Value::Null })
        }
        _ => return None,
    })
}

fn cast(op: &str) -> Option<Strict> {
    Some(match op {
        "bool_to_int" => one(|x| Value::Int(i64::from(*x == Value::Bool(true)))),
        "bool_to_float" => one(|x| Value::Float(f64::from(u8::from(*x == Value::Bool(true))))),
        "bool_to_text" => one(|x| Value::text((*x == Value::Bool(true)).to_string())),
        "int_to_bool" => one(|x| Value::Bool(*x != Value::Int(0))),
        "int_to_float" => one(as_float),
        "int_to_text" => {
            one(|x| if let Value::Int(x) = x { Value::text(x.to_string()) } else { Value::Null })
        }
        "float_to_int" => one(|x| if let Value::Float(x) = x { Value::int(whole(*x)) } else { Value::Null }),
        "float_to_text" => {
            one(|x| if let Value::Float(x) = x { Value::text(written(*x)) } else { Value::Null })
        }
        "list_to_float" => one(|x| match x {
            Value::List(items) => Value::List(items.iter().map(as_float).collect::<Arc<[_]>>()),
            _ => Value::Null,
        }),
        _ => return None,
    })
}

fn ordered(holds: fn(Ordering) -> bool) -> Strict {
    Strict::new(move |args| match args {
        [a, b] => Value::Bool(holds(a.order(b))),
        _ => Value::Null,
    })
}

fn one(work: fn(&Value<'_>) -> Value<'static>) -> Strict {
    Strict::new(move |args| args.first().map_or(Value::Null, work))
}

fn as_float(x: &Value<'_>) -> Value<'static> {
    if let Value::Int(x) = x { Value::Float(*x as f64) } else { Value::Null }
}

/// The quotient, down to a whole number.
pub(super) fn floor_div(a: i64, b: i64) -> Option<i64> {
    if b == 0 {
        return None;
    }
    let quotient = a.checked_div(b)?;
    Some(if a % b != 0 && (a < 0) != (b < 0) { quotient - 1 } else { quotient })
}

/// What is left of it, of the sign of `b`.
pub(super) fn floor_mod(a: i64, b: i64) -> Option<i64> {
    if b == 0 {
        return None;
    }
    let rest = a.wrapping_rem(b);
    Some(if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest })
}

fn divided(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
}

fn sign(x: f64) -> f64 {
    if x.is_nan() || x == 0.0 { x.abs() } else { x.signum() }
}

#[expect(clippy::float_cmp, reason = "powers of ten are exact")]
fn log10(x: f64) -> f64 {
    let found = x.ln() / std::f64::consts::LN_10;
    let near = found.round_ties_even();
    if 10f64.powf(near) == x { near } else { found }
}

/// As C has it, save for 0.5 and the whole exponents that tables multiply out.
#[expect(clippy::float_cmp, reason = "tables take the root of 0.5 alone")]
fn power(a: f64, b: f64) -> f64 {
    if b == 0.5 {
        return a.sqrt();
    }
    if (1.0..=9.0).contains(&b) && b.fract() == 0.0 {
        return (1..b as i32).fold(a, |product, _| product * a);
    }
    a.powf(b)
}

/// Rounding to decimal places, half to even.
pub(super) fn round_to(places: i32) -> Strict {
    let factor = 10f64.powi(places);
    Strict::float(move |x| {
        let grown = x * factor;
        if grown.is_finite() { grown.round_ties_even() / factor } else { x }
    })
}

/// The whole number in a float, where it fits 64 bits.
pub(super) fn whole(x: f64) -> Option<i64> {
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    (-BEYOND..BEYOND).contains(&x).then_some(x as i64)
}

/// A float in the fewest digits that read back as it.
fn written(x: f64) -> String {
    if x.is_nan() {
        return "NaN".to_owned();
    }
    if x.is_infinite() {
        return if x > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let short = format!("{x:e}");
    let (digits, exponent) = short.split_once('e').unwrap_or((&short, "0"));
    match exponent.parse::<i32>() {
        Ok(exponent) if (-5..16).contains(&exponent) => {
            let plain = format!("{x}");
            if plain.contains('.') { plain } else { plain + ".0" }
        }
        Ok(exponent) => format!("{digits}e{exponent:+}"),
        Err(_) => short,
    }
}
