//! Which lines are written: a level for all loggers, and others for some of them. Kafka: `log4j2.yaml`, and the variables
//! of its image that change it.

use super::Level;

/// Levels by logger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Levels {
    root: Level,
    /// A logger's name also means those below it: `kafka.server` is over `kafka.server.KafkaConfig`. Longest first.
    loggers: Vec<(String, Level)>,
}

impl Levels {
    /// The same for all.
    pub fn all(root: Level) -> Levels {
        Levels { root, loggers: Vec::new() }
    }

    /// INFO, unless `KAFKA_LOG4J_ROOT_LOGLEVEL` (a level) or `KAFKA_LOG4J_LOGGERS` (`name=level,...`) say otherwise.
    pub fn of_variables<'a>(variable: impl Fn(&str) -> Option<&'a str>) -> Levels {
        let root = variable("KAFKA_LOG4J_ROOT_LOGLEVEL").and_then(level).unwrap_or(Level::INFO);
        let loggers = variable("KAFKA_LOG4J_LOGGERS").unwrap_or_default().split(',');
        let mut loggers: Vec<_> = loggers
            .filter_map(|entry| entry.split_once('='))
            .filter_map(|(name, text)| Some((name.trim().to_owned(), level(text)?)))
            .collect();
        loggers.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        Levels { root, loggers }
    }

    /// The level of one logger.
    pub fn of(&self, logger: &str) -> Level {
        let is_over = |name: &str| {
            logger.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.loggers.iter().find(|(name, _)| is_over(name)).map_or(self.root, |(_, level)| *level)
    }

    /// The level of loggers that nothing is said about.
    pub fn root(&self) -> Level {
        self.root
    }
}

/// By its name in log4j, in any case.
fn level(text: &str) -> Option<Level> {
    Some(match text.trim().to_ascii_uppercase().as_str() {
        "OFF" => Level::OFF,
        "FATAL" | "ERROR" => Level::ERROR,
        "WARN" => Level::WARN,
        "INFO" => Level::INFO,
        "DEBUG" => Level::DEBUG,
        "TRACE" | "ALL" => Level::TRACE,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(root: &str, loggers: &str) -> Levels {
        Levels::of_variables(|name| match name {
            "KAFKA_LOG4J_ROOT_LOGLEVEL" => Some(root),
            "KAFKA_LOG4J_LOGGERS" => Some(loggers),
            _ => None,
        })
    }

    #[test]
    fn the_nearest_logger_decides() {
        let levels =
            levels("warn", "kafka.server=DEBUG, kafka.server.KafkaConfig=off,kafka=ERROR,odd,x=LOUD");
        assert_eq!(levels.of("kafka.server.KafkaRaftServer"), Level::DEBUG);
        assert_eq!(levels.of("kafka.server"), Level::DEBUG);
        assert_eq!(levels.of("kafka.server.KafkaConfig"), Level::OFF);
        assert_eq!(levels.of("kafka.serverless"), Level::ERROR);
        assert_eq!(levels.of("x"), Level::WARN);
    }

    #[test]
    fn nothing_said_is_info() {
        assert_eq!(levels("", ""), Levels::all(Level::INFO));
        assert_eq!(Levels::of_variables(|_| None), Levels::all(Level::INFO));
    }
}
