//! One partition each: logs and replicas (Kafka: the gauges of `UnifiedLog` and `Partition`), and the same as
//! kafka_exporter has it.

use klamm_node::{LogFigures, NodeFigures, PartitionFigures};

use super::broker::min_isr;
use super::text::Text;

type LogFigure = (&'static str, &'static str, fn(&PartitionFigures, &LogFigures) -> i64);

const OF_LOGS: [LogFigure; 4] = [
    ("size", "Bytes of all segments.", |_, log| log.size_bytes as i64),
    ("logstartoffset", "First offset.", |_, log| log.log_start),
    ("logendoffset", "Offset behind the last record.", |_, log| log.log_end),
    ("numlogsegments", "Segments.", |_, log| log.segments as i64),
];

const OF_LEADERS: [LogFigure; 6] = [
    ("underreplicated", "Whether replicas are out of sync.", |partition, _| {
        (partition.isr < partition.replicas).into()
    }),
    ("underminisr", "Whether fewer are in sync than min.insync.replicas.", |partition, log| {
        (partition.isr < min_isr(partition, log)).into()
    }),
    ("atminisr", "Whether as many are in sync as min.insync.replicas.", |partition, log| {
        (partition.isr == min_isr(partition, log)).into()
    }),
    ("insyncreplicascount", "Replicas in sync.", |partition, _| partition.isr as i64),
    ("replicascount", "Replicas.", |partition, _| partition.replicas as i64),
    ("laststableoffsetlag", "Records that open transactions hold back.", |_, log| {
        log.high_watermark - log.last_stable
    }),
];

/// The partitions that have figures of their own, with what they are called.
fn named(figures: &NodeFigures, max: usize) -> impl Iterator<Item = (&str, String, &PartitionFigures)> {
    let all = figures
        .topics
        .iter()
        .flat_map(|topic| topic.partitions.iter().map(|partition| (&*topic.name, partition)));
    all.take(max).map(|(topic, partition)| (topic, partition.partition.to_string(), partition))
}

pub fn write(text: &mut Text, figures: &NodeFigures, max: usize) {
    let partitions: Vec<_> = named(figures, max).collect();
    let here =
        || partitions.iter().filter_map(|(topic, number, it)| Some((*topic, number, it, it.log.as_ref()?)));
    for (name, help, of) in OF_LOGS {
        let name = format!("kafka_log_log_{name}");
        let mut family = text.gauge(&name, help);
        for (topic, number, partition, log) in here() {
            family.add(&[("partition", number), ("topic", topic)], of(partition, log));
        }
    }
    for (name, help, of) in OF_LEADERS {
        let name = format!("kafka_cluster_partition_{name}");
        let mut family = text.gauge(&name, help);
        for (topic, number, partition, log) in here().filter(|(.., log)| log.is_leader) {
            family.add(&[("partition", number), ("topic", topic)], of(partition, log));
        }
    }
    let all: usize = figures.topics.iter().map(|topic| topic.partitions.len()).sum();
    let help = "Partitions without figures of their own: there are more than klamm.metrics.max.partitions.";
    text.number("klamm_metrics_partitions_left_out", help, all - partitions.len());
}

type ExporterFigure = (&'static str, &'static str, fn(&PartitionFigures) -> Option<i64>);

const FOR_EXPORTER: [ExporterFigure; 7] = [
    ("current_offset", "Offset behind the last record that consumers see.", |partition| {
        partition.log.map(|log| log.high_watermark)
    }),
    ("oldest_offset", "First offset.", |partition| partition.log.map(|log| log.log_start)),
    ("in_sync_replica", "Replicas in sync.", |partition| Some(partition.isr as i64)),
    ("leader", "The broker that leads.", |partition| Some(partition.leader.into())),
    ("leader_is_preferred", "Whether the first of the replicas leads.", |partition| {
        Some(partition.has_preferred_leader.into())
    }),
    ("replicas", "Replicas.", |partition| Some(partition.replicas as i64)),
    ("under_replicated_partition", "Whether replicas are out of sync.", |partition| {
        Some((partition.isr < partition.replicas).into())
    }),
];

pub fn write_for_exporter(text: &mut Text, figures: &NodeFigures, max: usize) {
    text.number("kafka_brokers", "Brokers of the cluster.", figures.cluster.brokers.len());
    let mut family = text.gauge("kafka_broker_info", "A broker and its address.");
    for (id, address) in &figures.cluster.brokers {
        family.add(&[("address", address), ("id", &id.to_string())], 1);
    }
    let mut family = text.gauge("kafka_topic_partitions", "Partitions of a topic.");
    for topic in figures.topics.iter().take(max) {
        family.add(&[("topic", &topic.name)], topic.partitions.len());
    }
    let partitions: Vec<_> = named(figures, max).collect();
    for (name, help, of) in FOR_EXPORTER {
        let name = format!("kafka_topic_partition_{name}");
        let mut family = text.gauge(&name, help);
        for (topic, number, partition) in &partitions {
            if let Some(value) = of(partition) {
                family.add(&[("partition", number), ("topic", topic)], value);
            }
        }
    }
}
