//! DescribeCluster (key 60): nodes and controller, without topics. v1 chooses between brokers and
//! controllers (KIP-919), v2 shows fenced brokers too.

use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 60, versions = "0-2", flexible = "0+", listeners = "broker, controller")]
pub struct DescribeClusterRequest {
    pub include_cluster_authorized_operations: bool,
    /// 1 brokers, 2 controllers.
    #[kafka(versions = "1+", default = 1)]
    pub endpoint_type: i8,
    #[kafka(versions = "2+")]
    pub include_fenced_brokers: bool,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 60, versions = "0-2", flexible = "0+")]
pub struct DescribeClusterResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    #[kafka(nullable = "0+", default = null)]
    pub error_message: Option<String>,
    #[kafka(versions = "1+", default = 1)]
    pub endpoint_type: i8,
    pub cluster_id: String,
    #[kafka(default = -1)]
    pub controller_id: i32,
    pub brokers: Vec<DescribeClusterBroker>,
    /// A bit for each operation that the client may do; `i32::MIN` when it did not ask.
    #[kafka(default = i32::MIN)]
    pub cluster_authorized_operations: i32,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct DescribeClusterBroker {
    #[kafka(key)]
    pub broker_id: i32,
    pub host: String,
    pub port: i32,
    #[kafka(nullable = "0+", default = null)]
    pub rack: Option<String>,
    #[kafka(versions = "2+")]
    pub is_fenced: bool,
}
