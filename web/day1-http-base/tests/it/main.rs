//! One binary for all tests of the day, so that they link once.

use web_day1_http_base as gee;

mod engine;
mod program;
mod response;
mod server;
mod support;
