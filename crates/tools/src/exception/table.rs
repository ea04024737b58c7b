//! Java class and default message of every error code (Kafka: `Errors`). Tools print both.

use klamm_base::ErrorCode;

macro_rules! rows {
    ($($code:ident, $class:literal, $message:literal;)*) => {
        /// Code, class, what is said when the answer has no words of its own.
        pub(super) const ROWS: &[(ErrorCode, &str, &str)] =
            &[$((ErrorCode::$code, concat!("org.apache.kafka.common.", $class), $message),)*];
    };
}

rows! {
    UnknownServerError, "errors.UnknownServerException",
        "The server experienced an unexpected error when processing the request.";
    OffsetOutOfRange, "errors.OffsetOutOfRangeException",
        "The requested offset is not within the range of offsets maintained by the server.";
    CorruptMessage, "errors.CorruptRecordException",
        "This message has failed its CRC checksum, exceeds the valid size, has a null key for a compacted \
         topic, or is otherwise corrupt.";
    UnknownTopicOrPartition, "errors.UnknownTopicOrPartitionException",
        "This server does not host this topic-partition.";
    InvalidFetchSize, "errors.InvalidFetchSizeException", "The requested fetch size is invalid.";
    LeaderNotAvailable, "errors.LeaderNotAvailableException",
        "There is no leader for this topic-partition as we are in the middle of a leadership election.";
    NotLeaderOrFollower, "errors.NotLeaderOrFollowerException",
        "For requests intended only for the leader, this error indicates that the broker is not the \
         current leader. For requests intended for any replica, this error indicates that the broker is \
         not a replica of the topic partition.";
    RequestTimedOut, "errors.TimeoutException", "The request timed out.";
    BrokerNotAvailable, "errors.BrokerNotAvailableException", "The broker is not available.";
    ReplicaNotAvailable, "errors.ReplicaNotAvailableException",
        "The replica is not available for the requested topic-partition. Produce/Fetch requests and other \
         requests intended only for the leader or follower return NOT_LEADER_OR_FOLLOWER if the broker is \
         not a replica of the topic-partition.";
    MessageTooLarge, "errors.RecordTooLargeException",
        "The request included a message larger than the max message size the server will accept.";
    StaleControllerEpoch, "errors.ControllerMovedException", "The controller moved to another broker.";
    OffsetMetadataTooLarge, "errors.OffsetMetadataTooLarge",
        "The metadata field of the offset request was too large.";
    NetworkException, "errors.NetworkException", "The server disconnected before a response was received.";
    CoordinatorLoadInProgress, "errors.CoordinatorLoadInProgressException",
        "The coordinator is loading and hence can't process requests.";
    CoordinatorNotAvailable, "errors.CoordinatorNotAvailableException", "The coordinator is not available.";
    NotCoordinator, "errors.NotCoordinatorException", "This is not the correct coordinator.";
    InvalidTopicException, "errors.InvalidTopicException",
        "The request attempted to perform an operation on an invalid topic.";
    RecordListTooLarge, "errors.RecordBatchTooLargeException",
        "The request included message batch larger than the configured segment size on the server.";
    NotEnoughReplicas, "errors.NotEnoughReplicasException",
        "Messages are rejected since there are fewer in-sync replicas than required.";
    NotEnoughReplicasAfterAppend, "errors.NotEnoughReplicasAfterAppendException",
        "Messages are written to the log, but to fewer in-sync replicas than required.";
    InvalidRequiredAcks, "errors.InvalidRequiredAcksException",
        "Produce request specified an invalid value for required acks.";
    IllegalGeneration, "errors.IllegalGenerationException", "Specified group generation id is not valid.";
    InconsistentGroupProtocol, "errors.InconsistentGroupProtocolException",
        "The group member's supported protocols are incompatible with those of existing members or first \
         group member tried to join with empty protocol type or empty protocol list.";
    InvalidGroupId, "errors.InvalidGroupIdException", "The group id is invalid.";
    UnknownMemberId, "errors.UnknownMemberIdException", "The coordinator is not aware of this member.";
    InvalidSessionTimeout, "errors.InvalidSessionTimeoutException",
        "The session timeout is not within the range allowed by the broker (as configured by \
         group.min.session.timeout.ms and group.max.session.timeout.ms).";
    RebalanceInProgress, "errors.RebalanceInProgressException",
        "The group is rebalancing, so a rejoin is needed.";
    InvalidCommitOffsetSize, "errors.InvalidCommitOffsetSizeException",
        "The committing offset data size is not valid.";
    TopicAuthorizationFailed, "errors.TopicAuthorizationException", "Topic authorization failed.";
    GroupAuthorizationFailed, "errors.GroupAuthorizationException", "Group authorization failed.";
    ClusterAuthorizationFailed, "errors.ClusterAuthorizationException", "Cluster authorization failed.";
    InvalidTimestamp, "errors.InvalidTimestampException",
        "The timestamp of the message is out of acceptable range.";
    UnsupportedSaslMechanism, "errors.UnsupportedSaslMechanismException",
        "The broker does not support the requested SASL mechanism.";
    IllegalSaslState, "errors.IllegalSaslStateException",
        "Request is not valid given the current SASL state.";
    UnsupportedVersion, "errors.UnsupportedVersionException", "The version of API is not supported.";
    TopicAlreadyExists, "errors.TopicExistsException", "Topic with this name already exists.";
    InvalidPartitions, "errors.InvalidPartitionsException", "Number of partitions is below 1.";
    InvalidReplicationFactor, "errors.InvalidReplicationFactorException",
        "Replication factor is below 1 or larger than the number of available brokers.";
    InvalidReplicaAssignment, "errors.InvalidReplicaAssignmentException", "Replica assignment is invalid.";
    InvalidConfig, "errors.InvalidConfigurationException", "Configuration is invalid.";
    NotController, "errors.NotControllerException", "This is not the correct controller for this cluster.";
    InvalidRequest, "errors.InvalidRequestException",
        "This most likely occurs because of a request being malformed by the client library or the \
         message was sent to an incompatible broker. See the broker logs for more details.";
    UnsupportedForMessageFormat, "errors.UnsupportedForMessageFormatException",
        "The message format version on the broker does not support the request.";
    PolicyViolation, "errors.PolicyViolationException",
        "Request parameters do not satisfy the configured policy.";
    OutOfOrderSequenceNumber, "errors.OutOfOrderSequenceException",
        "The broker received an out of order sequence number.";
    DuplicateSequenceNumber, "errors.DuplicateSequenceException",
        "The broker received a duplicate sequence number.";
    InvalidProducerEpoch, "errors.InvalidProducerEpochException",
        "Producer attempted to produce with an old epoch.";
    InvalidTxnState, "errors.InvalidTxnStateException",
        "The producer attempted a transactional operation in an invalid state.";
    InvalidProducerIdMapping, "errors.InvalidPidMappingException",
        "The producer attempted to use a producer id which is not currently assigned to its transactional \
         id.";
    InvalidTransactionTimeout, "errors.InvalidTxnTimeoutException",
        "The transaction timeout is larger than the maximum value allowed by the broker (as configured by \
         transaction.max.timeout.ms).";
    ConcurrentTransactions, "errors.ConcurrentTransactionsException",
        "The producer attempted to update a transaction while another concurrent operation on the same \
         transaction was ongoing.";
    TransactionCoordinatorFenced, "errors.TransactionCoordinatorFencedException",
        "Indicates that the transaction coordinator sending a WriteTxnMarker is no longer the current \
         coordinator for a given producer.";
    TransactionalIdAuthorizationFailed, "errors.TransactionalIdAuthorizationException",
        "Transactional Id authorization failed.";
    SecurityDisabled, "errors.SecurityDisabledException", "Security features are disabled.";
    OperationNotAttempted, "errors.OperationNotAttemptedException",
        "The broker did not attempt to execute this operation. This may happen for batched RPCs where \
         some operations in the batch failed, causing the broker to respond without trying the rest.";
    KafkaStorageError, "errors.KafkaStorageException",
        "Disk error when trying to access log file on the disk.";
    LogDirNotFound, "errors.LogDirNotFoundException",
        "The user-specified log directory is not found in the broker config.";
    SaslAuthenticationFailed, "errors.SaslAuthenticationException", "SASL Authentication failed.";
    UnknownProducerId, "errors.UnknownProducerIdException",
        "This exception is raised by the broker if it could not locate the producer metadata associated \
         with the producerId in question. This could happen if, for instance, the producer's records were \
         deleted because their retention time had elapsed. Once the last records of the producerId are \
         removed, the producer's metadata is removed from the broker, and future appends by the producer \
         will return this exception.";
    ReassignmentInProgress, "errors.ReassignmentInProgressException",
        "A partition reassignment is in progress.";
    DelegationTokenAuthDisabled, "errors.DelegationTokenDisabledException",
        "Delegation Token feature is not enabled.";
    DelegationTokenNotFound, "errors.DelegationTokenNotFoundException",
        "Delegation Token is not found on server.";
    DelegationTokenOwnerMismatch, "errors.DelegationTokenOwnerMismatchException",
        "Specified Principal is not valid Owner/Renewer.";
    DelegationTokenRequestNotAllowed, "errors.UnsupportedByAuthenticationException",
        "Delegation Token requests are not allowed on PLAINTEXT/1-way SSL channels and on delegation \
         token authenticated channels.";
    DelegationTokenAuthorizationFailed, "errors.DelegationTokenAuthorizationException",
        "Delegation Token authorization failed.";
    DelegationTokenExpired, "errors.DelegationTokenExpiredException", "Delegation Token is expired.";
    InvalidPrincipalType, "errors.InvalidPrincipalTypeException", "Supplied principalType is not supported.";
    NonEmptyGroup, "errors.GroupNotEmptyException", "The group is not empty.";
    GroupIdNotFound, "errors.GroupIdNotFoundException", "The group id does not exist.";
    FetchSessionIdNotFound, "errors.FetchSessionIdNotFoundException", "The fetch session ID was not found.";
    InvalidFetchSessionEpoch, "errors.InvalidFetchSessionEpochException",
        "The fetch session epoch is invalid.";
    ListenerNotFound, "errors.ListenerNotFoundException",
        "There is no listener on the leader broker that matches the listener on which metadata request \
         was processed.";
    TopicDeletionDisabled, "errors.TopicDeletionDisabledException", "Topic deletion is disabled.";
    FencedLeaderEpoch, "errors.FencedLeaderEpochException",
        "The leader epoch in the request is older than the epoch on the broker.";
    UnknownLeaderEpoch, "errors.UnknownLeaderEpochException",
        "The leader epoch in the request is newer than the epoch on the broker.";
    UnsupportedCompressionType, "errors.UnsupportedCompressionTypeException",
        "The requesting client does not support the compression type of given partition.";
    StaleBrokerEpoch, "errors.StaleBrokerEpochException", "Broker epoch has changed.";
    OffsetNotAvailable, "errors.OffsetNotAvailableException",
        "The leader high watermark has not caught up from a recent leader election so the offsets cannot \
         be guaranteed to be monotonically increasing.";
    MemberIdRequired, "errors.MemberIdRequiredException",
        "The group member needs to have a valid member id before actually entering a consumer group.";
    PreferredLeaderNotAvailable, "errors.PreferredLeaderNotAvailableException",
        "The preferred leader was not available.";
    GroupMaxSizeReached, "errors.GroupMaxSizeReachedException", "The group has reached its maximum size.";
    FencedInstanceId, "errors.FencedInstanceIdException",
        "The broker rejected this static consumer since another consumer with the same group.instance.id \
         has registered with a different member.id.";
    EligibleLeadersNotAvailable, "errors.EligibleLeadersNotAvailableException",
        "Eligible topic partition leaders are not available.";
    ElectionNotNeeded, "errors.ElectionNotNeededException", "Leader election not needed for topic partition.";
    NoReassignmentInProgress, "errors.NoReassignmentInProgressException",
        "No partition reassignment is in progress.";
    GroupSubscribedToTopic, "errors.GroupSubscribedToTopicException",
        "Deleting offsets of a topic is forbidden while the consumer group is actively subscribed to it.";
    InvalidRecord, "InvalidRecordException",
        "This record has failed the validation on broker and hence will be rejected.";
    UnstableOffsetCommit, "errors.UnstableOffsetCommitException",
        "There are unstable offsets that need to be cleared.";
    ThrottlingQuotaExceeded, "errors.ThrottlingQuotaExceededException",
        "The throttling quota has been exceeded.";
    ProducerFenced, "errors.ProducerFencedException",
        "There is a newer producer with the same transactionalId which fences the current one.";
    ResourceNotFound, "errors.ResourceNotFoundException",
        "A request illegally referred to a resource that does not exist.";
    DuplicateResource, "errors.DuplicateResourceException",
        "A request illegally referred to the same resource twice.";
    UnacceptableCredential, "errors.UnacceptableCredentialException",
        "Requested credential would not meet criteria for acceptability.";
    InconsistentVoterSet, "errors.InconsistentVoterSetException",
        "Indicates that the either the sender or recipient of a voter-only request is not one of the \
         expected voters.";
    InvalidUpdateVersion, "errors.InvalidUpdateVersionException", "The given update version was invalid.";
    FeatureUpdateFailed, "errors.FeatureUpdateFailedException",
        "Unable to update finalized features due to an unexpected server error.";
    PrincipalDeserializationFailure, "errors.PrincipalDeserializationException",
        "Request principal deserialization failed during forwarding. This indicates an internal error on \
         the broker cluster security setup.";
    SnapshotNotFound, "errors.SnapshotNotFoundException", "Requested snapshot was not found.";
    PositionOutOfRange, "errors.PositionOutOfRangeException",
        "Requested position is not greater than or equal to zero, and less than the size of the \
         snapshot.";
    UnknownTopicId, "errors.UnknownTopicIdException", "This server does not host this topic ID.";
    DuplicateBrokerRegistration, "errors.DuplicateBrokerRegistrationException",
        "This broker ID is already in use.";
    BrokerIdNotRegistered, "errors.BrokerIdNotRegisteredException", "The given broker ID was not registered.";
    InconsistentTopicId, "errors.InconsistentTopicIdException",
        "The log's topic ID did not match the topic ID in the request.";
    InconsistentClusterId, "errors.InconsistentClusterIdException",
        "The clusterId in the request does not match that found on the server.";
    TransactionalIdNotFound, "errors.TransactionalIdNotFoundException",
        "The transactionalId could not be found.";
    FetchSessionTopicIdError, "errors.FetchSessionTopicIdException",
        "The fetch session encountered inconsistent topic ID usage.";
    IneligibleReplica, "errors.IneligibleReplicaException",
        "The new ISR contains at least one ineligible replica.";
    NewLeaderElected, "errors.NewLeaderElectedException",
        "The AlterPartition request successfully updated the partition state but the leader has changed.";
    OffsetMovedToTieredStorage, "errors.OffsetMovedToTieredStorageException",
        "The requested offset is moved to tiered storage.";
    FencedMemberEpoch, "errors.FencedMemberEpochException",
        "The member epoch is fenced by the group coordinator. The member must abandon all its partitions \
         and rejoin.";
    UnreleasedInstanceId, "errors.UnreleasedInstanceIdException",
        "The instance ID is still used by another member in the consumer group. That member must leave \
         first.";
    UnsupportedAssignor, "errors.UnsupportedAssignorException",
        "The assignor or its version range is not supported by the consumer group.";
    StaleMemberEpoch, "errors.StaleMemberEpochException",
        "The member epoch is stale. The member must retry after receiving its updated member epoch via \
         the ConsumerGroupHeartbeat API.";
    MismatchedEndpointType, "errors.MismatchedEndpointTypeException",
        "The request was sent to an endpoint of the wrong type.";
    UnsupportedEndpointType, "errors.UnsupportedEndpointTypeException",
        "This endpoint type is not supported yet.";
    UnknownControllerId, "errors.UnknownControllerIdException", "This controller ID is not known.";
    UnknownSubscriptionId, "errors.UnknownSubscriptionIdException",
        "Client sent a push telemetry request with an invalid or outdated subscription ID.";
    TelemetryTooLarge, "errors.TelemetryTooLargeException",
        "Client sent a push telemetry request larger than the maximum size the broker will accept.";
    InvalidRegistration, "errors.InvalidRegistrationException",
        "The controller has considered the broker registration to be invalid.";
    TransactionAbortable, "errors.TransactionAbortableException",
        "The server encountered an error with the transaction. The client can abort the transaction to \
         continue using this transactional ID.";
    InvalidRecordState, "errors.InvalidRecordStateException",
        "The record state is invalid. The acknowledgement of delivery could not be completed.";
    ShareSessionNotFound, "errors.ShareSessionNotFoundException", "The share session was not found.";
    InvalidShareSessionEpoch, "errors.InvalidShareSessionEpochException",
        "The share session epoch is invalid.";
    FencedStateEpoch, "errors.FencedStateEpochException",
        "The coordinator rejected the request because the state epoch did not match.";
    InvalidVoterKey, "errors.InvalidVoterKeyException",
        "The voter key doesn't match the receiving replica's key.";
    DuplicateVoter, "errors.DuplicateVoterException", "The voter is already part of the set of voters.";
    VoterNotFound, "errors.VoterNotFoundException", "The voter is not part of the set of voters.";
    InvalidRegularExpression, "errors.InvalidRegularExpression", "The regular expression is not valid.";
    RebootstrapRequired, "errors.RebootstrapRequiredException",
        "Client metadata is stale. The client should rebootstrap to obtain new metadata.";
    StreamsInvalidTopology, "errors.StreamsInvalidTopologyException", "The supplied topology is invalid.";
    StreamsInvalidTopologyEpoch, "errors.StreamsInvalidTopologyEpochException",
        "The supplied topology epoch is invalid.";
    StreamsTopologyFenced, "errors.StreamsTopologyFencedException",
        "The supplied topology epoch is outdated.";
    ShareSessionLimitReached, "errors.ShareSessionLimitReachedException",
        "The limit of share sessions has been reached.";
    GroupDeletionFailed, "errors.GroupDeletionFailedException",
        "DeleteGroups could not complete; see the error message on the per-group result for details.";
    StreamsTopologyDescriptionUpdateFailed, "errors.StreamsTopologyDescriptionUpdateFailedException",
        "The broker could not process the topology description update; see the error message for \
         details.";
    ControllerIdNotRegistered, "errors.ControllerIdNotRegisteredException",
        "The given controller ID was not registered.";
}
