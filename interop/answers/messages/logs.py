"""The messages of the family `logs`."""
from wire import Api, parse

DeleteRecords = Api(21, 0, 2, 2, parse("""
topics[] 0+
  name string 0+
  partitions[] 0+
    partition_index int32 0+
    offset int64 0+
timeout_ms int32 0+ = 30000
"""), parse("""
throttle_time_ms int32 0+
topics[] 0+
  name string 0+
  partitions[] 0+
    partition_index int32 0+
    low_watermark int64 0+
    error_code int16 0+
"""))

DescribeLogDirs = Api(35, 1, 5, 2, parse("""
topics[] 0+ null 0+
  topic string 0+
  partitions int32[] 0+
"""), parse("""
throttle_time_ms int32 0+
error_code int16 3+
results[] 0+
  error_code int16 0+
  log_dir string 0+
  topics[] 0+
    name string 0+
    partitions[] 0+
      partition_index int32 0+
      partition_size int64 0+
      offset_lag int64 0+
      is_future_key bool 0+
  total_bytes int64 4+
  usable_bytes int64 4+
  is_cordoned bool 5+
"""))

DescribeProducers = Api(61, 0, 0, 0, parse("""
topics[] 0+
  name string 0+
  partition_indexes int32[] 0+
"""), parse("""
throttle_time_ms int32 0+
topics[] 0+
  name string 0+
  partitions[] 0+
    partition_index int32 0+
    error_code int16 0+
    error_message string 0+ null 0+
    active_producers[] 0+
      producer_id int64 0+
      producer_epoch int32 0+
      last_sequence int32 0+
      last_timestamp int64 0+
      coordinator_epoch int32 0+
      current_txn_start_offset int64 0+
"""))

Fetch = Api(1, 4, 11, 12, parse("""
replica_id int32 0+ = -1
max_wait_ms int32 0+
min_bytes int32 0+
max_bytes int32 3+ = 1048576
isolation_level int8 4+
session_id int32 7+
session_epoch int32 7+ = -1
topics[] 0+
  topic string 0+
  partitions[] 0+
    partition int32 0+
    current_leader_epoch int32 9+ = -1
    fetch_offset int64 0+
    log_start_offset int64 5+ = -1
    partition_max_bytes int32 0+ = 1048576
forgotten_topics_data[] 7+
  topic string 7+
  partitions int32[] 7+
rack_id string 11+
"""), parse("""
throttle_time_ms int32 1+
error_code int16 7+
session_id int32 7+
responses[] 0+
  topic string 0+
  partitions[] 0+
    partition_index int32 0+
    error_code int16 0+
    high_watermark int64 0+
    last_stable_offset int64 4+
    log_start_offset int64 5+
    aborted_transactions[] 4+ null 4+
      producer_id int64 4+
      first_offset int64 4+
    preferred_read_replica int32 11+
    records bytes 0+ null 0+
"""))
