//! From the tokens of `#[kafka(...)]` to values, with errors at the right place.

use proc_macro2::Span;
use syn::meta::ParseNestedMeta;
use syn::{Attribute, Error, Expr, Ident, LitInt, LitStr, Result};

/// A range of versions as written: `none`, `3`, `3-5`, `3+`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Range {
    pub min: i16,
    pub max: i16,
}

impl Range {
    pub const ALL: Range = Range { min: 0, max: i16::MAX };
    pub const NONE: Range = Range { min: 0, max: -1 };

    pub fn covers(self, other: Range) -> bool {
        other.min > other.max || (self.min <= other.min && other.max <= self.max)
    }

    fn parse(text: &str) -> Option<Range> {
        if text == "none" {
            return Some(Range::NONE);
        }
        let (min, max) = match text.strip_suffix('+') {
            Some(min) => (min.parse().ok()?, i16::MAX),
            None => match text.split_once('-') {
                Some((min, max)) => (min.parse().ok()?, max.parse().ok()?),
                None => (text.parse().ok()?, text.parse().ok()?),
            },
        };
        (0 <= min && min <= max).then_some(Range { min, max })
    }
}

/// What a message is for, as in `klamm_base::codec::Kind`.
pub enum Purpose {
    Request(i16),
    Response(i16),
    Metadata(i16),
    CoordinatorKey(i16),
    CoordinatorValue(i16),
    Header,
    Data,
}

/// The attributes of a whole message.
pub struct MessageAttributes {
    pub purpose: Purpose,
    pub versions: Range,
    pub flexible: Range,
    pub listeners: Vec<Ident>,
    pub latest_version_unstable: bool,
}

impl MessageAttributes {
    /// The attributes, or none for a nested struct.
    pub fn parse(attributes: &[Attribute]) -> Result<Option<MessageAttributes>> {
        let Some(attribute) = attributes.iter().find(|a| a.path().is_ident("kafka")) else {
            return Ok(None);
        };
        let (mut purpose, mut versions, mut flexible) = (None, None, None);
        let (mut listeners, mut latest_version_unstable) = (Vec::new(), false);
        attribute.parse_nested_meta(|meta| {
            match key(&meta)?.as_str() {
                "request" => purpose = Some(Purpose::Request(number(&meta)?)),
                "response" => purpose = Some(Purpose::Response(number(&meta)?)),
                "metadata" => purpose = Some(Purpose::Metadata(number(&meta)?)),
                "coordinator_key" => purpose = Some(Purpose::CoordinatorKey(number(&meta)?)),
                "coordinator_value" => purpose = Some(Purpose::CoordinatorValue(number(&meta)?)),
                "header" => purpose = Some(Purpose::Header),
                "data" => purpose = Some(Purpose::Data),
                "versions" => versions = Some(range(&meta)?),
                "flexible" => flexible = Some(range(&meta)?),
                "listeners" => listeners = listener_names(&meta)?,
                "latest_version_unstable" => latest_version_unstable = true,
                other => return Err(meta.error(format!("a message has no attribute `{other}`"))),
            }
            Ok(())
        })?;
        let missing = |what: &str| Error::new_spanned(attribute, format!("`{what}` is missing"));
        Ok(Some(MessageAttributes {
            purpose: purpose.ok_or_else(|| missing("request, response, metadata, header or data"))?,
            versions: versions.ok_or_else(|| missing("versions"))?,
            flexible: flexible.ok_or_else(|| missing("flexible"))?,
            listeners,
            latest_version_unstable,
        }))
    }
}

/// The default of a field, where it is not 0 or empty.
pub enum DefaultValue {
    Null,
    True,
    Int(Expr),
}

/// The attributes of a field.
#[derive(Default)]
pub struct FieldAttributes {
    pub name: Option<String>,
    pub versions: Option<Range>,
    pub nullable: Option<Range>,
    pub tagged: Option<Range>,
    pub tag: Option<u32>,
    pub default: Option<DefaultValue>,
    pub ignorable: bool,
    pub key: bool,
    pub flexible: Option<Range>,
}

impl FieldAttributes {
    pub fn parse(attributes: &[Attribute]) -> Result<FieldAttributes> {
        let mut found = FieldAttributes::default();
        for attribute in attributes.iter().filter(|a| a.path().is_ident("kafka")) {
            attribute.parse_nested_meta(|meta| found.take(&meta))?;
        }
        Ok(found)
    }

    fn take(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        match key(meta)?.as_str() {
            "name" => self.name = Some(meta.value()?.parse::<LitStr>()?.value()),
            "versions" => self.versions = Some(range(meta)?),
            "nullable" => self.nullable = Some(range(meta)?),
            "tagged" => self.tagged = Some(range(meta)?),
            "tag" => self.tag = Some(meta.value()?.parse::<LitInt>()?.base10_parse()?),
            "default" => self.default = Some(default_value(meta)?),
            "ignorable" => self.ignorable = true,
            "key" => self.key = true,
            "flexible" => self.flexible = Some(range(meta)?),
            other => return Err(meta.error(format!("a field has no attribute `{other}`"))),
        }
        Ok(())
    }
}

fn key(meta: &ParseNestedMeta<'_>) -> Result<String> {
    let ident = meta.path.get_ident().ok_or_else(|| meta.error("a single word is expected"))?;
    Ok(ident.to_string())
}

fn number(meta: &ParseNestedMeta<'_>) -> Result<i16> {
    meta.value()?.parse::<LitInt>()?.base10_parse()
}

fn range(meta: &ParseNestedMeta<'_>) -> Result<Range> {
    let text = meta.value()?.parse::<LitStr>()?;
    let error = || Error::new(text.span(), "versions read `3`, `3-5`, `3+` or `none`");
    Range::parse(&text.value()).ok_or_else(error)
}

/// `"broker, controller"` as the names of the variants of `Listener`.
fn listener_names(meta: &ParseNestedMeta<'_>) -> Result<Vec<Ident>> {
    let text = meta.value()?.parse::<LitStr>()?;
    let names = text.value();
    let variants = names.split(',').map(|name| match name.trim() {
        "broker" => Ok(Ident::new("Broker", Span::call_site())),
        "controller" => Ok(Ident::new("Controller", Span::call_site())),
        _ => Err(Error::new(text.span(), "listeners are `broker` and `controller`")),
    });
    variants.collect()
}

fn default_value(meta: &ParseNestedMeta<'_>) -> Result<DefaultValue> {
    match meta.value()?.parse::<Expr>()? {
        Expr::Path(word) if word.path.is_ident("null") => Ok(DefaultValue::Null),
        Expr::Lit(literal) if matches!(&literal.lit, syn::Lit::Bool(flag) if flag.value) => {
            Ok(DefaultValue::True)
        }
        expression => Ok(DefaultValue::Int(expression)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_the_schema_language() {
        let parsed = |text| Range::parse(text).map(|range| (range.min, range.max));
        assert_eq!(parsed("none"), Some((0, -1)));
        assert_eq!(parsed("3"), Some((3, 3)));
        assert_eq!(parsed("3-5"), Some((3, 5)));
        assert_eq!(parsed("3+"), Some((3, i16::MAX)));
        for text in ["", "+", "-1", "5-3", "3-", "3 +", "a"] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }

    #[test]
    fn a_range_covers_what_lies_inside_it() {
        let range = |text| Range::parse(text).expect("a range");
        assert!(Range::ALL.covers(range("3-5")));
        assert!(range("3+").covers(range("4-7")) && !range("3+").covers(range("2+")));
        assert!(range("3").covers(Range::NONE));
    }
}
