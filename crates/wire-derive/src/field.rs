//! What the attributes of one field come to: its type taken apart, its versions as conditions.

use crate::attributes::{DefaultValue, FieldAttributes, Range};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, GenericArgument, Ident, PathArguments, Result, Type};

/// How the codec treats a field's type.
pub enum Shape {
    /// The type is a `Value` itself.
    Plain,
    /// `Option` of this `Nullable` type.
    Optional(Box<Type>),
    /// `Records`, with a null of its own.
    Records,
}

pub struct Field {
    pub ident: Ident,
    pub ty: Type,
    pub shape: Shape,
    /// Kafka's spelling.
    pub name: String,
    pub versions: Range,
    pub nullable: Range,
    /// Versions in which the field is tagged, and its tag.
    pub tagged: Option<(Range, u32)>,
    pub default: Option<DefaultValue>,
    pub ignorable: bool,
    pub key: bool,
    pub flexible: Option<Range>,
}

impl Field {
    pub fn parse(field: &syn::Field) -> Result<Field> {
        let error = |text: &str| Err(Error::new_spanned(field, text));
        let attributes = FieldAttributes::parse(&field.attrs)?;
        let ident = field.ident.clone().expect("the fields are named");
        let shape = Shape::of(&field.ty);
        let tagged = match (attributes.tagged, attributes.tag) {
            (Some(range), Some(tag)) => Some((range, tag)),
            (None, None) => None,
            _ => return error("`tag` and `tagged` belong together"),
        };
        // A tagged field need not repeat its versions.
        let versions = attributes.versions.or(attributes.tagged).unwrap_or(Range::ALL);
        if tagged.is_some_and(|(range, _)| range != versions) {
            return error("a field is tagged in all its versions");
        }
        match (&shape, attributes.nullable.is_some()) {
            (Shape::Plain, true) => return error("`nullable` goes with `Option` and `Records`"),
            (Shape::Optional(_), false) => return error("an `Option` needs `nullable`"),
            _ => {}
        }
        Ok(Field {
            name: attributes.name.unwrap_or_else(|| camel_case(&ident.to_string())),
            ident,
            ty: field.ty.clone(),
            shape,
            versions,
            nullable: attributes.nullable.unwrap_or(Range::NONE),
            tagged,
            default: attributes.default,
            ignorable: attributes.ignorable,
            key: attributes.key,
            flexible: attributes.flexible,
        })
    }

    /// The expression of the default value.
    pub fn default_value(&self) -> TokenStream {
        let ty = &self.ty;
        match (&self.default, &self.shape) {
            (Some(DefaultValue::Int(value)), _) => quote!(#value),
            (Some(DefaultValue::True), _) => quote!(true),
            (Some(DefaultValue::Null), _) => quote!(::core::option::Option::None),
            (None, Shape::Optional(inner)) => {
                quote!(::core::option::Option::Some(<#inner as ::core::default::Default>::default()))
            }
            (None, _) => quote!(<#ty as ::core::default::Default>::default()),
        }
    }

    /// The condition that the field holds something else than its default.
    pub fn is_set(&self) -> TokenStream {
        let (ident, ty) = (&self.ident, &self.ty);
        match (&self.default, &self.shape) {
            (Some(DefaultValue::Null), _) => quote!(self.#ident.is_some()),
            (Some(DefaultValue::True), _) => quote!(!self.#ident),
            (None, Shape::Plain) if type_name(ty).is_some_and(|name| name == "bool") => {
                quote!(self.#ident)
            }
            (None, Shape::Plain) if type_name(ty).is_some_and(|name| name == "Vec") => {
                quote!(!self.#ident.is_empty())
            }
            _ => {
                let default = self.default_value();
                quote!(self.#ident != #default)
            }
        }
    }

    /// The condition that null is legal, in a version that has the field.
    pub fn may_be_null(&self) -> TokenStream {
        condition(self.nullable, self.versions).unwrap_or(quote!(true))
    }

    /// The condition that the field is there, or nothing if it always is.
    pub fn is_present(&self) -> Option<TokenStream> {
        condition(self.versions, Range::ALL)
    }

    /// The form in which the field is read and written.
    pub fn form(&self) -> TokenStream {
        match self.flexible {
            None => quote!(form),
            Some(_) => quote!(form.inflexible()),
        }
    }

    /// Bytes on the wire if the type has a fixed number of them.
    pub fn fixed_width(&self) -> Option<usize> {
        Some(match type_name(&self.ty)?.to_string().as_str() {
            "bool" | "i8" => 1,
            "i16" | "u16" => 2,
            "i32" | "u32" => 4,
            "i64" | "f64" => 8,
            "Uuid" => 16,
            _ => return None,
        })
    }
}

impl Shape {
    fn of(ty: &Type) -> Shape {
        match type_name(ty) {
            Some(name) if name == "Records" => Shape::Records,
            Some(name) if name == "Option" => match type_argument(ty) {
                Some(inner) => Shape::Optional(Box::new(inner.clone())),
                None => Shape::Plain,
            },
            _ => Shape::Plain,
        }
    }
}

/// The condition that the version lies in `range`, given that it lies in `known`; nothing if that
/// follows.
fn condition(range: Range, known: Range) -> Option<TokenStream> {
    let (min, max) = (range.min, range.max);
    if range.covers(known) {
        None
    } else if min > max {
        Some(quote!(false))
    } else if max == i16::MAX {
        Some(quote!(form.version >= #min))
    } else if min == 0 {
        Some(quote!(form.version <= #max))
    } else {
        Some(quote!((#min..=#max).contains(&form.version)))
    }
}

fn type_name(ty: &Type) -> Option<&Ident> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|segment| &segment.ident),
        _ => None,
    }
}

fn type_argument(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    match &path.path.segments.last()?.arguments {
        PathArguments::AngleBracketed(arguments) => match arguments.args.first()? {
            GenericArgument::Type(inner) => Some(inner),
            _ => None,
        },
        _ => None,
    }
}

/// `topic_id` as `TopicId`.
fn camel_case(snake_case: &str) -> String {
    let mut name = String::with_capacity(snake_case.len());
    for word in snake_case.trim_start_matches("r#").split('_') {
        let mut characters = word.chars();
        name.extend(characters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(characters.as_str());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_names_become_kafkas() {
        assert_eq!(camel_case("topic_id"), "TopicId");
        assert_eq!(camel_case("r#type"), "Type");
        assert_eq!(camel_case("isr"), "Isr");
    }
}
