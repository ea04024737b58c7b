//! What `klamm --help` and the helps of its own commands say.

use crate::names::SERVER_START;

/// Columns of a line at most.
const WIDTH: usize = 110;
/// Where the second column begins.
const INDENT: usize = 35;

/// What somebody wants to know about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    Everything,
    Dev,
    Serve,
    InstallLinks,
}

const DEV: &str = "\
dev
  --dir DIR                        keep the data here (default: klamm in your data folder)
  --port PORT                      for clients (default: 9092); 0 is any free one
  --ephemeral                      keep nothing: the data goes when the node stops
  --override NAME=VALUE            any setting of server.properties; may be repeated
";

const SERVE: &str = "\
serve
  --override NAME=VALUE            as if it stood in the file; may be repeated
  KAFKA_LOG_DIRS=DIR ...           the same by variables, as Kafka's container image reads them
  CLUSTER_ID=ID                    formats the log directories before the first start; without FILE there is
                                   a default, and without any setting a node for trying things out
";

const STOPPING: &str = "A node is stopped by Ctrl-C or SIGTERM; a second one ends it at once.\n";

const INSTALL_LINKS: &str = "\
klamm install-links DIR

A tree like Kafka's: DIR/bin with every tool under the name of its script (kafka-topics.sh ...), each a link to this
program; DIR/config with properties files to start from; DIR/libs, empty, for scripts that look for it.
";

/// The whole text, with its last newline.
pub fn text(topic: Topic) -> String {
    match topic {
        Topic::Everything => format!("{}\n{DEV}\n{SERVE}\n{STOPPING}", commands()),
        Topic::Dev => format!("klamm dev [OPTIONS]: one node for development\n\n{}\n{STOPPING}", below(DEV)),
        Topic::Serve => {
            format!(
                "klamm serve [FILE] [OPTIONS]: a node as a file and variables describe it\n\n{}\n{STOPPING}",
                below(SERVE)
            )
        }
        Topic::InstallLinks => INSTALL_LINKS.to_owned(),
    }
}

/// A part without its heading.
fn below(part: &str) -> &str {
    part.split_once('\n').map_or(part, |(_, lines)| lines)
}

fn commands() -> String {
    format!(
        "\
klamm {version}: Apache Kafka in one binary

  klamm                            the same as: klamm dev
  klamm dev [OPTIONS]              one node for development, on localhost, formatted by itself
  klamm serve [FILE] [OPTIONS]     a node as a server.properties of Kafka and KAFKA_* variables describe it
  klamm kafka-... [ARGUMENTS]      one of Kafka's tools, also by links of their names, with .sh or without:
{tools}
  klamm kafka-run-class CLASS ...  the same by the name of a Java class
  klamm install-links DIR          such links in DIR/bin, and properties files in DIR/config
  klamm help COMMAND               more about one of them
  klamm --version
",
        version = env!("CARGO_PKG_VERSION"),
        tools = tools(),
    )
}

/// The names of all tools, in lines of the second column.
fn tools() -> String {
    let mut lines = vec![String::new()];
    let names: Vec<&str> = klamm_tools::names().chain([SERVER_START]).collect();
    for (at, name) in names.iter().enumerate() {
        let word = if at + 1 < names.len() { format!("{name}, ") } else { (*name).to_owned() };
        match lines.last_mut() {
            Some(line) if INDENT + line.len() + word.len() <= WIDTH => line.push_str(&word),
            _ => lines.push(word),
        }
    }
    let lines: Vec<String> = lines.iter().map(|line| format!("{:INDENT$}{}", "", line.trim_end())).collect();
    lines.join("\n")
}
