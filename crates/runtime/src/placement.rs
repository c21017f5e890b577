//! Which place each thread of a region goes to: the affinity policies as pure functions of the team's size, the partition of the
//! encountering thread, and its place. All places are positions in the place list; a partition is its first position and its length.

use crate::icv::Bind;
use crate::schedule::balanced;

/// First position and number of places.
pub type Partition = (u32, u32);

/// The place of each thread of a team, in the order of thread numbers, and the place partition of its implicit task.
///
/// `here` is the encountering thread's position within the partition, which is not empty. Where the places do not divide evenly among the
/// threads, or the threads among the places, the first ones get one more.
pub fn places(
    policy: Bind,
    size: u32,
    here: u32,
    partition: Partition,
) -> impl Iterator<Item = (u32, Partition)> {
    let (start, length) = partition;
    let spread = policy == Bind::Spread;
    // The thread's share of the partition, or its place, counted from the encountering thread's.
    let own = if spread && size <= length {
        piece_around(here, size, length)
    } else {
        0
    };
    (0..size).map(move |tid| match policy {
        Bind::Primary => (start + here, partition),
        _ if spread && size <= length => {
            let (first, part) = piece((own + tid) % size, size, length);
            // The primary thread stays where the encountering thread is.
            let place = if tid == 0 { here } else { first };
            (start + place, (start + first, part))
        }
        _ if spread => {
            let place = start + (here + group_of(tid, size, length)) % length;
            (place, (place, 1))
        }
        _ if size <= length => (start + (here + tid) % length, partition),
        _ => (
            start + (here + group_of(tid, size, length)) % length,
            partition,
        ),
    })
}

/// First position and length of a piece when `length` places are cut into `pieces`.
fn piece(number: u32, pieces: u32, length: u32) -> Partition {
    let (first, part) = balanced(length.into(), pieces.into(), number.into());
    (first as u32, part as u32)
}

/// Number of the piece that holds a position.
fn piece_around(position: u32, pieces: u32, length: u32) -> u32 {
    let (part, longer) = (length / pieces, length % pieces);
    // The first `longer` pieces have one place more.
    let in_longer = longer * (part + 1);
    if position < in_longer {
        position / (part + 1)
    } else {
        longer + (position - in_longer) / part
    }
}

/// More threads than places: consecutive threads share one. Which of the groups thread `tid` is in.
fn group_of(tid: u32, size: u32, places: u32) -> u32 {
    piece_around(tid, places, size)
}
