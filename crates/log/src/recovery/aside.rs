//! What recovery must give up although it was synced once is no leftover of a crash: the disk has forgotten something.
//! It is not deleted but kept beside the log under a name that neither product looks at, `<name>.log[.<n>].damaged`.
//!
//! A crash in between leaves a second copy at most.

use std::sync::Arc;

use super::Loading;
use crate::disk::{DiskFile, OpenMode};
use crate::fault::{DiskFault, DiskOp, LogFault};
use crate::format::file_name::{FileKind, FileName};
use crate::segment::Segment;

/// Bytes copied at a time.
const CHUNK: usize = 1 << 20;

impl Loading {
    /// True when what lies behind `end` had been synced before this start.
    pub(super) fn was_synced(&self, end: i64) -> bool {
        end < self.known_synced
    }

    /// Copies a segment's bytes from `position` on, durably.
    pub(super) fn keep_end(&mut self, segment: &Segment, position: u32) -> Result<(), LogFault> {
        let path = self.home.dir().join(self.free_name(segment)?);
        let fault = |op| {
            let path = path.clone();
            move |source| LogFault::from(DiskFault::new(op, path, source))
        };
        let from = segment.file(OpenMode::Read)?;
        let to = self.home.disk().open(&path, OpenMode::CreateOrTruncate).map_err(fault(DiskOp::Create))?;
        copy(&*from, &*to, u64::from(position)).map_err(fault(DiskOp::Write))?;
        to.sync_all().map_err(fault(DiskOp::Sync))?;
        self.home.sync_dir()?;
        self.report.kept_aside += 1;
        Ok(())
    }

    /// Takes a segment's file out of the log under another name; not durable yet.
    pub(super) fn keep_whole(&mut self, segment: &Arc<Segment>) -> Result<(), LogFault> {
        let from = segment.path(FileKind::Log);
        let to = self.home.dir().join(self.free_name(segment)?);
        match self.home.disk().rename(&from, &to) {
            // An earlier start has come this far.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(DiskFault::new(DiskOp::Rename, from, error).into()),
            Ok(()) => {
                self.report.kept_aside += 1;
                Ok(())
            }
        }
    }

    /// A name beside the segment's own that no file has.
    fn free_name(&self, segment: &Segment) -> Result<String, LogFault> {
        let own = FileName::new(segment.base_offset(), FileKind::Log).to_string();
        let taken = super::temp_files::files(&self.home)?;
        let names = (1u32..).map(|n| format!("{own}.{n}.damaged"));
        let mut free = std::iter::once(format!("{own}.damaged")).chain(names);
        Ok(free.find(|name| !taken.contains(name)).expect("there are more numbers than files"))
    }
}

fn copy(from: &dyn DiskFile, to: &dyn DiskFile, start: u64) -> std::io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    let mut copied = 0;
    loop {
        match from.read_full_at(&mut chunk, start + copied)? {
            0 => return Ok(()),
            read => {
                to.write_at(&chunk[..read], copied)?;
                copied += read as u64;
            }
        }
    }
}
