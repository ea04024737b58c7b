//! Text to typed value and back, as Kafka's `ConfigDef` reads and prints it.

use crate::addresses::{parse_servers, parse_voters};
use crate::definition::{Bounds, Default, Definition, Kind};
use crate::fault::{ConfigFault, Expected};
use crate::java_text::java_double;

/// A parsed value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Boolean(bool),
    /// Of an int, short or long.
    Number(i64),
    Double(f64),
    /// Of a string, class or password.
    Text(String),
    List(Vec<String>),
}

impl Value {
    /// The definition's default, parsed; `Null` also for a required property.
    pub fn default_of(definition: &Definition) -> Value {
        match definition.default {
            Default::Null | Default::Required => Value::Null,
            Default::Boolean(value) => Value::Boolean(value),
            Default::Number(value) => Value::Number(value),
            Default::Double(value) => Value::Double(value),
            Default::Text(text) if definition.kind == Kind::List => Value::List(split_list(text)),
            Default::Text(text) => Value::Text(text.to_string()),
        }
    }

    /// Parses and checks `text` for `definition`. Kafka: `ConfigDef.parseType` and `ensureValid`.
    pub fn parse(definition: &Definition, text: &str) -> Result<Value, ConfigFault> {
        let value = parse_kind(definition, text)?;
        check(definition, text, value)
    }

    /// As DescribeConfigs prints it; None = null.
    pub fn to_text(&self) -> Option<String> {
        match self {
            Value::Null => None,
            Value::Boolean(value) => Some(value.to_string()),
            Value::Number(value) => Some(value.to_string()),
            Value::Double(value) => Some(java_double(*value)),
            Value::Text(text) => Some(text.clone()),
            Value::List(elements) => Some(elements.join(",")),
        }
    }
}

/// Java's `String.trim`.
fn trim(text: &str) -> &str {
    text.trim_matches(|c| c <= ' ')
}

/// Java's `\s`.
fn is_java_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\u{b}' | '\u{c}' | '\r')
}

fn split_list(text: &str) -> Vec<String> {
    let text = trim(text);
    if text.is_empty() {
        return Vec::new();
    }
    text.split(',').map(|element| element.trim_matches(is_java_space).to_string()).collect()
}

fn invalid(definition: &Definition, value: String, expected: Expected) -> ConfigFault {
    ConfigFault::Invalid { name: definition.name, value, expected }
}

fn parse_kind(definition: &Definition, text: &str) -> Result<Value, ConfigFault> {
    let wrong = |expected| invalid(definition, text.to_string(), expected);
    let trimmed = trim(text);
    let integer = |min: i64, max: i64| {
        let parsed = trimmed.parse::<i64>().ok().filter(|value| (min..=max).contains(value));
        parsed.map(Value::Number).ok_or_else(|| wrong(Expected::Number(definition.kind)))
    };
    match definition.kind {
        Kind::Boolean if trimmed.eq_ignore_ascii_case("true") => Ok(Value::Boolean(true)),
        Kind::Boolean if trimmed.eq_ignore_ascii_case("false") => Ok(Value::Boolean(false)),
        Kind::Boolean => Err(wrong(Expected::Boolean)),
        Kind::Short => integer(i16::MIN.into(), i16::MAX.into()),
        Kind::Int => integer(i32::MIN.into(), i32::MAX.into()),
        Kind::Long => integer(i64::MIN, i64::MAX),
        Kind::Double => {
            parse_double(trimmed).map(Value::Double).ok_or_else(|| wrong(Expected::Number(Kind::Double)))
        }
        Kind::List => Ok(Value::List(split_list(text))),
        Kind::String | Kind::Class | Kind::Password => Ok(Value::Text(trimmed.to_string())),
    }
}

fn check(definition: &Definition, text: &str, value: Value) -> Result<Value, ConfigFault> {
    let wrong = |expected| invalid(definition, value.to_text().unwrap_or_default(), expected);
    let name = definition.name;
    match (definition.bounds, &value) {
        (Bounds::Range { min, .. }, Value::Number(n)) if (*n as f64) < min => {
            Err(wrong(Expected::AtLeast(min)))
        }
        (Bounds::Range { max, .. }, Value::Number(n)) if (*n as f64) > max => {
            Err(wrong(Expected::AtMost(max)))
        }
        (Bounds::Range { min, .. }, Value::Double(d)) if *d < min => Err(wrong(Expected::AtLeast(min))),
        (Bounds::Range { max, .. }, Value::Double(d)) if *d > max => Err(wrong(Expected::AtMost(max))),
        (Bounds::GzipLevel, Value::Number(n)) if *n != -1 && !(1..=9).contains(n) => {
            Err(wrong(Expected::GzipLevel))
        }
        (Bounds::OneOf(allowed), Value::Text(text)) if !allowed.contains(&text.as_str()) => {
            Err(wrong(Expected::OneOf(allowed)))
        }
        (Bounds::OneOfIgnoringCase(allowed), Value::Text(text))
            if !allowed.iter().any(|a| a.eq_ignore_ascii_case(text)) =>
        {
            Err(wrong(Expected::OneOfIgnoringCase(allowed)))
        }
        (Bounds::NonEmptyText, Value::Text(text)) if text.is_empty() => Err(wrong(Expected::NonEmpty)),
        (Bounds::Elements { allowed, may_be_empty }, Value::List(elements)) => {
            check_elements(name, elements, allowed, may_be_empty)
        }
        (Bounds::Voters, Value::List(entries)) => parse_voters(entries).map(|_| value),
        (Bounds::Servers, Value::List(entries)) => parse_servers(entries).map(|_| value),
        (Bounds::ThrottledReplicas, Value::List(entries)) if !throttled_replicas(entries) => {
            Err(invalid(definition, format!("[{}]", entries.join(", ")), Expected::ThrottledReplicas(name)))
        }
        (Bounds::OffsetReset, Value::Text(text)) if !offset_reset(text) => Err(wrong(Expected::OffsetReset)),
        _ => {
            debug_assert!(value != Value::Null, "{text:?} parsed to nothing");
            Ok(value)
        }
    }
}

/// Duplicates go first, then the emptiness rules, as in Kafka's `parseValue` and `ValidList`.
fn check_elements(
    name: &'static str,
    elements: &[String],
    allowed: &'static [&'static str],
    may_be_empty: bool,
) -> Result<Value, ConfigFault> {
    let mut distinct: Vec<String> = Vec::with_capacity(elements.len());
    for element in elements {
        if !distinct.contains(element) {
            distinct.push(element.clone());
        }
    }
    if distinct.is_empty() && !may_be_empty {
        return Err(ConfigFault::ListEmpty { name, allowed });
    }
    for element in &distinct {
        if element.is_empty() {
            return Err(ConfigFault::ListElementEmpty { name });
        }
        if !allowed.is_empty() && !allowed.contains(&element.as_str()) {
            return Err(ConfigFault::Invalid {
                name,
                value: element.clone(),
                expected: Expected::OneOf(allowed),
            });
        }
    }
    Ok(Value::List(distinct))
}

/// Kafka: `ThrottledReplicaListValidator`, which lets empty elements pass.
fn throttled_replicas(entries: &[String]) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_pair = |entry: &String| entry.split_once(':').is_some_and(|(p, b)| digits(p) && digits(b));
    entries.concat() == "*" || entries.iter().all(|entry| entry.is_empty() || is_pair(entry))
}

/// Kafka: `ShareGroupAutoOffsetResetStrategy`; the duration is what Java's `Duration.parse` takes, minus
/// negative ones.
fn offset_reset(text: &str) -> bool {
    let duration = || text.strip_prefix("by_duration:").map(str::to_ascii_lowercase);
    matches!(text, "latest" | "earliest") || duration().is_some_and(|duration| is_duration(&duration))
}

/// `PnDTnHnMn.nS` in lower case: at least one part, a `T` only before a part.
fn is_duration(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('+').unwrap_or(text).strip_prefix('p') else { return false };
    let (days, time) = match rest.split_once('t') {
        Some((days, time)) => (days, Some(time)),
        None => (rest, None),
    };
    if !days.is_empty() && !days.strip_suffix('d').is_some_and(is_count) {
        return false;
    }
    match time {
        None => !days.is_empty(),
        Some(time) => !time.is_empty() && is_time(time),
    }
}

/// `nHnMn.nS`, each part optional.
fn is_time(mut text: &str) -> bool {
    for unit in ['h', 'm'] {
        if let Some((count, rest)) = text.split_once(unit) {
            if !is_count(count) {
                return false;
            }
            text = rest;
        }
    }
    if text.is_empty() {
        return true;
    }
    let Some(seconds) = text.strip_suffix('s') else { return false };
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    is_count(whole) && fraction.len() <= 9 && fraction.bytes().all(|b| b.is_ascii_digit())
}

fn is_count(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// Java's `Double.parseDouble`, without hexadecimal floats.
fn parse_double(text: &str) -> Option<f64> {
    let unsigned = text.trim_start_matches(['+', '-']);
    if text.len() - unsigned.len() > 1 {
        return None;
    }
    match unsigned {
        "NaN" => return Some(f64::NAN),
        "Infinity" => return Some(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY }),
        _ => {}
    }
    let digits = text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text);
    if digits.bytes().any(|b| b.is_ascii_alphabetic() && !matches!(b, b'e' | b'E')) {
        return None;
    }
    digits.parse().ok()
}

#[cfg(test)]
mod tests;
