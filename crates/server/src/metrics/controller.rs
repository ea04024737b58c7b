//! The cluster in the eyes of its controller, and the quorum (Kafka: `KafkaController`, `raft-metrics`,
//! `broker-metadata-metrics`, `MetadataLoader`).

use klamm_base::Now;
use klamm_node::NodeFigures;

use super::text::Text;

pub fn write(text: &mut Text, figures: &NodeFigures, now: Now) {
    let cluster = &figures.cluster;
    let partitions: usize = figures.topics.iter().map(|topic| topic.partitions.len()).sum();
    let lag_ms = (now.wall_ms - cluster.last_record_ms).max(0);
    let mut gauge = |name: &str, help: &str, value: i64| {
        text.number(&format!("kafka_controller_kafkacontroller_{name}"), help, value);
    };
    gauge(
        "activecontrollercount",
        "Whether this controller is the active one.",
        cluster.is_controller_active.into(),
    );
    gauge("activebrokercount", "Brokers that may work.", cluster.active_brokers as i64);
    gauge("fencedbrokercount", "Brokers that may not work.", cluster.fenced_brokers as i64);
    gauge("globaltopiccount", "Topics of the cluster.", figures.topics.len() as i64);
    gauge("globalpartitioncount", "Partitions of the cluster.", partitions as i64);
    gauge("offlinepartitionscount", "Partitions without a leader.", cluster.offline_partitions as i64);
    let help = "Partitions that another than the first of their replicas leads.";
    gauge("preferredreplicaimbalancecount", help, cluster.imbalanced_partitions as i64);
    gauge("lastappliedrecordoffset", "Last metadata record applied.", cluster.last_offset);
    gauge("lastcommittedrecordoffset", "Last metadata record committed.", committed(figures));
    gauge("lastappliedrecordtimestamp", "When that record was written.", cluster.last_record_ms);
    gauge("lastappliedrecordlagms", "Milliseconds since that record was written.", lag_ms);
    gauge("metadataerrorcount", "Metadata records that failed; the first ends the process.", 0);
    let mut gauge = |name: &str, help: &str, value: i64| {
        text.number(&format!("kafka_server_broker_metadata_metrics_{name}"), help, value);
    };
    gauge("last_applied_record_offset", "Last metadata record applied.", cluster.last_offset);
    gauge("last_applied_record_timestamp", "When it was written.", cluster.last_record_ms);
    gauge("last_applied_record_lag_ms", "Milliseconds since then.", lag_ms);
    gauge("metadata_load_error_count", "Metadata records not read; the first ends the process.", 0);
    gauge("metadata_apply_error_count", "Metadata records not applied; the first ends the process.", 0);
    for (name, help) in [
        ("uncleanleaderelections", "Leaders elected that lacked records; partitions have one replica."),
        ("electionfromeligibleleaderreplicas", "Leaders elected from outside; partitions have one replica."),
    ] {
        text.total(&format!("kafka_controller_controllerstats_{name}"), help, 0);
    }
    let name = "kafka_server_metadataloader_currentmetadataversion";
    text.number(name, "Finalized level of metadata.version.", cluster.metadata_version);
    write_quorum(text, figures);
}

fn committed(figures: &NodeFigures) -> i64 {
    let high_watermark = figures.quorum.as_ref().and_then(|quorum| quorum.high_watermark);
    high_watermark.map_or(figures.cluster.last_offset, |high_watermark| high_watermark - 1)
}

fn write_quorum(text: &mut Text, figures: &NodeFigures) {
    let Some(quorum) = &figures.quorum else { return };
    let mut gauge = |name: &str, help: &str, value: i64| {
        text.number(&format!("kafka_server_raft_metrics_{name}"), help, value);
    };
    gauge("current_leader", "Leader of the quorum.", quorum.leader_id.into());
    gauge("current_vote", "Whom this node has voted for.", quorum.leader_id.into());
    gauge("current_epoch", "Epoch of the quorum.", quorum.epoch.into());
    gauge("high_watermark", "End of what is committed.", quorum.high_watermark.unwrap_or(-1));
    gauge("log_end_epoch", "Epoch of the last metadata record.", quorum.epoch.into());
    gauge("log_end_offset", "End of the metadata log.", quorum.log_end);
    gauge("number_of_voters", "Voters of the quorum.", quorum.voters.len() as i64);
    gauge("number_of_observers", "Nodes that follow the quorum without a vote.", 0);
    text.number(
        "kafka_server_metadataloader_currentcontrollerid",
        "The active controller.",
        quorum.leader_id,
    );
    let is_leader = quorum.leader_id == figures.node_id;
    let state = if is_leader { "leader" } else { "follower" };
    text.gauge("kafka_server_raft_metrics_current_state", "What this node is in the quorum.")
        .add(&[("state", state)], 1);
    let mut info =
        text.gauge("kafka_server_raft_metrics_current_state_info", "What this node is in the quorum.");
    info.add(&[("state", state)], 1);
}
