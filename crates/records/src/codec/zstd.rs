//! Zstandard frames; several may follow each other. Legacy formats are not built in.

use bytes::BytesMut;
use zstd::zstd_safe::{
    CCtx, CParameter, DCtx, DParameter, ErrorCode, InBuffer, OutBuffer, ResetDirective, compress_bound,
};

use super::Pull;

/// `ZSTD_error_frameParameter_windowTooLarge`, negated as the library returns it. The number is part of
/// zstd's stable interface.
const WINDOW_TOO_LARGE: ErrorCode = 16_usize.wrapping_neg();
/// Decoders that have grown beyond this are given back: level 3 needs about 2.4 MiB, level 19 8.4 MiB.
const RETAINED_DECODER_BYTES_MAX: usize = 4 << 20;

/// Kept between batches.
#[derive(Default)]
pub(super) struct State {
    decoder: Option<DCtx<'static>>,
    encoder: Option<CCtx<'static>>,
}

/// Reads the frames of one payload.
pub(super) struct Reader<'a, 's> {
    input: &'a [u8],
    state: &'s mut State,
    /// Inside a frame: the input may not end here.
    in_frame: bool,
}

impl<'a, 's> Reader<'a, 's> {
    pub fn open(input: &'a [u8], window_log_max: u32, state: &'s mut State) -> Reader<'a, 's> {
        let decoder = state.decoder.get_or_insert_with(DCtx::create);
        decoder.reset(ResetDirective::SessionOnly).expect("a session can always be reset");
        decoder
            .set_parameter(DParameter::WindowLogMax(window_log_max.clamp(10, 31)))
            .expect("window logs of 10-31 are in range");
        Reader { input, state, in_frame: true }
    }

    pub fn pull(&mut self, out: &mut Vec<u8>) -> Result<bool, Pull> {
        let from = out.len();
        let decoder = self.state.decoder.as_mut().expect("a decoder is there since open");
        loop {
            if self.input.is_empty() && !self.in_frame {
                return Ok(false);
            }
            let mut input = InBuffer::around(self.input);
            let mut output = OutBuffer::around_pos(out, from);
            let hint = decoder.decompress_stream(&mut output, &mut input).map_err(|code| {
                if code == WINDOW_TOO_LARGE { Pull::WindowTooLarge } else { Pull::Corrupt }
            })?;
            let (read, written) = (input.pos(), output.pos() - from);
            self.input = &self.input[read..];
            self.in_frame = hint > 0;
            if written > 0 {
                return Ok(true);
            }
            if read == 0 && self.in_frame {
                // The decoder wants more than there is.
                return Err(Pull::Corrupt);
            }
        }
    }
}

impl Drop for Reader<'_, '_> {
    fn drop(&mut self) {
        if self.state.decoder.as_ref().is_some_and(|d| d.sizeof() > RETAINED_DECODER_BYTES_MAX) {
            self.state.decoder = None;
        }
    }
}

pub(super) fn compress(level: i32, input: &[u8], state: &mut State, out: &mut BytesMut) {
    let encoder = state.encoder.get_or_insert_with(CCtx::create);
    encoder.reset(ResetDirective::SessionAndParameters).expect("a context can always be reset");
    encoder.set_parameter(CParameter::CompressionLevel(level)).expect("zstd clamps levels to its range");
    let from = out.len();
    out.resize(from + compress_bound(input.len()), 0);
    let written = encoder.compress2(&mut out[from..], input).expect("the bound leaves room for any input");
    out.truncate(from + written);
    if encoder.sizeof() > RETAINED_DECODER_BYTES_MAX {
        state.encoder = None;
    }
}
