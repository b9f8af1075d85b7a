//! A file that is there when it is finished, and not before.

use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::BoxError;

/// Without a name that anybody looks for until it is whole. Whoever stops before, leaves
/// nothing behind.
pub(super) struct NewFile {
    file: NamedTempFile,
    to: PathBuf,
}

impl NewFile {
    /// Begins a file. One that is there is not written over: not now, and not at the end.
    pub(super) fn begin(to: &Path) -> Result<NewFile, BoxError> {
        if to.try_exists()? {
            return Err(already(to).into());
        }
        let mut builder = Builder::new();
        // What the user's umask leaves of it, as with other files.
        builder.permissions(Permissions::from_mode(0o666));
        builder.prefix(".part-");
        let file = builder.tempfile_in(dir(to));
        let file = file.map_err(|error| format!("cannot write to {}: {error}", to.display()))?;
        let to = to.to_owned();
        Ok(NewFile { file, to })
    }

    pub(super) fn path(&self) -> &Path {
        self.file.path()
    }

    pub(super) fn file(&mut self) -> &mut File {
        self.file.as_file_mut()
    }

    /// Gives it its name, when all of it is on the disk.
    pub(super) fn finish(self) -> Result<(), BoxError> {
        let NewFile { file, to } = self;
        file.as_file().sync_all()?;
        file.persist_noclobber(&to).map_err(|error| {
            match error.error.kind() == io::ErrorKind::AlreadyExists {
                true => already(&to),
                false => format!("cannot write {}: {}", to.display(), error.error),
            }
        })?;
        Ok(File::open(dir(&to))?.sync_all()?)
    }
}

fn already(to: &Path) -> String {
    format!("there is a file {} already", to.display())
}

fn dir(file: &Path) -> &Path {
    match file.parent() {
        Some(dir) if dir != Path::new("") => dir,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use super::*;

    #[test]
    fn a_file_that_somebody_made_meanwhile_stays() {
        let dir = tempfile::tempdir().unwrap();
        let to = dir.path().join("a.db");
        let file = NewFile::begin(&to).unwrap();
        fs::write(&to, "precious").unwrap();
        assert!(file.finish().is_err());
        assert_eq!(fs::read_to_string(&to).unwrap(), "precious");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_has_its_name_when_it_is_finished() {
        let dir = tempfile::tempdir().unwrap();
        let to = dir.path().join("a.db");
        let mut file = NewFile::begin(&to).unwrap();
        file.file().write_all(b"whole").unwrap();
        assert!(!to.exists());
        file.finish().unwrap();
        assert_eq!(fs::read_to_string(&to).unwrap(), "whole");
        // Others may read it, as far as the umask lets them.
        let mode = fs::metadata(&to).unwrap().permissions().mode();
        assert_eq!(mode & 0o600, 0o600);
    }

    #[test]
    fn a_file_that_is_not_finished_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        drop(NewFile::begin(&dir.path().join("a.db")).unwrap());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
