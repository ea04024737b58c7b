//! The node's loggers and their levels, as clients see and set them (Kafka: `LoggingController`). Whoever writes the log
//! says which loggers there are, and asks for their levels.

use std::collections::{BTreeMap, BTreeSet};

use klamm_base::owned::RwLock;

/// The logger above all others.
pub const ROOT: &str = "root";

/// How much a logger tells, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    Off,
    Fatal,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl LogLevel {
    /// What a client may set, in the order of Kafka's message about it (`LogLevelConfig.VALID_LOG_LEVELS`).
    pub const SETTABLE: [LogLevel; 6] =
        [LogLevel::Debug, LogLevel::Error, LogLevel::Fatal, LogLevel::Info, LogLevel::Trace, LogLevel::Warn];

    pub fn name(self) -> &'static str {
        match self {
            LogLevel::Off => "OFF",
            LogLevel::Fatal => "FATAL",
            LogLevel::Error => "ERROR",
            LogLevel::Warn => "WARN",
            LogLevel::Info => "INFO",
            LogLevel::Debug => "DEBUG",
            LogLevel::Trace => "TRACE",
        }
    }

    /// The settable level of that name, in capitals.
    pub fn from_name(name: &str) -> Option<LogLevel> {
        LogLevel::SETTABLE.into_iter().find(|level| level.name() == name)
    }
}

/// Loggers have names with dots; one without a level of its own has that of the nearest above it.
#[derive(Debug)]
pub struct Loggers(RwLock<State>);

#[derive(Debug)]
struct State {
    known: BTreeSet<&'static str>,
    root: LogLevel,
    own: BTreeMap<&'static str, LogLevel>,
}

impl Default for Loggers {
    fn default() -> Loggers {
        Loggers(RwLock::new(State { known: BTreeSet::new(), root: LogLevel::Info, own: BTreeMap::new() }))
    }
}

impl Loggers {
    /// Makes loggers known; all have the level `root` until somebody sets another.
    pub fn register(&self, names: impl IntoIterator<Item = &'static str>, root: LogLevel) {
        let mut state = self.0.write();
        state.known.extend(names);
        state.root = root;
    }

    /// Every logger with the level that counts for it, sorted by name.
    pub fn levels(&self) -> Vec<(&'static str, LogLevel)> {
        let state = self.0.read();
        let mut levels: Vec<(&str, LogLevel)> =
            state.known.iter().map(|name| (*name, state.level(name))).collect();
        levels.push((ROOT, state.root));
        levels.sort_unstable_by_key(|(name, _)| *name);
        levels
    }

    /// The level that counts for a logger, known or not.
    pub fn level(&self, name: &str) -> LogLevel {
        self.0.read().level(name)
    }

    pub fn exists(&self, name: &str) -> bool {
        name == ROOT || self.0.read().known.contains(name)
    }

    /// Gives a logger a level, or takes away its own. Loggers that do not exist are none of our business.
    pub fn set(&self, name: &str, level: Option<LogLevel>) {
        let mut state = self.0.write();
        match (state.known.get(name).copied(), level) {
            (None, Some(level)) if name == ROOT => state.root = level,
            (Some(name), Some(level)) => drop(state.own.insert(name, level)),
            (Some(name), None) => drop(state.own.remove(name)),
            (None, _) => {}
        }
    }
}

impl State {
    fn level(&self, name: &str) -> LogLevel {
        let mut above = name;
        loop {
            if let Some(level) = self.own.get(above) {
                return *level;
            }
            match above.rsplit_once('.') {
                Some((parent, _)) => above = parent,
                None => return self.root,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logger_without_a_level_has_that_of_the_nearest_above() {
        let loggers = Loggers::default();
        loggers.register(["kafka", "kafka.server.KafkaApis", "state.change"], LogLevel::Warn);
        assert_eq!(loggers.level("kafka.server.KafkaApis"), LogLevel::Warn);
        loggers.set("kafka", Some(LogLevel::Debug));
        assert_eq!(loggers.level("kafka.server.KafkaApis"), LogLevel::Debug);
        assert_eq!(loggers.level("kafkaesque"), LogLevel::Warn);
        loggers.set("kafka.server.KafkaApis", Some(LogLevel::Fatal));
        loggers.set(ROOT, Some(LogLevel::Error));
        loggers.set("no.such.logger", Some(LogLevel::Trace));
        let levels = loggers.levels().into_iter().map(|(name, level)| format!("{name}={}", level.name()));
        assert_eq!(
            levels.collect::<Vec<_>>(),
            ["kafka=DEBUG", "kafka.server.KafkaApis=FATAL", "root=ERROR", "state.change=ERROR"]
        );
        loggers.set("kafka.server.KafkaApis", None);
        loggers.set(ROOT, None);
        assert_eq!(loggers.level("kafka.server.KafkaApis"), LogLevel::Debug);
        assert_eq!(loggers.level(ROOT), LogLevel::Error, "the root keeps its level");
    }

    #[test]
    fn what_exists_can_be_asked() {
        let loggers = Loggers::default();
        loggers.register(["kafka"], LogLevel::Info);
        assert!(loggers.exists("kafka") && loggers.exists(ROOT) && !loggers.exists("kafka.server"));
        assert_eq!(LogLevel::from_name("WARN"), Some(LogLevel::Warn));
        assert_eq!((LogLevel::from_name("warn"), LogLevel::from_name("OFF")), (None, None));
    }
}
