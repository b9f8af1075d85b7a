//! The options that cargo and criterion have for benchmarks, as far as they make sense here.

use std::time::Duration;

use anyhow::bail;

/// How long a benchmark takes, and what becomes of its results.
pub struct Options {
    /// How many times each contestant has its turn.
    pub rounds: usize,
    /// How long a turn is: so long that the caches of the processor, which the others have filled, are soon one's
    /// own again.
    pub slice: Duration,
    /// Whether the results go where the report is made from.
    pub keep: bool,
    /// A part of the names of the tables in question.
    filter: String,
}

impl Options {
    /// `cargo bench` passes `--bench`, and `cargo test` nothing: that, or `--test`, only tries whether
    /// everything works. `--quick` gives an impression.
    pub fn new(arguments: &[&str]) -> anyhow::Result<Self> {
        let (mut bench, mut test, mut quick, mut filter) = (false, false, false, String::new());
        for argument in arguments {
            match *argument {
                "--bench" => bench = true,
                "--test" => test = true,
                "--quick" => quick = true,
                option if option.starts_with('-') => bail!("there is no option {option}"),
                text => filter = text.to_owned(),
            }
        }
        let (rounds, slice) = match (bench && !test, quick) {
            (false, _) => (1, 20),
            (true, true) => (4, 100),
            (true, false) => (24, 400),
        };
        Ok(Self {
            rounds,
            slice: Duration::from_millis(slice),
            keep: bench && !test && !quick,
            filter,
        })
    }

    /// Whether the table of this name is asked for.
    pub fn wants(&self, name: &str) -> bool {
        name.contains(&self.filter)
    }
}
