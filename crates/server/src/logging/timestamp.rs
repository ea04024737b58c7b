//! Milliseconds since 1970 as `2026-11-21 11:22:33,123`, UTC.

use std::fmt::Write;

const MS_PER_DAY: u64 = 86_400_000;

/// As Kafka's log has it.
pub fn push(out: &mut String, unix_ms: u64) {
    push_with(out, unix_ms, ' ', ',');
}

/// As ISO 8601 and JSON's readers have it: `2026-11-21T11:22:33.123Z`.
pub fn push_iso(out: &mut String, unix_ms: u64) {
    push_with(out, unix_ms, 'T', '.');
    out.push('Z');
}

fn push_with(out: &mut String, unix_ms: u64, behind_date: char, before_ms: char) {
    let (year, month, day) = civil(unix_ms / MS_PER_DAY);
    let ms = unix_ms % MS_PER_DAY;
    let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    let ms = ms % 1000;
    let _ = write!(
        out,
        "{year:04}-{month:02}-{day:02}{behind_date}{hour:02}:{minute:02}:{second:02}{before_ms}{ms:03}"
    );
}

/// Year, month and day of a day since 1970. Counts in eras of 400 years that begin on 1 March, so that the leap day
/// comes last.
fn civil(days_since_1970: u64) -> (u64, u64, u64) {
    let days = days_since_1970 + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let months_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * months_from_march + 2) / 5 + 1;
    let month = if months_from_march < 10 { months_from_march + 3 } else { months_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(unix_ms: u64) -> String {
        let mut out = String::new();
        push(&mut out, unix_ms);
        out
    }

    #[test]
    fn known_moments() {
        assert_eq!(text(0), "1970-01-01 00:00:00,000");
        assert_eq!(text(951_782_399_999), "2000-02-28 23:59:59,999");
        assert_eq!(text(951_782_400_000), "2000-02-29 00:00:00,000");
        assert_eq!(text(1_000_000_000_007), "2001-09-09 01:46:40,007");
        assert_eq!(text(1_795_260_153_123), "2026-11-21 11:22:33,123");
        assert_eq!(text(4_107_542_400_000), "2100-03-01 00:00:00,000");
    }

    #[test]
    fn days_follow_one_another() {
        let mut before = civil(0);
        for day in 1..60_000 {
            let now = civil(day);
            let next_day = now == (before.0, before.1, before.2 + 1);
            let next_month = now == (before.0, before.1 + 1, 1) && before.2 >= 28;
            let next_year = now == (before.0 + 1, 1, 1) && (before.1, before.2) == (12, 31);
            assert!(next_day || next_month || next_year, "{before:?} is followed by {now:?}");
            before = now;
        }
    }
}
