//! `klamm serve server.properties`: a node as Kafka's file describes it.

use std::path::PathBuf;

use klamm_server::{Settings, logging, parse_properties};

use crate::arguments::ServeArguments;
use crate::fault::{DoorFault, StartedAs};

/// Serves until it is told to stop.
pub fn run(arguments: &ServeArguments) -> Result<(), DoorFault> {
    let file = &arguments.file;
    let started_as = StartedAs::Serve { file: file.clone() };
    let settings = read(file, &arguments.overrides)?;
    logging::init(logging::Level::INFO);
    let faulted = settings.clone();
    klamm_server::serve(settings, |_| {}).map_err(|fault| DoorFault::Server {
        fault: Box::new(fault),
        started_as,
        settings: Box::new(faulted),
    })
}

fn read(file: &PathBuf, overrides: &[(String, String)]) -> Result<Settings, DoorFault> {
    let text = std::fs::read(file).map_err(|source| DoorFault::File { file: file.clone(), source })?;
    let properties =
        parse_properties(&text).map_err(|fault| DoorFault::Properties { file: file.clone(), fault })?;
    Settings::from_properties(&properties, overrides)
        .map_err(|fault| DoorFault::Setting { file: Some(file.clone()), fault: Box::new(fault) })
}
