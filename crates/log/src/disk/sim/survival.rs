//! What a power cut leaves of what was not synced. A rename happens or does not; everything else may be half done.

use std::sync::Arc;

use klamm_base::rng::{Rng, SeededRng};

use super::state::{Dir, FileOp, Inode, State, apply_dir, apply_file};

const SECTOR: usize = 512;
const PAGE: usize = 4096;

/// What the disk had not done yet when the power went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Everything since the last syncs.
    Everything,
    /// Nothing.
    Nothing,
    /// What was written into files; their names are there, with nothing or less in them.
    Contents,
    /// Changes of directories; what was written into files that were there before has come through.
    Names,
    /// The last operations of every file and directory: the disk worked in order.
    Tails,
    /// Any operations: the disk worked in any order.
    Operations,
    /// Any sectors of what was written; a file may have its new length without them.
    Sectors,
    /// Any pages of what was written.
    Pages,
    /// A part of each file's last write, to the byte.
    LastBytes,
    /// Each file and directory in one of these ways.
    Mixed,
}

impl Loss {
    /// All ways, the plainest first.
    pub const ALL: [Loss; 10] = [
        Loss::Everything,
        Loss::Nothing,
        Loss::Contents,
        Loss::Names,
        Loss::Tails,
        Loss::Operations,
        Loss::Sectors,
        Loss::Pages,
        Loss::LastBytes,
        Loss::Mixed,
    ];

    /// What happens to one file or directory.
    fn of_one(self, chance: &mut SeededRng) -> Loss {
        let others = &Loss::ALL[..Loss::ALL.len() - 1];
        if self == Loss::Mixed { others[chance.below(others.len() as u64) as usize] } else { self }
    }
}

/// Brings every file and directory to what survives, which is durable from then on.
pub(super) fn cut(state: &mut State, loss: Loss, chance: &mut SeededRng) {
    for inode in &mut state.inodes {
        if !inode.pending.is_empty() {
            let content = surviving_content(inode, loss.of_one(chance), chance);
            *inode = Arc::new(Inode { durable: content.clone(), current: content, pending: Vec::new() });
        }
    }
    for dir in &mut state.dirs {
        if !dir.pending.is_empty() {
            let mut entries = dir.durable.clone();
            for (index, op) in dir.pending.iter().enumerate() {
                if survives(dir, index, loss, chance) {
                    apply_dir(&mut entries, op);
                }
            }
            *dir = Arc::new(Dir { durable: entries.clone(), current: entries, pending: Vec::new() });
        }
    }
}

/// Whether a directory's operation has come through.
fn survives(dir: &Dir, index: usize, loss: Loss, chance: &mut SeededRng) -> bool {
    match loss {
        Loss::Everything | Loss::Names => false,
        Loss::Nothing | Loss::Contents | Loss::LastBytes => true,
        // The same for all of one directory, and different from one power cut to the other.
        Loss::Tails => index < chance.clone().below(dir.pending.len() as u64 + 1) as usize,
        Loss::Operations | Loss::Sectors | Loss::Pages | Loss::Mixed => chance.below(2) == 0,
    }
}

fn surviving_content(inode: &Inode, loss: Loss, chance: &mut SeededRng) -> Vec<u8> {
    let mut content = inode.durable.clone();
    let pending = &inode.pending[..];
    let apply_all = |content: &mut Vec<u8>, ops: &[FileOp]| ops.iter().for_each(|op| apply_file(content, op));
    match loss {
        Loss::Everything | Loss::Contents => {}
        Loss::Nothing | Loss::Names | Loss::Mixed => apply_all(&mut content, pending),
        Loss::Tails => {
            let kept = chance.below(pending.len() as u64 + 1) as usize;
            apply_all(&mut content, &pending[..kept]);
        }
        Loss::Operations => {
            for op in pending.iter().filter(|_| chance.below(2) == 0) {
                apply_file(&mut content, op);
            }
        }
        Loss::Sectors => pending.iter().for_each(|op| apply_torn(&mut content, op, SECTOR, chance)),
        Loss::Pages => pending.iter().for_each(|op| apply_torn(&mut content, op, PAGE, chance)),
        Loss::LastBytes => {
            let (last, before) = pending.split_last().expect("a file with pending operations");
            apply_all(&mut content, before);
            apply_start(&mut content, last, chance);
        }
    }
    content
}

/// Applies only some blocks of a write; the file may have grown over the missing ones, which are zeros then.
fn apply_torn(content: &mut Vec<u8>, op: &FileOp, block: usize, chance: &mut SeededRng) {
    let FileOp::Write { position, bytes } = op else {
        apply_file(content, op);
        return;
    };
    let has_length = chance.below(4) == 0;
    if has_length && content.len() < position + bytes.len() {
        content.resize(position + bytes.len(), 0);
    }
    let mut start = 0;
    while start < bytes.len() {
        let end = bytes.len().min((position + start) / block * block + block - position);
        if chance.below(4) != 0 {
            let piece = FileOp::Write { position: position + start, bytes: bytes[start..end].to_vec() };
            apply_file(content, &piece);
        }
        start = end;
    }
}

/// Applies the first bytes of a write.
fn apply_start(content: &mut Vec<u8>, op: &FileOp, chance: &mut SeededRng) {
    match op {
        FileOp::Write { position, bytes } => {
            let kept = chance.below(bytes.len() as u64 + 1) as usize;
            apply_file(content, &FileOp::Write { position: *position, bytes: bytes[..kept].to_vec() });
        }
        FileOp::SetLen { .. } if chance.below(2) == 0 => {}
        FileOp::SetLen { .. } => apply_file(content, op),
    }
}
