//! DescribeLogDirs (key 35): directories of a broker, what lies in them and how full they are.

use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 35, versions = "1-5", flexible = "2+", listeners = "broker")]
pub struct DescribeLogDirsRequest {
    #[kafka(nullable = "0+")]
    pub topics: Option<Vec<DescribableLogDirTopic>>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct DescribableLogDirTopic {
    #[kafka(key)]
    pub topic: String,
    pub partitions: Vec<i32>,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 35, versions = "1-5", flexible = "2+")]
pub struct DescribeLogDirsResponse {
    pub throttle_time_ms: i32,
    #[kafka(versions = "3+", ignorable)]
    pub error_code: i16,
    pub results: Vec<DescribeLogDirsResult>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct DescribeLogDirsResult {
    pub error_code: i16,
    pub log_dir: String,
    pub topics: Vec<DescribeLogDirsTopic>,
    #[kafka(versions = "4+", default = -1, ignorable)]
    pub total_bytes: i64,
    #[kafka(versions = "4+", default = -1, ignorable)]
    pub usable_bytes: i64,
    #[kafka(versions = "5+", ignorable)]
    pub is_cordoned: bool,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct DescribeLogDirsTopic {
    pub name: String,
    pub partitions: Vec<DescribeLogDirsPartition>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct DescribeLogDirsPartition {
    pub partition_index: i32,
    pub partition_size: i64,
    pub offset_lag: i64,
    pub is_future_key: bool,
}
