//! gin, from Debian's package of its source.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

/// Where `golang-github-gin-gonic-gin-dev` puts gin, and all it needs.
const GOPATH: &str = "/usr/share/gocode";

/// Builds the server of `bench/gin`, and returns the program.
pub(super) fn build() -> anyhow::Result<PathBuf> {
    let gin = Path::new(GOPATH).join("src/github.com/gin-gonic/gin");
    ensure!(gin.is_dir(), "there is no {}", gin.display());
    let program = crate::target().join("gin");
    let mut go = Command::new("go");
    go.args(["build", "-o"]).arg(&program);
    go.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("gin"));
    let status = go.env("GO111MODULE", "off").env("GOPATH", GOPATH).status();
    ensure!(
        status.context("there is no Go")?.success(),
        "Go could not build it"
    );
    Ok(program)
}
