//! Leagues: the teams of a `teams` construct, each an initial thread in a contention group of its own.
//!
//! A league runs on *carriers*: the encountering thread and workers of a team that is kept for this purpose beside the teams of
//! the thread's parallel regions, forked and joined by the same protocol. There are no more carriers than processors, however
//! many teams are asked for: a carrier that has finished a team takes the next one that nobody has begun, so a program must
//! not make one team wait for another (OpenMP gives no such guarantee either). The encountering thread carries team 0.
//!
//! Each carrier has a *seat*: a contention group and a team of one at level 0, whose member is the initial implicit task. Seats
//! and the worker threads of regions inside them are kept from league to league. A seat's cells belong to its carrier while a
//! league runs and to the encountering thread otherwise.
//!
//! An error in one team is recorded in the carriers' team under the team's number, which ends the league: teams that have not
//! begun do not begin, and the teams of the other seats are cancelled. A seat's cancellation flag is only raised while a league runs,
//! and cleared by the encountering thread after the join, when nobody is left who could raise it.

use std::cell::{Cell, UnsafeCell};
use std::ffi::c_void;
use std::ptr::null;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use crate::abi::omp::{omp_get_max_teams, omp_get_teams_thread_limit};
use crate::affinity;
use crate::cancel::{self, BAD_NUM_TEAMS, CANCELLED, TeamError};
use crate::config::config;
use crate::fork::{self, Request};
use crate::icv::{Bind, Icvs, new_version};
use crate::ompt;
use crate::process;
use crate::region::Code;
use crate::task;
use crate::team::{self, Team};
use crate::thread::{self, Group, Order, Thread};
use crate::wait;

/// What the clauses of a `teams` construct ask for; 0 stands for what is not said.
#[derive(Clone, Copy, Debug)]
pub struct LeagueRequest {
    /// `num_teams(lower:upper)`.
    pub lower: i32,
    pub upper: i32,
    pub thread_limit: i32,
    pub if_cond: bool,
}

/// See the module's description.
struct Seat {
    group: &'static Group,
    team: &'static Team,
}

/// What a thread keeps for the leagues it encounters.
pub struct League {
    carriers: &'static Team,
    seats: UnsafeCell<Vec<Seat>>,
    /// Data environment of the last league's initial tasks and what it was made from: the encountering task's version, and the
    /// thread limit. Equal environments keep their version, by which regions see that their teams are still right.
    icvs: Cell<Option<(u64, i32, Icvs)>>,
}

/// A league under way, as its carriers see it.
struct Run<'a> {
    code: Code,
    icvs: Icvs,
    teams: u32,
    /// The next team that no carrier has begun.
    next: AtomicU32,
    seats: &'a [Seat],
    carriers: &'static Team,
    is_main: bool,
    /// See [`Group::device`].
    device: i32,
}

/// Runs `code` as the region of a `teams` construct and waits for the league. Returns the league's status; errors are left
/// with the thread, under the numbers of their teams.
///
/// # Safety
/// `code` may be called by the initial threads of all teams until the league is over.
pub unsafe fn run(thread: &'static Thread, code: Code, request: &LeagueRequest) -> i32 {
    if request.lower < 0 || request.upper < 0 || request.thread_limit < 0 {
        return BAD_NUM_TEAMS;
    }
    let parent = thread.member_static();
    let teams = size(request);
    let limit = thread_limit(request, teams, parent.icvs());
    let league = league_of(thread);
    let icvs = league.environment(parent.icvs(), limit);
    let wanted = teams.min(config().num_procs.max(1) as u32);
    let spread = Request {
        num_threads: &[],
        strict: false,
        proc_bind: Some(Bind::Spread),
        if_cond: true,
    };
    let carriers = fork::prepare(thread, parent, league.carriers, wanted, &spread);
    // Initial threads are announced by their seats, if at all.
    league.carriers.announces.set(false);
    let run = Run {
        code,
        icvs,
        teams,
        next: AtomicU32::new(carriers),
        seats: league.seats_for(thread, carriers),
        carriers: league.carriers,
        is_main: thread.group().is_main.load(Ordering::Relaxed),
        device: thread.group().device.load(Ordering::Relaxed),
    };
    let generation = process::generation();
    let code = Code::omply(carry, std::ptr::from_ref(&run).cast_mut().cast());
    let order = Order {
        team_size: carriers,
        code,
    };
    ompt::league_begin(thread, league.carriers, teams);
    // SAFETY: the run outlives the join; the code is the caller's promise.
    let status = unsafe { fork::run(thread, parent, league.carriers, order, false) };
    if generation != process::generation() {
        // The child of a fork inside the league: carriers and seats belong to threads that do not exist here.
        thread.league.set(null());
        team::forget_inner_teams(parent);
        return status;
    }
    for seat in run.seats {
        if seat.team.cancelled.load(Ordering::Relaxed) != 0 {
            seat.team.tidy_after_cancel();
        }
    }
    status
}

/// How many teams the league has. Between the bounds of `num_teams`, as many as there are processors; without the clause,
/// nteams-var, or one team, which can use all threads.
fn size(request: &LeagueRequest) -> u32 {
    if !request.if_cond {
        return 1;
    }
    let teams = match (request.lower, request.upper) {
        (0, 0) => omp_get_max_teams().max(1),
        (lower, 0) => lower,
        (0, upper) => upper,
        (lower, upper) => config().num_procs.min(upper).max(lower),
    };
    teams as u32
}

/// thread-limit-var of the teams. Where nothing is said, several teams share the threads that one would have.
fn thread_limit(request: &LeagueRequest, teams: u32, icvs: &Icvs) -> i32 {
    let limit = match (request.thread_limit, omp_get_teams_thread_limit()) {
        (0, 0) if teams == 1 => i32::MAX,
        (0, 0) => {
            let threads = config().num_procs.max(icvs.first_nthreads());
            (threads / teams.min(i32::MAX as u32) as i32).max(1)
        }
        (0, limit) => limit,
        (limit, _) => limit,
    };
    limit.min(icvs.thread_limit)
}

/// The league kept by a thread.
fn league_of(thread: &'static Thread) -> &'static League {
    if thread.league.get().is_null() {
        thread.league.set(Box::leak(Box::new(League {
            carriers: Team::solo(thread),
            seats: UnsafeCell::default(),
            icvs: Cell::new(None),
        })));
    }
    // SAFETY: leagues are never freed.
    unsafe { &*thread.league.get() }
}

impl League {
    fn environment(&self, parent: &Icvs, limit: i32) -> Icvs {
        match self.icvs.get() {
            Some((version, known_limit, icvs))
                if version == parent.version && known_limit == limit =>
            {
                icvs
            }
            _ => {
                let icvs = Icvs {
                    version: new_version(),
                    thread_limit: limit,
                    ..*parent
                };
                self.icvs.set(Some((parent.version, limit, icvs)));
                icvs
            }
        }
    }

    /// The first `count` seats, made where they are missing. Only while no league runs.
    fn seats_for(&self, thread: &'static Thread, count: u32) -> &[Seat] {
        // SAFETY: only the encountering thread gets here, and references from the last league are gone.
        let seats = unsafe { &mut *self.seats.get() };
        while seats.len() < count as usize {
            seats.push(Seat {
                group: Box::leak(Box::default()),
                team: Team::solo(thread),
            });
        }
        &seats[..count as usize]
    }
}

/// What each carrier does.
///
/// # Safety
/// The context is a [`Run`] that is alive until the join.
unsafe extern "C-unwind" fn carry(gtid: i32, carrier: i32, _: i32, context: *mut c_void) -> i32 {
    // SAFETY: the caller's promise; the run is only read, but for its atomics.
    let run = unsafe { &*context.cast::<Run>() };
    let thread = thread::from_gtid(gtid);
    let member = thread.member_static();
    let group = thread.group.get();
    let seat = &run.seats[carrier as usize];
    affinity::apply(thread, member);
    thread.group.set(seat.group);
    seat.group.is_main.store(run.is_main, Ordering::Relaxed);
    seat.group.device.store(run.device, Ordering::Relaxed);
    let mut number = carrier as u32;
    while number < run.teams && run.carriers.cancelled.load(Ordering::Acquire) == 0 {
        // SAFETY: the caller's promise.
        unsafe { run.team(thread, seat, number, member.partition.get()) };
        // Relaxed: only the number counts.
        number = run.next.fetch_add(1, Ordering::Relaxed);
    }
    thread.group.set(group);
    thread.member.set(member);
    if run.carriers.cancelled.load(Ordering::Relaxed) == 0 {
        0
    } else {
        CANCELLED
    }
}

impl Run<'_> {
    /// Runs one team's initial task.
    ///
    /// # Safety
    /// As for [`run`].
    unsafe fn team(&self, thread: &'static Thread, seat: &Seat, number: u32, part: (u32, u32)) {
        // Relaxed: the orders of the team's regions publish it to its workers.
        seat.group.busy.store(1, Ordering::Relaxed);
        seat.group.team_num.store(number, Ordering::Relaxed);
        seat.group.league_size.store(self.teams, Ordering::Relaxed);
        let instance = INSTANCES.fetch_add(1, Ordering::Relaxed);
        seat.group.instance.store(instance, Ordering::Relaxed);
        let own = seat.team.member(0);
        own.begin(1);
        own.begin_initial(thread, self.icvs);
        own.partition.set(part);
        own.place.set(thread.place.get());
        thread.member.set(own);
        let suspended = thread.task.enter(own);
        ompt::team_begin(thread, own, self.carriers, (self.teams, number));
        let (tid, n) = if self.code.is_omply() {
            (number as i32, self.teams as i32)
        } else {
            // Clang's code gets the number of the thread in its team of one.
            (0, 1)
        };
        ompt::calls(thread);
        // SAFETY: the caller's promise.
        let status = unsafe { self.code.call(thread.gtid.get(), tid, n) };
        ompt::team_end(thread, own, (self.teams, number));
        if status != 0 {
            cancel::code_failed(thread, own, status);
        }
        task::wait::at_region_end(thread, own);
        thread.task.resume(suspended);
        seat.team.tidy(own);
        if seat.team.cancelled.load(Ordering::Relaxed) != 0 {
            cancel::settle(thread, seat.team);
            self.fail(thread, number);
        }
        if wait::interrupted(thread) {
            cancel::cancel(self.carriers, cancel::BY_INTERRUPT);
        }
    }

    /// Moves the errors of a team to the league and ends it.
    #[cold]
    fn fail(&self, thread: &Thread, number: u32) {
        let errors = thread.errors.take();
        if errors.is_empty() {
            return;
        }
        let of_team = errors.into_iter().map(|error| TeamError {
            thread_num: number as i32,
            ..error
        });
        self.carriers.errors.lock().extend(of_team);
        cancel::cancel(self.carriers, cancel::BY_ERROR);
        for seat in self.seats {
            cancel::cancel(seat.team, cancel::BY_LEAGUE);
        }
    }
}

/// Hands the workers that `thread` keeps for leagues back to the process; no league of its runs.
pub fn dismiss(thread: &Thread) {
    dismiss_one(thread.league.get());
}

/// The same, of a league, or of none.
pub fn dismiss_one(league: *const League) {
    // SAFETY: leagues are never freed.
    let Some(league) = (unsafe { league.as_ref() }) else {
        return;
    };
    // SAFETY: no league runs, so nobody else looks at the seats.
    for seat in unsafe { &*league.seats.get() } {
        seat.team.dismiss_workers();
    }
    league.carriers.dismiss_workers();
}

/// What the next team's contention group is told apart by.
static INSTANCES: AtomicU64 = AtomicU64::new(1);

/// The calling thread's contention group.
pub fn contention_group() -> ContentionGroup {
    let group = thread::current().group();
    ContentionGroup {
        place: std::ptr::from_ref(group) as usize,
        instance: group.instance.load(Ordering::Relaxed),
    }
}

/// A contention group. Teams have a place one after the other, as different instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContentionGroup {
    pub place: usize,
    /// 0: the group is no team's of a league.
    pub instance: u64,
}

/// Team number and league size of the calling thread's contention group.
#[inline]
pub fn place_in_league(thread: &Thread) -> (u32, u32) {
    let group = thread.group();
    (
        group.team_num.load(Ordering::Relaxed),
        group.league_size.load(Ordering::Relaxed).max(1),
    )
}

/// The calling thread is the initial thread of one of several teams, outside of parallel regions: its team of one is not
/// alone.
#[inline]
pub fn shares_with_teams(thread: &Thread) -> bool {
    thread.member().team().level.get() == 0
        && thread.group().league_size.load(Ordering::Relaxed) > 1
}
