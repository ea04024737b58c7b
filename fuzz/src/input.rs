//! How the bytes of an input become choices: numbers from its front, the rest as contents.

/// Takes choices from the front. What is not there any more is zero, so that every input means something.
pub struct Input<'a> {
    rest: &'a [u8],
}

impl<'a> Input<'a> {
    pub fn new(bytes: &'a [u8]) -> Input<'a> {
        Input { rest: bytes }
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        let [byte] = self.array();
        byte
    }

    /// A number of two bytes, the high one first.
    pub fn short(&mut self) -> u16 {
        u16::from_be_bytes(self.array())
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        let taken = self.up_to(N);
        array[..taken.len()].copy_from_slice(taken);
        array
    }

    /// The next `len` bytes, or what is left.
    pub fn up_to(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(len.min(self.rest.len()));
        self.rest = rest;
        taken
    }

    /// A piece that says its length in two bytes.
    pub fn piece(&mut self) -> &'a [u8] {
        let len = usize::from(self.short());
        self.up_to(len)
    }

    pub fn rest(self) -> &'a [u8] {
        self.rest
    }
}

/// A piece as [`Input::piece`] reads it; what does not fit is cut off.
pub fn put_piece(out: &mut Vec<u8>, piece: &[u8]) {
    let piece = &piece[..piece.len().min(usize::from(u16::MAX))];
    out.extend_from_slice(&(piece.len() as u16).to_be_bytes());
    out.extend_from_slice(piece);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_is_read_and_what_is_missing_is_zero() {
        let mut bytes = vec![7];
        put_piece(&mut bytes, b"abc");
        bytes.push(1);
        let mut input = Input::new(&bytes);
        assert_eq!((input.byte(), input.piece(), input.short()), (7, &b"abc"[..], 256));
        assert!(input.is_empty());
        assert_eq!((input.byte(), input.piece()), (0, &b""[..]));
    }
}
