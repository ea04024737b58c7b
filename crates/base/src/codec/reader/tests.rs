//! What the reader takes, and what it refuses.

use super::*;

fn reader(bytes: &[u8]) -> Reader {
    Reader::new(Bytes::copy_from_slice(bytes))
}

fn fault<T: std::fmt::Debug>(result: Result<T, DecodeError>) -> DecodeFault {
    result.expect_err("must be refused").fault
}

#[test]
fn numbers_are_big_endian() {
    let mut r = reader(&[0xff, 0x80, 0, 0xff, 0xff, 0, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(r.i8(), Ok(-1));
    assert_eq!(r.i16(), Ok(i16::MIN));
    assert_eq!(r.u16(), Ok(0xffff));
    assert_eq!(r.i32(), Ok(256));
    assert_eq!(r.i64(), Ok(i64::MIN));
    assert_eq!(r.remaining(), 0);
    assert_eq!(r.i8(), Err(DecodeError { at: 17, fault: DecodeFault::Truncated { needed: 1, left: 0 } }));
}

#[test]
fn a_truncated_number_is_not_half_read() {
    let mut r = reader(&[1, 2, 3]);
    assert_eq!(fault(r.i64()), DecodeFault::Truncated { needed: 8, left: 3 });
    assert_eq!(r.position(), 0);
    assert_eq!(r.i16(), Ok(0x0102));
}

#[test]
fn varints_of_every_length() {
    for (bytes, value) in [
        (&[0x00][..], 0u32),
        (&[0x7f], 127),
        (&[0x80, 0x01], 128),
        (&[0xff, 0xff, 0x03], 65_535),
        (&[0xff, 0xff, 0xff, 0xff, 0x0f], u32::MAX),
        // Overlong, and accepted as Kafka accepts it.
        (&[0x80, 0x00], 0),
        (&[0x81, 0x80, 0x80, 0x80, 0x00], 1),
    ] {
        let mut r = reader(bytes);
        assert_eq!(r.unsigned_varint(), Ok(value), "{bytes:x?}");
        assert_eq!(r.remaining(), 0);
    }
}

#[test]
fn varints_of_too_many_bytes_or_bits() {
    for bytes in [
        &[0x80, 0x80, 0x80, 0x80, 0x80, 0x00][..],
        &[0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
        &[0xff, 0xff, 0xff, 0xff, 0x10],
    ] {
        let error = reader(bytes).unsigned_varint();
        assert_eq!(error, Err(DecodeError { at: 0, fault: DecodeFault::BadVarint }), "{bytes:x?}");
    }
    let ten = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02];
    assert_eq!(fault(reader(&ten).unsigned_varlong()), DecodeFault::BadVarint);
    let open = [0x80; 4];
    assert_eq!(fault(reader(&open).unsigned_varint()), DecodeFault::Truncated { needed: 1, left: 0 });
}

#[test]
fn signed_varints_are_zigzag() {
    for (bytes, value) in
        [(&[0x00][..], 0), (&[0x01], -1), (&[0x02], 1), (&[0xff, 0xff, 0xff, 0xff, 0x0f], i32::MIN)]
    {
        assert_eq!(reader(bytes).varint(), Ok(value));
    }
    let longest = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    assert_eq!(reader(&longest).varlong(), Ok(i64::MIN));
}

#[test]
fn lengths_below_minus_one_are_refused() {
    assert_eq!(reader(&[]).fixed_length(-1), Ok(None));
    assert_eq!(reader(&[]).fixed_length(0), Ok(Some(0)));
    assert_eq!(fault(reader(&[]).fixed_length(-2)), DecodeFault::BadLength(-2));
    // 2^31 as a compact length would be -2 in Kafka.
    let huge = reader(&[0x80, 0x80, 0x80, 0x80, 0x08]).compact_length();
    assert_eq!(fault(huge), DecodeFault::BadLength(1 << 31));
}

#[test]
fn an_array_needs_bytes_for_every_element() {
    let mut frame = vec![0, 0, 0, 3];
    frame.extend([0; 24]);
    assert_eq!(reader(&frame).element_count(false, 8, 8), Ok(Some(3)));
    assert_eq!(fault(reader(&frame).element_count(false, 9, 9)), DecodeFault::TooManyElements(3));
    // An element of no bytes at all counts as one.
    assert_eq!(reader(&frame).element_count(false, 0, 8), Ok(Some(3)));
}

#[test]
fn a_million_elements_pass_and_one_more_does_not() {
    for (count, passes) in [(ELEMENTS_MAX, true), (ELEMENTS_MAX + 1, false)] {
        let mut frame = count.to_be_bytes().to_vec();
        frame.resize(4 + count as usize, 0);
        assert_eq!(reader(&frame).element_count(false, 1, 1).is_ok(), passes);
    }
}

#[test]
fn elements_are_charged_before_they_exist() {
    let mut frame = vec![0, 0, 0x10, 0];
    frame.resize(4 + 4_096, 0);
    let budget = 8 * frame.len() + 64 * 1024;
    let fault = fault(reader(&frame).element_count(false, 1, 100));
    assert_eq!(fault, DecodeFault::BudgetExceeded { needed: 409_600, left: budget });
    let mut r = reader(&frame);
    assert_eq!(r.element_count(false, 1, 24), Ok(Some(4_096)));
    assert_eq!(r.budget(), budget - 24 * 4_096);
}

#[test]
fn unknown_tags_are_stepped_over() {
    // Two tagged fields: tag 7 with three bytes, tag 300 with none; then one byte more.
    let mut r = reader(&[2, 7, 3, 9, 9, 9, 0xac, 0x02, 0, 0x55]);
    assert_eq!(r.no_tagged_fields(), Ok(()));
    assert_eq!(r.rest(), &[0x55][..]);
}

#[test]
fn ten_thousand_tagged_fields_pass_and_one_more_does_not() {
    for (count, passes) in [(10_000u32, true), (10_001, false)] {
        let mut frame = vec![(count & 0x7f) as u8 | 0x80, (count >> 7) as u8];
        frame.extend([5, 0].repeat(count as usize));
        let result = reader(&frame).no_tagged_fields();
        assert_eq!(result.is_ok(), passes, "{result:?}");
    }
}

#[test]
fn more_tagged_fields_than_bytes_are_refused_at_once() {
    // 20,000,000 fields in a frame of nine bytes.
    let frame = [0x80, 0xda, 0xc4, 0x09, 0, 0, 0, 0, 0];
    assert_eq!(fault(reader(&frame).no_tagged_fields()), DecodeFault::TooManyTaggedFields(20_000_000));
    assert_eq!(fault(reader(&[2, 0, 0, 0]).no_tagged_fields()), DecodeFault::TooManyTaggedFields(2));
}

#[test]
fn a_known_tag_must_take_what_it_said() {
    let frame = [1, 0, 4, 0, 0, 0, 7];
    let mut value = 0;
    let mut r = reader(&frame);
    let read = r.tagged_fields(&mut |r, _| {
        value = r.i32()?;
        Ok(true)
    });
    assert_eq!((read, value), (Ok(()), 7));
    let shorter = reader(&frame).tagged_fields(&mut |r, _| r.i16().map(|_| true));
    assert_eq!(fault(shorter), DecodeFault::BadTaggedSize { said: 4, read: 2 });
    let cut = reader(&[1, 0, 5, 0, 0, 0, 7]).no_tagged_fields();
    assert_eq!(fault(cut), DecodeFault::Truncated { needed: 5, left: 4 });
}
