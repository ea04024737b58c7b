//! Listeners: the addresses a node is reached at, each with a name and a role.

mod accept;
mod bind;
mod machine;

use std::sync::Arc;

use klamm_node::ListenerRole;

pub use accept::{Doorway, SocketBuffers, accept};
pub use bind::{BindFault, Bound, bind};
pub use machine::machine_name;

/// One listener of this node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// Upper case, e.g. `PLAINTEXT`.
    pub name: Arc<str>,
    pub role: ListenerRole,
}
