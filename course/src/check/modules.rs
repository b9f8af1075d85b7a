//! Every Rust file of a day is compiled: a `mod` line leads to it.
//!
//! Without this, a test could be lost by a line taken out of `tests/it/main.rs`, while its file
//! still lay there for everyone to see.

use std::collections::BTreeSet;

use syn::visit::{self, Visit};
use syn::{Attribute, ItemMod};

use super::each_day;
use crate::chain::{self, Files, ReadError};
use crate::course::{Course, Day};
use crate::problem::Problem;

pub(super) fn check(course: &Course) -> Vec<Problem> {
    each_day(course, |day| check_day(course, day))
}

fn check_day(course: &Course, day: &Day) -> Result<Vec<Problem>, ReadError> {
    let files = chain::files(course, day)?;
    let mut reached = BTreeSet::new();
    for root in files.keys().filter(|path| is_root(path)) {
        reach(&files, root, &mut reached);
    }
    let rust = files.keys().filter(|path| path.ends_with(".rs"));
    let orphans = rust.filter(|path| !reached.contains(path.as_str()));
    Ok(orphans.map(|path| orphan(day, path)).collect())
}

fn orphan(day: &Day, path: &str) -> Problem {
    let what = "no `mod` line leads to it, so it is never compiled";
    Problem::new(day.dir.join(path), what, "add the line, or remove the file")
}

/// Whether cargo compiles the file by itself.
fn is_root(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    let targets = ["tests", "examples", "benches"];
    match parts[..] {
        ["build.rs"] | ["src", "lib.rs" | "main.rs"] => true,
        ["src", "bin", _] | ["src", "bin", _, "main.rs"] => true,
        [dir, file] => targets.contains(&dir) && file.ends_with(".rs"),
        [dir, _, "main.rs"] => targets.contains(&dir),
        _ => false,
    }
}

fn reach(files: &Files, path: &str, reached: &mut BTreeSet<String>) {
    let Some(text) = files.get(path).filter(|_| reached.insert(path.to_owned())) else {
        return;
    };
    // Parsing is slow, and most files have no module in a file of its own.
    if !text
        .lines()
        .any(|line| line.contains("mod ") && line.contains(';'))
    {
        return;
    }
    // A file that does not parse leads nowhere; the compiler says more about it than we could.
    let Ok(file) = syn::parse_file(text) else {
        return;
    };
    let mut modules = Modules::of(path);
    modules.visit_file(&file);
    for candidate in modules.found {
        reach(files, &candidate, reached);
    }
}

/// Collects the files to which the `mod` lines of a file may lead.
struct Modules {
    /// The directory of the file itself, to which `#[path]` is relative.
    beside: String,
    /// The directory of the modules below the one that is being visited.
    below: String,
    found: Vec<String>,
}

impl Modules {
    fn of(path: &str) -> Self {
        let (dir, file) = path.rsplit_once('/').unwrap_or(("", path));
        let stem = file.strip_suffix(".rs").unwrap_or(file);
        let owns_its_dir = is_root(path) || stem == "mod";
        Self {
            beside: dir.to_owned(),
            below: if owns_its_dir {
                dir.to_owned()
            } else {
                join(dir, stem)
            },
            found: Vec::new(),
        }
    }
}

impl<'a> Visit<'a> for Modules {
    fn visit_item_mod(&mut self, item: &'a ItemMod) {
        let name = item.ident.to_string();
        let inner = join(&self.below, name.trim_start_matches("r#"));
        if let Some(path) = item.attrs.iter().find_map(path_attribute) {
            self.found.push(join(&self.beside, &path));
        } else if item.content.is_none() {
            self.found.push(format!("{inner}.rs"));
            self.found.push(format!("{inner}/mod.rs"));
        }
        let outer = std::mem::replace(&mut self.below, inner);
        visit::visit_item_mod(self, item);
        self.below = outer;
    }
}

fn path_attribute(attribute: &Attribute) -> Option<String> {
    let pair = attribute.meta.require_name_value().ok()?;
    let syn::Expr::Lit(literal) = &pair.value else {
        return None;
    };
    match &literal.lit {
        syn::Lit::Str(text) if pair.path.is_ident("path") => Some(text.value()),
        _ => None,
    }
}

fn join(dir: &str, name: &str) -> String {
    if dir.is_empty() {
        return name.to_owned();
    }
    format!("{dir}/{name}")
}
