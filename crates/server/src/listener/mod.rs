//! Listeners: the addresses a node is reached at, each with a name and a role.

mod accept;
mod bind;

pub use accept::accept;
pub use bind::{BindFault, Bound, bind};

/// What a listener serves. The API table says which requests that allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListenerRole {
    Broker,
    Controller,
}

/// One listener of this node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// Upper case, e.g. `PLAINTEXT`.
    pub name: String,
    pub role: ListenerRole,
}
