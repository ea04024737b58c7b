//! IncrementalAlterConfigs and AlterConfigs: records, answers, and what holds after any sequence of them. The
//! messages of refusals are held against Kafka's by the suite `interop/configs`.

use std::collections::BTreeMap;

use klamm_base::ErrorCode;
use klamm_metadata::TopicRights;
use klamm_metadata::records::ConfigRecord;
use klamm_metadata::{Decision, MetadataRecord, VersionedRecord};
use klamm_wire::create_topics::CreatableTopic;
use klamm_wire::{
    AlterConfigsRequest, CreateTopicsRequest, IncrementalAlterConfigsRequest, alter_configs,
    incremental_alter_configs,
};
use proptest::prelude::*;

use crate::cluster::Cluster;

const TOPIC: i8 = 2;
const BROKER: i8 = 4;
const METRICS: i8 = 16;
const GROUP: i8 = 32;

const SET: i8 = 0;
const DELETE: i8 = 1;
const APPEND: i8 = 2;
const SUBTRACT: i8 = 3;

fn with_topic() -> Cluster {
    let mut cluster = Cluster::working(&[]);
    let topic = CreatableTopic {
        name: "t".to_owned(),
        num_partitions: 1,
        replication_factor: 1,
        ..CreatableTopic::default()
    };
    let request = CreateTopicsRequest { topics: vec![topic], ..CreateTopicsRequest::default() };
    let decision = cluster.controller.create_topics(&TopicRights::ALL, &request, &mut cluster.rng);
    cluster.apply(decision.expect("accepted"));
    cluster
}

type Op<'a> = (&'a str, i8, Option<&'a str>);

fn resource(kind: i8, name: &str, ops: &[Op<'_>]) -> incremental_alter_configs::AlterConfigsResource {
    let config = |&(name, config_operation, value): &Op<'_>| incremental_alter_configs::AlterableConfig {
        name: name.to_owned(),
        config_operation,
        value: value.map(str::to_owned),
    };
    incremental_alter_configs::AlterConfigsResource {
        resource_type: kind,
        resource_name: name.to_owned(),
        configs: ops.iter().map(config).collect(),
    }
}

/// Code and message of each answer, and the records as `name=value`.
type Outcome = (Vec<(i16, Option<String>)>, Vec<String>);

fn alter(cluster: &mut Cluster, resources: Vec<incremental_alter_configs::AlterConfigsResource>) -> Outcome {
    let request = IncrementalAlterConfigsRequest { resources, validate_only: false };
    let decision = cluster.controller.incremental_alter_configs(&request, true).expect("decided");
    let lines = short(&decision.records);
    let (response, _) = cluster.apply(decision);
    (response.responses.into_iter().map(|r| (r.error_code, r.error_message)).collect(), lines)
}

fn alter_one(cluster: &mut Cluster, kind: i8, name: &str, ops: &[Op<'_>]) -> Outcome {
    alter(cluster, vec![resource(kind, name, ops)])
}

/// What one resource's change led to, if it was taken.
fn taken(cluster: &mut Cluster, kind: i8, name: &str, ops: &[Op<'_>]) -> Vec<String> {
    let (answers, records) = alter_one(cluster, kind, name, ops);
    assert_eq!(answers, [(0, None)], "{ops:?}");
    records
}

/// The message of a refusal, which leaves no record.
fn refused(cluster: &mut Cluster, kind: i8, name: &str, ops: &[Op<'_>]) -> (ErrorCode, String) {
    let (answers, records) = alter_one(cluster, kind, name, ops);
    assert_eq!(records, [""; 0], "{ops:?}");
    let (code, message) = answers.into_iter().next().expect("one answer");
    (ErrorCode::from_code(code), message.expect("a message"))
}

fn short(records: &[VersionedRecord]) -> Vec<String> {
    let line = |record: &VersionedRecord| match &record.record {
        MetadataRecord::Config(config) => {
            format!("{}={}", config.name, config.value.as_deref().unwrap_or("-"))
        }
        other => format!("{other:?}").split([' ', '(']).next().unwrap_or_default().to_owned(),
    };
    records.iter().map(line).collect()
}

#[test]
fn values_are_set_extended_shortened_and_deleted() {
    let mut cluster = with_topic();
    let mut change = |ops: &[Op<'_>]| taken(&mut cluster, TOPIC, "t", ops);
    assert_eq!(
        change(&[("retention.ms", SET, Some("5")), ("cleanup.policy", APPEND, Some("compact"))]),
        ["cleanup.policy=delete,compact", "retention.ms=5"],
        "an unset list begins with the default"
    );
    assert_eq!(change(&[("retention.ms", SET, Some("5"))]), [""; 0], "nothing new");
    assert_eq!(change(&[("cleanup.policy", APPEND, Some("compact,delete"))]), [""; 0], "both are there");
    assert_eq!(change(&[("cleanup.policy", SUBTRACT, Some("delete,x"))]), ["cleanup.policy=compact"]);
    assert_eq!(change(&[("retention.ms", DELETE, None), ("flush.ms", DELETE, None)]), ["retention.ms=-"]);
    assert_eq!(change(&[("cleanup.policy", SET, None)]), ["cleanup.policy=-"], "no value is a deletion");
    assert!(cluster.image().configs.topic("t").is_empty());
}

#[test]
fn brokers_are_told_again_what_they_know() {
    let mut cluster = with_topic();
    for _ in 0..2 {
        let ops = [("ssl.keystore.location", SET, Some("/store"))];
        assert_eq!(taken(&mut cluster, BROKER, "1", &ops), ["ssl.keystore.location=/store"]);
    }
    let ops = [("log.segment.bytes", SET, Some("2000000"))];
    taken(&mut cluster, BROKER, "", &ops);
    assert_eq!(cluster.controller.settings().topic_defaults.segment_bytes, 2_000_000, "counts at once");
    taken(&mut cluster, BROKER, "", &[("log.segment.bytes", DELETE, None)]);
    assert_eq!(cluster.controller.settings().topic_defaults.segment_bytes, 1 << 30);
}

#[test]
fn a_new_minimum_in_sync_makes_eligibility_worthless() {
    let mut cluster = with_topic();
    let minimum = |value| [("min.insync.replicas", SET, value)];
    assert_eq!(
        taken(&mut cluster, TOPIC, "t", &minimum(Some("2"))),
        ["min.insync.replicas=2", "ClearElr"],
        "of one topic"
    );
    assert_eq!(taken(&mut cluster, BROKER, "", &minimum(Some("2"))), ["min.insync.replicas=2", "ClearElr"]);
    let (code, message) = refused(&mut cluster, BROKER, "1", &minimum(Some("1")));
    assert_eq!(code, ErrorCode::InvalidConfig);
    assert_eq!(message, "Broker-level min.insync.replicas cannot be altered while ELR is enabled.");
    let (_, message) = refused(&mut cluster, BROKER, "", &[("min.insync.replicas", DELETE, None)]);
    assert_eq!(message, "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.");
}

#[test]
fn a_resource_is_changed_as_a_whole_or_not_at_all() {
    let mut cluster = with_topic();
    let (answers, records) = alter(
        &mut cluster,
        vec![
            resource(TOPIC, "t", &[("flush.ms", SET, Some("1")), ("retention.ms", SET, Some("x"))]),
            resource(GROUP, "g", &[("share.isolation.level", SET, Some("read_committed"))]),
            resource(TOPIC, "unknown", &[("flush.ms", SET, Some("1"))]),
            resource(METRICS, "m", &[("interval.ms", SET, Some("1"))]),
            resource(99, "x", &[]),
            resource(BROKER, "7", &[("log.flush.interval.ms", SET, Some("1"))]),
        ],
    );
    let codes: Vec<ErrorCode> = answers.iter().map(|(code, _)| ErrorCode::from_code(*code)).collect();
    assert_eq!(
        codes,
        [
            ErrorCode::UnsupportedVersion,
            ErrorCode::InvalidConfig,
            ErrorCode::None,
            ErrorCode::UnknownTopicOrPartition,
            ErrorCode::InvalidRequest,
            ErrorCode::BrokerIdNotRegistered,
        ],
        "unknown types come first"
    );
    assert_eq!(records, ["share.isolation.level=read_committed"]);
}

#[test]
fn two_of_one_name_are_one_too_many() {
    let mut cluster = with_topic();
    let one = || resource(TOPIC, "t", &[("flush.ms", SET, Some("1"))]);
    let (answers, records) = alter(&mut cluster, vec![one(), one(), one()]);
    assert_eq!(answers, [(ErrorCode::InvalidRequest.code(), Some("Duplicate resource.".to_owned()))]);
    assert_eq!(records, [""; 0]);
}

#[test]
fn a_request_that_is_only_validated_changes_nothing() {
    let cluster = with_topic();
    let resources = vec![resource(TOPIC, "t", &[("flush.ms", SET, Some("1"))])];
    let request = IncrementalAlterConfigsRequest { resources, validate_only: true };
    let decision = cluster.controller.incremental_alter_configs(&request, false).expect("decided");
    assert_eq!((decision.records.len(), decision.response.responses[0].error_code), (0, 0));
}

#[test]
fn what_does_not_fit_into_one_batch_is_refused_as_a_whole() {
    let cluster = with_topic();
    let names: Vec<String> = (0..10_001).map(|n| format!("no.such.{n}")).collect();
    let ops: Vec<Op<'_>> = names.iter().map(|name| (name.as_str(), SET, Some("1"))).collect();
    let request =
        IncrementalAlterConfigsRequest { resources: vec![resource(BROKER, "1", &ops)], validate_only: false };
    let refused = cluster.controller.incremental_alter_configs(&request, true).expect_err("too much");
    assert_eq!(refused.error, ErrorCode::PolicyViolation);
}

#[test]
fn groups_and_subscriptions_with_settings_are_few_but_those_that_are_there_go_on() {
    // One more has some from the beginning: all brokers together.
    let mut cluster = Cluster::working(&[("klamm.max.config.resources", "4")]);
    let group = |name: &str| resource(GROUP, name, &[("consumer.heartbeat.interval.ms", SET, Some("6000"))]);
    let codes = |outcome: Outcome| outcome.0.into_iter().map(|(code, _)| code).collect::<Vec<_>>();
    let policy = ErrorCode::PolicyViolation.code();
    let metrics = resource(METRICS, "m", &[("interval.ms", SET, Some("1000"))]);
    assert_eq!(codes(alter(&mut cluster, vec![group("a"), metrics])), [0, 0]);
    let answers = codes(alter(&mut cluster, vec![group("b"), group("c")]));
    assert_eq!(answers.iter().filter(|code| **code == 0).count(), 1, "{answers:?}: one of two has room");
    assert!(answers.contains(&policy));
    let (error, message) =
        refused(&mut cluster, GROUP, "d", &[("consumer.heartbeat.interval.ms", SET, Some("6000"))]);
    assert_eq!(error, ErrorCode::PolicyViolation);
    assert!(message.contains("klamm.max.config.resources"), "{message}");
    let (answers, _) = replace(&mut cluster, GROUP, "d", &[("consumer.heartbeat.interval.ms", Some("6000"))]);
    assert_eq!(answers[0].0, policy);
    taken(&mut cluster, GROUP, "a", &[("consumer.heartbeat.interval.ms", SET, Some("7000"))]);
    taken(&mut cluster, BROKER, "", &[("log.retention.ms", SET, Some("1000"))]);
    taken(&mut cluster, GROUP, "a", &[("consumer.heartbeat.interval.ms", DELETE, None)]);
}

fn replace(cluster: &mut Cluster, kind: i8, name: &str, configs: &[(&str, Option<&str>)]) -> Outcome {
    let config = |&(name, value): &(&str, Option<&str>)| alter_configs::AlterableConfig {
        name: name.to_owned(),
        value: value.map(str::to_owned),
    };
    let resource = alter_configs::AlterConfigsResource {
        resource_type: kind,
        resource_name: name.to_owned(),
        configs: configs.iter().map(config).collect(),
    };
    let request = AlterConfigsRequest { resources: vec![resource], validate_only: false };
    let decision = cluster.controller.alter_configs(&request, true).expect("decided");
    let lines = short(&decision.records);
    let (response, _) = cluster.apply(decision);
    (response.responses.into_iter().map(|r| (r.error_code, r.error_message)).collect(), lines)
}

#[test]
fn replacing_drops_what_is_not_mentioned() {
    let mut cluster = with_topic();
    taken(&mut cluster, TOPIC, "t", &[("flush.ms", SET, Some("1")), ("retention.ms", SET, Some("2"))]);
    let (answers, records) =
        replace(&mut cluster, TOPIC, "t", &[("retention.ms", Some("2")), ("segment.ms", Some("3"))]);
    assert_eq!(answers, [(0, None)]);
    assert_eq!(records, ["segment.ms=3", "flush.ms=-"]);
    let (answers, records) = replace(&mut cluster, BROKER, "", &[]);
    assert_eq!(records, [""; 0]);
    let removed = "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.";
    assert_eq!(answers, [(ErrorCode::InvalidConfig.code(), Some(removed.to_owned()))]);
}

#[test]
fn what_another_version_has_written_is_kept_and_stands_in_nobodys_way() {
    let mut cluster = with_topic();
    let foreign = ConfigRecord {
        resource_type: TOPIC,
        resource_name: "t".to_owned(),
        name: "from.the.future".to_owned(),
        value: Some("1".to_owned()),
    };
    cluster.apply(Decision::atomic(vec![VersionedRecord::new(foreign, 0)], ()));
    taken(&mut cluster, TOPIC, "t", &[("flush.ms", SET, Some("1"))]);
    let (answers, records) = replace(&mut cluster, TOPIC, "t", &[]);
    assert_eq!((answers, records), (vec![(0, None)], vec!["flush.ms=-".to_owned()]));
    assert_eq!(cluster.image().configs.topic("t")["from.the.future"], "1");
}

/// One operation on a topic, likely to be meant well.
fn operations() -> impl Strategy<Value = (String, i8, Option<String>)> {
    let name = prop::sample::select(vec![
        "cleanup.policy",
        "retention.ms",
        "min.compaction.lag.ms",
        "max.compaction.lag.ms",
        "leader.replication.throttled.replicas",
        "no.such.name",
    ]);
    let value =
        prop::sample::select(vec!["", "5", "10", "x", "compact", "delete,compact", "0:1,1:1", "*", ",0:1,"]);
    (name, SET..=SUBTRACT, prop::option::weighted(0.9, value)).prop_map(|(name, operation, value)| {
        let value = if operation >= APPEND { value.or(Some("5")) } else { value };
        (name.to_owned(), operation, value.map(str::to_owned))
    })
}

proptest! {
    /// Whatever is asked: a topic's configuration holds as a whole, and is what the accepted requests say.
    #[test]
    fn a_topic_never_has_what_it_must_not_have(
        requests in prop::collection::vec(prop::collection::vec(operations(), 1..4), 1..30),
    ) {
        let mut cluster = with_topic();
        let mut expected: BTreeMap<String, String> = BTreeMap::new();
        for ops in &requests {
            let ops: Vec<Op<'_>> = ops.iter().map(|(name, op, value)| (name.as_str(), *op, value.as_deref())).collect();
            let (answers, records) = alter_one(&mut cluster, TOPIC, "t", &ops);
            let is_taken = answers[0].0 == 0;
            prop_assert!(is_taken || records.is_empty());
            for record in records {
                let (name, value) = record.split_once('=').expect("name and value");
                match value {
                    "-" => drop(expected.remove(name)),
                    value => drop(expected.insert(name.to_owned(), value.to_owned())),
                }
            }
            let configs = cluster.image().configs.topic("t");
            prop_assert_eq!(configs, &expected);
            prop_assert_eq!(cluster.controller.settings().check_topic_configs(configs), Ok(()));
            for (name, operation, value) in ops.iter().filter(|_| is_taken) {
                let is_last = ops.iter().rev().find(|(other, ..)| other == name).map(|op| (op.1, op.2));
                if *operation == SET && is_last == Some((SET, *value)) {
                    prop_assert_eq!(configs.get(*name).map(String::as_str), *value);
                }
            }
        }
    }
}
