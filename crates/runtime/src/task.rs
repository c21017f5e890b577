//! Explicit tasks, in their simplest conforming form: every task is undeferred, executed by the thread that generates
//! it, at once. Dependences hold because tasks run in the order they are generated.

use std::cell::Cell;

/// What a thread has to know about the explicit task it executes.
#[derive(Default)]
pub struct TaskFrame {
    /// Explicit tasks on the thread's stack.
    pub depth: Cell<u32>,
    /// The current one is final.
    pub in_final: Cell<bool>,
}
