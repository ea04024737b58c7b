//! Words of command lines and files that tools read: plans of offsets, dates and durations, patterns.

use crate::Target;
use crate::allocation::bounded;
use crate::foreign::{csv, datetime, regex};

pub const TARGET: Target = Target {
    name: "words",
    meaning: "plans of offsets, dates, durations and patterns of the tools",
    run,
    seeds,
};

/// A line of a plan becomes a place in a map.
fn memory_max(len: usize) -> usize {
    256 * len + (64 << 10)
}

/// A kind, then a text.
fn run(input: &[u8]) {
    let [kind, ref bytes @ ..] = *input else { return };
    bounded(memory_max(bytes.len()), || match std::str::from_utf8(bytes) {
        Ok(text) => match kind % 4 {
            0 => plan(text),
            1 => drop(datetime::date_time(text)),
            2 => drop(datetime::before(1_700_000_000_000, text)),
            _ => drop(regex::validate(text)),
        },
        Err(_) => {}
    });
}

/// What is read can be written and is read the same.
fn plan(text: &str) {
    let Ok(row) = csv::read(text, csv::Columns::WithGroup) else { return };
    let _ = csv::read_plan(text, &[]);
    let line = csv::write(Some(&row.group), &row.partition, row.offset);
    let again = csv::read(line.trim_end_matches('\n'), csv::Columns::WithGroup);
    assert!(again.is_ok_and(|again| again == row), "{line:?}");
}

fn seeds() -> Vec<Vec<u8>> {
    let texts: [(u8, &str); 12] = [
        (0, "group,topic,3,17"),
        (0, "\"a \"\"group\"\"\",\"topic, with\",0,-1\ngroup,t,1,2\n"),
        (1, "2026-11-21T10:00:00.000"),
        (1, "2026-11-21T10:00:00.5+01:00"),
        (1, "1-1-1T1:1:1Z"),
        (2, "P1DT2H3M4.5S"),
        (2, "-PT-0.5S"),
        (3, "a.*|(?P<n>b)[[:alpha:]x-z]{2,3}?"),
        (3, "\\pL\\p{Greek}\\x{10FFFF}\\Q*\\E$"),
        (3, "(?i-s:a)(?:b)+?"),
        (3, "[^a-\\d]]"),
        (3, "x{1001}"),
    ];
    texts.iter().map(|(kind, text)| [&[*kind], text.as_bytes()].concat()).collect()
}
