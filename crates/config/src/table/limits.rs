//! Broker properties that Kafka does not have: bounds on what requests may make a node hold.
//! The whole list of bounds is docs/bounds.md.

use crate::definition::{Bounds, Definition, int, long};

pub(super) const ROWS: &[Definition] = &[
    long("klamm.group.memory.max.bytes", 67_108_864)
        .bounds(Bounds::Range { min: 1_048_576.0, max: f64::INFINITY })
        .works("Memory that groups of this broker may take with their members and offsets; beyond it nothing grows."),
    int("klamm.max.config.resources", 10_000)
        .at_least(0)
        .works("Most groups and client metrics subscriptions with settings of their own."),
    int("klamm.max.decoded.request.bytes", 8_388_608)
        .at_least(65_536)
        .works("Memory that one decoded request may take beside its frame; beyond it the connection ends."),
    long("klamm.max.decompressed.batch.bytes", 268_435_456)
        .bounds(Bounds::Range { min: 1.0, max: f64::INFINITY })
        .works("Most bytes that one compressed batch may decompress to."),
    int("klamm.max.fetch.session.partitions", 100_000)
        .at_least(0)
        .works("Most partitions in all fetch sessions together; beyond it no session is made."),
    int("klamm.max.groups", 10_000)
        .at_least(1)
        .works("Most groups of this broker; beyond it none is made by joining or committing."),
    int("klamm.max.partitions", 20_000)
        .at_least(1)
        .works("Most partitions of the cluster; beyond it topics and partitions are refused."),
    int("klamm.max.producer.ids", 100_000)
        .at_least(100)
        .works("Most producers that all partitions of this broker remember together, each counted where it writes."),
    int("klamm.max.producer.ids.per.partition", 5_000)
        .at_least(1)
        .works("Most producers that a partition remembers; who is silent for longest is forgotten first."),
    int("klamm.max.response.bytes", 33_554_432)
        .at_least(65_536)
        .works("Most bytes of one answer, records of a fetch not counted."),
    long("klamm.queued.max.decoded.bytes", 33_554_432)
        .bounds(Bounds::Range { min: 1_048_576.0, max: f64::INFINITY })
        .works("Memory that all decoded requests may take together; beyond it connections end."),
];
