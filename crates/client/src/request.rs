//! Which answer belongs to which request.

use klamm_base::codec::Message;
use klamm_wire::*;

/// A request that this client sends.
pub trait Request: Message {
    const KEY: ApiKey;
    type Response: Message;
}

macro_rules! requests {
    ($($key:ident: $request:ident => $response:ident;)*) => {
        $(impl Request for $request {
            const KEY: ApiKey = ApiKey::$key;
            type Response = $response;
        })*
    };
}

requests! {
    Produce: ProduceRequest => ProduceResponse;
    Fetch: FetchRequest => FetchResponse;
    ListOffsets: ListOffsetsRequest => ListOffsetsResponse;
    Metadata: MetadataRequest => MetadataResponse;
    OffsetCommit: OffsetCommitRequest => OffsetCommitResponse;
    OffsetFetch: OffsetFetchRequest => OffsetFetchResponse;
    FindCoordinator: FindCoordinatorRequest => FindCoordinatorResponse;
    JoinGroup: JoinGroupRequest => JoinGroupResponse;
    Heartbeat: HeartbeatRequest => HeartbeatResponse;
    LeaveGroup: LeaveGroupRequest => LeaveGroupResponse;
    SyncGroup: SyncGroupRequest => SyncGroupResponse;
    DescribeGroups: DescribeGroupsRequest => DescribeGroupsResponse;
    ListGroups: ListGroupsRequest => ListGroupsResponse;
    ApiVersions: ApiVersionsRequest => ApiVersionsResponse;
    CreateTopics: CreateTopicsRequest => CreateTopicsResponse;
    DeleteTopics: DeleteTopicsRequest => DeleteTopicsResponse;
    DeleteRecords: DeleteRecordsRequest => DeleteRecordsResponse;
    InitProducerId: InitProducerIdRequest => InitProducerIdResponse;
    OffsetForLeaderEpoch: OffsetForLeaderEpochRequest => OffsetForLeaderEpochResponse;
    DescribeConfigs: DescribeConfigsRequest => DescribeConfigsResponse;
    DescribeLogDirs: DescribeLogDirsRequest => DescribeLogDirsResponse;
    CreatePartitions: CreatePartitionsRequest => CreatePartitionsResponse;
    DeleteGroups: DeleteGroupsRequest => DeleteGroupsResponse;
    IncrementalAlterConfigs: IncrementalAlterConfigsRequest => IncrementalAlterConfigsResponse;
    OffsetDelete: OffsetDeleteRequest => OffsetDeleteResponse;
    DescribeQuorum: DescribeQuorumRequest => DescribeQuorumResponse;
    UpdateFeatures: UpdateFeaturesRequest => UpdateFeaturesResponse;
    DescribeCluster: DescribeClusterRequest => DescribeClusterResponse;
    DescribeProducers: DescribeProducersRequest => DescribeProducersResponse;
    UnregisterBroker: UnregisterBrokerRequest => UnregisterBrokerResponse;
    UnregisterController: UnregisterControllerRequest => UnregisterControllerResponse;
    ConsumerGroupDescribe: ConsumerGroupDescribeRequest => ConsumerGroupDescribeResponse;
    ListConfigResources: ListConfigResourcesRequest => ListConfigResourcesResponse;
    DescribeTopicPartitions: DescribeTopicPartitionsRequest => DescribeTopicPartitionsResponse;
    ListPartitionReassignments: ListPartitionReassignmentsRequest => ListPartitionReassignmentsResponse;
    DescribeClientQuotas: DescribeClientQuotasRequest => DescribeClientQuotasResponse;
    AlterClientQuotas: AlterClientQuotasRequest => AlterClientQuotasResponse;
    AlterUserScramCredentials: AlterUserScramCredentialsRequest => AlterUserScramCredentialsResponse;
    DescribeUserScramCredentials: DescribeUserScramCredentialsRequest => DescribeUserScramCredentialsResponse;
}
