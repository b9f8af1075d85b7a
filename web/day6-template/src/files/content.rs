//! The bytes of a file, at once or one after the other.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::ops::Range;

use bytes::Bytes;
use futures_util::stream;

use crate::{Body, BoxError};

/// A file up to this size is read in the hop in which it is opened.
const SMALL: u64 = 64 << 10;
/// How much of a larger one is read in a hop, and waits in memory for a slow client.
const CHUNK: u64 = 128 << 10;

pub(super) enum Content {
    Whole(Bytes),
    Large(File),
}

impl Content {
    /// Reads a small file. A large one is only held open.
    pub(super) fn read(mut file: File, len: u64) -> io::Result<Self> {
        if len > SMALL {
            return Ok(Self::Large(file));
        }
        let mut bytes = vec![0; len as usize];
        file.read_exact(&mut bytes)?;
        Ok(Self::Whole(bytes.into()))
    }

    /// These bytes of it as a body.
    pub(super) fn part(self, part: Range<u64>) -> Body {
        match self {
            Self::Whole(bytes) => bytes.slice(part.start as usize..part.end as usize).into(),
            Self::Large(file) => Body::stream(stream::try_unfold((file, part), next)),
        }
    }
}

/// The next chunk, and what is left. The length has been sent already, so a file that has become
/// shorter is an error: the client sees that the body is incomplete.
async fn next(
    (mut file, left): (File, Range<u64>),
) -> Result<Option<(Bytes, (File, Range<u64>))>, BoxError> {
    if left.is_empty() {
        return Ok(None);
    }
    let read = move || {
        let end = left.end.min(left.start + CHUNK);
        file.seek(SeekFrom::Start(left.start))?;
        let mut bytes = vec![0; (end - left.start) as usize];
        file.read_exact(&mut bytes)
            .map_err(|error| match error.kind() {
                ErrorKind::UnexpectedEof => io::Error::other("the file has become shorter"),
                _ => error,
            })?;
        Ok::<_, io::Error>((Bytes::from(bytes), (file, end..left.end)))
    };
    Ok(Some(tokio::task::spawn_blocking(read).await??))
}
