//! IncrementalAlterConfigs (key 44): sets, deletes, appends to and subtracts from single settings
//! (KIP-339).

use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 44, versions = "0-1", flexible = "1+", listeners = "broker, controller")]
pub struct IncrementalAlterConfigsRequest {
    pub resources: Vec<AlterConfigsResource>,
    pub validate_only: bool,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct AlterConfigsResource {
    /// 2 topic, 4 broker, 8 broker logger, 16 client metrics, 32 group.
    #[kafka(key)]
    pub resource_type: i8,
    #[kafka(key)]
    pub resource_name: String,
    pub configs: Vec<AlterableConfig>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct AlterableConfig {
    #[kafka(key)]
    pub name: String,
    /// 0 set, 1 delete, 2 append, 3 subtract.
    #[kafka(key)]
    pub config_operation: i8,
    #[kafka(nullable = "0+")]
    pub value: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 44, versions = "0-1", flexible = "1+")]
pub struct IncrementalAlterConfigsResponse {
    pub throttle_time_ms: i32,
    pub responses: Vec<AlterConfigsResourceResponse>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct AlterConfigsResourceResponse {
    pub error_code: i16,
    #[kafka(nullable = "0+")]
    pub error_message: Option<String>,
    pub resource_type: i8,
    pub resource_name: String,
}
