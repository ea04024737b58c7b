//! A segment's aborted transactions, in memory once they were needed (Kafka: `TransactionIndex`).

use klamm_records::BatchHeader;

use super::Segment;
use crate::disk::OpenMode;
use crate::fault::{DiskFault, DiskOp, LogFault, Malformed};
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

    /// Whether the file holds what a transaction index may hold; with `closely` every entry is held against the log.
    pub fn has_sound_aborts(&self, closely: bool) -> Result<bool, LogFault> {
        if !self.transactions.lock().has_file {
            return Ok(true);
        }
        let sound = if closely { self.load_aborted() } else { self.read_aborted() };
        match sound {
            Ok(_) => Ok(true),
            Err(LogFault::Malformed { .. }) => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    fn load_aborted(&self) -> Result<Vec<AbortedTxn>, LogFault> {
        let aborted = self.read_aborted()?;
        for (entry, txn) in (0..).zip(&aborted) {
            if !self.is_of_the_log(txn)? {
                let why = Malformed::OutOfOrder { entry };
                return Err(LogFault::malformed(self.path(FileKind::TransactionIndex), why));
            }
        }
        Ok(aborted)
    }

    fn read_aborted(&self) -> Result<Vec<AbortedTxn>, LogFault> {
        let path = self.path(FileKind::TransactionIndex);
        let bytes = read_file(&**self.home.disk(), &path, transaction_index::MAX_BYTES)?.unwrap_or_default();
        // The file is made with its first entry.
        if bytes.is_empty() || bytes.len() % transaction_index::ENTRY_BYTES != 0 {
            return Err(LogFault::malformed(path, Malformed::Truncated));
        }
        transaction_index::decode(&bytes, self.base_offset).map_err(|why| LogFault::malformed(path, why))
    }

    /// No checksum guards the file, so its entries must agree with the batches they speak of: the marker, and the first
    /// batch where compaction has left it and it lies in this segment.
    fn is_of_the_log(&self, txn: &AbortedTxn) -> Result<bool, LogFault> {
        let found = |offset| -> Result<Option<BatchHeader>, LogFault> {
            let Some(head) = self.find(offset, self.size())? else { return Ok(None) };
            let bytes = self.read_batch(&head)?;
            let header = BatchHeader::parse(&bytes)
                .map_err(|why| LogFault::corrupt(self.path(FileKind::Log), head.position, why))?;
            Ok((header.base_offset <= offset).then_some(header))
        };
        let is_own = |header: BatchHeader, control| {
            let attributes = header.attributes;
            let is_part = attributes.is_transactional() && attributes.is_control() == control;
            is_part && header.producer_id == txn.producer_id
        };
        let marker_fits = found(txn.last_offset)?.is_some_and(|header| is_own(header, true));
        let is_before = txn.first_offset < self.base_offset;
        let start_fits = is_before || found(txn.first_offset)?.is_none_or(|header| is_own(header, false));
        Ok(marker_fits && start_fits && txn.last_stable_offset <= txn.last_offset + 1)
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
