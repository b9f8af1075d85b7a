//! The router alone, without HTTP.

mod errors;
mod faults;
mod github;
mod matching;
mod model;
mod order;
mod support;
