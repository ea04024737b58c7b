//! Our message definitions against those of Kafka 4.4.0, in both directions.

mod compare;
mod definition;
mod kafka;
mod klamm;
mod planted;

use crate::Findings;
use crate::repo::Repo;
use definition::{Definition, Extent};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Definitions of Kafka that we do not have as messages, and why.
const NOT_OURS: [(&str, &str); 2] = [
    ("AbortedTxn", "the log writes its fixed 34 bytes by hand"),
    ("ProducerSnapshot", "the log writes it by hand, its checksum in the middle"),
];

/// Fetches Kafka's jars if need be and compares every property of every field.
pub fn run(repo: &Repo) -> Findings {
    let jars = match fetch(repo) {
        Ok(jars) => jars,
        Err(finding) => return vec![finding],
    };
    let kafka = match kafka::definitions(&jars) {
        Ok(definitions) => definitions,
        Err(e) => return vec![format!("schemas: {}: {e}", jars.display())],
    };
    against(kafka, klamm::definitions())
}

/// Whether the comparison finds what is planted into a copy of our own definitions; needs no jars.
pub fn self_test() -> Findings {
    let klamm = klamm::definitions();
    report_plants(&klamm, &klamm)
}

fn against(mut kafka: Vec<Definition>, klamm: Vec<Definition>) -> Findings {
    let mut findings = Findings::new();
    for (name, why) in NOT_OURS {
        let before = kafka.len();
        kafka.retain(|definition| definition.name != name);
        match kafka.len() < before {
            true => println!("schemas: without {name}: {why}"),
            false => findings.push(format!("schemas: {name} is excepted, but Kafka has no such definition")),
        }
    }
    findings
        .extend(compare::compare(&kafka, &klamm).iter().map(|difference| format!("schemas: {difference}")));
    println!("schemas: Kafka 4.4.0 has {}", Extent::of(&kafka));
    println!("schemas: Klamm has       {}", Extent::of(&klamm));
    println!("schemas: {} differences", findings.len());
    findings.extend(report_plants(&kafka, &klamm));
    findings
}

fn report_plants(kafka: &[Definition], klamm: &[Definition]) -> Findings {
    match planted::check(kafka, klamm) {
        Ok(count) => {
            println!("schemas: {count} planted differences, each found");
            Findings::new()
        }
        Err(missed) => missed.into_iter().map(|finding| format!("schemas: {finding}")).collect(),
    }
}

/// The folder with Kafka's jars and the definitions out of them.
fn fetch(repo: &Repo) -> Result<PathBuf, String> {
    let script = repo.root.join("interop/golden/fetch.sh");
    let output = Command::new(&script).stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.map_err(|e| format!("schemas: {}: {e}", script.display()))?;
    if !output.status.success() {
        return Err(format!("schemas: {} failed: {}", script.display(), output.status));
    }
    Ok(Path::new(String::from_utf8_lossy(&output.stdout).trim()).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_planted_difference_is_found() {
        let klamm = klamm::definitions();
        assert!(compare::compare(&klamm, &klamm).is_empty());
        assert_eq!(planted::check(&klamm, &klamm), Ok(18));
    }
}
