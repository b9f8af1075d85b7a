//! One binary for all tests of the day, so that they link once.

use web_day4_group as gee;

mod body;
mod engine;
mod group;
mod input;
mod output;
mod program;
mod response;
mod routing;
mod server;
mod streaming;
mod support;
