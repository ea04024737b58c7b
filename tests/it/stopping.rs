//! Signals, and what a start finds after them.

use std::io::Write;
use std::time::Duration;

use tempfile::TempDir;

use crate::process::Node;

#[test]
fn a_signal_stops_it_cleanly_with_clients_connected() {
    let signals = if hup_is_ignored() { &["TERM", "INT"][..] } else { &["TERM", "INT", "HUP"] };
    for signal in signals {
        let dir = TempDir::new().expect("a folder");
        let node = Node::dev(dir.path());
        let mut clients: Vec<_> = (0..50).map(|_| node.connect()).collect();
        clients.iter_mut().for_each(|client| assert!(client.api_versions().is_some()));
        clients[0].socket.write_all(&[0, 0, 1]).expect("part of a frame");
        node.signal(signal);
        let (status, took) = node.wait();
        assert_eq!(status.code(), Some(0));
        assert!(took < Duration::from_secs(2), "stopped in {took:?}");
        clients.iter_mut().for_each(|client| assert!(client.ended()));
        assert!(dir.path().join(".kafka_cleanshutdown").is_file());
    }
}

/// Under nohup and some supervisors this process ignores HUP, and so does what it starts.
fn hup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask & 1 != 0)
}

#[test]
fn it_starts_again_after_a_stop_and_after_a_kill() {
    let dir = TempDir::new().expect("a folder");
    for signal in ["TERM", "KILL", "KILL", "TERM"] {
        let node = Node::dev(dir.path());
        assert!(node.connect().api_versions().is_some());
        assert!(!dir.path().join(".kafka_cleanshutdown").exists(), "the marker is gone while it runs");
        node.signal(signal);
        node.wait();
    }
}

#[test]
fn started_by_nohup_it_survives_its_terminal() {
    let dir = TempDir::new().expect("a folder");
    let line = format!(
        "trap '' HUP; exec {} dev --port 0 --dir {}",
        env!("CARGO_BIN_EXE_klamm"),
        dir.path().display()
    );
    let node = Node::start(std::process::Command::new("sh").args(["-c", &line]));
    node.signal("HUP");
    std::thread::sleep(Duration::from_millis(100));
    assert!(node.connect().api_versions().is_some());
}

#[test]
fn a_second_signal_does_not_wait() {
    let dir = TempDir::new().expect("a folder");
    let node = Node::dev(dir.path());
    node.signal("TERM");
    node.signal("TERM");
    let (status, took) = node.wait();
    assert!(matches!(status.code(), Some(0 | 143)), "{status}");
    assert!(took < Duration::from_secs(1), "ended in {took:?}");
}

/// Connections beyond the descriptors wait or fail; none of it ends the node.
#[test]
fn running_out_of_descriptors_is_survived() {
    let dir = TempDir::new().expect("a folder");
    let binary = env!("CARGO_BIN_EXE_klamm");
    let line = format!("ulimit -n 64; exec {binary} dev --port 0 --dir {}", dir.path().display());
    let mut shell = std::process::Command::new("sh");
    let node = Node::start(shell.args(["-c", &line]));
    // More than it has descriptors for, less than those and the backlog together.
    let crowd: Vec<_> = (0..80).map(|_| node.connect()).collect();
    std::thread::sleep(Duration::from_millis(300));
    drop(crowd);
    // While the last of them are going a newcomer may still be sent away.
    let mut tries = 0..100;
    let is_served = || {
        std::thread::sleep(Duration::from_millis(50));
        node.connect().api_versions().is_some()
    };
    assert!(tries.any(|_| is_served()), "served once others have left");
    node.signal("TERM");
    assert_eq!(node.wait().0.code(), Some(0));
}

/// A soft limit is only where a process begins.
#[test]
fn it_takes_as_many_descriptors_as_it_may_have() {
    let dir = TempDir::new().expect("a folder");
    let binary = env!("CARGO_BIN_EXE_klamm");
    let line = format!("ulimit -Sn 64; exec {binary} dev --port 0 --dir {}", dir.path().display());
    let node = Node::start(std::process::Command::new("sh").args(["-c", &line]));
    let mut crowd: Vec<_> = (0..150).map(|_| node.connect()).collect();
    crowd.iter_mut().for_each(|client| assert!(client.api_versions().is_some(), "all are served"));
}
