//! Files of a directory, as they are.

mod content;
mod open;

use std::io;
use std::path::Path;
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use hyper::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderName,
    HeaderValue, LAST_MODIFIED, LOCATION, RANGE, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{HeaderMap, Method, StatusCode};

use crate::conditional::{Validators, Verdict};
use crate::range::{self, Wanted};
use crate::{Body, BoxError, Context, Handler, IntoResponse, Response};

use open::{Found, Opened};

/// Serves the files of a directory and of those below it, to GET and HEAD.
///
/// ```no_run
/// use web_day7_panic_recover::{Engine, Files};
///
/// let assets = Files::new("static")?;
/// let mut engine = Engine::new();
/// engine.get("/favicon.ico", assets.file("favicon.ico"))?;
/// engine.files("/assets", assets)?; // GET /assets/css/gee.css is static/css/gee.css
/// # Ok::<(), web_day7_panic_recover::BoxError>(())
/// ```
///
/// Nothing outside the directory is ever served: not by `..`, however it is encoded, and not by a
/// symbolic link that leads out. [cap-std] opens each part of a path below the one before, so that
/// also a directory that is exchanged in the meantime cannot lead out. Names that begin with a dot are
/// not served, because `.git` and `.env` are; `.well-known` is. Directories are never listed.
///
/// [cap-std]: https://docs.rs/cap-std
#[derive(Clone, Debug)]
pub struct Files {
    root: Arc<Dir>,
    index: Option<Arc<str>>,
    cache_control: Option<HeaderValue>,
}

impl Files {
    /// The files below `root`, which is looked up now: what is later at this path does not count.
    ///
    /// # Errors
    ///
    /// When there is no such directory, or it cannot be opened.
    pub fn new(root: impl AsRef<Path>) -> io::Result<Self> {
        Ok(Self {
            root: Arc::new(Dir::open_ambient_dir(root, ambient_authority())?),
            index: None,
            cache_control: None,
        })
    }

    /// Answers a directory with its file of this name, `index.html` say. Without it, a directory is a
    /// 404.
    pub fn index(mut self, name: &str) -> Self {
        self.index = Some(name.into());
        self
    }

    /// Says how long others may keep the files: `max-age=3600`, say. Without it, browsers guess.
    pub fn cache_control(mut self, value: HeaderValue) -> Self {
        self.cache_control = Some(value);
        self
    }

    /// A handler for this one file.
    pub fn file(&self, name: &'static str) -> impl Handler + use<> {
        let files = self.clone();
        move |c: Context| files.clone().answer(c, name.to_owned())
    }

    /// The answer to a request for `path`, which is decoded and begins below the directory. Where there
    /// is no such file, the engine's [`no_route`](crate::Engine::no_route) answers.
    pub async fn serve(&self, c: Context, path: &str) -> Response {
        match self.open(path).await {
            Ok(Opened::File(found)) => self.respond(&c, found),
            Ok(Opened::Moved) => moved(&c),
            Ok(Opened::Nothing) => c.not_found().await,
            Err(error) => BoxError::from(error).into_response(),
        }
    }

    async fn answer(self, c: Context, path: String) -> Response {
        self.serve(c, &path).await
    }

    /// One hop to a thread that may block, whatever has to be done there: each costs microseconds.
    async fn open(&self, path: &str) -> io::Result<Opened> {
        let (root, index, path) = (Arc::clone(&self.root), self.index.clone(), path.to_owned());
        tokio::task::spawn_blocking(move || open::open(&root, &path, index.as_deref())).await?
    }

    fn respond(&self, c: &Context, found: Found) -> Response {
        let validators = Validators::new(found.len, found.modified);
        let mut response = match validators.judge(c.headers()) {
            Verdict::Send => whole_or_part(c, found, &validators),
            Verdict::NotModified => StatusCode::NOT_MODIFIED.into_response(),
            Verdict::PreconditionFailed => StatusCode::PRECONDITION_FAILED.into_response(),
        };
        self.describe(response.headers_mut(), &validators);
        response
    }

    /// The headers that a 304 has as well.
    fn describe(&self, headers: &mut HeaderMap, validators: &Validators) {
        set(headers, ETAG, validators.etag());
        if let Some(modified) = validators.last_modified() {
            set(headers, LAST_MODIFIED, &modified);
        }
        if let Some(value) = &self.cache_control {
            headers.insert(CACHE_CONTROL, value.clone());
        }
    }
}

fn whole_or_part(c: &Context, found: Found, validators: &Validators) -> Response {
    let asked = c.headers().get(RANGE).and_then(|range| range.to_str().ok());
    let asked =
        asked.filter(|_| c.method() == Method::GET && validators.may_send_part(c.headers()));
    let len = found.len;
    match asked.map_or(Wanted::Whole, |range| range::parse(range, len)) {
        Wanted::Whole => send(c, found, StatusCode::OK, 0..len),
        Wanted::Part(part) => {
            let (first, last) = (part.start, part.end - 1);
            let mut response = send(c, found, StatusCode::PARTIAL_CONTENT, part);
            let place = format!("bytes {first}-{last}/{len}");
            set(response.headers_mut(), CONTENT_RANGE, &place);
            response
        }
        Wanted::Nothing => {
            let mut response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
            set(
                response.headers_mut(),
                CONTENT_RANGE,
                &format!("bytes */{len}"),
            );
            response
        }
    }
}

fn send(c: &Context, found: Found, status: StatusCode, part: std::ops::Range<u64>) -> Response {
    let content_type = found.content_type;
    let length = HeaderValue::from(part.end - part.start);
    let body = match *c.method() {
        Method::HEAD => Body::empty(),
        _ => found.content.part(part),
    };
    let mut response = body.with_status(status);
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, length);
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    set(headers, CONTENT_TYPE, &content_type);
    // What is sent as text stays text, whatever a browser finds in it.
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// To the same path with a slash, so that the links of the index page lead below it.
fn moved(c: &Context) -> Response {
    let query = c.uri().query().map(|query| format!("?{query}"));
    let target = format!("{}/{}", c.path(), query.unwrap_or_default());
    let mut response = StatusCode::PERMANENT_REDIRECT.into_response();
    set(response.headers_mut(), LOCATION, &target);
    response
}

/// For values that are made of digits, names and parts of a URI: all of them are legal.
fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
