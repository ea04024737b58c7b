//! Records in and out, replicas, directories, waiting requests (Kafka: `BrokerTopicMetrics`, `ReplicaManager`,
//! `LogManager`, `DelayedOperationPurgatory`, `FetchSessionCache`, `KafkaServer`).

use klamm_node::{LogFigures, NodeFigures, PartitionFigures, TopicCounts};

use super::text::Text;

/// A figure of a topic: the name behind `brokertopicmetrics_`, its help, and where it is.
type TopicFigure = (&'static str, &'static str, fn(&TopicCounts) -> u64);

const OF_TOPICS: [TopicFigure; 7] = [
    ("messagesin", "Records appended.", |counts| counts.messages_in),
    ("bytesin", "Bytes of the batches appended.", |counts| counts.bytes_in),
    ("bytesout", "Bytes of the batches sent to consumers.", |counts| counts.bytes_out),
    ("totalproducerequests", "Batches that were to be appended.", |counts| counts.produce_requests),
    ("totalfetchrequests", "Readings of partitions.", |counts| counts.fetch_requests),
    ("failedproducerequests", "Batches that were not appended.", |counts| counts.failed_produce_requests),
    ("failedfetchrequests", "Readings that failed.", |counts| counts.failed_fetch_requests),
];

pub fn write(text: &mut Text, figures: &NodeFigures, topics_max: usize) {
    for (name, help, of) in OF_TOPICS {
        let name = format!("kafka_server_brokertopicmetrics_{name}");
        let mut family = text.counter(&name, help);
        family.add(&[], of(&figures.counts));
        for topic in figures.topics.iter().take(topics_max) {
            family.add(&[("topic", &topic.name)], of(&topic.counts));
        }
    }
    for (name, help) in [
        ("replicationbytesin", "Bytes fetched from other brokers; there are none."),
        ("replicationbytesout", "Bytes fetched by other brokers; there are none."),
        ("producemessageconversions", "Batches written in another format than they came in; never done."),
        ("fetchmessageconversions", "Batches read in another format than they lie in; never done."),
    ] {
        text.total(&format!("kafka_server_brokertopicmetrics_{name}"), help, 0);
    }
    let mut lag = text.gauge(
        "kafka_server_replicafetchermanager_maxlag",
        "Partitions of others are not followed: always 0.",
    );
    lag.add(&[("clientId", "Replica")], 0);
    write_replicas(text, figures);
    write_directories(text, figures);
    write_waiting(text, figures);
}

fn partitions(figures: &NodeFigures) -> impl Iterator<Item = &PartitionFigures> {
    figures.topics.iter().flat_map(|topic| &topic.partitions)
}

fn logs(figures: &NodeFigures) -> impl Iterator<Item = &LogFigures> {
    partitions(figures).filter_map(|partition| partition.log.as_ref())
}

/// Partitions led here for which something holds.
fn count_led(figures: &NodeFigures, holds: impl Fn(&PartitionFigures, &LogFigures) -> bool) -> usize {
    let led = partitions(figures).filter_map(|partition| Some((partition, partition.log.as_ref()?)));
    led.filter(|(partition, log)| log.is_leader && holds(partition, log)).count()
}

fn write_replicas(text: &mut Text, figures: &NodeFigures) {
    let mut gauge = |name: &str, help: &str, value: usize| {
        text.number(&format!("kafka_server_replicamanager_{name}"), help, value);
    };
    gauge("leadercount", "Partitions led here.", count_led(figures, |_, _| true));
    gauge("partitioncount", "Replicas here.", logs(figures).count());
    gauge(
        "offlinereplicacount",
        "Replicas in failed directories.",
        logs(figures).filter(|log| log.is_offline).count(),
    );
    let is_under_replicated =
        |partition: &PartitionFigures, _: &LogFigures| partition.isr < partition.replicas;
    gauge(
        "underreplicatedpartitions",
        "Led here, with replicas out of sync.",
        count_led(figures, is_under_replicated),
    );
    let under = count_led(figures, |partition, log| partition.isr < min_isr(partition, log));
    gauge("underminisrpartitioncount", "Led here, with fewer in sync than min.insync.replicas.", under);
    let at = count_led(figures, |partition, log| partition.isr == min_isr(partition, log));
    gauge("atminisrpartitioncount", "Led here, with as many in sync as min.insync.replicas.", at);
    let reassigning = count_led(figures, |partition, _| partition.is_reassigning);
    gauge("reassigningpartitions", "Led here and on their way to other brokers.", reassigning);
    gauge(
        "produceridcount",
        "Producers that partitions here remember.",
        logs(figures).map(|log| log.producers).sum(),
    );
    for (name, help) in [
        ("isrshrinks", "Replicas that fell out of sync; partitions have one replica."),
        ("isrexpands", "Replicas that came into sync; partitions have one replica."),
        ("failedisrupdates", "Changes of the in-sync replicas that failed; partitions have one replica."),
    ] {
        text.total(&format!("kafka_server_replicamanager_{name}"), help, 0);
    }
}

/// A partition with fewer replicas needs no more than those.
pub fn min_isr(partition: &PartitionFigures, log: &LogFigures) -> usize {
    usize::try_from(log.min_insync_replicas).unwrap_or(1).min(partition.replicas).max(1)
}

fn write_directories(text: &mut Text, figures: &NodeFigures) {
    let offline = figures.directories.iter().filter(|directory| directory.is_offline).count();
    text.number(
        "kafka_log_logmanager_offlinelogdirectorycount",
        "Log directories that have failed.",
        offline,
    );
    let mut family =
        text.gauge("kafka_log_logmanager_logdirectoryoffline", "Whether a log directory has failed.");
    for directory in &figures.directories {
        let path = directory.path.to_string_lossy();
        family.add(&[("logDirectory", &path)], u8::from(directory.is_offline));
    }
}

fn write_waiting(text: &mut Text, figures: &NodeFigures) {
    let produces: usize = logs(figures).map(|log| log.waiting_appends).sum();
    let fetches: usize = logs(figures).map(|log| log.waiting_fetches).sum();
    for name in ["purgatorysize", "numdelayedoperations"] {
        let name = format!("kafka_server_delayedoperationpurgatory_{name}");
        let mut family = text.gauge(&name, "Parts of requests that wait, one for each partition.");
        family.add(&[("delayedOperation", "Produce")], produces);
        family.add(&[("delayedOperation", "Fetch")], fetches);
    }
    let (name, sessions) = ("kafka_server_fetchsessioncache", &figures.sessions);
    text.number(&format!("{name}_numincrementalfetchsessions"), "Fetch sessions.", sessions.sessions);
    let help = "Partitions of all fetch sessions.";
    text.number(&format!("{name}_numincrementalfetchpartitionscached"), help, sessions.partitions);
    let help = "Fetch sessions pushed out by others.";
    text.total(&format!("{name}_incrementalfetchsessionevictions"), help, sessions.evictions);
    let state = if figures.cluster.is_this_fenced { RECOVERY } else { RUNNING };
    text.number("kafka_server_kafkaserver_brokerstate", "2 = fenced, 3 = running.", state);
}

/// Kafka: `BrokerState`.
const RECOVERY: u8 = 2;
const RUNNING: u8 = 3;
