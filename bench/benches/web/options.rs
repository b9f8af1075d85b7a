//! The options that cargo and criterion have for benchmarks, as far as they make sense here.

use std::time::Duration;

use anyhow::bail;

use crate::routes::Route;

pub(crate) struct Options {
    /// How many times each contestant has its turn.
    pub(crate) rounds: usize,
    /// How long a turn is.
    pub(crate) slice: Duration,
    /// Whether the results go where the report is made from.
    pub(crate) keep: bool,
    /// A part of the names of the routes in question.
    filter: String,
}

impl Options {
    /// `cargo bench` passes `--bench`, and `cargo test` nothing: that, or `--test`, only tries whether
    /// everything works.
    pub(crate) fn new(arguments: &[&str]) -> anyhow::Result<Self> {
        let (mut bench, mut test, mut filter) = (false, false, String::new());
        for argument in arguments {
            match *argument {
                "--bench" => bench = true,
                "--test" => test = true,
                option if option.starts_with('-') => bail!("there is no option {option}"),
                text => filter = text.to_owned(),
            }
        }
        let keep = bench && !test;
        let (rounds, slice) = if keep { (12, 500) } else { (1, 20) };
        let slice = Duration::from_millis(slice);
        Ok(Self {
            rounds,
            slice,
            keep,
            filter,
        })
    }

    pub(crate) fn wants(&self, route: &Route) -> bool {
        route.name.contains(&self.filter)
    }
}
