//! What coordinators of groups answer.

pub mod delete_groups;
pub mod describe_groups;
pub mod find_coordinator;
pub mod heartbeat;
pub mod join_group;
pub mod leave_group;
pub mod list_groups;
pub mod offset_commit;
pub mod offset_delete;
pub mod offset_fetch;
pub mod sync_group;

use core::net::IpAddr;

use klamm_base::{ErrorCode, Now};
use klamm_coordinator::group::contract::{Caller, GroupAnswer, GroupLimits, GroupStep};
use klamm_coordinator::group::shard::GroupShard;
use klamm_coordinator::step::RequestId;

use crate::broker::Broker;
use crate::request::RequestContext;

/// Who asks, as the group remembers its members.
fn caller(context: &RequestContext) -> Caller {
    Caller {
        client_id: context.client_id.clone().unwrap_or_default(),
        client_host: java_address(context.connection.client_address),
        version: context.api_version,
    }
}

/// Asks the group's coordinator; `take` finds the answer that belongs to the question.
async fn ask<T>(
    broker: &Broker,
    context: &RequestContext,
    group_id: &str,
    take: impl FnOnce(GroupAnswer) -> Option<T>,
    decide: impl FnOnce(&mut GroupShard, RequestId, &GroupLimits, Now) -> GroupStep,
) -> Result<T, ErrorCode> {
    let answer = broker.group_coordinators.ask(&broker.settings(), group_id, context.now, decide)?.await;
    Ok(take(answer)
        .unwrap_or_else(|| unreachable!("a question to group {group_id} is answered as another one")))
}

/// An address as Java prints one that it has not looked up: `/127.0.0.1`, `/0:0:0:0:0:0:0:1`.
fn java_address(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => format!("/{address}"),
        IpAddr::V6(address) => {
            let parts = address.segments().map(|segment| format!("{segment:x}"));
            format!("/{}", parts.join(":"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_printed_as_java_does() {
        let printed = |text: &str| java_address(text.parse().expect("an address"));
        assert_eq!(printed("127.0.0.1"), "/127.0.0.1");
        assert_eq!(printed("::1"), "/0:0:0:0:0:0:0:1");
        assert_eq!(printed("2001:db8::ff00:42"), "/2001:db8:0:0:0:0:ff00:42");
        assert_eq!(printed("::ffff:10.0.0.7"), "/10.0.0.7");
    }
}
