//! Thread affinity: which place each thread of a region goes to, and binding to it.

use crate::config::config;
use crate::format;
use crate::icv::Bind;
use crate::message;
use crate::team::{Member, Team};
use crate::thread::Thread;
use crate::topology;

/// Binds an initial thread to its first place when binding is on.
pub fn bind_initial(thread: &Thread) {
    let config = config();
    if config.bind.first().is_some_and(|bind| *bind != Bind::False) && !config.places.is_empty() {
        thread.member().place.set(0);
        apply(thread, thread.member());
    }
}

/// Moves the calling thread to the place its member has been assigned, if it is elsewhere.
pub fn apply(thread: &Thread, member: &Member) {
    let place = member.place.get();
    if place >= 0
        && thread.place.get() != place
        && topology::bind_to(&config().places[place as usize])
    {
        thread.place.set(place);
    }
}

/// What a thread does first in a region whose team is to be bound or shown (`Team::announces`).
#[cold]
pub fn announce(thread: &Thread, member: &Member) {
    apply(thread, member);
    let now = Shown {
        level: member.team().level.get(),
        tid: member.tid.get(),
        team_size: member.team_size.get(),
        place: thread.place.get(),
    };
    if config().display_affinity && thread.shown.replace(now) != now {
        message::print(format::expand("", thread));
    }
}

/// What `OMP_DISPLAY_AFFINITY` has shown of a thread last; it is shown again when something differs.
#[derive(Clone, Copy, Default, PartialEq)]
pub struct Shown {
    level: u32,
    tid: u32,
    team_size: u32,
    place: i32,
}

/// What the choice of places for a team's members depends on, beside its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    policy: Bind,
    /// Position of the encountering thread's place in the partition.
    here: u32,
    partition: (u32, u32),
}

/// The placement for a region that `thread` encounters; `None`: threads are not bound.
#[inline]
pub fn placement(thread: &Thread, parent: &Member, clause: Option<Bind>) -> Option<Placement> {
    let first = parent.icvs().first_bind();
    let partition = parent.partition.get();
    if first == Bind::False || partition.1 == 0 {
        return None;
    }
    let policy = match clause {
        Some(policy) => policy,
        None if first == Bind::True => Bind::Close,
        None => first,
    };
    let here = relative(parent, thread.place.get().max(0));
    Some(Placement {
        policy,
        here,
        partition,
    })
}

/// Gives a team's members their places; the team is idle.
pub fn assign(team: &Team, parent: &Member, size: u32, placement: Option<Placement>) {
    team.placement.set(placement);
    team.announces
        .set(placement.is_some() || config().display_affinity);
    for tid in 0..size {
        let member = team.member(tid);
        match placement {
            None => {
                member.partition.set(parent.partition.get());
                member.place.set(-1);
            }
            Some(Placement {
                policy,
                here,
                partition,
            }) => {
                let (place, part) = place_of(policy, tid, size, here, partition);
                member.place.set(place as i32);
                member.partition.set(part);
            }
        }
    }
}

/// Position of a place in the parent's partition.
fn relative(parent: &Member, place: i32) -> u32 {
    let (start, places) = parent.partition.get();
    (place as u32)
        .checked_sub(start)
        .filter(|&position| position < places)
        .unwrap_or(0)
}

/// Place and partition of thread `tid` of `size`, when the encountering thread is at position `here` of `partition`.
fn place_of(
    policy: Bind,
    tid: u32,
    size: u32,
    here: u32,
    partition: (u32, u32),
) -> (u32, (u32, u32)) {
    let (start, places) = partition;
    match policy {
        Bind::Spread if size <= places => {
            // Thread 0's piece holds the encountering thread's place; thread 0 stays there.
            let pieces: Vec<(u32, u32)> = (0..size)
                .map(|piece| piece_of(piece, size, places))
                .collect();
            let own = pieces
                .iter()
                .position(|&(first, length)| (first..first + length).contains(&here))
                .unwrap_or(0) as u32;
            let (first, length) = pieces[((own + tid) % size) as usize];
            let place = if tid == 0 { here } else { first };
            (start + place, (start + first, length))
        }
        Bind::Spread => {
            let place = start + packed(tid, size, here, places);
            (place, (place, 1))
        }
        Bind::Primary => (start + here, partition),
        _ if size <= places => (start + (here + tid) % places, partition),
        _ => (start + packed(tid, size, here, places), partition),
    }
}

/// First place and length of a piece of the partition.
fn piece_of(piece: u32, pieces: u32, places: u32) -> (u32, u32) {
    let (first, length) = crate::schedule::balanced(places.into(), pieces.into(), piece.into());
    (first as u32, length as u32)
}

/// More threads than places: consecutive threads share one, the first places taking one more.
fn packed(tid: u32, size: u32, here: u32, places: u32) -> u32 {
    let mut position = 0;
    while position + 1 < places {
        let (first, length) = piece_of(position, places, size);
        if tid < first + length {
            break;
        }
        position += 1;
    }
    (here + position) % places
}

/// Text of `%A`: the processors the calling thread may run on.
pub fn processors_text() -> String {
    let mask = topology::affinity_mask();
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for cpu in mask {
        match ranges.last_mut() {
            Some((_, end)) if *end + 1 == cpu => *end = cpu,
            _ => ranges.push((cpu, cpu)),
        }
    }
    let text = |&(start, end): &(usize, usize)| {
        if start == end {
            start.to_string()
        } else {
            format!("{start}-{end}")
        }
    };
    ranges.iter().map(text).collect::<Vec<_>>().join(",")
}
