//! Memory management: allocators, the memory they hand out, and what happens when there is none.
//!
//! | file | holds |
//! |---|---|
//! | `space` | memory spaces and their resources |
//! | `traits` | allocator traits and the values they take |
//! | `table` | handles |
//! | `pool` | accounting of `pool_size` |
//! | `block` | the memory itself and the header before it |
//! | `numa`, `partition` | placing pages; partitions that the program computes |
//! | `environment` | `OMP_ALLOCATOR` |
//!
//! The functions here are what the C routines (`abi::omp_alloc`) and other callers use. Nothing ends the process: an
//! allocator whose fallback is `abort_fb` is answered with [`Failure::Abort`], and the door through which the request came
//! decides what that means.

pub(crate) mod block;
pub(crate) mod environment;
mod numa;
pub(crate) mod partition;
pub(crate) mod pool;
pub(crate) mod space;
pub(crate) mod table;
mod traits;

use std::ptr::NonNull;
use std::sync::OnceLock;

pub use environment::Initial;
pub use traits::{Access, Fallback, Partition, TraitPair, Traits, key, value};

use crate::at_fork;
use crate::thread;
use block::{Form, Header, Layout, NATURAL, Pages};
use numa::Placement;
use pool::Pool;
use space::Space;
use table::Table;

/// Allocators that can exist at one time besides the predefined ones.
const MAX_ALLOCATORS: usize = 1 << 14;

/// `omp_null_allocator`.
pub const NULL_ALLOCATOR: usize = 0;
/// `omp_default_mem_alloc`.
pub const DEFAULT_ALLOCATOR: usize = 1;

/// The predefined allocators' names, in the order of their numbers, which start at 1.
pub const NAMES: [&str; 8] = [
    "omp_default_mem_alloc",
    "omp_large_cap_mem_alloc",
    "omp_const_mem_alloc",
    "omp_high_bw_mem_alloc",
    "omp_low_lat_mem_alloc",
    "omp_cgroup_mem_alloc",
    "omp_pteam_mem_alloc",
    "omp_thread_mem_alloc",
];

#[derive(Debug)]
pub struct Allocator {
    space: Space,
    traits: Traits,
    pool: Pool,
}

pub(crate) static ALLOCATORS: Table<Allocator, MAX_ALLOCATORS> = Table::new();

/// A predefined allocator.
const fn predefined(space: usize, access: Access, fallback: Fallback) -> Allocator {
    Allocator {
        space: Space::predefined(space),
        traits: Traits {
            access,
            fallback,
            ..Traits::DEFAULT
        },
        pool: Pool::new(None, access),
    }
}

static PREDEFINED: [Allocator; 8] = {
    use Access::{All, Cgroup, Team, Thread};
    use Fallback::{DefaultMemory, Null};
    [
        // There is nothing to fall back to.
        predefined(space::DEFAULT_SPACE, All, Null),
        predefined(space::LARGE_CAP_SPACE, All, DefaultMemory),
        predefined(space::CONST_SPACE, All, DefaultMemory),
        predefined(space::HIGH_BW_SPACE, All, DefaultMemory),
        predefined(space::LOW_LAT_SPACE, All, DefaultMemory),
        predefined(space::CGROUP_SPACE, Cgroup, DefaultMemory),
        predefined(space::DEFAULT_SPACE, Team, DefaultMemory),
        predefined(space::DEFAULT_SPACE, Thread, DefaultMemory),
    ]
};

/// Why there is no memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nothing of that size, a size of 0, or an alignment that is no power of two.
    Null,
    /// The allocator's fallback is to end the program.
    Abort,
    /// The number names no allocator.
    Unknown(usize),
}

/// The allocator of that handle.
///
/// # Safety
/// It is not destroyed while the reference is in use.
#[inline]
unsafe fn find(handle: usize) -> Option<&'static Allocator> {
    match PREDEFINED.get(handle.wrapping_sub(1)) {
        Some(allocator) => Some(allocator),
        // SAFETY: the caller's promise.
        None => unsafe { ALLOCATORS.get(handle) },
    }
}

/// Does the handle name an allocator?
pub fn is_allocator(handle: usize) -> bool {
    // SAFETY: only compared with null.
    unsafe { find(handle) }.is_some()
}

/// Checks what an array's memory is asked for with: the alignment, and an allocator that exists.
///
/// # Errors
/// Says what is wrong.
pub fn check(alignment: usize, handle: usize) -> Result<(), Unusable> {
    if !alignment.is_power_of_two() {
        return Err(Unusable::Alignment);
    }
    if handle != NULL_ALLOCATOR && !is_allocator(handle) {
        return Err(Unusable::Allocator);
    }
    Ok(())
}

/// Why memory cannot even be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// The alignment is no power of two.
    Alignment,
    /// The number names no allocator.
    Allocator,
}

/// Makes an allocator; its handle, or [`NULL_ALLOCATOR`] where there cannot be one like that.
pub fn init_allocator(memspace: usize, pairs: &[TraitPair]) -> usize {
    let is_host = crate::abi::omp_device::is_host;
    let space = match memspace {
        space::NULL_SPACE => Some(Space::DEFAULT),
        _ => Space::find(memspace),
    };
    let (Some(space), Some(traits)) = (space, Traits::from_pairs(pairs, is_allocator, is_host))
    else {
        return NULL_ALLOCATOR;
    };
    ALLOCATORS
        .insert(Allocator {
            space,
            traits,
            pool: Pool::new(traits.pool_size, traits.access),
        })
        .unwrap_or(NULL_ALLOCATOR)
}

/// Destroys an allocator. Memory it has handed out can still be freed. False: it is predefined, or none.
pub fn destroy_allocator(handle: usize) -> bool {
    let removed = ALLOCATORS.remove(handle).is_some();
    if removed {
        pool::forget(handle);
        partition::forget(handle);
    }
    removed
}

/// The predefined allocator of a predefined memory space.
pub fn predefined_for(memspace: usize) -> Option<usize> {
    Some(match space::predefined(memspace)? {
        space::DEFAULT_SPACE => DEFAULT_ALLOCATOR,
        // The others follow the default one in the order of their spaces.
        other => other + 1,
    })
}

/// def-allocator-var of the calling thread's implicit task.
#[inline]
pub fn default_allocator() -> usize {
    thread::current().member().icvs().default_allocator
}

/// Sets it; false: the number names no allocator.
pub fn set_default_allocator(handle: usize) -> bool {
    let known = is_allocator(handle);
    if known {
        thread::current()
            .member()
            .set_icvs(|icvs| icvs.default_allocator = handle);
    }
    known
}

/// What def-allocator-var starts with: the allocator that `OMP_ALLOCATOR` describes.
pub fn initial_allocator() -> usize {
    static INITIAL: OnceLock<usize> = OnceLock::new();
    *at_fork::once(&INITIAL, || crate::config::config().allocator.make())
}

/// Allocates; the null allocator stands for the task's default.
pub fn allocate(
    size: usize,
    alignment: usize,
    zeroed: bool,
    handle: usize,
) -> Result<NonNull<u8>, Failure> {
    if size == 0 || !alignment.is_power_of_two() {
        return Err(Failure::Null);
    }
    let form = Form {
        size,
        alignment: alignment.max(NATURAL),
        zeroed,
    };
    let asked = match handle {
        NULL_ALLOCATOR => default_allocator(),
        handle => handle,
    };
    let mut giving = asked;
    loop {
        // SAFETY: the program does not destroy an allocator that it allocates from.
        let allocator = unsafe { find(giving) }.ok_or(Failure::Unknown(giving))?;
        if let Some(block) = allocator.attempt(giving, asked, form) {
            return Ok(block);
        }
        match allocator.traits.fallback {
            Fallback::DefaultMemory => {
                return PREDEFINED[0]
                    .attempt(DEFAULT_ALLOCATOR, asked, form)
                    .ok_or(Failure::Null);
            }
            Fallback::Null => return Err(Failure::Null),
            Fallback::Abort => return Err(Failure::Abort),
            // Made before this one, so there are no circles.
            Fallback::Allocator(next) => giving = next,
        }
    }
}

impl Allocator {
    /// A block of this allocator, whose handle is `own`; `None`: it has none.
    #[inline]
    fn attempt(&self, own: usize, asked: usize, form: Form) -> Option<NonNull<u8>> {
        let form = Form {
            alignment: form.alignment.max(self.traits.alignment),
            ..form
        };
        let scope = if self.pool.is_limited() {
            self.pool.scope()
        } else {
            0
        };
        let charge = form.charge()?;
        if !self.pool.take(own, scope, charge) {
            return None;
        }
        let block = if self.traits.need_pages() || self.space.is_limited() {
            self.own_pages(own, form)
        } else {
            block::from_heap(form)
        };
        match block {
            // SAFETY: the block is new.
            Some(block) => unsafe { block::sign(block, asked, own, scope) },
            None => self.pool.give_back(own, scope, charge),
        }
        block
    }

    fn own_pages(&self, own: usize, form: Form) -> Option<NonNull<u8>> {
        let nodes = self.space.nodes();
        let layout = match self.traits.partition {
            Partition::Partitioner { handle, argument } => {
                let parts = partition::parts(handle, argument, own, self.space, form.size)?;
                block::partitioned(&parts, nodes)
            }
            Partition::Environment if self.space.is_limited() => {
                Layout::Whole(Placement::Within(nodes))
            }
            Partition::Environment => Layout::Anywhere,
            _ if nodes.len() == 1 && !self.space.is_limited() => Layout::Anywhere,
            Partition::Nearest => Layout::Whole(match numa::nearest(nodes) {
                Some(node) => Placement::Prefer(node),
                None if self.space.is_limited() => Placement::Within(nodes),
                None => Placement::Local,
            }),
            Partition::Blocked => block::blocked(form.size, nodes),
            Partition::Interleaved => block::interleaved(form.size, self.traits.part_size, nodes),
        };
        if matches!(layout, Layout::Anywhere) && !self.traits.pinned {
            return block::from_heap(form);
        }
        let pinned = self.traits.pinned;
        block::from_pages(form, Pages { pinned, layout })
    }
}

/// Frees a block; the header before it says all that is needed. False: there is no header, because the block was freed before
/// or came from elsewhere.
///
/// # Safety
/// The block came from this module, and nobody uses it any more.
pub unsafe fn free(block: NonNull<u8>) -> bool {
    // SAFETY: the caller's promise.
    let Some(header) = (unsafe { block::header(block) }) else {
        return false;
    };
    uncharge(&header);
    // SAFETY: the caller's promise.
    unsafe { block::release(block, header) };
    true
}

/// Gives a block's bytes back to the pool it was taken from, where that still exists.
fn uncharge(header: &Header) {
    let own = header.gave as usize;
    // SAFETY: the program does not destroy an allocator while it frees memory of it.
    if let Some(allocator) = unsafe { find(own) }
        && let Some(charge) = header.form().charge()
    {
        allocator.pool.give_back(own, header.scope, charge);
    }
}

/// Changes a block's size, keeping the contents as far as both sizes reach. The null allocator stands for the one that the
/// block was asked from. When this fails, the block is as it was.
///
/// # Safety
/// The block came from this module and is the caller's.
pub unsafe fn reallocate(
    block: NonNull<u8>,
    size: usize,
    handle: usize,
) -> Result<NonNull<u8>, Failure> {
    // SAFETY: the caller's promise.
    let Some(header) = (unsafe { block::header(block) }) else {
        return Err(Failure::Null);
    };
    let handle = match handle {
        NULL_ALLOCATOR => header.asked as usize,
        handle => handle,
    };
    // SAFETY: the program does not destroy an allocator that it allocates from.
    let allocator = unsafe { find(handle) }.ok_or(Failure::Unknown(handle))?;
    let same = header.gave as usize == handle && header.asked as usize == handle;
    if same && header.can_grow_in_place() && size > 0 {
        let resized = Form {
            size,
            ..header.form()
        };
        // SAFETY: the caller's promise.
        if let Some(grown) = unsafe { allocator.regrow(handle, block, &header, resized) } {
            return Ok(grown);
        }
    }
    let new = allocate(size, NATURAL, false, handle)?;
    // SAFETY: both blocks have that many bytes and are apart.
    unsafe {
        new.copy_from_nonoverlapping(block, size.min(header.size));
        free(block);
    }
    Ok(new)
}

impl Allocator {
    /// Has malloc resize a block of this allocator; `None`: the pool or malloc cannot.
    ///
    /// # Safety
    /// The block is malloc's and the caller's, and `header` is its header.
    unsafe fn regrow(
        &self,
        own: usize,
        block: NonNull<u8>,
        header: &Header,
        form: Form,
    ) -> Option<NonNull<u8>> {
        let (old, new) = (header.form().charge()?, form.charge()?);
        let more = new.saturating_sub(old);
        if !self.pool.take(own, header.scope, more) {
            return None;
        }
        // SAFETY: the caller's promise.
        let grown = unsafe { block::regrow(block, form.size) };
        let too_much = match grown {
            Some(_) => old.saturating_sub(new),
            None => more,
        };
        self.pool.give_back(own, header.scope, too_much);
        grown
    }
}
