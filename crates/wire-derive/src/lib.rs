//! `#[derive(Message)]`: a plain struct whose field attributes are the schema becomes a Kafka
//! message in all its versions.
//!
//! ```text
//! #[derive(Clone, Debug, PartialEq, Message)]
//! #[kafka(request = 3, versions = "0-13", flexible = "9+", listeners = "broker")]
//! pub struct MetadataRequest {
//!     #[kafka(nullable = "1+")]
//!     pub topics: Option<Vec<MetadataRequestTopic>>,
//!     #[kafka(versions = "4+", default = true)]
//!     pub allow_auto_topic_creation: bool,
//! }
//! ```
//!
//! On the struct, for whole messages only; a nested struct has no attribute:
//! - one of `request = KEY`, `response = KEY`, `metadata = KEY`, `coordinator_key = KEY`,
//!   `coordinator_value = KEY`, `header`, `data`
//! - `versions = "3-13"`: the versions it has
//! - `flexible = "9+"`: those with varint lengths and tagged fields, or `"none"`
//! - `listeners = "broker, controller"`: who serves a request
//! - `latest_version_unstable`
//!
//! On a field; one without attribute is in every version, never null and 0 or empty when unset:
//! - `versions = "3+"`: where it is; where it is not, it takes its default
//! - `nullable = "7+"`: where it may be null; the type is then `Option` or `Records`
//! - `default = -1`, `default = true`, `default = null`: unless it is 0 or empty. A nullable field
//!   without `default = null` is empty by default, not null
//! - `tag = 0, tagged = "12+"`: a tagged field, left out where it holds its default
//! - `ignorable`: a version without the field drops its value; otherwise encoding refuses
//! - `key`: part of the key of the array the struct stands in
//! - `flexible = "none"`: stays in the old form inside a flexible message
//! - `name = "topicId"`: Kafka's spelling where it is not the field's in camel case
//!
//! The derive writes `Default`, `Value` and (for whole messages) `Message` of `klamm_base::codec`.
//!
//! - `attributes`: from tokens to values, with errors at the right place
//! - `field`: what the attributes of one field come to
//! - `codec`: reading and writing
//! - `schema`: the static description

mod attributes;
mod codec;
mod field;
mod schema;

use attributes::MessageAttributes;
use field::Field;
use proc_macro::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields};

/// Makes a struct a message, or a struct nested in one; see the crate's documentation.
#[proc_macro_derive(Message, attributes(kafka))]
pub fn derive_message(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as DeriveInput);
    expand(&input).unwrap_or_else(Error::into_compile_error).into()
}

fn expand(input: &DeriveInput) -> syn::Result<proc_macro2::TokenStream> {
    let name = &input.ident;
    let fields = named_fields(input)?;
    let message = MessageAttributes::parse(&input.attrs)?;

    let defaults = fields.iter().map(|field| {
        let (ident, default) = (&field.ident, field.default_value());
        quote!(#ident: #default)
    });
    let idents = fields.iter().map(|field| &field.ident);
    let struct_type = schema::struct_type(name, &fields);
    let size_min = codec::size_min(&fields);
    let read = codec::read(&fields);
    let write = codec::write(&fields);
    let message = message.map(|attributes| schema::message_impl(name, &attributes));

    Ok(quote! {
        #[automatically_derived]
        impl ::core::default::Default for #name {
            fn default() -> Self {
                Self { #(#defaults),* }
            }
        }

        const _: () = {
            use ::klamm_base::codec::{self, Nullable as _, Sink as _, Value as _};

            #[automatically_derived]
            impl codec::Value for #name {
                const TYPE: &'static codec::Type = #struct_type;
                #size_min
                #read
                #write
            }

            #[automatically_derived]
            impl codec::value::Struct for #name {}

            ::klamm_base::json_struct!(#name { #(#idents),* });

            #message
        };
    })
}

fn named_fields(input: &DeriveInput) -> syn::Result<Vec<Field>> {
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => fields.named.iter().map(Field::parse).collect(),
            Fields::Unit | Fields::Unnamed(_) => {
                Err(Error::new_spanned(&input.ident, "a message has named fields"))
            }
        },
        Data::Enum(_) | Data::Union(_) => Err(Error::new_spanned(&input.ident, "a message is a struct")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(source: &str) -> syn::Result<String> {
        expand(&syn::parse_str(source).expect("the source is Rust")).map(|tokens| tokens.to_string())
    }

    fn refused(source: &str) -> String {
        expanded(source).expect_err("must be refused").to_string()
    }

    #[test]
    fn a_field_in_every_version_has_no_condition() {
        let code = expanded("struct S { a: i32, #[kafka(versions = \"3+\")] b: i32 }").expect("two fields");
        assert!(code.contains("a : < i32 as codec :: Value > :: read (r , form) ?"), "{code}");
        assert!(code.contains("b : if form . version >= 3i16"), "{code}");
        assert!(!code.contains("impl codec :: Message"), "a nested struct is no message");
    }

    #[test]
    fn tags_are_written_in_their_order() {
        let code = expanded(
            "struct S { #[kafka(tag = 1, tagged = \"0+\")] b: i32, #[kafka(tag = 0, tagged = \"0+\")] a: i32 }",
        );
        let code = code.expect("two tags");
        let place = |text: &str| code.find(text).unwrap_or_else(|| panic!("{text} in {code}"));
        assert!(place("s . tagged (0u32") < place("s . tagged (1u32"));
    }

    #[test]
    fn attributes_that_make_no_sense() {
        for (source, error) in [
            ("enum E { A }", "a message is a struct"),
            ("struct S(i32);", "a message has named fields"),
            ("struct S { a: Option<i32> }", "an `Option` needs `nullable`"),
            (
                "struct S { #[kafka(nullable = \"0+\")] a: i32 }",
                "`nullable` goes with `Option` and `Records`",
            ),
            ("struct S { #[kafka(tag = 1)] a: i32 }", "`tag` and `tagged` belong together"),
            (
                "struct S { #[kafka(versions = \"0+\", tag = 1, tagged = \"1+\")] a: i32 }",
                "a field is tagged in all its versions",
            ),
            ("struct S { #[kafka(version = \"1\")] a: i32 }", "a field has no attribute `version`"),
            ("struct S { #[kafka(versions = \"2-1\")] a: i32 }", "versions read `3`, `3-5`, `3+` or `none`"),
            ("#[kafka(data, flexible = \"0+\")] struct S {}", "`versions` is missing"),
            (
                "#[kafka(request = 1, listeners = \"zookeeper\")] struct S {}",
                "listeners are `broker` and `controller`",
            ),
        ] {
            assert_eq!(refused(source), error, "{source}");
        }
    }
}
