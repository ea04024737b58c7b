//! Words of command lines and files that tools read: plans of offsets, dates and durations, patterns; and the head of
//! what asks for metrics.

use crate::Target;
use crate::allocation::bounded;
use crate::foreign::{csv, datetime, head, regex};

pub const TARGET: Target = Target {
    name: "words",
    meaning: "plans of offsets, dates, durations and patterns of the tools; heads of HTTP requests",
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
        _ if kind % 5 == 0 => http(bytes),
        Ok(text) => match kind % 5 {
            1 => plan(text),
            2 => {
                let _ = datetime::date_time(text);
            }
            3 => {
                let _ = datetime::before(1_700_000_000_000, text);
            }
            _ => {
                let _ = regex::validate(text);
            }
        },
        Err(_) => {}
    });
}

/// A head that is whole is whole whatever follows, and no beginning of it is.
fn http(bytes: &[u8]) {
    let Ok(Some(found)) = head::Head::parse(bytes) else { return };
    let longer = [bytes, b"more"].concat();
    assert_eq!(head::Head::parse(&longer), Ok(Some(found)));
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
    let texts: [(u8, &str); 14] = [
        (0, "GET /metrics?x=1&dialect=a,e HTTP/1.1\r\nHost: localhost:9404\r\naccept: text/plain\r\n\r\n"),
        (0, "HEAD /healthz HTTP/1.0\r\nContent-Length: 0\r\nUser-Agent: a\r\n\r\n"),
        (1, "group,topic,3,17"),
        (1, "\"a \"\"group\"\"\",\"topic, with\",0,-1\ngroup,t,1,2\n"),
        (2, "2026-11-21T10:00:00.000"),
        (2, "2026-11-21T10:00:00.5+01:00"),
        (2, "1-1-1T1:1:1Z"),
        (3, "P1DT2H3M4.5S"),
        (3, "-PT-0.5S"),
        (4, "a.*|(?P<n>b)[[:alpha:]x-z]{2,3}?"),
        (4, "\\pL\\p{Greek}\\x{10FFFF}\\Q*\\E$"),
        (4, "(?i-s:a)(?:b)+?"),
        (4, "[^a-\\d]]"),
        (4, "x{1001}"),
    ];
    texts.iter().map(|(kind, text)| [&[*kind], text.as_bytes()].concat()).collect()
}
