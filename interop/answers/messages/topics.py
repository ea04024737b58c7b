"""The messages of the family `topics`."""
from wire import Api, parse

Metadata = Api(3, 0, 13, 9, parse("""
topics[] 0+ null 1+
  topic_id uuid 10+
  name string 0+ null 10+
allow_auto_topic_creation bool 4+ = true
include_cluster_authorized_operations bool 8-10
include_topic_authorized_operations bool 8+
"""), parse("""
throttle_time_ms int32 3+
brokers[] 0+
  node_id int32 0+
  host string 0+
  port int32 0+
  rack string 1+ null 1+
cluster_id string 2+ null 2+
controller_id int32 1+
topics[] 0+
  error_code int16 0+
  name string 0+ null 12+
  topic_id uuid 10+
  is_internal bool 1+
  partitions[] 0+
    error_code int16 0+
    partition_index int32 0+
    leader_id int32 0+
    leader_epoch int32 7+
    replica_nodes int32[] 0+
    isr_nodes int32[] 0+
    offline_replicas int32[] 5+
  topic_authorized_operations int32 8+
cluster_authorized_operations int32 8-10
error_code int16 13+
"""))

DescribeCluster = Api(60, 0, 2, 0, parse("""
include_cluster_authorized_operations bool 0+
endpoint_type int8 1+ = 1
include_fenced_brokers bool 2+
"""), parse("""
throttle_time_ms int32 0+
error_code int16 0+
error_message string 0+ null 0+
endpoint_type int8 1+
cluster_id string 0+
controller_id int32 0+
brokers[] 0+
  broker_id int32 0+
  host string 0+
  port int32 0+
  rack string 0+ null 0+
  is_fenced bool 2+
cluster_authorized_operations int32 0+
"""))

DescribeTopicPartitions = Api(75, 0, 0, 0, parse("""
topics[] 0+
  name string 0+
response_partition_limit int32 0+ = 2000
cursor{} 0+ null 0+
  topic_name string 0+
  partition_index int32 0+
"""), parse("""
throttle_time_ms int32 0+
topics[] 0+
  error_code int16 0+
  name string 0+ null 0+
  topic_id uuid 0+
  is_internal bool 0+
  partitions[] 0+
    error_code int16 0+
    partition_index int32 0+
    leader_id int32 0+
    leader_epoch int32 0+
    replica_nodes int32[] 0+
    isr_nodes int32[] 0+
    eligible_leader_replicas int32[] 0+ null 0+
    last_known_elr int32[] 0+ null 0+
    offline_replicas int32[] 0+
  topic_authorized_operations int32 0+
next_cursor{} 0+ null 0+
  topic_name string 0+
  partition_index int32 0+
"""))

CreateTopics = Api(19, 2, 7, 5, parse("""
topics[] 0+
  name string 0+
  num_partitions int32 0+
  replication_factor int16 0+
  assignments[] 0+
    partition_index int32 0+
    broker_ids int32[] 0+
  configs[] 0+
    name string 0+
    value string 0+ null 0+
timeout_ms int32 0+ = 60000
validate_only bool 1+
"""), parse("""
throttle_time_ms int32 2+
topics[] 0+
  name string 0+
  topic_id uuid 7+
  error_code int16 0+
  error_message string 1+ null 0+
  topic_config_error_code int16 5+ tag 0
  num_partitions int32 5+
  replication_factor int16 5+
  configs[] 5+ null 5+
    name string 5+
    value string 5+ null 5+
    read_only bool 5+
    config_source int8 5+
    is_sensitive bool 5+
"""))

DeleteTopics = Api(20, 1, 6, 4, parse("""
topics[] 6+
  name string 6+ null 6+
  topic_id uuid 6+
topic_names string[] 0-5
timeout_ms int32 0+ = 60000
"""), parse("""
throttle_time_ms int32 1+
responses[] 0+
  name string 0+ null 6+
  topic_id uuid 6+
  error_code int16 0+
  error_message string 5+ null 5+
"""))

InitProducerId = Api(22, 0, 5, 2, parse("""
transactional_id string 0+ null 0+
transaction_timeout_ms int32 0+
producer_id int64 3+ = -1
producer_epoch int16 3+ = -1
"""), parse("""
throttle_time_ms int32 0+
error_code int16 0+
producer_id int64 0+
producer_epoch int16 0+
"""))

ListOffsets = Api(2, 1, 11, 6, parse("""
replica_id int32 0+ = -1
isolation_level int8 2+
topics[] 0+
  name string 0+
  partitions[] 0+
    partition_index int32 0+
    current_leader_epoch int32 4+ = -1
    timestamp int64 0+
timeout_ms int32 10+
"""), parse("""
throttle_time_ms int32 2+
topics[] 0+
  name string 0+
  partitions[] 0+
    partition_index int32 0+
    error_code int16 0+
    timestamp int64 1+
    offset int64 1+
    leader_epoch int32 4+
"""))

OffsetForLeaderEpoch = Api(23, 2, 4, 4, parse("""
replica_id int32 3+ = -1
topics[] 0+
  topic string 0+
  partitions[] 0+
    partition int32 0+
    current_leader_epoch int32 2+ = -1
    leader_epoch int32 0+
"""), parse("""
throttle_time_ms int32 2+
topics[] 0+
  topic string 0+
  partitions[] 0+
    error_code int16 0+
    partition int32 0+
    leader_epoch int32 1+
    end_offset int64 0+
"""))

ApiVersions = Api(18, 0, 5, 3, parse("""
client_software_name string 3+
client_software_version string 3+
cluster_id string 5+ null 5+
node_id int32 5+ = -1
"""), parse("""
error_code int16 0+
api_keys[] 0+
  api_key int16 0+
  min_version int16 0+
  max_version int16 0+
throttle_time_ms int32 1+
supported_features[] 3+ tag 0
  name string 3+
  min_version int16 3+
  max_version int16 3+
finalized_features_epoch int64 3+ tag 1
finalized_features[] 3+ tag 2
  name string 3+
  max_version_level int16 3+
  min_version_level int16 3+
zk_migration_ready bool 3+ tag 3
"""))

Produce = Api(0, 3, 8, 9, parse("""
transactional_id string 3+ null 3+
acks int16 0+ = -1
timeout_ms int32 0+ = 30000
topics[] 0+
  name string 0+
  partitions[] 0+
    index int32 0+
    records bytes 0+ null 0+
"""), parse("""
topics[] 0+
  name string 0+
  partitions[] 0+
    index int32 0+
    error_code int16 0+
    base_offset int64 0+
    log_append_time_ms int64 2+
    log_start_offset int64 5+
    record_errors[] 8+
      batch_index int32 8+
      batch_index_error_message string 8+ null 8+
    error_message string 8+ null 8+
throttle_time_ms int32 1+
"""))
