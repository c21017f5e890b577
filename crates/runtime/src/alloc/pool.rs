//! Accounting of pools: how many bytes an allocator with the `pool_size` trait has handed out. Allocators whose pool all threads
//! share count in one atomic word; with the access trait `cgroup`, `pteam` or `thread` each contention group, team or thread
//! has a pool of its own, found by the address of its descriptor (descriptors are never freed). What a region leaves
//! allocated still counts when the same team runs its next one.
//!
//! The counts only limit; they publish nothing, so Relaxed is enough.

use std::collections::HashMap;
use std::ptr::from_ref;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::traits::Access;
use crate::process::ForkSafe;
use crate::thread;

/// Bytes in use by allocator and scope.
pub(crate) static SCOPED: ForkSafe<Option<HashMap<(usize, usize), usize>>> = ForkSafe::new(None);

#[derive(Debug)]
pub struct Pool {
    /// Bytes there are; `None`: no limit, nothing is counted.
    limit: Option<usize>,
    access: Access,
    used: AtomicUsize,
}

/// Which pool bytes were taken from; 0: the one all threads share.
pub type Scope = usize;

impl Pool {
    pub const fn new(limit: Option<usize>, access: Access) -> Self {
        Self {
            limit,
            access,
            used: AtomicUsize::new(0),
        }
    }

    pub fn is_limited(&self) -> bool {
        self.limit.is_some()
    }

    /// The pool the calling thread takes from.
    pub fn scope(&self) -> Scope {
        match self.access {
            Access::All => 0,
            Access::Cgroup => from_ref(thread::current().group()).addr(),
            Access::Team => from_ref(thread::current().member().team()).addr(),
            Access::Thread => from_ref(thread::current()).addr(),
        }
    }

    /// Takes bytes; false when so many are not left.
    pub fn take(&self, allocator: usize, scope: Scope, bytes: usize) -> bool {
        let Some(limit) = self.limit else { return true };
        let taken = |used: usize| used.checked_add(bytes).filter(|&sum| sum <= limit);
        if scope == 0 {
            return self
                .used
                .try_update(Ordering::Relaxed, Ordering::Relaxed, taken)
                .is_ok();
        }
        let mut pools = SCOPED.lock();
        let used = pools
            .get_or_insert_default()
            .entry((allocator, scope))
            .or_default();
        match taken(*used) {
            Some(sum) => *used = sum,
            None => return false,
        }
        true
    }

    /// Gives bytes back to the pool they came from.
    pub fn give_back(&self, allocator: usize, scope: Scope, bytes: usize) {
        if self.limit.is_none() {
            return;
        }
        if scope == 0 {
            self.used.fetch_sub(bytes, Ordering::Relaxed);
            return;
        }
        let mut pools = SCOPED.lock();
        let pools = pools.get_or_insert_default();
        if let Some(used) = pools.get_mut(&(allocator, scope)) {
            *used = used.saturating_sub(bytes);
            if *used == 0 {
                pools.remove(&(allocator, scope));
            }
        }
    }
}

/// Drops the counts of an allocator that is destroyed.
pub fn forget(allocator: usize) {
    if let Some(pools) = SCOPED.lock().as_mut() {
        pools.retain(|&(owner, _), _| owner != allocator);
    }
}
