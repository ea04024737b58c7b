"""The messages of the family `controller`."""
from wire import Api, parse

CreatePartitions = Api(37, 0, 3, 2, parse("""
topics[] 0+
  name string 0+
  count int32 0+
  assignments[] 0+ null 0+
    broker_ids int32[] 0+
timeout_ms int32 0+ = 60000
validate_only bool 0+
"""), parse("""
throttle_time_ms int32 0+
results[] 0+
  name string 0+
  error_code int16 0+
  error_message string 0+ null 0+
"""))

DescribeQuorum = Api(55, 0, 2, 0, parse("""
topics[] 0+
  topic_name string 0+
  partitions[] 0+
    partition_index int32 0+
"""), parse("""
error_code int16 0+
error_message string 2+ null 2+
topics[] 0+
  topic_name string 0+
  partitions[] 0+
    partition_index int32 0+
    error_code int16 0+
    error_message string 2+ null 2+
    leader_id int32 0+
    leader_epoch int32 0+
    high_watermark int64 0+
    current_voters[] 0+
      replica_id int32 0+
      replica_directory_id uuid 2+
      log_end_offset int64 0+
      last_fetch_timestamp int64 1+
      last_caught_up_timestamp int64 1+
    observers[] 0+
      replica_id int32 0+
      replica_directory_id uuid 2+
      log_end_offset int64 0+
      last_fetch_timestamp int64 1+
      last_caught_up_timestamp int64 1+
nodes[] 2+
  node_id int32 2+
  listeners[] 2+
    name string 2+
    host string 2+
    port uint16 2+
"""))

UpdateFeatures = Api(57, 0, 2, 0, parse("""
timeout_ms int32 0+ = 60000
feature_updates[] 0+
  feature string 0+
  max_version_level int16 0+
  allow_downgrade bool 0
  upgrade_type int8 1+ = 1
validate_only bool 1+
"""), parse("""
throttle_time_ms int32 0+
error_code int16 0+
error_message string 0+ null 0+
results[] 0-1
  feature string 0+
  error_code int16 0+
  error_message string 0+ null 0+
"""))

UnregisterBroker = Api(64, 0, 0, 0, parse("""
broker_id int32 0+
"""), parse("""
throttle_time_ms int32 0+
error_code int16 0+
error_message string 0+ null 0+
"""))

AllocateProducerIds = Api(67, 0, 0, 0, parse("""
broker_id int32 0+
broker_epoch int64 0+ = -1
"""), parse("""
throttle_time_ms int32 0+
error_code int16 0+
producer_id_start int64 0+
producer_id_len int32 0+
"""))

AssignReplicasToDirs = Api(73, 0, 0, 0, parse("""
broker_id int32 0+
broker_epoch int64 0+ = -1
directories[] 0+
  id uuid 0+
  topics[] 0+
    topic_id uuid 0+
    partitions[] 0+
      partition_index int32 0+
"""), parse("""
throttle_time_ms int32 0+
error_code int16 0+
directories[] 0+
  id uuid 0+
  topics[] 0+
    topic_id uuid 0+
    partitions[] 0+
      partition_index int32 0+
      error_code int16 0+
"""))

ElectLeaders = Api(43, 0, 2, 2, parse("""
election_type int8 1+
topic_partitions[] 0+ null 0+
  topic string 0+
  partitions int32[] 0+
timeout_ms int32 0+ = 60000
"""), parse("""
throttle_time_ms int32 0+
error_code int16 1+
replica_election_results[] 0+
  topic string 0+
  partition_result[] 0+
    partition_id int32 0+
    error_code int16 0+
    error_message string 0+ null 0+
"""))

AlterPartitionReassignments = Api(45, 0, 1, 0, parse("""
timeout_ms int32 0+ = 60000
allow_replication_factor_change bool 1+ = true
topics[] 0+
  name string 0+
  partitions[] 0+
    partition_index int32 0+
    replicas int32[] 0+ null 0+
"""), parse("""
throttle_time_ms int32 0+
allow_replication_factor_change bool 1+
error_code int16 0+
error_message string 0+ null 0+
responses[] 0+
  name string 0+
  partitions[] 0+
    partition_index int32 0+
    error_code int16 0+
    error_message string 0+ null 0+
"""))

ListPartitionReassignments = Api(46, 0, 0, 0, parse("""
timeout_ms int32 0+ = 60000
topics[] 0+ null 0+
  name string 0+
  partition_indexes int32[] 0+
"""), parse("""
throttle_time_ms int32 0+
error_code int16 0+
error_message string 0+ null 0+
topics[] 0+
  name string 0+
  partitions[] 0+
    partition_index int32 0+
    replicas int32[] 0+
    adding_replicas int32[] 0+
    removing_replicas int32[] 0+
"""))

UnregisterController = Api(94, 0, 0, 0, parse("""
controller_id int32 0+
"""), parse("""
throttle_time_ms int32 0+
error_code int16 0+
error_message string 0+ null 0+
"""))
