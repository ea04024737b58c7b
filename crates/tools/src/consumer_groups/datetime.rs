//! Points in time and durations as Kafka's tools read them: what Java's `SimpleDateFormat` takes of
//! `yyyy-MM-ddTHH:mm:ss.SSS` with a zone (Kafka: `Utils.getDateTime`), and ISO 8601 durations of days and less (Java:
//! `Duration.parse`).

use std::fmt;

/// What Java says when a text is no point in time. It prints as a `java.text.ParseException` does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoDateTime {
    NoTime,
    Unparseable { text: String },
}

impl fmt::Display for NoDateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("java.text.ParseException: ")?;
        match self {
            NoDateTime::NoTime => {
                f.write_str("Error parsing timestamp. It does not contain a 'T' according to ISO8601 format")
            }
            NoDateTime::Unparseable { text } => write!(f, "Unparseable date: \"{text}\""),
        }
    }
}

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// ms since 1970 of `2026-11-21T10:00:00.000`, which is UTC when it names no zone (`Z`, `+01`, `+0100`, `+01:00`).
/// Fields may be shorter, blanks may stand before them, what follows the zone is not looked at, and `.5` are 5 ms.
///
/// # Errors
/// [`NoDateTime`]
pub fn date_time(text: &str) -> Result<i64, NoDateTime> {
    let (_, time) = text.trim_end_matches('T').split_once('T').ok_or(NoDateTime::NoTime)?;
    let time = time.split('T').next().unwrap_or_default();
    let has_zone = time.contains(['+', '-', 'Z']);
    let text = if has_zone { text.to_owned() } else { format!("{text}Z") };
    let parsed = Fields { rest: &text }.date_time();
    parsed.ok_or(NoDateTime::Unparseable { text })
}

/// What of a text was not read yet.
struct Fields<'a> {
    rest: &'a str,
}

impl Fields<'_> {
    fn date_time(&mut self) -> Option<i64> {
        let year = self.number()?;
        let month = self.after("-")?;
        let day = self.after("-")?;
        let hours = self.after("T")?;
        let minutes = self.after(":")?;
        let seconds = self.after(":")?;
        let ms = self.after(".")?;
        self.blanks();
        let zone = self.zone()?;
        let in_range = (0..24).contains(&hours)
            && (0..60).contains(&minutes)
            && (0..60).contains(&seconds)
            && (0..1000).contains(&ms);
        let days = if in_range { epoch_day(year, month, day)? } else { return None };
        let of_day = hours * HOUR_MS + minutes * MINUTE_MS + seconds * 1000 + ms;
        days.checked_mul(DAY_MS)?.checked_add(of_day)?.checked_sub(zone)
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    /// Digits that an int holds.
    fn number(&mut self) -> Option<i64> {
        self.blanks();
        let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        digits.parse::<i32>().ok().map(i64::from)
    }

    fn after(&mut self, separator: &str) -> Option<i64> {
        self.rest = self.rest.strip_prefix(separator)?;
        self.number()
    }

    /// Distance from UTC in ms. With a colon minutes count; what cannot be read so is hours with anything behind.
    fn zone(&mut self) -> Option<i64> {
        let sign = match self.rest.bytes().next()? {
            b'Z' => return Some(0),
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        let digit = |at: usize| {
            self.rest.as_bytes().get(at).filter(|b| b.is_ascii_digit()).map(|b| i64::from(b - b'0'))
        };
        let hours = digit(1)? * 10 + digit(2)?;
        if hours > 23 {
            return None;
        }
        let minutes = match (self.rest.as_bytes().get(3), digit(4), digit(5)) {
            (Some(b':'), Some(tens), Some(ones)) if tens * 10 + ones < 60 => tens * 10 + ones,
            _ => 0,
        };
        Some(sign * (hours * HOUR_MS + minutes * MINUTE_MS))
    }
}

/// Days since 1970 of a day that exists: Julian until 4 October 1582, Gregorian from 15 October on.
fn epoch_day(year: i64, month: i64, day: i64) -> Option<i64> {
    let date = (year, month, day);
    let is_gregorian = date >= (1582, 10, 15);
    if !is_gregorian && date > (1582, 10, 4) {
        return None;
    }
    let is_leap = year % 4 == 0 && (!is_gregorian || year % 100 != 0 || year % 400 == 0);
    let month_days = match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => return None,
    };
    if year < 1 || !(1..=month_days).contains(&day) {
        return None;
    }
    // Years begin in March, so that the leap day comes last.
    let march_year = year - i64::from(month <= 2);
    let march_month = (month + 9) % 12;
    let of_year = (153 * march_month + 2) / 5 + day - 1;
    let leap_days = match is_gregorian {
        true => march_year / 4 - march_year / 100 + march_year / 400,
        false => march_year / 4 - 2,
    };
    Some(march_year * 365 + leap_days + of_year - 719_468)
}

/// Why a text is no duration, or no time lies that far away. It prints as Java's messages do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoDuration {
    Unparseable,
    TooLarge { part: &'static str },
    BeyondTime,
    BeyondMillis,
}

impl fmt::Display for NoDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoDuration::Unparseable => f.write_str("Text cannot be parsed to a Duration"),
            NoDuration::TooLarge { part } => write!(f, "Text cannot be parsed to a Duration: {part}"),
            NoDuration::BeyondTime => f.write_str("Instant exceeds minimum or maximum instant"),
            NoDuration::BeyondMillis => f.write_str("long overflow"),
        }
    }
}

/// The first and the last second that Java's `Instant` knows.
const INSTANT_SECONDS: std::ops::RangeInclusive<i128> = -31_557_014_167_219_200..=31_556_889_864_403_199;
const SECOND_NANOS: i128 = 1_000_000_000;

/// ms since 1970 of `now_ms` less a duration such as `P1DT2H` or `-PT0.5S`.
///
/// # Errors
/// [`NoDuration`]
pub fn before(now_ms: i64, duration: &str) -> Result<i64, NoDuration> {
    let nanos = duration_nanos(duration)?;
    let then = i128::from(now_ms) * 1_000_000 - nanos;
    if !INSTANT_SECONDS.contains(&then.div_euclid(SECOND_NANOS)) {
        return Err(NoDuration::BeyondTime);
    }
    i64::try_from(then.div_euclid(1_000_000)).map_err(|_| NoDuration::BeyondMillis)
}

/// `PnDTnHnMn.nS`, each part once at most, a sign before any of them.
fn duration_nanos(text: &str) -> Result<i128, NoDuration> {
    let upper = text.to_ascii_uppercase();
    let (is_negative, rest) = match upper.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, upper.strip_prefix('+').unwrap_or(&upper)),
    };
    let rest = rest.strip_prefix('P').ok_or(NoDuration::Unparseable)?;
    let (date, time) = rest.split_once('T').map_or((rest, None), |(date, time)| (date, Some(time)));
    if rest.is_empty() || time == Some("") {
        return Err(NoDuration::Unparseable);
    }
    let mut date = Parts { rest: date };
    let mut time = Parts { rest: time.unwrap_or_default() };
    let (days, hours, minutes) = (date.take('D'), time.take('H'), time.take('M'));
    let seconds = time.take_seconds()?;
    if !date.rest.is_empty() || !time.rest.is_empty() {
        return Err(NoDuration::Unparseable);
    }
    let part = |digits: Option<&str>, name, seconds: i64| {
        let value = digits.map_or(Ok(0), str::parse::<i64>).ok();
        let value = value.and_then(|value| value.checked_mul(seconds));
        value.map(i128::from).ok_or(NoDuration::TooLarge { part: name })
    };
    let (whole, fraction) = seconds;
    let sum = part(days, "days", 86_400)?
        + part(hours, "hours", 3600)?
        + part(minutes, "minutes", 60)?
        + part(whole, "seconds", 1)?;
    // A fraction has the sign of its second, also of `-0`.
    let fraction_sign = if whole.is_some_and(|whole| whole.starts_with('-')) { -1 } else { 1 };
    let nanos = sum * SECOND_NANOS + fraction_sign * i128::from(fraction);
    if i64::try_from(sum).is_err() {
        return Err(NoDuration::TooLarge { part: "overflow" });
    }
    Ok(if is_negative { -nanos } else { nanos })
}

/// Numbers with letters behind them.
struct Parts<'a> {
    rest: &'a str,
}

impl<'a> Parts<'a> {
    /// The number before `letter`, if that comes next.
    fn take(&mut self, letter: char) -> Option<&'a str> {
        let (number, rest) = self.rest.split_once(letter)?;
        is_number(number).then(|| {
            self.rest = rest;
            number
        })
    }

    /// Seconds and nanoseconds.
    fn take_seconds(&mut self) -> Result<(Option<&'a str>, u32), NoDuration> {
        let Some((number, rest)) = self.rest.split_once('S') else { return Ok((None, 0)) };
        let (whole, fraction) = number.split_once(['.', ',']).unwrap_or((number, ""));
        let is_fraction = fraction.len() <= 9 && fraction.bytes().all(|b| b.is_ascii_digit());
        if !is_number(whole) || !is_fraction {
            return Err(NoDuration::Unparseable);
        }
        self.rest = rest;
        let nanos = format!("{fraction:0<9}").parse().map_err(|_| NoDuration::Unparseable)?;
        Ok((Some(whole), nanos))
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kafka's own answers: text, tab, ms or message.
    fn rows(data: &str) -> impl Iterator<Item = (&str, &str)> {
        data.lines().map(|line| line.rsplit_once('\t').expect("a tab"))
    }

    #[test]
    fn points_in_time() {
        let data = include_str!("../../tests/data/java-datetimes.txt");
        assert!(data.lines().count() > 50);
        for (text, expected) in rows(data) {
            let ours = date_time(text).map_or_else(|fault| fault.to_string(), |ms| ms.to_string());
            assert_eq!(ours, expected, "{text}");
        }
    }

    #[test]
    fn durations() {
        let data = include_str!("../../tests/data/java-durations.txt");
        assert!(data.lines().count() > 40);
        for (text, expected) in rows(data) {
            let ours = before(1_763_723_645_000, text);
            let ours = ours.map_or_else(|fault| fault.to_string(), |ms| ms.to_string());
            assert_eq!(ours, expected, "{text}");
        }
    }
}
