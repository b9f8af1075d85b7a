//! Forms with files, which a browser sends as `multipart/form-data` ([RFC 7578]). [multer] reads them.
//!
//! [RFC 7578]: https://www.rfc-editor.org/rfc/rfc7578
//! [multer]: https://docs.rs/multer

use std::io;
use std::marker::PhantomData;
use std::path::Path;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyDataStream;
use hyper::header::CONTENT_TYPE;
use multer::{Constraints, Error, SizeLimit};
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt;

use crate::{BodyError, BoxError, Context, Rejection};

const MULTIPART: &str = "multipart/form-data";
/// A form has a few fields, and a hostile one would have a million.
const MOST_PARTS: usize = 1000;

/// The parts of a form, one after the other, as they arrive.
#[derive(Debug)]
pub struct Multipart {
    parts: multer::Multipart<'static>,
    seen: usize,
    /// How many bytes of one part are kept in memory.
    body_limit: usize,
    upload_limit: usize,
}

impl Context {
    /// The body, read as a form with files. It can be read once.
    ///
    /// ```no_run
    /// use web_day7_panic_recover::{BoxError, Context};
    ///
    /// async fn upload(mut c: Context) -> Result<String, BoxError> {
    ///     let mut parts = c.multipart()?;
    ///     while let Some(mut part) = parts.next().await? {
    ///         if part.name() == "photo" {
    ///             let bytes = part.save_to("uploads/photo.jpg").await?;
    ///             return Ok(format!("{bytes} bytes"));
    ///         }
    ///     }
    ///     Ok("no photo".to_owned())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// 415 if the body is something else, 400 if it does not say where its parts end.
    pub fn multipart(&mut self) -> Result<Multipart, Rejection> {
        if !self.has_content_type(|mime| mime.eq_ignore_ascii_case(MULTIPART)) {
            return Err(Rejection::UnsupportedMediaType(MULTIPART));
        }
        let content_type = self.header(CONTENT_TYPE.as_str()).unwrap_or_default();
        let boundary = multer::parse_boundary(content_type);
        let boundary = boundary.map_err(|error| Rejection::Syntax(error.to_string()))?;
        let limit = self.shared().upload_limit;
        let size = SizeLimit::new().whole_stream(limit as u64);
        let constraints = Constraints::new().size_limit(size);
        let chunks = BodyDataStream::new(self.take_body());
        Ok(Multipart {
            parts: multer::Multipart::with_constraints(chunks, boundary, constraints),
            seen: 0,
            body_limit: self.shared().body_limit,
            upload_limit: limit,
        })
    }

    /// The first part of this name, which may be a file. The parts before it are gone.
    ///
    /// # Errors
    ///
    /// As [`multipart`](Self::multipart) and [`Multipart::next`].
    pub async fn form_file(&mut self, name: &str) -> Result<Option<Part<'static>>, Rejection> {
        let mut parts = self.multipart()?;
        while let Some(part) = parts.advance().await? {
            if part.name() == name {
                return Ok(Some(part));
            }
        }
        Ok(None)
    }
}

impl Multipart {
    /// The next part. What was not read of the one before is skipped, so there is one part at a time:
    ///
    /// ```compile_fail,E0499
    /// use web_day7_panic_recover::{Multipart, Rejection};
    ///
    /// async fn two(parts: &mut Multipart) -> Result<(), Rejection> {
    ///     let first = parts.next().await?;
    ///     let second = parts.next().await?;
    ///     drop(first);
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// 413 if the whole is larger than the engine's [`upload_limit`](crate::Engine::upload_limit), or
    /// has more than 1,000 parts; 400 if it is malformed or breaks off.
    pub async fn next(&mut self) -> Result<Option<Part<'_>>, Rejection> {
        self.advance().await
    }

    async fn advance(&mut self) -> Result<Option<Part<'static>>, Rejection> {
        let field = self.parts.next_field().await.map_err(explain)?;
        self.seen += 1;
        if self.seen > MOST_PARTS {
            let limit = self.upload_limit;
            return Err(BodyError::TooLarge { limit }.into());
        }
        Ok(field.map(|field| Part {
            field,
            body_limit: self.body_limit,
            form: PhantomData,
        }))
    }
}

/// One field of a form, or one file.
#[derive(Debug)]
pub struct Part<'m> {
    field: multer::Field<'static>,
    body_limit: usize,
    /// The form is lent out: the next part cannot be asked for while this one is there.
    form: PhantomData<&'m mut Multipart>,
}

impl Part<'_> {
    /// The name of the field; empty if it has none.
    pub fn name(&self) -> &str {
        self.field.name().unwrap_or_default()
    }

    /// What the client calls the file. It may be anything, `../../etc/passwd` too: show it, but do not
    /// use it as a path.
    pub fn file_name(&self) -> Option<&str> {
        self.field.file_name()
    }

    /// What the client says that the file is.
    pub fn content_type(&self) -> Option<&str> {
        self.field.content_type().map(AsRef::as_ref)
    }

    /// Some more bytes; none at the end.
    ///
    /// # Errors
    ///
    /// As [`Multipart::next`].
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Rejection> {
        self.field.chunk().await.map_err(explain)
    }

    /// All bytes that are left.
    ///
    /// # Errors
    ///
    /// 413 if they are more than the engine's [`body_limit`](crate::Engine::body_limit), and as
    /// [`Multipart::next`].
    pub async fn bytes(&mut self) -> Result<Bytes, Rejection> {
        let mut bytes = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            let limit = self.body_limit;
            if bytes.len() + chunk.len() > limit {
                return Err(BodyError::TooLarge { limit }.into());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes.freeze())
    }

    /// All that is left as text.
    ///
    /// # Errors
    ///
    /// 400 if it is not UTF-8, and as [`bytes`](Self::bytes).
    pub async fn text(&mut self) -> Result<String, Rejection> {
        let bytes = self.bytes().await?;
        let text = String::from_utf8(bytes.into());
        text.map_err(|error| Rejection::Syntax(format!("{}: {error}", self.name())))
    }

    /// Writes all that is left to a new file, and says how many bytes that were.
    ///
    /// The file gets its name when all of it is there. An upload that breaks off leaves nothing. On
    /// Unix, nobody but the server's user may read it.
    ///
    /// # Errors
    ///
    /// When there is such a file already, when it cannot be written, and as [`Multipart::next`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future removes what was written, unless the file is being given its name just
    /// then.
    pub async fn save_to(&mut self, path: impl AsRef<Path>) -> Result<u64, BoxError> {
        let path = path.as_ref().to_owned();
        let dir = path.parent().unwrap_or(Path::new(".")).to_owned();
        let (file, mut writer) = blocking(move || {
            let file = NamedTempFile::new_in(dir)?;
            let writer = file.reopen()?;
            Ok((file, tokio::fs::File::from_std(writer)))
        })
        .await?;
        let mut written = 0;
        while let Some(chunk) = self.chunk().await? {
            writer.write_all(&chunk).await?;
            written += chunk.len() as u64;
        }
        writer.flush().await?;
        blocking(move || Ok(file.persist_noclobber(path)?)).await?;
        Ok(written)
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await?
}

/// Whose fault it is: the form's, or that of the connection that brings it.
fn explain(error: Error) -> Rejection {
    match error {
        Error::StreamSizeExceeded { limit } => {
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            BodyError::TooLarge { limit }.into()
        }
        Error::StreamReadFailed(error) => BodyError::from(error).into(),
        error => Rejection::Syntax(error.to_string()),
    }
}
