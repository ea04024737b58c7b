//! What a command may touch.

use std::io::{self, BufRead, Write};
use std::sync::Arc;

use klamm_base::rng::Rng;
use klamm_log::disk::Disk;

/// Standard streams, disk, randomness and the time of the start.
pub struct World<'a> {
    pub out: &'a mut dyn Write,
    pub err: &'a mut dyn Write,
    /// Standard input. A command that reads while it does something else takes it to a thread of its own.
    pub input: Box<dyn BufRead + Send>,
    /// Standard input and output are a person's (Java: there is a `System.console`).
    pub is_interactive: bool,
    pub disk: Arc<dyn Disk>,
    pub rng: &'a mut dyn Rng,
    /// Wall clock, ms since 1970.
    pub now_ms: i64,
}

impl<'a> World<'a> {
    /// A world in which nobody types.
    pub fn new(
        out: &'a mut dyn Write,
        err: &'a mut dyn Write,
        disk: Arc<dyn Disk>,
        rng: &'a mut dyn Rng,
        now_ms: i64,
    ) -> World<'a> {
        World { out, err, input: Box::new(io::empty()), is_interactive: false, disk, rng, now_ms }
    }

    /// Takes standard input, which is empty from then on.
    pub fn take_input(&mut self) -> Box<dyn BufRead + Send> {
        std::mem::replace(&mut self.input, Box::new(io::empty()))
    }
}
