//! One binary for all tests of the day, so that they link once.

use web_day6_template as gee;

mod body;
mod engine;
mod examples;
mod group;
mod input;
mod middleware;
mod multipart;
mod output;
mod program;
mod response;
mod routing;
mod server;
mod streaming;
mod support;
mod templates;
