//! Which handler answers which request.

use std::sync::Arc;

use hyper::{Method, Uri};

use crate::params::Params;
use crate::refusal::Refusal;
use crate::router::Router;
use crate::{Handler, RouteError};

/// The routes, one router for each method, as gin has it: `/users/:id` of DELETE and `/users/new`
/// of GET never stand in each other's way.
#[derive(Default)]
pub(crate) struct Routes {
    /// Few, and GET is early: a search from the front beats a hash.
    routers: Vec<(Method, Router<Arc<dyn Handler>>)>,
    trailing_slash: TrailingSlash,
    /// What was registered, as it was written.
    list: Vec<(Method, String)>,
}

/// What becomes of a request that would have a route if its path had a slash more, or less, at the
/// end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TrailingSlash {
    /// It has no route: 404. A path is a name, and `/a/` is another name than `/a`.
    #[default]
    Strict,
    /// It is sent to the path that has a route, with 308, which keeps the method and the body.
    Redirect,
}

/// The handler of a request, and what its path says.
pub(crate) struct Found {
    pub(crate) handler: Arc<dyn Handler>,
    pub(crate) params: Params,
}

impl Routes {
    pub(crate) fn trailing_slash(&mut self, policy: TrailingSlash) {
        self.trailing_slash = policy;
    }

    pub(crate) fn add(
        &mut self,
        method: Method,
        path: &str,
        handler: Arc<dyn Handler>,
    ) -> Result<(), RouteError> {
        let inserted = self.router_mut(&method).insert(path, handler);
        inserted.map_err(|reason| RouteError::new(&method, path, reason))?;
        self.list.push((method, path.to_owned()));
        Ok(())
    }

    pub(crate) fn list(&self) -> impl Iterator<Item = (&Method, &str)> {
        self.list
            .iter()
            .map(|(method, path)| (method, path.as_str()))
    }

    /// The handler of this method and path. A HEAD that has none of its own is a GET whose body is
    /// not sent.
    pub(crate) fn find(&self, method: &Method, uri: &Uri) -> Result<Found, Refusal> {
        let path = uri.path();
        let found = self.at(method, path).or_else(|| {
            let get = method == Method::HEAD;
            get.then(|| self.at(&Method::GET, path)).flatten()
        });
        found.unwrap_or_else(|| Err(self.refuse(method, uri)))
    }

    fn at(&self, method: &Method, path: &str) -> Option<Result<Found, Refusal>> {
        let (_, router) = self.routers.iter().find(|(m, _)| m == method)?;
        let matched = router.at(path)?;
        let params = Params::decode(&matched.params).map_err(|_| Refusal::BadPath);
        Some(params.map(|params| Found {
            handler: Arc::clone(matched.value),
            params,
        }))
    }

    fn refuse(&self, method: &Method, uri: &Uri) -> Refusal {
        match Refusal::new(method, self.methods_at(uri.path())) {
            Refusal::NotFound if self.trailing_slash == TrailingSlash::Redirect => {
                self.redirect(uri).unwrap_or(Refusal::NotFound)
            }
            refusal => refusal,
        }
    }

    /// The methods that have a route for this path; all there are for `*`, which asks about the
    /// server.
    fn methods_at(&self, path: &str) -> Vec<Method> {
        let routers = self.routers.iter();
        let routers = routers.filter(|(_, router)| path == "*" || router.at(path).is_some());
        routers.map(|(method, _)| method.clone()).collect()
    }

    fn redirect(&self, uri: &Uri) -> Option<Refusal> {
        let path = with_other_end(uri.path());
        if names_a_host(&path) || self.methods_at(&path).is_empty() {
            return None;
        }
        let query = uri.query().map(|query| format!("?{query}"));
        Some(Refusal::Moved(path + &query.unwrap_or_default()))
    }

    fn router_mut(&mut self, method: &Method) -> &mut Router<Arc<dyn Handler>> {
        let at = self.routers.iter().position(|(m, _)| m == method);
        let at = at.unwrap_or_else(|| {
            self.routers.push((method.clone(), Router::new()));
            self.routers.len() - 1
        });
        &mut self.routers[at].1
    }
}

/// The path with a slash more at its end, or without the one it has.
fn with_other_end(path: &str) -> String {
    match path.strip_suffix('/') {
        Some(shorter) => shorter.to_owned(),
        None => format!("{path}/"),
    }
}

/// To a browser, `//host` is another server, and a backslash is a slash.
fn names_a_host(path: &str) -> bool {
    path.starts_with("//") || path.starts_with(r"/\")
}
