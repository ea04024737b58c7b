//! The log room from outside: logs on a simulated disk, their files, their recovery.

mod appending;
mod corruption;
mod crash;
mod failing;
mod golden;
mod harness;
mod hostile;
mod indexes;
mod reading;
mod recovery;
mod rolling;
