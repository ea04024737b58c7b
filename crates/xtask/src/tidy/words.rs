//! Quiet rooms: no runtime, no files, no sockets, no threads, no clock, no chance.

use super::rooms::is_quiet;
use crate::Findings;
use crate::modules::Module;
use crate::repo::Crate;
use crate::rust_text::{line_of, use_paths, words};
use std::path::Path;

/// What shipped code of a quiet room must not say.
const LOUD_WORDS: [&str; 9] = [
    "tokio",
    "std::fs",
    "std::net",
    "std::thread",
    "std::env",
    "std::process",
    "Instant::now",
    "SystemTime::now",
    "rand::",
];

/// Addresses as values; nothing is opened with them.
const ADDRESSES: [&str; 4] =
    ["std::net::IpAddr", "std::net::Ipv4Addr", "std::net::Ipv6Addr", "std::net::SocketAddr"];

/// The one file that is the disk.
const EXCEPTION: &str = "crates/log/src/disk/real.rs";

/// What no shipped code says, in any room.
const UNFINISHED: [&str; 3] = ["todo!", "unimplemented!", "dbg!"];

/// What shipped code says with a reason instead: `.expect("why it cannot fail")`.
const UNEXPLAINED: [&str; 1] = [".unwrap()"];

pub fn check(package: &Crate, modules: &[Module]) -> Findings {
    let mut findings = Findings::new();
    for module in modules {
        findings.extend(find(module, &module.text.code, &UNFINISHED));
        if !module.test {
            findings.extend(find(module, &module.text.shipped, &UNEXPLAINED));
        }
        if is_quiet(&package.room) && !module.test && module.file != Path::new(EXCEPTION) {
            findings.extend(find(module, &module.text.shipped, &LOUD_WORDS));
            findings.extend(find_in_groups(module));
        }
    }
    findings
}

fn find(module: &Module, code: &str, banned: &[&str]) -> Findings {
    let hits = banned.iter().flat_map(|word| words(code, word).map(move |at| (at, word)));
    // `std::net::{...}` is looked at name by name.
    let hits =
        hits.filter(|(at, word)| !is_address(&code[*at..]) && !code[at + word.len()..].starts_with("::{"));
    hits.map(|(at, word)| format!("{}:{}: {word}", module.file.display(), line_of(code, at))).collect()
}

fn is_address(path: &str) -> bool {
    ADDRESSES.iter().any(|address| words(path, address).next() == Some(0))
}

/// `use std::{fs, ...}` says `std::fs` too.
fn find_in_groups(module: &Module) -> Findings {
    let code = &module.text.shipped;
    let paths = use_paths(code).into_iter().map(|path| path.join("::"));
    let loud = paths.filter(|path| {
        let named = |word: &str| path == word || path.starts_with(&format!("{word}::"));
        let written_out = |word: &str| words(code, path).any(|at| code[at..].starts_with(word));
        LOUD_WORDS.iter().any(|word| named(word) && !is_address(path) && !written_out(word))
    });
    loud.map(|path| format!("{}: {path}", module.file.display())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rust_text::RustText;

    fn findings(room: &str, file: &str, source: &str) -> Findings {
        let package = Crate { room: room.into(), folder: format!("crates/{room}").into() };
        let text = RustText::new(source.to_owned());
        check(&package, &[Module { file: file.into(), path: vec![], test: false, text }])
    }

    #[test]
    fn loud_words_are_found_in_quiet_rooms_only() {
        for source in [
            "use tokio::time;",
            "fn a() { std::fs::read(b) }",
            "use std::{fmt, fs::File};",
            "use std::{fmt, thread};",
            "use std::net::{IpAddr, TcpStream};",
            "use std::net::TcpStream;",
            "use tokio::{a, b::c};",
            "fn a() { Instant::now() }",
            "fn a() { rand::random() }",
        ] {
            assert!(!findings("log", "crates/log/src/segment.rs", source).is_empty(), "{source}");
            assert!(findings("server", "crates/server/src/a.rs", source).is_empty(), "{source}");
            assert!(findings("log", EXCEPTION, source).is_empty(), "{source}");
        }
        assert!(
            findings("log", "a.rs", "use std::net::{IpAddr, SocketAddr};\nfn a(b: std::net::IpAddr) {}")
                .is_empty()
        );
        assert!(findings("log", "a.rs", "// tokio\nfn a() { operand::b(\"std::fs\") }").is_empty());
        assert!(findings("log", "a.rs", "#[cfg(test)]\nmod tests { use std::fs; }").is_empty());
    }

    #[test]
    fn shipped_code_says_why_it_cannot_fail() {
        let source = "fn a() { b.unwrap(); c.expect(\"d\"); e.unwrap_or(f) }\n#[cfg(test)]\nmod t { fn g() { h.unwrap() } }";
        assert_eq!(findings("server", "a.rs", source), ["a.rs:1: .unwrap()"]);
    }

    #[test]
    fn unfinished_work_is_found_everywhere() {
        assert_eq!(findings("server", "a.rs", "fn a() { todo!() }"), ["a.rs:1: todo!"]);
        assert_eq!(findings("server", "a.rs", "fn a() {\n  dbg!(b);\n unimplemented!() }").len(), 2);
    }
}
