//! `KAFKA_*` variables, as compose files write them for Kafka's image.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::process::{Node, free_port, klamm, refusal_of};

const DEFAULT_CLUSTER: &str = "5L6g3nShT-eMCtK--X86sw";
const CLUSTER: &str = "4L6g3nShT-eMCtK--X86sw";

fn text(path: &Path) -> &str {
    path.to_str().expect("a name of characters")
}

/// `klamm serve` as the compose file for one node of Kafka's image runs it, with other ports.
fn container(dir: &Path) -> Command {
    let (host, broker, controller) = (free_port(), free_port(), free_port());
    let mut command = klamm();
    command.arg("serve").envs([
        ("KAFKA_NODE_ID", "1".to_owned()),
        (
            "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP",
            "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PLAINTEXT_HOST:PLAINTEXT".to_owned(),
        ),
        (
            "KAFKA_ADVERTISED_LISTENERS",
            format!("PLAINTEXT_HOST://localhost:{host},PLAINTEXT://broker:{broker}"),
        ),
        ("KAFKA_PROCESS_ROLES", "broker,controller".to_owned()),
        ("KAFKA_CONTROLLER_QUORUM_VOTERS", format!("1@broker:{controller}")),
        (
            "KAFKA_LISTENERS",
            format!("CONTROLLER://:{controller},PLAINTEXT_HOST://:{host},PLAINTEXT://:{broker}"),
        ),
        ("KAFKA_INTER_BROKER_LISTENER_NAME", "PLAINTEXT".to_owned()),
        ("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER".to_owned()),
        ("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "1".to_owned()),
        ("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0".to_owned()),
        ("KAFKA_LOG_DIRS", text(dir).to_owned()),
        ("KAFKA_HEAP_OPTS", "-Xmx1G".to_owned()),
        ("KAFKA_JMX_PORT", "9999".to_owned()),
    ]);
    command
}

fn cluster_of(dir: &Path) -> String {
    let properties = fs::read_to_string(dir.join("meta.properties")).expect("formatted");
    let line = properties.lines().find_map(|line| line.strip_prefix("cluster.id="));
    line.expect("has a cluster").to_owned()
}

#[test]
fn a_container_formats_once_and_serves_each_listener_with_its_own_address() {
    let folder = TempDir::new().expect("a folder");
    let data = folder.path().join("data");
    let mut command = container(&data);
    let node = Node::serve(&mut command);
    let ports = node.listening();
    let names: Vec<_> = ports.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["PLAINTEXT_HOST", "PLAINTEXT", "CONTROLLER"]);
    assert_eq!(node.connect().brokers(), Some(vec![("localhost".to_owned(), ports[0].1)]));
    let mut inside = crate::process::Client::to("127.0.0.1", ports[1].1);
    assert_eq!(inside.brokers(), Some(vec![("broker".to_owned(), ports[1].1)]));
    assert_eq!(cluster_of(&data), DEFAULT_CLUSTER);
    let output = node.stop_and_read();
    let formatted = format!("formatted {} for cluster", data.display());
    assert_eq!(output.iter().filter(|line| line.contains(&formatted)).count(), 1);
    let ignored = output.iter().find(|line| line.contains("nothing here knows")).expect("named once");
    assert!(ignored.contains("jmx.port") && !ignored.contains("heap"), "{ignored}");

    let node = Node::serve(&mut command);
    assert!(node.connect().api_versions().is_some(), "it starts again on the same volume");
    node.signal("TERM");
    assert!(node.wait().0.success());
    let line = refusal_of(command.env("CLUSTER_ID", CLUSTER));
    assert!(
        line.contains(CLUSTER) && line.contains(DEFAULT_CLUSTER) && line.contains("CLUSTER_ID"),
        "{line}"
    );
}

#[test]
fn a_cluster_id_of_the_user_counts() {
    let folder = TempDir::new().expect("a folder");
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    let mut command = container(&one);
    command.env("KAFKA_LOG_DIRS", format!("{},{}", text(&one), text(&two))).env("CLUSTER_ID", CLUSTER);
    let node = Node::serve(&mut command);
    assert!(node.connect().api_versions().is_some());
    assert_eq!([cluster_of(&one), cluster_of(&two)], [CLUSTER, CLUSTER]);
}

#[test]
fn a_volume_that_was_formatted_by_hand_is_left_as_it_is() {
    let folder = TempDir::new().expect("a folder");
    let data = folder.path().join("data");
    let mut command = container(&data);
    Node::serve(command.env("CLUSTER_ID", CLUSTER)).signal("TERM");
    command.env_remove("CLUSTER_ID");
    let node = Node::serve(&mut command);
    assert!(node.connect().api_versions().is_some(), "the default is no expectation");
    assert_eq!(cluster_of(&data), CLUSTER);
}

#[test]
fn variables_win_over_a_file_and_a_file_is_formatted_only_when_asked() {
    let folder = TempDir::new().expect("a folder");
    let data = folder.path().join("data");
    let (port, controller) = (free_port(), free_port());
    let file = folder.path().join("server.properties");
    let content = format!(
        "process.roles=broker,controller\nnode.id=1\ncontroller.listener.names=CONTROLLER\n\
         controller.quorum.voters=1@localhost:{controller}\nlog.dirs={}\n\
         listeners=PLAINTEXT://localhost:1,CONTROLLER://localhost:{controller}\n",
        text(&data)
    );
    fs::write(&file, content).expect("a file");
    let listeners = format!("PLAINTEXT://localhost:{port},CONTROLLER://localhost:{controller}");
    let with_file = || {
        let mut command = klamm();
        command.args(["serve", text(&file)]).env("KAFKA_LISTENERS", &listeners);
        command
    };
    let line = refusal_of(&mut with_file());
    assert!(line.contains("not formatted"), "{line}");
    let node = Node::serve(with_file().env("CLUSTER_ID", CLUSTER));
    assert_eq!(node.port, port);
    node.signal("TERM");
    assert!(node.wait().0.success());

    let mut script = klamm();
    script.args(["kafka-server-start.sh", text(&file)]).env("KAFKA_LISTENERS", "no listener");
    let node = Node::serve(script.args(["--override", &format!("listeners={listeners}")]));
    assert!(node.connect().api_versions().is_some(), "Kafka's script does not look at variables");
}

#[test]
fn what_is_missing_is_named_by_its_variable() {
    let folder = TempDir::new().expect("a folder");
    let line = refusal_of(container(folder.path()).env_remove("KAFKA_CONTROLLER_LISTENER_NAMES"));
    assert!(line.contains("KAFKA_* variables: ") && line.contains("controller.listener.names"), "{line}");
    let mut command = container(folder.path());
    command.env_remove("KAFKA_CONTROLLER_QUORUM_VOTERS");
    let line = refusal_of(command.env("KAFKA_CONTROLLER_QUORUM_BOOTSTRAP_SERVERS", "localhost:9093"));
    assert!(line.contains("KAFKA_CONTROLLER_QUORUM_VOTERS") && line.contains("--standalone"), "{line}");
    let line = refusal_of(container(folder.path()).env("KAFKA_PROCESS_ROLES", "controller"));
    assert!(line.contains("KAFKA_ADVERTISED_LISTENERS is not supported on a KRaft controller"), "{line}");
}

#[test]
fn a_relative_directory_is_known_by_its_whole_path() {
    let folder = TempDir::new().expect("a folder");
    let relative = || {
        let mut command = container(Path::new("data//"));
        command.current_dir(folder.path());
        command
    };
    let node = Node::serve(&mut relative());
    assert_eq!(cluster_of(&folder.path().join("data")), DEFAULT_CLUSTER);
    let line = refusal_of(&mut relative());
    assert!(line.contains(&format!("{} is in use", text(&folder.path().join("data")))), "{line}");
    drop(node);
}
