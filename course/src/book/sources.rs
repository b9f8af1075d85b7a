//! Finds an item of a crate, in whichever of its files it stands.
//!
//! A plain path starts at the library's root, as in `crate::…`: `lru::Cache` is `Cache` in
//! `src/lru.rs`. A path with a file before it, `tests/it/lru.rs:name` or `main.rs:main`, starts in
//! that file. Files are parsed once and kept, because a chapter asks for many items of few files,
//! of every day. The crates are those of the days, and the course tool's own.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::chain;

use super::items::{Cut, Items};

/// The parsed sources of all crates.
#[derive(Debug, Default)]
pub struct Sources {
    parsed: RefCell<HashMap<PathBuf, Rc<Items>>>,
}

/// An item that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The file, relative to the crate, with forward slashes.
    pub file: String,
    /// Its text: several pieces for `cfg` twins and split `impl` blocks.
    pub cuts: Vec<Cut>,
}

/// Why an item could not be cut out.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// No file of the crate has it.
    #[error("{package} has no item `{path}`")]
    NoItem {
        /// The crate's package.
        package: String,
        /// The path that was asked for.
        path: String,
        /// The path of the crate that resembles it most.
        nearest: Option<String>,
    },
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file is not Rust.
    #[error("{} does not parse: {source}", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// What syn says, with its place.
        source: syn::Error,
    },
    /// The crate's directory cannot be listed.
    #[error(transparent)]
    List(#[from] chain::ReadError),
}

impl Sources {
    /// Finds an item of the crate in `dir` by its path, with or without a file before it.
    ///
    /// # Errors
    ///
    /// When no file of the crate has it, or a file that might cannot be read or parsed.
    pub fn find(&self, dir: &Path, package: &str, path: &str) -> Result<Found, SourceError> {
        if let Some(found) = self.look_for(dir, path)? {
            return Ok(found);
        }
        let files = chain::paths(dir)?;
        Err(SourceError::NoItem {
            package: package.to_owned(),
            path: path.to_owned(),
            nearest: nearest(path, &self.paths(dir, &files)),
        })
    }

    /// As [`Sources::find`], where it is no error that the crate does not have the item: most items
    /// are new on some day, and to look for the nearest path parses the whole crate.
    ///
    /// # Errors
    ///
    /// When a file that might have it cannot be read or parsed.
    pub fn look_for(&self, dir: &Path, path: &str) -> Result<Option<Found>, SourceError> {
        let files = chain::paths(dir)?;
        for (file, inner) in candidates(&files, path) {
            let items = self.parse(&dir.join(&file))?;
            let cuts: Vec<Cut> = items
                .find(inner)
                .into_iter()
                .map(|entry| items.cut(entry))
                .collect();
            if !cuts.is_empty() {
                return Ok(Some(Found { file, cuts }));
            }
        }
        Ok(None)
    }

    fn parse(&self, path: &Path) -> Result<Rc<Items>, SourceError> {
        if let Some(items) = self.parsed.borrow().get(path) {
            return Ok(Rc::clone(items));
        }
        let text = std::fs::read_to_string(path).map_err(|source| SourceError::Read {
            path: path.to_owned(),
            source,
        })?;
        let items = Items::parse(&text).map_err(|source| SourceError::Parse {
            path: path.to_owned(),
            source,
        })?;
        let items = Rc::new(items);
        self.parsed
            .borrow_mut()
            .insert(path.to_owned(), Rc::clone(&items));
        Ok(items)
    }

    /// Every path of the crate as a chapter would write it. A file that does not parse has none.
    fn paths(&self, dir: &Path, files: &[String]) -> Vec<String> {
        let mut paths = Vec::new();
        for file in files.iter().filter(|file| file.ends_with(".rs")) {
            let Ok(items) = self.parse(&dir.join(file)) else {
                continue;
            };
            let prefix = match module_of(file) {
                Some(module) if module.is_empty() => String::new(),
                Some(module) => format!("{module}::"),
                None => format!("{file}:"),
            };
            paths.extend(items.paths().map(|path| format!("{prefix}{path}")));
        }
        paths
    }
}

/// The files that may hold the item, the deepest module first, each with the path inside it.
fn candidates<'p>(files: &[String], path: &'p str) -> Vec<(String, &'p str)> {
    if let Some((file, inner)) = split_file(path) {
        let wanted = [file.to_owned(), format!("src/{file}")];
        let found = wanted.into_iter().filter(|file| files.contains(file));
        return found.map(|file| (file, inner)).collect();
    }
    let modules = files
        .iter()
        .filter_map(|file| Some((file, module_of(file)?)));
    let mut found: Vec<_> = modules
        .filter_map(|(file, module)| Some((file.clone(), inside(path, &module)?)))
        .collect();
    found.sort_by_key(|(_, inner)| inner.len());
    found
}

/// Splits `tests/it/lru.rs:name`; the `::` of a path is no such colon.
fn split_file(path: &str) -> Option<(&str, &str)> {
    let colon = path.find(".rs:")? + ".rs".len();
    Some((&path[..colon], path[colon + 1..].trim_start()))
}

fn inside<'p>(path: &'p str, module: &str) -> Option<&'p str> {
    if module.is_empty() {
        Some(path)
    } else {
        path.strip_prefix(module)?.strip_prefix("::")
    }
}

/// The module that a file of the library is: `lru` for `src/lru.rs`, nothing for the root, and
/// `None` for binaries and tests, which are crates of their own.
fn module_of(file: &str) -> Option<String> {
    let file = file.strip_prefix("src/")?.strip_suffix(".rs")?;
    match file {
        "lib" => Some(String::new()),
        "main" => None,
        _ if file.starts_with("bin/") => None,
        _ => Some(file.strip_suffix("/mod").unwrap_or(file).replace('/', "::")),
    }
}

/// The path that resembles the wanted one most, also when its module was left out.
fn nearest(wanted: &str, paths: &[String]) -> Option<String> {
    let likeness = |path: &String| {
        let tail = tail(path, wanted.matches("::").count() + 1);
        let whole = strsim::normalized_damerau_levenshtein(wanted, path);
        whole.max(strsim::normalized_damerau_levenshtein(wanted, tail) * 0.99)
    };
    let best = paths
        .iter()
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    Some(best.clone())
}

/// The last segments of a path, as many as asked for.
fn tail(path: &str, segments: usize) -> &str {
    let path = split_file(path).map_or(path, |(_, inner)| inner);
    let cut = path.rmatch_indices("::").nth(segments.saturating_sub(1));
    cut.map_or(path, |(at, _)| &path[at + 2..])
}
