//! Listeners: names of one's own, addresses of both families, ports that the system chooses, the controller's.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::process::{Client, Node, klamm, refusal_of};

/// `klamm serve` of one combined node that formats itself, with these settings on top.
fn serve(dir: &Path, settings: &[(&str, &str)]) -> Command {
    let base = [
        ("process.roles", "broker,controller"),
        ("node.id", "1"),
        ("controller.quorum.voters", "1@localhost:9093"),
        ("controller.listener.names", "CONTROLLER"),
        ("log.dirs", dir.to_str().expect("a name of characters")),
    ];
    let mut command = klamm();
    command.arg("serve");
    for (name, value) in base.iter().chain(settings) {
        command.env(format!("KAFKA_{}", name.to_uppercase().replace('.', "_")), value);
    }
    command
}

fn has_ipv6() -> bool {
    TcpListener::bind("[::1]:0").is_ok()
}

#[test]
fn each_listener_tells_its_own_address() {
    let dir = TempDir::new().expect("a folder");
    let inner = if has_ipv6() { "[::1]" } else { "127.0.0.1" };
    let listeners = format!("INNER://{inner}:0,OUTER://127.0.0.1:0,CONTROLLER://127.0.0.1:0");
    let node = Node::serve(&mut serve(
        dir.path(),
        &[
            ("listeners", &listeners),
            ("listener.security.protocol.map", "INNER:PLAINTEXT,OUTER:plaintext,CONTROLLER:PLAINTEXT"),
            ("inter.broker.listener.name", "INNER"),
        ],
    ));
    let ports = node.listening();
    let names: Vec<_> = ports.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["INNER", "OUTER", "CONTROLLER"]);
    let host = inner.trim_matches(['[', ']']);
    assert_eq!(Client::to(host, ports[0].1).brokers(), Some(vec![(host.to_owned(), ports[0].1)]));
    let outer = Client::to("127.0.0.1", ports[1].1).brokers();
    assert_eq!(outer, Some(vec![("127.0.0.1".to_owned(), ports[1].1)]));
}

#[test]
fn the_controllers_listener_answers_what_a_controller_answers() {
    let dir = TempDir::new().expect("a folder");
    let node = Node::serve(&mut serve(
        dir.path(),
        &[("listeners", "PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0")],
    ));
    let port = node.listening()[1].1;
    let asked = Client::to("127.0.0.1", port).api_versions().expect("an answer");
    assert_ne!(Some(asked), node.connect().api_versions(), "a list of its own");
    assert_eq!(Client::to("127.0.0.1", port).brokers(), None, "Metadata is a broker's");
}

/// Without a host: every interface is bound, and clients are told the machine's name.
#[test]
fn a_listener_without_host_is_reached_by_any_address() {
    let dir = TempDir::new().expect("a folder");
    let node = Node::serve(&mut serve(dir.path(), &[("listeners", "PLAINTEXT://:0,CONTROLLER://:0")]));
    let brokers = node.connect().brokers().expect("an answer");
    assert!(brokers.len() == 1 && !brokers[0].0.is_empty() && brokers[0].1 == node.port, "{brokers:?}");
    if has_ipv6() {
        assert!(Client::to("::1", node.port).api_versions().is_some());
    }
}

/// IPv4 and IPv6 may share a port.
#[test]
fn two_families_share_a_port() {
    if !has_ipv6() {
        return;
    }
    let dir = TempDir::new().expect("a folder");
    let port = crate::process::free_port();
    let listeners = format!("FOUR://127.0.0.1:{port},SIX://[::1]:{port},CONTROLLER://127.0.0.1:0");
    let node = Node::serve(&mut serve(
        dir.path(),
        &[
            ("listeners", &listeners),
            ("listener.security.protocol.map", "FOUR:PLAINTEXT,SIX:PLAINTEXT,CONTROLLER:PLAINTEXT"),
            ("inter.broker.listener.name", "FOUR"),
        ],
    ));
    assert_eq!(node.connect().brokers(), Some(vec![("127.0.0.1".to_owned(), port)]));
    assert_eq!(Client::to("::1", port).brokers(), Some(vec![("::1".to_owned(), port)]));
}

#[test]
fn what_is_not_served_is_refused_in_one_line() {
    let dir = TempDir::new().expect("a folder");
    let secured = "PLAINTEXT://127.0.0.1:0,SAFE://127.0.0.1:0,CONTROLLER://127.0.0.1:0";
    let map = |protocol: &str| format!("SAFE:{protocol},PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    let plain = "PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0";
    type Case<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str]);
    let cases: [Case<'_>; 6] = [
        (
            &[("listeners", secured), ("listener.security.protocol.map", &map("SSL"))],
            &["listener SAFE", "SSL is not served", "PLAINTEXT"],
        ),
        (
            &[("listeners", secured), ("listener.security.protocol.map", &map("SASL_PLAINTEXT"))],
            &["listener SAFE", "SASL_PLAINTEXT is not served", "PLAINTEXT"],
        ),
        (&[("process.roles", "controller"), ("listeners", "CONTROLLER://127.0.0.1:0")], &["process.roles"]),
        (
            &[("listeners", plain), ("controller.quorum.voters", "1@a:9093,2@b:9093")],
            &["controller.quorum.voters"],
        ),
        (&[("listeners", "PLAINTEXT://127.0.0.1:0")], &["controller.listener.names", "'listeners'"]),
        (
            &[("listeners", "PLAINTEXT://203.0.113.7:0,CONTROLLER://:0")],
            &["no address 203.0.113.7", "KAFKA_LISTENERS"],
        ),
    ];
    for (settings, words) in cases {
        let line = refusal_of(&mut serve(dir.path(), settings));
        for word in words {
            assert!(line.contains(word), "{line} has no {word}");
        }
    }
}
