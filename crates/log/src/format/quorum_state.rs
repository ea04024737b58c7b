//! `quorum-state`: the vote of a KRaft voter (Kafka: `FileQuorumStateStore`, schema `QuorumStateData`).
//!
//! One JSON object without a newline, `data_version` last.
//!
//! | Field | Version 0 (kraft.version 0) | Version 1 |
//! |---|---|---|
//! | `clusterId` | always empty | absent |
//! | `leaderId`, `leaderEpoch`, `votedId` | int32, ids -1 for none | same |
//! | `votedDirectoryId` | absent | 22 characters base64url, zero for none |
//! | `appliedOffset` | 0 | absent |
//! | `currentVoters` | list of `{"voterId":n}`, or null | absent |
//!
//! A state that cannot be read must stop the voter: a guess could vote twice in one epoch.

use klamm_base::Uuid;
use serde_json::Value;

use crate::Malformed;

/// File name in the metadata partition's directory.
pub const FILE_NAME: &str = "quorum-state";

/// Larger files are refused.
pub const MAX_BYTES: u64 = 1 << 20;

/// Content of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuorumState {
    pub leader_id: i32,
    pub leader_epoch: i32,
    pub voted_id: i32,
    pub version: QuorumStateVersion,
}

/// What the two versions have of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QuorumStateVersion {
    V0 { applied_offset: i64, current_voters: Option<Vec<i32>> },
    V1 { voted_directory_id: Uuid },
}

pub fn decode(bytes: &[u8]) -> Result<QuorumState, Malformed> {
    let content: Value = serde_json::from_slice(bytes).map_err(|_| Malformed::BadLine { line: 1 })?;
    let version = match int(&content, "data_version")? {
        0 => QuorumStateVersion::V0 {
            applied_offset: long(&content, "appliedOffset")?,
            current_voters: voters(&content)?,
        },
        1 => QuorumStateVersion::V1 { voted_directory_id: directory(&content)? },
        found => return Err(Malformed::UnknownVersion { found }),
    };
    Ok(QuorumState {
        leader_id: int(&content, "leaderId")?,
        leader_epoch: int(&content, "leaderEpoch")?,
        voted_id: int(&content, "votedId")?,
        version,
    })
}

pub fn encode(state: &QuorumState) -> Vec<u8> {
    let QuorumState { leader_id, leader_epoch, voted_id, version } = state;
    let common = format!("\"leaderId\":{leader_id},\"leaderEpoch\":{leader_epoch},\"votedId\":{voted_id}");
    let text = match version {
        QuorumStateVersion::V0 { applied_offset, current_voters } => {
            let voters = match current_voters {
                Some(ids) => {
                    let list: Vec<String> = ids.iter().map(|id| format!("{{\"voterId\":{id}}}")).collect();
                    format!("[{}]", list.join(","))
                }
                None => "null".to_owned(),
            };
            format!(
                "{{\"clusterId\":\"\",{common},\"appliedOffset\":{applied_offset},\
                 \"currentVoters\":{voters},\"data_version\":0}}"
            )
        }
        QuorumStateVersion::V1 { voted_directory_id } => {
            format!("{{{common},\"votedDirectoryId\":\"{voted_directory_id}\",\"data_version\":1}}")
        }
    };
    text.into_bytes()
}

fn long(content: &Value, key: &'static str) -> Result<i64, Malformed> {
    content.get(key).ok_or(Malformed::MissingKey(key))?.as_i64().ok_or(Malformed::BadValue(key))
}

fn int(content: &Value, key: &'static str) -> Result<i32, Malformed> {
    i32::try_from(long(content, key)?).map_err(|_| Malformed::BadValue(key))
}

fn directory(content: &Value) -> Result<Uuid, Malformed> {
    const KEY: &str = "votedDirectoryId";
    let text = content.get(KEY).ok_or(Malformed::MissingKey(KEY))?;
    text.as_str().and_then(|text| text.parse().ok()).ok_or(Malformed::BadValue(KEY))
}

fn voters(content: &Value) -> Result<Option<Vec<i32>>, Malformed> {
    const KEY: &str = "currentVoters";
    match content.get(KEY).ok_or(Malformed::MissingKey(KEY))? {
        Value::Null => Ok(None),
        Value::Array(voters) => {
            voters.iter().map(|voter| int(voter, "voterId")).collect::<Result<_, _>>().map(Some)
        }
        _ => Err(Malformed::BadValue(KEY)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_are_kafkas_bytes() {
        let v0 = QuorumState {
            leader_id: 1,
            leader_epoch: 1,
            voted_id: -1,
            version: QuorumStateVersion::V0 { applied_offset: 0, current_voters: Some(vec![1]) },
        };
        let text = r#"{"clusterId":"","leaderId":1,"leaderEpoch":1,"votedId":-1,"appliedOffset":0,"currentVoters":[{"voterId":1}],"data_version":0}"#;
        assert_eq!(encode(&v0), text.as_bytes());
        assert_eq!(decode(text.as_bytes()), Ok(v0));
        let v1 = QuorumState {
            leader_id: 1,
            leader_epoch: 1,
            voted_id: -1,
            version: QuorumStateVersion::V1 { voted_directory_id: Uuid::ZERO },
        };
        let text = r#"{"leaderId":1,"leaderEpoch":1,"votedId":-1,"votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA","data_version":1}"#;
        assert_eq!(encode(&v1), text.as_bytes());
        assert_eq!(decode(text.as_bytes()), Ok(v1));
    }

    #[test]
    fn nothing_is_guessed() {
        assert_eq!(decode(b""), Err(Malformed::BadLine { line: 1 }));
        assert_eq!(decode(b"{}"), Err(Malformed::MissingKey("data_version")));
        assert_eq!(decode(br#"{"data_version":2}"#), Err(Malformed::UnknownVersion { found: 2 }));
        let huge = br#"{"leaderId":4294967296,"leaderEpoch":1,"votedId":-1,"votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA","data_version":1}"#;
        assert_eq!(decode(huge), Err(Malformed::BadValue("leaderId")));
    }
}
