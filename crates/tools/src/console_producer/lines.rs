//! Lines out of a stream of bytes, as Java's readers see them (Kafka: `BufferedReader.readLine`).
//!
//! A line ends with `\n`, `\r` or both; what is behind the last end is a line if it is not empty. Bytes that are no
//! UTF-8 become U+FFFD.

use bytes::{Buf, Bytes, BytesMut};

/// Bytes that wait until their line is whole.
#[derive(Debug, Default)]
pub struct Lines {
    waiting: BytesMut,
    /// Bytes of `waiting` that hold no line end.
    scanned: usize,
    /// The last line ended with `\r`: a `\n` right behind belongs to it.
    after_carriage_return: bool,
}

impl Lines {
    /// Where the next bytes go: at least `room` of them.
    pub fn room(&mut self, room: usize) -> &mut BytesMut {
        self.waiting.reserve(room);
        &mut self.waiting
    }

    /// The next whole line.
    pub fn next_line(&mut self) -> Option<Bytes> {
        if self.after_carriage_return && !self.waiting.is_empty() {
            self.after_carriage_return = false;
            if self.waiting[0] == b'\n' {
                self.waiting.advance(1);
            }
        }
        match memchr::memchr2(b'\n', b'\r', &self.waiting[self.scanned..]) {
            None => {
                self.scanned = self.waiting.len();
                None
            }
            Some(found) => {
                let line = self.waiting.split_to(self.scanned + found).freeze();
                self.after_carriage_return = self.waiting[0] == b'\r';
                self.waiting.advance(1);
                self.scanned = 0;
                Some(as_utf8(line))
            }
        }
    }

    /// What is left when nothing more will come.
    pub fn last_line(&mut self) -> Option<Bytes> {
        self.scanned = 0;
        let rest = self.waiting.split();
        (!rest.is_empty()).then(|| as_utf8(rest.freeze()))
    }
}

fn as_utf8(line: Bytes) -> Bytes {
    match String::from_utf8_lossy(&line) {
        std::borrow::Cow::Borrowed(_) => line,
        std::borrow::Cow::Owned(replaced) => Bytes::from(replaced),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All lines of a stream that arrives in these pieces.
    fn lines(pieces: &[&[u8]]) -> Vec<String> {
        let mut lines = Lines::default();
        let mut all = Vec::new();
        for piece in pieces {
            lines.room(piece.len()).extend_from_slice(piece);
            all.extend(std::iter::from_fn(|| lines.next_line()));
        }
        all.extend(lines.last_line());
        all.iter().map(|line| String::from_utf8(line.to_vec()).expect("lines are UTF-8")).collect()
    }

    #[test]
    fn every_line_end_of_java() {
        assert_eq!(lines(&[b"a\nb\r\nc\rd\n\ne"]), ["a", "b", "c", "d", "", "e"]);
        assert_eq!(lines(&[b"a\r", b"\nb"]), ["a", "b"]);
        assert_eq!(lines(&[b"a\r", b"b\r", b""]), ["a", "b"]);
        assert_eq!(lines(&[b"\n"]), [""]);
        assert_eq!(lines(&[b""]), [""; 0]);
    }

    #[test]
    fn pieces_make_no_difference() {
        let whole = "eins\nzwei\r\n\u{e4}\u{f6}\u{1f980}\rvier".as_bytes();
        for cut in 0..whole.len() {
            assert_eq!(lines(&[&whole[..cut], &whole[cut..]]), lines(&[whole]), "cut at {cut}");
        }
    }

    #[test]
    fn what_is_no_utf8_is_replaced() {
        assert_eq!(lines(&[b"a\xffb\n\xc3"]), ["a\u{fffd}b", "\u{fffd}"]);
    }
}
