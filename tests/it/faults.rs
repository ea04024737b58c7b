//! What keeps a node from starting, in one line with the way out.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use tempfile::TempDir;

use crate::process::{Node, free_port, refusal, run};

fn text(path: &Path) -> &str {
    path.to_str().expect("a name of characters")
}

/// A properties file for one combined node with these log directories.
fn properties(dir: &TempDir, log_dirs: &str) -> String {
    let (port, controller) = (free_port(), free_port());
    let file = dir.path().join("server.properties");
    let content = format!(
        "process.roles=broker,controller\nnode.id=1\ncontroller.listener.names=CONTROLLER\n\
         controller.quorum.bootstrap.servers=localhost:{controller}\n\
         listeners=PLAINTEXT://localhost:{port},CONTROLLER://localhost:{controller}\nlog.dirs={log_dirs}\n"
    );
    fs::write(&file, content).expect("a file");
    text(&file).to_owned()
}

fn format(file: &str, cluster_id: &str) {
    let output = run(&["kafka-storage", "format", "--standalone", "-t", cluster_id, "-c", file]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

const CLUSTER: &str = "MkU3OEVBNTcwNTJENDM2Qg";
const OTHER_CLUSTER: &str = "4L6g3nShT-eMCtK--X86sw";

#[test]
fn a_taken_port() {
    let dir = TempDir::new().expect("a folder");
    let other = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let port = other.local_addr().expect("has an address").port();
    let line = refusal(&["dev", "--dir", text(dir.path()), "--port", &port.to_string()]);
    assert!(line.contains(&format!("port {port} is taken")) && line.contains("klamm dev --port "), "{line}");
}

#[test]
fn a_folder_in_use() {
    let dir = TempDir::new().expect("a folder");
    let node = Node::dev(dir.path());
    let line = refusal(&["dev", "--dir", text(dir.path()), "--port", "0"]);
    assert!(line.contains("in use") && line.contains(text(dir.path())) && line.contains("--dir"), "{line}");
    assert!(node.connect().api_versions().is_some(), "the first one goes on");
}

#[test]
fn an_unformatted_folder() {
    let dir = TempDir::new().expect("a folder");
    let data = dir.path().join("data");
    fs::create_dir(&data).expect("a folder");
    let line = refusal(&["serve", &properties(&dir, text(&data))]);
    assert!(
        line.contains("not formatted") && line.contains("klamm kafka-storage format --standalone"),
        "{line}"
    );
    let left = fs::read_dir(&data).expect("readable").map(|entry| entry.expect("an entry").file_name());
    assert_eq!(left.filter(|name| name != ".lock").count(), 0, "nothing is written into it");
}

#[test]
fn a_folder_that_came_later() {
    let dir = TempDir::new().expect("a folder");
    let (one, two) = (dir.path().join("one"), dir.path().join("two"));
    format(&properties(&dir, text(&one)), CLUSTER);
    let file = properties(&dir, &format!("{},{}", text(&one), text(&two)));
    let line = refusal(&["serve", &file]);
    let command =
        line.split_once("format it too: klamm ").unwrap_or_else(|| panic!("no way out in {line}")).1;
    let words: Vec<_> = command.split_whitespace().collect();
    assert!(command.contains(CLUSTER) && run(&words).status.success(), "{command}");
    let mut node = Node::spawn(crate::process::klamm().args(["serve", &file]));
    node.line_with("Kafka Server started");

    drop(node);
    fs::remove_dir_all(&one).expect("a folder");
    let line = refusal(&["serve", &file]);
    assert!(line.contains("bring it back"), "its metadata is not to be made anew: {line}");
}

#[test]
fn a_folder_that_is_none() {
    let dir = TempDir::new().expect("a folder");
    let data = dir.path().join("data");
    fs::write(&data, "no folder").expect("a file");
    let line = refusal(&["serve", &properties(&dir, text(&data))]);
    assert!(line.contains(text(&data)), "{line}");
    let line = refusal(&["dev", "--port", "0", "--dir", text(&data)]);
    assert!(line.contains(text(&data)) && line.contains("--dir"), "{line}");
}

#[test]
fn folders_of_two_clusters() {
    let dir = TempDir::new().expect("a folder");
    let (one, two) = (dir.path().join("one"), dir.path().join("two"));
    format(&properties(&dir, text(&one)), CLUSTER);
    format(&properties(&dir, text(&two)), OTHER_CLUSTER);
    let both = format!("{},{}", text(&one), text(&two));
    let line = refusal(&["serve", &properties(&dir, &both)]);
    assert!(line.contains(CLUSTER) && line.contains(OTHER_CLUSTER) && line.contains("log.dirs"), "{line}");
}

#[test]
fn a_folder_of_another_node() {
    let dir = TempDir::new().expect("a folder");
    let data = dir.path().join("data");
    let file = properties(&dir, text(&data));
    format(&file, CLUSTER);
    let line = refusal(&["serve", &file, "--override", "node.id=7"]);
    assert!(line.contains("node.id"), "{line}");
}

#[test]
fn a_file_that_is_not_there_and_a_value_that_does_not_hold() {
    let line = refusal(&["serve", "/no/such/server.properties"]);
    assert!(line.contains("/no/such/server.properties"), "{line}");
    let dir = TempDir::new().expect("a folder");
    let file = properties(&dir, text(&dir.path().join("data")));
    let line = refusal(&["serve", &file, "--override", "num.partitions=many"]);
    assert!(line.contains("num.partitions") && line.contains(&file), "{line}");
    let line = refusal(&["dev", "--port", "0", "--dir", text(dir.path()), "--override", "num.partitions=0"]);
    assert!(line.contains("num.partitions"), "{line}");
}
