//! Kafka's rules about combinations of options (Kafka: `CommandLineUtils`). All end in an [`Exit`].

use klamm_config::Properties;

use super::exit::Exit;
use super::{HELP, Opt, Options, VERSION};
use crate::exception::Exception;

use crate::java;

/// `--help`, no arguments at all, and `--version`.
///
/// # Errors
/// The end of the command.
pub fn maybe_print_help_or_version(options: &Options, message: &str) -> Result<(), Exit> {
    if options.is_empty() || options.has(&HELP) {
        return Err(Exit::usage(message));
    }
    if options.has(&VERSION) { Err(Exit::Version) } else { Ok(()) }
}

/// All of `required` are given.
///
/// # Errors
/// The end of the command.
pub fn check_required_args(options: &Options, required: &[&Opt]) -> Result<(), Exit> {
    match required.iter().find(|option| !options.has(option)) {
        Some(missing) => Err(Exit::usage(format!("Missing required argument \"{missing}\""))),
        None => Ok(()),
    }
}

/// None of `invalid` is given together with `used`.
///
/// # Errors
/// The end of the command.
pub fn check_invalid_args(options: &Options, used: &Opt, invalid: &[&Opt]) -> Result<(), Exit> {
    let clash = invalid.iter().find(|option| options.has(used) && options.has(option));
    match clash {
        Some(other) => Err(Exit::usage(format!("Option \"{used}\" can't be used with option \"{other}\""))),
        None => Ok(()),
    }
}

/// None of `invalid` is given together with all of `used`; `trailing` ends the message.
///
/// # Errors
/// The end of the command.
pub fn check_invalid_args_set(
    options: &Options,
    used: &[&Opt],
    invalid: &[&Opt],
    trailing: &str,
) -> Result<(), Exit> {
    let all_used = used.iter().all(|option| options.has(option));
    match invalid.iter().find(|option| all_used && options.has(option)) {
        Some(other) => Err(Exit::usage(format!(
            "Option combination \"{}\" can't be used with option \"{other}\"{trailing}",
            java::list(used)
        ))),
        None => Ok(()),
    }
}

/// Exactly one of `choices` is given.
///
/// # Errors
/// The end of the command.
pub fn check_one_of_args(options: &Options, choices: &[&Opt]) -> Result<(), Exit> {
    if choices.iter().filter(|option| options.has(option)).count() == 1 {
        return Ok(());
    }
    let names: Vec<String> = choices.iter().map(ToString::to_string).collect();
    let names = names.join(", ");
    Err(Exit::usage(format!("Exactly one of the following arguments is required: {names}")))
}

/// `key=value` each; the value may hold more `=`, and may be missing where `accept_missing` says so.
///
/// # Errors
/// Java's IllegalArgumentException, with Kafka's stray brace.
pub fn parse_key_value_args(values: &[&str], accept_missing: bool) -> Result<Properties, Exception> {
    let pair = |text: &&str| {
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        if value.is_empty() && !accept_missing {
            return Err(Exception::illegal_argument(format!("Missing value for key {key}}}")));
        }
        Ok((key.to_owned(), value.to_owned()))
    };
    values.iter().map(pair).collect()
}

/// Says which servers to ask, of `--bootstrap-server` and `--bootstrap-controller`, in the client's own settings.
///
/// # Errors
/// The end of the command, when it is both or neither.
pub fn bootstrap(
    options: &Options,
    server: &Opt,
    controller: &Opt,
    properties: &mut Properties,
) -> Result<(), Exit> {
    const SERVERS: &str = "bootstrap.servers";
    const CONTROLLERS: &str = "bootstrap.controllers";
    let (set, unset, value) = match (options.has(server), options.has(controller)) {
        (true, false) => (SERVERS, CONTROLLERS, options.value(server)?),
        (false, true) => (CONTROLLERS, SERVERS, options.value(controller)?),
        (true, true) => {
            return Err(Exit::usage(
                "You cannot specify both --bootstrap-controller and --bootstrap-server.",
            ));
        }
        (false, false) => {
            return Err(Exit::usage("You must specify either --bootstrap-controller or --bootstrap-server."));
        }
    };
    properties.remove(unset);
    properties.insert(set.to_owned(), value.unwrap_or_default().to_owned());
    Ok(())
}
