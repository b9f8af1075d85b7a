//! Prints: in colour on a terminal, plainly everywhere else.

use std::io::{self, ErrorKind, Write};
use std::path::{MAIN_SEPARATOR, Path};

use anstyle::{AnsiColor, Style};

/// For what a day adds.
pub(crate) const ADDED: Style = AnsiColor::Green.on_default();
/// For what a day takes away.
pub(crate) const REMOVED: Style = AnsiColor::Red.on_default();
/// For places: files, days, hunks.
pub(crate) const PLACE: Style = AnsiColor::Cyan.on_default();
/// For headings.
pub(crate) const STRONG: Style = Style::new().bold();
/// For what matters less.
pub(crate) const FAINT: Style = Style::new().dimmed();

/// Text in a style, which is left out where the output is not a terminal.
pub(crate) fn paint(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// Prints a text as it is.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match written {
        // `cargo x diff day4 | head` has read what it wanted.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// A path as the course writes it everywhere, also on Windows: with forward slashes.
pub(crate) fn slashes(path: &Path) -> String {
    path.to_string_lossy().replace(MAIN_SEPARATOR, "/")
}
