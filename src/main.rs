//! The door: picks a room by the name the program was called by, or by its first argument.

mod arguments;
mod banner;
mod dev;
mod fault;
mod links;
mod names;
mod serve;
mod start;
mod usage;

use std::ffi::OsString;
use std::process::ExitCode;

use arguments::Command;
use fault::DoorFault;
use klamm_server::OsRng;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let done = match arguments::parse(&arguments) {
        Ok(Command::Tool { name, arguments }) => return run_tool(&name, &arguments),
        Ok(Command::Help(topic)) => {
            print!("{}", usage::text(topic));
            Ok(())
        }
        Ok(Command::Version) => {
            println!("klamm {}", env!("CARGO_PKG_VERSION"));
            Ok(())
        }
        Ok(Command::Dev(arguments)) => dev::run(&arguments),
        Ok(Command::Serve(arguments)) => serve::run(&arguments).map(drop),
        Ok(Command::Start(arguments)) => return start::run(&arguments),
        Ok(Command::InstallLinks { dir }) => links::install(&dir),
        Ok(Command::RunClassUsage(program)) => {
            let program = program.display();
            println!("USAGE: {program} [-daemon] [-name servicename] [-loggc] classname [opts]");
            return ExitCode::FAILURE;
        }
        Err(fault) => Err(DoorFault::Usage(fault)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("klamm: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn run_tool(name: &str, arguments: &[OsString]) -> ExitCode {
    if let Some(refusal) = names::refusal(name) {
        eprintln!("klamm: {refusal}");
        return ExitCode::FAILURE;
    }
    if !klamm_tools::is_tool(name) {
        match klamm_server::nearest(name, klamm_tools::names()) {
            Some(meant) => eprintln!("klamm: no tool {name}; is {meant} meant?"),
            None => {
                let names: Vec<_> = klamm_tools::names().collect();
                eprintln!("klamm: {name} is not there yet; the tools are {}", names.join(", "));
            }
        }
        return ExitCode::FAILURE;
    }
    let arguments: Vec<_> = arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    klamm_tools::run(name, &arguments, &mut OsRng)
}
