//! What is printed of nodes: where they are, and what they serve.

use klamm_client::{Cluster, Node};

use crate::World;
use crate::broker_api_versions;
use crate::exception::Exception;
use crate::exit::Exit;

/// What a cluster that cannot tell which brokers are fenced makes Java's client say.
pub const NO_FENCED: &str = "Including fenced broker endpoints is not supported with version 1";

/// One line for each node, with heads.
pub fn table(nodes: &[Node], is_controllers: bool) -> String {
    let widest =
        |names: Vec<&str>, without: usize| names.iter().map(|name| name.len()).max().unwrap_or(without);
    let host = widest(nodes.iter().map(|node| node.address.host.as_str()).collect(), 100);
    let rack = widest(nodes.iter().filter_map(|node| node.rack.as_deref()).collect(), 10);
    let line = |cells: [&str; 6]| {
        let [id, host_name, port, rack_name, state, kind] = cells;
        let state = if is_controllers { String::new() } else { format!("{state:<10} ") };
        format!("{id:<10} {host_name:<host$} {port:<10} {rack_name:<rack$} {state}{kind:<15}\n")
    };
    let mut text = line(["ID", "HOST", "PORT", "RACK", "STATE", "ENDPOINT_TYPE"]);
    for node in nodes {
        let (id, port) = (node.id.to_string(), node.address.port.to_string());
        let rack = node.rack.as_deref().unwrap_or("null");
        let state = if node.is_fenced { "fenced" } else { "unfenced" };
        let kind = if is_controllers { "controller" } else { "broker" };
        text.push_str(&line([&id, &node.address.host, &port, rack, state, kind]));
    }
    text
}

/// What each node serves, by id.
pub async fn write_versions(cluster: &Cluster, nodes: &[Node], world: &mut World<'_>) -> Result<(), Exit> {
    for node in nodes {
        let served = match cluster.node(node.id).await {
            Ok(connection) => broker_api_versions::text(connection.ranges()),
            Err(fault) => format!("ERROR: {}", Exception::of_fault(fault, "describeFeatures")),
        };
        let Node { id, address, rack, is_fenced } = node;
        let (host, port, rack) = (&address.host, address.port, rack.as_deref().unwrap_or("null"));
        writeln!(world.out, "{host}:{port} (id: {id} rack: {rack} isFenced: {is_fenced}) -> {served}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use klamm_client::Address;

    use super::*;

    #[test]
    fn tables_are_kafkas() {
        let node = Node { id: 1, address: Address::new("127.0.0.1", 9092), rack: None, is_fenced: false };
        let brokers = "\
ID         HOST      PORT       RACK       STATE      ENDPOINT_TYPE\x20\x20
1          127.0.0.1 9092       null       unfenced   broker\x20\x20\x20\x20\x20\x20\x20\x20\x20
";
        assert_eq!(table(std::slice::from_ref(&node), false), brokers);
        let controllers = "\
ID         HOST      PORT       RACK       ENDPOINT_TYPE\x20\x20
1          127.0.0.1 9092       null       controller\x20\x20\x20\x20\x20
";
        assert_eq!(table(std::slice::from_ref(&node), true), controllers);
        let away = Node { rack: Some("a-rack-of-this-name".to_owned()), is_fenced: true, ..node };
        let line = table(&[away], false).lines().nth(1).expect("a node").to_owned();
        assert_eq!(line, "1          127.0.0.1 9092       a-rack-of-this-name fenced     broker         ");
    }
}
