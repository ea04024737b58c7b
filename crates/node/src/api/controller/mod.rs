//! What the active controller decides. On a node that is not it, these requests would be forwarded.

pub mod create_topics;
pub mod delete_topics;
