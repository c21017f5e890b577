//! The affinity policies, on place lists of any length: who goes where, and with which partition.

#![cfg(not(loom))]

use omply_runtime::icv::Bind;
use omply_runtime::placement::{Partition, places};

fn chosen(policy: Bind, size: u32, here: u32, partition: Partition) -> Vec<(u32, Partition)> {
    places(policy, size, here, partition).collect()
}

/// The places alone.
fn at(policy: Bind, size: u32, here: u32, partition: Partition) -> Vec<u32> {
    let all = chosen(policy, size, here, partition);
    all.into_iter().map(|(place, _)| place).collect()
}

#[test]
fn threads_go_where_the_specifications_rules_say() {
    let cases: &[(Bind, u32, u32, Partition, &[u32])] = &[
        (Bind::Primary, 4, 2, (0, 8), &[2, 2, 2, 2]),
        (Bind::Primary, 2, 0, (5, 1), &[5, 5]),
        // Fewer threads than places: next to each other, around the end.
        (Bind::Close, 4, 0, (0, 8), &[0, 1, 2, 3]),
        (Bind::Close, 4, 6, (0, 8), &[6, 7, 0, 1]),
        (Bind::Close, 3, 1, (4, 4), &[5, 6, 7]),
        (Bind::Close, 4, 3, (4, 4), &[7, 4, 5, 6]),
        // More: they share, consecutive numbers first.
        (Bind::Close, 8, 0, (0, 4), &[0, 0, 1, 1, 2, 2, 3, 3]),
        (Bind::Close, 6, 1, (0, 4), &[1, 1, 2, 2, 3, 0]),
        (Bind::Close, 3, 0, (2, 1), &[2, 2, 2]),
        // Fewer threads than places: the first of each piece, the primary thread where it was.
        (Bind::Spread, 4, 0, (0, 8), &[0, 2, 4, 6]),
        (Bind::Spread, 4, 3, (0, 8), &[3, 4, 6, 0]),
        (Bind::Spread, 2, 0, (0, 8), &[0, 4]),
        (Bind::Spread, 3, 0, (0, 8), &[0, 3, 6]),
        (Bind::Spread, 3, 7, (0, 8), &[7, 0, 3]),
        (Bind::Spread, 1, 5, (0, 8), &[5]),
        (Bind::Spread, 8, 2, (0, 8), &[2, 3, 4, 5, 6, 7, 0, 1]),
        (Bind::Spread, 6, 1, (0, 4), &[1, 1, 2, 2, 3, 0]),
    ];
    for &(policy, size, here, partition, expected) in cases {
        assert_eq!(
            at(policy, size, here, partition),
            expected,
            "{policy:?}: {size} threads from {here} of {partition:?}"
        );
    }
}

#[test]
fn spread_gives_each_thread_a_partition_and_the_others_leave_it() {
    assert_eq!(
        chosen(Bind::Spread, 3, 4, (8, 8)),
        [(12, (11, 3)), (14, (14, 2)), (8, (8, 3))]
    );
    assert_eq!(
        chosen(Bind::Spread, 3, 0, (4, 2)),
        [(4, (4, 1)), (4, (4, 1)), (5, (5, 1))]
    );
    for policy in [Bind::Primary, Bind::Close] {
        for size in [2, 20] {
            let all = chosen(policy, size, 3, (8, 8));
            assert!(all.iter().all(|&(_, part)| part == (8, 8)), "{policy:?}");
        }
    }
}

#[test]
fn nested_regions_stay_within_their_partition() {
    // Two sockets of four cores: spread over the sockets, then close within each.
    let outer = chosen(Bind::Spread, 2, 0, (0, 8));
    assert_eq!(outer, [(0, (0, 4)), (4, (4, 4))]);
    let (place, part) = outer[1];
    assert_eq!(at(Bind::Close, 4, place - part.0, part), [4, 5, 6, 7]);
    assert_eq!(at(Bind::Spread, 2, place - part.0, part), [4, 6]);
    assert_eq!(at(Bind::Close, 5, place - part.0, part), [4, 4, 5, 6, 7]);
}

#[test]
fn every_size_and_place_keeps_the_bounds_of_the_specification() {
    for length in 1..=9u32 {
        for size in 1..=20u32 {
            for here in 0..length {
                let start = 3;
                let of = |policy| chosen(policy, size, here, (start, length));
                for policy in [Bind::Primary, Bind::Close, Bind::Spread] {
                    let all = of(policy);
                    assert_eq!(all.len(), size as usize);
                    assert_eq!(all[0].0, start + here, "the primary thread stays");
                    for (place, (first, part)) in all {
                        assert!((first..first + part).contains(&place));
                        assert!(first >= start && first + part <= start + length);
                    }
                }
                // Close and spread load the places as evenly as can be.
                for policy in [Bind::Close, Bind::Spread] {
                    let mut load = vec![0; length as usize];
                    for (place, _) in of(policy) {
                        load[(place - start) as usize] += 1;
                    }
                    let used = load.iter().filter(|&&threads| threads > 0).count() as u32;
                    assert_eq!(used, size.min(length));
                    if size >= length {
                        let even = |&threads: &u32| {
                            threads == size / length || threads == size.div_ceil(length)
                        };
                        assert!(load.iter().all(even), "{policy:?} {load:?}");
                    }
                }
                // The pieces of spread are all of the partition, each once, and as even as can be.
                let pieces = size.min(length);
                let mut parts: Vec<Partition> =
                    of(Bind::Spread).into_iter().map(|(_, part)| part).collect();
                parts.sort_unstable();
                parts.dedup();
                assert_eq!(parts.len(), pieces as usize);
                let mut next = start;
                for (first, part) in parts {
                    assert_eq!(first, next);
                    assert!(part == length / pieces || part == length.div_ceil(pieces));
                    next = first + part;
                }
                assert_eq!(next, start + length);
            }
        }
    }
}
