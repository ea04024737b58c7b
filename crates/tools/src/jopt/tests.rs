//! Against what joptsimple 5.0.4 gave for the same options and words.

use super::*;

const TOPIC: Opt = Opt::new(
    "topic",
    "The topic (default: none), e.g. a-b or name=value,other=2; see --config and [$5.25] or -12.5 of them, 1,000 and \
     v1.5 \"quoted\" words.\nA line of its own:\n\tindented",
)
.takes("topic");
const COUNT: Opt = Opt::new("count", "How many.").may_take("").of(Kind::Integer).or("5");
const ASSIGNMENT: Opt = Opt::new("replica-assignment", "Where replicas go")
    .takes("broker_id_for_part1_replica1 : broker_id_for_part1_replica2 , broker_id_for_part2_replica1");
const LONG: Opt =
    Opt::new("a-name-that-is-far-too-long-for-its-column-and-more", "x").takes("").of(Kind::Long);
const OTEXT: Opt = Opt::new("otext", "").may_take("");
const OPT: Opt = Opt::new("opt", "").may_take("").of(Kind::Integer);
const LIST: Opt = Opt::new("list", "").takes("").separated_by(',');
const FLAG: Opt = Opt::new("flag", "");
const MUST: Opt = Opt::new("must", "It must be there, whatever-happens/to it.").takes("it").required();

#[test]
fn the_usage_is_wrapped_as_kafkas() {
    const TABLE: Parser = Parser::new(&[TOPIC, COUNT, ASSIGNMENT, LONG]);
    let expected = "\
Option                                  Description                           |
------                                  -----------                           |
--a-name-that-is-far-too-long-for-its-  x                                     |
  column-and-more <Long>                                                      |
--count [Integer]                       How many. (default: 5)                |
--help                                  Say how the command is used.          |
--replica-assignment <String:           Where replicas go                     |
  broker_id_for_part1_replica1 :                                              |
  broker_id_for_part1_replica2 ,                                              |
  broker_id_for_part2_replica1>                                               |
--topic <String: topic>                 The topic (default: none), e.g. a-b or|
                                          name=value,other=2; see --config and|
                                          [$5.25] or -12.5 of them, 1,000 and |
                                          v1.5 \"quoted\" words.                |
                                        A line of its own:                    |
                                        \tindented                             |
--version                               Print the version of Kafka.           |
";
    assert_eq!(TABLE.usage(), expected.replace('|', ""));
    const REQUIRED: Parser = Parser::new(&[MUST]);
    let expected = "\
Option (* = required)  Description                              |
---------------------  -----------                              |
--help                 Say how the command is used.             |
* --must <String: it>  It must be there, whatever-happens/to it.|
--version              Print the version of Kafka.              |
";
    assert_eq!(REQUIRED.usage(), expected.replace('|', ""));
}

#[test]
fn words_are_read_as_joptsimple_reads_them() {
    const PARSER: Parser = Parser::new(&[TOPIC, FLAG, OPT, OTEXT, LIST]);
    let cases = [
        ("--topic -x", "topic=[-x] rest=[]"),
        ("-topic=a=b x -", "topic=[a=b] rest=[x, -]"),
        ("--topic=", "topic=[] rest=[]"),
        ("--flag=1 y", "flag=[] rest=[y]"),
        ("--opt -5 --otext -5", "5 is not a recognized option"),
        ("--opt -5", "opt=[-5] rest=[]"),
        ("--opt x", "opt=[] rest=[x]"),
        ("--otext x --otext", "otext=[x] rest=[]"),
        ("--otext= z", "otext=[] rest=[z]"),
        ("--list ,a,,b, --list c", "list=[a, b, c] rest=[]"),
        ("--list ,", "list=[,] rest=[]"),
        ("-- --topic x", "rest=[--topic, x]"),
        ("--nope=1", "nope is not a recognized option"),
        ("-xyz", "x is not a recognized option"),
        ("-topik", "t is not a recognized option"),
        ("---topic x", "-topic is not a recognized option"),
        ("--topic", "Option topic requires an argument"),
        ("--top x", "top is not a recognized option"),
    ];
    for (line, expected) in cases {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let read = match PARSER.parse(&words) {
            Ok(options) => shown(&options),
            Err(fault) => fault.to_string(),
        };
        assert_eq!(read, expected, "{line}");
    }
}

fn shown(options: &Options) -> String {
    let given = [TOPIC, FLAG, OPT, OTEXT, LIST].into_iter().filter(|option| options.has(option));
    let given = given.map(|option| format!("{}=[{}] ", option.name, options.values(&option).join(", ")));
    format!("{}rest=[{}]", given.collect::<String>(), options.non_options().join(", "))
}

fn parsed(parser: &Parser, line: &str) -> Result<Options, JoptFault> {
    parser.parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
}

#[test]
fn values_are_looked_at_when_they_are_asked_for() {
    const PARSER: Parser = Parser::new(&[TOPIC, COUNT]);
    let options = parsed(&PARSER, "--topic a --topic b --count=x").expect("nothing was asked yet");
    assert_eq!(options.values(&TOPIC), ["a", "b"]);
    assert_eq!(options.value(&TOPIC), Err(JoptFault::Multiple("topic")));
    let unreadable = options.number::<i32>(&COUNT).expect_err("no number");
    assert_eq!(unreadable.to_string(), "Cannot parse argument 'x' of option count");
    let options = parsed(&PARSER, "--count").expect("the value may be missing");
    assert_eq!((options.has(&COUNT), options.has_value(&COUNT)), (true, false));
    assert_eq!(options.number(&COUNT), Ok(Some(5)));
    assert_eq!(parsed(&PARSER, "").expect("nothing").number::<i32>(&TOPIC), Ok(None));
}

#[test]
fn what_must_be_there_is_asked_for_unless_help_is() {
    const STATE: Opt = Opt::new("state", "").may_take("").only_with(&["flag", "list"]);
    const PARSER: Parser = Parser::new(&[MUST, STATE, FLAG, LIST]);
    let fault = parsed(&PARSER, "--flag").expect_err("no must");
    assert_eq!(fault.to_string(), "Missing required option(s) [must]");
    let fault = parsed(&PARSER, "--must 1 --state").expect_err("state alone");
    assert_eq!(
        fault.to_string(),
        "Option(s) [state] are unavailable given other options on the command line"
    );
    assert!(parsed(&PARSER, "--must 1 --state x --list y").is_ok());
    assert!(parsed(&PARSER, "--help --state").is_ok());
}
