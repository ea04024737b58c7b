//! `--add-scram`: a user and what it is checked by (RFC 5802), as the first records of a cluster. Kafka:
//! `ScramParser`, `ScramFormatter`.
//!
//! `SCRAM-SHA-256=[name=alice,password=alice-secret]`, or with `salt` and `saltedpassword` (both base64) in place of the
//! password; `iterations` is 4096 unless given. A value may stand in double quotes and holds no comma.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use hmac::{Hmac, Mac};
use klamm_base::rng::Rng;
use klamm_metadata::records::UserScramCredentialRecord;
use sha2::{Digest, Sha256, Sha512};

const ITERATIONS: i32 = 4096;
const ITERATIONS_MAX: i32 = 16384;
/// Of a salt that nobody gave.
const SALT_BYTES: usize = 24;

/// Why an argument is no user, in Kafka's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScramFault {
    NoMechanism { argument: String },
    Mechanism { name: String },
    NotOpened,
    NotClosed,
    NoValue { component: String },
    NoName,
    Salt { text: String },
    Iterations { text: String },
    NoPassword,
    NoSalt,
    SaltedPassword { text: String },
    Unknown { names: Vec<String> },
    TooFewIterations { mechanism: Mechanism },
    TooManyIterations { mechanism: Mechanism },
    EmptyPassword,
}

/// Kafka: `ScramMechanism`, with its types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i8)]
pub enum Mechanism {
    Sha256 = 1,
    Sha512 = 2,
}

/// The record of a user that an argument describes.
pub(super) fn user(argument: &str, rng: &mut dyn Rng) -> Result<UserScramCredentialRecord, ScramFault> {
    let (mechanism, components) = split(argument.trim())?;
    let mut values = BTreeMap::new();
    // A comma at the end begins nothing.
    for component in components.trim_end_matches(',').split(',') {
        let (name, value) = component
            .split_once('=')
            .ok_or_else(|| ScramFault::NoValue { component: component.to_owned() })?;
        values.insert(name, unquoted(value));
    }
    let name = values.remove("name").ok_or(ScramFault::NoName)?;
    let salt = match values.remove("salt") {
        Some(text) => Some(base64(text).ok_or_else(|| ScramFault::Salt { text: text.to_owned() })?),
        None => None,
    };
    let iterations = match values.remove("iterations") {
        Some(text) => text.parse().map_err(|_| ScramFault::Iterations { text: text.to_owned() })?,
        None => ITERATIONS,
    };
    let password = password(&mut values, salt.is_some())?;
    if !values.is_empty() {
        return Err(ScramFault::Unknown { names: values.into_keys().map(str::to_owned).collect() });
    }
    match iterations {
        ..ITERATIONS => return Err(ScramFault::TooFewIterations { mechanism }),
        ITERATIONS..=ITERATIONS_MAX => {}
        _ => return Err(ScramFault::TooManyIterations { mechanism }),
    }
    let salt = salt.unwrap_or_else(|| random_salt(rng));
    let salted = match password {
        Password::Plain(password) => mechanism.salted(password.as_bytes(), &salt, iterations)?,
        Password::Salted(salted) => salted,
    };
    let (stored_key, server_key) = mechanism.keys(&salted)?;
    let (name, mechanism) = (name.to_owned(), mechanism as i8);
    Ok(UserScramCredentialRecord { name, mechanism, salt: salt.into(), stored_key, server_key, iterations })
}

/// The mechanism, and what stands in the brackets.
fn split(argument: &str) -> Result<(Mechanism, &str), ScramFault> {
    let no_mechanism = || ScramFault::NoMechanism { argument: argument.to_owned() };
    let (name, components) = argument.split_once('=').ok_or_else(no_mechanism)?;
    let mechanism = match name {
        "SCRAM-SHA-256" => Mechanism::Sha256,
        "SCRAM-SHA-512" => Mechanism::Sha512,
        _ => return Err(ScramFault::Mechanism { name: name.to_owned() }),
    };
    let components = components.strip_prefix('[').ok_or(ScramFault::NotOpened)?;
    Ok((mechanism, components.strip_suffix(']').ok_or(ScramFault::NotClosed)?))
}

fn unquoted(value: &str) -> &str {
    let inside = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    inside.unwrap_or(value)
}

enum Password<'a> {
    Plain(&'a str),
    Salted(Vec<u8>),
}

/// The password of the two that counts.
fn password<'a>(values: &mut BTreeMap<&str, &'a str>, is_salted: bool) -> Result<Password<'a>, ScramFault> {
    let salted = values.remove("saltedpassword");
    match (values.remove("password"), salted) {
        (Some(password), _) => Ok(Password::Plain(password)),
        (None, None) => Err(ScramFault::NoPassword),
        (None, Some(_)) if !is_salted => Err(ScramFault::NoSalt),
        (None, Some(text)) => match base64(text) {
            Some(bytes) => Ok(Password::Salted(bytes)),
            None => Err(ScramFault::SaltedPassword { text: text.to_owned() }),
        },
    }
}

pub(crate) fn random_salt(rng: &mut dyn Rng) -> Vec<u8> {
    std::iter::repeat_with(|| rng.next_u64().to_le_bytes()).flatten().take(SALT_BYTES).collect()
}

/// The standard alphabet, as Java reads it: the padding may be left out, and is whole where it stands.
fn base64(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    let is_whole = padding == 0 || (padding <= 2 && text.len().is_multiple_of(4));
    if !is_whole || digits.len() % 4 == 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len() * 3 / 4);
    let (mut bits, mut count) = (0u32, 0u32);
    for digit in digits.bytes() {
        let six = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(six);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    Some(bytes)
}

impl Mechanism {
    /// `Hi` of the RFC, which is PBKDF2 with one block.
    pub(crate) fn salted(self, password: &[u8], salt: &[u8], iterations: i32) -> Result<Vec<u8>, ScramFault> {
        if password.is_empty() {
            return Err(ScramFault::EmptyPassword);
        }
        let iterations = iterations.unsigned_abs();
        Ok(match self {
            Mechanism::Sha256 => pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(password, salt, iterations).to_vec(),
            Mechanism::Sha512 => pbkdf2::pbkdf2_hmac_array::<Sha512, 64>(password, salt, iterations).to_vec(),
        })
    }

    /// `StoredKey` and `ServerKey`.
    fn keys(self, salted: &[u8]) -> Result<(Bytes, Bytes), ScramFault> {
        if salted.is_empty() {
            return Err(ScramFault::EmptyPassword);
        }
        let stored = match self {
            Mechanism::Sha256 => Bytes::from(Sha256::digest(self.hmac(salted, b"Client Key")).to_vec()),
            Mechanism::Sha512 => Bytes::from(Sha512::digest(self.hmac(salted, b"Client Key")).to_vec()),
        };
        Ok((stored, self.hmac(salted, b"Server Key").into()))
    }

    fn hmac(self, key: &[u8], text: &[u8]) -> Vec<u8> {
        const ANY: &str = "HMAC takes keys of any length";
        match self {
            Mechanism::Sha256 => Hmac::<Sha256>::new_from_slice(key)
                .expect(ANY)
                .chain_update(text)
                .finalize()
                .into_bytes()
                .to_vec(),
            Mechanism::Sha512 => Hmac::<Sha512>::new_from_slice(key)
                .expect(ANY)
                .chain_update(text)
                .finalize()
                .into_bytes()
                .to_vec(),
        }
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Mechanism::Sha256 => "SCRAM_SHA_256",
            Mechanism::Sha512 => "SCRAM_SHA_512",
        })
    }
}

impl fmt::Display for ScramFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ScramFault::NoMechanism { argument } => {
                write!(f, "Failed to find equals sign in SCRAM argument '{argument}'")
            }
            ScramFault::Mechanism { name } => write!(f, "The add-scram mechanism {name} is not supported."),
            ScramFault::NotOpened => f.write_str("Expected configuration string to start with ["),
            ScramFault::NotClosed => f.write_str("Expected configuration string to end with ]"),
            ScramFault::NoValue { component } => {
                write!(f, "No equals sign found in SCRAM component: {component}")
            }
            ScramFault::NoName => f.write_str("You must supply 'name' to add-scram"),
            ScramFault::Salt { text } => write!(f, "Failed to decode given salt: {text}"),
            ScramFault::Iterations { text } => write!(f, "Failed to parse iterations count: {text}"),
            ScramFault::NoPassword => {
                f.write_str("You must supply one of 'password' or 'saltedpassword' to add-scram")
            }
            ScramFault::NoSalt => f.write_str("You must supply 'salt' with 'saltedpassword' to add-scram"),
            ScramFault::SaltedPassword { text } => {
                write!(f, "Failed to decode given saltedPassword: {text}")
            }
            ScramFault::Unknown { names } => write!(f, "Unknown SCRAM configurations: {}", names.join(", ")),
            ScramFault::TooFewIterations { mechanism } => {
                write!(f, "The 'iterations' value must be >= {ITERATIONS} for add-scram using {mechanism}")
            }
            ScramFault::TooManyIterations { mechanism } => write!(
                f,
                "The 'iterations' value must be <= {ITERATIONS_MAX} for add-scram using {mechanism}"
            ),
            // Kafka leaves it to Java to say so.
            ScramFault::EmptyPassword => f.write_str("Empty key"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use klamm_base::rng::SeededRng;

    fn parsed(argument: &str) -> UserScramCredentialRecord {
        user(argument, &mut SeededRng::new(1)).expect(argument)
    }

    fn signed(bytes: &[u8]) -> Vec<i8> {
        bytes.iter().map(|byte| *byte as i8).collect()
    }

    /// What Kafka 4.4.0's tool printed for the same arguments.
    #[test]
    fn keys_are_kafkas() {
        let alice = parsed("SCRAM-SHA-256=[name=a,password=b,salt=N3E]");
        assert_eq!((alice.mechanism, alice.iterations, &alice.salt[..]), (1, 4096, &b"7q"[..]));
        assert_eq!(
            signed(&alice.stored_key),
            [
                -32, 9, 92, 107, -9, 90, 4, 124, -53, -24, -35, 103, -60, -5, -36, -95, -39, 41, 106, 84,
                -28, -7, 48, 16, -24, 96, -17, -77, -45, 61, -127, 42
            ]
        );
        assert_eq!(
            signed(&alice.server_key),
            [
                -119, 10, 6, -84, -90, 73, -104, -112, -19, 123, -87, 70, 63, -126, -117, -29, -2, 14, 51,
                55, 74, -94, -52, -25, -101, -71, 110, -43, -107, -15, -59, 46
            ]
        );
        let bob =
            parsed(r#" SCRAM-SHA-512=[name="bob b",iterations=8192,salt="N3E=",saltedpassword="YCE=",] "#);
        assert_eq!((bob.name.as_str(), bob.mechanism, bob.iterations), ("bob b", 2, 8192));
        assert_eq!(signed(&bob.stored_key)[..8], [113, 118, -93, 73, -7, 30, -78, -31]);
        assert_eq!(signed(&bob.server_key)[56..], [-72, 59, 17, -62, 15, 6, 12, 7]);
    }

    /// RFC 7677, section 3: the client key it signs with is the one behind this stored key.
    #[test]
    fn keys_are_those_of_the_standard() {
        let pencil = parsed("SCRAM-SHA-256=[name=user,password=pencil,salt=W22ZaJ0SNY7soEsUEjb6gQ==]");
        assert_eq!(
            Some(&pencil.stored_key[..]),
            base64("WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=").as_deref()
        );
        assert_eq!(
            Some(&pencil.server_key[..]),
            base64("wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=").as_deref()
        );
    }

    #[test]
    fn salts_that_nobody_gave_differ() {
        let rng = &mut SeededRng::new(1);
        let mut salt = || user("SCRAM-SHA-256=[name=a,password=b]", rng).expect("a user").salt;
        let (one, two) = (salt(), salt());
        assert!(one != two && one.len() == SALT_BYTES);
    }
}
