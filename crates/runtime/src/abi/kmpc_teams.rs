//! `__kmpc_fork_teams` and its kin: leagues on the host, and loops distributed over a league's teams.

use std::ffi::c_void;

use super::Ident;
use super::kmpc_parallel::push;
use super::variadic::{arguments, variadic};
use crate::cancel::BAD_NUM_TEAMS;
use crate::dispatch;
use crate::league::{self, LeagueRequest};
use crate::message::fatal;
use crate::ompt;
use crate::region::{Code, KmpcMicrotask};
use crate::schedule::{Schedule, balanced, trip_count};
use crate::thread::{self, Pushed};

/// Clauses of the next `teams` construct; 0 stands for what is not said.
#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_push_num_teams(
    loc: *const Ident,
    gtid: i32,
    num_teams: i32,
    thread_limit: i32,
) {
    __kmpc_push_num_teams_51(loc, gtid, num_teams, num_teams, thread_limit);
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_push_num_teams_51(
    _loc: *const Ident,
    gtid: i32,
    lower: i32,
    upper: i32,
    thread_limit: i32,
) {
    push(gtid, |pushed| {
        pushed.teams = (lower, upper);
        pushed.thread_limit = thread_limit;
    });
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_set_thread_limit(_loc: *const Ident, gtid: i32, thread_limit: i32) {
    if thread_limit > 0 {
        thread::from_gtid(gtid)
            .member()
            .set_icvs(|icvs| icvs.thread_limit = icvs.thread_limit.min(thread_limit));
    }
}

variadic!(
    /// `__kmpc_fork_teams(loc, argc, microtask, ...)`: arguments as for `__kmpc_fork_call`.
    __kmpc_fork_teams,
    fork_teams
);

/// # Safety
/// `registers` and `stack` hold the variable arguments, `argc` in all.
unsafe extern "C-unwind" fn fork_teams(
    _loc: *const Ident,
    argc: i32,
    microtask: KmpcMicrotask,
    registers: *const *mut c_void,
    stack: *const *mut c_void,
) {
    let thread = thread::current();
    // SAFETY: the shim stands right on its caller's frame.
    unsafe { ompt::entered_with(thread, registers, stack) };
    let argc = argc.max(0) as usize;
    // SAFETY: the caller's promise.
    let argv: Vec<*mut c_void> = unsafe { arguments(registers, stack, argc) }.collect();
    let pushed = thread.pushed.replace(Pushed::default());
    let request = LeagueRequest {
        lower: pushed.teams.0,
        upper: pushed.teams.1,
        thread_limit: pushed.thread_limit,
        if_cond: true,
    };
    // SAFETY: the arguments live until the league is over; the code is Clang's.
    let status = unsafe {
        let code = Code::kmpc(microtask, argc as u32, argv.as_ptr());
        league::run(thread, code, &request)
    };
    if status == BAD_NUM_TEAMS {
        fatal("the num_teams and thread_limit clauses need positive numbers");
    }
}

/// The calling thread's team in its league, and the thread in its team.
struct Position {
    team: u64,
    teams: u64,
    tid: u64,
    threads: u64,
}

fn position(gtid: i32) -> Position {
    let thread = thread::from_gtid(gtid);
    let (team, teams) = league::place_in_league(thread);
    let member = thread.member();
    Position {
        team: team.into(),
        teams: teams.into(),
        tid: member.tid.get().into(),
        threads: member.team_size.get().into(),
    }
}

/// First iteration, number of iterations, and whether the loop's last one is among them, of a team's share of `count`.
fn share_of_team(at: &Position, count: u64) -> (u64, u64, bool) {
    let (first, length) = balanced(count, at.teams, at.team);
    (first, length, length > 0 && first + length == count)
}

/// Where iterations `first..first + length` of `lower, lower + step, ...` begin and end. An empty range ends before it begins.
fn bounds(lower: i128, step: i128, first: u64, length: u64) -> (i128, i128) {
    let begin = lower + step * i128::from(first);
    (begin, begin + step * (i128::from(length) - 1))
}

macro_rules! distributed {
    ($for_init:ident, $team_init:ident, $dispatch_init:ident, $bound:ty, $signed:ty) => {
        /// A static loop over the teams of the league and the threads of each: `lower` and `upper` become the bounds of this
        /// thread's (first) chunk, `team_upper` where its team's share ends.
        ///
        /// # Safety
        /// The pointers are valid; `is_last` may be null.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $for_init(
            _loc: *const Ident,
            gtid: i32,
            schedule: i32,
            is_last: *mut i32,
            lower: *mut $bound,
            upper: *mut $bound,
            team_upper: *mut $bound,
            stride: *mut $signed,
            step: $signed,
            chunk: $signed,
        ) {
            let at = position(gtid);
            // SAFETY: the caller's promise.
            unsafe {
                let (base, step) = (i128::from(*lower), i128::from(step));
                let count = trip_count(base, (*upper).into(), step);
                let (team_first, team_count, team_last) = share_of_team(&at, count);
                let (_, team_end) = bounds(base, step, team_first, team_count);
                let (first, length, last, whole) = match Schedule::from_raw(schedule, chunk.into())
                    .0
                {
                    Schedule::StaticChunk(size) => {
                        let first = at.tid.saturating_mul(size).min(team_count);
                        let last = team_count > 0 && (team_count - 1) / size % at.threads == at.tid;
                        (first, size, last, size.saturating_mul(at.threads))
                    }
                    _ => {
                        let (first, length) = balanced(team_count, at.threads, at.tid);
                        let last = length > 0 && first + length == team_count;
                        (first, length, last, team_count)
                    }
                };
                let (begin, end) = bounds(base, step, team_first + first, length);
                let fit =
                    |value: i128| value.clamp(<$bound>::MIN.into(), <$bound>::MAX.into()) as $bound;
                if !is_last.is_null() {
                    *is_last = (last && team_last).into();
                }
                (*lower, *upper, *team_upper) = (fit(begin), fit(end), fit(team_end));
                *stride = (step * i128::from(whole))
                    .clamp(<$signed>::MIN.into(), <$signed>::MAX.into())
                    as $signed;
            }
        }

        /// Chunks of a loop dealt to the teams of the league in turns: the bounds of this team's first.
        ///
        /// # Safety
        /// The pointers are valid; `is_last` may be null.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $team_init(
            _loc: *const Ident,
            gtid: i32,
            is_last: *mut i32,
            lower: *mut $bound,
            upper: *mut $bound,
            stride: *mut $signed,
            step: $signed,
            chunk: $signed,
        ) {
            let at = position(gtid);
            // SAFETY: the caller's promise.
            unsafe {
                let (base, step) = (i128::from(*lower), i128::from(step));
                let end = i128::from(*upper);
                let count = trip_count(base, end, step);
                let size = u64::try_from(chunk).unwrap_or(1).max(1);
                let (begin, stop) = bounds(base, step, at.team.saturating_mul(size), size);
                let cut = if step > 0 {
                    stop.min(end)
                } else {
                    stop.max(end)
                };
                let fit =
                    |value: i128| value.clamp(<$bound>::MIN.into(), <$bound>::MAX.into()) as $bound;
                if !is_last.is_null() {
                    *is_last = (count > 0 && (count - 1) / size % at.teams == at.team).into();
                }
                (*lower, *upper) = (fit(begin), fit(cut));
                *stride = (step * i128::from(size.saturating_mul(at.teams)))
                    .clamp(<$signed>::MIN.into(), <$signed>::MAX.into())
                    as $signed;
            }
        }

        /// A loop whose iterations are shared out among the teams at once, and within each team by the schedule.
        ///
        /// # Safety
        /// `is_last` is null or valid.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $dispatch_init(
            _loc: *const Ident,
            gtid: i32,
            schedule: i32,
            is_last: *mut i32,
            lower: $bound,
            upper: $bound,
            step: $signed,
            chunk: $signed,
        ) {
            let at = position(gtid);
            let count = trip_count(lower.into(), upper.into(), step.into());
            let (first, length, last) = share_of_team(&at, count);
            if !is_last.is_null() {
                // SAFETY: the caller's promise.
                unsafe { *is_last = last.into() };
            }
            let thread = thread::from_gtid(gtid);
            let member = thread.member();
            let (schedule, ordered) = Schedule::from_raw(schedule, chunk.into());
            dispatch::begin(thread, member, schedule, ordered, length);
            let begin = (lower as i64).wrapping_add((first as i64).wrapping_mul(step.into()));
            member.loop_state.bounds.set((begin, step.into()));
        }
    };
}

distributed!(
    __kmpc_dist_for_static_init_4,
    __kmpc_team_static_init_4,
    __kmpc_dist_dispatch_init_4,
    i32,
    i32
);
distributed!(
    __kmpc_dist_for_static_init_4u,
    __kmpc_team_static_init_4u,
    __kmpc_dist_dispatch_init_4u,
    u32,
    i32
);
distributed!(
    __kmpc_dist_for_static_init_8,
    __kmpc_team_static_init_8,
    __kmpc_dist_dispatch_init_8,
    i64,
    i64
);
distributed!(
    __kmpc_dist_for_static_init_8u,
    __kmpc_team_static_init_8u,
    __kmpc_dist_dispatch_init_8u,
    u64,
    i64
);
