//! The lists of bugs: what each is, where it goes, and which test must find it.
//!
//! ````text
//! ## name-of-the-bug
//!
//! What it breaks, in a sentence or two.
//!
//! - file: `crates/log/src/home.rs`
//! - test: `crash::`
//!
//! ```rust
//! the code as it is, exactly once in the file
//! ```
//!
//! ```rust
//! the code with the bug
//! ```
//! ````

use std::path::PathBuf;

use crate::Findings;
use crate::repo::Repo;

/// A bug to be planted.
#[derive(Debug)]
pub struct Plant {
    pub name: String,
    /// The package whose tests must find it.
    pub package: String,
    /// Filter of its tests.
    pub test: String,
    /// Where it goes, relative to the root.
    pub file: PathBuf,
    pub find: String,
    pub replace: String,
}

/// The bugs of all rooms, or what is wrong with the lists.
pub fn all(repo: &Repo) -> Result<Vec<Plant>, Findings> {
    let (mut plants, mut findings) = (Vec::new(), Findings::new());
    for file in repo.files.iter().filter(|file| file.ends_with("tests/planted.md")) {
        let room = file.iter().nth(1).map(|room| room.to_string_lossy().into_owned()).unwrap_or_default();
        let text = repo.text(file).unwrap_or_default();
        for section in text.split("\n## ").skip(1) {
            let name = section.lines().next().unwrap_or_default();
            match parse(section, &format!("klamm-{room}")).and_then(|plant| placed(repo, plant)) {
                Ok(plant) => plants.push(plant),
                Err(why) => findings.push(format!("{}: {name}: {why}", file.display())),
            }
        }
    }
    if findings.is_empty() { Ok(plants) } else { Err(findings) }
}

fn parse(section: &str, package: &str) -> Result<Plant, String> {
    let field = |name: &str| {
        let start = format!("- {name}: `");
        let line = section.lines().find_map(|line| line.strip_prefix(&start));
        let value = line.and_then(|line| line.strip_suffix('`'));
        value.map(str::to_owned).ok_or(format!("no line of the form {start}..`"))
    };
    let mut code = section.split("```rust\n").skip(1).map(|block| block.split("```").next());
    let mut block = || code.next().flatten().map(str::to_owned).ok_or("two blocks of code are needed");
    let (find, replace) = (block()?, block()?);
    let name = section.lines().next().unwrap_or_default().to_owned();
    let file = field("file")?.into();
    Ok(Plant { name, package: package.to_owned(), test: field("test")?, file, find, replace })
}

/// Sees that the code to be changed is there once.
fn placed(repo: &Repo, plant: Plant) -> Result<Plant, String> {
    let file = plant.file.display();
    if !repo.files.contains(&plant.file) {
        return Err(format!("there is no {file}"));
    }
    let text = repo.text(&plant.file).unwrap_or_default();
    match text.matches(&plant.find).count() {
        1 if plant.find != plant.replace => Ok(plant),
        1 => Err("it changes nothing".to_owned()),
        0 => Err(format!("the code to be changed is not in {file} any more")),
        count => Err(format!("the code to be changed is in {file} {count} times")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECTION: &str = "a-bug\n\nIt breaks.\n\n- file: `crates/xtask/src/planted/list.rs`\n- test: `it`\n\n\
        ```rust\nfn placed(\n```\n\n```rust\nfn lost(\n```\n";

    #[test]
    fn a_section_is_a_bug() {
        let plant = parse(SECTION, "klamm-log").expect("a whole section");
        assert_eq!((&*plant.name, &*plant.test, &*plant.package), ("a-bug", "it", "klamm-log"));
        assert_eq!((&*plant.find, &*plant.replace), ("fn placed(\n", "fn lost(\n"));
        assert!(parse("a-bug\n- file: `x`\n```rust\none\n```\n", "klamm-log").is_err());
        assert!(parse(&SECTION.replace("- test", "- tests"), "klamm-log").is_err());
    }

    #[test]
    fn code_that_is_gone_or_there_twice_is_told() {
        let repo = Repo::open();
        let plant = |find: &str| {
            let mut plant = parse(SECTION, "klamm-log").expect("a whole section");
            plant.find = find.to_owned();
            placed(&repo, plant)
        };
        assert!(plant(concat!("//! The lists", " of bugs")).is_ok());
        assert!(plant("nobody would write this\0").is_err());
        assert!(plant("plant").is_err());
    }
}
