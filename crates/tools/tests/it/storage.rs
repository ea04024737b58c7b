//! `kafka-storage` run by run against what Kafka 4.4.0's printed, its exit codes and the files it left.

use klamm_base::rng::SeededRng;
use klamm_log::disk::real::RealDisk;
use klamm_tools::World;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

const CASES: &str = include_str!("../data/storage-cases.txt");
const KAFKAS: &str = include_str!("../data/kafka-4.4.0-storage.txt");

const BASE: [(&str, &str); 6] = [
    ("process.roles", "broker,controller"),
    ("node.id", "1"),
    ("controller.quorum.voters", "1@localhost:9093"),
    ("listeners", "PLAINTEXT://:9092,CONTROLLER://:9093"),
    ("controller.listener.names", "CONTROLLER"),
    ("log.dirs", "$D/a,$D/b"),
];

#[test]
fn every_run_is_kafkas() {
    // No dot in its name: lines may end behind one.
    let folder = tempfile::Builder::new().prefix("storage").tempdir().expect("a temporary folder");
    let ours = transcript(folder.path());
    let (ours, theirs): (Vec<&str>, Vec<&str>) = (runs(&ours), runs(KAFKAS));
    let different: Vec<String> = ours
        .iter()
        .zip(&theirs)
        .filter(|(ours, theirs)| ours != theirs)
        .map(|(ours, theirs)| format!("ours:\n{ours}\nKafka's:\n{theirs}"))
        .collect();
    assert!(different.is_empty(), "{} differ\n{}", different.len(), different.join("\n"));
    assert_eq!((ours.len(), theirs.len()), (161, 161), "runs");
}

/// One run each, its command line first.
fn runs(transcript: &str) -> Vec<&str> {
    let starts: Vec<usize> = transcript
        .match_indices("$")
        .map(|(at, _)| at)
        .filter(|&at| at == 0 || transcript[..at].ends_with('\n'))
        .collect();
    let ends = starts.iter().skip(1).copied().chain([transcript.len()]);
    starts.iter().zip(ends).map(|(&start, end)| transcript[start..end].trim_end()).collect()
}

fn transcript(folder: &Path) -> String {
    let mut text = String::new();
    let mut rng = SeededRng::new(7);
    for line in CASES.lines() {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (name, argument) = rest.split_once(' ').unwrap_or((rest, ""));
        let path = folder.join(name);
        let result = match word {
            "" | "#" => Ok(()),
            "fresh" => fs::remove_dir_all(folder).and_then(|()| fs::create_dir(folder)),
            "props" => fs::write(path, properties(argument, folder)),
            "write" => fs::write(path, with_folder(argument, folder).replace("\\n", "\n")),
            "dir" => fs::create_dir(path),
            "remove" if path.is_dir() => fs::remove_dir_all(path),
            "remove" => fs::remove_file(path),
            "run" => {
                run(rest, folder, &mut rng, &mut text);
                Ok(())
            }
            other => panic!("no such word: {other}"),
        };
        result.unwrap_or_else(|error| panic!("{line}: {error}"));
    }
    text
}

fn with_folder(text: &str, folder: &Path) -> String {
    text.replace("$D", &folder.display().to_string())
}

fn properties(edits: &str, folder: &Path) -> String {
    let mut values: BTreeMap<&str, &str> = BASE.into();
    for edit in edits.split(";;").filter(|edit| !edit.is_empty()) {
        match (edit.strip_prefix('-'), edit.split_once('=')) {
            (Some(name), _) => drop(values.remove(name)),
            (None, Some((name, value))) => drop(values.insert(name, value)),
            (None, None) => panic!("no edit: {edit}"),
        }
    }
    let lines: Vec<String> = values.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    with_folder(&lines.concat(), folder)
}

/// Words of a command line; single quotes hold blanks.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (position, part) in line.split('\'').enumerate() {
        if position % 2 == 1 {
            words.push(part.to_string());
        } else {
            words.extend(part.split(' ').filter(|word| !word.is_empty()).map(str::to_string));
        }
    }
    words
}

fn run(line: &str, folder: &Path, rng: &mut SeededRng, text: &mut String) {
    let args: Vec<String> = words(line).iter().map(|word| with_folder(word, folder)).collect();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let disk = RealDisk::shared();
    let mut world = World::new(&mut out, &mut err, disk, rng, 1_763_723_645_000);
    let code = klamm_tools::storage::run(&args, &mut world).expect("printing into memory");
    let _ = writeln!(text, "{}", format!("$ {line}").trim_end());
    let _ = writeln!(text, "exit {code}");
    for (mark, bytes) in [("out", out), ("err", err)] {
        let printed = String::from_utf8(bytes).expect("text");
        let printed = cleaned(&printed, folder);
        let mut lines: Vec<&str> = printed.lines().collect();
        if mark == "out" && line.starts_with("format -") && !printed.contains("usage") {
            lines.sort_unstable();
        }
        for line in lines {
            let _ = writeln!(text, "{}", format!("{mark} {line}").trim_end());
        }
    }
    if line.starts_with("format") {
        let _ = writeln!(text, "files {}", files(folder).join(" "));
    }
}

/// As the golden data was cleaned: no help behind the usage, no random ids.
fn cleaned(printed: &str, folder: &Path) -> String {
    let mut text = printed.replace(&folder.display().to_string(), "$D");
    if text.starts_with("usage: ") {
        text = match text.split_once("\nkafka-storage:") {
            Some((usage, error)) => {
                let error = error.split("\n\nDid you mean:").next().unwrap_or_default();
                let error = error.replace("-\n", "-");
                let error: Vec<&str> = error.split_whitespace().collect();
                format!("{usage}\nkafka-storage: {}\n", error.join(" "))
            }
            None => format!("{}\n", text.split("\n\n").next().unwrap_or_default()),
        };
    }
    if let Some(thrown) = text.strip_prefix("Exception in thread \"main\" ") {
        text = thrown.split_once(": ").map_or(thrown, |(_, message)| message).to_string();
    }
    if let Some(at) = text.find("directory.id=") {
        text.replace_range(at + 13..at + 35, "$ID");
    }
    if text.len() == 23 && text.ends_with('\n') && !text.contains(' ') {
        text = "$ID\n".to_string();
    }
    text
}

/// What lies in the log directories, sorted by path.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut pending: Vec<_> = ["a", "b", "m"].map(|name| folder.join(name)).into();
    while let Some(path) = pending.pop() {
        if fs::symlink_metadata(&path).is_err() {
            continue;
        }
        if let Ok(entries) = fs::read_dir(&path) {
            pending.extend(entries.map(|entry| entry.expect("a listing").path()));
        }
        let inside = path.strip_prefix(folder).expect("below the folder");
        found.push(inside.display().to_string());
    }
    found.sort();
    found
}
