//! Cargo's own words, which a recorded session leaves out.
//!
//! They say more about the reader's build directory than about the program. Cargo aligns them in
//! twelve columns, which no program's output does by chance.

const WORDS: [&str; 19] = [
    "Adding",
    "Blocking",
    "Building",
    "Checking",
    "Compiling",
    "Dirty",
    "Doc-tests",
    "Documenting",
    "Downgrading",
    "Downloaded",
    "Downloading",
    "Finished",
    "Fresh",
    "Generated",
    "Locking",
    "Removing",
    "Running",
    "Updating",
    "Waiting",
];

/// Whether cargo, and not what it runs, printed this line.
pub(super) fn is_cargos(line: &str) -> bool {
    let Some((word, rest)) = line.trim_start().split_once(' ') else {
        return false;
    };
    let column = line.len() - line.trim_start().len() + word.len();
    column == 12 && !rest.is_empty() && WORDS.contains(&word)
}
