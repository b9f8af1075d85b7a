//! Which other sites' scripts may ask this server, as the [Fetch standard] has it.
//!
//! [Fetch standard]: https://fetch.spec.whatwg.org/#http-cors-protocol

use std::time::Duration;

use futures_util::future::BoxFuture;
use hyper::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderValue, ORIGIN, VARY,
};
use hyper::{HeaderMap, Method, StatusCode};

use crate::{Context, IntoResponse, Middleware, Next, Response};

/// Tells browsers that scripts of these origins may read the answers.
///
/// It belongs on the whole [`Engine`](crate::Engine): a browser asks with OPTIONS first, and there a
/// group has no route. It protects the users of browsers, not the server: who is no browser ignores
/// it.
///
/// ```
/// use web_day7_panic_recover::{Context, Engine};
/// use web_day7_panic_recover::middleware::Cors;
///
/// let mut engine = Engine::new();
/// engine.layer(Cors::origins(["https://app.example"]).credentials(true));
/// engine.get("/data", |_: Context| async { "for the app" })?;
/// # Ok::<(), web_day7_panic_recover::RouteError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cors {
    /// None allows all, and then without credentials.
    origins: Option<Vec<String>>,
    credentials: bool,
    max_age: Duration,
}

impl Cors {
    /// Allows scripts of every site. What they read is what anybody may read: the browser sends no
    /// cookies along.
    pub fn any_origin() -> Self {
        Self {
            origins: None,
            credentials: false,
            max_age: Duration::from_secs(600),
        }
    }

    /// Allows scripts of these origins, each written as browsers do: `https://app.example`, without a
    /// slash at the end.
    pub fn origins(origins: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            origins: Some(origins.into_iter().map(Into::into).collect()),
            ..Self::any_origin()
        }
    }

    /// Whether the browser may send cookies along, to the origins that are named. For
    /// [`any_origin`](Self::any_origin) it never may.
    pub fn credentials(mut self, allowed: bool) -> Self {
        self.credentials = allowed && self.origins.is_some();
        self
    }

    /// How long a browser may keep the permission; ten minutes unless this is called.
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = max_age;
        self
    }

    fn allows(&self, origin: &HeaderValue) -> bool {
        let named = |origins: &Vec<String>| origins.iter().any(|named| *named == *origin);
        self.origins.as_ref().is_none_or(named)
    }

    /// The headers of an answer that the origin may read.
    fn allow(&self, headers: &mut HeaderMap, origin: HeaderValue) {
        let origin = match self.origins {
            Some(_) => origin,
            None => HeaderValue::from_static("*"),
        };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        if self.credentials {
            let yes = HeaderValue::from_static("true");
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
        }
    }

    /// The answer to a browser that asks whether it may ask. It may use the methods and headers that
    /// it wants to: whether they make sense, the request itself will show.
    fn preflight(&self, asked: &HeaderMap, origin: HeaderValue) -> Response {
        let mut response = StatusCode::NO_CONTENT.into_response();
        let headers = response.headers_mut();
        self.allow(headers, origin);
        let wants = [
            (ACCESS_CONTROL_REQUEST_METHOD, ACCESS_CONTROL_ALLOW_METHODS),
            (ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_ALLOW_HEADERS),
        ];
        for (want, may) in wants {
            if let Some(value) = asked.get(want) {
                headers.insert(may, value.clone());
            }
        }
        headers.insert(ACCESS_CONTROL_MAX_AGE, self.max_age.as_secs().into());
        response
    }

    async fn answer(self, context: Context, next: Next) -> Response {
        let origin = context.headers().get(ORIGIN).cloned();
        let origin = origin.filter(|origin| self.allows(origin));
        let asks = context
            .headers()
            .contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        let mut response = match origin {
            Some(origin) if asks && context.method() == Method::OPTIONS => {
                self.preflight(context.headers(), origin)
            }
            Some(origin) => {
                let mut response = next.run(context).await;
                self.allow(response.headers_mut(), origin);
                response
            }
            None => next.run(context).await,
        };
        // The same URL has other headers for another origin, so no cache may mix them up.
        response
            .headers_mut()
            .append(VARY, HeaderValue::from_static("origin"));
        response
    }
}

impl Middleware for Cors {
    fn call(&self, context: Context, next: Next) -> BoxFuture<'static, Response> {
        Box::pin(self.clone().answer(context, next))
    }
}
