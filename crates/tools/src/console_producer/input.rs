//! Standard input in pieces of whole lines, read in a thread of its own: waiting for a line must not keep records from
//! being sent.

use std::io::{self, BufRead, Read};
use std::thread;

use tokio::sync::mpsc;

use super::lines::LineBuffer;
use crate::exception::{Exception, KAFKA};

/// What one read is given room for.
const READ_BYTES: usize = 128 << 10;
/// Pieces that may wait between the two threads.
const PIECES: usize = 4;

/// Whole lines; the last piece may say why there are no more.
pub type Piece = Result<Vec<u8>, Exception>;

/// Starts reading. The stream ends with the input, or with an error.
pub fn read_lines(mut input: Box<dyn BufRead + Send>) -> mpsc::Receiver<Piece> {
    let (pieces, lines) = mpsc::channel(PIECES);
    // Nobody waits for the thread: it may be waiting for a line that never comes.
    drop(thread::spawn(move || read_all(&mut *input, &pieces)));
    lines
}

fn read_all(input: &mut dyn Read, pieces: &mpsc::Sender<Piece>) {
    let mut buffer = LineBuffer::default();
    loop {
        let piece = match buffer.fill(READ_BYTES, |room| input.read(room)) {
            Ok(0) => {
                if let Some(rest) = buffer.take_rest() {
                    // Nobody may be there any more.
                    let _ = pieces.blocking_send(Ok(rest));
                }
                return;
            }
            Ok(_) => buffer.take_lines().map(Ok),
            Err(fault) if fault.kind() == io::ErrorKind::Interrupted => None,
            Err(fault) => Some(Err(Exception::new(KAFKA, format!("java.io.IOException: {fault}")))),
        };
        let Some(piece) = piece else { continue };
        let is_last = piece.is_err();
        if pieces.blocking_send(piece).is_err() || is_last {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_in_pieces() {
        let mut text = "line\n".repeat(READ_BYTES / 2);
        text.push_str("end");
        let mut pieces = read_lines(Box::new(io::Cursor::new(text.clone().into_bytes())));
        let mut all = Vec::new();
        while let Some(piece) = pieces.blocking_recv() {
            let piece = piece.expect("a cursor reads");
            assert!(piece.ends_with(b"\n") || piece == b"end");
            all.extend(piece);
        }
        assert_eq!(all, text.into_bytes());
    }
}
