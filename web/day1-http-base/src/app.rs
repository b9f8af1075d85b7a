//! What the server of the day answers: the path of a request, and its headers.

use crate::gee::{Context, Engine, RouteError};

pub(crate) fn engine() -> Result<Engine, RouteError> {
    let mut engine = Engine::new();
    engine.get("/", index)?.get("/hello", headers)?;
    Ok(engine)
}

async fn index(c: Context) -> String {
    format!("path = {:?}\n", c.path())
}

async fn headers(c: Context) -> String {
    let headers = c.headers().iter();
    headers
        .map(|(name, value)| format!("{name}: {value:?}\n"))
        .collect()
}
