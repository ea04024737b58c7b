//! The names that stand for a program: of Kafka's scripts, of the Java classes behind them, and of what is refused.

use std::ffi::OsStr;
use std::path::Path;

/// Starts a node.
pub const SERVER_START: &str = "kafka-server-start";
/// Runs a program by the name of its Java class.
pub const RUN_CLASS: &str = "kafka-run-class";

/// Java's `main` classes and the scripts that run them.
const CLASSES: [(&str, &str); 34] = [
    ("kafka.Kafka", SERVER_START),
    ("kafka.admin.ConfigCommand", "kafka-configs"),
    ("kafka.tools.StorageTool", "kafka-storage"),
    ("org.apache.kafka.shell.MetadataShell", "kafka-metadata-shell"),
    ("org.apache.kafka.tools.AclCommand", "kafka-acls"),
    ("org.apache.kafka.tools.BrokerApiVersionsCommand", "kafka-broker-api-versions"),
    ("org.apache.kafka.tools.ClientMetricsCommand", "kafka-client-metrics"),
    ("org.apache.kafka.tools.ClusterTool", "kafka-cluster"),
    ("org.apache.kafka.tools.ConfigCommand", "kafka-configs"),
    ("org.apache.kafka.tools.ConsoleProducer", "kafka-console-producer"),
    ("org.apache.kafka.tools.ConsumerPerformance", "kafka-consumer-perf-test"),
    ("org.apache.kafka.tools.DelegationTokenCommand", "kafka-delegation-tokens"),
    ("org.apache.kafka.tools.DeleteRecordsCommand", "kafka-delete-records"),
    ("org.apache.kafka.tools.DumpLogSegments", "kafka-dump-log"),
    ("org.apache.kafka.tools.EndToEndLatency", "kafka-e2e-latency"),
    ("org.apache.kafka.tools.FeatureCommand", "kafka-features"),
    ("org.apache.kafka.tools.GetOffsetShell", "kafka-get-offsets"),
    ("org.apache.kafka.tools.GroupsCommand", "kafka-groups"),
    ("org.apache.kafka.tools.JmxTool", "kafka-jmx"),
    ("org.apache.kafka.tools.LeaderElectionCommand", "kafka-leader-election"),
    ("org.apache.kafka.tools.LogDirsCommand", "kafka-log-dirs"),
    ("org.apache.kafka.tools.MetadataQuorumCommand", "kafka-metadata-quorum"),
    ("org.apache.kafka.tools.ProducerPerformance", "kafka-producer-perf-test"),
    ("org.apache.kafka.tools.ReplicaVerificationTool", "kafka-replica-verification"),
    ("org.apache.kafka.tools.StreamsResetter", "kafka-streams-application-reset"),
    ("org.apache.kafka.tools.TopicCommand", "kafka-topics"),
    ("org.apache.kafka.tools.TransactionsCommand", "kafka-transactions"),
    ("org.apache.kafka.tools.VerifiableConsumer", "kafka-verifiable-consumer"),
    ("org.apache.kafka.tools.VerifiableProducer", "kafka-verifiable-producer"),
    ("org.apache.kafka.tools.consumer.ConsoleConsumer", "kafka-console-consumer"),
    ("org.apache.kafka.tools.consumer.ConsoleShareConsumer", "kafka-console-share-consumer"),
    ("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", "kafka-consumer-groups"),
    ("org.apache.kafka.tools.consumer.group.ShareGroupCommand", "kafka-share-groups"),
    ("org.apache.kafka.tools.reassign.ReassignPartitionsCommand", "kafka-reassign-partitions"),
];

/// `kafka-storage` of `/opt/kafka/bin/kafka-storage.sh`; `None` for what is not one of Kafka's names.
pub fn tool(word: &OsStr) -> Option<String> {
    let name = Path::new(word).file_name()?.to_str()?;
    let name = name.strip_suffix(".sh").or_else(|| name.strip_suffix(".bat")).unwrap_or(name);
    let is_kafkas = name.starts_with("kafka-") || name.starts_with("connect-") || name == "trogdor";
    is_kafkas.then(|| name.to_owned())
}

/// The script that runs a Java class.
pub fn of_class(class: &str) -> Option<&'static str> {
    CLASSES.iter().find(|(known, _)| *known == class).map(|(_, name)| *name)
}

/// Why a program of Kafka's will never be here.
pub fn refusal(name: &str) -> Option<&'static str> {
    match name {
        "kafka-jmx" => Some("kafka-jmx looks into Java virtual machines, and klamm is none"),
        "trogdor" => Some("trogdor is a framework for tests of Kafka's Java code, which klamm has not"),
        _ if name.starts_with("connect-") => Some(
            "Connect runs plugins written in Java, which klamm cannot: run Kafka's own Connect with klamm's brokers",
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_have_many_names() {
        for word in ["kafka-topics", "kafka-topics.sh", "/opt/kafka/bin/kafka-topics.sh", "kafka-topics.bat"]
        {
            assert_eq!(tool(OsStr::new(word)).as_deref(), Some("kafka-topics"), "{word}");
        }
        for word in ["topics", "klamm", "/opt/kafka-topics/klamm", ""] {
            assert_eq!(tool(OsStr::new(word)), None, "{word}");
        }
        assert_eq!(of_class("org.apache.kafka.tools.TopicCommand"), Some("kafka-topics"));
        assert_eq!(of_class("TopicCommand"), None);
    }

    #[test]
    fn every_tool_has_its_class() {
        // This one is a script and nothing else.
        let tools = klamm_tools::names().filter(|name| *name != "kafka-server-stop");
        for name in tools {
            assert!(CLASSES.iter().any(|(_, script)| *script == name), "{name}");
        }
        let mut classes = CLASSES.map(|(class, _)| class);
        classes.sort_unstable();
        assert_eq!(classes, CLASSES.map(|(class, _)| class), "sorted");
    }
}
