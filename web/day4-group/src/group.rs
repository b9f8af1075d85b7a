//! Routes that have the beginning of their paths in common.

use std::sync::Arc;

use hyper::Method;

use crate::methods::methods;
use crate::router::InsertError;
use crate::routes::Routes;
use crate::{Handler, RouteError};

/// Registers routes under a prefix. It is a view of an [`Engine`](crate::Engine) while routes are
/// being registered; a served request never sees it.
///
/// A group is itself and not its prefix: two groups may have the same one.
///
/// ```
/// use web_day4_group::{Context, Engine, RouteError, RouterGroup};
///
/// /// The routes of one module, wherever they are mounted.
/// fn users(mut group: RouterGroup<'_>) -> Result<(), RouteError> {
///     group.get("", |_: Context| async { "all users" })?;
///     group.get("/:id", |c: Context| async move { format!("user {:?}", c.param("id")) })?;
///     Ok(())
/// }
///
/// let mut engine = Engine::new();
/// let mut v1 = engine.group("/v1");
/// users(v1.group("/users"))?;
///
/// let paths: Vec<_> = engine.routes().map(|(_, path)| path).collect();
/// assert_eq!(paths, ["/v1/users", "/v1/users/:id"]);
/// # Ok::<(), RouteError>(())
/// ```
pub struct RouterGroup<'e> {
    routes: &'e mut Routes,
    /// The prefixes from the engine to this group. It does not end with a slash: each path brings
    /// its own.
    prefix: String,
}

impl<'e> RouterGroup<'e> {
    /// A group below `parent`, which is the prefix of another group, or empty.
    pub(crate) fn new(routes: &'e mut Routes, parent: &str, prefix: &str) -> Self {
        let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
        // `/v1` and `users` would make `/v1users`. By itself, `users` is refused with its first route.
        let joins = prefix.is_empty() || prefix.starts_with('/');
        let parent = if joins { parent } else { "" };
        Self {
            routes,
            prefix: format!("{parent}{prefix}"),
        }
    }

    methods!();

    /// Answers `method` and the group's prefix followed by `path` with `handler`. The path is empty,
    /// or begins with a slash.
    ///
    /// # Errors
    ///
    /// When the whole path makes no sense, or contradicts that of another route of this method.
    pub fn route(
        &mut self,
        method: Method,
        path: &str,
        handler: impl Handler,
    ) -> Result<&mut Self, RouteError> {
        let path = self.join(&method, path)?;
        self.routes.add(method, &path, Arc::new(handler))?;
        Ok(self)
    }

    /// A group within this one. While it is there, this one waits: one group registers at a time.
    ///
    /// A slash at the end of the prefix counts for nothing. Whether the prefix makes sense is seen
    /// with the first route.
    pub fn group(&mut self, prefix: &str) -> RouterGroup<'_> {
        RouterGroup::new(self.routes, &self.prefix, prefix)
    }

    /// Without the check, `group("/v1").get("users")` would be `/v1users`.
    fn join(&self, method: &Method, path: &str) -> Result<String, RouteError> {
        if path.is_empty() || path.starts_with('/') {
            Ok(format!("{}{path}", self.prefix))
        } else {
            let route = path.to_owned();
            let reason = InsertError::NoLeadingSlash { route };
            Err(RouteError::new(method, path, reason))
        }
    }
}
