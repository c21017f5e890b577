//! Models of the release of dependences, explored by loom:
//! `RUSTFLAGS="--cfg loom" cargo test -p omply-runtime --release --test loom_release`.

#![cfg(loom)]

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicU32, Ordering};
use loom::thread;

use omply_runtime::sync::release::{Exclusion, Kind, Node, NodeRef, Sink};

fn model(body: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(body);
}

/// Counts; a task's payload is its own node, which the sink takes over.
#[derive(Default)]
struct Seen {
    ready: Vec<usize>,
    woken: u32,
}

impl Sink for Seen {
    fn ready(&mut self, payload: *mut ()) {
        self.ready.push(payload as usize);
    }
    fn wake(&mut self, _payload: *mut ()) {
        self.woken += 1;
    }
}

fn task(number: usize) -> NodeRef {
    NodeRef::new(Kind::Task, number as *mut ())
}

#[test]
fn a_successor_becomes_ready_once_and_sees_what_its_predecessors_wrote() {
    model(|| {
        let written = Arc::new([UnsafeCell::new(0), UnsafeCell::new(0)]);
        let (first, second, last) = (task(1), task(2), task(3));
        let mut nobody = Seen::default();
        assert!(first.clone().registered(&mut nobody));
        assert!(second.clone().registered(&mut nobody));
        let threads: Vec<_> = [first.clone(), second.clone()]
            .into_iter()
            .enumerate()
            .map(|(number, node)| {
                let written = written.clone();
                thread::spawn(move || {
                    // SAFETY: only the successor reads, after both are complete.
                    written[number].with_mut(|value| unsafe { *value = 1 });
                    let mut seen = Seen::default();
                    node.complete(&mut seen);
                    if !seen.ready.is_empty() {
                        for cell in written.iter() {
                            // SAFETY: both predecessors are complete.
                            cell.with(|value| assert_eq!(unsafe { *value }, 1));
                        }
                    }
                    seen.ready.len()
                })
            })
            .collect();
        last.after(&first);
        last.after(&second);
        drop((first, second));
        let now = last.clone().registered(&mut nobody);
        if now {
            for cell in written.iter() {
                // SAFETY: both predecessors are complete.
                cell.with(|value| assert_eq!(unsafe { *value }, 1));
            }
        }
        let later: usize = threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum();
        assert_eq!(later + usize::from(now), 1);
    });
}

#[test]
fn a_waiter_is_satisfied_or_woken() {
    model(|| {
        let first = task(1);
        assert!(first.clone().registered(&mut Seen::default()));
        let woken = Arc::new(AtomicU32::new(0));
        let completer = {
            let (first, woken) = (first.clone(), woken.clone());
            thread::spawn(move || {
                let mut seen = Seen::default();
                first.complete(&mut seen);
                woken.store(seen.woken, Ordering::Release);
            })
        };
        let waiter = Node::new(Kind::Waiter, std::ptr::null_mut());
        let waits = waiter.after(&first);
        waiter.waits();
        let at_once = waiter.is_satisfied();
        completer.join().unwrap();
        assert!(waiter.is_satisfied());
        assert!(at_once || woken.load(Ordering::Acquire) == 1);
        assert!(waits || woken.load(Ordering::Acquire) == 0);
        drop(waiter);
    });
}

#[test]
fn tasks_with_a_common_exclusion_run_one_after_another_and_all_run() {
    model(|| {
        let exclusions = [
            std::sync::Arc::new(Exclusion::default()),
            std::sync::Arc::new(Exclusion::default()),
        ];
        let value = Arc::new(UnsafeCell::new(0));
        let ran = Arc::new(AtomicU32::new(0));
        let nodes: Vec<NodeRef> = (0..3)
            .map(|number| {
                let node = task(number);
                node.exclude(&exclusions[0]);
                if number != 1 {
                    node.exclude(&exclusions[1]);
                }
                node
            })
            .collect();
        // The payloads are indices: nobody frees a node before all have run.
        let kept: Arc<Vec<NodeRef>> = Arc::new(nodes.clone());
        let threads: Vec<_> = nodes
            .into_iter()
            .enumerate()
            .map(|(number, node)| {
                let (kept, value, ran) = (kept.clone(), value.clone(), ran.clone());
                move || {
                    let mut seen = Seen::default();
                    if node.registered(&mut seen) {
                        seen.ready.push(number);
                    }
                    while let Some(next) = seen.ready.pop() {
                        // SAFETY: the exclusion keeps the others away.
                        value.with_mut(|value| unsafe { *value += 1 });
                        ran.fetch_add(1, Ordering::Relaxed);
                        kept[next].clone().complete(&mut seen);
                    }
                }
            })
            .collect();
        let mut threads = threads.into_iter();
        let own = threads.next().unwrap();
        let others: Vec<_> = threads.map(thread::spawn).collect();
        own();
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(ran.load(Ordering::Relaxed), 3);
    });
}

#[test]
fn a_ready_join_passes_on_to_its_successors() {
    model(|| {
        let (first, last) = (task(1), task(2));
        assert!(first.clone().registered(&mut Seen::default()));
        let join = NodeRef::new(Kind::Join, std::ptr::null_mut());
        join.after(&first);
        let completer = {
            let first = first.clone();
            thread::spawn(move || {
                let mut seen = Seen::default();
                first.complete(&mut seen);
                seen.ready.len()
            })
        };
        let mut seen = Seen::default();
        assert!(!join.clone().registered(&mut seen));
        last.after(&join);
        let now = last.clone().registered(&mut seen);
        let later = completer.join().unwrap();
        assert_eq!(usize::from(now) + later, 1);
        assert!(seen.ready.is_empty());
    });
}
