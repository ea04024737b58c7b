//! Broker properties that say the same in other words, and those of a single listener.
//! Kafka: `DynamicBrokerConfig.brokerConfigSynonyms`.

use crate::definition::{Definition, Kind};
use crate::table;

/// Strongest first.
const LOG_ROLL: &[&str] = &["log.roll.ms", "log.roll.hours"];
const LOG_ROLL_JITTER: &[&str] = &["log.roll.jitter.ms", "log.roll.jitter.hours"];
const LOG_RETENTION: &[&str] = &["log.retention.ms", "log.retention.minutes", "log.retention.hours"];
/// Of the first name only: the second has a meaning of its own.
const LOG_FLUSH: &[&str] = &["log.flush.interval.ms", "log.flush.scheduler.interval.ms"];

/// What stands behind a mechanism's name as well: `listener.name.<name>.<mechanism>.<property>`.
const OF_MECHANISMS: &[&str] = &[
    "sasl.jaas.config",
    "sasl.login.callback.handler.class",
    "sasl.login.class",
    "sasl.server.callback.handler.class",
    "connections.max.reauth.ms",
];

/// The names that decide `name`'s value together, strongest first; none = it alone.
pub(crate) fn of_group(name: &str) -> &'static [&'static str] {
    let group = [LOG_ROLL, LOG_ROLL_JITTER, LOG_RETENTION].into_iter().find(|group| group.contains(&name));
    match group {
        Some(group) => group,
        None if name == LOG_FLUSH[0] => LOG_FLUSH,
        None => &[],
    }
}

/// The property that `listener.name.<name>.<property>` sets for one listener, perhaps with a mechanism
/// before it; None for all other names.
pub(crate) fn of_listener(name: &str) -> Option<&str> {
    name.strip_prefix("listener.name.")?.split_once('.').map(|(_listener, property)| property)
}

/// `name` with everything that stands in for it, strongest first.
pub(crate) fn with_synonyms(name: &str) -> Vec<&str> {
    let group = of_group(name);
    if !group.is_empty() {
        return group.to_vec();
    }
    match of_listener(name) {
        Some(property) => {
            let base = OF_MECHANISMS.iter().copied().find(|base| property.ends_with(base));
            vec![name, base.unwrap_or(property)]
        }
        None => vec![name],
    }
}

/// The row that says what a broker's `name` means: its own, else that of the property it sets for a
/// listener.
pub(crate) fn row_of(name: &str) -> Option<&'static Definition> {
    let own = table::broker().get(name).or_else(|| table::broker_dynamic_only().get(name));
    let of_synonym = || with_synonyms(name).into_iter().find_map(|synonym| table::broker().get(synonym));
    own.or_else(of_synonym).copied()
}

/// Whether the value must not be shown: secrets, and what nobody knows.
pub(crate) fn is_sensitive(row: Option<&Definition>) -> bool {
    row.is_none_or(|row| row.kind == Kind::Password)
}
