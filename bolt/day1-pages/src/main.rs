//! Makes a database, and shows what a file is made of.

use std::error::Error;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bolt_day1_pages as geebolt;
use clap::{Parser, Subcommand};
use serde::Serialize;

use geebolt::{Metas, PageSize, Pages};

mod show;

type BoxError = Box<dyn Error>;

/// Makes databases in bbolt's format, and looks into them.
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Makes an empty database in a new file.
    Init {
        /// The file, which must not be there.
        file: PathBuf,
        /// The size of a page: a power of two from 1024 [default: the system's].
        #[arg(long, value_name = "BYTES")]
        page_size: Option<u32>,
    },
    /// Shows the size of the file and its pages, and both metas.
    Info {
        /// A database.
        file: PathBuf,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Lists the pages by their headers.
    Pages {
        /// A database.
        file: PathBuf,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

fn main() -> ExitCode {
    let command = Args::parse().command;
    let mut out = BufWriter::new(io::stdout().lock());
    let done = command.run(&mut out).and_then(|()| Ok(out.flush()?));
    match done {
        Err(error) if !is_closed_pipe(&*error) => {
            eprintln!("error: {}: {}", command.file().display(), chain(&*error));
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

impl Command {
    fn run(&self, out: &mut impl Write) -> Result<(), BoxError> {
        match self {
            Command::Init { file, page_size } => init(file, *page_size),
            Command::Info { file, json } => info(file, *json, out),
            Command::Pages { file, json } => pages(file, *json, out),
        }
    }

    fn file(&self) -> &Path {
        match self {
            Command::Init { file, .. }
            | Command::Info { file, .. }
            | Command::Pages { file, .. } => file,
        }
    }
}

fn init(file: &Path, page_size: Option<u32>) -> Result<(), BoxError> {
    let page_size = page_size.map_or_else(|| Ok(PageSize::of_system()), PageSize::new)?;
    Ok(geebolt::create(file, page_size)?)
}

fn info(file: &Path, json: bool, out: &mut impl Write) -> Result<(), BoxError> {
    let bytes = fs::read(file)?;
    let info = show::Info::new(&bytes, &Metas::find(&bytes)?);
    if json {
        as_json(&info, out)
    } else {
        Ok(info.write(out)?)
    }
}

fn pages(file: &Path, json: bool, out: &mut impl Write) -> Result<(), BoxError> {
    let bytes = fs::read(file)?;
    let metas = Metas::find(&bytes)?;
    let list = show::List(Pages::new(&bytes, metas.current()));
    if json {
        as_json(&list, out)
    } else {
        Ok(list.write(out)?)
    }
}

fn as_json(value: &impl Serialize, out: &mut impl Write) -> Result<(), BoxError> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    Ok(writeln!(out)?)
}

/// Whoever reads our output may have seen enough: `| head`.
fn is_closed_pipe(error: &(dyn Error + 'static)) -> bool {
    let kind = match error.downcast_ref::<serde_json::Error>() {
        Some(error) => error.io_error_kind(),
        None => error.downcast_ref().map(io::Error::kind),
    };
    kind == Some(io::ErrorKind::BrokenPipe)
}

/// An error and its causes in one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    let texts: Vec<String> = causes.map(ToString::to_string).collect();
    texts.join(": ")
}
