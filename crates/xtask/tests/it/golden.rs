//! The golden data and the messages that it is about.

use bytes::Bytes;
use flate2::read::GzDecoder;
use klamm_base::codec::MessageType;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// Definitions of Kafka that have golden bytes but are no messages here.
pub const NOT_OURS: [&str; 2] = ["AbortedTxn", "ProducerSnapshot"];

/// One line of the golden data.
pub struct Vector {
    pub name: String,
    pub version: i16,
    pub case: String,
    /// Missing where Kafka refuses to write the values.
    pub bytes: Option<Bytes>,
    /// The same with the numbers in front that a log record has.
    pub framed: Option<Bytes>,
    /// The version in whose terms the values are written.
    pub json_version: i16,
    pub json: Value,
}

impl Vector {
    fn parse(line: &Value) -> Vector {
        let version = number(&line["version"]);
        Vector {
            name: text(&line["name"]),
            version,
            case: text(&line["case"]),
            bytes: line["bytes"].as_str().map(from_hex),
            framed: line.get("framed").and_then(Value::as_str).map(from_hex),
            json_version: line.get("jsonVersion").map_or(version, number),
            json: line["json"].clone(),
        }
    }

    pub fn title(&self) -> String {
        format!("{} v{} {}", self.name, self.version, self.case)
    }
}

/// The lines of one file.
pub fn lines(file: &str) -> Vec<Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("xtask lies two folders deep");
    let path = root.join("interop/golden/data").join(file);
    let file = File::open(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let lines = BufReader::new(GzDecoder::new(file)).lines();
    lines.map(|line| serde_json::from_str(&line.expect("a line of text")).expect("a line of JSON")).collect()
}

/// The cases of one file that are about our messages.
pub fn vectors(file: &str) -> Vec<Vector> {
    let vectors = lines(file);
    let vectors = vectors.iter().map(Vector::parse);
    vectors.filter(|vector| !NOT_OURS.contains(&vector.name.as_str())).collect()
}

/// Every message of every room by name.
pub fn messages() -> BTreeMap<&'static str, &'static MessageType> {
    let rooms = klamm_wire::registry().iter().chain(klamm_metadata::records::registry());
    let rooms = rooms.chain(klamm_coordinator::registry()).chain(klamm_raft::records::registry());
    rooms.map(|message| (message.name(), message)).collect()
}

pub fn from_hex(hex: &str) -> Bytes {
    let digit = |byte: u8| char::from(byte).to_digit(16).expect("a hexadecimal digit") as u8;
    hex.as_bytes().chunks_exact(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

pub fn number(value: &Value) -> i16 {
    value.as_i64().and_then(|number| number.try_into().ok()).expect("a 16-bit number")
}
