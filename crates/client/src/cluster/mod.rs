//! A cluster found through any of its nodes: who its nodes are, connections to them, and who answers what
//! (Kafka: `NetworkClient`, `Metadata`, `AdminClientRunnable`).
//!
//! - [`topics`]: topics and their leaders; [`coordinators`]: of groups and transactions
//! - [`leaders`]: questions that only the leaders of partitions answer
//! - [`reconnect`]: how long to leave an address alone that did not answer

mod coordinators;
mod leaders;
mod reconnect;
mod topics;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use klamm_base::ErrorCode;
use klamm_wire::{DescribeClusterRequest, MetadataRequest, metadata};
use tokio::time::Instant;

pub use coordinators::CoordinatorType;
pub use leaders::ByPartition;
use reconnect::Reconnects;
use topics::KnownTopic;
pub use topics::{PartitionLeader, Topic};

use crate::connection::ConnectionOptions;
use crate::{Address, ClientFault, Connection, Request};

/// Who the addresses belong to at which one begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `--bootstrap-server`
    Brokers,
    /// `--bootstrap-controller` (KIP-919): Metadata is not served there, DescribeCluster is.
    Controllers,
}

/// How a cluster is found and how patient one is with it.
#[derive(Clone, Debug)]
pub struct ClusterOptions {
    pub bootstrap: Vec<Address>,
    pub role: Role,
    pub connection: ConnectionOptions,
    /// For a whole operation with its retries (Kafka: `default.api.timeout.ms`).
    pub api_timeout: Duration,
    /// Between two tries; doubles up to `retry_backoff_max` (Kafka: `retry.backoff.ms`).
    pub retry_backoff: Duration,
    pub retry_backoff_max: Duration,
    /// How often an operation is tried again at most (Kafka: `retries`).
    pub retries: u32,
    /// Before an address that did not answer is tried again; doubles up to `reconnect_backoff_max`.
    pub reconnect_backoff: Duration,
    pub reconnect_backoff_max: Duration,
    /// What is known of a topic is asked for again after this time (Kafka: `metadata.max.age.ms`).
    pub metadata_max_age: Duration,
}

impl ClusterOptions {
    pub fn new(bootstrap: Vec<Address>) -> ClusterOptions {
        ClusterOptions {
            bootstrap,
            role: Role::Brokers,
            connection: ConnectionOptions::default(),
            api_timeout: Duration::from_secs(60),
            retry_backoff: Duration::from_millis(100),
            retry_backoff_max: Duration::from_millis(1000),
            retries: i32::MAX as u32,
            reconnect_backoff: Duration::from_millis(50),
            reconnect_backoff_max: Duration::from_millis(1000),
            metadata_max_age: Duration::from_secs(300),
        }
    }
}

/// A node as the cluster describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub id: i32,
    pub address: Address,
    pub rack: Option<String>,
    pub is_fenced: bool,
}

/// What a connection to a node is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Use {
    Data,
    Coordination,
}

/// A cluster. Clones share connections and what is known.
#[derive(Clone)]
pub struct Cluster {
    shared: Arc<Shared>,
}

struct Shared {
    options: ClusterOptions,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// By id; empty until the first description.
    nodes: BTreeMap<i32, Node>,
    controller_id: Option<i32>,
    coordinators: BTreeMap<(CoordinatorType, String), i32>,
    topics: BTreeMap<String, KnownTopic>,
    /// One for each use: a join that waits must not hold up a fetch.
    by_node: BTreeMap<(Use, i32), Connection>,
    reconnects: Reconnects,
    bootstrap: Option<Connection>,
}

impl Cluster {
    /// Nothing is connected before the first question.
    pub fn new(options: ClusterOptions) -> Cluster {
        Cluster { shared: Arc::new(Shared { options, known: Mutex::default() }) }
    }

    pub fn options(&self) -> &ClusterOptions {
        &self.shared.options
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.shared.known.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// A connection to whichever node of the bootstrap list answers first in its order.
    ///
    /// # Errors
    /// What the last address met.
    pub async fn any(&self) -> Result<Connection, ClientFault> {
        if let Some(open) = self.known().bootstrap.clone().filter(Connection::is_open) {
            return Ok(open);
        }
        let mut last = None;
        for address in self.addresses() {
            match self.open(address).await {
                Ok(connection) => {
                    self.known().bootstrap = Some(connection.clone());
                    return Ok(connection);
                }
                Err(fault) => last = Some(fault),
            }
        }
        Err(last.unwrap_or(ClientFault::UnknownNode { node_id: -1 }))
    }

    /// Where to look for a first answer: the bootstrap list, then every node that was ever told of.
    fn addresses(&self) -> Vec<Address> {
        let mut addresses = self.shared.options.bootstrap.clone();
        for node in self.known().nodes.values() {
            if !addresses.contains(&node.address) {
                addresses.push(node.address.clone());
            }
        }
        addresses
    }

    /// A connection to one node.
    ///
    /// # Errors
    /// [`ClientFault::UnknownNode`], or what connecting met.
    pub async fn node(&self, node_id: i32) -> Result<Connection, ClientFault> {
        self.node_for(Use::Data, node_id).await
    }

    async fn node_for(&self, purpose: Use, node_id: i32) -> Result<Connection, ClientFault> {
        let key = (purpose, node_id);
        if let Some(open) = self.known().by_node.get(&key).filter(|open| open.is_open()) {
            return Ok(open.clone());
        }
        if !self.known().nodes.contains_key(&node_id) {
            self.refresh().await?;
        }
        let node = self.known().nodes.get(&node_id).cloned();
        let node = node.ok_or(ClientFault::UnknownNode { node_id })?;
        let connection = self.open(node.address).await?;
        self.known().by_node.insert(key, connection.clone());
        Ok(connection)
    }

    /// Connects, not before the pause after a failure is over.
    async fn open(&self, address: Address) -> Result<Connection, ClientFault> {
        let options = &self.shared.options;
        let not_before = self.known().reconnects.not_before(&address);
        if let Some(not_before) = not_before {
            tokio::time::sleep_until(not_before).await;
        }
        let opened = Connection::open(address.clone(), options.connection.clone()).await;
        let reconnects = &mut self.known().reconnects;
        match &opened {
            Ok(_) => reconnects.succeeded(&address),
            Err(_) => {
                let (first, longest) = (options.reconnect_backoff, options.reconnect_backoff_max);
                reconnects.failed(&address, Instant::now(), first, longest);
            }
        }
        opened
    }

    /// The nodes, by id, as last told.
    ///
    /// # Errors
    /// [`ClientFault`] when nobody has told yet and nobody answers.
    pub async fn nodes(&self) -> Result<Vec<Node>, ClientFault> {
        if self.known().nodes.is_empty() {
            self.retry(|| self.refresh()).await?;
        }
        Ok(self.known().nodes.values().cloned().collect())
    }

    /// Asks who the nodes are and who is the controller.
    ///
    /// # Errors
    /// [`ClientFault`]
    pub async fn refresh(&self) -> Result<(), ClientFault> {
        match self.shared.options.role {
            Role::Brokers => {
                let nothing = MetadataRequest { topics: Some(Vec::new()), ..MetadataRequest::default() };
                self.metadata(&nothing).await.map(|_| ())
            }
            Role::Controllers => self.describe_controllers().await,
        }
    }

    async fn describe_controllers(&self) -> Result<(), ClientFault> {
        const CONTROLLERS: i8 = 2;
        let request = DescribeClusterRequest { endpoint_type: CONTROLLERS, ..Default::default() };
        let answer = self.any().await?.call(&request).await?;
        ClientFault::check(answer.error_code, answer.error_message)?;
        let nodes = answer.brokers.into_iter().filter_map(|node| {
            let address = Address { host: node.host, port: u16::try_from(node.port).ok()? };
            Some(Node { id: node.broker_id, address, rack: node.rack, is_fenced: node.is_fenced })
        });
        self.note_nodes(nodes.collect(), answer.controller_id);
        Ok(())
    }

    fn note_nodes(&self, nodes: Vec<Node>, controller_id: i32) {
        let mut known = self.known();
        let nodes: BTreeMap<i32, Node> = nodes.into_iter().map(|node| (node.id, node)).collect();
        // A node that has moved is another node to its connection.
        let old = std::mem::take(&mut known.nodes);
        let place = |nodes: &BTreeMap<i32, Node>, id: i32| nodes.get(&id).map(|node| node.address.clone());
        known.by_node.retain(|(_, id), _| place(&old, *id) == place(&nodes, *id));
        known.nodes = nodes;
        known.controller_id = (controller_id >= 0).then_some(controller_id);
    }

    /// Sends to any node, with retries.
    ///
    /// # Errors
    /// [`ClientFault`]; codes inside the answer are the caller's.
    pub async fn ask_any<Q: Request>(&self, request: &Q) -> Result<Q::Response, ClientFault> {
        self.retry(|| async { self.any().await?.call(request).await }).await
    }

    /// Sends to the node with this id, with retries.
    ///
    /// # Errors
    /// [`ClientFault`]; codes inside the answer are the caller's.
    pub async fn ask_node<Q: Request>(&self, node_id: i32, request: &Q) -> Result<Q::Response, ClientFault> {
        self.retry(|| async { self.node(node_id).await?.call(request).await }).await
    }

    /// Sends to the node that changes the cluster: to the one that the cluster names (any broker passes the request
    /// on), or among controllers to the active one. `error_of` finds the answer's own code, so that NOT_CONTROLLER
    /// leads to another look.
    ///
    /// # Errors
    /// [`ClientFault`]; all other codes are the caller's.
    pub async fn ask_controller<Q: Request>(
        &self,
        request: &Q,
        error_of: impl Fn(&Q::Response) -> i16,
    ) -> Result<Q::Response, ClientFault> {
        let ask = || async {
            let answer = self.controller().await?.call(request).await?;
            if error_of(&answer) == ErrorCode::NotController.code() {
                self.known().controller_id = None;
                return Err(ClientFault::refused(ErrorCode::NotController));
            }
            Ok(answer)
        };
        self.retry(ask).await
    }

    async fn controller(&self) -> Result<Connection, ClientFault> {
        if self.known().controller_id.is_none() {
            self.refresh().await?;
        }
        let id = self.known().controller_id;
        match id {
            Some(id) => self.node(id).await,
            None => Err(ClientFault::refused(ErrorCode::LeaderNotAvailable)),
        }
    }

    /// Repeats what fails for a while, with growing pauses, until `api_timeout` has passed. The last fault is told.
    ///
    /// # Errors
    /// The first fault that does not pass by itself, or the last one.
    pub async fn retry<T, F: Future<Output = Result<T, ClientFault>>>(
        &self,
        mut attempt: impl FnMut() -> F,
    ) -> Result<T, ClientFault> {
        let options = &self.shared.options;
        let deadline = Instant::now() + options.api_timeout;
        let mut pause = options.retry_backoff;
        let mut tries = 0;
        loop {
            match attempt().await {
                Err(fault)
                    if fault.is_retriable()
                        && tries < options.retries
                        && Instant::now() + pause < deadline =>
                {
                    tries += 1;
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(options.retry_backoff_max);
                }
                outcome => return outcome,
            }
        }
    }
}

fn node_of(broker: &metadata::MetadataResponseBroker) -> Option<Node> {
    let address = Address { host: broker.host.clone(), port: u16::try_from(broker.port).ok()? };
    Some(Node { id: broker.node_id, address, rack: broker.rack.clone(), is_fenced: false })
}
