//! Leagues of several teams, and several initial threads at once, each with its own contention group.

#![cfg(not(loom))]

use std::collections::HashSet;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};
use std::sync::{Barrier, Mutex};

use omply_runtime::routines::{
    omp_get_level, omp_get_max_threads, omp_get_num_teams, omp_get_num_threads, omp_get_team_num,
    omp_get_thread_limit, omp_get_thread_num, omp_in_parallel, omp_set_num_threads,
};
use omply_runtime::{
    BAD_NUM_TEAMS, CANCELLED, ForkOptions, LeagueRequest, barrier, cancelled, fork, report_error,
    take_errors, teams,
};

fn request(lower: i32, upper: i32, thread_limit: i32) -> LeagueRequest {
    LeagueRequest {
        lower,
        upper,
        thread_limit,
        if_cond: true,
    }
}

fn threads(n: &i32) -> ForkOptions<'_> {
    ForkOptions {
        num_threads: std::slice::from_ref(n),
        ..ForkOptions::default()
    }
}

#[test]
fn every_team_of_a_league_runs_once_as_an_initial_thread() {
    for count in [1, 2, 4, 17, 300] {
        for _ in 0..20 {
            let runs: Vec<AtomicU32> = (0..count).map(|_| AtomicU32::new(0)).collect();
            teams(&request(count, count, 0), |team| {
                assert_eq!(
                    (team.thread_num, team.num_threads),
                    (omp_get_team_num(), count)
                );
                assert_eq!(omp_get_num_teams(), count);
                assert_eq!((omp_get_level(), omp_in_parallel()), (0, 0));
                assert_eq!((omp_get_num_threads(), omp_get_thread_num()), (1, 0));
                runs[team.thread_num as usize].fetch_add(1, Ordering::Relaxed);
                0
            })
            .expect("no error");
            assert!(runs.iter().all(|runs| runs.load(Ordering::Relaxed) == 1));
            assert_eq!((omp_get_num_teams(), omp_get_team_num()), (1, 0));
        }
    }
}

#[test]
fn the_number_of_teams_lies_within_the_bounds() {
    for (lower, upper) in [(3, 3), (1, 3), (5, 90), (0, 4)] {
        let league = AtomicI32::new(0);
        teams(&request(lower, upper, 0), |team| {
            league.store(team.num_threads, Ordering::Relaxed);
            0
        })
        .expect("no error");
        let league = league.into_inner();
        assert!(
            league >= lower && league <= upper,
            "{lower}:{upper} gave {league}"
        );
    }
    for bad in [request(-1, 2, 0), request(1, -2, 0), request(1, 1, -3)] {
        assert_eq!(teams(&bad, |_| 0), Err(BAD_NUM_TEAMS));
    }
    let no = LeagueRequest {
        if_cond: false,
        ..request(4, 4, 0)
    };
    teams(&no, |team| {
        assert_eq!(team.num_threads, 1);
        0
    })
    .expect("no error");
}

#[test]
fn each_team_has_threads_of_its_own_up_to_its_limit() {
    for count in [1, 2, 4, 17] {
        for limit in [1, 2, 5] {
            let sum = AtomicU32::new(0);
            teams(&request(count, count, limit), |team| {
                assert_eq!(omp_get_thread_limit(), limit);
                let inside = AtomicU32::new(0);
                let seen = Mutex::new(HashSet::new());
                for _ in 0..3 {
                    fork(&threads(&4), |thread| {
                        assert_eq!(thread.num_threads, limit.min(4));
                        // The whole contention group knows its team.
                        assert_eq!(omp_get_team_num(), team.thread_num);
                        assert_eq!(omp_get_num_teams(), count);
                        assert_eq!(omp_get_level(), 1);
                        inside.fetch_add(1, Ordering::Relaxed);
                        barrier().expect("not cancelled");
                        assert_eq!(inside.load(Ordering::Relaxed) % limit.min(4) as u32, 0);
                        barrier().expect("not cancelled");
                        seen.lock().expect("not poisoned").insert(thread.gtid);
                        0
                    })
                    .expect("no error");
                }
                assert_eq!(inside.load(Ordering::Relaxed), 3 * limit.min(4) as u32);
                sum.fetch_add(1, Ordering::Relaxed);
                0
            })
            .expect("no error");
            assert_eq!(sum.into_inner(), count as u32);
        }
    }
}

#[test]
fn without_a_limit_the_teams_share_the_threads_there_are() {
    omp_set_num_threads(8);
    let one = omp_get_thread_limit();
    teams(&request(1, 1, 0), |_| {
        assert_eq!((omp_get_thread_limit(), omp_get_max_threads()), (one, 8));
        0
    })
    .expect("no error");
    teams(&request(4, 4, 0), |_| {
        assert!(omp_get_thread_limit() >= 2 && omp_get_thread_limit() < one);
        0
    })
    .expect("no error");
    assert_eq!(omp_get_thread_limit(), one);
}

#[test]
fn routines_change_the_calling_team_only() {
    omp_set_num_threads(3);
    let mut count = 0;
    for _ in 0..10 {
        teams(&request(2, 2, 16), |team| {
            assert_eq!(omp_get_max_threads(), 3);
            omp_set_num_threads(5 + team.thread_num);
            fork(&ForkOptions::default(), |thread| {
                assert_eq!(thread.num_threads, 5 + team.thread_num);
                0
            })
            .expect("no error");
            0
        })
        .expect("no error");
        count += 1;
    }
    assert_eq!((count, omp_get_max_threads()), (10, 3));
}

#[test]
fn an_error_ends_the_league_and_is_reported_under_the_teams_number() {
    for count in [1, 2, 4, 17] {
        for failing in [0, count / 2, count - 1] {
            let status = teams(&request(count, count, 2), |team| {
                if team.thread_num == failing {
                    report_error(40 + failing, std::ptr::null_mut());
                    return CANCELLED;
                }
                0
            });
            assert_eq!(status, Err(40 + failing));
            let errors = take_errors();
            assert_eq!(errors.len(), 1);
            assert_eq!(
                (errors[0].thread_num, errors[0].status),
                (failing, 40 + failing)
            );
            // Nothing of it is left.
            let runs = AtomicU32::new(0);
            teams(&request(count, count, 2), |_| {
                assert!(!cancelled());
                runs.fetch_add(1, Ordering::Relaxed);
                0
            })
            .expect("no error");
            assert_eq!(runs.into_inner(), count as u32);
        }
    }
}

#[test]
fn teams_that_run_while_another_fails_are_cancelled() {
    for _ in 0..50 {
        let status = teams(&request(2, 2, 1), |team| {
            if team.thread_num == 1 {
                return 7;
            }
            // With one processor team 1 begins after this one: then there is nobody to wait for.
            let began = std::time::Instant::now();
            while !cancelled() && began.elapsed().as_millis() < 200 {
                std::thread::yield_now();
            }
            CANCELLED
        });
        assert_eq!(status, Err(7));
        assert_eq!(take_errors()[0].thread_num, 1);
    }
}

#[test]
fn an_error_of_a_region_in_a_team_reaches_the_leagues_encountering_thread() {
    let status = teams(&request(3, 3, 4), |team| {
        let inner = fork(&threads(&3), |thread| {
            i32::from(team.thread_num == 2 && thread.thread_num == 1) * 9
        });
        inner.err().unwrap_or(0)
    });
    assert_eq!(status, Err(9));
    assert_eq!(take_errors()[0].thread_num, 2);
}

#[test]
fn leagues_may_be_encountered_by_threads_of_a_region() {
    // As a target region does whose device is the host.
    for _ in 0..10 {
        let runs = AtomicU32::new(0);
        fork(&threads(&4), |_| {
            teams(&request(3, 3, 2), |team| {
                assert_eq!((team.num_threads, omp_get_level()), (3, 0));
                fork(&threads(&2), |_| {
                    runs.fetch_add(1, Ordering::Relaxed);
                    0
                })
                .map_or_else(|status| status, |()| 0)
            })
            .expect("no error");
            assert_eq!((omp_get_level(), omp_get_num_threads()), (1, 4));
            0
        })
        .expect("no error");
        assert_eq!(runs.into_inner(), 4 * 3 * 2);
    }
}

#[test]
fn initial_threads_side_by_side_have_contention_groups_of_their_own() {
    const HOSTS: usize = 8;
    for _ in 0..3 {
        let meet = Barrier::new(HOSTS);
        std::thread::scope(|scope| {
            for host in 0..HOSTS {
                let meet = &meet;
                scope.spawn(move || {
                    assert_eq!((omp_get_level(), omp_get_num_threads()), (0, 1));
                    omp_set_num_threads(host as i32 % 3 + 2);
                    meet.wait();
                    for _ in 0..50 {
                        let count = AtomicU32::new(0);
                        fork(&ForkOptions::default(), |thread| {
                            assert_eq!(thread.num_threads, host as i32 % 3 + 2);
                            count.fetch_add(1, Ordering::Relaxed);
                            barrier().expect("not cancelled");
                            assert_eq!(count.load(Ordering::Relaxed), host as u32 % 3 + 2);
                            0
                        })
                        .expect("no error");
                        teams(&request(2, 2, 2), |_| 0).expect("no error");
                    }
                });
            }
        });
    }
}
