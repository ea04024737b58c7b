//! Reading doubles and durations; the rest is compared with Kafka's own answers in `tests/it`.

use super::*;

#[test]
fn doubles_are_read_as_java_reads_them() {
    for text in ["1", "+1.5", "-1e3", "1.5f", "2D", "NaN", "-Infinity", ".5", "5."] {
        assert!(parse_double(text).is_some(), "{text}");
    }
    for text in ["", "inf", "nan", "infinity", "1e", "--1", "1_000", "0x1p3", "f", "1.5ff"] {
        assert!(parse_double(text).is_none(), "{text}");
    }
}

/// Each as Kafka 4.4.0 took or refused it behind `by_duration:`.
#[test]
fn durations_are_javas() {
    let taken = ["P1D", "p1d", "PT1S", "PT1.5S", "PT1.S", "PT0S", "PT1H2M3S", "P1DT1H", "PT+1H", "+P1D"];
    for text in taken {
        assert!(offset_reset(&format!("by_duration:{text}")), "{text}");
    }
    for text in ["", "PT.5S", "P1DT", "PT", "P", "-P1D", "P-1D", "PT1M2H", "PT-1H", "1D", "P1H"] {
        assert!(!offset_reset(&format!("by_duration:{text}")), "{text}");
    }
    assert!(!offset_reset("by_duration") && !offset_reset("LATEST") && !offset_reset("BY_DURATION:P1D"));
}
