//! Names of the files in a partition directory (Kafka: `LogFileUtils`).
//!
//! | Name | Kind |
//! |---|---|
//! | `<20 digits>.log` | segment |
//! | `<20 digits>.index`, `.timeindex`, `.txnindex` | its indexes |
//! | `<20 digits>.snapshot` | producer snapshot |
//! | any of these + `.deleted`, `.cleaned`, `.swap` | waiting for removal, compaction output, committed swap |
//!
//! The digits are the segment's base offset, for a producer snapshot the offset it is valid before.

/// The files that belong to one base offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    Log,
    OffsetIndex,
    TimeIndex,
    TransactionIndex,
    ProducerSnapshot,
}

impl FileKind {
    pub const ALL: [FileKind; 5] = [
        FileKind::Log,
        FileKind::OffsetIndex,
        FileKind::TimeIndex,
        FileKind::TransactionIndex,
        FileKind::ProducerSnapshot,
    ];

    pub const fn extension(self) -> &'static str {
        match self {
            FileKind::Log => "log",
            FileKind::OffsetIndex => "index",
            FileKind::TimeIndex => "timeindex",
            FileKind::TransactionIndex => "txnindex",
            FileKind::ProducerSnapshot => "snapshot",
        }
    }

    fn from_extension(extension: &str) -> Option<FileKind> {
        Self::ALL.into_iter().find(|kind| kind.extension() == extension)
    }
}

/// What is appended to a whole name while a file is not, or no longer, part of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Suffix {
    Deleted,
    Cleaned,
    Swap,
}

impl Suffix {
    pub const fn as_str(self) -> &'static str {
        match self {
            Suffix::Deleted => "deleted",
            Suffix::Cleaned => "cleaned",
            Suffix::Swap => "swap",
        }
    }

    /// The suffix of any name, also of names that are no segment file's.
    pub fn of(name: &str) -> Option<Suffix> {
        let (_, last) = name.rsplit_once('.')?;
        [Suffix::Deleted, Suffix::Cleaned, Suffix::Swap].into_iter().find(|suffix| suffix.as_str() == last)
    }
}

/// A parsed name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileName {
    pub base_offset: i64,
    pub kind: FileKind,
    pub suffix: Option<Suffix>,
}

impl FileName {
    pub const fn new(base_offset: i64, kind: FileKind) -> FileName {
        FileName { base_offset, kind, suffix: None }
    }

    /// `None` for every name that is not of this form; Kafka ignores such files.
    pub fn parse(name: &str) -> Option<FileName> {
        let suffix = Suffix::of(name);
        let stem = match suffix {
            Some(suffix) => &name[..name.len() - suffix.as_str().len() - 1],
            None => name,
        };
        let (digits, extension) = stem.split_once('.')?;
        let kind = FileKind::from_extension(extension)?;
        Some(FileName { base_offset: parse_offset(digits)?, kind, suffix })
    }
}

impl std::fmt::Display for FileName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:020}.{}", self.base_offset, self.kind.extension())?;
        match self.suffix {
            Some(suffix) => write!(f, ".{}", suffix.as_str()),
            None => Ok(()),
        }
    }
}

/// An offset as names carry it: exactly 20 digits, within int64.
pub(super) fn parse_offset(digits: &str) -> Option<i64> {
    let well_formed = digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if well_formed { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        for kind in FileKind::ALL {
            for suffix in [None, Some(Suffix::Deleted), Some(Suffix::Cleaned), Some(Suffix::Swap)] {
                let name = FileName { base_offset: 42, kind, suffix };
                assert_eq!(FileName::parse(&name.to_string()), Some(name));
            }
        }
        assert_eq!(FileName::new(7, FileKind::Log).to_string(), "00000000000000000007.log");
    }

    #[test]
    fn other_names_are_not_ours() {
        for name in [
            "leader-epoch-checkpoint",
            "0.log",
            "00000000000000000007",
            "00000000000000000007.",
            "00000000000000000007.logs",
            "-0000000000000000007.log",
            "99999999999999999999.log",
            "00000000000000000007.log.old",
            "00000000000000000007-0000000001.checkpoint",
        ] {
            assert_eq!(FileName::parse(name), None, "{name}");
        }
    }
}
