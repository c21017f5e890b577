//! Memory management from Rust: what callers get where C's routines end the program, double frees, forks, and the texts of
//! `OMP_ALLOCATOR`.

#![cfg(not(loom))]

mod common;

use std::collections::BTreeMap;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, Ordering};

use common::{on_team, with_sizes};
use omply_runtime::abi::kmpc_alloc::{omply_alloc, omply_free};
use omply_runtime::alloc::{
    Failure, NULL_ALLOCATOR, TraitPair, allocate, destroy_allocator, free, init_allocator, key,
    reallocate, value,
};
use omply_runtime::config::Config;
use omply_runtime::topology;

const DEFAULT_SPACE: usize = 99;

fn allocator(pairs: &[(i32, usize)]) -> usize {
    let pairs: Vec<TraitPair> = pairs
        .iter()
        .map(|&(key, value)| TraitPair { key, value })
        .collect();
    init_allocator(DEFAULT_SPACE, &pairs)
}

#[test]
fn failures_are_told_apart_and_end_nothing() {
    let small = allocator(&[(key::POOL_SIZE, 100), (key::FALLBACK, value::NULL_FB)]);
    let fatal = allocator(&[(key::POOL_SIZE, 100), (key::FALLBACK, value::ABORT_FB)]);
    let chained = allocator(&[
        (key::POOL_SIZE, 100),
        (key::FALLBACK, value::ALLOCATOR_FB),
        (key::FB_DATA, fatal),
    ]);
    for (handle, failure, status) in [
        (small, Failure::Null, 1),
        (fatal, Failure::Abort, 2),
        (chained, Failure::Abort, 2),
        (4711, Failure::Unknown(4711), 3),
    ] {
        assert_eq!(allocate(1000, 8, false, handle), Err(failure));
        let mut block = null_mut();
        // SAFETY: the variable can be written.
        let answer = unsafe { omply_alloc(0, 8, 1000, handle, &mut block) };
        assert_eq!(answer, status);
        assert!(block.is_null());
    }
    let kept = allocate(10, 8, false, small).unwrap();
    // SAFETY: the block is ours.
    unsafe {
        assert_eq!(reallocate(kept, 1000, NULL_ALLOCATOR), Err(Failure::Null));
        assert_eq!(reallocate(kept, 1000, 4711), Err(Failure::Unknown(4711)));
        assert!(free(kept));
    }
    for handle in [chained, fatal, small] {
        assert!(destroy_allocator(handle));
        assert!(!destroy_allocator(handle));
    }
}

#[test]
fn a_destroyed_fallback_is_reported() {
    let fallback = allocator(&[]);
    let small = allocator(&[
        (key::POOL_SIZE, 100),
        (key::FALLBACK, value::ALLOCATOR_FB),
        (key::FB_DATA, fallback),
    ]);
    assert!(destroy_allocator(fallback));
    assert_eq!(
        allocate(1000, 8, false, small),
        Err(Failure::Unknown(fallback))
    );
    assert!(destroy_allocator(small));
}

#[test]
fn a_block_that_was_freed_is_recognised_while_its_header_lasts() {
    // Aligned so far from malloc's own bookkeeping that the header stays as it was left.
    let block = allocate(64, 4096, false, NULL_ALLOCATOR).unwrap();
    // SAFETY: the first free is right; the second one reads memory that malloc keeps for the next block.
    unsafe {
        assert_eq!(omply_free(0, block.as_ptr().cast()), 0);
        assert_eq!(omply_free(0, block.as_ptr().cast()), 1);
        assert_eq!(omply_free(0, null_mut()), 0);
    }
}

#[test]
fn allocators_come_and_go_on_all_threads() {
    with_sizes(|size| {
        on_team(size, |team| {
            for round in 0..200 {
                let own = allocator(&[(key::ALIGNMENT, 64), (key::POOL_SIZE, 1 << 16)]);
                let block = allocate(100 + round, 8, true, own).unwrap();
                assert_eq!(block.addr().get() % 64, 0, "thread {}", team.thread_num);
                // SAFETY: the block is ours.
                assert!(unsafe { free(block) });
                assert!(destroy_allocator(own));
            }
            0
        })
        .unwrap();
    });
}

#[test]
fn the_child_of_a_fork_allocates_whatever_the_other_threads_were_doing() {
    let stop = AtomicBool::new(false);
    let shared = allocator(&[(key::ACCESS, value::THREAD), (key::POOL_SIZE, 1 << 20)]);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let own = allocator(&[(key::POOL_SIZE, 1 << 20)]);
                    let block = allocate(100, 8, false, shared).unwrap();
                    // SAFETY: the block is ours.
                    assert!(unsafe { free(block) });
                    assert!(destroy_allocator(own));
                }
            });
        }
        for _ in 0..50 {
            // SAFETY: the child only allocates, and leaves by _exit.
            let pid = unsafe { libc::fork() };
            if pid == 0 {
                let own = allocator(&[]);
                let fine = allocate(100, 8, false, shared).is_ok() && destroy_allocator(own);
                // SAFETY: ends the child; the alarm would have ended it before.
                unsafe { libc::_exit(if fine { 0 } else { 1 }) };
            }
            let mut status = -1;
            for _ in 0..1000 {
                // SAFETY: the child is ours.
                if unsafe { libc::waitpid(pid, &mut status, libc::WNOHANG) } == pid {
                    break;
                }
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
            assert_eq!(status, 0);
        }
        stop.store(true, Ordering::Relaxed);
    });
}

#[test]
fn the_environment_names_an_allocator() {
    let read = |value: &str| {
        let variables = BTreeMap::from([("OMP_ALLOCATOR".to_owned(), value.to_owned())]);
        let (config, complaints) = Config::from_environment(&variables, topology::machine());
        (config.allocator.to_string(), complaints)
    };
    assert_eq!(
        read("omp_pteam_mem_alloc"),
        ("omp_pteam_mem_alloc".to_owned(), vec![])
    );
    let (allocator, complaints) = read("omp_default_mem_space:pinned=maybe");
    assert_eq!(allocator, "omp_default_mem_alloc");
    assert_eq!(complaints.len(), 1);
    assert!(
        complaints[0].starts_with(
            "omply: OMP_ALLOCATOR='omp_default_mem_space:pinned=maybe' is ignored: expected a predefined allocator"
        ),
        "{complaints:?}"
    );
}
