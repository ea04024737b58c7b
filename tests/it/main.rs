//! The program as its users meet it: processes, ports, signals, one-line errors.

mod clients;
mod door;
mod failing;
mod faults;
mod listeners;
mod process;
mod scripts;
mod stopping;
mod variables;
