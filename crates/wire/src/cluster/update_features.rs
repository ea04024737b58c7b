//! UpdateFeatures (key 57): raises or lowers the finalized level of features (KIP-584). v1 can check
//! without doing, v2 takes all or nothing.

use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 57, versions = "0-2", flexible = "0+", listeners = "broker, controller")]
pub struct UpdateFeaturesRequest {
    #[kafka(name = "timeoutMs", default = 60000)]
    pub timeout_ms: i32,
    pub feature_updates: Vec<FeatureUpdateKey>,
    #[kafka(versions = "1+")]
    pub validate_only: bool,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct FeatureUpdateKey {
    #[kafka(key)]
    pub feature: String,
    pub max_version_level: i16,
    #[kafka(versions = "0")]
    pub allow_downgrade: bool,
    /// 1 raise, 2 lower without losing anything, 3 lower in any case.
    #[kafka(versions = "1+", default = 1)]
    pub upgrade_type: i8,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 57, versions = "0-2", flexible = "0+")]
pub struct UpdateFeaturesResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    #[kafka(nullable = "0+")]
    pub error_message: Option<String>,
    #[kafka(versions = "0-1", ignorable)]
    pub results: Vec<UpdatableFeatureResult>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct UpdatableFeatureResult {
    #[kafka(key)]
    pub feature: String,
    pub error_code: i16,
    #[kafka(nullable = "0+")]
    pub error_message: Option<String>,
}
