//! What coordinators of transactions answer.

pub mod init_producer_id;
