//! Command lines that nobody has to be asked about: what `kafka-topics` and `kafka-configs` say of them, as Kafka 4.4
//! does. The first line of standard error is compared, and whether the usage stands below it.

use klamm_base::rng::SeededRng;
use klamm_log::disk::real::RealDisk;
use klamm_tools::World;

type Command = fn(&[String], &mut World<'_>) -> std::io::Result<u8>;

/// Exit code, standard output, first line of standard error, whether a usage follows.
fn run(command: Command, line: &str) -> (u8, String, String, bool) {
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    let (mut out, mut err, mut rng) = (Vec::new(), Vec::new(), SeededRng::new(7));
    let mut world = World::new(&mut out, &mut err, RealDisk::shared(), &mut rng, 0);
    let code = command(&words, &mut world).expect("printing into memory");
    let (out, err) = (String::from_utf8(out).expect("text"), String::from_utf8(err).expect("text"));
    let first = err.lines().next().unwrap_or_default().to_owned();
    (code, out, first, err.contains("\n------ "))
}

/// A usage is looked for where the message ends in `+`.
fn check(command: Command, cases: &[(&str, &str)]) {
    for (line, said) in cases {
        let (code, out, first, has_usage) = run(command, line);
        let (said, wants_usage) = said.strip_suffix('+').map_or((*said, false), |said| (said, true));
        assert_eq!((code, out.as_str(), first.as_str(), has_usage), (1, "", said, wants_usage), "{line}");
    }
}

#[test]
fn topics() {
    let cases = [
        ("", "Create, delete, describe, or change a topic.+"),
        ("--help", "This tool helps to create, delete, describe, or change a topic.+"),
        ("--no-such-flag", "no-such-flag is not a recognized option"),
        ("--boot x", "boot is not a recognized option"),
        ("--bootstrap-server", "Option bootstrap-server requires an argument"),
        ("--list", "--bootstrap-server must be specified"),
        (
            "--bootstrap-server b:1",
            "Command must include exactly one action: --list, --describe, --create, --alter or --delete+",
        ),
        (
            "--bootstrap-server b:1 --create --list --topic x",
            "Command must include exactly one action: --list, --describe, --create, --alter or --delete+",
        ),
        ("--bootstrap-server b:1 --create", "Missing required argument \"[topic]\"+"),
        ("--bootstrap-server b:1 --delete", "Missing required argument \"[topic]\"+"),
        ("--bootstrap-server b:1 --alter --topic t", "Missing required argument \"[partitions]\"+"),
        (
            "--bootstrap-server b:1 --describe --if-exists",
            "--topic or --topic-id is required to describe a topic+",
        ),
        (
            "--bootstrap-server b:1 --alter --topic t --partitions 5 --config a=b",
            "Option combination \"[[config], [bootstrap-server]]\" can't be used with option \"[alter]\" (To alter topic \
             configurations, the kafka-configs tool can be used.)+",
        ),
        (
            "--bootstrap-server b:1 --list --partitions 3",
            "Option \"[partitions]\" can't be used with option \"[list]\"+",
        ),
        (
            "--bootstrap-server b:1 --create --topic t --replica-assignment 1 --partitions 1",
            "Option \"[replica-assignment]\" can't be used with option \"[partitions]\"+",
        ),
        (
            "--bootstrap-server b:1 --create --topic t --exclude-internal",
            "Option \"[exclude-internal]\" can't be used with option \"[create]\"+",
        ),
        ("--bootstrap-server b:1 --list --command-config /no/such/file", "/no/such/file"),
        (
            "--bootstrap-server b:1 --bootstrap-server c:1 --list",
            "Found multiple arguments for option bootstrap-server, but you asked for only one",
        ),
    ];
    check(klamm_tools::topics::run, &cases);
}

#[test]
fn topics_may_be_refused_before_they_are_asked_for() {
    let cases = [
        ("--partitions 0", "The partitions must be greater than 0"),
        ("--partitions many", "Cannot parse argument 'many' of option partitions"),
        ("--replication-factor 0", "The replication factor must be between 1 and 32767 inclusive"),
        ("--config foo=bar", "Unknown topic config name: foo"),
        (
            "--config retention.ms=abc",
            "Invalid value abc for configuration retention.ms: Not a number of type LONG",
        ),
        ("--replica-assignment 1:1", "Partition replica lists may not contain duplicate entries: 1"),
    ];
    for (flags, said) in cases {
        let line = format!("--bootstrap-server 127.0.0.1:1 --create --topic t {flags}");
        let (code, out, first, _) = run(klamm_tools::topics::run, &line);
        assert_eq!((code, out), (1, format!("Error while executing topic command : {said}\n")), "{flags}");
        assert!(first.starts_with('[') && first.contains("] ERROR ") && first.ends_with(said), "{first}");
    }
}

#[test]
fn configs() {
    let at = "--bootstrap-server b:1";
    let cases = [
        (
            String::new(),
            "This tool helps to manipulate and describe entity config for a topic, client, user, broker, ip, \
             client-metrics or group+",
        ),
        ("--nope".to_owned(), "nope is not a recognized option"),
        (at.to_owned(), "Command must include exactly one action: --describe, --alter+"),
        (
            format!("{at} --describe --topic t --add-config a=b"),
            "Option \"[describe]\" can't be used with option \"[add-config]\"+",
        ),
        (
            "--describe --topic t".to_owned(),
            "Either --bootstrap-server or --bootstrap-controller must be specified.",
        ),
        (
            format!("{at} --bootstrap-controller c:1 --describe --topic t"),
            "Only one of --bootstrap-server or --bootstrap-controller can be specified",
        ),
        (format!("{at} --describe"), "At least one entity type must be specified"),
        (
            format!("{at} --describe --entity-type cats"),
            "Invalid entity type cats, the entity type must be one of broker-loggers, topics, clients, users, brokers, \
             ips, client-metrics, groups with a --bootstrap-server or --bootstrap-controller argument",
        ),
        (
            format!("{at} --describe --entity-type topics --topic t"),
            "Duplicate entity type(s) specified: topics",
        ),
        (
            format!("{at} --describe --entity-type topics --broker 1"),
            "Only 'users' and 'clients' entity types may be specified together",
        ),
        (
            format!("{at} --describe --entity-name t --topic t"),
            "--entity-{type,name,default} should not be used in conjunction with specific entity flags",
        ),
        (
            format!("{at} --describe --entity-type topics --entity-default"),
            "--entity-default must not be specified with --describe of topics",
        ),
        (
            format!("{at} --describe --entity-type broker-loggers"),
            "An entity name must be specified with --describe of broker-loggers",
        ),
        (
            format!("{at} --describe --broker one"),
            "The entity name for brokers must be a valid integer broker id, but it is: one",
        ),
        (
            format!("{at} --alter --entity-type topics --add-config a=b"),
            "An entity name must be specified with --alter of topics",
        ),
        (
            format!("{at} --alter --entity-type users --add-config a=b"),
            "An entity-name or default entity must be specified with --alter of users, clients, brokers or ips",
        ),
        (
            format!("{at} --alter --topic t"),
            "At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter",
        ),
        (
            format!("{at} --alter --topic t --add-config a=b --add-config-file f"),
            "Only one of --add-config or --add-config-file must be specified",
        ),
        (
            format!("{at} --alter --user u --entity-type clients --add-config a=b"),
            "--entity-{type,name,default} should not be used in conjunction with specific entity flags",
        ),
        (
            format!("{at} --describe --topic t --command-config /no/such/file"),
            "Error while executing config command with args '--bootstrap-server b:1 --describe --topic t \
             --command-config /no/such/file'",
        ),
        (
            "--bootstrap-server 127.0.0.1:1 --alter --topic t --add-config a=b,c".to_owned(),
            "Invalid entity config: all configs to be added must be in the format \"key=val\" or  \"key=[val1,val2]\" to \
             group values which contain commas.",
        ),
        (
            "--bootstrap-server 127.0.0.1:1 --alter --topic t --add-config a@b=c".to_owned(),
            "Invalid character found for config key: a@b",
        ),
        (
            "--bootstrap-server 127.0.0.1:1 --alter --user u --add-config foo=1".to_owned(),
            "Only quota and SCRAM credential configs can be added for 'users' using --bootstrap-server. Unexpected config \
             names: foo",
        ),
        (
            "--bootstrap-server 127.0.0.1:1 --alter --client c --add-config SCRAM-SHA-256=[password=x]".to_owned(),
            "Only quota configs can be added for 'clients' using --bootstrap-server. Unexpected config names: \
             SCRAM-SHA-256",
        ),
        (
            "--bootstrap-server 127.0.0.1:1 --alter --user-defaults --add-config SCRAM-SHA-256=[password=x]".to_owned(),
            "The use of --entity-default or --user-defaults is not allowed with User SCRAM Credentials using \
             --bootstrap-server.",
        ),
        (
            "--bootstrap-server 127.0.0.1:1 --alter --user u --add-config SCRAM-SHA-256=[iterations=1,password=x]"
                .to_owned(),
            "Iterations 1 is less than the minimum 4096 required for SCRAM-SHA-256",
        ),
    ];
    let cases: Vec<(&str, &str)> = cases.iter().map(|(line, said)| (line.as_str(), *said)).collect();
    check(klamm_tools::configs::run, &cases);
}

#[test]
fn versions() {
    for command in [klamm_tools::topics::run as Command, klamm_tools::configs::run] {
        let (code, out, first, _) = run(command, "--version");
        assert_eq!((code, out.as_str(), first.as_str()), (0, "4.4.0\n", ""));
    }
}
