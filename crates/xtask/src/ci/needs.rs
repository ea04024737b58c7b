//! Programs that a step runs. Whoever is root on a Debian gets what is missing; others read what it is.

use std::path::Path;
use std::process::{Command, Stdio};

/// Something that must be installed, or built before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    Rustfmt,
    Clippy,
    Java,
    Maven,
    /// With virtual environments.
    Python,
    /// Node.js and its npm.
    Node,
    Go,
    /// With make and the headers of zlib.
    Cxx,
    /// Our own release build.
    Klamm,
}

/// Makes sure of every need, or says what is missing.
pub fn satisfy(needs: &[Need]) -> Result<(), String> {
    needs.iter().try_for_each(|need| need.satisfy())
}

impl Need {
    fn satisfy(self) -> Result<(), String> {
        if self.is_there() {
            return Ok(());
        }
        let attempt = self.installer().filter(|(program, _)| *program != "apt-get" || can_install());
        if let Some((program, arguments)) = attempt {
            println!("   {program} {}", arguments.join(" "));
            if program == "apt-get" {
                run("apt-get", &["update", "-qq"]);
            }
            run(program, &arguments);
        }
        if self.is_there() { Ok(()) } else { Err(format!("{} is missing", self.name())) }
    }

    fn name(self) -> &'static str {
        match self {
            Need::Rustfmt => "rustfmt",
            Need::Clippy => "clippy",
            Need::Java => "a JDK (javac)",
            Need::Maven => "Maven (mvn)",
            Need::Python => "Python 3 with venv",
            Need::Node => "Node.js with npm",
            Need::Go => "Go",
            Need::Cxx => "a C++ compiler with make and zlib",
            Need::Klamm => "the release build of klamm",
        }
    }

    fn is_there(self) -> bool {
        match self {
            Need::Rustfmt => run("cargo", &["fmt", "--version"]),
            Need::Clippy => run("cargo", &["clippy", "--version"]),
            Need::Java => run("javac", &["-version"]),
            Need::Maven => run("mvn", &["-v"]),
            Need::Python => run("python3", &["-c", "import ensurepip, venv"]),
            Need::Node => run("npm", &["--version"]),
            Need::Go => run("go", &["version"]),
            Need::Cxx => {
                run("make", &["--version"])
                    && run("g++", &["-fsyntax-only", "-x", "c++", "-include", "zlib.h", "/dev/null"])
            }
            Need::Klamm => crate::repo::Repo::open().klamm_binary().is_file(),
        }
    }

    fn installer(self) -> Option<(&'static str, Vec<&'static str>)> {
        let debian =
            |packages: &[&'static str]| Some(("apt-get", [&["install", "-y", "-qq"], packages].concat()));
        match self {
            Need::Rustfmt => Some(("rustup", vec!["component", "add", "rustfmt"])),
            Need::Clippy => Some(("rustup", vec!["component", "add", "clippy"])),
            Need::Java => debian(&["default-jdk-headless"]),
            Need::Maven => debian(&["maven"]),
            Need::Python => debian(&["python3-venv"]),
            Need::Node => debian(&["npm"]),
            Need::Go => debian(&["golang-go"]),
            Need::Cxx => debian(&["g++", "make", "zlib1g-dev"]),
            Need::Klamm => None,
        }
    }
}

/// Whether this is root on a system with Debian's packages.
fn can_install() -> bool {
    let id = Command::new("id").arg("-u").stdin(Stdio::null()).output();
    id.is_ok_and(|output| output.stdout == b"0\n") && Path::new("/usr/bin/apt-get").exists()
}

/// Whether a program ran and was content; nothing of it is shown.
fn run(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}
