//! Tasks that block. A team with more threads than there are processors wakes no more of them for its tasks than keep the
//! processors busy. Tasks may wait for something, though, and then processors idle while tasks are queued. So one of the
//! sleepers, the *watcher*, looks now and then which of the threads that are awake run, as the kernel sees them. Where they are
//! fewer than the processors while tasks are queued, it stops sleeping, and wakes others.
//!
//! # Protocol
//!
//! The state of the team's tasks says whether a sleeper watches (`WATCHED`), or has been called to (`CALLED`). Who falls asleep
//! in a wait that may begin any task watches if nobody does; otherwise whoever pushes a task, while others sleep and nobody watches, calls one of them by a kick, without
//! claiming its place. A sleeper that was to watch and wakes for another reason calls the next one. After a while without tasks in
//! the queues the watcher gives up watching and sleeps on, without ticks.

use std::cell::Cell;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::team::{CLAIMED, Sequence, TeamTasks};
use crate::config::config;
use crate::sync::asymmetric;
use crate::team::Team;
use crate::thread::Thread;

/// Between two looks, as long as the last one has shown something, and at most.
const TICK: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(8);
/// Looks that find the queues empty, until the watcher gives up.
const EMPTY_LOOKS: u32 = 10;

/// A sleeper's part in watching.
#[derive(Default)]
pub struct Watch {
    /// The time until the next look; `None`: another thread watches, or nobody.
    tick: Cell<Option<Duration>>,
    empty_looks: Cell<u32>,
}

impl Watch {
    pub fn is_on(&self) -> bool {
        self.tick.get().is_some()
    }

    pub fn slice(&self) -> Option<Duration> {
        self.tick.get()
    }

    /// The sleeper watches from now on, if nobody else does.
    pub fn begin(&self, tasks: &TeamTasks, sequence: Sequence) -> bool {
        let begun = tasks.begin_watch(sequence);
        if begun {
            self.tick.set(Some(TICK));
            self.empty_looks.set(0);
        }
        begun
    }

    /// False: the sleeper did not watch.
    pub fn end(&self, tasks: &TeamTasks, sequence: Sequence) -> bool {
        let watched = self.tick.take().is_some();
        if watched {
            tasks.end_watch(sequence);
        }
        watched
    }

    /// A look. False: a thread more would have something to do.
    pub fn goes_on(&self, team: &'static Team, sequence: Sequence) -> bool {
        let tasks = &team.tasks;
        if !tasks.has_work(team) {
            self.empty_looks.set(self.empty_looks.get() + 1);
            if self.empty_looks.get() < EMPTY_LOOKS {
                return true;
            }
            self.end(tasks, sequence);
            // Whoever has pushed a task while this thread still watched has called nobody.
            asymmetric::heavy();
            return !tasks.has_work(team);
        }
        self.empty_looks.set(0);
        let processors = config().num_procs as u32;
        let running = running(team, processors);
        tasks.note_look(sequence, running < processors);
        for _ in running + 1..processors {
            tasks.wake_one(team);
        }
        let tick = self.tick.get().unwrap_or(TICK);
        self.tick.set(Some((tick * 2).min(LONGEST)));
        running >= processors
    }
}

/// How many of the team's threads that are not asleep in a wait run or could, or are about to, counted up to `enough`.
fn running(team: &Team, enough: u32) -> u32 {
    let mut count = 0;
    for tid in 0..team.size.get() {
        // SAFETY: threads' descriptors are never freed.
        let thread = unsafe { &*team.member(tid).thread.get() };
        let place = thread.task.asleep.load(Ordering::Relaxed);
        if place & CLAIMED != 0 || place == 0 && runs(thread) {
            count += 1;
            if count == enough {
                break;
            }
        }
    }
    count
}

/// Whether the kernel has the thread running, or ready to run. Where it does not say, it does.
#[cfg(target_os = "linux")]
fn runs(thread: &Thread) -> bool {
    use std::io::Read;
    let id = thread.task.kernel_id.load(Ordering::Relaxed);
    // "ID (NAME) STATE ...", with a name of at most 15 bytes.
    let mut text = [0; 64];
    let Ok(length) = std::fs::File::open(format!("/proc/self/task/{id}/stat"))
        .and_then(|mut file| file.read(&mut text))
    else {
        return true;
    };
    let text = &text[..length];
    let name_end = text.iter().rposition(|&byte| byte == b')');
    let state = name_end.and_then(|end| text.get(end + 2));
    !matches!(state, Some(b'S' | b'D'))
}

#[cfg(not(target_os = "linux"))]
fn runs(_thread: &Thread) -> bool {
    true
}
