//! Whether running parts of a broker would take their new settings. Kafka: the `validateReconfiguration`
//! of `DynamicThreadPool`, `LogCleaner`, `DynamicLogConfig`, `DynamicListenerConfig`, `SocketServer` and
//! `DynamicMetricsReporters`; a part is asked only if something of its own has changed.

use super::Settings;
use super::listeners::{Endpoint, ListenerSettings};
use super::values::Values;
use crate::definition::Dynamic;
use crate::fault::{ConfigFault, DynamicFault, Reconfiguration};
use crate::java_text::{java_set, scala_set};
use crate::table;
use crate::value::Value;
use std::collections::BTreeSet;

const THREAD_POOLS: [&str; 4] =
    ["num.io.threads", "num.replica.fetchers", "num.recovery.threads.per.data.dir", "background.threads"];

const REMOTE_THREAD_POOLS: [&str; 4] = [
    "remote.log.manager.copier.thread.pool.size",
    "remote.log.manager.expiration.thread.pool.size",
    "remote.log.manager.follower.thread.pool.size",
    "remote.log.reader.threads",
];

type Check = Result<(), Reconfiguration>;

/// Kafka: `DynamicBrokerConfig.processReconfiguration`.
pub(super) fn check(now: &Settings, then: &Settings) -> Result<(), ConfigFault> {
    for endpoint in &now.listeners.broker {
        check_listener(now, then, &endpoint.name).map_err(DynamicFault::Reconfiguration)?;
    }
    check_parts(&now.values, &then.values).map_err(DynamicFault::Reconfiguration)?;
    check_listeners(&now.listeners, &then.listeners)
}

/// Kafka would open and close listeners. Here they are those of the start, which may be named again, with
/// whatever address.
fn check_listeners(now: &ListenerSettings, then: &ListenerSettings) -> Result<(), ConfigFault> {
    let all = |listeners: &ListenerSettings| -> Vec<Endpoint> {
        listeners.broker.iter().chain(&listeners.controller).cloned().collect()
    };
    let (now, then) = (all(now), all(then));
    for endpoint in &then {
        let bound = now.iter().find(|bound| bound.name == endpoint.name);
        if bound.is_some_and(|bound| bound.protocol != endpoint.protocol) {
            let listener = endpoint.name.clone();
            return Err(DynamicFault::Reconfiguration(Reconfiguration::Protocol { listener }).into());
        }
    }
    let names = |listeners: &[Endpoint]| -> BTreeSet<String> {
        listeners.iter().map(|endpoint| endpoint.name.clone()).collect()
    };
    match names(&now) == names(&then) {
        true => Ok(()),
        false => Err(DynamicFault::ReadOnly { names: java_set(&["listeners"]) }.into()),
    }
}

fn check_parts(now: &Values, then: &Values) -> Check {
    check_reporters(now, then)?;
    for pool in THREAD_POOLS {
        check_threads(now, then, pool)?;
    }
    if is_topic_default_changed(now, then) {
        check_remote_retention(then)?;
    }
    for pool in REMOTE_THREAD_POOLS {
        check_threads(now, then, pool)?;
    }
    check_cleaner(now, then)
}

fn is_changed(now: &Values, then: &Values, name: &str) -> bool {
    now.get(name) != then.get(name)
}

/// Whether one of the settings that topics inherit is set to another text.
fn is_topic_default_changed(now: &Values, then: &Values) -> bool {
    let inherited = table::topic().values().flat_map(|row| row.synonyms);
    let changed = |name: &str| now.originals().get(name) != then.originals().get(name);
    let dynamic = |name: &str| table::broker().get(name).is_some_and(|row| row.dynamic != Dynamic::ReadOnly);
    inherited.map(|synonym| synonym.name).any(|name| dynamic(name) && changed(name))
}

/// From half to twice as many as now.
fn check_threads(now: &Values, then: &Values, name: &'static str) -> Check {
    check_thread_count(name, now.int(name), then.int(name))
}

fn check_thread_count(name: &'static str, now: i32, then: i32) -> Check {
    if then == now {
        return Ok(());
    }
    if then < now / 2 {
        return Err(Reconfiguration::FewerThreads { name, then, now });
    }
    match i64::from(then) > i64::from(now) * 2 {
        true => Err(Reconfiguration::MoreThreads { name, then, now }),
        false => Ok(()),
    }
}

fn check_cleaner(now: &Values, then: &Values) -> Check {
    const THREADS: &str = "log.cleaner.threads";
    let (now, then) = (now.int(THREADS), then.int(THREADS));
    if then == now {
        return Ok(());
    }
    if then < 1 {
        return Err(Reconfiguration::NoCleanerThread);
    }
    if then < now / 2 {
        return Err(Reconfiguration::FewerCleanerThreads { now });
    }
    match i64::from(then) > i64::from(now) * 2 {
        true => Err(Reconfiguration::MoreCleanerThreads { now }),
        false => Ok(()),
    }
}

/// What a listener has for itself, else what all have.
fn check_listener(now: &Settings, then: &Settings, listener: &str) -> Check {
    let value = |settings: &Settings, name: &str| {
        let own = format!("listener.name.{}.{name}", listener.to_lowercase());
        let own = settings.values.originals().get(&own).and_then(|text| text.trim().parse().ok());
        own.unwrap_or_else(|| settings.values.int(name))
    };
    const LIMITS: [&str; 2] = ["max.connections", "max.connection.creation.rate"];
    if LIMITS.into_iter().any(|name| value(now, name) != value(then, name))
        && let Some(name) = LIMITS.into_iter().find(|name| value(then, name) <= 0)
    {
        return Err(Reconfiguration::NoConnection { name, value: value(then, name) });
    }
    const THREADS: &str = "num.network.threads";
    check_thread_count(THREADS, value(now, THREADS), value(then, THREADS))
}

/// Only Kafka's own reporter can be named; it changes nothing here.
fn check_reporters(now: &Values, then: &Values) -> Check {
    const NAME: &str = "metric.reporters";
    const KNOWN: &str = "org.apache.kafka.common.metrics.JmxReporter";
    let foreign = then.list(NAME).iter().any(|class| class != KNOWN);
    if !is_changed(now, then, NAME) || !foreign {
        return Ok(());
    }
    let texts = (now.originals(), then.originals());
    let changed: Vec<&str> = texts
        .1
        .iter()
        .filter(|(name, text)| texts.0.get(*name) != Some(text))
        .map(|(name, _)| name.as_str())
        .collect();
    Err(Reconfiguration::Reporters { changed: scala_set(&changed) })
}

/// Kafka: `DynamicLogConfig.validateReconfiguration`; -2 of the local limits means the topic's own.
fn check_remote_retention(then: &Values) -> Check {
    let retention_ms = match super::topic::retention_ms(then) {
        Value::Number(ms) => ms,
        other => panic!("a retention time is no number but {other:?}"),
    };
    let of_time = ("log.local.retention.ms", "log.retention.ms", "log.remote.copy.lag.ms", retention_ms);
    let retention_bytes = then.long("log.retention.bytes");
    let of_size =
        ("log.local.retention.bytes", "log.retention.bytes", "log.remote.copy.lag.bytes", retention_bytes);
    for (local, whole, _, most) in [of_time, of_size] {
        let limited = if local == of_time.0 { most != -1 } else { most > -1 };
        let value = then.long(local);
        if limited && value == -1 {
            return Err(Reconfiguration::LocalUnlimited { local, whole, most });
        }
        if limited && value > most {
            return Err(Reconfiguration::LocalMore { local, whole, value, most });
        }
    }
    for (local, _, lag, whole) in [of_time, of_size] {
        let most = if then.long(local) == -2 { whole } else { then.long(local) };
        let value = then.long(lag);
        if value > 0 && most >= 0 && value > most {
            return Err(Reconfiguration::CopyLag { lag, local, value, most });
        }
    }
    Ok(())
}
