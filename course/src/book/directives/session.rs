//! `{{#session <name>}}`

use crate::book::desk::Desk;
use crate::book::fault::Fault;
use crate::book::html::escape;
use crate::book::sessions::format::{Session, Step};
use crate::book::sessions::{load, path};

pub(super) fn expand(desk: &Desk, name: &str) -> Result<String, Fault> {
    if name.is_empty() || name.contains(char::is_whitespace) {
        return Err(Fault::new(
            "the directive names no session",
            "write {{#session <name>}}",
        ));
    }
    if !path(&desk.course, name).is_file() {
        let what = format!("there is no session `{name}`");
        return Err(Fault::new(
            what,
            format!("write book/sessions/{name}.session"),
        ));
    }
    let session = load(&desk.course, name);
    let session = session
        .map_err(|error| Fault::new(error.to_string(), "see book/README.md for the format"))?;
    Ok(terminal(&session))
}

/// `<pre>` at the start of a line keeps the markdown parser out until it closes, also of blank
/// lines.
fn terminal(session: &Session) -> String {
    let mut blocks = Vec::new();
    for background in &session.background {
        blocks.push(format!(
            "<pre class=\"behind\">{}</pre>",
            command(&background.command)
        ));
    }
    let steps: Vec<String> = session.steps.iter().map(step).collect();
    blocks.push(format!("<pre>{}</pre>", steps.join("\n")));
    format!(
        "<div class=\"terminal\">\n\n{}\n\n</div>\n",
        blocks.join("\n\n")
    )
}

fn step(step: &Step) -> String {
    let mut lines = vec![command(&step.command)];
    lines.extend(step.output.iter().map(|line| output(line)));
    lines.join("\n")
}

fn command(text: &str) -> String {
    let text = escape(text).replace('\n', "</b>\n<span class=\"prompt\">&gt; </span><b>");
    format!("<span class=\"prompt\">$ </span><b>{text}</b>")
}

/// Output, with what varies from run to run set back.
fn output(text: &str) -> String {
    const VARIES: &str = "<i class=\"varies\">…</i>";
    if text.trim() == "[...]" {
        return VARIES.to_owned();
    }
    escape(text).replace("[..]", VARIES)
}
