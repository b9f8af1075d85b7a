//! gee: a web framework like [gin], built on [hyper] in seven days.
//!
//! ```no_run
//! use tokio::net::TcpListener;
//! use web_day1_http_base::{Context, Engine};
//!
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! let mut engine = Engine::new();
//! engine.get("/hello", |c: Context| async move { format!("hello from {}\n", c.path()) })?;
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
mod context;
mod engine;
mod error;
mod handler;
mod methods;
mod refusal;
mod response;
mod routes;
mod server;

pub use body::Body;
pub use context::Context;
pub use engine::Engine;
pub use error::{BoxError, RouteError};
pub use handler::Handler;
pub use response::{IntoResponse, Response};

/// The parts of HTTP that a handler names: [`Method`](http::Method), [`StatusCode`](http::StatusCode),
/// [`header`](http::header).
pub use hyper::http;
