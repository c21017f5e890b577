//! Detached tasks: such a task is complete when its code has ended and its event has been fulfilled, by any thread, in either order.
//!
//! # Protocol
//!
//! Both sides set their bit in the event's word with one read-modify-write (AcqRel); whoever finds the other's bit set completes the task,
//! and has seen everything the other did before.

use std::sync::atomic::Ordering;

use super::node::{Node, flag};
use super::scheduler;
use crate::thread::{self, Thread};

const FULFILLED: u32 = 1;
const CODE_ENDED: u32 = 2;

/// Gives a task that has not begun an event; returns its handle.
pub fn allow(thread: &'static Thread, node: &Node) -> usize {
    node.set(flag::DETACHABLE);
    node.extra().team.set(Some(thread.member().team()));
    std::ptr::from_ref(node) as usize
}

/// The task's code has ended: has its completion to wait for the event?
#[cold]
pub fn must_wait(node: &Node) -> bool {
    // A detachable task without an event has nothing to wait for.
    node.has(flag::DETACHABLE)
        && node
            .extra_if_any()
            .filter(|extra| extra.team.get().is_some())
            .is_some_and(|extra| {
                extra.event.fetch_or(CODE_ENDED, Ordering::AcqRel) & FULFILLED == 0
            })
}

/// Fulfils an event.
///
/// # Safety
/// `handle` came from [`allow`], and the event has not been fulfilled.
pub unsafe fn fulfil(handle: usize) {
    // SAFETY: a task stays until its event is fulfilled.
    let node: &'static Node = unsafe { &*(handle as *const Node) };
    if node.extra().event.fetch_or(FULFILLED, Ordering::AcqRel) & CODE_ENDED != 0 {
        // SAFETY: the code has ended, too.
        unsafe { scheduler::complete(thread::current_if_known(), node) };
    }
}
