//! The usage and help texts: argparse4j's form, our own words.

use super::similar::similar;
use super::wrap::justified;
use super::{Opt, Parser, Takes, UsageFault};

/// Columns of a line.
const WIDTH: usize = 75;
/// Where the second column of the help begins.
const HELP_COLUMN: usize = 25;

impl Opt {
    /// `CLUSTER_ID`.
    fn metavar(&self) -> String {
        self.long.replace('-', "_").to_uppercase()
    }

    fn with_metavar(&self, name: &str) -> String {
        match self.takes {
            Takes::Nothing => name.to_string(),
            Takes::Value | Takes::Integer | Takes::Values => format!("{name} {}", self.metavar()),
        }
    }
}

impl Parser {
    /// The usage, ending in a newline; parts that do not fit go below the command's own name.
    pub fn usage(&self) -> String {
        let indent = "usage: ".len() + self.prog.split(' ').next().unwrap_or_default().len() + 1;
        let mut text = format!("usage: {}", self.prog);
        let mut column = text.len();
        for part in self.usage_parts() {
            if column + 1 + part.len() > WIDTH {
                text.push_str(&format!("\n{:indent$}{part}", ""));
                column = indent + part.len();
            } else {
                text.push_str(&format!(" {part}"));
                column += 1 + part.len();
            }
        }
        text.push('\n');
        text
    }

    /// What is said of a command line that was not understood; `program` is the name without sub-commands.
    pub fn fault(&self, program: &str, fault: &UsageFault) -> String {
        let said = justified(&format!("{program}: error: {fault}\n"), WIDTH);
        let mut text = format!("{}{said}", self.usage());
        let names: Vec<String> = match fault {
            UsageFault::InvalidChoice { choices, .. } => choices.iter().map(ToString::to_string).collect(),
            UsageFault::Unrecognized { given } if given.starts_with('-') => {
                let names = ["help"].into_iter().chain(self.options.iter().map(|option| option.long));
                names.map(|name| format!("--{name}")).collect()
            }
            _ => Vec::new(),
        };
        let (UsageFault::InvalidChoice { given, .. } | UsageFault::Unrecognized { given }) = fault else {
            return text;
        };
        let meant = similar(given, names.iter().map(String::as_str));
        if !meant.is_empty() {
            text.push_str("\nDid you mean:\n");
            meant.into_iter().for_each(|name| text.push_str(&format!("\t{name}\n")));
        }
        text
    }

    fn usage_parts(&self) -> Vec<String> {
        let mut parts = vec!["[-h]".to_string()];
        let is_last = |option: &Opt| {
            let same = |other: &&Opt| other.exclusive == option.exclusive;
            self.options.iter().rfind(same).is_some_and(|last| last.long == option.long)
        };
        let mut inside = false;
        // Those that exclude each other stand last.
        let (alone, grouped): (Vec<&Opt>, Vec<&Opt>) =
            self.options.iter().partition(|option| option.exclusive.is_none());
        for option in alone.into_iter().chain(grouped) {
            let plain = option.with_metavar(&format!("--{}", option.long));
            let (open, close) = if option.required { ("(", ")") } else { ("[", "]") };
            let open = if inside { "" } else { open };
            parts.push(match (option.required, option.exclusive) {
                (true, None) => plain,
                (false, None) => format!("[{plain}]"),
                (_, Some(_)) if is_last(option) => format!("{open}{plain}{close}"),
                (_, Some(_)) => format!("{open}{plain} |"),
            });
            inside = option.exclusive.is_some() && !is_last(option);
        }
        if !self.subcommands.is_empty() {
            let names: Vec<&str> = self.subcommands.iter().map(|(name, _)| *name).collect();
            parts.push(format!("{{{}}}", names.join(",")));
            parts.push("...".to_string());
        }
        parts
    }

    /// What `--help` prints.
    pub fn help(&self) -> String {
        let mut text = self.usage();
        text.push('\n');
        if !self.description.is_empty() {
            text.push_str(&format!("{}\n\n", self.description));
        }
        if !self.subcommands.is_empty() {
            let names: Vec<&str> = self.subcommands.iter().map(|(name, _)| *name).collect();
            text.push_str(&format!("positional arguments:\n  {{{}}}\n", names.join(",")));
            for (name, help) in self.subcommands {
                push_line(&mut text, &format!("    {name}"), help);
            }
            text.push('\n');
        }
        text.push_str("optional arguments:\n");
        push_line(&mut text, "  -h, --help", "show this help message and exit");
        for option in self.options {
            let long = option.with_metavar(&format!("--{}", option.long));
            let short = option.short.map(|short| option.with_metavar(&format!("-{short}")));
            let short = short.map_or_else(String::new, |short| format!(", {short}"));
            push_line(&mut text, &format!("  {long}{short}"), option.help);
        }
        text
    }
}

/// A name and its help, which goes below a name that is too long for its column, and is wrapped.
fn push_line(text: &mut String, name: &str, help: &str) {
    text.push_str(name);
    let mut column = name.len();
    if column + 2 > HELP_COLUMN {
        text.push('\n');
        column = 0;
    }
    let mut first = true;
    for word in help.split(' ') {
        if !first && column + 1 + word.len() > WIDTH {
            text.push('\n');
            column = 0;
        }
        if column < HELP_COLUMN {
            text.push_str(&" ".repeat(HELP_COLUMN - column));
            column = HELP_COLUMN;
        } else if !first {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += word.len();
        first = false;
    }
    text.push('\n');
}
