//! Log lines in Kafka's shape: `[2026-11-21 11:22:33,123] INFO message (logger)`. Kafka: its log4j pattern.
//!
//! The target of an event is its logger and carries Kafka's name for it, so that what greps Kafka's logs goes on
//! working. Times are UTC. Fields follow the message as `name=value`. Control characters are escaped and lines have
//! a bound, because clients choose parts of what is logged, and so have lines of one kind in a second. On request a line
//! is a JSON object instead (`klamm.log.format`, or the variable `KLAMM_LOG_FORMAT`, which wins). Levels are those the process was started with until there
//! is a node; from then on the node's, which clients change.

mod levels;
mod line;
mod rate_limit;
mod site_limits;
mod timestamp;

use std::fmt;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};

use klamm_config::settings::ObservingSettings;
use klamm_node::{LogLevel, Loggers};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};

use line::Format;
use site_limits::SiteLimits;

pub use levels::Levels;
pub use rate_limit::RateLimit;
pub use tracing::level_filters::LevelFilter as Level;

/// `text` or `json`.
const FORMAT_VARIABLE: &str = "KLAMM_LOG_FORMAT";

/// The loggers there are, and those above them that are worth a level.
const LOGGERS: [&str; 15] = [
    "kafka",
    "kafka.log.LogLoader",
    "kafka.log.LogManager",
    "kafka.network.SocketServer",
    "kafka.raft.KafkaMetadataLog",
    "kafka.server",
    "kafka.server.BrokerLifecycleManager",
    "kafka.server.DynamicBrokerConfig",
    "kafka.server.KafkaConfig",
    "kafka.server.KafkaRaftServer",
    "kafka.server.KafkaRequestHandler",
    "kafka.server.ReplicaManager",
    "kafka.tools.StorageTool",
    "org.apache.kafka",
    "org.apache.kafka.image.publisher.SnapshotGenerator",
];

static LOG: KafkaLog = KafkaLog::new();

/// Lines go to standard output up to `levels`. The first call of a process counts, later ones change nothing.
pub fn init(levels: Levels) {
    let _ = LOG.started_with.set(levels);
    if std::env::var_os(FORMAT_VARIABLE).is_some_and(|format| format == "json") {
        LOG.is_json.store(true, Ordering::Relaxed);
    }
    let _ = tracing::subscriber::set_global_default(&LOG);
}

/// The settings are known.
pub fn adopt(settings: &ObservingSettings) {
    if std::env::var_os(FORMAT_VARIABLE).is_none() {
        LOG.is_json.store(settings.log_is_json, Ordering::Relaxed);
    }
}

/// Whether standard output is for a machine to read.
pub fn is_json() -> bool {
    LOG.is_json.load(Ordering::Relaxed)
}

/// From now on clients may provoke lines: so many of one kind in a second are written.
pub fn bound(settings: &ObservingSettings) {
    LOG.limits.set(settings.log_lines_per_second);
}

/// One line of the log from a room that has no log of its own.
pub fn note(logger: &str, message: fmt::Arguments<'_>) {
    tracing::info!(target: "kafka", logger, "{message}");
}

/// The last line of a process that cannot go on.
pub fn fatal(logger: &str, message: fmt::Arguments<'_>) {
    tracing::error!(target: "kafka", logger, "{message}");
}

/// From now on the levels of `loggers` count, which begin as those the process was started with.
pub fn follow(loggers: &Arc<Loggers>) {
    if let Some(levels) = LOG.started_with.get() {
        teach(loggers, levels);
        let _ = LOG.of_node.set(loggers.clone());
    }
}

fn teach(loggers: &Loggers, levels: &Levels) {
    loggers.register(LOGGERS, named(levels.root()));
    for name in LOGGERS.into_iter().filter(|name| levels.of(name) != levels.root()) {
        loggers.set(name, Some(named(levels.of(name))));
    }
}

fn named(level: Level) -> LogLevel {
    match level {
        Level::OFF => LogLevel::Off,
        Level::ERROR => LogLevel::Error,
        Level::WARN => LogLevel::Warn,
        Level::INFO => LogLevel::Info,
        Level::DEBUG => LogLevel::Debug,
        _ => LogLevel::Trace,
    }
}

/// FATAL is what ERROR is.
fn filter(level: LogLevel) -> Level {
    match level {
        LogLevel::Off => Level::OFF,
        LogLevel::Fatal | LogLevel::Error => Level::ERROR,
        LogLevel::Warn => Level::WARN,
        LogLevel::Info => Level::INFO,
        LogLevel::Debug => Level::DEBUG,
        LogLevel::Trace => Level::TRACE,
    }
}

/// Writes each event as one line. There are no spans.
struct KafkaLog {
    started_with: OnceLock<Levels>,
    of_node: OnceLock<Arc<Loggers>>,
    is_json: AtomicBool,
    limits: SiteLimits,
}

impl KafkaLog {
    const fn new() -> KafkaLog {
        KafkaLog {
            started_with: OnceLock::new(),
            of_node: OnceLock::new(),
            is_json: AtomicBool::new(false),
            limits: SiteLimits::new(),
        }
    }

    fn level(&self, logger: &str) -> Level {
        match (self.of_node.get(), self.started_with.get()) {
            (Some(loggers), _) => filter(loggers.level(logger)),
            (None, Some(levels)) => levels.of(logger),
            (None, None) => Level::OFF,
        }
    }
}

impl Subscriber for &'static KafkaLog {
    /// Levels change, so nobody may remember the answer.
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= self.level(metadata.target())
    }

    fn event(&self, event: &Event<'_>) {
        let entry = line::Entry::of(event);
        if entry.level() > self.level(entry.logger()) {
            return;
        }
        let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |age| age.as_millis() as u64);
        let format = if self.is_json.load(Ordering::Relaxed) { Format::Json } else { Format::Text };
        let second = now_ms / 1_000;
        let mut lines: String = self
            .limits
            .take_suppressed(second)
            .iter()
            .map(|suppressed| line::about(suppressed, now_ms, format))
            .collect();
        if self.limits.admit(entry.metadata(), entry.logger(), second) {
            lines += &entry.line(now_ms, format);
        }
        // A log that cannot be written is no reason to stop serving.
        let _ = io::stdout().lock().write_all(lines.as_bytes());
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_node_begins_with_the_levels_of_the_process_and_then_decides() {
        let levels = Levels::of_variables(|name| match name {
            "KAFKA_LOG4J_ROOT_LOGLEVEL" => Some("WARN"),
            "KAFKA_LOG4J_LOGGERS" => Some("kafka.network=DEBUG"),
            _ => None,
        });
        let loggers = Arc::new(Loggers::default());
        teach(&loggers, &levels);
        let log = KafkaLog { started_with: OnceLock::from(levels), ..KafkaLog::new() };
        assert_eq!(log.level("kafka.network.SocketServer"), Level::DEBUG);
        let _ = log.of_node.set(loggers.clone());
        assert_eq!(log.level("kafka.network.SocketServer"), Level::DEBUG);
        assert_eq!(log.level("kafka.log.LogManager"), Level::WARN);
        loggers.set("kafka.log.LogManager", Some(LogLevel::Fatal));
        loggers.set("root", Some(LogLevel::Trace));
        assert_eq!(log.level("kafka.log.LogManager"), Level::ERROR);
        assert_eq!(log.level("kafka.server.KafkaConfig"), Level::TRACE);
    }
}
