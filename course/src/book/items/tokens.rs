//! Functions inside macro calls.
//!
//! syn leaves the inside of `proptest! { … }` as tokens. A function there still looks like one:
//! attributes, qualifiers, `fn`, a name, and braces.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use std::ops::Range;

/// The name and range of each function at the top level of a macro's tokens.
pub(super) fn functions(tokens: TokenStream) -> Vec<(String, Range<usize>)> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    (0..tokens.len())
        .filter_map(|at| function_at(&tokens, at))
        .collect()
}

fn function_at(tokens: &[TokenTree], at: usize) -> Option<(String, Range<usize>)> {
    let keyword = ident(&tokens[at]).filter(|ident| *ident == "fn")?;
    let name = ident(tokens.get(at + 1)?)?;
    let body = tokens[at..]
        .iter()
        .find(|token| is_group(token, Delimiter::Brace))?;
    let start = first_token(tokens, at).map_or(keyword.span(), TokenTree::span);
    Some((
        name.to_string(),
        start.byte_range().start..body.span().byte_range().end,
    ))
}

/// Goes back from `fn` over `pub`, `async` and the like, then over `#[…]` and doc comments.
fn first_token(tokens: &[TokenTree], keyword: usize) -> Option<&TokenTree> {
    let mut first = keyword;
    while first > 0 && is_qualifier(&tokens[first - 1]) {
        first -= 1;
    }
    while first > 1
        && is_group(&tokens[first - 1], Delimiter::Bracket)
        && is_hash(&tokens[first - 2])
    {
        first -= 2;
    }
    tokens.get(first)
}

fn ident(token: &TokenTree) -> Option<&Ident> {
    match token {
        TokenTree::Ident(ident) => Some(ident),
        _ => None,
    }
}

fn is_qualifier(token: &TokenTree) -> bool {
    is_group(token, Delimiter::Parenthesis)
        || ident(token).is_some_and(|word| {
            ["pub", "async", "const", "unsafe"]
                .iter()
                .any(|known| word == known)
        })
}

fn is_group(token: &TokenTree, delimiter: Delimiter) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == delimiter)
}

fn is_hash(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == '#')
}
