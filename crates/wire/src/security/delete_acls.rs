//! DeleteAcls (key 31): removes access rules that match filters.

use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 31, versions = "1-3", flexible = "2+", listeners = "broker, controller")]
pub struct DeleteAclsRequest {
    pub filters: Vec<DeleteAclsFilter>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct DeleteAclsFilter {
    pub resource_type_filter: i8,
    #[kafka(nullable = "0+")]
    pub resource_name_filter: Option<String>,
    #[kafka(versions = "1+", default = 3)]
    pub pattern_type_filter: i8,
    #[kafka(nullable = "0+")]
    pub principal_filter: Option<String>,
    #[kafka(nullable = "0+")]
    pub host_filter: Option<String>,
    pub operation: i8,
    pub permission_type: i8,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 31, versions = "1-3", flexible = "2+")]
pub struct DeleteAclsResponse {
    pub throttle_time_ms: i32,
    pub filter_results: Vec<DeleteAclsFilterResult>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct DeleteAclsFilterResult {
    pub error_code: i16,
    #[kafka(nullable = "0+")]
    pub error_message: Option<String>,
    pub matching_acls: Vec<DeleteAclsMatchingAcl>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct DeleteAclsMatchingAcl {
    pub error_code: i16,
    #[kafka(nullable = "0+")]
    pub error_message: Option<String>,
    pub resource_type: i8,
    pub resource_name: String,
    #[kafka(versions = "1+", default = 3)]
    pub pattern_type: i8,
    pub principal: String,
    pub host: String,
    pub operation: i8,
    pub permission_type: i8,
}
