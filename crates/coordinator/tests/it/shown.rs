//! Answers and records as one line each.

use klamm_base::ErrorCode;
use klamm_coordinator::group::contract::GroupAnswer;
use klamm_coordinator::group::record::GroupRecord;
use klamm_wire::offset_fetch::OffsetFetchResponseGroup;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The error's name, or nothing.
fn error(code: i16) -> String {
    match ErrorCode::from_code(code) {
        ErrorCode::None => String::new(),
        error => format!(" {}", error.name()),
    }
}

fn optional(name: &str, value: Option<&str>) -> String {
    value.map(|value| format!(" {name}={value}")).unwrap_or_default()
}

pub fn answer(answer: &GroupAnswer) -> String {
    match answer {
        GroupAnswer::Join(join) => {
            let members = join.members.iter().map(|member| {
                let instance = optional("instance", member.group_instance_id.as_deref());
                format!("{}:{}{instance}", member.member_id, text(&member.metadata))
            });
            let members: Vec<String> = members.collect();
            let mut line = format!("join{} member={}", error(join.error_code), join.member_id);
            if join.error_code == 0 {
                let protocol = join.protocol_name.as_deref().unwrap_or("-");
                line +=
                    &format!(" generation={} protocol={protocol} leader={}", join.generation_id, join.leader);
                line += &format!(" members=[{}]", members.join(" "));
                line += if join.skip_assignment { " skip" } else { "" };
            }
            line
        }
        GroupAnswer::Sync(sync) => {
            format!("sync{} assignment={:?}", error(sync.error_code), text(&sync.assignment))
        }
        GroupAnswer::Heartbeat(heartbeat) => format!("heartbeat{}", error(heartbeat.error_code)),
        GroupAnswer::Leave(leave) => {
            let members = leave.members.iter().map(|member| {
                let instance = optional("instance", member.group_instance_id.as_deref());
                format!("{}{instance}{}", member.member_id, error(member.error_code))
            });
            format!("leave{} [{}]", error(leave.error_code), members.collect::<Vec<_>>().join(", "))
        }
        GroupAnswer::OffsetCommit(commit) => {
            let all = commit.topics.iter().flat_map(|topic| {
                topic.partitions.iter().map(|p| {
                    let error = error(p.error_code);
                    format!(
                        "{}-{}{}",
                        topic.name,
                        p.partition_index,
                        if error.is_empty() { " ok" } else { &error }
                    )
                })
            });
            format!("commit [{}]", all.collect::<Vec<_>>().join(", "))
        }
        GroupAnswer::OffsetFetch(group) => fetched(group),
        GroupAnswer::OffsetDelete(delete) => {
            let all = delete.topics.iter().flat_map(|topic| {
                let name = &topic.name;
                topic
                    .partitions
                    .iter()
                    .map(move |p| format!("{name}-{}{}", p.partition_index, error(p.error_code)))
            });
            format!("delete-offsets{} [{}]", error(delete.error_code), all.collect::<Vec<_>>().join(", "))
        }
        GroupAnswer::Delete(delete) => {
            let all = delete.results.iter().map(|group| {
                let message = group.error_message.as_deref().unwrap_or_default();
                format!(
                    "{}{}{}",
                    group.group_id,
                    error(group.error_code),
                    optional("message", Some(message).filter(|text| !text.is_empty()))
                )
            });
            format!("delete [{}]", all.collect::<Vec<_>>().join(", "))
        }
    }
}

pub fn fetched(group: &OffsetFetchResponseGroup) -> String {
    let all = group.topics.iter().flat_map(|topic| {
        let name = &topic.name;
        topic.partitions.iter().map(move |p| match ErrorCode::from_code(p.error_code) {
            ErrorCode::None => format!("{name}-{} = {}", p.partition_index, p.committed_offset),
            error => format!("{name}-{} {}", p.partition_index, error.name()),
        })
    });
    format!("fetch{} [{}]", error(group.error_code), all.collect::<Vec<_>>().join(", "))
}

pub fn record(record: &GroupRecord) -> String {
    match record {
        GroupRecord::GroupMetadata(key, None) => format!("record group {} removed", key.group),
        GroupRecord::GroupMetadata(key, Some(value)) => {
            let members = value.members.iter().map(|member| {
                let instance = optional("instance", member.group_instance_id.as_deref());
                format!("{}{instance}:{:?}", member.member_id, text(&member.assignment))
            });
            format!(
                "record group {} type={:?} generation={} protocol={} leader={} since={} members=[{}]",
                key.group,
                value.protocol_type,
                value.generation,
                value.protocol.as_deref().unwrap_or("-"),
                value.leader.as_deref().unwrap_or("-"),
                value.current_state_timestamp,
                members.collect::<Vec<_>>().join(" ")
            )
        }
        GroupRecord::OffsetCommit(key, None) => {
            format!("record offset {} {}-{} removed", key.group, key.topic, key.partition)
        }
        GroupRecord::OffsetCommit(key, Some(value)) => format!(
            "record offset {} {}-{} = {} at {}{}",
            key.group,
            key.topic,
            key.partition,
            value.offset,
            value.commit_timestamp,
            if value.expire_timestamp == -1 {
                String::new()
            } else {
                format!(" until {}", value.expire_timestamp)
            }
        ),
        GroupRecord::ForeignGroup { group_id, kind, .. } => {
            format!("record {kind:?} group {group_id} removed")
        }
        GroupRecord::ForeignPart { group_id, record_type, .. } => {
            format!("record of type {record_type} of group {group_id} removed")
        }
        other => panic!("{other:?} is never written"),
    }
}
