//! `get`, `post` and the others, each a name for `route` with its method.

/// Writes them into an `impl` block of something that has `route`.
macro_rules! methods {
    () => {
        $crate::methods::methods! {
            get GET, post POST, put PUT, patch PATCH, delete DELETE, head HEAD, options OPTIONS
        }
    };
    ($($name:ident $method:ident),+) => {$(
        #[doc = concat!("Answers `", stringify!($method), " path` with `handler`.")]
        ///
        /// # Errors
        ///
        /// As [`route`](Self::route).
        pub fn $name(
            &mut self,
            path: &str,
            handler: impl $crate::Handler,
        ) -> Result<&mut Self, $crate::RouteError> {
            self.route($crate::http::Method::$method, path, handler)
        }
    )+};
}

pub(crate) use methods;
