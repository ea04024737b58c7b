//! CreateAcls (key 30): adds access rules.

use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 30, versions = "1-3", flexible = "2+", listeners = "broker, controller")]
pub struct CreateAclsRequest {
    pub creations: Vec<AclCreation>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct AclCreation {
    pub resource_type: i8,
    pub resource_name: String,
    #[kafka(versions = "1+", default = 3)]
    pub resource_pattern_type: i8,
    pub principal: String,
    pub host: String,
    pub operation: i8,
    pub permission_type: i8,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 30, versions = "1-3", flexible = "2+")]
pub struct CreateAclsResponse {
    pub throttle_time_ms: i32,
    pub results: Vec<AclCreationResult>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct AclCreationResult {
    pub error_code: i16,
    #[kafka(nullable = "0+")]
    pub error_message: Option<String>,
}
