//! A segment's aborted transactions, in memory once they were needed (Kafka: `TransactionIndex`).

use super::Segment;
use crate::disk::OpenMode;
use crate::fault::{DiskFault, DiskOp, LogFault};
use crate::format::file_name::{FileKind, FileName};
use crate::format::transaction_index::{self, AbortedTxn};
use crate::home::read_file;

/// See the module. Most segments hold none and have no file.
#[derive(Debug)]
pub struct Transactions {
    /// `None` while the file has not been read.
    aborted: Option<Vec<AbortedTxn>>,
    /// How many of them the file has.
    in_file: usize,
    has_file: bool,
}

impl Transactions {
    pub fn empty() -> Transactions {
        Transactions { aborted: Some(Vec::new()), in_file: 0, has_file: false }
    }

    pub fn on_disk() -> Transactions {
        Transactions { aborted: None, in_file: 0, has_file: true }
    }
}

impl Segment {
    /// Aborted transactions whose marker lies in this segment, by the marker's offset.
    pub fn with_aborted<T>(&self, act: impl FnOnce(&[AbortedTxn]) -> T) -> Result<T, LogFault> {
        let mut transactions = self.transactions.lock();
        if let Some(aborted) = &transactions.aborted {
            return Ok(act(aborted));
        }
        let aborted = self.load_aborted()?;
        transactions.in_file = aborted.len();
        Ok(act(transactions.aborted.insert(aborted)))
    }

    fn load_aborted(&self) -> Result<Vec<AbortedTxn>, LogFault> {
        let path = self.path(FileKind::TransactionIndex);
        let bytes = read_file(&**self.home.disk(), &path, transaction_index::MAX_BYTES)?.unwrap_or_default();
        transaction_index::decode(&bytes, self.base_offset).map_err(|why| LogFault::malformed(path, why))
    }

    /// Notes an abort whose marker was appended to this segment. Those on the disk are in memory then: they are loaded
    /// with the log, or scanned anew.
    pub fn add_aborted(&self, aborted: AbortedTxn) {
        let mut transactions = self.transactions.lock();
        let list =
            transactions.aborted.as_mut().expect("the active segment's aborts are loaded with its log");
        list.push(aborted);
    }

    /// Forgets all aborts and removes their file, before the log is scanned for them.
    pub fn reset_aborted(&self) -> Result<(), LogFault> {
        let before = std::mem::replace(&mut *self.transactions.lock(), Transactions::empty());
        if !before.has_file {
            return Ok(());
        }
        let name = FileName::new(self.base_offset, FileKind::TransactionIndex);
        Ok(self.home.remove_file(&name.to_string())?)
    }

    /// True when the file lacks aborts that memory has.
    pub fn has_unwritten_aborted(&self) -> bool {
        let transactions = self.transactions.lock();
        transactions.aborted.as_ref().is_some_and(|list| list.len() > transactions.in_file)
    }

    /// Brings the file up to date, creating it with the first abort.
    pub fn write_aborted(&self, sync: bool) -> Result<(), LogFault> {
        let (in_file, bytes, all) = {
            let transactions = self.transactions.lock();
            let Some(list) = &transactions.aborted else { return Ok(()) };
            let new = &list[transactions.in_file..];
            (transactions.in_file, new.iter().flat_map(|txn| txn.to_bytes()).collect::<Vec<u8>>(), list.len())
        };
        if all == 0 {
            return Ok(());
        }
        let path = self.path(FileKind::TransactionIndex);
        let mode = if in_file == 0 { OpenMode::CreateOrTruncate } else { OpenMode::ReadWrite };
        let fault = |op| {
            let path = path.clone();
            move |source| DiskFault::new(op, path, source)
        };
        let file = self.home.disk().open(&path, mode).map_err(fault(DiskOp::Create))?;
        if !bytes.is_empty() {
            let position = (in_file * transaction_index::ENTRY_BYTES) as u64;
            file.write_at(&bytes, position).map_err(fault(DiskOp::Write))?;
        }
        if sync {
            file.sync_data().map_err(fault(DiskOp::Sync))?;
        }
        let mut transactions = self.transactions.lock();
        transactions.in_file = all;
        transactions.has_file = true;
        Ok(())
    }
}
