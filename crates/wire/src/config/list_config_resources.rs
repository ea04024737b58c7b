//! ListConfigResources (key 74): resources that have settings of their own. v0 lists client metrics
//! alone, v1 any kind (KIP-1142).

use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 74, versions = "0-1", flexible = "0+", listeners = "broker")]
pub struct ListConfigResourcesRequest {
    #[kafka(versions = "1+")]
    pub resource_types: Vec<i8>,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 74, versions = "0-1", flexible = "0+")]
pub struct ListConfigResourcesResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub config_resources: Vec<ConfigResource>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct ConfigResource {
    pub resource_name: String,
    #[kafka(versions = "1+", default = 16, ignorable)]
    pub resource_type: i8,
}
