//! Every conversation in `tests/scripts`, held against what it says (`UPDATE=1` writes what was said instead; read the
//! difference before it is committed).

use std::fs;
use std::path::Path;

use crate::conversation::Conversation;

#[test]
fn conversations_go_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    let mut scripts: Vec<_> = fs::read_dir(&folder)
        .expect("the folder of scripts")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    scripts.sort();
    assert!(scripts.len() >= 8, "only {} scripts were found", scripts.len());
    let differ: Vec<_> = scripts.iter().filter(|script| !holds(script)).collect();
    assert!(differ.is_empty(), "these say something else: {differ:?}");
}

/// Runs one script; false when it went otherwise than written.
fn holds(script: &Path) -> bool {
    let written = fs::read_to_string(script).expect("a script");
    let said = play(&written);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(script, said).expect("a script can be written");
        return true;
    }
    if said != written {
        let pairs = written.lines().zip(said.lines()).enumerate();
        let first = pairs.into_iter().find(|(_, (written, said))| written != said);
        eprintln!("{}: {first:?}\nin full:\n{said}", script.display());
    }
    said == written
}

/// The script with what was really said below each command. A command is a line that begins in the first column.
fn play(script: &str) -> String {
    let mut conversation = Conversation::new();
    let mut out = String::new();
    for line in script.lines() {
        if line.starts_with("  ") {
            continue;
        }
        out.push_str(line);
        out.push('\n');
        if !line.is_empty() && !line.starts_with('#') {
            for said in conversation.say(line) {
                out.push_str(&format!("  {said}\n"));
            }
        }
    }
    out
}
