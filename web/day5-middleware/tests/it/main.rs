//! One binary for all tests of the day, so that they link once.

use web_day5_middleware as gee;

mod body;
mod engine;
mod examples;
mod group;
mod input;
mod middleware;
mod output;
mod program;
mod response;
mod routing;
mod server;
mod streaming;
mod support;
