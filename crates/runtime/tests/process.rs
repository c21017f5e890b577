//! Life in a process: fork with idle workers and within a region, idle workers' processor time, stack size of workers.

#![cfg(not(loom))]

mod common;

use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use common::on_team;
use omply_runtime::routines::*;
use omply_runtime::{
    ForkOptions, LeagueRequest, Schedule, barrier, fork, loop_begin, loop_next, teams as teams_of,
};

/// Runs `child` in a forked process and returns its exit status; kills it after ten seconds.
fn in_child(child: impl FnOnce() -> i32) -> i32 {
    // SAFETY: the child only runs code that is meant to work after a fork, and leaves by _exit.
    match unsafe { libc::fork() } {
        0 => {
            let status = child();
            // SAFETY: ends the child.
            unsafe { libc::_exit(status) }
        }
        pid => {
            let mut status = 0;
            for _ in 0..1000 {
                // SAFETY: the status is valid.
                if unsafe { libc::waitpid(pid, &mut status, libc::WNOHANG) } == pid {
                    return if libc::WIFEXITED(status) {
                        libc::WEXITSTATUS(status)
                    } else {
                        1000 + libc::WTERMSIG(status)
                    };
                }
                std::thread::sleep(Duration::from_millis(10));
            }
            // SAFETY: the child is ours.
            unsafe { libc::kill(pid, libc::SIGKILL) };
            9999
        }
    }
}

/// A region with barriers and loops; the number of threads that took part.
fn region(size: i32) -> i32 {
    let (threads, sum) = (AtomicI32::new(0), AtomicI32::new(0));
    let done = on_team(size, |_| {
        threads.fetch_add(1, Ordering::Relaxed);
        loop_begin(Schedule::Dynamic(1), false, 10);
        while let Some(chunk) = loop_next() {
            sum.fetch_add(chunk.first as i32, Ordering::Relaxed);
        }
        i32::from(barrier().is_err() || sum.load(Ordering::Relaxed) != 45)
    });
    if done.is_ok() {
        threads.into_inner()
    } else {
        -1
    }
}

#[test]
fn the_child_of_a_fork_starts_workers_of_its_own() {
    for _ in 0..10 {
        assert_eq!(region(4), 4);
        assert_eq!(
            in_child(|| i32::from(!(region(4) == 4 && region(2) == 2 && region(7) == 7))),
            0
        );
        assert_eq!(region(4), 4);
    }
}

#[test]
fn a_child_may_fork_again() {
    assert_eq!(region(3), 3);
    assert_eq!(
        in_child(|| i32::from(
            !(region(3) == 3 && in_child(|| i32::from(region(3) != 3)) == 0 && region(3) == 3)
        )),
        0
    );
}

#[test]
fn a_child_forked_in_a_region_goes_on_as_a_team_of_one() {
    omp_set_max_active_levels(2);
    for forker in [0, 1] {
        on_team(2, |me| {
            barrier().unwrap();
            if me.thread_num == forker {
                let status = in_child(|| {
                    let alone = omp_get_num_threads() == 1
                        && omp_get_thread_num() == 0
                        && barrier().is_ok();
                    i32::from(!(alone && region(1) == 1 && region(3) == 3))
                });
                assert_eq!(status, 0);
            }
            barrier().unwrap();
            0
        })
        .unwrap();
    }
}

#[test]
fn the_child_can_leave_the_region_it_was_forked_in() {
    let done = in_child(|| {
        let parent = std::process::id();
        let status = on_team(2, |me| {
            if me.thread_num == 0 {
                // SAFETY: as in `in_child`.
                let pid = unsafe { libc::fork() };
                if pid > 0 {
                    let mut status = 0;
                    // SAFETY: the status is valid.
                    unsafe { libc::waitpid(pid, &mut status, 0) };
                    return if status == 0 { 0 } else { 5 };
                }
            }
            0
        });
        if std::process::id() != parent {
            // The grandchild, after the region.
            return i32::from(status.is_err() || region(3) != 3);
        }
        i32::from(status.is_err())
    });
    assert_eq!(done, 0);
}

#[test]
fn a_child_forked_in_a_league_has_regions_and_leagues_of_its_own() {
    let league = |teams: i32| {
        let request = LeagueRequest {
            lower: teams,
            upper: teams,
            thread_limit: 3,
            if_cond: true,
        };
        let ran = AtomicI32::new(0);
        let done = teams_of(&request, |_| {
            ran.fetch_add(1, Ordering::Relaxed);
            i32::from(region(3) != 3)
        });
        done.is_ok() && ran.into_inner() == teams
    };
    // Workers of leagues and of the regions in them are idle when the child is made.
    assert!(league(4));
    assert_eq!(
        in_child(|| i32::from(!(league(4) && region(3) == 3 && league(2)))),
        0
    );
    assert!(league(4));
    // Forked in a team: the child leaves the league as its only thread.
    let done = in_child(|| {
        let parent = std::process::id();
        let request = LeagueRequest {
            lower: 2,
            upper: 2,
            thread_limit: 3,
            if_cond: true,
        };
        let status = teams_of(&request, |team| {
            if team.thread_num == 0 {
                // SAFETY: as in `in_child`.
                let pid = unsafe { libc::fork() };
                if pid > 0 {
                    let mut status = 0;
                    // SAFETY: the status is valid.
                    unsafe { libc::waitpid(pid, &mut status, 0) };
                    return if status == 0 { 0 } else { 5 };
                }
                return i32::from(region(2) != 2);
            }
            0
        });
        if std::process::id() != parent {
            return i32::from(status.is_err() || region(3) != 3 || !league(3));
        }
        i32::from(status.is_err())
    });
    assert_eq!(done, 0);
}

#[test]
fn regions_go_on_with_the_threads_that_the_system_gives() {
    // In a process of its own, whose memory has room for few stacks.
    let status = in_child(|| {
        let limit = libc::rlimit {
            rlim_cur: 1 << 30,
            rlim_max: 1 << 30,
        };
        // SAFETY: the limit is valid.
        if unsafe { libc::setrlimit(libc::RLIMIT_AS, &limit) } != 0 {
            return 1;
        }
        let few = region(1000);
        // Fewer than asked for, and what there is works again and again.
        i32::from(!(few > 1 && few < 1000 && region(1000) >= few && region(2) == 2))
    });
    assert_eq!(status, 0);
}

fn processor_time() -> Duration {
    let mut now = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the timespec is valid.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut now) };
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

#[test]
fn idle_workers_sleep() {
    // In a process of its own: other tests use processor time, too.
    let milliseconds = in_child(|| {
        region(3);
        let before = processor_time();
        std::thread::sleep(Duration::from_secs(1));
        (processor_time() - before).as_millis().min(200) as i32
    });
    assert!(milliseconds <= 10, "{milliseconds} ms");
}

#[test]
fn workers_have_the_stack_that_is_configured() {
    #[inline(never)]
    fn deep(levels: u32) -> u64 {
        let block = std::hint::black_box([levels as u64; 1024]);
        if levels == 0 {
            block[0]
        } else {
            deep(levels - 1) + block[1023]
        }
    }
    // 400 levels of 8 KiB: more than the 2 MiB that Rust's threads get by default, less than the 8 MiB here.
    fork(
        &ForkOptions {
            num_threads: &[3],
            ..ForkOptions::default()
        },
        |me| {
            // Thread 0 is not the runtime's own.
            i32::from(me.thread_num > 0 && deep(400) != 400 * 401 / 2)
        },
    )
    .unwrap();
}
