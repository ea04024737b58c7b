//! Client-metrics properties. Kafka: `ClientMetricsConfigs`.

use crate::definition::{Definition, int, list};

pub(super) const ROWS: &[Definition] = &[
    int("interval.ms", 300_000).doc("Pause between two pushes of a client's metrics."),
    list("match", "").doc(
        "Which clients are meant: `property=expression` each, all of which must fit; empty means every client.",
    ),
    list("metrics", "")
        .doc("Beginnings of the names of metrics to be pushed; `*` means all, empty none."),
];
