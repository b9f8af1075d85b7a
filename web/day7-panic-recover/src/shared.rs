//! What all requests of an engine have in common.

use std::sync::Arc;

use crate::{Handler, Templates};

/// The settings that a [`Context`](crate::Context) carries along.
#[derive(Clone)]
pub(crate) struct Shared {
    /// How many bytes of a body are kept in memory.
    pub(crate) body_limit: usize,
    /// How many bytes a form with files may have.
    pub(crate) upload_limit: usize,
    /// What answers where nothing is found.
    pub(crate) no_route: Option<Arc<dyn Handler>>,
    pub(crate) templates: Option<Arc<Templates>>,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            body_limit: 2 << 20,
            upload_limit: 32 << 20,
            no_route: None,
            templates: None,
        }
    }
}
