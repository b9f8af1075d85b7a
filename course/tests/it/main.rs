//! The course tool, tried on a miniature course that each test copies.

mod check;
mod command_line;
mod course_toml;
mod diff;
mod finding_tests;
mod generated;
mod mini;
mod propagate;
mod serving;
