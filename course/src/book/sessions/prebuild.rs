//! Builds what a session's commands will run, so that their deadlines measure the program and not
//! the compiler.

use std::path::Path;
use std::process::{Command, Stdio};

/// Flags that `cargo build` shares with `cargo run` and `cargo test`, each with whether a value
/// follows.
const SHARED: [(&str, bool); 10] = [
    ("-p", true),
    ("--package", true),
    ("--bin", true),
    ("--example", true),
    ("--features", true),
    ("--manifest-path", true),
    ("--release", false),
    ("--no-default-features", false),
    ("--all-features", false),
    ("--workspace", false),
];

/// Builds for one command, as far as it calls cargo. A build that fails is left to the command
/// itself to show.
pub(super) fn prebuild(root: &Path, command: &str) -> std::io::Result<()> {
    for part in command.split(['|', '&', ';', '\n']) {
        if let Some(arguments) = build_arguments(part) {
            let mut cargo = Command::new("cargo");
            cargo.args(arguments).current_dir(root);
            cargo
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()?;
        }
    }
    Ok(())
}

/// The `cargo build` or `cargo test --no-run` that prepares a command.
fn build_arguments(command: &str) -> Option<Vec<&str>> {
    let mut words = command
        .split_whitespace()
        .skip_while(|word| word.contains('='));
    if words.next()? != "cargo" {
        return None;
    }
    match words.next()? {
        "run" | "r" => Some([&["build"], shared(words).as_slice()].concat()),
        "test" | "t" => Some([&["test", "--no-run"], shared(words).as_slice()].concat()),
        // The alias in .cargo/config.toml.
        "x" => Some(vec![
            "build",
            "--package",
            "course",
            "--no-default-features",
        ]),
        _ => None,
    }
}

/// The flags, with their values, that the build needs as well.
fn shared<'w>(words: impl Iterator<Item = &'w str>) -> Vec<&'w str> {
    let mut words = words.take_while(|word| *word != "--");
    let mut kept = Vec::new();
    while let Some(word) = words.next() {
        if let Some((_, has_value)) = SHARED.iter().find(|(flag, _)| *flag == word) {
            kept.push(word);
            let value = if *has_value { words.next() } else { None };
            kept.extend(value);
        }
    }
    kept
}
