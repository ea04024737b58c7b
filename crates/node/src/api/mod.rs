//! The APIs: one file for each, found by its row in the table; families are their owners.
//!
//! * [`pipeline`] – header, table, body, answer: what every request goes through, once
//! * [`connection`] – what a connection is about: ApiVersions
//! * [`cluster`] – answered from the image: Metadata, DescribeCluster, DescribeTopicPartitions
//! * [`partition`] – answered by partition leaders: Produce, Fetch, ListOffsets, OffsetForLeaderEpoch, DeleteRecords,
//!   DescribeProducers, DescribeLogDirs
//! * [`config`] – settings: DescribeConfigs, IncrementalAlterConfigs, AlterConfigs, ListConfigResources
//! * [`controller`] – decided by the active controller: CreateTopics, UpdateFeatures, DescribeQuorum ...
//! * [`group`] – answered by coordinators of groups: JoinGroup, OffsetCommit, ListGroups ...
//! * [`transaction`] – answered by coordinators of transactions: InitProducerId

mod authorized_operations;
pub mod cluster;
pub mod config;
pub mod connection;
pub mod controller;
pub mod group;
pub mod partition;
pub mod pipeline;
mod table;
pub mod transaction;

use std::ops::RangeInclusive;

use klamm_wire::ApiKey;

pub use table::{TABLE, find};

use crate::request::ListenerRole;

/// One row of the table: everything about an API that is not its body.
#[derive(Debug)]
pub struct Api {
    pub key: ApiKey,
    /// What is served, and advertised.
    pub versions: RangeInclusive<i16>,
    pub owner: Owner,
    pub listeners: Listeners,
    /// What a client needs, in the order in which it is asked. Without an authorizer everybody has it.
    pub authorisation: &'static [Authorisation],
    pub quota: QuotaClass,
}

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Any node, from what it knows itself.
    Node,
    PartitionLeader,
    GroupCoordinator,
    TransactionCoordinator,
    /// The active controller; on another node the request would be forwarded.
    Controller,
}

/// Which kinds of listeners serve an API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listeners {
    pub broker: bool,
    pub controller: bool,
}

impl Listeners {
    pub const BROKER: Listeners = Listeners { broker: true, controller: false };
    pub const CONTROLLER: Listeners = Listeners { broker: false, controller: true };
    pub const BOTH: Listeners = Listeners { broker: true, controller: true };

    pub fn serve(self, role: ListenerRole) -> bool {
        match role {
            ListenerRole::Broker => self.broker,
            ListenerRole::Controller => self.controller,
        }
    }
}

/// Operations of the ACL model (Kafka: `AclOperation`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Read,
    Write,
    Create,
    Delete,
    Alter,
    Describe,
    ClusterAction,
    IdempotentWrite,
    AlterConfigs,
    DescribeConfigs,
}

/// Kinds of resources of the ACL model (Kafka: `ResourceType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceType {
    Topic,
    Cluster,
    Group,
    TransactionalId,
}

/// A demand on the client's rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authorisation {
    /// On each named resource of the type; the others of the request go on.
    All(Operation, ResourceType),
    /// One of the two is enough.
    Either((Operation, ResourceType), (Operation, ResourceType)),
}

/// Which quota an API counts against, besides the request-time quota that all share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuotaClass {
    /// Request time only.
    Request,
    /// Bytes produced.
    Produce,
    /// Bytes fetched.
    Fetch,
    /// Partitions created and deleted (KIP-599).
    ControllerMutation,
}
