//! The command line of `klamm` itself. The tools read their own.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use klamm_server::nearest;

use crate::names::{self, RUN_CLASS, SERVER_START};
use crate::usage::Topic;

/// Our own commands: for the one that may have been meant.
const OWN_COMMANDS: [&str; 3] = ["dev", "serve", "install-links"];
const DEV_OPTIONS: [&str; 4] = ["--dir", "--port", "--ephemeral", "--override"];

/// Settings that say where data lies.
const FOLDERS: [&str; 3] = ["log.dir", "log.dirs", "metadata.log.dir"];

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    Dev(DevArguments),
    Serve(ServeArguments),
    /// `kafka-server-start`
    Start(StartArguments),
    InstallLinks {
        dir: PathBuf,
    },
    /// `kafka-run-class` without a class; how it was called.
    RunClassUsage(OsString),
    /// One of Kafka's tools, called by its own name or as `klamm kafka-...`.
    Tool {
        name: String,
        arguments: Vec<OsString>,
    },
    Help(Topic),
    Version,
}

/// `klamm dev`
#[derive(Debug, PartialEq, Eq)]
pub struct DevArguments {
    pub dir: Option<PathBuf>,
    /// 0 = any free one.
    pub port: u16,
    pub ephemeral: bool,
    pub overrides: Vec<(String, String)>,
}

impl Default for DevArguments {
    fn default() -> Self {
        DevArguments { dir: None, port: 9092, ephemeral: false, overrides: Vec::new() }
    }
}

/// `klamm serve`, and what `kafka-server-start` comes to.
#[derive(Debug, PartialEq, Eq)]
pub struct ServeArguments {
    pub file: Option<PathBuf>,
    pub overrides: Vec<(String, String)>,
    /// Whether `KAFKA_*` variables count, as in Kafka's image; Kafka's script knows nothing of them.
    pub variables: bool,
}

/// What `kafka-server-start` was given.
#[derive(Debug, PartialEq, Eq)]
pub struct StartArguments {
    /// As it was called.
    pub program: OsString,
    pub daemon: bool,
    pub words: Vec<OsString>,
}

/// A command line that says nothing we can do.
#[derive(Debug, PartialEq, Eq)]
pub enum UsageFault {
    UnknownCommand {
        word: String,
        meant: Option<String>,
    },
    UnknownOption {
        command: &'static str,
        option: String,
        meant: Option<&'static str>,
    },
    MissingValue(&'static str),
    BadPort(String),
    /// Not `name=value`.
    BadOverride(String),
    DirAndEphemeral,
    /// The same by a setting.
    LogDirsAndEphemeral,
    SecondFile {
        command: &'static str,
        file: String,
    },
    MissingDir,
    SecondDir(String),
    /// A Java class that none of the tools is.
    UnknownClass(String),
}

impl fmt::Display for UsageFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UsageFault::UnknownCommand { word, meant } => {
                write!(f, "no command {word}")?;
                suggest(f, meant.as_deref().map(|meant| format!("klamm {meant}")))?;
            }
            UsageFault::UnknownOption { command, option, meant } => {
                write!(f, "{command} has no option {option}")?;
                suggest(f, meant.as_deref())?;
            }
            UsageFault::MissingValue(option) => write!(f, "{option} needs a value")?,
            UsageFault::BadPort(text) => write!(f, "--port {text} is not a number from 0 to 65535")?,
            UsageFault::BadOverride(text) => write!(f, "--override {text} is not name=value")?,
            UsageFault::DirAndEphemeral => {
                write!(f, "--ephemeral keeps no data, so it cannot go with --dir")?
            }
            UsageFault::LogDirsAndEphemeral => {
                write!(f, "--ephemeral keeps no data, so it cannot go with --override log.dirs")?
            }
            UsageFault::SecondFile { command, file } => {
                write!(f, "{command} takes one properties file, {file} is one more")?
            }
            UsageFault::MissingDir => write!(f, "install-links needs a folder")?,
            UsageFault::SecondDir(dir) => write!(f, "install-links takes one folder, {dir} is one more")?,
            UsageFault::UnknownClass(class) => write!(f, "no program stands for the Java class {class}")?,
        }
        write!(f, " (see klamm --help)")
    }
}

fn suggest(f: &mut fmt::Formatter<'_>, meant: Option<impl fmt::Display>) -> fmt::Result {
    meant.map_or(Ok(()), |meant| write!(f, "; is {meant} meant?"))
}

/// Reads the whole command line, the program's name first.
pub fn parse(arguments: &[OsString]) -> Result<Command, UsageFault> {
    let Some((program, rest)) = arguments.split_first() else {
        return Ok(Command::Dev(DevArguments::default()));
    };
    if let Some(name) = names::tool(program) {
        return tool(name, program.clone(), rest);
    }
    let Some((first, rest)) = rest.split_first() else { return Ok(Command::Dev(DevArguments::default())) };
    if let Some(name) = names::tool(first) {
        let mut called = program.clone();
        called.push(" ");
        called.push(first);
        return tool(name, called, rest);
    }
    match first.to_string_lossy().as_ref() {
        "dev" => dev(Words::new(rest)),
        "serve" => serve(Words::new(rest)),
        "install-links" => install_links(rest),
        "help" | "--help" | "-h" => help(rest),
        "version" | "--version" | "-V" => Ok(Command::Version),
        word => Err(unknown_command(word)),
    }
}

/// `klamm help [COMMAND]`
fn help(words: &[OsString]) -> Result<Command, UsageFault> {
    let Some(word) = words.first() else { return Ok(Command::Help(Topic::Everything)) };
    if let Some(name) = names::tool(word) {
        return tool(name, word.clone(), &["--help".into()]);
    }
    match word.to_string_lossy().as_ref() {
        "dev" => Ok(Command::Help(Topic::Dev)),
        "serve" => Ok(Command::Help(Topic::Serve)),
        "install-links" => Ok(Command::Help(Topic::InstallLinks)),
        word => Err(unknown_command(word)),
    }
}

fn unknown_command(word: &str) -> UsageFault {
    let tool = klamm_tools::names().find(|name| name.strip_prefix("kafka-") == Some(word));
    let meant = match word {
        // Options of the command that is meant when there is none.
        _ if DEV_OPTIONS.contains(&word.split('=').next().unwrap_or(word)) => Some(format!("dev {word}")),
        "start" | "run" | "broker" => Some("dev".to_owned()),
        _ => tool.or_else(|| nearest(word, OWN_COMMANDS)).map(str::to_owned),
    };
    UsageFault::UnknownCommand { word: word.to_owned(), meant }
}

fn unknown_option(command: &'static str, option: String, options: &[&'static str]) -> UsageFault {
    let meant = nearest(&option, options.iter().copied());
    UsageFault::UnknownOption { command, option, meant }
}

/// One of Kafka's programs; those that start a broker or another program are no tools.
fn tool(name: String, program: OsString, words: &[OsString]) -> Result<Command, UsageFault> {
    match name.as_str() {
        SERVER_START => {
            let daemon = words.first().is_some_and(|word| word == "-daemon");
            let words = words[usize::from(daemon)..].to_vec();
            Ok(Command::Start(StartArguments { program, daemon, words }))
        }
        RUN_CLASS => run_class(program, words),
        _ => Ok(Command::Tool { name, arguments: words.to_vec() }),
    }
}

/// `[-daemon] [-name NAME] [-loggc] CLASS ARGUMENTS`
fn run_class(program: OsString, mut words: &[OsString]) -> Result<Command, UsageFault> {
    let mut daemon = false;
    while let Some((word, rest)) = words.split_first() {
        words = match word.to_string_lossy().as_ref() {
            "-daemon" => {
                daemon = true;
                rest
            }
            "-name" => rest.get(1..).unwrap_or_default(),
            "-loggc" => rest,
            class => match names::of_class(class) {
                Some(SERVER_START) => {
                    return Ok(Command::Start(StartArguments { program, daemon, words: rest.to_vec() }));
                }
                Some(name) => return tool(name.to_owned(), program, rest),
                None => return Err(UsageFault::UnknownClass(class.to_owned())),
            },
        };
    }
    Ok(Command::RunClassUsage(program))
}

fn install_links(words: &[OsString]) -> Result<Command, UsageFault> {
    match words {
        [] => Err(UsageFault::MissingDir),
        [help] if help == "--help" || help == "-h" => Ok(Command::Help(Topic::InstallLinks)),
        [option, ..] if option.to_string_lossy().starts_with('-') => {
            Err(unknown_option("install-links", option.to_string_lossy().into_owned(), &[]))
        }
        [dir] => Ok(Command::InstallLinks { dir: dir.into() }),
        [_, second, ..] => Err(UsageFault::SecondDir(second.to_string_lossy().into_owned())),
    }
}

fn dev(mut words: Words<'_>) -> Result<Command, UsageFault> {
    let mut dev = DevArguments::default();
    while let Some(option) = words.next_option() {
        match option.as_str() {
            "--dir" => dev.dir = Some(words.value("--dir")?.into()),
            "--port" => dev.port = port(&words.value("--port")?)?,
            "--ephemeral" => dev.ephemeral = true,
            "--override" => dev.overrides.push(pair(&words.value("--override")?)?),
            "--help" | "-h" => return Ok(Command::Help(Topic::Dev)),
            _ => return Err(unknown_option("dev", option, &DEV_OPTIONS)),
        }
    }
    if dev.ephemeral && dev.dir.is_some() {
        return Err(UsageFault::DirAndEphemeral);
    }
    if dev.ephemeral && dev.overrides.iter().any(|(name, _)| FOLDERS.contains(&name.as_str())) {
        return Err(UsageFault::LogDirsAndEphemeral);
    }
    Ok(Command::Dev(dev))
}

fn serve(mut words: Words<'_>) -> Result<Command, UsageFault> {
    const COMMAND: &str = "serve";
    let mut file = None;
    let mut overrides = Vec::new();
    while let Some(option) = words.next_option() {
        match option.as_str() {
            "--override" => overrides.push(pair(&words.value("--override")?)?),
            "--help" | "-h" => return Ok(Command::Help(Topic::Serve)),
            _ if option.starts_with('-') => return Err(unknown_option(COMMAND, option, &["--override"])),
            _ if file.is_some() => return Err(UsageFault::SecondFile { command: COMMAND, file: option }),
            _ => file = Some(words.last_word().into()),
        }
    }
    Ok(Command::Serve(ServeArguments { file, overrides, variables: true }))
}

fn port(text: &OsString) -> Result<u16, UsageFault> {
    let text = text.to_string_lossy();
    text.parse().map_err(|_| UsageFault::BadPort(text.into_owned()))
}

fn pair(text: &OsString) -> Result<(String, String), UsageFault> {
    let text = text.to_string_lossy();
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(UsageFault::BadOverride(text.into_owned())),
    }
}

/// Words one after the other; `--option=value` counts as two.
struct Words<'a> {
    rest: &'a [OsString],
    last: OsString,
    joined_value: Option<OsString>,
}

impl<'a> Words<'a> {
    fn new(rest: &'a [OsString]) -> Self {
        Words { rest, last: OsString::new(), joined_value: None }
    }

    fn next_option(&mut self) -> Option<String> {
        if let Some(value) = self.joined_value.take() {
            // A value that the option before did not take is a word of its own, and an unknown one.
            return Some(value.to_string_lossy().into_owned());
        }
        let (word, rest) = self.rest.split_first()?;
        self.rest = rest;
        self.last = word.clone();
        let text = word.to_string_lossy().into_owned();
        match text.split_once('=') {
            Some((option, value)) if option.starts_with("--") => {
                self.joined_value = Some(value.into());
                Some(option.to_owned())
            }
            _ => Some(text),
        }
    }

    /// The word that `next_option` gave, as it stands.
    fn last_word(&self) -> OsString {
        self.last.clone()
    }

    fn value(&mut self, option: &'static str) -> Result<OsString, UsageFault> {
        if let Some(value) = self.joined_value.take() {
            return Ok(value);
        }
        let (value, rest) = self.rest.split_first().ok_or(UsageFault::MissingValue(option))?;
        self.rest = rest;
        Ok(value.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, UsageFault> {
        parse(&line.split_whitespace().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn no_arguments_are_dev() {
        assert_eq!(parsed("klamm"), Ok(Command::Dev(DevArguments::default())));
        assert_eq!(parsed("/usr/bin/klamm dev"), Ok(Command::Dev(DevArguments::default())));
    }

    #[test]
    fn options_may_be_joined_with_their_values() {
        let expected = DevArguments {
            dir: Some("/data".into()),
            port: 1234,
            ephemeral: false,
            overrides: vec![("a.b".into(), "c=d".into()), ("e".into(), "".into())],
        };
        for line in [
            "klamm dev --dir /data --port 1234 --override a.b=c=d --override e=",
            "klamm dev --dir=/data --port=1234 --override=a.b=c=d --override=e=",
        ] {
            assert_eq!(parsed(line), Ok(Command::Dev(expected_clone(&expected))), "{line}");
        }
    }

    fn expected_clone(dev: &DevArguments) -> DevArguments {
        DevArguments {
            dir: dev.dir.clone(),
            port: dev.port,
            ephemeral: dev.ephemeral,
            overrides: dev.overrides.clone(),
        }
    }

    #[test]
    fn tools_are_found_by_any_of_their_names() {
        let expected =
            Command::Tool { name: "kafka-storage".into(), arguments: vec!["format".into(), "--help".into()] };
        for line in [
            "klamm kafka-storage format --help",
            "klamm kafka-storage.sh format --help",
            "/opt/kafka/bin/kafka-storage.sh format --help",
            "kafka-storage format --help",
        ] {
            assert_eq!(parsed(line).as_ref(), Ok(&expected), "{line}");
        }
    }

    #[test]
    fn what_cannot_be_done_is_said() {
        let faults = [
            ("klamm brew", "no command brew"),
            ("klamm help brew", "no command brew"),
            ("klamm server", "no command server; is klamm serve meant?"),
            ("klamm topics", "no command topics; is klamm kafka-topics meant?"),
            ("klamm --port=1", "no command --port=1; is klamm dev --port=1 meant?"),
            ("klamm start", "no command start; is klamm dev meant?"),
            ("klamm dev --prot 1", "dev has no option --prot; is --port meant?"),
            ("klamm serve --overide a=b", "serve has no option --overide; is --override meant?"),
            ("klamm dev --port 99999", "--port 99999 is not a number from 0 to 65535"),
            ("klamm dev --port", "--port needs a value"),
            ("klamm dev --override x", "--override x is not name=value"),
            ("klamm dev --ephemeral --dir /data", "--ephemeral keeps no data, so it cannot go with --dir"),
            (
                "klamm dev --ephemeral --override log.dirs=/data",
                "--ephemeral keeps no data, so it cannot go with --override log.dirs",
            ),
            ("klamm dev --ephemeral=yes", "dev has no option yes"),
            ("klamm dev here", "dev has no option here"),
            ("klamm serve a b", "serve takes one properties file, b is one more"),
            ("klamm serve a --port 1", "serve has no option --port"),
            ("klamm install-links", "install-links needs a folder"),
            ("klamm install-links a b", "install-links takes one folder, b is one more"),
            ("klamm install-links --all", "install-links has no option --all"),
            ("kafka-run-class.sh no.Such", "no program stands for the Java class no.Such"),
        ];
        for (line, text) in faults {
            let fault = parsed(line).expect_err(line);
            assert_eq!(fault.to_string(), format!("{text} (see klamm --help)"));
        }
    }

    #[test]
    fn help_is_about_what_was_asked() {
        for (line, topic) in [
            ("klamm help", Topic::Everything),
            ("klamm --help", Topic::Everything),
            ("klamm help dev", Topic::Dev),
            ("klamm dev --help", Topic::Dev),
            ("klamm serve a -h", Topic::Serve),
            ("klamm help install-links", Topic::InstallLinks),
        ] {
            assert_eq!(parsed(line), Ok(Command::Help(topic)), "{line}");
        }
        let expected = Command::Tool { name: "kafka-topics".into(), arguments: vec!["--help".into()] };
        assert_eq!(parsed("klamm help kafka-topics.sh"), Ok(expected));
    }

    fn served(line: &str) -> ServeArguments {
        match parsed(line) {
            Ok(Command::Serve(arguments)) => arguments,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn a_file_may_be_called_anything() {
        let arguments = served("klamm serve etc/a=b.properties --override x=y");
        assert_eq!(arguments.file, Some("etc/a=b.properties".into()));
        assert_eq!(arguments.overrides, [("x".to_owned(), "y".to_owned())]);
    }

    #[test]
    fn variables_count_for_serve() {
        assert_eq!(
            served("klamm serve"),
            ServeArguments { file: None, overrides: Vec::new(), variables: true }
        );
    }

    #[test]
    fn servers_are_started_by_many_names() {
        let start = |program: &str, daemon, words: &[&str]| {
            let words = words.iter().map(OsString::from).collect();
            Ok(Command::Start(StartArguments { program: program.into(), daemon, words }))
        };
        let program = "/opt/kafka/bin/kafka-server-start.sh";
        assert_eq!(parsed(program), start(program, false, &[]));
        assert_eq!(
            parsed("klamm kafka-server-start -daemon a --override b=c"),
            start("klamm kafka-server-start", true, &["a", "--override", "b=c"])
        );
        assert_eq!(
            parsed("kafka-run-class.sh -name kafkaServer -loggc -daemon kafka.Kafka a"),
            start("kafka-run-class.sh", true, &["a"])
        );
    }

    #[test]
    fn classes_stand_for_tools() {
        let expected = Command::Tool { name: "kafka-topics".into(), arguments: vec!["--list".into()] };
        assert_eq!(parsed("kafka-run-class org.apache.kafka.tools.TopicCommand --list"), Ok(expected));
        assert_eq!(parsed("kafka-run-class -loggc"), Ok(Command::RunClassUsage("kafka-run-class".into())));
        assert_eq!(parsed("kafka-run-class -name"), Ok(Command::RunClassUsage("kafka-run-class".into())));
    }
}
