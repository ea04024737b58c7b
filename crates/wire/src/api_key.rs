//! The table of APIs: key, name, versions, listeners, headers, forwarding.
//!
//! Everything but the forwarding flag comes from the schemas of the request and the response.
//! Keys 4 to 7 are reserved and have no messages any more. Kafka: `ApiKeys`, `ApiMessageType`.

use crate::*;
use klamm_base::codec::{Kind, Listener, Message, MessageSchema, Versions};
use std::fmt;

/// One row of the table.
#[derive(Debug)]
struct Api {
    request: &'static MessageSchema,
    response: &'static MessageSchema,
    forwardable: bool,
}

macro_rules! api_keys {
    (@forwardable forwarded) => { true };
    (@forwardable own) => { false };
    ($($name:ident = $key:literal, $request:ident, $response:ident, $forwarding:ident;)*) => {
        /// An API, by the number that opens its requests.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(i16)]
        pub enum ApiKey {
            $($name = $key,)*
        }

        impl ApiKey {
            /// Every live API, by ascending key.
            pub const ALL: &'static [ApiKey] = &[$(ApiKey::$name,)*];

            /// The API's name in Kafka's definitions, such as `CreateTopics`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(ApiKey::$name => stringify!($name),)*
                }
            }
        }

        static APIS: &[Api] = &[$(Api {
            request: $request::SCHEMA,
            response: $response::SCHEMA,
            forwardable: api_keys!(@forwardable $forwarding),
        },)*];
    };
}

// own: whoever gets the request answers it. forwarded: a broker passes it to the active controller.
api_keys! {
    Produce = 0, ProduceRequest, ProduceResponse, own;
    Fetch = 1, FetchRequest, FetchResponse, own;
    ListOffsets = 2, ListOffsetsRequest, ListOffsetsResponse, own;
    Metadata = 3, MetadataRequest, MetadataResponse, own;
    OffsetCommit = 8, OffsetCommitRequest, OffsetCommitResponse, own;
    OffsetFetch = 9, OffsetFetchRequest, OffsetFetchResponse, own;
    FindCoordinator = 10, FindCoordinatorRequest, FindCoordinatorResponse, own;
    JoinGroup = 11, JoinGroupRequest, JoinGroupResponse, own;
    Heartbeat = 12, HeartbeatRequest, HeartbeatResponse, own;
    LeaveGroup = 13, LeaveGroupRequest, LeaveGroupResponse, own;
    SyncGroup = 14, SyncGroupRequest, SyncGroupResponse, own;
    DescribeGroups = 15, DescribeGroupsRequest, DescribeGroupsResponse, own;
    ListGroups = 16, ListGroupsRequest, ListGroupsResponse, own;
    SaslHandshake = 17, SaslHandshakeRequest, SaslHandshakeResponse, own;
    ApiVersions = 18, ApiVersionsRequest, ApiVersionsResponse, own;
    CreateTopics = 19, CreateTopicsRequest, CreateTopicsResponse, forwarded;
    DeleteTopics = 20, DeleteTopicsRequest, DeleteTopicsResponse, forwarded;
    DeleteRecords = 21, DeleteRecordsRequest, DeleteRecordsResponse, own;
    InitProducerId = 22, InitProducerIdRequest, InitProducerIdResponse, own;
    OffsetForLeaderEpoch = 23, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse, own;
    AddPartitionsToTxn = 24, AddPartitionsToTxnRequest, AddPartitionsToTxnResponse, own;
    AddOffsetsToTxn = 25, AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, own;
    EndTxn = 26, EndTxnRequest, EndTxnResponse, own;
    WriteTxnMarkers = 27, WriteTxnMarkersRequest, WriteTxnMarkersResponse, own;
    TxnOffsetCommit = 28, TxnOffsetCommitRequest, TxnOffsetCommitResponse, own;
    DescribeAcls = 29, DescribeAclsRequest, DescribeAclsResponse, own;
    CreateAcls = 30, CreateAclsRequest, CreateAclsResponse, forwarded;
    DeleteAcls = 31, DeleteAclsRequest, DeleteAclsResponse, forwarded;
    DescribeConfigs = 32, DescribeConfigsRequest, DescribeConfigsResponse, own;
    AlterConfigs = 33, AlterConfigsRequest, AlterConfigsResponse, forwarded;
    AlterReplicaLogDirs = 34, AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse, own;
    DescribeLogDirs = 35, DescribeLogDirsRequest, DescribeLogDirsResponse, own;
    SaslAuthenticate = 36, SaslAuthenticateRequest, SaslAuthenticateResponse, own;
    CreatePartitions = 37, CreatePartitionsRequest, CreatePartitionsResponse, forwarded;
    CreateDelegationToken = 38, CreateDelegationTokenRequest, CreateDelegationTokenResponse, forwarded;
    RenewDelegationToken = 39, RenewDelegationTokenRequest, RenewDelegationTokenResponse, forwarded;
    ExpireDelegationToken = 40, ExpireDelegationTokenRequest, ExpireDelegationTokenResponse, forwarded;
    DescribeDelegationToken = 41, DescribeDelegationTokenRequest, DescribeDelegationTokenResponse, own;
    DeleteGroups = 42, DeleteGroupsRequest, DeleteGroupsResponse, own;
    ElectLeaders = 43, ElectLeadersRequest, ElectLeadersResponse, forwarded;
    IncrementalAlterConfigs = 44, IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, forwarded;
    AlterPartitionReassignments = 45, AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse, forwarded;
    ListPartitionReassignments = 46, ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse, forwarded;
    OffsetDelete = 47, OffsetDeleteRequest, OffsetDeleteResponse, own;
    DescribeClientQuotas = 48, DescribeClientQuotasRequest, DescribeClientQuotasResponse, own;
    AlterClientQuotas = 49, AlterClientQuotasRequest, AlterClientQuotasResponse, forwarded;
    DescribeUserScramCredentials = 50, DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse, own;
    AlterUserScramCredentials = 51, AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse, forwarded;
    Vote = 52, VoteRequest, VoteResponse, own;
    BeginQuorumEpoch = 53, BeginQuorumEpochRequest, BeginQuorumEpochResponse, own;
    EndQuorumEpoch = 54, EndQuorumEpochRequest, EndQuorumEpochResponse, own;
    DescribeQuorum = 55, DescribeQuorumRequest, DescribeQuorumResponse, forwarded;
    AlterPartition = 56, AlterPartitionRequest, AlterPartitionResponse, own;
    UpdateFeatures = 57, UpdateFeaturesRequest, UpdateFeaturesResponse, forwarded;
    Envelope = 58, EnvelopeRequest, EnvelopeResponse, own;
    FetchSnapshot = 59, FetchSnapshotRequest, FetchSnapshotResponse, own;
    DescribeCluster = 60, DescribeClusterRequest, DescribeClusterResponse, own;
    DescribeProducers = 61, DescribeProducersRequest, DescribeProducersResponse, own;
    BrokerRegistration = 62, BrokerRegistrationRequest, BrokerRegistrationResponse, own;
    BrokerHeartbeat = 63, BrokerHeartbeatRequest, BrokerHeartbeatResponse, own;
    UnregisterBroker = 64, UnregisterBrokerRequest, UnregisterBrokerResponse, forwarded;
    DescribeTransactions = 65, DescribeTransactionsRequest, DescribeTransactionsResponse, own;
    ListTransactions = 66, ListTransactionsRequest, ListTransactionsResponse, own;
    AllocateProducerIds = 67, AllocateProducerIdsRequest, AllocateProducerIdsResponse, forwarded;
    ConsumerGroupHeartbeat = 68, ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, own;
    ConsumerGroupDescribe = 69, ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, own;
    ControllerRegistration = 70, ControllerRegistrationRequest, ControllerRegistrationResponse, own;
    GetTelemetrySubscriptions = 71, GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse, own;
    PushTelemetry = 72, PushTelemetryRequest, PushTelemetryResponse, own;
    AssignReplicasToDirs = 73, AssignReplicasToDirsRequest, AssignReplicasToDirsResponse, own;
    ListConfigResources = 74, ListConfigResourcesRequest, ListConfigResourcesResponse, own;
    DescribeTopicPartitions = 75, DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse, own;
    ShareGroupHeartbeat = 76, ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse, own;
    ShareGroupDescribe = 77, ShareGroupDescribeRequest, ShareGroupDescribeResponse, own;
    ShareFetch = 78, ShareFetchRequest, ShareFetchResponse, own;
    ShareAcknowledge = 79, ShareAcknowledgeRequest, ShareAcknowledgeResponse, own;
    AddRaftVoter = 80, AddRaftVoterRequest, AddRaftVoterResponse, forwarded;
    RemoveRaftVoter = 81, RemoveRaftVoterRequest, RemoveRaftVoterResponse, forwarded;
    UpdateRaftVoter = 82, UpdateRaftVoterRequest, UpdateRaftVoterResponse, own;
    InitializeShareGroupState = 83, InitializeShareGroupStateRequest, InitializeShareGroupStateResponse, own;
    ReadShareGroupState = 84, ReadShareGroupStateRequest, ReadShareGroupStateResponse, own;
    WriteShareGroupState = 85, WriteShareGroupStateRequest, WriteShareGroupStateResponse, own;
    DeleteShareGroupState = 86, DeleteShareGroupStateRequest, DeleteShareGroupStateResponse, own;
    ReadShareGroupStateSummary = 87, ReadShareGroupStateSummaryRequest, ReadShareGroupStateSummaryResponse, own;
    StreamsGroupHeartbeat = 88, StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse, own;
    StreamsGroupDescribe = 89, StreamsGroupDescribeRequest, StreamsGroupDescribeResponse, own;
    DescribeShareGroupOffsets = 90, DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse, own;
    AlterShareGroupOffsets = 91, AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse, own;
    DeleteShareGroupOffsets = 92, DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse, own;
    StreamsGroupTopologyDescriptionUpdate = 93, StreamsGroupTopologyDescriptionUpdateRequest, StreamsGroupTopologyDescriptionUpdateResponse, own;
    UnregisterController = 94, UnregisterControllerRequest, UnregisterControllerResponse, forwarded;
}

/// Places of the reserved keys in the sequence of numbers.
const RESERVED: std::ops::RangeInclusive<i16> = 4..=7;

impl ApiKey {
    /// The API of a number; reserved and unknown numbers have none.
    pub fn from_key(key: i16) -> Option<ApiKey> {
        let gap = if key > *RESERVED.end() { RESERVED.count() } else { 0 };
        let api = Self::ALL.get(usize::try_from(key).ok()?.checked_sub(gap)?)?;
        (api.key() == key).then_some(*api)
    }

    /// The number on the wire.
    pub const fn key(self) -> i16 {
        self as i16
    }

    fn api(self) -> &'static Api {
        let gap = if self.key() > *RESERVED.end() { RESERVED.count() } else { 0 };
        &APIS[self.key() as usize - gap]
    }

    pub fn request_schema(self) -> &'static MessageSchema {
        self.api().request
    }

    pub fn response_schema(self) -> &'static MessageSchema {
        self.api().response
    }

    /// All versions, an unstable last one included.
    pub fn versions(self) -> Versions {
        self.api().request.versions
    }

    /// The versions that a server offers unless it is told to offer unstable ones.
    pub fn stable_versions(self) -> Versions {
        let all = self.versions();
        Versions::new(all.min, all.max - i16::from(self.latest_version_unstable()))
    }

    /// Whether the last version is offered only with `unstable.api.versions.enable`.
    pub fn latest_version_unstable(self) -> bool {
        self.api().request.latest_version_unstable
    }

    /// The first version with compact lengths and tagged fields; SaslHandshake and OffsetDelete
    /// have none.
    pub fn first_flexible_version(self) -> Option<i16> {
        let flexible = self.api().request.flexible;
        (!flexible.is_empty()).then_some(flexible.min)
    }

    /// The kinds of listener that serve it.
    pub fn listeners(self) -> &'static [Listener] {
        match self.api().request.kind {
            Kind::Request { listeners, .. } => listeners,
            kind => panic!("{} is a {kind:?}, not a request", self.name()),
        }
    }

    pub fn is_served_on(self, listener: Listener) -> bool {
        self.listeners().contains(&listener)
    }

    /// Whether a broker passes the request to the active controller.
    pub fn is_forwardable(self) -> bool {
        self.api().forwardable
    }

    /// The version of the header before a request of this version. Versions that nobody knows have
    /// one too: an ApiVersions request of the future is read up to its header.
    pub fn request_header_version(self, version: i16) -> i16 {
        if self.api().request.flexible.contains(version) { 2 } else { 1 }
    }

    /// The version of the header before an answer of this version; always 0 for ApiVersions, so that
    /// clients can read its refusal.
    pub fn response_header_version(self, version: i16) -> i16 {
        let flexible = self.api().response.flexible.contains(version);
        i16::from(flexible && self != ApiKey::ApiVersions)
    }
}

impl fmt::Display for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
