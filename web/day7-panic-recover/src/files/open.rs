//! From the path of a request to an open file. All of it may block.

use std::io::{self, ErrorKind};
use std::time::SystemTime;

#[cfg(unix)]
use cap_std::fs::OpenOptionsExt;
use cap_std::fs::{Dir, OpenOptions};
#[cfg(unix)]
use rustix::{fs::OFlags, io::Errno};

use super::content::Content;

/// What there is at a path.
pub(super) enum Opened {
    File(Found),
    /// A directory that has an index, asked for without the slash at the end.
    Moved,
    Nothing,
}

/// A file, open.
pub(super) struct Found {
    pub(super) len: u64,
    pub(super) modified: Option<SystemTime>,
    pub(super) content_type: String,
    pub(super) content: Content,
}

pub(super) fn open(root: &Dir, path: &str, index: Option<&str>) -> io::Result<Opened> {
    if !is_plain(path, index.is_some()) {
        return Ok(Opened::Nothing);
    }
    let opened = match (path.is_empty() || path.ends_with('/'), index) {
        (true, Some(index)) => open_file(root, &format!("{path}{index}")),
        (false, Some(index)) if is_dir(root, path) => has_index(root, path, index),
        _ => open_file(root, path),
    };
    match opened {
        Err(error) if is_no_file(&error) => Ok(Opened::Nothing),
        opened => opened,
    }
}

/// Whether every part of the path is the name of something that may be served. The last may be
/// empty, where a directory has an index. A backslash is in no name: to Windows it is a slash, and
/// `a\.env` would be two parts.
fn is_plain(path: &str, has_index: bool) -> bool {
    let path = match path.strip_suffix('/') {
        Some(path) if has_index => path,
        _ if path.is_empty() => return has_index,
        _ => path,
    };
    let mut parts = path.split('/');
    !path.contains('\\')
        && parts.all(|part| part == ".well-known" || !(part.is_empty() || part.starts_with('.')))
}

fn open_file(root: &Dir, path: &str) -> io::Result<Opened> {
    let file = root.open_with(path, &reading())?.into_std();
    // What it is, how long and how old is asked of the open file: the name may mean another by now.
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Ok(Opened::Nothing);
    }
    let len = metadata.len();
    Ok(Opened::File(Found {
        len,
        modified: metadata.modified().ok(),
        content_type: content_type(path),
        content: Content::read(file, len)?,
    }))
}

/// Opening a pipe waits for somebody who writes into it, unless it is opened like this.
fn reading() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    options.custom_flags(OFlags::NONBLOCK.bits() as i32);
    options
}

fn is_dir(root: &Dir, path: &str) -> bool {
    root.metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

fn has_index(root: &Dir, path: &str, index: &str) -> io::Result<Opened> {
    let metadata = root.metadata(format!("{path}/{index}"))?;
    Ok(if metadata.is_file() {
        Opened::Moved
    } else {
        Opened::Nothing
    })
}

/// Errors that say no more than "there is no such file for you". A path that leads out of the root is
/// one of them: to cap-std, that is permission denied.
fn is_no_file(error: &io::Error) -> bool {
    use ErrorKind::{InvalidFilename, InvalidInput, NotADirectory, NotFound, PermissionDenied};
    let kinds = [
        InvalidFilename,
        InvalidInput,
        NotADirectory,
        NotFound,
        PermissionDenied,
    ];
    // To open a socket is this error, on Unix.
    #[cfg(unix)]
    let is_socket = Errno::from_io_error(error) == Some(Errno::NXIO);
    #[cfg(not(unix))]
    let is_socket = false;
    is_socket || kinds.contains(&error.kind())
}

fn content_type(path: &str) -> String {
    let mime = mime_guess::from_path(path).first_or_octet_stream();
    match mime.type_() {
        mime_guess::mime::TEXT => format!("{mime}; charset=utf-8"),
        _ => mime.to_string(),
    }
}
