//! Pages that are made from templates, with [minijinja].
//!
//! [minijinja]: https://docs.rs/minijinja

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, path_loader};
use serde::Serialize;

use crate::response::failed;
use crate::{BoxError, Context, Html, IntoResponse, Response};

/// The templates of a directory. What is put into an `.html` template is escaped for HTML.
///
/// A name that a template uses and nobody gives is an error, and not an empty place.
///
/// ```no_run
/// use web_day7_panic_recover::{Engine, Templates};
///
/// let mut templates = Templates::from_dir("templates")?;
/// templates.configure(|env| env.add_filter("shout", |text: String| text.to_uppercase()));
///
/// let mut engine = Engine::new();
/// engine.templates(templates);
/// # Ok::<(), web_day7_panic_recover::TemplateError>(())
/// ```
#[derive(Debug)]
pub struct Templates {
    env: Environment<'static>,
}

impl Templates {
    /// Reads all templates of a directory and those below it. A template's name is its path from
    /// there, with slashes.
    ///
    /// In a debug build they are read again when they have changed.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, or is no template: the error says which, and the line.
    pub fn from_dir(dir: impl AsRef<Path>) -> Result<Self, TemplateError> {
        let dir = dir.as_ref();
        let mut env = Environment::new();
        env.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        env.set_loader(path_loader(dir));
        env.set_auto_reload(cfg!(debug_assertions));
        for name in names(dir)? {
            env.get_template(&name)?;
        }
        Ok(Self { env })
    }

    /// Adds filters, functions and globals.
    pub fn configure(&mut self, change: impl FnOnce(&mut Environment<'static>)) -> &mut Self {
        change(&mut self.env);
        self
    }

    /// Whether files that have changed are read again, which costs a look at each file for each page. A
    /// broken one is an error of that page, until it is mended.
    pub fn reload(&mut self, reload: bool) -> &mut Self {
        self.env.set_auto_reload(reload);
        self
    }

    /// The page that this template makes of `data`. All of it is in memory before any of it is sent.
    ///
    /// # Errors
    ///
    /// When there is no such template, or a part of it fails.
    pub fn render(&self, name: &str, data: impl Serialize) -> Result<String, TemplateError> {
        let template = self.env.get_template(name)?;
        Ok(template.render(Serde(data))?)
    }
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// The engine has none.
    #[error("there are no templates: give the engine some with Engine::templates")]
    NoTemplates,
    /// The directory, or a file in it, cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// What was to be read.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A template is missing, is malformed, or fails.
    #[error("a template failed: {0:#}")]
    Failed(#[from] minijinja::Error),
}

/// The log gets the reason, the client a 500.
impl IntoResponse for TemplateError {
    fn into_response(self) -> Response {
        failed(BoxError::from(self))
    }
}

impl Context {
    /// A page made of `data` by one of the engine's [`templates`](crate::Engine::templates).
    ///
    /// ```
    /// use serde_json::json;
    /// use web_day7_panic_recover::{Context, Html, TemplateError};
    ///
    /// async fn index(c: Context) -> Result<Html<String>, TemplateError> {
    ///     c.html("index.html", json!({ "name": "Tom" }))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// When there is no such template, or a part of it fails.
    pub fn html(&self, name: &str, data: impl Serialize) -> Result<Html<String>, TemplateError> {
        let templates = self.shared().templates.as_ref();
        let templates = templates.ok_or(TemplateError::NoTemplates)?;
        templates.render(name, data).map(Html)
    }
}

/// The names of all files below a directory, in order.
fn names(dir: &Path) -> Result<Vec<String>, TemplateError> {
    let mut found = Vec::new();
    collect(dir, "", &mut found).map_err(|(path, source)| TemplateError::Read { path, source })?;
    found.sort_unstable();
    Ok(found)
}

fn collect(dir: &Path, prefix: &str, found: &mut Vec<String>) -> Result<(), (PathBuf, io::Error)> {
    let at = |error| (dir.to_owned(), error);
    for entry in fs::read_dir(dir).map_err(at)? {
        let entry = entry.map_err(at)?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{name}/"), found)?;
        } else if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            // An editor's swap files and the like are no templates.
            found.push(name);
        }
    }
    Ok(())
}
