//! The object cache on disk: one file per key, written under another name and then renamed, so that processes never see half
//! of one. A file that does not check out is as good as absent and is replaced.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use crate::config::Config;

const MAGIC: &[u8; 8] = b"OMPLY\x01\r\n";
/// Magic, checksum, length of the object.
const HEADER: usize = 8 + 32 + 8;
/// Above this the oldest entries go.
const MOST_BYTES: u64 = 512 << 20;
/// Entries used within this time are not touched again to show it.
const FRESH: Duration = Duration::from_secs(24 * 3600);
/// Files of writers that died are removed after this time.
const ABANDONED: Duration = Duration::from_secs(3600);

/// 256 bits that stand for everything an object depends on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Key(pub [u8; 32]);

impl Key {
    /// Hash of the parts, this crate's sources, LLVM's version, the CPU and its features, and the C library's version.
    pub fn new(parts: &[&[u8]]) -> Self {
        let (cpu, features) = crate::llvm::machine::host();
        let (mut major, mut minor, mut patch) = (0, 0, 0);
        // SAFETY: three valid places.
        unsafe { llvm_sys::core::LLVMGetVersion(&mut major, &mut minor, &mut patch) };
        let versions = format!(
            "{} {major}.{minor}.{patch} {}",
            env!("OMPLY_CODEGEN_SOURCES"),
            crate::support::fingerprint()
        );
        let mut hash = Sha256::new();
        for part in [versions.as_bytes(), cpu.to_bytes(), features.to_bytes()]
            .iter()
            .chain(parts)
        {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }
}

/// What is stored under a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    pub object: Vec<u8>,
    /// The caller's own, opaque.
    pub metadata: Vec<u8>,
}

impl Entry {
    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER + self.object.len() + self.metadata.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&[0; 32]);
        bytes.extend_from_slice(&(self.object.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&self.object);
        bytes.extend_from_slice(&self.metadata);
        let sum = Sha256::digest(&bytes[40..]);
        bytes[8..40].copy_from_slice(&sum);
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (magic, rest) = bytes.split_at_checked(8)?;
        let (sum, rest) = rest.split_at_checked(32)?;
        if magic != MAGIC || sum != Sha256::digest(rest).as_slice() {
            return None;
        }
        let (length, rest) = rest.split_first_chunk::<8>()?;
        let (object, metadata) =
            rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        Some(Self {
            object: object.to_vec(),
            metadata: metadata.to_vec(),
        })
    }
}

/// A folder of entries, or nothing when caching is off or impossible.
pub struct Cache {
    folder: Option<PathBuf>,
    most_bytes: u64,
}

impl Cache {
    /// Where [`Config`] says. Never fails: a folder that cannot be used makes an empty cache.
    pub fn open(config: &Config) -> Self {
        Self {
            folder: config.cache_folder.clone(),
            most_bytes: MOST_BYTES,
        }
    }

    /// As [`Cache::open`], with another limit on the size of all entries.
    pub fn with_limit(folder: PathBuf, most_bytes: u64) -> Self {
        Self {
            folder: Some(folder),
            most_bytes,
        }
    }

    fn path(&self, key: &Key) -> Option<PathBuf> {
        let name: String = key.0.iter().map(|byte| format!("{byte:02x}")).collect();
        Some(self.folder.as_ref()?.join(name + ".omply"))
    }

    /// The entry, if there is one and it is whole.
    pub fn get(&self, key: &Key) -> Option<Entry> {
        let path = self.path(key)?;
        let entry = Entry::from_bytes(&fs::read(&path).ok()?)?;
        show_use(&path);
        Some(entry)
    }

    /// Best effort: a full disk or a read-only folder is no error.
    pub fn put(&self, key: &Key, entry: &Entry) {
        if let (Some(folder), Some(path)) = (&self.folder, self.path(key))
            && write(folder, &path, &entry.to_bytes()).is_ok()
        {
            self.evict(folder, &path);
        }
    }

    /// Removes the oldest entries while all together are too large, and what dead writers left. `newest` stays.
    fn evict(&self, folder: &Path, newest: &Path) {
        let Ok(listing) = fs::read_dir(folder) else {
            return;
        };
        let now = SystemTime::now();
        let mut entries = Vec::new();
        for file in listing.flatten() {
            let path = file.path();
            let Ok(facts) = file.metadata() else { continue };
            let age = facts
                .modified()
                .ok()
                .and_then(|time| now.duration_since(time).ok())
                .unwrap_or_default();
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("omply") => entries.push((age, facts.len(), path)),
                Some("tmp") if age > ABANDONED => drop(fs::remove_file(&path)),
                _ => {}
            }
        }
        let mut total: u64 = entries.iter().map(|(_, size, _)| size).sum();
        entries.sort_by_key(|(age, ..)| std::cmp::Reverse(*age));
        for (_, size, path) in entries {
            if total <= self.most_bytes {
                return;
            }
            if path != newest && fs::remove_file(&path).is_ok() {
                total -= size;
            }
        }
    }
}

/// Eviction goes by the time of the last change, so that a use counts as one now and then.
fn show_use(path: &Path) {
    let stale = fs::metadata(path)
        .and_then(|facts| facts.modified())
        .is_ok_and(|time| time.elapsed().is_ok_and(|age| age > FRESH));
    if stale && let Ok(file) = fs::File::options().append(true).open(path) {
        // An entry that looks older than it is, is at worst compiled again.
        let _ = file.set_modified(SystemTime::now());
    }
}

fn write(folder: &Path, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    create_private(folder)?;
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let draft = folder.join(format!("{}.{count}.tmp", std::process::id()));
    let written = fs::File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .open(&draft)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        let _ = fs::remove_file(&draft);
    }
    written
}

/// Code is loaded from here: nobody else may write to it.
fn create_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}
