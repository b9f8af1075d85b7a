//! One binary for all tests of the day, so that they link once.

use web_day3_router as gee;

mod body;
mod engine;
mod input;
mod output;
mod program;
mod response;
mod routing;
mod server;
mod streaming;
mod support;
