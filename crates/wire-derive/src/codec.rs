//! The code that reads and writes a struct, version by version.

use crate::field::{Field, Shape};
use proc_macro2::TokenStream;
use quote::quote;

/// Answers have their errors in fields of this name.
const ERROR_CODE: &str = "ErrorCode";

/// `size_min`: the least number of bytes, without tagged values.
pub fn size_min(fields: &[Field]) -> TokenStream {
    let mut fixed = 0usize;
    let mut terms = Vec::new();
    for field in fields.iter().filter(|field| field.tagged.is_none()) {
        let width = field.fixed_width();
        match (field.is_present(), width) {
            (None, Some(width)) => fixed += width,
            (None, None) => terms.push(field_size_min(field)),
            (Some(present), Some(width)) => terms.push(quote!(if #present { #width } else { 0 })),
            (Some(present), None) => {
                let size = field_size_min(field);
                terms.push(quote!(if #present { #size } else { 0 }));
            }
        }
    }
    quote! {
        fn size_min(form: codec::Form) -> usize {
            #fixed + usize::from(form.flexible) #( + (#terms) )*
        }
    }
}

fn field_size_min(field: &Field) -> TokenStream {
    let (ty, form, nullable) = (&field.ty, field.form(), field.may_be_null());
    match &field.shape {
        Shape::Plain => quote!(<#ty as codec::Value>::size_min(#form)),
        Shape::Records => quote!(codec::Records::size_min(#form)),
        Shape::Optional(inner) => quote!(codec::value::size_min_nullable::<#inner>(#form, #nullable)),
    }
}

/// `read`: the fields in their order, then the tagged ones.
pub fn read(fields: &[Field]) -> TokenStream {
    let values = fields.iter().map(|field| {
        let ident = &field.ident;
        let default = field.default_value();
        if field.tagged.is_some() {
            return quote!(#ident: #default);
        }
        let read = field_read(field);
        match field.is_present() {
            None => quote!(#ident: #read),
            Some(present) => quote!(#ident: if #present { #read } else { #default }),
        }
    });
    let tags: Vec<_> = fields.iter().filter_map(tag_read).collect();
    let finish = if tags.is_empty() {
        quote! {
            let message = Self { #(#values),* };
            if form.flexible {
                r.no_tagged_fields()?;
            }
        }
    } else {
        quote! {
            let mut message = Self { #(#values),* };
            if form.flexible {
                r.tagged_fields(&mut |r, tag| {
                    match tag {
                        #(#tags)*
                        _ => return Ok(false),
                    }
                    Ok(true)
                })?;
            }
        }
    };
    quote! {
        fn read(r: &mut codec::Reader, form: codec::Form) -> Result<Self, codec::DecodeError> {
            #finish
            Ok(message)
        }
    }
}

fn field_read(field: &Field) -> TokenStream {
    let (ty, form, nullable) = (&field.ty, field.form(), field.may_be_null());
    match &field.shape {
        Shape::Plain => quote!(<#ty as codec::Value>::read(r, #form)?),
        Shape::Records => quote!(codec::Records::read(r, #form, #nullable)?),
        Shape::Optional(_) => quote!(codec::value::read_nullable(r, #form, #nullable)?),
    }
}

fn tag_read(field: &Field) -> Option<TokenStream> {
    let (_, tag) = field.tagged?;
    let (ident, ty) = (&field.ident, &field.ty);
    let read = match &field.shape {
        Shape::Optional(_) => quote!(codec::Nullable::read_tagged(r, form)?),
        Shape::Plain | Shape::Records => quote!(<#ty as codec::Value>::read(r, form)?),
    };
    let refuse = field.is_present().map(|present| {
        quote! {
            if !(#present) {
                return Err(r.error(codec::DecodeFault::UnexpectedTag(tag)));
            }
        }
    });
    Some(quote! {
        #tag => {
            #refuse
            message.#ident = #read;
        }
    })
}

/// `write`: the fields in their order, then the tagged ones in the order of their tags.
pub fn write(fields: &[Field]) -> TokenStream {
    let untagged = fields.iter().filter(|field| field.tagged.is_none()).map(field_write);
    let mut tagged: Vec<_> = fields.iter().filter(|field| field.tagged.is_some()).collect();
    tagged.sort_by_key(|field| field.tagged.map(|(_, tag)| tag));
    let refusals = tagged.iter().filter_map(|field| tag_refusal(field));
    let counts = tagged.iter().map(|field| {
        let written = tag_is_written(field);
        quote!(+ u32::from(#written))
    });
    let writes = tagged.iter().map(|field| {
        let written = tag_is_written(field);
        let (_, tag) = field.tagged.expect("only tagged fields are here");
        let ident = &field.ident;
        let write = match &field.shape {
            Shape::Optional(_) => quote!(s.tagged_nullable(#tag, form, &self.#ident)?),
            Shape::Plain | Shape::Records => quote!(s.tagged(#tag, form, &self.#ident)?),
        };
        quote! {
            if #written {
                #write;
            }
        }
    });
    quote! {
        fn write<S: codec::Sink>(&self, s: &mut S, form: codec::Form) -> Result<(), codec::EncodeError> {
            #(#untagged)*
            #(#refusals)*
            if form.flexible {
                s.unsigned_varint(0 #(#counts)*);
                #(#writes)*
            }
            Ok(())
        }
    }
}

fn field_write(field: &Field) -> TokenStream {
    let (ident, name) = (&field.ident, &field.name);
    let (form, nullable) = (field.form(), field.may_be_null());
    let write = match &field.shape {
        Shape::Plain if name == ERROR_CODE => quote!(s.error_code(self.#ident);),
        Shape::Plain => quote!(self.#ident.write(s, #form)?;),
        Shape::Records => quote!(self.#ident.write(s, #form, #nullable, #name)?;),
        Shape::Optional(_) => {
            quote!(codec::value::write_nullable(&self.#ident, s, #form, #nullable, #name)?;)
        }
    };
    match field.is_present() {
        None => write,
        Some(present) if field.ignorable => quote!(if #present { #write }),
        Some(present) => {
            let refuse = refusal(field);
            quote!(if #present { #write } else #refuse)
        }
    }
}

/// Refuses a value that this version cannot carry and that may not be dropped.
fn refusal(field: &Field) -> TokenStream {
    let (is_set, name) = (field.is_set(), &field.name);
    quote! {
        if #is_set {
            return Err(codec::EncodeError::FieldNotInVersion { field: #name, version: form.version });
        }
    }
}

fn tag_refusal(field: &Field) -> Option<TokenStream> {
    let present = field.is_present()?;
    let refuse = refusal(field);
    (!field.ignorable).then(|| quote!(if !(#present) { #refuse }))
}

fn tag_is_written(field: &Field) -> TokenStream {
    let is_set = field.is_set();
    match field.is_present() {
        Some(present) => quote!((#present && #is_set)),
        None => quote!((#is_set)),
    }
}
