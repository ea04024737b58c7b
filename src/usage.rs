//! What `klamm --help` says.

/// The whole text, with its last newline.
pub fn text() -> String {
    format!(
        "\
klamm {version}: Apache Kafka in one binary

  klamm                            the same as: klamm dev
  klamm dev [OPTIONS]              one node for development, on localhost, formatted by itself
  klamm serve [FILE] [OPTIONS]     a node as a server.properties of Kafka and KAFKA_* variables describe it
  klamm kafka-... [ARGUMENTS]      one of Kafka's tools: {tools},
                                   kafka-server-start; also by links of these names, with .sh or without
  klamm kafka-run-class CLASS ...  the same by the name of a Java class
  klamm install-links DIR          such links in DIR/bin, and properties files in DIR/config
  klamm --version

dev
  --dir DIR                        keep the data here (default: klamm in your data folder)
  --port PORT                      for clients (default: 9092)
  --ephemeral                      keep nothing: the data goes when the node stops
  --override NAME=VALUE            any setting of server.properties; may be repeated

serve
  --override NAME=VALUE            as if it stood in the file; may be repeated
  KAFKA_LOG_DIRS=DIR ...           the same by variables, as Kafka's container image reads them
  CLUSTER_ID=ID                    formats the log directories before the first start; without FILE there is
                                   a default, and without any setting a node for trying things out

A node is stopped by Ctrl-C or SIGTERM; a second one ends it at once.
",
        version = env!("CARGO_PKG_VERSION"),
        tools = klamm_tools::names().collect::<Vec<_>>().join(", "),
    )
}
