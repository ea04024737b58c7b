//! Lines of Java's logger, which some tools use to speak on standard error: `[2026-11-21 10:42:26,904] ERROR text
//! (org.apache.kafka.tools.TopicCommand)`. Kafka's tools log from WARN on; times are UTC.

use std::fmt;
use std::io::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::World;

/// Something went wrong. `class` is the Java class that says so, `text` may have several lines.
pub fn error(world: &mut World<'_>, class: &str, text: impl fmt::Display) -> io::Result<()> {
    line(world.err, "ERROR", class, text)
}

/// Something may go wrong.
pub fn warn(world: &mut World<'_>, class: &str, text: impl fmt::Display) -> io::Result<()> {
    line(world.err, "WARN", class, text)
}

fn line(err: &mut dyn Write, level: &str, class: &str, text: impl fmt::Display) -> io::Result<()> {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now_ms = i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX);
    writeln!(err, "[{}] {level} {text} ({class})", Stamp(now_ms))
}

/// ms since 1970, printed as `2026-11-21 10:42:26,904`.
struct Stamp(i64);

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DAY_MS: i64 = 86_400_000;
        let (year, month, day) = civil(self.0.div_euclid(DAY_MS));
        let ms = self.0.rem_euclid(DAY_MS);
        let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
        write!(f, "{year:04}-{month:02}-{day:02} {hours:02}:{minutes:02}:{seconds:02},{:03}", ms % 1000)
    }
}

/// Year, month and day of a day since 1970; years begin in March here, so that the leap day comes last.
fn civil(days: i64) -> (i64, i64, i64) {
    const ERA_DAYS: i64 = 146_097;
    let days = days + 719_468;
    let era = days.div_euclid(ERA_DAYS);
    let day = days.rem_euclid(ERA_DAYS);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let in_month = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, in_month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_readable() {
        for (ms, text) in [
            (0, "1970-01-01 00:00:00,000"),
            (1_795_257_746_904, "2026-11-21 10:42:26,904"),
            (951_782_400_001, "2000-02-29 00:00:00,001"),
            (-1, "1969-12-31 23:59:59,999"),
        ] {
            assert_eq!(Stamp(ms).to_string(), text);
        }
    }
}
