//! `kafka-server-start`: what Kafka's script and the program behind it do with their arguments
//! (Kafka: `kafka-server-start.sh`, `kafka.Kafka`).
//!
//! The exit code is that of a process that a signal has ended, as Java's: 143 after SIGTERM. What stops a start is the
//! last line of the log, which is standard output.

use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use klamm_server::logging::{self, Levels};
use klamm_tools::exit::KAFKA_VERSION;
use klamm_tools::jopt::{Opt, Parser};

use crate::arguments::{ServeArguments, StartArguments};
use crate::fault::DoorFault;
use crate::names::SERVER_START;
use crate::serve;

const OVERRIDE: Opt = Opt::new(
    "override",
    "A setting that counts in place of what the file says, as name=value; may be repeated.",
)
.takes("");
const PARSER: Parser = Parser::new(&[OVERRIDE]);

/// Serves until it is told to stop, or starts somebody who does.
pub fn run(arguments: &StartArguments) -> ExitCode {
    let StartArguments { program, daemon, words } = arguments;
    if *daemon {
        return match start_apart(program, words) {
            Ok(()) => ExitCode::SUCCESS,
            Err(fault) => {
                eprintln!("klamm: {fault}");
                ExitCode::FAILURE
            }
        };
    }
    if words.is_empty() {
        let program = program.display();
        println!("USAGE: {program} [-daemon] server.properties [--override property=value]*");
        return ExitCode::FAILURE;
    }
    if words.iter().any(|word| word == "--help") {
        eprintln!("USAGE: java [options] kafka.Kafka server.properties [--override property=value]*");
        eprint!("{}", PARSER.usage());
        return ExitCode::FAILURE;
    }
    if words.iter().any(|word| word == "--version") {
        println!("{KAFKA_VERSION}");
        return ExitCode::SUCCESS;
    }
    match read(words) {
        Ok(arguments) => match serve::run(&arguments) {
            Ok(stopped) => ExitCode::from(stopped.exit_code()),
            Err(fault) => fatal(&fault),
        },
        Err(said) => said,
    }
}

/// The first word is the file, whatever it looks like.
fn read(words: &[OsString]) -> Result<ServeArguments, ExitCode> {
    let file = PathBuf::from(&words[0]);
    // Looked at before the other words are.
    File::open(&file).map_err(|source| fatal(&DoorFault::File { file: file.clone(), source }))?;
    let texts: Vec<String> = words[1..].iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let options = PARSER.parse(&texts).map_err(|fault| fatal(&fault))?;
    if !options.non_options().is_empty() {
        eprintln!("Found non argument parameters: {}", options.non_options().join(","));
        eprint!("{}", PARSER.usage());
        return Err(ExitCode::FAILURE);
    }
    let pair = |text: &str| {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        (name.to_owned(), value.to_owned())
    };
    let overrides = options.values(&OVERRIDE).into_iter().map(pair).collect();
    Ok(ServeArguments { file: Some(file), overrides, variables: false })
}

fn fatal(fault: &dyn std::fmt::Display) -> ExitCode {
    // Where nothing was logged before.
    logging::init(Levels::of_variables(|_| None));
    logging::fatal("kafka.Kafka$", format_args!("Exiting Kafka due to fatal exception: {fault}"));
    ExitCode::FAILURE
}

/// Starts the same program in a group of processes of its own, which no terminal tells anything; its log goes where
/// Kafka's script puts it.
fn start_apart(program: &OsString, words: &[OsString]) -> Result<(), DoorFault> {
    let at = |file: &Path| {
        let file = file.to_owned();
        move |source| DoorFault::File { file, source }
    };
    let dir = log_dir(program);
    fs::create_dir_all(&dir).map_err(at(&dir))?;
    let file = dir.join("kafkaServer.out");
    let log = File::create(&file).map_err(at(&file))?;
    let errors = log.try_clone().map_err(at(&file))?;
    let klamm = std::env::current_exe().map_err(at(Path::new("klamm")))?;
    let mut node = Command::new(&klamm);
    node.arg0(SERVER_START).args(words).process_group(0);
    node.stdin(Stdio::null()).stdout(log).stderr(errors);
    node.spawn().map(drop).map_err(at(&klamm))
}

/// `LOG_DIR`, or `logs` beside the folder of the script; of a program without a folder in the working directory.
fn log_dir(program: &OsString) -> PathBuf {
    if let Some(dir) = std::env::var_os("LOG_DIR").filter(|dir| !dir.is_empty()) {
        return dir.into();
    }
    match Path::new(program).parent() {
        Some(bin) if bin != Path::new("") => bin.join("..").join("logs"),
        _ => "logs".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_is_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("--a=b");
        let read = |line: &str| {
            let words = line.split_whitespace().map(OsString::from);
            read(&[file.clone().into_os_string()].into_iter().chain(words).collect::<Vec<_>>())
        };
        assert!(read("").is_err(), "no file");
        fs::write(&file, "").expect("a file");
        assert!(read("c").is_err(), "one file");
        let arguments = read("--override b=c=d --override=e").expect("valid");
        assert_eq!(arguments.file.as_deref(), Some(file.as_path()));
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(arguments.overrides, [pair("b", "c=d"), pair("e", "")]);
        assert!(!arguments.variables, "Kafka's script knows none");
    }

    #[test]
    fn logs_lie_beside_the_scripts() {
        assert_eq!(
            log_dir(&"/opt/kafka/bin/kafka-server-start.sh".into()),
            Path::new("/opt/kafka/bin/../logs")
        );
        assert_eq!(log_dir(&"kafka-server-start.sh".into()), Path::new("logs"));
    }
}
