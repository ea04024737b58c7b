//! Answers about the example cluster.

use super::*;
use crate::image::example;

/// Error code, controller, and a line for each node.
fn ask(
    role: ListenerRole,
    listener: &str,
    version: i16,
    request: &DescribeClusterRequest,
) -> Result<(i32, Vec<String>), ErrorCode> {
    let image = example::cluster();
    let controller_id = match role {
        ListenerRole::Broker => 1,
        ListenerRole::Controller => 3000,
    };
    let asking = Asking { image: &image, cluster_id: "cluster", controller_id, listener, role, version };
    let response = asking.answer(request).map_err(|(error, _)| error)?;
    assert_eq!(response.cluster_id, "cluster");
    assert_eq!(response.endpoint_type, if role == ListenerRole::Broker { BROKERS } else { CONTROLLERS });
    let line = |node: &DescribeClusterBroker| {
        let fenced = if node.is_fenced { " fenced" } else { "" };
        format!("{} {}:{} {:?}{fenced}", node.broker_id, node.host, node.port, node.rack)
    };
    Ok((response.controller_id, response.brokers.iter().map(line).collect()))
}

fn of(endpoint_type: i8) -> DescribeClusterRequest {
    DescribeClusterRequest { endpoint_type, ..DescribeClusterRequest::default() }
}

#[test]
fn brokers_of_the_listener() {
    let brokers = |listener, request: &DescribeClusterRequest| {
        ask(ListenerRole::Broker, listener, 2, request).expect("answered")
    };
    let plain = DescribeClusterRequest::default();
    assert_eq!(brokers("PLAINTEXT", &plain), (1, vec!["1 host1:9092 Some(\"a\")".to_owned()]));
    let inner = vec!["1 host1:9093 Some(\"a\")".to_owned(), "2 host2:9193 None".to_owned()];
    assert_eq!(brokers("INTERNAL", &plain), (1, inner));
    let fenced_too = DescribeClusterRequest { include_fenced_brokers: true, ..plain.clone() };
    let all = vec!["1 host1:9092 Some(\"a\")".to_owned(), "3 host3:9292 Some(\"c\") fenced".to_owned()];
    assert_eq!(brokers("PLAINTEXT", &fenced_too), (1, all));
    // Who is not listed is not the controller either.
    assert_eq!(brokers("SOMEWHERE", &plain), (-1, Vec::new()));
}

#[test]
fn controllers_of_the_listener() {
    let controllers = |listener| ask(ListenerRole::Controller, listener, 1, &of(CONTROLLERS));
    assert_eq!(controllers("CONTROLLER"), Ok((3000, vec!["3000 host3000:9094 None".to_owned()])));
    assert_eq!(controllers("SOMEWHERE"), Ok((-1, Vec::new())));
}

#[test]
fn a_listener_describes_its_own_kind() {
    let mismatched = Err(ErrorCode::MismatchedEndpointType);
    for version in 1..=2 {
        assert_eq!(ask(ListenerRole::Broker, "PLAINTEXT", version, &of(CONTROLLERS)), mismatched);
        assert_eq!(ask(ListenerRole::Controller, "CONTROLLER", version, &of(BROKERS)), mismatched);
        for unknown in [-1, 0, 3] {
            let answer = ask(ListenerRole::Broker, "PLAINTEXT", version, &of(unknown));
            assert_eq!(answer, Err(ErrorCode::UnsupportedEndpointType));
        }
    }
    let answer = ask(ListenerRole::Controller, "CONTROLLER", 0, &DescribeClusterRequest::default());
    assert_eq!(answer, Err(ErrorCode::InvalidRequest));
}

#[test]
fn controllers_can_be_asked_since_they_register() {
    for (metadata_version, is_answered) in
        [(MetadataVersion::V3_6_IV2, false), (MetadataVersion::V3_7_IV0, true)]
    {
        let image = example::cluster_at(metadata_version);
        let asking = Asking {
            image: &image,
            cluster_id: "",
            controller_id: -1,
            listener: "CONTROLLER",
            role: ListenerRole::Controller,
            version: 1,
        };
        let error = asking.answer(&of(CONTROLLERS)).err().map(|(error, _)| error);
        assert_eq!(error, (!is_answered).then_some(ErrorCode::UnsupportedVersion));
    }
}

#[test]
fn rights_are_told_to_those_who_ask() {
    let image = example::cluster();
    let (role, listener) = (ListenerRole::Broker, "PLAINTEXT");
    let asking = Asking { image: &image, cluster_id: "", controller_id: 1, listener, role, version: 0 };
    let rights = |include_cluster_authorized_operations| {
        let request = DescribeClusterRequest { include_cluster_authorized_operations, ..Default::default() };
        asking.answer(&request).map(|response| response.cluster_authorized_operations)
    };
    assert_eq!(rights(false), Ok(i32::MIN));
    assert_eq!(rights(true), Ok(8096));
}
