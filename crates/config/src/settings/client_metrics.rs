//! The settings of a client-metrics subscription. Kafka: `ClientMetricsConfigs.validate`.

use super::java_pattern;
use crate::fault::{ClientMetricsFault, ConfigFault};
use crate::properties::Properties;
use crate::table;
use crate::value::Value;

/// What a pattern of `match` may be about.
const MATCHED: [&str; 6] = [
    "client_instance_id",
    "client_id",
    "client_software_name",
    "client_software_version",
    "client_source_address",
    "client_source_port",
];

/// Milliseconds between two pushes.
const INTERVAL_MS: std::ops::RangeInclusive<i64> = 100..=3_600_000;

/// Checks all settings that the subscription `name` would have.
///
/// Names, the interval and the subscription's own name are INVALID_REQUEST, everything else is
/// INVALID_CONFIG.
pub fn check_client_metrics(name: &str, own: &Properties) -> Result<(), ConfigFault> {
    if name.is_empty() {
        return Err(ClientMetricsFault::NoName.into());
    }
    let table = table::client_metrics();
    if let Some(name) = own.keys().find(|name| !table.contains_key(name.as_str())) {
        return Err(ClientMetricsFault::Unknown { name: name.clone() }.into());
    }
    let mut patterns = Vec::new();
    let mut interval_ms = None;
    for (name, text) in own {
        match Value::parse(table[name.as_str()], text)? {
            Value::Number(ms) => interval_ms = Some(ms),
            Value::List(elements) if name == "match" => patterns = elements,
            _ => {}
        }
    }
    if let Some(ms) = interval_ms.filter(|ms| !INTERVAL_MS.contains(ms)) {
        return Err(ClientMetricsFault::Interval { ms }.into());
    }
    match patterns.into_iter().find(|pattern| !is_pattern(pattern)) {
        Some(pattern) => Err(ClientMetricsFault::Pattern { pattern }.into()),
        None => Ok(()),
    }
}

/// One of [`MATCHED`], one equals sign, and an expression behind it.
fn is_pattern(pattern: &str) -> bool {
    match pattern.trim_end_matches('=').split_once('=') {
        Some((matched, expression)) => {
            !expression.contains('=')
                && MATCHED.contains(&matched.trim())
                && java_pattern::is_pattern(expression.trim())
        }
        None => false,
    }
}
