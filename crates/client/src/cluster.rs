//! A cluster found through any of its nodes: who its nodes are, connections to them, and who answers what
//! (Kafka: `NetworkClient`, `Metadata`, `AdminClientRunnable`).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use klamm_base::{ErrorCode, Uuid};
use klamm_wire::{
    ApiKey, DescribeClusterRequest, FindCoordinatorRequest, MetadataRequest, MetadataResponse, metadata,
};
use tokio::time::Instant;

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

/// A topic and who leads its partitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    pub name: String,
    /// Zero when the cluster is older than topic ids.
    pub id: Uuid,
    pub is_internal: bool,
    /// Sorted by index; the place is the index where none is missing.
    pub partitions: Vec<PartitionLeader>,
}

/// Who leads a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionLeader {
    pub index: i32,
    /// `None` while there is none.
    pub leader: Option<i32>,
    pub leader_epoch: i32,
}

impl Topic {
    pub fn partition(&self, index: i32) -> Option<&PartitionLeader> {
        self.partitions.iter().find(|partition| partition.index == index)
    }
}

/// Kinds of coordinators (Kafka: `FindCoordinatorRequest.CoordinatorType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CoordinatorType {
    Group = 0,
    Transaction = 1,
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
    topics: BTreeMap<String, Arc<Topic>>,
    by_node: BTreeMap<i32, Connection>,
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
            match Connection::open(address, self.shared.options.connection.clone()).await {
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
        if let Some(open) = self.known().by_node.get(&node_id).filter(|open| open.is_open()) {
            return Ok(open.clone());
        }
        if !self.known().nodes.contains_key(&node_id) {
            self.refresh().await?;
        }
        let node = self.known().nodes.get(&node_id).cloned();
        let node = node.ok_or(ClientFault::UnknownNode { node_id })?;
        let connection = Connection::open(node.address, self.shared.options.connection.clone()).await?;
        self.known().by_node.insert(node_id, connection.clone());
        Ok(connection)
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

    /// One Metadata exchange with any node; what it says about nodes is remembered.
    ///
    /// # Errors
    /// [`ClientFault`]; errors of single topics are in the answer.
    pub async fn metadata(&self, request: &MetadataRequest) -> Result<MetadataResponse, ClientFault> {
        let answer = self.any().await?.call(request).await?;
        ClientFault::check(answer.error_code, None)?;
        let nodes = answer.brokers.iter().filter_map(node_of).collect();
        self.note_nodes(nodes, answer.controller_id);
        Ok(answer)
    }

    /// A topic, from memory where it was told before; `create` lets the cluster make a missing one, if it does so.
    ///
    /// # Errors
    /// [`ClientFault`]: UNKNOWN_TOPIC_OR_PARTITION and LEADER_NOT_AVAILABLE may pass by themselves.
    pub async fn topic(&self, name: &str, create: bool) -> Result<Arc<Topic>, ClientFault> {
        if let Some(topic) = self.known().topics.get(name) {
            return Ok(topic.clone());
        }
        let asked = metadata::MetadataRequestTopic { name: Some(name.to_owned()), ..Default::default() };
        let request = MetadataRequest {
            topics: Some(vec![asked]),
            allow_auto_topic_creation: create,
            ..MetadataRequest::default()
        };
        let answer = self.metadata(&request).await?;
        let unknown = || ClientFault::refused(ErrorCode::UnknownTopicOrPartition);
        let told = answer.topics.into_iter().next().ok_or_else(unknown)?;
        ClientFault::check(told.error_code, None)?;
        let topic = Arc::new(topic_of(name, told));
        self.known().topics.insert(name.to_owned(), topic.clone());
        Ok(topic)
    }

    /// Forgets a topic, after its leader was not where it was looked for.
    pub fn forget_topic(&self, name: &str) {
        self.known().topics.remove(name);
    }

    fn note_nodes(&self, nodes: Vec<Node>, controller_id: i32) {
        let mut known = self.known();
        let nodes: BTreeMap<i32, Node> = nodes.into_iter().map(|node| (node.id, node)).collect();
        // A node that has moved is another node to its connection.
        let moved =
            |id: &i32| known.nodes.get(id).map(|old| &old.address) != nodes.get(id).map(|new| &new.address);
        let gone: Vec<i32> = known.by_node.keys().copied().filter(moved).collect();
        gone.iter().for_each(|id| drop(known.by_node.remove(id)));
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

    /// The node that coordinates a group or a transaction.
    ///
    /// # Errors
    /// [`ClientFault`]: COORDINATOR_NOT_AVAILABLE passes by itself.
    pub async fn coordinator(&self, kind: CoordinatorType, key: &str) -> Result<Connection, ClientFault> {
        let known = self.known().coordinators.get(&(kind, key.to_owned())).copied();
        let id = match known {
            Some(id) => id,
            None => self.find_coordinator(kind, key).await?,
        };
        self.node(id).await
    }

    async fn find_coordinator(&self, kind: CoordinatorType, key: &str) -> Result<i32, ClientFault> {
        let any = self.any().await?;
        let batched = any.ranges().serves(ApiKey::FindCoordinator, 4);
        let request = FindCoordinatorRequest {
            key: if batched { String::new() } else { key.to_owned() },
            key_type: kind as i8,
            coordinator_keys: if batched { vec![key.to_owned()] } else { Vec::new() },
        };
        let answer = any.call(&request).await?;
        let (error, message, id) = match answer.coordinators.into_iter().next() {
            Some(found) => (found.error_code, found.error_message, found.node_id),
            None => (answer.error_code, answer.error_message, answer.node_id),
        };
        ClientFault::check(error, message)?;
        self.known().coordinators.insert((kind, key.to_owned()), id);
        Ok(id)
    }

    /// Forgets who coordinates, after NOT_COORDINATOR and its like.
    pub fn forget_coordinator(&self, kind: CoordinatorType, key: &str) {
        self.known().coordinators.remove(&(kind, key.to_owned()));
    }

    /// Sends to a coordinator, with retries. `error_of` finds the answer's own code.
    ///
    /// # Errors
    /// [`ClientFault`]; codes that do not concern the place are the caller's.
    pub async fn ask_coordinator<Q: Request>(
        &self,
        kind: CoordinatorType,
        key: &str,
        request: &Q,
        error_of: impl Fn(&Q::Response) -> i16,
    ) -> Result<Q::Response, ClientFault> {
        self.ask_coordinator_at_most(kind, key, request, i16::MAX, error_of).await
    }

    /// As [`Cluster::ask_coordinator`], with no version above `version_max`.
    pub async fn ask_coordinator_at_most<Q: Request>(
        &self,
        kind: CoordinatorType,
        key: &str,
        request: &Q,
        version_max: i16,
        error_of: impl Fn(&Q::Response) -> i16,
    ) -> Result<Q::Response, ClientFault> {
        let ask = || async {
            let coordinator = self.coordinator(kind, key).await?;
            let answer = coordinator.call_at_most(request, version_max).await.map(|(answer, _)| answer);
            self.watch_coordinator(kind, key, answer, &error_of)
        };
        self.retry(ask).await
    }

    /// Looks at what came from a coordinator: one that is none, or is not there, is forgotten, and its answer is a
    /// fault that passes by itself.
    pub(crate) fn watch_coordinator<A>(
        &self,
        kind: CoordinatorType,
        key: &str,
        answer: Result<A, ClientFault>,
        error_of: impl Fn(&A) -> i16,
    ) -> Result<A, ClientFault> {
        let fault = match answer {
            Ok(answer) => {
                let error = ErrorCode::from_code(error_of(&answer));
                if !is_misplaced(error) {
                    return Ok(answer);
                }
                ClientFault::refused(error)
            }
            Err(fault) => fault,
        };
        self.forget_coordinator(kind, key);
        Err(fault)
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
        loop {
            match attempt().await {
                Err(fault) if fault.is_retriable() && Instant::now() + pause < deadline => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(options.retry_backoff_max);
                }
                outcome => return outcome,
            }
        }
    }
}

fn is_misplaced(error: ErrorCode) -> bool {
    matches!(
        error,
        ErrorCode::NotCoordinator | ErrorCode::CoordinatorNotAvailable | ErrorCode::CoordinatorLoadInProgress
    )
}

fn topic_of(name: &str, told: metadata::MetadataResponseTopic) -> Topic {
    let leader_of = |partition: metadata::MetadataResponsePartition| PartitionLeader {
        index: partition.partition_index,
        leader: (partition.leader_id >= 0).then_some(partition.leader_id),
        leader_epoch: partition.leader_epoch,
    };
    let mut partitions: Vec<PartitionLeader> = told.partitions.into_iter().map(leader_of).collect();
    partitions.sort_by_key(|partition| partition.index);
    Topic { name: name.to_owned(), id: told.topic_id, is_internal: told.is_internal, partitions }
}

fn node_of(broker: &metadata::MetadataResponseBroker) -> Option<Node> {
    let address = Address { host: broker.host.clone(), port: u16::try_from(broker.port).ok()? };
    Some(Node { id: broker.node_id, address, rack: broker.rack.clone(), is_fenced: false })
}
