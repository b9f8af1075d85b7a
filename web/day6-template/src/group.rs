//! Routes that have the beginning of their paths in common.

use std::sync::Arc;

use hyper::Method;

use crate::methods::methods;
use crate::middleware::Chain;
use crate::router::InsertError;
use crate::routes::Routes;
use crate::{Context, Files, Handler, Middleware, RouteError};

/// Registers routes under a prefix. It is a view of an [`Engine`](crate::Engine) while routes are
/// being registered; a served request never sees it.
///
/// A group is itself and not its prefix: two groups may have the same one.
///
/// ```
/// use web_day6_template::{Context, Engine, RouteError, RouterGroup};
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
    /// The engine's, those of the groups around this one, and its own: the outermost first.
    layers: Vec<Arc<dyn Middleware>>,
}

impl<'e> RouterGroup<'e> {
    /// A group below `parent`, which is the prefix of another group, or empty.
    pub(crate) fn new(
        routes: &'e mut Routes,
        parent: &str,
        prefix: &str,
        layers: &[Arc<dyn Middleware>],
    ) -> Self {
        let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
        // `/v1` and `users` would make `/v1users`. By itself, `users` is refused with its first route.
        let joins = prefix.is_empty() || prefix.starts_with('/');
        let parent = if joins { parent } else { "" };
        Self {
            routes,
            prefix: format!("{parent}{prefix}"),
            layers: layers.to_vec(),
        }
    }

    /// Puts a middleware around the routes of this group, and of groups in it, that are registered
    /// from now on. Of two, the first is the outer one.
    pub fn layer(&mut self, middleware: impl Middleware) -> &mut Self {
        self.layers.push(Arc::new(middleware));
        self
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
        let chain = Chain::new(&self.layers, handler);
        self.routes.add(method, &path, chain)?;
        Ok(self)
    }

    /// A group within this one. While it is there, this one waits: one group registers at a time.
    ///
    /// A slash at the end of the prefix counts for nothing. Whether the prefix makes sense is seen
    /// with the first route.
    pub fn group(&mut self, prefix: &str) -> RouterGroup<'_> {
        RouterGroup::new(self.routes, &self.prefix, prefix, &self.layers)
    }

    /// Serves files under a prefix: `prefix/css/gee.css` is the file `css/gee.css`. HEAD comes with it.
    ///
    /// # Errors
    ///
    /// As [`route`](Self::route).
    pub fn files(&mut self, prefix: &str, files: Files) -> Result<&mut Self, RouteError> {
        let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
        self.get(&format!("{prefix}/*filepath"), move |c: Context| {
            let files = files.clone();
            let path = c.param("filepath").unwrap_or_default().to_owned();
            async move { files.serve(c, &path).await }
        })
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
