//! The clean-shutdown markers (Kafka: `CleanShutdownFileHandler`, `LogManager.readBrokerEpochFromCleanShutdownFiles`,
//! KIP-966).
//!
//! A marker counts only if it names the epoch with which this broker is registered: one that a power cut brought back,
//! or that belongs to an older life, says nothing about the logs as they are now.

use klamm_log::Shutdown;

use super::directories::Directories;
use super::start_fault;
use crate::fault::StartFault;

/// What the last life left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Markers {
    /// For each data directory in use.
    pub clean: Vec<bool>,
    /// Epoch of the broker that left all configured directories clean, else -1.
    pub previous_broker_epoch: i64,
}

/// Reads the markers and removes them durably: from here on a crash counts as unclean. `registered` is the epoch of
/// this broker in the metadata, if it is there.
pub fn take(directories: &Directories, registered: Option<i64>) -> Result<Markers, StartFault> {
    let mut epochs = Vec::with_capacity(directories.data);
    for directory in directories.data() {
        let taken = directory.log_dir.take_clean_shutdown();
        epochs.push(match taken.map_err(|fault| start_fault(directory.path(), fault))? {
            Shutdown::Clean { broker_epoch } => broker_epoch,
            Shutdown::Unclean => None,
        });
    }
    Ok(judge(&epochs, registered, !directories.unusable.is_empty()))
}

fn judge(epochs: &[Option<i64>], registered: Option<i64>, some_unusable: bool) -> Markers {
    let clean: Vec<bool> = epochs.iter().map(|epoch| epoch.is_some() && *epoch == registered).collect();
    let all_clean = !some_unusable && clean.iter().all(|clean| *clean);
    let previous_broker_epoch = registered.filter(|_| all_clean).unwrap_or(-1);
    Markers { clean, previous_broker_epoch }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_counts_with_the_registered_epoch_only() {
        let judged = |epochs: &[Option<i64>], some_unusable| {
            let Markers { clean, previous_broker_epoch } = judge(epochs, Some(7), some_unusable);
            (clean, previous_broker_epoch)
        };
        assert_eq!(judged(&[Some(7), Some(7)], false), (vec![true, true], 7));
        assert_eq!(judged(&[Some(7), None], false), (vec![true, false], -1));
        assert_eq!(judged(&[Some(7), Some(5)], false), (vec![true, false], -1));
        assert_eq!(judged(&[Some(7)], true), (vec![true], -1));
        assert_eq!(judge(&[Some(7)], None, false).clean, [false]);
        assert_eq!(judge(&[None], None, false).clean, [false]);
    }
}
