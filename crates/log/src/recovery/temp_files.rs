//! Files with a suffix, left by an interrupted deletion or compaction.
//!
//! | Suffix | Meaning | What happens |
//! |---|---|---|
//! | `.deleted` | deletion was decided | removed |
//! | `.cleaned` | compaction was not through | removed, and `.swap` files at or above the lowest one |
//! | `.swap` | compaction was through | old segments in its offset range removed, then renamed into place |

use std::ops::Range;
use std::sync::Arc;

use crate::disk::{EntryKind, OpenMode};
use crate::fault::{DiskFault, DiskOp, LogFault};
use crate::format::file_name::{FileKind, FileName, Suffix};
use crate::home::LogHome;
use crate::segment::scan::{HeaderScan, ScanFault};

/// Metadata snapshots dropped by the raft layer end so, and are its business.
const SNAPSHOT_DELETED: &str = ".checkpoint.deleted";

/// Brings a directory into a state without suffixes, and lists its files.
pub fn clean(home: &Arc<LogHome>) -> Result<Vec<String>, LogFault> {
    let names = files(home)?;
    if names.iter().all(|name| Suffix::of(name).is_none()) {
        return Ok(names);
    }
    finish(home, &names)?;
    files(home)
}

fn finish(home: &Arc<LogHome>, names: &[String]) -> Result<(), LogFault> {
    let mut changed = false;
    for name in names.iter().filter(|name| Suffix::of(name) == Some(Suffix::Deleted)) {
        if !name.ends_with(SNAPSHOT_DELETED) {
            home.remove_file(name)?;
            changed = true;
        }
    }
    let parsed = || names.iter().filter_map(|name| FileName::parse(name));
    let cleaned: Vec<FileName> = parsed().filter(|file| file.suffix == Some(Suffix::Cleaned)).collect();
    let lowest_cleaned = cleaned.iter().map(|file| file.base_offset).min().unwrap_or(i64::MAX);
    let swap = parsed().filter(|file| file.suffix == Some(Suffix::Swap));
    let (unfinished, swap): (Vec<_>, Vec<_>) = swap.partition(|file| file.base_offset >= lowest_cleaned);
    // Swap files first: the cleaned ones are what marks them as unfinished.
    for file in &unfinished {
        home.remove_file(&file.to_string())?;
        changed = true;
    }
    if !unfinished.is_empty() {
        home.sync_dir()?;
    }
    for file in &cleaned {
        home.remove_file(&file.to_string())?;
        changed = true;
    }
    if changed {
        home.sync_dir()?;
    }
    finish_swaps(home, &swap)
}

fn finish_swaps(home: &Arc<LogHome>, swap: &[FileName]) -> Result<(), LogFault> {
    if swap.is_empty() {
        return Ok(());
    }
    let mut replaced: Option<Range<i64>> = None;
    for file in swap.iter().filter(|file| file.kind == FileKind::Log) {
        let own = file.base_offset..next_offset(home, file)?;
        let so_far = replaced.unwrap_or(own.clone());
        replaced = Some(so_far.start.min(own.start)..so_far.end.max(own.end));
    }
    for name in files(home)? {
        let Some(file) = FileName::parse(&name) else { continue };
        let is_replaced = replaced.as_ref().is_some_and(|range| range.contains(&file.base_offset));
        if file.suffix.is_none() && is_replaced {
            home.remove_file(&name)?;
        }
    }
    // The old segments must be gone for good before the new ones have their names.
    home.sync_dir()?;
    let dir = home.dir();
    for file in swap {
        let from = dir.join(file.to_string());
        let to = dir.join(FileName { suffix: None, ..*file }.to_string());
        home.disk().rename(&from, &to).map_err(|source| DiskFault::new(DiskOp::Rename, from, source))?;
    }
    Ok(home.sync_dir()?)
}

/// The offset behind a swap file's last batch.
fn next_offset(home: &Arc<LogHome>, file: &FileName) -> Result<i64, LogFault> {
    let path = home.dir().join(file.to_string());
    let open = || -> std::io::Result<_> {
        let opened = home.disk().open(&path, OpenMode::Read)?;
        let len = opened.len()?;
        Ok((opened, len))
    };
    let (opened, len) = open().map_err(|source| DiskFault::new(DiskOp::Open, &*path, source))?;
    let len = u32::try_from(len).map_err(|_| LogFault::malformed(&*path, crate::Malformed::TooLarge))?;
    let mut next = file.base_offset;
    for head in HeaderScan::new(&*opened, 0, len) {
        match head {
            Ok(head) => next = head.last_offset.saturating_add(1),
            Err(ScanFault::Disk(source)) => return Err(DiskFault::new(DiskOp::Read, path, source).into()),
            // Cut short on the way: the batches before it are what it replaces.
            Err(ScanFault::Bad { .. }) => break,
        }
    }
    Ok(next)
}

/// Names of the plain files of the directory, in order.
pub fn files(home: &LogHome) -> Result<Vec<String>, LogFault> {
    let dir = home.dir();
    let entries = home.disk().list(&dir).map_err(|source| DiskFault::new(DiskOp::List, &*dir, source))?;
    let files = entries.into_iter().filter(|entry| entry.kind == EntryKind::File);
    let mut names: Vec<String> = files.map(|entry| entry.name).collect();
    names.sort_unstable();
    Ok(names)
}
