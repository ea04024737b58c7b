//! Standard input as records, read in a thread of its own: waiting for a line must not keep records from being sent.

use std::io::{self, BufRead, Read};
use std::thread;

use tokio::sync::mpsc;

use super::lines::Lines;
use super::reader::{LineMessageReader, ReadRecord};
use crate::exception::{Exception, KAFKA};

/// What one read is given room for.
const READ_BYTES: usize = 128 << 10;
/// Pieces that may wait between the two threads.
const PIECES: usize = 4;

/// Records in the order of their lines; the last piece may say why there are no more.
pub type Piece = Result<Vec<ReadRecord>, Exception>;

/// Starts reading. The stream ends with the input, or with an error.
pub fn read_records(input: Box<dyn BufRead + Send>, reader: LineMessageReader) -> mpsc::Receiver<Piece> {
    let (pieces, records) = mpsc::channel(PIECES);
    // Nobody waits for the thread: it may be waiting for a line that never comes.
    drop(thread::spawn(move || read_all(input, reader, &pieces)));
    records
}

fn read_all(mut input: Box<dyn BufRead + Send>, mut reader: LineMessageReader, pieces: &mpsc::Sender<Piece>) {
    let mut lines = Lines::default();
    loop {
        let mut records = Vec::new();
        let outcome = read_piece(&mut *input, &mut lines, &mut reader, &mut records);
        // What was read before an error is sent.
        if !records.is_empty() && pieces.blocking_send(Ok(records)).is_err() {
            return;
        }
        match outcome {
            Ok(true) => {}
            Ok(false) => return,
            // Nobody may be there any more.
            Err(exception) => return drop(pieces.blocking_send(Err(exception))),
        }
    }
}

/// Reads what is there, at least something; false at the end.
fn read_piece(
    input: &mut dyn Read,
    lines: &mut Lines,
    reader: &mut LineMessageReader,
    records: &mut Vec<ReadRecord>,
) -> Result<bool, Exception> {
    let buffer = lines.room(READ_BYTES);
    let filled = buffer.len();
    buffer.resize(filled + READ_BYTES, 0);
    let read = input.read(&mut buffer[filled..]);
    buffer.truncate(filled + *read.as_ref().unwrap_or(&0));
    let is_end = match read {
        Ok(count) => count == 0,
        Err(fault) if fault.kind() == io::ErrorKind::Interrupted => false,
        Err(fault) => return Err(Exception::new(KAFKA, format!("java.io.IOException: {fault}"))),
    };
    while let Some(line) = lines.next_line() {
        records.push(reader.read(line)?);
    }
    if is_end && let Some(line) = lines.last_line() {
        records.push(reader.read(line)?);
    }
    Ok(!is_end)
}

#[cfg(test)]
mod tests {
    use klamm_config::Properties;

    use super::*;

    #[test]
    fn records_come_before_the_error_that_ends_them() {
        let properties = Properties::from([("parse.key".to_owned(), "true".to_owned())]);
        let reader = LineMessageReader::new(&properties).expect("a reader");
        let input = io::Cursor::new(b"a\tb\nc\td\nnokey\ne\tf\n".to_vec());
        let mut pieces = read_records(Box::new(input), reader);
        let records = pieces.blocking_recv().expect("a piece").expect("records");
        let keys: Vec<_> = records.iter().map(|record| record.key.clone()).collect();
        assert_eq!(keys, [Some("a".into()), Some("c".into())]);
        let refused = pieces.blocking_recv().expect("a piece").expect_err("a line without key");
        assert_eq!(
            refused.to_string(),
            "org.apache.kafka.common.KafkaException: No key separator found on line number 3: 'nokey'"
        );
        assert!(pieces.blocking_recv().is_none());
    }
}
