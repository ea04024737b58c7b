"""The messages of the suite, in the notation of ../answers/wire.py."""
from wire import Api, parse

DescribeConfigs = Api(32, 1, 4, 4, parse("""
resources[] 0+
  resource_type int8 0+
  resource_name string 0+
  configuration_keys string[] 0+ null 0+
include_synonyms bool 1+
include_documentation bool 3+
"""), parse("""
throttle_time_ms int32 0+
results[] 0+
  error_code int16 0+
  error_message string 0+ null 0+
  resource_type int8 0+
  resource_name string 0+
  configs[] 0+
    name string 0+
    value string 0+ null 0+
    read_only bool 0+
    config_source int8 1+
    is_sensitive bool 0+
    synonyms[] 1+
      name string 1+
      value string 1+ null 0+
      source int8 1+
    config_type int8 3+
    documentation string 3+ null 0+
"""))

AlterConfigs = Api(33, 0, 2, 2, parse("""
resources[] 0+
  resource_type int8 0+
  resource_name string 0+
  configs[] 0+
    name string 0+
    value string 0+ null 0+
validate_only bool 0+
"""), parse("""
throttle_time_ms int32 0+
responses[] 0+
  error_code int16 0+
  error_message string 0+ null 0+
  resource_type int8 0+
  resource_name string 0+
"""))

IncrementalAlterConfigs = Api(44, 0, 1, 1, parse("""
resources[] 0+
  resource_type int8 0+
  resource_name string 0+
  configs[] 0+
    name string 0+
    config_operation int8 0+
    value string 0+ null 0+
validate_only bool 0+
"""), parse("""
throttle_time_ms int32 0+
responses[] 0+
  error_code int16 0+
  error_message string 0+ null 0+
  resource_type int8 0+
  resource_name string 0+
"""))

ListConfigResources = Api(74, 0, 1, 0, parse("""
resource_types int8[] 1+
"""), parse("""
throttle_time_ms int32 0+
error_code int16 0+
config_resources[] 0+
  resource_name string 0+
  resource_type int8 1+
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
timeout_ms int32 0+
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

ALL = {name: api for name, api in globals().items() if isinstance(api, Api)}
