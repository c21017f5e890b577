//! Threads as the runtime knows them: descriptors, global thread numbers, the calling thread's descriptor, and the
//! registration of initial threads.
//!
//! A descriptor is made once and never freed: one that is given up (its initial thread ended) is kept for the next
//! initial thread, so the memory is bounded by the largest number of threads alive at one time, and a late reader of
//! a descriptor never touches freed memory.

use std::cell::{Cell, RefCell, UnsafeCell};
use std::ffi::c_char;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU32, AtomicU64, Ordering};

use crate::abi::gomp::OpenRegions;
use crate::affinity::Shown;
use crate::at_fork;
use crate::cancel::TeamError;
use crate::icv::{Bind, Icvs};
use crate::initial::{self, Seat};
use crate::league::{self, League};
use crate::message;
use crate::ompt::{self, ThreadKind, ThreadRecord};
use crate::process;
use crate::region::Code;
use crate::sync::gate::Gate;
use crate::task::TaskFrame;
use crate::team::{Member, Team};
use crate::wait::BlockHooks;

/// Threads that can be registered at the same time.
pub const MAX_THREADS: usize = 1 << 15;

/// The order that sets a worker to work. One cache line, so that the worker's polling fetches all of it at once; and none of
/// the worker's own next to it, because processors fetch lines in pairs.
#[repr(C, align(128))]
pub struct Mail {
    /// Its generation advances with each order.
    pub gate: Gate,
    order: UnsafeCell<Order>,
}

/// What a worker needs to know to run its part of a region.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Order {
    pub team_size: u32,
    pub code: Code,
}

const _: () = assert!(size_of::<Gate>() + size_of::<Order>() <= 64);

impl Mail {
    /// Writes the order and posts it; the caller settles the gate.
    ///
    /// # Safety
    /// The thread is idle, and the caller is the only one who gives it orders.
    #[inline]
    pub unsafe fn post(&self, order: Order) {
        // SAFETY: an idle thread does not read the order before the gate's generation advances.
        unsafe { *self.order.get() = order };
        self.gate.post(self.gate.generation().wrapping_add(1));
    }

    /// The order posted last.
    ///
    /// # Safety
    /// Only for the mail's owner, between an order's arrival and its completion.
    #[inline]
    pub unsafe fn order(&self) -> Order {
        // SAFETY: nobody writes while the order is being carried out.
        unsafe { *self.order.get() }
    }
}

/// A contention group: one initial thread and all threads of the teams below it.
#[derive(Default)]
pub struct Group {
    /// Threads executing in this group.
    pub busy: AtomicI32,
    /// Interrupts are meant for this group.
    pub is_main: AtomicBool,
    /// team-num-var and league-size-var; a league of size 0 is none.
    pub team_num: AtomicU32,
    pub league_size: AtomicU32,
    /// The device on whose behalf the group runs, plus 1; 0: the host.
    pub device: AtomicI32,
    /// Tells the teams apart that have this group one after the other; 0 outside of leagues.
    pub instance: AtomicU64,
}

/// A thread's descriptor. Cells belong to the thread itself; while a worker is idle, to the owner of its team.
#[repr(C, align(128))]
pub struct Thread {
    pub mail: Mail,
    pub gtid: Cell<i32>,
    /// The implicit task that the thread executes now.
    pub member: Cell<*const Member>,
    /// A worker's place in the team that owns it.
    pub home: Cell<*const Member>,
    pub group: Cell<*const Group>,
    /// What is kept for the `teams` constructs that the thread encounters.
    pub league: Cell<*const League>,
    /// What is kept for initial tasks, see `initial`.
    pub seats: RefCell<Vec<&'static Seat>>,
    /// Teams of one, kept for serialized regions.
    pub spare_solo: Cell<*const Team>,
    pub hooks: Cell<Option<BlockHooks>>,
    pub pushed: Cell<Pushed>,
    pub pushed_list: RefCell<Vec<i32>>,
    /// Belongs to `pushed.strict`.
    pub pushed_strict: Cell<Strict>,
    pub task: TaskFrame,
    /// See `abi::gomp::parallel`.
    pub open_regions: OpenRegions,
    /// Errors of the region this thread forked last.
    pub errors: RefCell<Vec<TeamError>>,
    /// The place this thread is bound to; -1: not bound by the runtime.
    pub place: Cell<i32>,
    /// What `OMP_DISPLAY_AFFINITY` has shown last.
    pub shown: Cell<Shown>,
    /// Generation of the process (see `process`) that the thread runs in.
    pub process: Cell<u32>,
    /// What tools know of the thread.
    pub ompt: ThreadRecord,
}

/// What is to happen when `num_threads(strict:)` cannot be met.
#[derive(Clone, Copy)]
pub struct Strict {
    /// `severity(warning)`: the region runs with the threads there are.
    pub only_warns: bool,
    /// The `message` clause: null or a C string.
    pub message: *const c_char,
}

impl Default for Strict {
    fn default() -> Self {
        Self {
            only_warns: false,
            message: null(),
        }
    }
}

/// Clauses announced ahead of the next region by `__kmpc_push_*`.
#[derive(Clone, Copy, Default)]
pub struct Pushed {
    pub num_threads: i32,
    pub strict: bool,
    pub has_list: bool,
    pub proc_bind: Option<Bind>,
    /// For the next teams construct: bounds of `num_teams`, and `thread_limit`.
    pub teams: (i32, i32),
    pub thread_limit: i32,
}

impl Pushed {
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.num_threads == 0 && self.proc_bind.is_none() && !self.has_list
    }
}

static TABLE: [AtomicPtr<Thread>; MAX_THREADS] =
    [const { AtomicPtr::new(null_mut()) }; MAX_THREADS];

thread_local! {
    /// No destructor and a constant initial value: a plain TLS access.
    static CURRENT: Cell<*const Thread> = const { Cell::new(null()) };
}

/// The pthread key whose destructor gives an initial thread's descriptor back; 0: not made yet, else key + 1.
static EXIT_KEY: AtomicU32 = AtomicU32::new(0);

/// The calling thread, registered as an initial thread if it is unknown.
#[inline]
pub fn current() -> &'static Thread {
    let thread = CURRENT.get();
    if thread.is_null() {
        return register_initial();
    }
    // SAFETY: descriptors are never freed.
    unsafe { &*thread }
}

/// The calling thread, if it is registered.
pub fn current_if_known() -> Option<&'static Thread> {
    // SAFETY: descriptors are never freed.
    unsafe { CURRENT.get().as_ref() }
}

/// The thread with that global number, which generated code passes back to us: saves the TLS access.
#[inline]
pub fn from_gtid(gtid: i32) -> &'static Thread {
    if let Some(slot) = TABLE.get(gtid as usize) {
        let thread = slot.load(Ordering::Relaxed);
        if !thread.is_null() {
            // SAFETY: descriptors are never freed.
            return unsafe { &*thread };
        }
    }
    current()
}

impl Thread {
    pub fn new() -> Option<&'static Thread> {
        let gtid = process::shared().lock().take_gtid()?;
        let thread: &'static Thread = Box::leak(Box::new(Thread {
            mail: Mail {
                gate: Gate::default(),
                order: UnsafeCell::new(Order {
                    team_size: 0,
                    code: Code::NONE,
                }),
            },
            gtid: Cell::new(gtid),
            member: Cell::new(null()),
            home: Cell::new(null()),
            group: Cell::new(null()),
            league: Cell::new(null()),
            seats: RefCell::default(),
            spare_solo: Cell::new(null()),
            hooks: Cell::new(None),
            pushed: Cell::new(Pushed::default()),
            pushed_list: RefCell::new(Vec::new()),
            pushed_strict: Cell::new(Strict::default()),
            task: TaskFrame::default(),
            open_regions: OpenRegions::default(),
            errors: RefCell::new(Vec::new()),
            place: Cell::new(-1),
            shown: Cell::default(),
            process: Cell::new(process::generation()),
            ompt: ThreadRecord::default(),
        }));
        thread.publish(gtid);
        Some(thread)
    }

    fn publish(&'static self, gtid: i32) {
        self.gtid.set(gtid);
        TABLE[gtid as usize].store(std::ptr::from_ref(self).cast_mut(), Ordering::Release);
    }

    /// Makes this the descriptor of the calling thread.
    pub fn adopt(&'static self) {
        self.task.note_kernel_id();
        CURRENT.set(self);
    }

    /// The implicit task that the thread executes.
    #[inline]
    pub fn member(&self) -> &Member {
        self.member_static()
    }

    /// The same, for keeping.
    #[inline]
    pub fn member_static(&self) -> &'static Member {
        // SAFETY: set before the thread can be asked, and members are never freed.
        unsafe { &*self.member.get() }
    }

    /// Hands all workers that are kept for this thread's regions and leagues back to the process; it is in none of them.
    pub fn dismiss_workers(&self) {
        self.member().team().dismiss_workers();
        self.dismiss_spare_workers();
    }

    /// The same, of what is kept beside the innermost team.
    pub fn dismiss_spare_workers(&self) {
        league::dismiss(self);
        initial::dismiss(self);
        let mut spare = self.spare_solo.get();
        // SAFETY: teams are never freed.
        while let Some(team) = unsafe { spare.as_ref() } {
            team.dismiss_workers();
            spare = team.next_spare.get();
        }
    }

    /// Forgets what the thread was, which has ended.
    fn clear(&self) {
        let gtid = self.gtid.get();
        self.hooks.set(None);
        self.place.set(-1);
        self.errors.borrow_mut().clear();
        crate::threadprivate::forget(gtid);
        TABLE[gtid as usize].store(null_mut(), Ordering::Release);
    }

    #[inline]
    pub fn group(&self) -> &Group {
        // SAFETY: as for `member`.
        unsafe { &*self.group.get() }
    }
}

#[cold]
fn register_initial() -> &'static Thread {
    let no_fork = at_fork::forbid();
    crate::config::init();
    crate::sync::asymmetric::init();
    // A tool may use OpenMP while it starts.
    if ompt::start()
        && let Some(thread) = current_if_known()
    {
        ompt::thread_begin(thread, ThreadKind::Initial);
        return thread;
    }
    drop(no_fork);
    let spare = process::shared().lock().take_spare_initial();
    let thread = match spare {
        Some((thread, gtid)) => {
            thread.publish(gtid);
            thread
        }
        // There is no way to say "no" to the caller; an unnumbered thread works, but cannot be found by number.
        None => Thread::new().unwrap_or_else(|| {
            message::fatal(format_args!(
                "more than {MAX_THREADS} threads use OpenMP at the same time"
            ))
        }),
    };
    thread.process.set(process::generation());
    if thread.group.get().is_null() {
        thread.group.set(Box::leak(Box::default()));
        let solo = Team::solo(thread);
        thread.member.set(solo.member(0));
    }
    thread.task.enter(thread.member_static());
    thread.group().busy.store(1, Ordering::Relaxed);
    thread
        .group()
        .is_main
        .store(process::is_main_thread(), Ordering::Relaxed);
    thread.member().begin_initial(thread, Icvs::initial());
    thread.adopt();
    watch_exit(thread);
    crate::affinity::bind_initial(thread);
    ompt::thread_begin(thread, ThreadKind::Initial);
    thread
}

/// Arranges for `thread` to be given back when the calling thread ends.
fn watch_exit(thread: &'static Thread) {
    let mut key = EXIT_KEY.load(Ordering::Acquire);
    if key == 0 {
        let mut made = 0;
        // SAFETY: the destructor has the signature asked for.
        if unsafe { libc::pthread_key_create(&mut made, Some(initial_thread_ends)) } != 0 {
            return; // Without a key the descriptor is merely not reused.
        }
        key = match EXIT_KEY.compare_exchange(0, made + 1, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => made + 1,
            Err(other) => {
                // SAFETY: the key was just made here and nobody else knows it.
                unsafe { libc::pthread_key_delete(made) };
                other
            }
        };
    }
    // SAFETY: the key exists.
    unsafe { libc::pthread_setspecific(key - 1, std::ptr::from_ref(thread).cast()) };
}

unsafe extern "C" fn initial_thread_ends(value: *mut libc::c_void) {
    // SAFETY: the value is what `watch_exit` has set.
    let thread = unsafe { &*value.cast::<Thread>() };
    ompt::thread_end(thread);
    CURRENT.set(null());
    if thread.process.get() == process::generation() {
        // The thread is in no region any more, so its workers are idle.
        thread.dismiss_workers();
    }
    thread.clear();
    process::shared().lock().give_back_initial(thread);
}

/// A descriptor for a worker: a new one, or one whose worker has ended.
pub fn for_worker() -> Option<&'static Thread> {
    let Some((thread, gtid)) = process::shared().lock().take_spare_worker() else {
        return Thread::new();
    };
    thread.process.set(process::generation());
    thread.publish(gtid);
    Some(thread)
}

/// Takes back a descriptor that no worker has come to use.
pub fn was_not_started(thread: &'static Thread) {
    thread.clear();
    process::shared().lock().give_back_spare_worker(thread);
}

/// A worker's last act: gives its descriptor back.
pub fn worker_ends(thread: &'static Thread) {
    ompt::thread_end(thread);
    CURRENT.set(null());
    thread.clear();
    process::shared().lock().give_back_spare_worker(thread);
}

/// All threads that have a number.
pub fn all() -> impl Iterator<Item = &'static Thread> {
    TABLE.iter().filter_map(|slot| {
        // SAFETY: descriptors are never freed.
        unsafe { slot.load(Ordering::Acquire).as_ref() }
    })
}

/// In the child of a fork: the numbers of all threads but `survivor` are free.
pub fn forget_all_but(survivor: Option<&'static Thread>) {
    for slot in &TABLE[..process::highest_gtid() as usize] {
        let thread = slot.load(Ordering::Relaxed);
        if survivor.is_none_or(|kept| !std::ptr::eq(thread, kept)) {
            slot.store(null_mut(), Ordering::Relaxed);
        }
    }
}
