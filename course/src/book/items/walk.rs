//! Walks a parsed file and notes each item's path and range.

use super::{Entry, names, tokens};
use std::ops::Range;
use syn::spanned::Spanned;
use syn::{Ident, ImplItem, Item, ItemImpl, ItemMacro, ItemMod, ItemTrait, TraitItem};

/// Every named item of the file, in its order.
pub(super) fn entries(text: &str, file: &syn::File) -> Vec<Entry> {
    let mut walk = Walk {
        text,
        module: String::new(),
        entries: Vec::new(),
    };
    walk.items(&file.items);
    walk.entries
}

struct Walk<'t> {
    text: &'t str,
    /// The path of the modules around the item, with `::` at its end.
    module: String,
    entries: Vec<Entry>,
}

impl Walk<'_> {
    fn items(&mut self, items: &[Item]) {
        for item in items {
            self.item(item);
        }
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Impl(block) => self.impl_block(block),
            Item::Trait(item) => self.trait_items(item),
            Item::Mod(item) => self.module(item),
            Item::Macro(item) => self.macro_call(item),
            _ => {
                if let Some(ident) = ident(item) {
                    self.note(&[ident.to_string()], range(item));
                }
            }
        }
    }

    /// Notes one item under the first name, with the other names as aliases.
    fn note(&mut self, names: &[String], range: Range<usize>) {
        let mut paths = names.iter().map(|name| format!("{}{name}", self.module));
        if let Some(path) = paths.next() {
            let aliases = paths.collect();
            self.entries.push(Entry {
                path,
                aliases,
                range,
            });
        }
    }

    fn module(&mut self, item: &ItemMod) {
        let name = item.ident.to_string();
        self.note(std::slice::from_ref(&name), range(item));
        let Some((_, items)) = &item.content else {
            return;
        };
        let outer = self.module.len();
        self.module.push_str(&name);
        self.module.push_str("::");
        self.items(items);
        self.module.truncate(outer);
    }

    fn impl_block(&mut self, block: &ItemImpl) {
        let of_type = &self.text[range(&block.self_ty)];
        let type_name = names::bare(of_type).to_owned();
        let (block_names, methods_of) = match &block.trait_ {
            Some((of_trait, _)) => {
                let names = names::impl_names(&self.text[range(of_trait)], of_type);
                (names.clone(), [names, vec![type_name]].concat())
            }
            None => (
                vec![
                    format!("impl {type_name}"),
                    names::tidy(&format!("impl {of_type}")),
                ],
                vec![type_name],
            ),
        };
        self.note(&block_names, range(block));
        for item in &block.items {
            if let Some(ident) = impl_item_ident(item) {
                self.note(&members(&methods_of, ident), range(item));
            }
        }
    }

    fn trait_items(&mut self, item: &ItemTrait) {
        let name = item.ident.to_string();
        self.note(std::slice::from_ref(&name), range(item));
        for member in &item.items {
            if let Some(ident) = trait_item_ident(member) {
                self.note(&members(std::slice::from_ref(&name), ident), range(member));
            }
        }
    }

    fn macro_call(&mut self, item: &ItemMacro) {
        if let Some(ident) = &item.ident {
            self.note(&[ident.to_string(), format!("{ident}!")], range(item));
            return;
        }
        if let Some(segment) = item.mac.path.segments.last() {
            self.note(&[format!("{}!", segment.ident)], range(item));
        }
        for (name, range) in tokens::functions(item.mac.tokens.clone()) {
            self.note(&[name], range);
        }
    }
}

fn range(item: &impl Spanned) -> Range<usize> {
    item.span().byte_range()
}

fn members(owners: &[String], ident: &Ident) -> Vec<String> {
    owners
        .iter()
        .map(|owner| format!("{owner}::{ident}"))
        .collect()
}

fn ident(item: &Item) -> Option<&Ident> {
    match item {
        Item::Const(item) => Some(&item.ident),
        Item::Enum(item) => Some(&item.ident),
        Item::Fn(item) => Some(&item.sig.ident),
        Item::Static(item) => Some(&item.ident),
        Item::Struct(item) => Some(&item.ident),
        Item::TraitAlias(item) => Some(&item.ident),
        Item::Type(item) => Some(&item.ident),
        Item::Union(item) => Some(&item.ident),
        _ => None,
    }
}

fn impl_item_ident(item: &ImplItem) -> Option<&Ident> {
    match item {
        ImplItem::Const(item) => Some(&item.ident),
        ImplItem::Fn(item) => Some(&item.sig.ident),
        ImplItem::Type(item) => Some(&item.ident),
        _ => None,
    }
}

fn trait_item_ident(item: &TraitItem) -> Option<&Ident> {
    match item {
        TraitItem::Const(item) => Some(&item.ident),
        TraitItem::Fn(item) => Some(&item.sig.ident),
        TraitItem::Type(item) => Some(&item.ident),
        _ => None,
    }
}
