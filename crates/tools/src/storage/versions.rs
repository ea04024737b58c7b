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

/// A level that Kafka 4.4 knows and formats nothing with yet: the other features have the levels of the newest.
const NEXT: (&str, i16) = ("4.5-IV0", 34);

/// The level of metadata.version called `name`, be it `4.4` or `4.4-IV2`.
pub(super) fn release(name: &str) -> Result<MetadataVersion, FlagFault> {
    MetadataVersion::from_name(name).ok_or_else(|| FlagFault::UnknownRelease { name: name.to_string() })
}

pub(super) fn mapping(matches: &Matches, out: &mut dyn Write) -> Result<(), StorageFault> {
    let name = matches.value("release-version").unwrap_or(MetadataVersion::LATEST.name());
    let (version, level) = match MetadataVersion::from_name(name) {
        Some(version) => (version, version.level()),
        None if name == NEXT.0 => (MetadataVersion::LATEST, NEXT.1),
        None => return Err(FlagFault::UnknownMapping { name: name.to_string(), also: NEXT.0 }.into()),
    };
    writeln!(out, "metadata.version={level} ({name})")?;
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
            let release = MetadataVersion::from_level(level).map(MetadataVersion::name);
            let release = release.or_else(|| (level == NEXT.1).then_some(NEXT.0));
            let release = release.ok_or(FlagFault::DependencyUnknownMetadataLevel { level })?;
            writeln!(out, "{name}={level} ({release}) has no dependencies.")?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::argparse::Parsed;

    fn printed(line: &str) -> Result<String, String> {
        let words: Vec<String> = line.split(' ').map(str::to_string).collect();
        let parser = if words[0].contains("release") { &MAPPING } else { &DEPENDENCIES };
        let Ok(Parsed::Matches(matches)) = parser.parse(&words) else { panic!("{line}") };
        let mut out = Vec::new();
        let done = match parser.options[0].long {
            "feature" => dependencies(&matches, &mut out),
            _ => mapping(&matches, &mut out),
        };
        done.map_err(|fault| fault.to_string())?;
        Ok(String::from_utf8(out).expect("text"))
    }

    #[test]
    fn one_level_is_known_that_nothing_is_formatted_with() {
        let next = printed("--release-version=4.5-IV0").expect("known");
        let latest = printed("--release-version=4.4-IV2").expect("known");
        assert!(next.starts_with("metadata.version=34 (4.5-IV0)\n"));
        assert_eq!(
            next.split_once('\n').map(|(_, rest)| rest),
            latest.split_once('\n').map(|(_, rest)| rest)
        );
        let unknown = printed("--release-version=9.9").expect_err("unknown");
        assert!(
            unknown.starts_with("Unknown metadata.version '9.9'.") && unknown.ends_with("4.4-IV2, 4.5-IV0")
        );
        let next = printed("--feature metadata.version=34").expect("known");
        assert_eq!(next, "metadata.version=34 (4.5-IV0) has no dependencies.\n");
        assert_eq!(printed("--feature metadata.version=35"), Err("Unknown metadata.version 35".to_string()));
        assert!(release("4.5-IV0").is_err());
    }
}
