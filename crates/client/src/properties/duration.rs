//! Durations as Java writes them, `PnDTnHnMn.nS` (Java: `Duration.parse`).

/// Milliseconds of a duration, rounded down; `None` for what Java refuses, or what does not fit.
pub fn parse_millis(text: &str) -> Option<i64> {
    let (negative, rest) = sign(text);
    let rest = rest.strip_prefix(['P', 'p'])?;
    let (days, time) = match rest.split_once(['T', 't']) {
        Some((_, "")) => return None,
        Some((days, time)) => (days, time),
        None => (rest, ""),
    };
    if days.is_empty() && time.is_empty() {
        return None;
    }
    let mut nanos = 0i128;
    if !days.is_empty() {
        nanos += i128::from(whole(days.strip_suffix(['D', 'd'])?)?) * 86_400_000_000_000;
    }
    let mut rest = time;
    for (unit, factor) in [(['H', 'h'], 3_600_000_000_000), (['M', 'm'], 60_000_000_000)] {
        if let Some((count, after)) = rest.split_once(unit) {
            nanos += i128::from(whole(count)?) * factor;
            rest = after;
        }
    }
    if !rest.is_empty() {
        nanos += seconds(rest.strip_suffix(['S', 's'])?)?;
    }
    let nanos = if negative { -nanos } else { nanos };
    i64::try_from(nanos.div_euclid(1_000_000)).ok()
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn whole(text: &str) -> Option<i64> {
    let (_, digits) = sign(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// Nanoseconds; the fraction has the sign of the whole.
fn seconds(text: &str) -> Option<i128> {
    let (count, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    if fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole = i128::from(whole(count)?) * 1_000_000_000;
    let part: i128 = format!("{fraction:0<9}").parse().ok()?;
    Some(if count.starts_with('-') { whole - part } else { whole + part })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_java_reads_them() {
        let known = [
            ("PT15S", 15_000),
            ("P2D", 172_800_000),
            ("PT10H", 36_000_000),
            ("P2DT3H4M", 183_840_000),
            ("pt1.5s", 1_500),
            ("PT-6H+3M", -21_420_000),
            ("-PT6H", -21_600_000),
            ("PT0.0009S", 0),
            ("PT-0.5S", -500),
        ];
        for (text, millis) in known {
            assert_eq!(parse_millis(text), Some(millis), "{text}");
        }
        for wrong in
            ["", "P", "PT", "P1DT", "1D", "P1H", "PT1D", "PT1M2H", "PT1.1234567891S", "P99999999999999D"]
        {
            assert_eq!(parse_millis(wrong), None, "{wrong}");
        }
    }
}
