//! ApiVersions (key 18): which APIs, versions and features the server has; the first thing a client
//! asks.
//!
//! The answer's header is always v0, so that a client reads it whatever it expected. v3 names the
//! client's software; v5 says which cluster and node the client believes to talk to.

use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 18, versions = "0-5", flexible = "3+", listeners = "broker, controller")]
pub struct ApiVersionsRequest {
    #[kafka(versions = "3+", ignorable)]
    pub client_software_name: String,
    #[kafka(versions = "3+", ignorable)]
    pub client_software_version: String,
    #[kafka(versions = "5+", nullable = "5+", default = null, ignorable)]
    pub cluster_id: Option<String>,
    #[kafka(versions = "5+", default = -1, ignorable)]
    pub node_id: i32,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 18, versions = "0-5", flexible = "3+")]
pub struct ApiVersionsResponse {
    pub error_code: i16,
    pub api_keys: Vec<ApiVersion>,
    #[kafka(versions = "1+", ignorable)]
    pub throttle_time_ms: i32,
    #[kafka(tag = 0, tagged = "3+", ignorable)]
    pub supported_features: Vec<SupportedFeatureKey>,
    #[kafka(default = -1, tag = 1, tagged = "3+", ignorable)]
    pub finalized_features_epoch: i64,
    #[kafka(tag = 2, tagged = "3+", ignorable)]
    pub finalized_features: Vec<FinalizedFeatureKey>,
    #[kafka(tag = 3, tagged = "3+", ignorable)]
    pub zk_migration_ready: bool,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct ApiVersion {
    #[kafka(key)]
    pub api_key: i16,
    pub min_version: i16,
    pub max_version: i16,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct SupportedFeatureKey {
    #[kafka(versions = "3+", key)]
    pub name: String,
    #[kafka(versions = "3+")]
    pub min_version: i16,
    #[kafka(versions = "3+")]
    pub max_version: i16,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct FinalizedFeatureKey {
    #[kafka(versions = "3+", key)]
    pub name: String,
    #[kafka(versions = "3+")]
    pub max_version_level: i16,
    #[kafka(versions = "3+")]
    pub min_version_level: i16,
}
