//! What a connection is about before anything else.

pub mod api_versions;
