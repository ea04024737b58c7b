//! The client against a broker whose answers are written down.

mod broker;
mod consuming;
mod hostile;
mod membership;
mod producing;
