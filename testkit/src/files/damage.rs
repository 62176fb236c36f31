//! Damage as disks and networks do it: silently, with size and times of the file unchanged where possible.

use std::{
    fs::{self, OpenOptions},
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
};

use anyhow::{Context, Result, ensure};

/// Flips one bit of the byte at `offset`; the file's modification time stays.
///
/// # Errors
/// When the file can't be opened or is shorter than that.
pub fn flip_bit(path: &Path, offset: u64) -> Result<()> {
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .with_context(|| format!("open {}", path.display()))?;
    let modified = file.metadata()?.modified()?;
    let mut byte = [0u8];
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(&mut byte)
        .with_context(|| format!("{} is shorter than {offset} bytes", path.display()))?;
    byte[0] ^= 1;
    file.seek(SeekFrom::Start(offset))?;
    file.write_all(&byte)?;
    Ok(file.set_modified(modified)?)
}

/// Cuts the file to `length` bytes.
///
/// # Errors
/// When it can't be opened or is not longer than that.
pub fn truncate(path: &Path, length: u64) -> Result<()> {
    let found = fs::metadata(path)?.len();
    ensure!(found > length, "{} has {found} bytes only", path.display());
    Ok(OpenOptions::new().write(true).open(path)?.set_len(length)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flipped_bit_changes_one_byte_and_not_the_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, b"abc").unwrap();
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        flip_bit(&path, 1).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"acc");
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
        assert!(flip_bit(&path, 3).is_err());
    }

    #[test]
    fn a_file_is_only_ever_cut_shorter() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, b"abc").unwrap();
        truncate(&path, 1).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"a");
        assert!(truncate(&path, 1).is_err());
    }
}
