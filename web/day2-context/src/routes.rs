//! Which handler answers which request.

use std::collections::HashMap;
use std::sync::Arc;

use hyper::Method;

use crate::error::Reason;
use crate::refusal::Refusal;
use crate::{Handler, RouteError};

/// The table of routes. The path comes first and the method second, so that a known path with the
/// wrong method can be told from an unknown path.
#[derive(Default)]
pub(crate) struct Routes {
    paths: HashMap<String, HashMap<Method, Arc<dyn Handler>>>,
}

impl Routes {
    pub(crate) fn add(
        &mut self,
        method: Method,
        path: &str,
        handler: Arc<dyn Handler>,
    ) -> Result<(), RouteError> {
        let refuse = |method, reason| {
            let path = path.to_owned();
            Err(RouteError {
                method,
                path,
                reason,
            })
        };
        if !path.starts_with('/') {
            return refuse(method, Reason::NoLeadingSlash);
        }
        let methods = self.paths.entry(path.to_owned()).or_default();
        if methods.contains_key(&method) {
            return refuse(method, Reason::Duplicate);
        }
        methods.insert(method, handler);
        Ok(())
    }

    /// The handler of this method and path. A HEAD that has none of its own is a GET whose body is
    /// not sent.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Result<Arc<dyn Handler>, Refusal> {
        let methods = self.paths.get(path).ok_or(Refusal::NotFound)?;
        let own = methods.get(method);
        let found = own.or_else(|| methods.get(&Method::GET).filter(|_| method == Method::HEAD));
        found
            .cloned()
            .ok_or_else(|| Refusal::new(method, methods.keys().cloned().collect()))
    }
}
