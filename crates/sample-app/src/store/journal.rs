//! The journal: one JSON line for every version of a resource and for every deletion, appended and
//! never changed; rewritten when most of it is history.
//!
//! A line is handed to the operating system before its request is answered, so it survives the end
//! of this process. It is not forced to the disk: a power cut may cost the last lines.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Record;

/// History below this size, in bytes, is never worth rewriting.
const SMALL: u64 = 1024 * 1024;

/// Why the data could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The listening socket has no address.
    #[error("the listening socket cannot be used: {0}")]
    Listener(#[source] io::Error),
    /// The folder or a file in it cannot be used.
    #[error("{} cannot be used: {cause}; check that the folder exists and may be written", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// Another process uses the folder.
    #[error("{} is in use by another process; stop it or choose another folder", .path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// A line before the last cannot be read. The last one may be torn and is then dropped.
    #[error("{} line {line} is damaged; repair or remove that line, or restore the file", .path.display())]
    Damaged {
        /// The journal.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
}

/// A line: a version of a resource, or its deletion when there is no resource.
#[derive(Serialize, Deserialize)]
pub(crate) struct Entry<'a> {
    #[serde(borrow)]
    pub(crate) id: std::borrow::Cow<'a, str>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) version: u64,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(crate) resource: Option<&'a RawValue>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands fields over by reference")]
fn is_zero(version: &u64) -> bool {
    *version == 0
}

#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    /// The length of the file.
    length: u64,
    /// Below this length there is no thought of rewriting.
    rewrite_above: u64,
    line: Vec<u8>,
}

impl Journal {
    /// Opens the journal and hands its lines over in order; `apply` says false to a line that makes
    /// no sense. A last line that is torn is cut off.
    pub(super) fn open(path: &Path, mut apply: impl FnMut(Entry<'_>) -> bool) -> Result<Self, OpenError> {
        let failed = |cause| OpenError::File { path: path.to_owned(), cause };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(failed)?;
        let total = file.metadata().map_err(failed)?.len();
        let mut reader = BufReader::new(&mut file);
        let mut line = Vec::new();
        let mut length = 0_u64;
        let mut number = 0;
        loop {
            line.clear();
            let read = reader.read_until(b'\n', &mut line).map_err(failed)? as u64;
            if read == 0 {
                break;
            }
            number += 1;
            let whole = line.last() == Some(&b'\n');
            let applied = whole && serde_json::from_slice(&line).is_ok_and(&mut apply);
            if !applied {
                if length + read < total {
                    return Err(OpenError::Damaged { path: path.to_owned(), line: number });
                }
                tracing::warn!(path = %path.display(), line = number, "the last line was torn and is dropped");
                break;
            }
            length += read;
        }
        file.set_len(length).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        Ok(Self { path: path.to_owned(), file, length, rewrite_above: SMALL, line })
    }

    pub(super) fn write(&mut self, record: &Record) -> io::Result<()> {
        self.line.clear();
        push(&mut self.line, record)?;
        self.append()
    }

    pub(super) fn remove(&mut self, id: &str) -> io::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, &Entry { id: id.into(), version: 0, resource: None })?;
        self.line.push(b'\n');
        self.append()
    }

    fn append(&mut self) -> io::Result<()> {
        if let Err(error) = self.file.write_all(&self.line) {
            // Half a line must not stay in front of the next one.
            self.file.set_len(self.length)?;
            self.file.seek(SeekFrom::End(0))?;
            return Err(error);
        }
        self.length += self.line.len() as u64;
        Ok(())
    }

    /// Rewrites the journal when it has grown past twice the live data, of which `live` is the size
    /// in bytes. A rewrite that fails leaves the old file in use.
    pub(super) fn compact_if_due<'a>(&mut self, live: u64, records: impl Iterator<Item = &'a Record>) {
        if self.length <= self.rewrite_above.max(live.saturating_mul(2)) {
            return;
        }
        match self.rewrite(records) {
            Ok(()) => self.rewrite_above = SMALL,
            Err(error) => {
                tracing::warn!(path = %self.path.display(), %error, "the journal could not be rewritten");
                self.rewrite_above = self.length.saturating_mul(2);
            }
        }
    }

    fn rewrite<'a>(&mut self, records: impl Iterator<Item = &'a Record>) -> io::Result<()> {
        let fresh = self.path.with_extension("new");
        let mut writer = BufWriter::new(File::create(&fresh)?);
        let mut length = 0;
        for record in records {
            self.line.clear();
            push(&mut self.line, record)?;
            writer.write_all(&self.line)?;
            length += self.line.len() as u64;
        }
        let file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        std::fs::rename(&fresh, &self.path)?;
        self.file = file;
        self.length = length;
        Ok(())
    }
}

fn push(line: &mut Vec<u8>, record: &Record) -> io::Result<()> {
    let resource: &RawValue = serde_json::from_slice(&record.body)?;
    let entry = Entry { id: (&*record.id).into(), version: record.version, resource: Some(resource) };
    serde_json::to_writer(&mut *line, &entry)?;
    line.push(b'\n');
    Ok(())
}
