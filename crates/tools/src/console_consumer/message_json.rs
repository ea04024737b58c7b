//! Kafka's own messages as JSON, read from their bytes with nothing but their schema
//! (Kafka: the generated `*JsonConverter` classes, printed by Jackson).
//!
//! Names begin with a small letter and keep the order of the schema; a field stands there if its version has it and,
//! when tagged, if it was written; bytes are base64.

use std::fmt::Write;

use bytes::Bytes;
use klamm_base::base64;
use klamm_base::codec::schema::struct_of;
use klamm_base::codec::{
    DecodeError, DecodeFault, FieldSchema, Form, MessageSchema, Nullable, Reader, Type, Value,
};

use super::java_text::Double;

/// Replaces the text of one field, e.g. a number by its name; given its name and its JSON.
pub type Rename = fn(&str, &str) -> Option<String>;

/// The message as JSON text.
///
/// # Errors
/// [`DecodeError`]
pub fn to_json(
    schema: &MessageSchema,
    version: i16,
    bytes: Bytes,
    rename: Rename,
) -> Result<String, DecodeError> {
    let form = Form { version, flexible: schema.flexible.contains(version) };
    let mut printer = Printer { reader: Reader::new(bytes), rename };
    let mut json = String::new();
    printer.fields(schema.body.fields, form, &mut json)?;
    Ok(json)
}

struct Printer {
    reader: Reader,
    rename: Rename,
}

impl Printer {
    fn fields(
        &mut self,
        fields: &'static [FieldSchema],
        form: Form,
        json: &mut String,
    ) -> Result<(), DecodeError> {
        // Tagged fields are read last and printed in their place.
        let mut texts: Vec<Option<String>> = vec![None; fields.len()];
        let here = |field: &FieldSchema| field.versions.contains(form.version);
        let is_tagged = |field: &FieldSchema| field.tagged.contains(form.version);
        for (field, text) in
            fields.iter().zip(&mut texts).filter(|(field, _)| here(field) && !is_tagged(field))
        {
            *text = Some(self.field(field, form)?);
        }
        if form.flexible {
            self.tagged(fields, form, &mut texts)?;
        }
        json.push('{');
        for (field, text) in fields.iter().zip(texts) {
            let Some(text) = text else { continue };
            if !json.ends_with('{') {
                json.push(',');
            }
            let name = field.json_name();
            let renamed = (self.rename)(&name, &text);
            json.push_str(&quoted(&name));
            json.push(':');
            json.push_str(renamed.as_deref().unwrap_or(&text));
        }
        json.push('}');
        Ok(())
    }

    fn tagged(
        &mut self,
        fields: &'static [FieldSchema],
        form: Form,
        texts: &mut [Option<String>],
    ) -> Result<(), DecodeError> {
        let count = self.reader.unsigned_varint()?;
        for _ in 0..count {
            let tag = self.reader.unsigned_varint()?;
            let size = self.reader.unsigned_varint()? as usize;
            let place = fields.iter().position(|field| {
                field.tag == Some(tag)
                    && field.tagged.contains(form.version)
                    && field.versions.contains(form.version)
            });
            let Some(place) = place else {
                self.reader.skip(size)?;
                continue;
            };
            let field = &fields[place];
            let is_struct = matches!(field.ty, Type::Struct(_));
            // In a tag, a struct that may be null has the byte 0 instead of one below 0 before it.
            let is_null =
                is_struct && field.nullable.contains(form.version) && self.reader.unsigned_varint()? == 0;
            texts[place] = Some(match (is_null, is_struct) {
                (true, _) => "null".to_owned(),
                (false, true) => self.value(field.ty, form, false)?,
                (false, false) => self.field(field, form)?,
            });
        }
        Ok(())
    }

    fn field(&mut self, field: &FieldSchema, form: Form) -> Result<String, DecodeError> {
        let form = match field.flexible {
            Some(flexible) if !flexible.contains(form.version) => form.inflexible(),
            _ => form,
        };
        self.value(field.ty, form, field.nullable.contains(form.version))
    }

    fn value(&mut self, ty: &'static Type, form: Form, nullable: bool) -> Result<String, DecodeError> {
        let r = &mut self.reader;
        Ok(match ty {
            Type::Bool => bool::read(r, form)?.to_string(),
            Type::Int8 => r.i8()?.to_string(),
            Type::Int16 => r.i16()?.to_string(),
            Type::Uint16 => r.u16()?.to_string(),
            Type::Int32 => r.i32()?.to_string(),
            Type::Uint32 => r.u32()?.to_string(),
            Type::Int64 => r.i64()?.to_string(),
            Type::Float64 => Double(r.f64()?).to_string(),
            Type::Uuid => quoted(&r.uuid()?.to_string()),
            Type::String => match present(String::read_present(r, form)?, r, nullable)? {
                Some(text) => quoted(&text),
                None => "null".to_owned(),
            },
            Type::Bytes | Type::Records => match present(Bytes::read_present(r, form)?, r, nullable)? {
                Some(bytes) => format!("\"{}\"", base64::encode(&bytes)),
                None => "null".to_owned(),
            },
            Type::Array(element) => self.array(element, form, nullable)?,
            Type::Struct(_) if nullable && r.i8()? < 0 => "null".to_owned(),
            Type::Struct(_) => {
                let mut json = String::new();
                self.fields(struct_of(ty).fields, form, &mut json)?;
                json
            }
        })
    }

    fn array(&mut self, element: &'static Type, form: Form, nullable: bool) -> Result<String, DecodeError> {
        let count = self.reader.element_count(form.flexible, 1, size_of::<String>())?;
        let Some(count) = present(count, &self.reader, nullable)? else { return Ok("null".to_owned()) };
        let mut json = "[".to_owned();
        for index in 0..count {
            if index > 0 {
                json.push(',');
            }
            json.push_str(&self.value(element, form, false)?);
        }
        json.push(']');
        Ok(json)
    }
}

fn present<T>(value: Option<T>, reader: &Reader, nullable: bool) -> Result<Option<T>, DecodeError> {
    match value {
        None if !nullable => Err(reader.error(DecodeFault::UnexpectedNull)),
        value => Ok(value),
    }
}

/// A JSON string with the escapes that Jackson uses.
pub fn quoted(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\u{8}' => json.push_str("\\b"),
            '\t' => json.push_str("\\t"),
            '\n' => json.push_str("\\n"),
            '\u{c}' => json.push_str("\\f"),
            '\r' => json.push_str("\\r"),
            control if control < ' ' => {
                // Writing to a string cannot fail.
                let _ = write!(json, "\\u{:04X}", u32::from(control));
            }
            plain => json.push(plain),
        }
    }
    json.push('"');
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_have_jacksons_escapes() {
        assert_eq!(quoted("a\"b\\c\n\u{1}\u{1f}\u{e4}/"), "\"a\\\"b\\\\c\\n\\u0001\\u001F\u{e4}/\"");
    }
}
