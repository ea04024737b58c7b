//! The text form that offset checkpoints and the leader-epoch checkpoint share (Kafka: `CheckpointFile`).
//!
//! | Line | Content |
//! |---|---|
//! | 1 | version, `0` |
//! | 2 | count of entries |
//! | 3.. | one entry each, fields separated by white space |
//!
//! An empty file, or one with a version line only, holds no entries: Kafka creates it so.

use crate::Malformed;

/// Larger files are refused: a million partitions with long names need less.
pub const MAX_BYTES: u64 = 300 << 20;

const VERSION: i32 = 0;

/// Calls `entry` with the fields of each entry line.
///
/// # Errors
/// [`Malformed`]; also what `entry` reports by returning `None`.
pub fn parse<'a>(
    bytes: &'a [u8],
    mut entry: impl FnMut(&mut dyn Iterator<Item = &'a str>) -> Option<()>,
) -> Result<(), Malformed> {
    let text = std::str::from_utf8(bytes).map_err(|_| Malformed::NotText)?;
    let mut lines = text.lines();
    let Some(version) = lines.next() else { return Ok(()) };
    let version: i32 = version.parse().map_err(|_| Malformed::BadLine { line: 1 })?;
    if version != VERSION {
        return Err(Malformed::UnknownVersion { found: version });
    }
    let Some(count) = lines.next() else { return Ok(()) };
    let expected: u32 = count.parse().map_err(|_| Malformed::BadLine { line: 2 })?;
    let mut found = 0;
    for line in lines {
        let mut fields = line.split_whitespace();
        let well_formed = entry(&mut fields).is_some() && fields.next().is_none();
        if !well_formed {
            return Err(Malformed::BadLine { line: found + 3 });
        }
        found += 1;
    }
    if found != expected {
        return Err(Malformed::CountMismatch { expected, found });
    }
    Ok(())
}

/// Head of a file with `count` entries; each entry is then appended as a line.
pub fn begin(count: usize) -> String {
    format!("{VERSION}\n{count}\n")
}
