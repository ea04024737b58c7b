//! `klamm install-links`, and Kafka's scripts by the names that it lays out.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::process::{Node, run};

fn text(path: &Path) -> &str {
    path.to_str().expect("a name of characters")
}

fn installed() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    let output = run(&["install-links", text(folder.path())]);
    assert!(output.status.success(), "{output:?}");
    folder
}

/// Code, standard output, standard error of `bin/NAME`.
fn script(tree: &Path, name: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output: Output =
        Command::new(tree.join("bin").join(name)).args(arguments).output().expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn scripts_have_the_names_of_kafkas() {
    let tree = installed();
    for name in ["kafka-topics.sh", "kafka-topics"] {
        let (code, out, _) = script(tree.path(), name, &["--version"]);
        assert_eq!((code, out.as_str()), (Some(0), "4.4.0\n"), "{name}");
    }
    let class = "org.apache.kafka.tools.TopicCommand";
    let (code, out, _) = script(tree.path(), "kafka-run-class.sh", &["-loggc", class, "--version"]);
    assert_eq!((code, out.as_str()), (Some(0), "4.4.0\n"));
    let (code, out, _) = script(tree.path(), "kafka-run-class.sh", &[]);
    assert!(
        code == Some(1) && out.starts_with("USAGE: ") && out.contains("bin/kafka-run-class.sh ["),
        "{out}"
    );
    let (code, _, err) = script(tree.path(), "kafka-run-class", &["org.apache.kafka.tools.JmxTool"]);
    assert_eq!(
        (code, err.as_str()),
        (Some(1), "klamm: kafka-jmx looks into Java virtual machines, and klamm is none\n")
    );
    let (code, out, err) = script(tree.path(), "kafka-topics.sh", &["--help"]);
    assert!(
        code == Some(1) && out.is_empty() && err.contains("--bootstrap-server <String: server to"),
        "{err}"
    );
}

#[test]
fn a_server_is_started_as_by_kafkas_script() {
    let tree = installed();
    let data = tree.path().join("data");
    let file = tree.path().join("config/server.properties");
    let properties = fs::read_to_string(&file).expect("laid out");
    let properties = properties.replace("/tmp/kraft-combined-logs", text(&data));
    // Any free ports; nobody else is to find this quorum.
    fs::write(&file, properties.replace(":9092", ":0").replace(":9093", ":0")).expect("a file");
    let voters = "controller.quorum.voters=1@localhost:1";
    let overrides = ["--override", "controller.quorum.bootstrap.servers=", "--override", voters];

    let id = script(tree.path(), "kafka-storage.sh", &["random-uuid"]).1;
    fs::write(&file, format!("{}{voters}\n", fs::read_to_string(&file).expect("there"))).expect("a file");
    let (code, _, err) =
        script(tree.path(), "kafka-storage.sh", &["format", "-t", id.trim_end(), "-c", text(&file)]);
    assert_eq!(code, Some(0), "{err}");
    let mut command = Command::new(tree.path().join("bin/kafka-server-start.sh"));
    let node = Node::serve(command.arg(&file).args(overrides));
    assert!(node.connect().api_versions().is_some());
    node.signal("TERM");
    assert_eq!(node.wait().0.code(), Some(143), "as Java");
}

#[test]
fn what_kafkas_script_refuses_is_refused() {
    let tree = installed();
    let start = |arguments: &[&str]| script(tree.path(), "kafka-server-start.sh", arguments);
    let (code, out, _) = start(&[]);
    assert!(
        code == Some(1) && out.ends_with("[-daemon] server.properties [--override property=value]*\n"),
        "{out}"
    );
    let (code, out, err) = start(&["no.properties", "--no-such-flag"]);
    assert_eq!((code, err.as_str()), (Some(1), ""));
    assert!(out.contains("] ERROR Exiting Kafka due to fatal exception: no.properties: "), "{out}");
    let (code, _, err) = start(&["--help"]);
    assert!(code == Some(1) && err.starts_with("USAGE: java [options] kafka.Kafka "), "{err}");
    let (code, out, _) = start(&["x", "--version"]);
    assert_eq!((code, out.as_str()), (Some(0), "4.4.0\n"));
}
