//! What the whole process shares: free thread numbers, idle workers, the number of running threads, the main thread,
//! and what happens at `fork()`.
//!
//! # Fork
//!
//! Only the thread that calls `fork()` exists in the child. The handler before the fork (see `at_fork`) waits until nobody makes what is
//! made once for the process, and takes the locks of all shared
//! state, so that the child finds it consistent. In the child the generation of the process advances, the pool of
//! workers is forgotten (descriptors of threads that do not exist are leaked), and the surviving thread's team shrinks
//! to itself; new workers are started when the child meets its next region. A child that was forked inside a region goes on
//! as a team of one.

use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

use crate::sync::lock::Lock;
use crate::thread::{self, MAX_THREADS, Thread};
use crate::wait::Uninterrupted;

/// Threads that execute regions now, over all contention groups. Waits compare it with the number of processors.
static RUNNING: AtomicI32 = AtomicI32::new(0);
/// Advances in the child of each fork.
static GENERATION: AtomicU32 = AtomicU32::new(0);
/// Kernel id of the thread that interrupts are meant for; 0: the process's first thread.
static MAIN_THREAD: AtomicI32 = AtomicI32::new(0);

/// Lists that are only touched under the lock.
#[derive(Default)]
pub struct Shared {
    free_gtids: Vec<i32>,
    next_gtid: i32,
    idle_workers: Vec<&'static Thread>,
    spare_initials: Vec<&'static Thread>,
    spare_workers: Vec<&'static Thread>,
}

/// A value behind a lock that the child of a fork can reset.
pub struct ForkSafe<T> {
    lock: Lock,
    value: UnsafeCell<T>,
}

// SAFETY: the value is only reached through the lock; descriptors may be used from any thread that owns them.
unsafe impl<T> Sync for ForkSafe<T> {}

/// What the fork handlers do with shared state.
trait AtFork: Sync {
    /// Before the fork: nobody may be changing the value.
    fn freeze(&self);
    /// After it, in the parent.
    fn thaw(&self);
    /// After it, in the child, where those who wait for the lock do not exist.
    fn thaw_in_child(&self);
}

impl<T> AtFork for ForkSafe<T> {
    fn freeze(&self) {
        self.lock.lock(&Uninterrupted);
    }

    fn thaw(&self) {
        self.lock.unlock();
    }

    fn thaw_in_child(&self) {
        self.lock.reset();
    }
}

/// All state that the process's threads share. No two of these locks are ever held together by anyone else.
static FROZEN_AT_FORK: &[&dyn AtFork] = &[
    &SHARED,
    &crate::threadprivate::VARIABLES,
    &crate::api::CRITICAL_LOCKS,
    &crate::icv::LISTS,
    &crate::devices::LIMITS,
    &crate::format::FORMAT,
    &crate::alloc::ALLOCATORS.free,
    &crate::alloc::partition::PARTITIONERS.free,
    &crate::alloc::partition::PARTITIONS.free,
    &crate::alloc::partition::KEPT,
    &crate::alloc::pool::SCOPED,
    &crate::alloc::space::SUBSPACES,
    &crate::task::block::DEPOT,
    &crate::task::event::UNFULFILLED,
    &crate::task::depend_object::OBJECTS,
    &crate::lock_table::FREE,
    &crate::abi::gomp::memory::ALLOCATED,
];

/// Exclusive access to a [`ForkSafe`] value.
pub struct Held<'a, T>(&'a ForkSafe<T>);

impl<T> ForkSafe<T> {
    pub const fn new(value: T) -> Self {
        Self {
            lock: Lock::new(),
            value: UnsafeCell::new(value),
        }
    }

    pub fn lock(&self) -> Held<'_, T> {
        self.lock.lock(&Uninterrupted);
        Held(self)
    }
}

impl<T> Deref for Held<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the lock is held.
        unsafe { &*self.0.value.get() }
    }
}

impl<T> DerefMut for Held<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the lock is held.
        unsafe { &mut *self.0.value.get() }
    }
}

impl<T> Drop for Held<'_, T> {
    fn drop(&mut self) {
        self.0.lock.unlock();
    }
}

static SHARED: ForkSafe<Shared> = ForkSafe::new(Shared {
    free_gtids: Vec::new(),
    next_gtid: 0,
    idle_workers: Vec::new(),
    spare_initials: Vec::new(),
    spare_workers: Vec::new(),
});

pub fn shared() -> &'static ForkSafe<Shared> {
    &SHARED
}

impl Shared {
    pub fn take_gtid(&mut self) -> Option<i32> {
        self.free_gtids.pop().or_else(|| {
            let gtid = self.next_gtid;
            (gtid < MAX_THREADS as i32).then(|| {
                self.next_gtid += 1;
                gtid
            })
        })
    }

    pub fn take_idle_worker(&mut self) -> Option<&'static Thread> {
        self.idle_workers.pop()
    }

    pub fn give_back_worker(&mut self, worker: &'static Thread) {
        self.idle_workers.push(worker);
    }

    pub fn take_spare_initial(&mut self) -> Option<(&'static Thread, i32)> {
        let thread = self.spare_initials.pop()?;
        match self.take_gtid() {
            Some(gtid) => Some((thread, gtid)),
            None => {
                self.spare_initials.push(thread);
                None
            }
        }
    }

    pub fn take_spare_worker(&mut self) -> Option<(&'static Thread, i32)> {
        let thread = self.spare_workers.pop()?;
        match self.take_gtid() {
            Some(gtid) => Some((thread, gtid)),
            None => {
                self.spare_workers.push(thread);
                None
            }
        }
    }

    pub fn give_back_spare_worker(&mut self, thread: &'static Thread) {
        self.free_gtids.push(thread.gtid.get());
        self.spare_workers.push(thread);
    }

    pub fn give_back_initial(&mut self, thread: &'static Thread) {
        self.free_gtids.push(thread.gtid.get());
        self.spare_initials.push(thread);
    }
}

/// One more than the highest number ever given.
pub fn highest_gtid() -> i32 {
    // Only read in the child of a fork, where this thread is alone.
    // SAFETY: no other thread exists.
    unsafe { (*SHARED.value.get()).next_gtid }
}

#[inline]
pub fn generation() -> u32 {
    GENERATION.load(Ordering::Relaxed)
}

/// More threads run than there are processors: waiting threads must not spin. Relaxed: a hint.
#[inline]
pub fn oversubscribed() -> bool {
    RUNNING.load(Ordering::Relaxed) > crate::config::config().num_procs
}

/// A team of that size has more threads than there are processors: its waits will sleep, so each thread should
/// have to be woken only once, however many others it waits for.
#[inline]
pub fn crowded(team_size: u32) -> bool {
    team_size as i32 > crate::config::config().num_procs
}

/// Relaxed, as in [`oversubscribed`].
#[inline]
pub fn add_running(threads: i32) {
    RUNNING.fetch_add(threads, Ordering::Relaxed);
}

/// Threads that execute regions now.
pub fn running() -> i32 {
    RUNNING.load(Ordering::Relaxed)
}

pub fn kernel_id() -> i32 {
    // SAFETY: takes no arguments.
    unsafe { libc::syscall(libc::SYS_gettid) as i32 }
}

/// Is the calling thread the one interrupts are meant for?
pub fn is_main_thread() -> bool {
    match MAIN_THREAD.load(Ordering::Relaxed) {
        // The first thread has the process's number.
        0 => kernel_id() as u32 == std::process::id(),
        main => kernel_id() == main,
    }
}

/// Interrupts are meant for the calling thread from now on.
pub fn set_main_thread() {
    MAIN_THREAD.store(kernel_id(), Ordering::Relaxed);
    thread::current()
        .group()
        .is_main
        .store(true, Ordering::Relaxed);
}

/// Before a fork, by the forking thread.
pub fn freeze() {
    FROZEN_AT_FORK.iter().for_each(|shared| shared.freeze());
}

/// After it, in the parent.
pub fn thaw() {
    FROZEN_AT_FORK.iter().for_each(|shared| shared.thaw());
}

/// After it, in the child.
pub fn survive_fork() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
    RUNNING.store(0, Ordering::Relaxed);
    let survivor = thread::current_if_known();
    thread::forget_all_but(survivor);
    // SAFETY: `freeze` has taken the lock, and this is the only thread.
    let shared = unsafe { &mut *SHARED.value.get() };
    let kept = survivor.map(|thread| thread.gtid.get());
    shared.free_gtids = (0..shared.next_gtid)
        .rev()
        .filter(|gtid| Some(*gtid) != kept)
        .collect();
    shared.idle_workers.clear();
    FROZEN_AT_FORK
        .iter()
        .for_each(|shared| shared.thaw_in_child());
    // The surviving thread is the child's first.
    MAIN_THREAD.store(0, Ordering::Relaxed);
    if let Some(thread) = survivor {
        thread.process.set(generation());
        thread.group().is_main.store(true, Ordering::Relaxed);
        thread.group().busy.store(1, Ordering::Relaxed);
        crate::team::survive_fork(thread);
    }
}
