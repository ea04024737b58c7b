//! The static description of a struct, and the implementation of `Message` for whole messages.

use crate::attributes::{DefaultValue, MessageAttributes, Purpose, Range};
use crate::field::{Field, Shape};
use proc_macro2::TokenStream;
use quote::quote;
use syn::Ident;

/// The value of `Value::TYPE`.
pub fn struct_type(name: &Ident, fields: &[Field]) -> TokenStream {
    let name = name.to_string();
    let fields = fields.iter().map(field_schema);
    quote! {
        &codec::Type::Struct(&codec::StructSchema { name: #name, fields: &[#(#fields),*] })
    }
}

fn field_schema(field: &Field) -> TokenStream {
    let (name, ty) = (&field.name, &field.ty);
    let ty = match &field.shape {
        Shape::Plain => quote!(<#ty as codec::Value>::TYPE),
        Shape::Records => quote!(&codec::Type::Records),
        Shape::Optional(inner) => quote!(<#inner as codec::Value>::TYPE),
    };
    let (versions, nullable) = (range(field.versions), range(field.nullable));
    let (tagged, tag) = match field.tagged {
        Some((versions, tag)) => (range(versions), quote!(Some(#tag))),
        None => (range(Range::NONE), quote!(None)),
    };
    let default = match &field.default {
        None => quote!(codec::FieldDefault::Empty),
        Some(DefaultValue::Null) => quote!(codec::FieldDefault::Null),
        Some(DefaultValue::True) => quote!(codec::FieldDefault::True),
        Some(DefaultValue::Int(value)) => quote!(codec::FieldDefault::Int((#value) as i64)),
    };
    let flexible = match field.flexible {
        Some(versions) => {
            let versions = range(versions);
            quote!(Some(#versions))
        }
        None => quote!(None),
    };
    let (ignorable, map_key) = (field.ignorable, field.key);
    quote! {
        codec::FieldSchema {
            name: #name,
            ty: #ty,
            versions: #versions,
            nullable: #nullable,
            tagged: #tagged,
            tag: #tag,
            default: #default,
            ignorable: #ignorable,
            map_key: #map_key,
            flexible: #flexible,
        }
    }
}

/// The implementation of `Message`. Its functions are not generic, so that the code of all versions
/// is compiled here and not in every crate that uses the message.
pub fn message_impl(name: &Ident, attributes: &MessageAttributes) -> TokenStream {
    let (versions, flexible) = (range(attributes.versions), range(attributes.flexible));
    let listeners = &attributes.listeners;
    let unstable = attributes.latest_version_unstable;
    let kind = match attributes.purpose {
        Purpose::Request(api_key) => {
            quote!(codec::Kind::Request { api_key: #api_key, listeners: &[#(codec::Listener::#listeners),*] })
        }
        Purpose::Response(api_key) => quote!(codec::Kind::Response { api_key: #api_key }),
        Purpose::Metadata(api_key) => quote!(codec::Kind::Metadata { api_key: #api_key }),
        Purpose::CoordinatorKey(api_key) => quote!(codec::Kind::CoordinatorKey { api_key: #api_key }),
        Purpose::CoordinatorValue(api_key) => quote!(codec::Kind::CoordinatorValue { api_key: #api_key }),
        Purpose::Header => quote!(codec::Kind::Header),
        Purpose::Data => quote!(codec::Kind::Data),
    };
    quote! {
        #[automatically_derived]
        impl codec::Message for #name {
            const SCHEMA: &'static codec::MessageSchema = &codec::MessageSchema {
                kind: #kind,
                versions: #versions,
                flexible: #flexible,
                latest_version_unstable: #unstable,
                body: codec::schema::struct_of(<#name as codec::Value>::TYPE),
            };

            fn decode(r: &mut codec::Reader, version: i16) -> Result<Self, codec::DecodeError> {
                codec::message::decode_message(r, version)
            }

            fn encode(&self, w: &mut codec::Writer, version: i16) -> Result<(), codec::EncodeError> {
                codec::message::encode_message(self, w, version)
            }

            fn encoded_size(&self, version: i16) -> Result<codec::Size, codec::EncodeError> {
                codec::message::size_message(self, version)
            }
        }
    }
}

fn range(range: Range) -> TokenStream {
    let (min, max) = (range.min, range.max);
    quote!(codec::Versions::new(#min, #max))
}
