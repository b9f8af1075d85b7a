//! Panics, caught where they happen, with the way that led to them.

use std::any::Any;
use std::backtrace::Backtrace;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

/// Ends a request without an answer: the connection is closed, and nothing is logged as an error. It
/// is what Go's `http.ErrAbortHandler` is.
///
/// # Panics
///
/// Always: that is how it leaves the handler. [`recovery`](crate::middleware::recovery) must lie around it.
pub fn abort() -> ! {
    // Unlike `panic!`, this asks no hook, so nobody prints that something went wrong.
    panic::resume_unwind(Box::new(Abort))
}

struct Abort;

/// What was caught.
pub(crate) enum Caught {
    /// The handler wanted it.
    Abort,
    /// What the panic said, and where it came from.
    Panic(String),
}

thread_local! {
    /// Whether this thread is inside of `catch`.
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    /// What the hook has seen since then.
    static SEEN: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Does the work, and comes back from its panic.
///
/// # Panics
///
/// Nothing is caught in a program built with `panic = "abort"`.
pub(crate) fn catch<T>(work: impl FnOnce() -> T) -> Result<T, Caught> {
    install_hook();
    let outer = CATCHING.replace(true);
    // What the work has half changed is dropped by who called, and never looked at again.
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    CATCHING.set(outer);
    let seen = SEEN.take();
    if let (Ok(_), Some(report)) = (&result, &seen) {
        // The hook has kept this from the one before, so it must not be lost.
        tracing::warn!("a handler has caught a panic: {report}");
    }
    result.map_err(|payload| Caught::new(&*payload, seen))
}

impl Caught {
    fn new(payload: &(dyn Any + Send), report: Option<String>) -> Self {
        if payload.is::<Abort>() {
            return Self::Abort;
        }
        // Without a report, the panic was raised again by who had caught it before.
        Self::Panic(report.unwrap_or_else(|| message(payload).to_owned()))
    }
}

/// A backtrace can only be taken while the stack is still there, and that is in the hook. The hook
/// that was there before keeps all other panics: those of spawned tasks, say.
fn install_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Nobody would come to read what our hook has kept.
        if cfg!(panic = "abort") {
            return tracing::warn!("built with panic = \"abort\": a panic ends this program");
        }
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| match CATCHING.get() {
            true => keep(info, &before),
            false => before(info),
        }));
    });
}

/// Keeps the report for `catch`. A panic on the way out of another one ends the program, so a second
/// report is printed at once, and the first with it.
fn keep(info: &PanicHookInfo<'_>, before: &dyn Fn(&PanicHookInfo<'_>)) {
    if let Some(first) = SEEN.replace(Some(report(info))) {
        eprintln!("a panic, and one more after it: {first}");
        before(info);
    }
}

fn report(info: &PanicHookInfo<'_>) -> String {
    let place = info.location().map(|place| format!(" at {place}"));
    let backtrace = Backtrace::force_capture();
    let message = message(info.payload());
    format!("{message}{}\n{backtrace}", place.unwrap_or_default())
}

fn message(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message")
}
