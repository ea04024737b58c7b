//! The golden messages of `interop/golden`: what Kafka's classes wrote for chosen values.

use crate::seeds::files;
use flate2::read::GzDecoder;
use std::io::Read;

/// Requests and their bytes in every version.
pub const REQUESTS: &str = "requests.jsonl.gz";
pub const RESPONSES: &str = "responses.jsonl.gz";
/// Records of all internal logs, and what travels inside of messages.
pub const RECORDS: &str = "records.jsonl.gz";

/// A message that Kafka has written.
pub struct Golden {
    pub name: String,
    pub version: i16,
    pub bytes: Vec<u8>,
    /// The same with the numbers in front that a record of a log has.
    pub framed: Option<Vec<u8>>,
}

/// All messages of a file, without those that Kafka refuses to write.
///
/// # Panics
/// When the file is not what the golden suite writes.
pub fn read(file: &str) -> Vec<Golden> {
    let packed = files::read(&format!("interop/golden/data/{file}"));
    let mut text = String::new();
    GzDecoder::new(&packed[..]).read_to_string(&mut text).expect("golden data is gzip");
    text.lines().filter_map(parse).collect()
}

fn parse(line: &str) -> Option<Golden> {
    let line: serde_json::Value = serde_json::from_str(line).expect("golden data is lines of JSON");
    let hex = |field: &str| line.get(field).and_then(|value| value.as_str()).map(from_hex);
    Some(Golden {
        name: line["name"].as_str().expect("every message has a name").to_owned(),
        version: line["version"].as_i64().expect("every message has a version") as i16,
        bytes: hex("bytes")?,
        framed: hex("framed"),
    })
}

fn from_hex(hex: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).expect("a hexadecimal digit") as u8;
    hex.as_bytes().chunks_exact(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}
