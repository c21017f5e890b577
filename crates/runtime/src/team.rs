//! Teams and their members (implicit tasks).
//!
//! A team belongs to the thread that encounters its regions and is kept hot between them: workers stay assigned to it
//! and wait for orders. It has as many members as the largest region so far; a smaller region uses the first ones and
//! leaves the others asleep. Members and teams are never freed (see `thread`), so pointers to them stay valid.
//!
//! Who may touch what: a member's cells belong to the thread that executes it, and to the team's owner while the team
//! is idle. A team's cells are written by its owner while the team is idle and read by all during a region; the order
//! to each worker (fork) and its completion (join) carry the happens-before between the two.

use std::cell::{Cell, UnsafeCell};
use std::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

use crate::abi::gomp::GompState;
use crate::abi::gomp::shared::TeamShared;
use crate::affinity::Placement;
use crate::cancel::{self, TeamError};
use crate::dispatch::{self, LoopState, Shares};
use crate::doacross::{DoacrossRing, DoacrossState};
use crate::icv::{Icvs, new_version};
use crate::process::{self, ForkSafe};
use crate::sync::gate::Gate;
use crate::sync::ring::Ring;
use crate::thread::Thread;
use crate::wait;

/// The part of a member that other threads poll: its own cache lines.
#[repr(C, align(128))]
pub struct Signals {
    /// Generation: barriers this member has arrived at.
    pub arrived: Gate,
    /// Generation: regions this member has completed.
    pub done: Gate,
}

/// An implicit task: thread number `tid` of its team.
#[repr(C, align(128))]
pub struct Member {
    pub signals: Signals,
    pub thread: Cell<*const Thread>,
    team: *const Team,
    pub tid: Cell<u32>,
    pub team_size: Cell<u32>,
    pub icvs: Cell<*const Icvs>,
    /// Worksharing constructs met in this region (statically and dynamically scheduled loops, sections).
    pub workshares: Cell<u32>,
    /// Loops met that use the ring.
    pub loops: Cell<u32>,
    pub singles: Cell<u32>,
    /// Rounds of `turn` taken.
    pub turns: Cell<u32>,
    /// First place and number of places of place-partition-var.
    pub partition: Cell<(u32, u32)>,
    /// The place the affinity policy has chosen for the executing thread; -1: none.
    pub place: Cell<i32>,
    pub loop_state: LoopState,
    pub shares: Shares,
    pub doacross: DoacrossState,
    pub gomp: GompState,
    /// The team kept for regions that this task encounters.
    pub inner: Cell<*const Team>,
    own_icvs: UnsafeCell<Icvs>,
}

/// A counter on cache lines of its own.
#[repr(align(128))]
#[derive(Default)]
pub struct Apart<T>(pub T);

/// See the module's description.
pub struct Team {
    members: UnsafeCell<Vec<&'static Member>>,
    /// How many of the members have a thread.
    staffed: Cell<u32>,
    pub size: Cell<u32>,
    /// The member that encountered the region.
    pub parent: Cell<*const Member>,
    pub level: Cell<u32>,
    pub active_level: Cell<u32>,
    /// Data environment that the members start with, and the version it was made from.
    pub icvs: UnsafeCell<Icvs>,
    pub icv_source: Cell<u64>,
    /// Bits of `cancel`.
    pub cancelled: AtomicU32,
    /// Highest number of a cancelled worksharing construct; constructs count from 1.
    pub cancelled_workshare: AtomicU32,
    /// The construct of GCC's code that is cancelled, as `abi::gomp::sync` names it; 0: none.
    pub cancelled_inline: AtomicU32,
    /// What the members' places were chosen for.
    pub placement: Cell<Option<Placement>>,
    /// The threads are to call `affinity::announce` when they enter a region.
    pub announces: Cell<bool>,
    /// Next in a list of spare teams of one.
    pub next_spare: Cell<*const Team>,
    /// Generation: barriers that all members have reached (teams that use the tree).
    pub release: Apart<Gate>,
    /// Members that have arrived at a barrier, and members that have yet to complete the region (crowded teams).
    pub arrivals: Apart<AtomicU32>,
    pub pending: Apart<AtomicU32>,
    /// Generation: regions that all workers have completed (crowded teams).
    pub all_done: Apart<Gate>,
    /// `single` constructs that have found their thread.
    pub singles: Apart<AtomicU32>,
    pub broadcast: Apart<AtomicPtr<c_void>>,
    /// Generation: turns completed.
    pub turn: Apart<Gate>,
    pub ring: Ring,
    pub doacross: DoacrossRing,
    pub gomp: TeamShared,
    pub errors: ForkSafe<Vec<TeamError>>,
}

impl Team {
    fn new() -> &'static Team {
        Box::leak(Box::new(Team {
            members: UnsafeCell::default(),
            staffed: Cell::new(0),
            size: Cell::new(1),
            parent: Cell::new(null()),
            level: Cell::new(0),
            active_level: Cell::new(0),
            icvs: UnsafeCell::new(Icvs::initial()),
            icv_source: Cell::new(0),
            cancelled: AtomicU32::new(0),
            cancelled_workshare: AtomicU32::new(0),
            cancelled_inline: AtomicU32::new(0),
            placement: Cell::new(None),
            announces: Cell::new(false),
            next_spare: Cell::new(null()),
            release: Apart::default(),
            arrivals: Apart::default(),
            pending: Apart::default(),
            all_done: Apart::default(),
            singles: Apart::default(),
            broadcast: Apart(AtomicPtr::new(null_mut())),
            turn: Apart::default(),
            ring: Ring::default(),
            doacross: DoacrossRing::default(),
            gomp: TeamShared::default(),
            errors: ForkSafe::new(Vec::new()),
        }))
    }

    /// A team with `thread` as its only member.
    pub fn solo(thread: &'static Thread) -> &'static Team {
        let team = Team::new();
        team.add_member(thread);
        team
    }

    /// Gives the next member a thread; the team is idle.
    pub fn add_member(&'static self, thread: &'static Thread) {
        let tid = self.staffed.get();
        self.staffed.set(tid + 1);
        // SAFETY: only the owner changes the list, and only while the team is idle.
        let members = unsafe { &mut *self.members.get() };
        if let Some(member) = members.get(tid as usize) {
            member.thread.set(thread);
            return;
        }
        members.push(Box::leak(Box::new(Member {
            signals: Signals {
                arrived: Gate::default(),
                done: Gate::default(),
            },
            thread: Cell::new(thread),
            team: self,
            tid: Cell::new(tid),
            team_size: Cell::new(1),
            icvs: Cell::new(self.icvs.get()),
            workshares: Cell::new(0),
            loops: Cell::new(0),
            singles: Cell::new(0),
            turns: Cell::new(0),
            partition: Cell::new((0, 0)),
            place: Cell::new(-1),
            loop_state: LoopState::default(),
            shares: Shares::default(),
            doacross: DoacrossState::default(),
            gomp: GompState::default(),
            inner: Cell::new(null()),
            own_icvs: UnsafeCell::new(Icvs::initial()),
        })));
    }

    /// Number of members that have a thread.
    #[inline]
    pub fn capacity(&self) -> u32 {
        self.staffed.get()
    }

    #[inline]
    pub fn member(&self, tid: u32) -> &'static Member {
        // SAFETY: the list changes only while the team is idle, by its owner.
        unsafe { (&*self.members.get())[tid as usize] }
    }

    /// Hands all workers back to the process, those of the members' own teams included; the team is idle.
    pub fn dismiss_workers(&self) {
        for tid in 0..self.capacity() {
            let member = self.member(tid);
            // SAFETY: teams are never freed.
            if let Some(inner) = unsafe { member.inner.get().as_ref() } {
                inner.dismiss_workers();
            }
            if tid > 0 {
                // SAFETY: descriptors are never freed.
                let worker = unsafe { &*member.thread.get() };
                worker.dismiss_spare_workers();
                process::shared().lock().give_back_worker(worker);
            }
        }
        self.staffed.set(1);
        self.size.set(1);
    }

    /// Clears what a region has left behind in shared counters, using what the owner's member has counted. The team is idle.
    #[inline]
    pub fn tidy(&self, own: &Member) {
        if own.loops.get() != 0 {
            self.ring.reset(own.loops.get());
        }
        if own.singles.get() != 0 {
            self.singles.0.store(0, Ordering::Relaxed);
        }
        if own.turns.get() != 0 {
            self.turn.0.reset(0);
        }
        if own.doacross.restart() {
            self.doacross.reset();
        }
        // The next region counts its constructs from 1 again.
        if self.cancelled_workshare.load(Ordering::Relaxed) != 0 {
            self.cancelled_workshare.store(0, Ordering::Relaxed);
        }
        if self.cancelled_inline.load(Ordering::Relaxed) != 0 {
            self.cancelled_inline.store(0, Ordering::Relaxed);
        }
    }

    /// Clears everything after a cancelled region, in which members may have counted differently. The team is idle.
    pub fn tidy_after_cancel(&self) {
        self.cancelled.store(0, Ordering::Relaxed);
        self.ring.reset(u32::MAX);
        self.gomp.clear();
        self.arrivals.0.store(0, Ordering::Relaxed);
        self.singles.0.store(0, Ordering::Relaxed);
        self.turn.0.reset(0);
        self.doacross.reset();
        self.level_members(1);
    }

    /// Gives the members from `from` on the owner's barrier count: they have not taken part in the last regions. All members
    /// begin to count loops with shares anew.
    pub fn level_members(&self, from: u32) {
        let count = self.member(0).signals.arrived.generation();
        for tid in 0..self.capacity() {
            let member = self.member(tid);
            if tid >= from {
                member.signals.arrived.reset(count);
            }
            dispatch::forget_shares(member);
        }
        self.release.0.reset(count);
    }

    /// Lets every thread that waits for something of this team look at its stop condition.
    pub fn kick(&self) {
        for tid in 0..self.size.get() {
            self.member(tid).signals.arrived.kick();
        }
        self.release.0.kick();
        self.turn.0.kick();
        self.ring.kick();
        self.doacross.kick();
    }
}

impl Member {
    #[inline]
    pub fn team(&self) -> &'static Team {
        // SAFETY: teams are never freed.
        unsafe { &*self.team }
    }

    /// The data environment's ICVs.
    #[inline]
    pub fn icvs(&self) -> &Icvs {
        // SAFETY: points to the team's or to this member's own; both are written only by whoever may.
        unsafe { &*self.icvs.get() }
    }

    /// Changes this task's own copy of the ICVs. Only on the executing thread.
    pub fn set_icvs(&self, change: impl FnOnce(&mut Icvs)) {
        let mut icvs = *self.icvs();
        change(&mut icvs);
        icvs.version = new_version();
        // SAFETY: only the executing thread touches its member's own copy; `icvs()` references do not outlive a call.
        unsafe { *self.own_icvs.get() = icvs };
        self.icvs.set(self.own_icvs.get());
    }

    /// Makes this the initial implicit task of `thread`.
    pub fn begin_initial(&self, thread: &'static Thread, icvs: Icvs) {
        self.thread.set(thread);
        // SAFETY: the thread is not executing this member yet.
        unsafe { *self.own_icvs.get() = icvs };
        self.icvs.set(self.own_icvs.get());
        self.partition
            .set((0, crate::config::config().places.len() as u32));
    }

    /// Readies the member for a region. On the thread that is to execute it.
    #[inline]
    pub fn begin(&self, team_size: u32) {
        self.team_size.set(team_size);
        self.icvs.set(self.team().icvs.get());
        self.workshares.set(0);
        self.loops.set(0);
        self.singles.set(0);
        self.turns.set(0);
        self.loop_state.abandon();
        self.doacross.restart();
    }

    /// The team is cancelled or an interrupt is pending for this thread: leave the region.
    #[inline]
    pub fn must_leave(&self, thread: &Thread) -> bool {
        if self.team().cancelled.load(Ordering::Acquire) != 0 {
            return true;
        }
        if wait::interrupted(thread) {
            // The initial task is in no region that could be cancelled.
            if self.team().level.get() > 0 {
                cancel::cancel(self.team(), cancel::BY_INTERRUPT);
            }
            return true;
        }
        false
    }
}

/// In the child of a fork: `thread` goes on as a team of one, at the same level; teams it encounters are made anew.
pub fn survive_fork(thread: &'static Thread) {
    let here = thread.member();
    if here.team_size.get() > 1 {
        let team = Team::solo(thread);
        let old = here.team();
        team.parent.set(old.parent.get());
        team.level.set(old.level.get());
        team.active_level.set(old.active_level.get());
        let own = team.member(0);
        own.begin(1);
        own.icvs.set(here.icvs.get());
        own.partition.set(here.partition.get());
        own.place.set(here.place.get());
        thread.member.set(own);
    }
    thread.league.set(null());
    forget_inner_teams(thread.member.get());
}

/// In the child of a fork: the teams kept by a task and by those around it have no threads here.
pub fn forget_inner_teams(mut member: *const Member) {
    // SAFETY: members and teams are never freed; no other thread exists.
    while let Some(here) = unsafe { member.as_ref() } {
        here.team_size.set(1);
        here.tid.set(0);
        here.inner.set(null());
        member = here.team().parent.get();
    }
}
