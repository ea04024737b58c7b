//! A node that ends by itself, and signals at unusual times.

use std::process::Command;

use tempfile::TempDir;

use crate::process::{Node, klamm};

/// A node that may write no file beyond some size, as if the disk were full; its metadata log grows by itself.
fn on_a_full_disk(dir: &TempDir, blocks: u64) -> Command {
    let binary = env!("CARGO_BIN_EXE_klamm");
    let path = dir.path().display();
    let line = format!(
        "trap '' XFSZ; ulimit -f {blocks}; exec {binary} dev --port 0 --dir {path} \
         --override metadata.max.idle.interval.ms=5"
    );
    let mut shell = Command::new("sh");
    shell.args(["-c", &line]);
    shell
}

#[test]
fn a_metadata_log_that_fails_ends_the_node_with_one_line_and_no_marker() {
    let dir = TempDir::new().expect("a folder");
    Node::dev(dir.path()).signal("TERM");
    let log = dir.path().join("__cluster_metadata-0/00000000000000000000.log");
    let bytes = std::fs::metadata(&log).expect("a metadata log").len();
    let node = Node::start(&mut on_a_full_disk(&dir, bytes / 512 + 4));
    let (status, output, error) = node.wait_and_read();
    assert_eq!(status.code(), Some(1), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.starts_with("klamm: cannot go on: ") && error.contains("__cluster_metadata-0"), "{error}");
    let told: Vec<_> = output.iter().filter(|line| line.contains("cannot go on")).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("] ERROR "), "{told:?}");
    assert!(!dir.path().join(".kafka_cleanshutdown").exists());

    let node = Node::dev(dir.path());
    assert!(node.connect().api_versions().is_some(), "with room it starts again");
}

#[test]
fn a_signal_during_the_start_leaves_the_folder_clean() {
    let dir = TempDir::new().expect("a folder");
    Node::dev(dir.path()).signal("TERM");
    let path = dir.path().to_str().expect("a name of characters");
    let mut command = klamm();
    command.args(["dev", "--port", "0", "--dir", path, "--override", "no.such.setting=1"]);
    // This line is written when signals are caught and nothing is open yet.
    let mut node = Node::spawn(&mut command);
    node.line_with("nothing here knows");
    node.signal("TERM");
    let (status, output, error) = node.wait_and_read();
    assert_eq!(status.code(), Some(0), "{error}");
    assert!(output.iter().any(|line| line.contains("Kafka Server stopped")), "{output:?}");
    assert!(dir.path().join(".kafka_cleanshutdown").is_file());
}
