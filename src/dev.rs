//! `klamm dev`: one combined node on localhost that needs no file and no format step.

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use klamm_server::listener::bind;
use klamm_server::{Clock, OsRng, RealDisk, Rng, ServerFault, Settings, logging};
use klamm_tools::World;
use klamm_tools::storage::fresh::format_fresh;

use crate::arguments::DevArguments;
use crate::banner::Banner;
use crate::fault::{DoorFault, StartedAs};

/// Attempts to find a port for the controller that stays free until it is bound.
const CONTROLLER_PORT_TRIES: usize = 5;

/// Serves until it is told to stop.
pub fn run(arguments: &DevArguments) -> Result<(), DoorFault> {
    // Banner or log: on a terminal the one must not drown in the other.
    let on_terminal = std::io::stdout().is_terminal();
    let level = if on_terminal { logging::Level::WARN } else { logging::Level::INFO };
    logging::init(logging::Levels::all(level));
    if !arguments.ephemeral {
        let dir = match &arguments.dir {
            Some(dir) => dir.clone(),
            None => data_folder(|name| std::env::var_os(name))?,
        };
        return serve(arguments, &dir);
    }
    let dir = ephemeral_folder()?;
    let done = serve(arguments, &dir);
    let removed = std::fs::remove_dir_all(&dir);
    done?;
    removed.map_err(|source| DoorFault::File { file: dir, source })
}

/// `klamm` in the user's data folder, by the XDG rules: relative paths count as not set.
fn data_folder(variable: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf, DoorFault> {
    let absolute = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_DATA_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/share")))
        .map(|data| data.join("klamm"))
        .ok_or(DoorFault::NoDataFolder)
}

/// A new folder of our own among the temporary ones.
fn ephemeral_folder() -> Result<PathBuf, DoorFault> {
    let dir = std::env::temp_dir().join(format!("klamm-{:016x}", OsRng.next_u64()));
    match std::fs::create_dir(&dir) {
        Ok(()) => Ok(dir),
        Err(source) => Err(DoorFault::File { file: dir, source }),
    }
}

fn serve(arguments: &DevArguments, dir: &Path) -> Result<(), DoorFault> {
    let mut tries = 0;
    loop {
        tries += 1;
        let settings = settings(arguments, dir)?;
        format(&settings)?;
        let faulted = settings.clone();
        match klamm_server::serve(settings, |settings| show(settings, arguments.ephemeral)) {
            Ok(_) => return Ok(()),
            // Somebody else took the free port that was found for the controller.
            Err(ServerFault::Listener { name, .. })
                if name == "CONTROLLER" && tries < CONTROLLER_PORT_TRIES => {}
            Err(fault) => {
                let settings = Box::new(faulted);
                return Err(DoorFault::Server {
                    fault: Box::new(fault),
                    started_as: StartedAs::Dev,
                    settings,
                });
            }
        }
    }
}

/// Formats the folder when it is new.
fn format(settings: &Settings) -> Result<(), DoorFault> {
    let now_ms = Clock::start().now().wall_ms;
    let (out, err) = (&mut std::io::sink(), &mut std::io::sink());
    let mut rng = OsRng;
    let mut world = World::new(out, err, RealDisk::shared(), &mut rng, now_ms);
    format_fresh(settings, &mut world)
        .map(|_| ())
        .map_err(|fault| DoorFault::Format { fault: Box::new(fault) })
}

fn settings(arguments: &DevArguments, dir: &Path) -> Result<Settings, DoorFault> {
    let controller_port = bind("localhost", 0).map_err(DoorFault::NoFreePort)?.port;
    let mut settings = Settings::dev(dir, arguments.port, controller_port, &arguments.overrides)
        .map_err(|fault| DoorFault::DevSetting { fault: Box::new(fault) })?;
    // Of settings that change nothing yet, a user hears about his own.
    let given = |name: &String| arguments.overrides.iter().any(|(given, _)| given == name);
    settings.without_effect.retain(given);
    Ok(settings)
}

fn show(settings: &Settings, ephemeral: bool) {
    // What reads JSON has no eye for a banner.
    if let Some(endpoint) = settings.listeners.advertised.first().filter(|_| !logging::is_json()) {
        let program = program();
        let banner = Banner {
            program: &program,
            host: &endpoint.host,
            port: endpoint.port,
            dirs: &settings.log.dirs,
            ephemeral,
        };
        // Nobody looks when it cannot be written.
        let _ = std::io::stdout().write_all(banner.text().as_bytes());
    }
}

/// How this program was called: by its path, where it is not on the search path.
fn program() -> String {
    let called = std::env::args_os().next().unwrap_or_default();
    let is_path = called.as_encoded_bytes().contains(&b'/');
    if is_path { called.to_string_lossy().into_owned() } else { "klamm".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(variables: &[(&str, &str)]) -> Option<PathBuf> {
        let find = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| value.into());
        data_folder(find).ok()
    }

    #[test]
    fn the_data_folder_follows_the_users_wishes() {
        let home = ("HOME", "/home/me");
        assert_eq!(folder(&[home]), Some("/home/me/.local/share/klamm".into()));
        assert_eq!(folder(&[home, ("XDG_DATA_HOME", "/data")]), Some("/data/klamm".into()));
        assert_eq!(folder(&[home, ("XDG_DATA_HOME", "data")]), Some("/home/me/.local/share/klamm".into()));
        assert_eq!(folder(&[("HOME", "")]), None);
        assert_eq!(folder(&[]), None);
    }
}
