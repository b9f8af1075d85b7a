//! What the program can do, a command in a file.

use std::io::Write;
use std::path::Path;

use serde::Serialize;

use crate::BoxError;

mod info;
mod init;
mod pages;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Makes an empty database in a new file.
    Init(init::Init),
    /// Shows the size of the file and its pages, and both metas.
    Info(info::Info),
    /// Lists the pages by their headers.
    Pages(pages::Pages),
}

impl Command {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<(), BoxError> {
        match self {
            Command::Init(init) => init.run(),
            Command::Info(info) => info.run(out),
            Command::Pages(pages) => pages.run(out),
        }
    }

    /// The file that it works with.
    pub(crate) fn file(&self) -> &Path {
        match self {
            Command::Init(init) => &init.file,
            Command::Info(info) => &info.file,
            Command::Pages(pages) => &pages.file,
        }
    }
}

fn as_json(value: &impl Serialize, out: &mut impl Write) -> Result<(), BoxError> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    Ok(writeln!(out)?)
}
