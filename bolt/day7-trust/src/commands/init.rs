//! `init`: an empty database in a new file.

use std::path::PathBuf;

use bolt_day7_trust as geebolt;

use geebolt::PageSize;

use crate::BoxError;

#[derive(clap::Args)]
pub(crate) struct Init {
    /// The file, which must not be there.
    pub(crate) file: PathBuf,
    /// The size of a page: a power of two from 1024 [default: the system's].
    #[arg(long, value_name = "BYTES")]
    page_size: Option<u32>,
}

impl Init {
    pub(crate) fn run(&self) -> Result<(), BoxError> {
        let system = || Ok(PageSize::of_system());
        let page_size = self.page_size.map_or_else(system, PageSize::new)?;
        Ok(geebolt::create(&self.file, page_size)?)
    }
}
