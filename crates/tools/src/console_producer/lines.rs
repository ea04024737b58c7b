//! Lines out of a stream of bytes, as Java's readers see them (Kafka: `BufferedReader.readLine`).
//!
//! A line ends with `\n`, `\r` or both; what is behind the last end is a line if it is not empty. Bytes that are no
//! UTF-8 become U+FFFD.

/// Bytes that wait until their line is whole.
#[derive(Debug, Default)]
pub struct LineBuffer {
    waiting: Vec<u8>,
    /// Bytes of `waiting` that are known to hold no line end.
    scanned: usize,
    /// The lines that were taken last ended with `\r`: a `\n` right behind belongs to it.
    after_carriage_return: bool,
}

impl LineBuffer {
    /// Calls `read` with room for the next bytes; it says how many it has filled.
    ///
    /// # Errors
    /// Those of `read`.
    pub fn fill<E>(
        &mut self,
        room: usize,
        read: impl FnOnce(&mut [u8]) -> Result<usize, E>,
    ) -> Result<usize, E> {
        let filled = self.waiting.len();
        self.waiting.resize(filled + room, 0);
        let outcome = read(&mut self.waiting[filled..]);
        self.waiting.truncate(filled + outcome.as_ref().map_or(0, |count| (*count).min(room)));
        outcome
    }

    /// All whole lines, with their ends, as UTF-8; `None` when there is none.
    pub fn take_lines(&mut self) -> Option<Vec<u8>> {
        if self.after_carriage_return && !self.waiting.is_empty() {
            self.after_carriage_return = false;
            if self.waiting[0] == b'\n' {
                self.waiting.remove(0);
            }
        }
        let Some(last_end) = memchr::memrchr2(b'\n', b'\r', &self.waiting[self.scanned..]) else {
            self.scanned = self.waiting.len();
            return None;
        };
        let last_end = self.scanned + last_end;
        self.after_carriage_return = self.waiting[last_end] == b'\r';
        let rest = self.waiting.split_off(last_end + 1);
        self.scanned = rest.len();
        Some(as_utf8(std::mem::replace(&mut self.waiting, rest)))
    }

    /// What is left when nothing more will come.
    pub fn take_rest(&mut self) -> Option<Vec<u8>> {
        self.scanned = 0;
        let rest = std::mem::take(&mut self.waiting);
        (!rest.is_empty()).then(|| as_utf8(rest))
    }
}

fn as_utf8(bytes: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8(bytes);
    text.unwrap_or_else(|bad| String::from_utf8_lossy(bad.as_bytes()).into_owned()).into_bytes()
}

/// The lines of what [`LineBuffer`] has given out, without their ends.
pub fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut ends = memchr::memchr2_iter(b'\n', b'\r', bytes);
    let mut start = 0;
    std::iter::from_fn(move || {
        loop {
            let Some(end) = ends.next() else {
                let last = &bytes[start..];
                start = bytes.len();
                return (!last.is_empty()).then_some(last);
            };
            // The second byte of an end is none of its own.
            if bytes[end] == b'\n' && end == start && end > 0 && bytes[end - 1] == b'\r' {
                start = end + 1;
                continue;
            }
            let line = &bytes[start..end];
            start = end + 1;
            return Some(line);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All lines of a stream that arrives in these pieces.
    fn lines_of(pieces: &[&[u8]]) -> Vec<String> {
        let mut buffer = LineBuffer::default();
        let mut all = Vec::new();
        let mut add = |taken: Option<Vec<u8>>| {
            let taken = String::from_utf8(taken.unwrap_or_default()).expect("lines are UTF-8");
            all.extend(lines(taken.as_bytes()).map(|line| String::from_utf8_lossy(line).into_owned()));
        };
        for piece in pieces {
            let read = |room: &mut [u8]| {
                room[..piece.len()].copy_from_slice(piece);
                Ok::<_, ()>(piece.len())
            };
            assert_eq!(buffer.fill(piece.len() + 5, read), Ok(piece.len()));
            add(buffer.take_lines());
        }
        add(buffer.take_rest());
        all
    }

    #[test]
    fn every_line_end_of_java() {
        assert_eq!(lines_of(&[b"a\nb\r\nc\rd\n\ne"]), ["a", "b", "c", "d", "", "e"]);
        assert_eq!(lines_of(&[b"\r\r\n\n\r"]), ["", "", "", ""]);
        assert_eq!(lines_of(&[b"a\r", b"\nb"]), ["a", "b"]);
        assert_eq!(lines_of(&[b"a\r", b"b\r", b""]), ["a", "b"]);
        assert_eq!(lines_of(&[b"\n"]), [""]);
        assert_eq!(lines_of(&[b""]), [""; 0]);
    }

    #[test]
    fn pieces_make_no_difference() {
        let whole = "eins\nzwei\r\n\u{e4}\u{f6}\u{1f980}\r\rvier".as_bytes();
        for cut in 0..whole.len() {
            assert_eq!(lines_of(&[&whole[..cut], &whole[cut..]]), lines_of(&[whole]), "cut at {cut}");
        }
    }

    #[test]
    fn what_is_no_utf8_is_replaced() {
        assert_eq!(lines_of(&[b"a\xffb\n\xc3"]), ["a\u{fffd}b", "\u{fffd}"]);
    }
}
