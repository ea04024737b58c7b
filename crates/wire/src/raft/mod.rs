//! The metadata quorum among its voters and observers (KIP-595, KIP-853).

pub mod add_raft_voter;
pub mod begin_quorum_epoch;
pub mod describe_quorum;
pub mod end_quorum_epoch;
pub mod fetch_snapshot;
pub mod remove_raft_voter;
pub mod update_raft_voter;
pub mod vote;

pub use add_raft_voter::{AddRaftVoterRequest, AddRaftVoterResponse};
pub use begin_quorum_epoch::{BeginQuorumEpochRequest, BeginQuorumEpochResponse};
pub use describe_quorum::{DescribeQuorumRequest, DescribeQuorumResponse};
pub use end_quorum_epoch::{EndQuorumEpochRequest, EndQuorumEpochResponse};
pub use fetch_snapshot::{FetchSnapshotRequest, FetchSnapshotResponse};
pub use remove_raft_voter::{RemoveRaftVoterRequest, RemoveRaftVoterResponse};
pub use update_raft_voter::{UpdateRaftVoterRequest, UpdateRaftVoterResponse};
pub use vote::{VoteRequest, VoteResponse};
