//! Every message in every version, there and back, and what damage does to its bytes.

use crate::random_json;
use bytes::Bytes;
use klamm_base::codec::{AnyMessage, EncodeError, MessageType, Reader, Writer};
use klamm_base::rng::{Rng, SeededRng};
use klamm_wire::registry;

const SEEDS: u64 = 8;

fn encode(message: &dyn AnyMessage, version: i16) -> Bytes {
    let mut writer = Writer::new();
    message.encode(&mut writer, version).unwrap_or_else(|error| panic!("{error}: {message:?}"));
    let bytes = writer.into_bytes();
    let size = message.encoded_size(version).expect("what encodes has a size");
    assert_eq!(size.total(), bytes.len(), "{message:?}");
    bytes
}

/// Every message in every version, with values drawn from each seed.
fn for_each_sample(mut check: impl FnMut(&MessageType, i16, Box<dyn AnyMessage>, &mut SeededRng)) {
    for message in registry() {
        for version in message.schema.versions.iter() {
            for seed in 0..SEEDS {
                let mut rng = SeededRng::new(seed);
                let json = random_json::message(message.schema, version, &mut rng);
                let value = (message.from_json)(&json, version);
                let value = value.unwrap_or_else(|error| panic!("v{version}: {error} in {json}"));
                check(message, version, value, &mut rng);
            }
        }
    }
}

#[test]
fn defaults_come_back() {
    for message in registry() {
        for version in message.schema.versions.iter() {
            let value = (message.default)();
            let mut writer = Writer::new();
            match value.encode(&mut writer, version) {
                Ok(()) => {}
                // The one message whose default is null where no null is legal, as in Kafka.
                Err(EncodeError::UnexpectedNull { field: "UnalignedRecords", .. }) => continue,
                Err(error) => panic!("{} v{version}: {error}", message.name()),
            }
            let mut r = Reader::new(writer.into_bytes());
            let read = (message.decode)(&mut r, version).expect("what was written");
            assert!(read.equals(&*value), "{} v{version}: {read:?}", message.name());
            assert_eq!(r.remaining(), 0);
        }
    }
}

#[test]
fn any_values_come_back() {
    for_each_sample(|message, version, value, _| {
        let mut r = Reader::new(encode(&*value, version));
        let read = (message.decode)(&mut r, version).expect("what was written");
        assert!(read.equals(&*value), "{} v{version}: {read:?} from {value:?}", message.name());
        assert_eq!(r.remaining(), 0);

        let json = value.to_json(version).expect("what came from JSON");
        let again = (message.from_json)(&json, version).expect("what went into JSON");
        assert!(again.equals(&*value), "{} v{version}: {json}", message.name());
    });
}

#[test]
fn bytes_after_the_message_are_left_alone() {
    for_each_sample(|message, version, value, _| {
        let mut bytes = encode(&*value, version).to_vec();
        bytes.extend([1, 2, 3]);
        let mut r = Reader::new(bytes.into());
        let read = (message.decode)(&mut r, version).expect("what was written");
        assert!(read.equals(&*value));
        assert_eq!(r.remaining(), 3);
    });
}

#[test]
fn a_message_cut_anywhere_is_refused() {
    for_each_sample(|message, version, value, rng| {
        let bytes = encode(&*value, version);
        for _ in 0..bytes.len().min(16) {
            let len = rng.below(bytes.len() as u64) as usize;
            let read = (message.decode)(&mut Reader::new(bytes.slice(..len)), version);
            assert!(read.is_err(), "{} v{version} of {len} bytes: {read:?}", message.name());
        }
    });
}

#[test]
fn damaged_bytes_are_refused_or_mean_something() {
    for_each_sample(|message, version, value, rng| {
        let bytes = encode(&*value, version);
        for _ in 0..bytes.len().min(16) {
            let mut damaged = bytes.to_vec();
            let at = rng.below(bytes.len() as u64) as usize;
            damaged[at] ^= 1 << rng.below(8);
            let Ok(read) = (message.decode)(&mut Reader::new(damaged.into()), version) else { continue };
            // Whatever was understood can be said again. Compared as text, since NaN is not itself.
            let again = encode(&*read, version);
            let again = (message.decode)(&mut Reader::new(again), version).expect("what was written");
            assert_eq!(format!("{again:?}"), format!("{read:?}"), "{} v{version}", message.name());
        }
    });
}

#[test]
fn noise_is_refused_or_means_something() {
    for message in registry() {
        for version in message.schema.versions.iter() {
            let mut rng = SeededRng::new(u64::from(version.unsigned_abs()) + 1);
            for _ in 0..32 {
                let len = rng.below(200);
                let noise: Vec<u8> = (0..len).map(|_| (rng.next_u64() >> (8 * rng.below(8))) as u8).collect();
                // Nothing to compare with; it must only come to an end without a panic.
                let _ = (message.decode)(&mut Reader::new(noise.into()), version);
            }
        }
    }
}
