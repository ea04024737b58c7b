//! Requests and the records and answers they lead to.
