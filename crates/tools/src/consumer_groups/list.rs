//! `--list`: the groups there are, in the order of a hash map.

use klamm_client::admin::group_state::GroupType;
use klamm_client::admin::groups::{GroupFilter, GroupListing, list_groups};
use klamm_client::{ClientFault, Cluster, Node};

use super::{filters, in_runtime, options, tables};
use crate::World;
use crate::exception::{Exception, KAFKA};
use crate::exit::Exit;
use crate::hash_map::HashMap;
use crate::jopt::Options;

/// Protocols of consumers: theirs, and none for offsets that are committed without members.
const PROTOCOLS: [&str; 2] = ["", "consumer"];

/// Prints ids, or a table when states or types are asked for.
pub async fn run(cluster: &Cluster, options: &Options, world: &mut World<'_>) -> Result<(), Exit> {
    let (with_types, with_states) = (options.has(&options::TYPE), options.has(&options::STATE));
    if !with_types && !with_states {
        for group_id in all(cluster).await? {
            writeln!(world.out, "{group_id}")?;
        }
        return Ok(());
    }
    let filter = GroupFilter {
        types: filters::types(options.value(&options::TYPE)?.unwrap_or_default())?,
        states: filters::states(options.value(&options::STATE)?.unwrap_or_default())?,
    };
    let groups = listings(cluster, &filter).await?;
    let groups: Vec<&GroupListing> = groups.values().collect();
    write!(world.out, "{}", tables::listings(&groups, with_types, with_states))?;
    Ok(())
}

/// The ids of all groups of consumers.
///
/// # Errors
/// What Kafka's tool throws.
pub async fn all(cluster: &Cluster) -> Result<Vec<String>, Exception> {
    let types = vec![GroupType::Classic, GroupType::Consumer];
    let groups = listings(cluster, &GroupFilter { types, ..GroupFilter::default() }).await;
    let groups = groups.map_err(in_runtime)?;
    Ok(groups.keys().cloned().collect())
}

async fn listings(
    cluster: &Cluster,
    filter: &GroupFilter,
) -> Result<HashMap<String, GroupListing>, Exception> {
    let answers = list_groups(cluster, filter)
        .await
        .map_err(|_| Exception::new(KAFKA, "Failed to find brokers to send ListGroups").in_future())?;
    let mut groups = HashMap::default();
    for (node, answer) in answers {
        let listed = answer.map_err(|fault| refusal(&node, fault).in_future())?;
        let listed = listed.into_iter().filter(|group| PROTOCOLS.contains(&group.protocol_type.as_str()));
        listed.for_each(|group| groups.insert(group.group_id.clone(), group));
    }
    Ok(groups)
}

/// What a broker would not do, with its name.
fn refusal(node: &Node, fault: ClientFault) -> Exception {
    let Exception { class, message, .. } = Exception::of_fault(fault, "listGroups");
    let Node { id, address, rack, is_fenced } = node;
    let (host, port, rack) = (&address.host, address.port, rack.as_deref().unwrap_or("null"));
    let node = format!("{host}:{port} (id: {id} rack: {rack} isFenced: {is_fenced})");
    let message = message.map_or_else(String::new, |message| format!(": {message}"));
    Exception { class, message: Some(format!("Error listing groups on {node}{message}")), cause: None }
}
