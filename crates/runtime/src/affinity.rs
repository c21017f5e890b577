//! Thread affinity: binding threads to the places that `placement` chooses for them.

use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::config::config;
use crate::format;
use crate::icv::Bind;
use crate::message;
use crate::placement;
use crate::team::{Member, Team};
use crate::thread::Thread;
use crate::topology;

/// Binds an initial thread when binding is on: the program's first to the first place, others to the next ones, so that the
/// regions of many initial threads do not all begin at the same place.
pub fn bind_initial(thread: &Thread) {
    static BOUND: AtomicU32 = AtomicU32::new(0);
    let config = config();
    if config.bind.first().is_some_and(|bind| *bind != Bind::False) && !config.places.is_empty() {
        // Relaxed: only the number counts.
        let number = BOUND.fetch_add(1, Ordering::Relaxed) as usize;
        thread
            .member()
            .place
            .set((number % config.places.len()) as i32);
        apply(thread, thread.member());
    }
}

/// Moves the calling thread to the place its member has been assigned, if it is elsewhere.
pub fn apply(thread: &Thread, member: &Member) {
    static REFUSED: Once = Once::new();
    let place = member.place.get();
    if place < 0 || thread.place.get() == place {
        return;
    }
    let processors = &config().places[place as usize];
    if topology::bind_to(processors) {
        thread.place.set(place);
    } else {
        let error = std::io::Error::last_os_error();
        REFUSED.call_once(|| {
            message::warn(format_args!(
                "omply: warning: threads stay where they are: binding one to the processors {processors:?} failed: {error}"
            ));
        });
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
    let Some(placement) = placement else {
        for tid in 0..size {
            let member = team.member(tid);
            member.partition.set(parent.partition.get());
            member.place.set(-1);
        }
        return;
    };
    let Placement {
        policy,
        here,
        partition,
    } = placement;
    for (tid, (place, part)) in (0..).zip(placement::places(policy, size, here, partition)) {
        let member = team.member(tid);
        member.place.set(place as i32);
        member.partition.set(part);
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
