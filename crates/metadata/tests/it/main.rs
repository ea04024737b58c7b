//! The room through its public door: conversations with the controller, Kafka's own files, and
//! properties that hold for any log.

mod activation;
mod bootstrap;
mod brokers;
mod cluster;
mod configs;
mod create_partitions;
mod create_topics;
mod delete_topics;
mod directories;
mod features;
mod history;
mod hostile;
mod jvm_log;
mod jvm_snapshots;
mod levels;
mod moves;
mod producer_ids;
mod properties;
