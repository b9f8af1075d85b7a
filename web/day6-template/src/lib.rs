//! gee: a web framework like [gin], built on [hyper] in seven days.
//!
//! ```no_run
//! use tokio::net::TcpListener;
//! use web_day6_template::middleware::logger;
//! use web_day6_template::{Context, Engine};
//!
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! let mut engine = Engine::new();
//! engine.layer(logger);
//! let mut v1 = engine.group("/v1");
//! v1.get("/hello/:name", |c: Context| async move {
//!     format!("hello, {}\n", c.param("name").unwrap_or("stranger"))
//! })?;
//!
//! let listener = TcpListener::bind("127.0.0.1:9999").await?;
//! engine.serve(listener, std::future::pending()).await;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [gin]: https://github.com/gin-gonic/gin
//! [hyper]: https://hyper.rs

mod body;
pub mod conditional;
mod context;
mod cookies;
mod engine;
mod error;
mod files;
mod form;
mod group;
mod handler;
mod html;
mod json;
mod methods;
pub mod middleware;
mod multipart;
mod params;
pub mod percent;
mod query;
pub mod range;
mod refusal;
mod rejection;
mod response;
pub mod router;
mod routes;
mod server;
mod shared;
mod streaming;
mod templates;

pub use body::{Body, BodyError};
pub use context::Context;
pub use engine::Engine;
pub use error::{BoxError, RouteError};
pub use files::Files;
pub use group::RouterGroup;
pub use handler::Handler;
pub use html::Html;
pub use json::Json;
pub use middleware::{Middleware, Next};
pub use multipart::{Multipart, Part};
pub use rejection::{Field, Rejection};
pub use response::{IntoResponse, Response};
pub use routes::TrailingSlash;
pub use streaming::Streaming;
pub use templates::{TemplateError, Templates};

pub use cookie::Cookie;

/// The parts of HTTP that a handler names: [`Method`](http::Method), [`StatusCode`](http::StatusCode),
/// [`header`](http::header).
pub use hyper::http;
