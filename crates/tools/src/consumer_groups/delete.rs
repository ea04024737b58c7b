//! `--delete` and `--delete-offsets`: groups, or their offsets of some topics.

use std::collections::BTreeSet;

use klamm_base::{ErrorCode, TopicPartition};
use klamm_client::admin::groups::{delete_groups, delete_offsets};
use klamm_client::{ClientFault, Cluster};

use super::{chosen_groups, of_group_call, options, print_error, tables, topics};
use crate::World;
use crate::exception::{self, Exception};
use crate::exit::Exit;
use crate::hash_map::HashMap;
use crate::jopt::Options;

/// `--delete`
pub async fn groups(cluster: &Cluster, options: &Options, world: &mut World<'_>) -> Result<(), Exit> {
    let group_ids = chosen_groups(cluster, options).await?;
    let distinct: BTreeSet<String> = group_ids.into_iter().collect();
    let distinct: Vec<String> = distinct.into_iter().collect();
    let (mut deleted, mut failed) = (HashMap::default(), HashMap::default());
    for (group_id, result) in delete_groups(cluster, &distinct).await {
        match result {
            Ok(()) => deleted.insert(group_id, ()),
            Err(fault) => failed.insert(group_id, of_group_call(fault, "deleteConsumerGroups")),
        }
    }
    let names: Vec<String> = deleted.keys().map(|group_id| format!("'{group_id}'")).collect();
    let names = names.join(", ");
    if failed.is_empty() {
        writeln!(world.out, "Deletion of requested consumer groups ({names}) was successful.")?;
        return Ok(());
    }
    print_error("Deletion of some consumer groups failed:", world)?;
    for (group_id, error) in failed.iter() {
        writeln!(world.out, "* Group '{group_id}' could not be deleted due to: {error}")?;
    }
    if !deleted.is_empty() {
        writeln!(world.out, "\nThese consumer groups were deleted successfully: {names}")?;
    }
    Ok(())
}

/// `--delete-offsets`
pub async fn offsets(cluster: &Cluster, options: &Options, world: &mut World<'_>) -> Result<(), Exit> {
    let group_id = options.value(&options::GROUP)?.unwrap_or_default();
    let mut results = HashMap::default();
    let partitions = partitions(cluster, options, &mut results).await?;
    let top_level = match delete_offsets(cluster, group_id, &partitions).await {
        Ok(codes) => {
            let code = |place: &TopicPartition| codes.get(place).copied().unwrap_or(ErrorCode::None);
            let error = |code| Exception::of_code(code, None).to_string();
            let ordered: HashMap<TopicPartition, ()> = partitions.iter().map(|p| (p.clone(), ())).collect();
            let errors = ordered.into_iter().map(|(place, ())| {
                let code = code(&place);
                (place, code)
            });
            let mut first = ErrorCode::None;
            for (place, code) in errors {
                first = if first.is_none() { code } else { first };
                results.insert(place, (!code.is_none()).then(|| error(code)));
            }
            first
        }
        Err(fault) => {
            let code = code_of(&fault);
            let error = of_group_call(fault, "offsetDelete").to_string();
            partitions.iter().for_each(|place| results.insert(place.clone(), Some(error.clone())));
            code
        }
    };
    say_outcome(top_level, group_id, world)?;
    write!(world.out, "{}", tables::deletions(&results))?;
    Ok(())
}

/// The partitions that are meant; topics that cannot be looked at are noted in `results`.
async fn partitions(
    cluster: &Cluster,
    options: &Options,
    results: &mut HashMap<TopicPartition, Option<String>>,
) -> Result<BTreeSet<TopicPartition>, Exit> {
    let (mut partitions, mut whole) = (BTreeSet::new(), BTreeSet::new());
    for argument in options.values(&options::TOPIC) {
        match argument.contains(':') {
            true => partitions.extend(topics::with_partitions(argument)?),
            false => drop(whole.insert(argument.to_owned())),
        }
    }
    for (topic, described) in topics::describe(cluster, &whole).await {
        match described {
            Ok(described) => {
                let places = described.partitions.iter();
                partitions.extend(places.map(|place| TopicPartition::new(topic.as_str(), place.index)));
            }
            Err(thrown) => {
                results.insert(TopicPartition::new(topic.as_str(), -1), Some(thrown.message().to_owned()));
            }
        }
    }
    Ok(partitions)
}

/// Kafka: `Errors.forException`.
fn code_of(fault: &ClientFault) -> ErrorCode {
    match fault {
        ClientFault::Refused { error, .. } => *error,
        ClientFault::UnsupportedVersion { .. } => ErrorCode::UnsupportedVersion,
        ClientFault::Malformed { .. } => ErrorCode::UnknownServerError,
        ClientFault::Unresolvable { .. }
        | ClientFault::Unreachable { .. }
        | ClientFault::Disconnected { .. }
        | ClientFault::TimedOut { .. }
        | ClientFault::UnknownNode { .. } => ErrorCode::RequestTimedOut,
    }
}

fn say_outcome(outcome: ErrorCode, group_id: &str, world: &mut World<'_>) -> Result<(), Exit> {
    match outcome {
        ErrorCode::None => {
            writeln!(world.out, "Request succeeded for deleting offsets from group {group_id}.")?;
        }
        ErrorCode::InvalidGroupId
        | ErrorCode::GroupIdNotFound
        | ErrorCode::GroupAuthorizationFailed
        | ErrorCode::NonEmptyGroup => print_error(exception::default_message(outcome), world)?,
        ErrorCode::GroupSubscribedToTopic
        | ErrorCode::TopicAuthorizationFailed
        | ErrorCode::UnknownTopicOrPartition => {
            print_error("Encountered some partition-level error, see the follow-up details.", world)?;
        }
        other => print_error(&format!("Encountered some unknown error: {}", other.name()), world)?,
    }
    Ok(())
}
