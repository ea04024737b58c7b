//! Log lines in Kafka's shape: `[2026-11-21 11:22:33,123] INFO message (logger)`. Kafka: its log4j pattern.
//!
//! The target of an event is its logger and carries Kafka's name for it, so that what greps Kafka's logs goes on
//! working. Times are UTC. Fields follow the message as `name=value`. Control characters are escaped and lines have
//! a bound, because clients choose parts of what is logged.

mod levels;
mod line;
mod rate_limit;
mod timestamp;

use std::io::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

pub use levels::Levels;
pub use rate_limit::RateLimit;
pub use tracing::level_filters::LevelFilter as Level;

/// Lines go to standard output up to `levels`. The first call of a process counts, later ones change nothing.
pub fn init(levels: Levels) {
    let _ = tracing::subscriber::set_global_default(KafkaLog { levels });
}

/// Writes each event as one line. There are no spans.
struct KafkaLog {
    levels: Levels,
}

impl Subscriber for KafkaLog {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= self.levels.of(metadata.target())
    }

    fn max_level_hint(&self) -> Option<Level> {
        Some(self.levels.most())
    }

    fn event(&self, event: &Event<'_>) {
        let entry = line::Entry::of(event);
        if entry.level() > self.levels.of(entry.logger()) {
            return;
        }
        let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |age| age.as_millis() as u64);
        // A log that cannot be written is no reason to stop serving.
        let _ = io::stdout().lock().write_all(entry.line(now_ms).as_bytes());
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
