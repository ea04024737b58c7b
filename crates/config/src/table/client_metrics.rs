//! Client-metrics properties. Kafka: `ClientMetricsConfigs`.

use crate::definition::{Definition, int, list};

pub(super) const ROWS: &[Definition] = &[int("interval.ms", 300_000), list("match", ""), list("metrics", "")];
