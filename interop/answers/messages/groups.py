"""The messages of the family `groups`."""
from wire import Api, parse

FindCoordinator = Api(10, 0, 6, 3, parse("""
key string 0-3
key_type int8 1+
coordinator_keys string[] 4+
"""), parse("""
throttle_time_ms int32 1+
error_code int16 0-3
error_message string 1-3 null 1+
node_id int32 0-3
host string 0-3
port int32 0-3
coordinators[] 4+
  key string 4+
  node_id int32 4+
  host string 4+
  port int32 4+
  error_code int16 4+
  error_message string 4+ null 4+
"""))

JoinGroup = Api(11, 0, 9, 6, parse("""
group_id string 0+
session_timeout_ms int32 0+ = 10000
rebalance_timeout_ms int32 1+ = 10000
member_id string 0+
group_instance_id string 5+ null 5+
protocol_type string 0+
protocols[] 0+
  name string 0+
  metadata bytes 0+
reason string 8+ null 8+
"""), parse("""
throttle_time_ms int32 2+
error_code int16 0+
generation_id int32 0+
protocol_type string 7+ null 7+
protocol_name string 0+ null 7+
leader string 0+
skip_assignment bool 9+
member_id string 0+
members[] 0+
  member_id string 0+
  group_instance_id string 5+ null 5+
  metadata bytes 0+
"""))

SyncGroup = Api(14, 0, 5, 4, parse("""
group_id string 0+
generation_id int32 0+
member_id string 0+
group_instance_id string 3+ null 3+
protocol_type string 5+ null 5+
protocol_name string 5+ null 5+
assignments[] 0+
  member_id string 0+
  assignment bytes 0+
"""), parse("""
throttle_time_ms int32 1+
error_code int16 0+
protocol_type string 5+ null 5+
protocol_name string 5+ null 5+
assignment bytes 0+
"""))

Heartbeat = Api(12, 0, 4, 4, parse("""
group_id string 0+
generation_id int32 0+
member_id string 0+
group_instance_id string 3+ null 3+
"""), parse("""
throttle_time_ms int32 1+
error_code int16 0+
"""))

LeaveGroup = Api(13, 0, 5, 4, parse("""
group_id string 0+
member_id string 0-2
members[] 3+
  member_id string 3+
  group_instance_id string 3+ null 3+
  reason string 5+ null 5+
"""), parse("""
throttle_time_ms int32 1+
error_code int16 0+
members[] 3+
  member_id string 3+
  group_instance_id string 3+ null 3+
  error_code int16 3+
"""))

OffsetCommit = Api(8, 2, 10, 8, parse("""
group_id string 0+
generation_id_or_member_epoch int32 1+ = -1
member_id string 1+
group_instance_id string 7+ null 7+
retention_time_ms int64 2-4 = -1
topics[] 0+
  name string 0-9
  topic_id uuid 10+
  partitions[] 0+
    partition_index int32 0+
    committed_offset int64 0+
    committed_leader_epoch int32 6+ = -1
    committed_metadata string 0+ null 0+
"""), parse("""
throttle_time_ms int32 3+
topics[] 0+
  name string 0-9
  topic_id uuid 10+
  partitions[] 0+
    partition_index int32 0+
    error_code int16 0+
"""))

OffsetFetch = Api(9, 1, 10, 6, parse("""
group_id string 0-7
topics[] 0-7 null 2-7
  name string 0-7
  partition_indexes int32[] 0-7
groups[] 8+
  group_id string 8+
  member_id string 9+ null 9+
  member_epoch int32 9+ = -1
  topics[] 8+ null 8+
    name string 8-9
    topic_id uuid 10+
    partition_indexes int32[] 8+
require_stable bool 7+
"""), parse("""
throttle_time_ms int32 3+
topics[] 0-7
  name string 0-7
  partitions[] 0-7
    partition_index int32 0-7
    committed_offset int64 0-7
    committed_leader_epoch int32 5-7
    metadata string 0-7 null 0-7
    error_code int16 0-7
error_code int16 2-7
groups[] 8+
  group_id string 8+
  topics[] 8+
    name string 8-9
    topic_id uuid 10+
    partitions[] 8+
      partition_index int32 8+
      committed_offset int64 8+
      committed_leader_epoch int32 8+
      metadata string 8+ null 8+
      error_code int16 8+
  error_code int16 8+
"""))

OffsetDelete = Api(47, 0, 0, 99, parse("""
group_id string 0+
topics[] 0+
  name string 0+
  partitions[] 0+
    partition_index int32 0+
"""), parse("""
error_code int16 0+
throttle_time_ms int32 0+
topics[] 0+
  name string 0+
  partitions[] 0+
    partition_index int32 0+
    error_code int16 0+
"""))

ListGroups = Api(16, 0, 5, 3, parse("""
states_filter string[] 4+
types_filter string[] 5+
"""), parse("""
throttle_time_ms int32 1+
error_code int16 0+
groups[] 0+
  group_id string 0+
  protocol_type string 0+
  group_state string 4+
  group_type string 5+
"""))

DescribeGroups = Api(15, 0, 6, 5, parse("""
groups string[] 0+
include_authorized_operations bool 3+
"""), parse("""
throttle_time_ms int32 1+
groups[] 0+
  error_code int16 0+
  error_message string 6+ null 6+
  group_id string 0+
  group_state string 0+
  protocol_type string 0+
  protocol_data string 0+
  members[] 0+
    member_id string 0+
    group_instance_id string 4+ null 4+
    client_id string 0+
    client_host string 0+
    member_metadata bytes 0+
    member_assignment bytes 0+
  authorized_operations int32 3+
"""))

DeleteGroups = Api(42, 0, 3, 2, parse("""
groups_names string[] 0+
"""), parse("""
throttle_time_ms int32 0+
results[] 0+
  group_id string 0+
  error_code int16 0+
  error_message string 3+ null 3+
"""))
