//! Which room a command line leads to.

use std::process::Command;

use tempfile::TempDir;

use crate::process::{Node, klamm, refusal, run};

#[test]
fn help_and_version_are_said() {
    let helps = [
        (&["--help"][..], "klamm serve [FILE]"),
        (&["help"], "klamm serve [FILE]"),
        (&["dev", "--help"], "--ephemeral"),
        (&["help", "serve"], "CLUSTER_ID=ID"),
        (&["help", "install-links"], "DIR/bin"),
        (&["help", "kafka-topics"], "--partitions"),
    ];
    for (arguments, text) in helps {
        let output = run(arguments);
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(text), "{arguments:?}: {said}");
    }
    let version = run(&["--version"]);
    assert_eq!(String::from_utf8_lossy(&version.stdout), format!("klamm {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_wrong_command_line_is_one_line() {
    let line = refusal(&["brew"]);
    assert_eq!(line, "klamm: no command brew (see klamm --help)\n");
    refusal(&["dev", "--port", "many"]);
    let line = refusal(&["connect-standalone.sh"]);
    assert!(line.starts_with("klamm: Connect runs plugins written in Java"), "{line}");
}

#[test]
fn tools_answer_to_the_names_of_their_links() {
    let dir = TempDir::new().expect("a folder");
    for name in ["kafka-storage", "kafka-storage.sh"] {
        let link = dir.path().join(name);
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_klamm"), &link).expect("a link");
        let output = Command::new(&link).arg("random-uuid").output().expect("the program runs");
        let id = String::from_utf8(output.stdout).expect("text");
        assert!(output.status.success() && id.trim_end().len() == 22, "{name}: {id}");
    }
    assert!(run(&["kafka-storage", "random-uuid"]).status.success());
    assert!(!run(&["kafka-mirror-maker"]).status.success());
}

#[test]
fn dev_says_where_it_is_and_answers() {
    let dir = TempDir::new().expect("a folder");
    let mut node = Node::dev(dir.path());
    node.line_with(dir.path().to_str().expect("a name of characters"));
    node.line_with("stop       Ctrl-C");
    assert!(node.connect().api_versions().expect("an answer") > 5);
}

#[test]
fn dev_uses_the_data_folder_of_the_user() {
    let home = TempDir::new().expect("a folder");
    let node = Node::start(klamm().args(["dev", "--port", "0"]).env("HOME", home.path()));
    assert!(node.connect().api_versions().is_some());
    assert!(home.path().join(".local/share/klamm/meta.properties").is_file());
    let line = refusal(&["dev", "--port", "0"]);
    assert!(line.contains("--dir DIR"), "neither HOME nor XDG_DATA_HOME: {line}");
}

#[test]
fn ephemeral_leaves_nothing() {
    let temporary = TempDir::new().expect("a folder");
    let node = Node::start(klamm().args(["dev", "--port=0", "--ephemeral"]).env("TMPDIR", temporary.path()));
    assert!(node.connect().api_versions().is_some());
    let entries = || std::fs::read_dir(temporary.path()).expect("readable").count();
    assert_eq!(entries(), 1);
    node.signal("TERM");
    assert!(node.wait().0.success());
    assert_eq!(entries(), 0);
}

/// What scripts and test frameworks wait for, in Kafka's shape.
#[test]
fn the_lines_that_are_waited_for_come() {
    let dir = TempDir::new().expect("a folder");
    let output = Node::dev(dir.path()).stop_and_read();
    let line =
        |text: &str| output.iter().find(|line| line.contains(text)).unwrap_or_else(|| panic!("no {text}"));
    line("Transitioning from RECOVERY to RUNNING");
    line("[KafkaRaftServer nodeId=1] Kafka Server started");
    let stamp = line("Kafka Server started").as_bytes();
    assert!(
        stamp[0] == b'[' && stamp[5] == b'-' && stamp[11] == b' ' && stamp[20] == b',' && stamp[24] == b']'
    );
    assert!(line("Kafka Server started").ends_with("(kafka.server.KafkaRaftServer)"));
}
