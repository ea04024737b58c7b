//! Tests of the records room through its public functions.

mod bombs;
mod build;
mod damage;
mod golden;
mod properties;
mod support;
mod verdicts;
