//! Broker settings that change while it runs: what of a stored layer counts, and whether a change may be
//! made. Kafka: `DynamicBrokerConfig`.
//!
//! | A name | at this broker | for all brokers |
//! |---|---|---|
//! | read-only in the table | refused | refused |
//! | of a key store, bare | refused | refused |
//! | per-broker in the table | taken | refused |
//! | `listener.name.<name>.<property>` | taken | refused, but for limits of connections and threads |
//! | cluster-wide in the table | taken | taken |
//! | unknown | taken | taken |

use super::Settings;
use super::synonyms::{self, of_listener};
use crate::definition::{Definition, Dynamic, Kind, Status};
use crate::fault::{ConfigFault, DynamicFault, Expected};
use crate::java_text::java_set;
use crate::properties::Properties;
use crate::table;
use crate::value::Value;

/// Whose dynamic settings are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DynamicLevel {
    /// All brokers': resource BROKER, name "".
    Cluster,
    /// One broker's: resource BROKER, name = node id.
    Broker,
}

/// Key stores differ by listener: these are set with a listener's prefix only.
const OF_KEY_STORES: [&str; 10] = [
    "ssl.key.password",
    "ssl.keystore.certificate.chain",
    "ssl.keystore.key",
    "ssl.keystore.location",
    "ssl.keystore.password",
    "ssl.keystore.type",
    "ssl.truststore.certificates",
    "ssl.truststore.location",
    "ssl.truststore.password",
    "ssl.truststore.type",
];

/// What may be set per listener and yet for all brokers.
const OF_LISTENERS_EVERYWHERE: [&str; 3] =
    ["max.connections", "max.connection.creation.rate", "num.network.threads"];

/// The row that a dynamic value is checked with: its own, or that of the property behind a listener's
/// prefix; None if anything goes.
fn row_of(name: &str) -> Option<&'static Definition> {
    let name = of_listener(name).unwrap_or(name);
    let row = table::broker().get(name).filter(|row| row.dynamic != Dynamic::ReadOnly);
    row.or_else(|| table::broker_dynamic_only().get(name)).copied()
}

fn is_read_only(name: &str) -> bool {
    table::broker().get(name).is_some_and(|row| row.dynamic == Dynamic::ReadOnly)
}

fn is_of_one_broker(name: &str) -> bool {
    match of_listener(name) {
        Some(property) => !OF_LISTENERS_EVERYWHERE.contains(&property),
        None => table::broker().get(name).is_some_and(|row| row.dynamic == Dynamic::PerBroker),
    }
}

/// Classes beside the default are Java's, and none of them is there.
fn check_value(name: &str, text: &str) -> Result<(), ConfigFault> {
    let Some(row) = row_of(name) else { return Ok(()) };
    let value = Value::parse(row, text)?;
    if row.kind == Kind::Class && value != Value::default_of(row) {
        let value = value.to_text().unwrap_or_default();
        return Err(ConfigFault::Invalid { name: row.name, value, expected: Expected::Class });
    }
    Ok(())
}

/// The values of `stored` that may be set at `level` and hold; what is left out is told in `faults`.
pub(super) fn layer(stored: &Properties, level: DynamicLevel, faults: &mut Vec<ConfigFault>) -> Properties {
    let mut layer = Properties::new();
    for (name, text) in stored {
        let misplaced = level == DynamicLevel::Cluster && is_of_one_broker(name);
        if is_read_only(name) || OF_KEY_STORES.contains(&name.as_str()) || misplaced {
            faults.push(ConfigFault::NotDynamic { name: name.clone() });
        } else if let Err(fault) = check_value(name, text) {
            faults.push(fault);
        } else {
            layer.insert(name.clone(), text.clone());
        }
    }
    layer
}

impl Settings {
    /// What of `stored` counts at `level`: the rest was written by another version, or past this broker.
    pub fn dynamic_layer(&self, stored: &Properties, level: DynamicLevel) -> Properties {
        layer(stored, level, &mut Vec::new())
    }

    /// Whether `proposed` may take the place of this broker's dynamic settings of `level`. Kafka:
    /// `DynamicBrokerConfig.validate`; its answer to a fault is INVALID_REQUEST with the fault's
    /// [`ConfigFault::java_message`].
    pub fn check_dynamic(&self, proposed: &Properties, level: DynamicLevel) -> Result<(), ConfigFault> {
        check_names(proposed, level)?;
        let mut layers = self.layers.clone();
        match level {
            DynamicLevel::Cluster => layers.cluster = proposed.clone(),
            DynamicLevel::Broker => layers.own = proposed.clone(),
        }
        let then = Settings::resolve(layers.merged(), layers)?;
        super::reconfigure::check(self, &then)?;
        check_served(proposed)
    }
}

fn check_names(proposed: &Properties, level: DynamicLevel) -> Result<(), ConfigFault> {
    let named = |wrong: &dyn Fn(&str) -> bool| -> Option<String> {
        let names: Vec<&str> = proposed.keys().map(String::as_str).filter(|name| wrong(name)).collect();
        (!names.is_empty()).then(|| java_set(&names))
    };
    if let Some(names) = named(&is_read_only) {
        return Err(DynamicFault::ReadOnly { names }.into());
    }
    if let Some(names) = named(&|name| OF_KEY_STORES.contains(&name)) {
        return Err(DynamicFault::WithoutListener { names }.into());
    }
    for (name, text) in proposed {
        check_value(name, text)?;
    }
    match named(&is_of_one_broker).filter(|_| level == DynamicLevel::Cluster) {
        Some(names) => Err(DynamicFault::OfOneBroker { names }.into()),
        None => Ok(()),
    }
}

/// What Kafka would do and this broker cannot.
fn check_served(proposed: &Properties) -> Result<(), ConfigFault> {
    for (name, text) in proposed {
        if let Some(row) = synonyms::row_of(name)
            && let Status::Refused(reason) = row.status
            && Value::parse(row, text)? != Value::default_of(row)
        {
            return Err(ConfigFault::Refused { name: row.name, reason });
        }
    }
    Ok(())
}
