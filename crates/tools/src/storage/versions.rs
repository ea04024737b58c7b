//! `kafka-storage version-mapping` and `feature-dependencies`: which levels belong to a release, and
//! what a level needs.

use super::fault::{FlagFault, StorageFault};
use crate::argparse::{Matches, Opt, Parser, Takes};
use klamm_metadata::MetadataVersion;
use klamm_metadata::feature::{FEATURES, Feature, FeatureFault};
use std::io::Write;

pub(super) const MAPPING: Parser = Parser {
    prog: "kafka-storage version-mapping",
    description: "",
    options: &[Opt::new(
        "release-version",
        'r',
        Takes::Value,
        "The release to look up, from 3.3-IV3 on; by default the newest.",
    )],
    subcommands: &[],
};

pub(super) const DEPENDENCIES: Parser = Parser {
    prog: "kafka-storage feature-dependencies",
    description: "",
    options: &[Opt::new(
        "feature",
        'f',
        Takes::Values,
        "A feature and its level, e.g. transaction.version=2; may be given more than once.",
    )
    .required()],
    subcommands: &[],
};

/// The level of metadata.version called `name`, be it `4.4` or `4.4-IV2`.
pub(super) fn release(name: &str) -> Result<MetadataVersion, FlagFault> {
    MetadataVersion::from_name(name).ok_or_else(|| FlagFault::UnknownRelease { name: name.to_string() })
}

pub(super) fn mapping(matches: &Matches, out: &mut dyn Write) -> Result<(), StorageFault> {
    let name = matches.value("release-version").unwrap_or(MetadataVersion::LATEST.name());
    let version = release(name)?;
    writeln!(out, "metadata.version={} ({name})", version.level())?;
    for feature in FEATURES {
        writeln!(out, "{}={}", feature.name, feature.default_level(version))?;
    }
    Ok(())
}

pub(super) fn dependencies(matches: &Matches, out: &mut dyn Write) -> Result<(), StorageFault> {
    for text in matches.values("feature") {
        let form = || FlagFault::DependencyForm { text: text.clone() };
        let (name, level) = text.split_once('=').ok_or_else(form)?;
        let (name, level) = (name.trim().to_string(), level.trim().to_string());
        let level = match level.parse::<i16>() {
            Ok(level) => level,
            Err(_) => return Err(FlagFault::DependencyLevel { name, level }.into()),
        };
        if name == MetadataVersion::FEATURE_NAME {
            let version = MetadataVersion::from_level(level);
            let version = version.ok_or(FlagFault::DependencyUnknownMetadataLevel { level })?;
            writeln!(out, "{name}={level} ({}) has no dependencies.", version.name())?;
            continue;
        }
        let Some(feature) = Feature::by_name(&name) else {
            return Err(FlagFault::DependencyUnknown { name }.into());
        };
        // With the oldest metadata.version whatever a level needs is missing.
        match feature.check_level(level, MetadataVersion::MINIMUM) {
            Ok(()) => writeln!(out, "{name}={level} has no dependencies.")?,
            Err(FeatureFault::NeedsMetadataVersion { needs, .. }) => {
                writeln!(out, "{name}={level} requires:")?;
                writeln!(out, "    metadata.version={} ({})", needs.level(), needs.name())?;
            }
            Err(_) => return Err(FlagFault::DependencyUnknownLevel { name, level }.into()),
        }
    }
    Ok(())
}
