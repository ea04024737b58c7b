//! What the runs in `tests/it` do not reach.

use super::*;

const OPTIONS: &[Opt] =
    &[Opt::new("name", 'n', Takes::Values, ""), Opt::new("quiet", 'q', Takes::Nothing, "")];
const PARSER: Parser = Parser { prog: "tool", description: "", options: OPTIONS, subcommands: &[] };

fn parse(line: &str) -> Result<Parsed, UsageFault> {
    let args: Vec<String> = line.split_whitespace().map(str::to_string).collect();
    PARSER.parse(&args)
}

#[test]
fn values_are_found_in_every_form() {
    for line in ["--name x", "--name=x", "-n x", "-nx", "-n=x", "-qnx", "-qn x", "--na x", "-n y --name x"] {
        let Ok(Parsed::Matches(matches)) = parse(line) else { panic!("{line}") };
        assert_eq!(matches.value("name"), Some("x"), "{line}");
        assert_eq!(matches.is_given("quiet"), line.contains('q'), "{line}");
    }
    let Ok(Parsed::Matches(matches)) = parse("-n y --name x") else { panic!("two values") };
    assert_eq!(matches.values("name"), ["y", "x"]);
}

#[test]
fn help_wins_where_it_stands() {
    for line in ["-h", "--help", "--he", "-qh", "-h --unknown"] {
        assert_eq!(parse(line), Ok(Parsed::Help), "{line}");
    }
    assert!(parse("--unknown -h").is_err());
}

#[test]
fn files_of_arguments_are_put_in_place() {
    let args = ["a".to_string(), "@f".to_string(), "b".to_string()];
    let read = |path: &str| (path == "f").then(|| "x y\nz\n".to_string());
    assert_eq!(expand_files(&args, read), Ok(["a", "x y", "z", "b"].map(str::to_string).to_vec()));
    let fault = expand_files(&args, |_| None).expect_err("no such file");
    assert_eq!(fault.to_string(), "Could not read arguments from file 'f'");
}

#[test]
fn help_texts_are_wrapped_into_their_column() {
    const LONG: Parser = Parser {
        prog: "tool",
        description: "Does it.",
        options: &[Opt::new(
            "a-rather-long-option",
            'a',
            Takes::Value,
            "One two three four five six seven eight nine ten eleven twelve thirteen.",
        )
        .required()],
        subcommands: &[],
    };
    let expected = "\
usage: tool [-h] --a-rather-long-option A_RATHER_LONG_OPTION

Does it.

optional arguments:
  -h, --help             show this help message and exit
  --a-rather-long-option A_RATHER_LONG_OPTION, -a A_RATHER_LONG_OPTION
                         One two three four five six seven eight nine ten
                         eleven twelve thirteen.
";
    assert_eq!(LONG.help(), expected);
}

#[test]
fn one_of_a_group_may_have_to_be_given() {
    const SERVERS: Parser = Parser {
        prog: "tool",
        description: "",
        options: &[
            Opt::new("id", 'i', Takes::Integer, "").required(),
            Opt::long_only("config", Takes::Value, ""),
            Opt::new("server", 's', Takes::Value, "").required().exclusive(1),
            Opt::new("controller", 'c', Takes::Value, "").required().exclusive(1),
        ],
        subcommands: &[],
    };
    let parse = |line: &str| {
        let args: Vec<String> = line.split_whitespace().map(str::to_string).collect();
        SERVERS.parse(&args).map_err(|fault| fault.to_string())
    };
    assert!(parse("-i 1 -s a").is_ok() && parse("--config x -c a -i -1").is_err());
    let said = |line: &str| parse(line).expect_err("a fault");
    assert_eq!(said(""), "argument --id/-i is required");
    assert_eq!(said("-i 1"), "one of the arguments --server/-s --controller/-c is required");
    assert_eq!(said("-i x"), "argument --id/-i: could not convert 'x' to Integer (For input string: \"x\")");
    assert_eq!(said("-i 1 -c a -s b"), "argument --server/-s: not allowed with argument --controller/-c");
    let usage = "usage: tool [-h] --id ID [--config CONFIG] (--server SERVER |\n            --controller CONTROLLER)\n";
    assert_eq!(SERVERS.usage(), usage);
}
