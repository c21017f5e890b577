//! Worker threads: started when a team needs one and the pool is empty, detached; they wait for orders asleep. They end only
//! when the program pauses OpenMP while they are in the pool.

use std::mem::MaybeUninit;
use std::sync::Once;
use std::sync::atomic::{Ordering, fence};

use crate::affinity;
use crate::cancel;
use crate::message;
use crate::ompt::{self, ThreadKind};
use crate::orders::{complete, send_orders};
use crate::process;
use crate::region::Code;
use crate::settings;
use crate::task;
use crate::thread::{self, MAX_THREADS, Order, Thread};
use crate::wait::Idle;

/// An idle worker, from the pool or newly started. `None`: no more threads can be had.
pub fn take_worker() -> Option<&'static Thread> {
    let idle = process::shared().lock().take_idle_worker();
    idle.or_else(start_worker)
}

fn start_worker() -> Option<&'static Thread> {
    let Some(thread) = thread::for_worker() else {
        refused(format_args!("{MAX_THREADS} at one time are the most"));
        return None;
    };
    let worker = Worker(thread, thread.mail.gate.generation());
    let unblocked = block_signals();
    let started = std::thread::Builder::new()
        .name("omply".to_owned())
        .stack_size(settings::stack_size())
        .spawn(move || work(worker));
    restore_signals(&unblocked);
    // Dropping the handle detaches the thread.
    match started {
        Ok(_) => Some(thread),
        Err(error) => {
            thread::was_not_started(thread);
            refused(format_args!("the system starts no more: {error}"));
            None
        }
    }
}

/// Says, once, why regions do not get the threads that they ask for.
#[cold]
fn refused(why: std::fmt::Arguments) {
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        message::warn(format_args!(
            "omply: warning: regions get fewer threads than they ask for ({why}). \
             OMP_STACKSIZE makes threads smaller, OMP_THREAD_LIMIT bounds their number"
        ));
    });
}

/// Ends the idle workers that belong to no team; their descriptors and numbers are used again.
pub fn end_idle_workers() {
    loop {
        let Some(worker) = process::shared().lock().take_idle_worker() else {
            return;
        };
        let end = Order {
            team_size: 0,
            code: Code::NONE,
        };
        // SAFETY: the worker is idle, and out of the pool it gets orders from nobody else.
        unsafe { worker.mail.post(end) };
        // SeqCst: settles the gate, as for all orders.
        fence(Ordering::SeqCst);
        worker.mail.gate.wake_sleepers();
    }
}

/// A descriptor on its way to the thread it describes, and the generation of its mail's gate before the first order.
struct Worker(&'static Thread, u32);

// SAFETY: the starter does not touch the descriptor's cells before the worker is idle, other than through the team protocol.
unsafe impl Send for Worker {}

/// Blocks the signals that are sent to the process as a whole, so that they keep reaching the program's own threads: a
/// worker is started with the mask of its starter. Signals that an instruction raises, and profilers' timers, stay as they are.
fn block_signals() -> libc::sigset_t {
    let (mut set, mut before) = (
        MaybeUninit::<libc::sigset_t>::uninit(),
        MaybeUninit::<libc::sigset_t>::uninit(),
    );
    // SAFETY: the sets are initialised by the calls that get them first.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        for signal in [
            libc::SIGINT,
            libc::SIGTERM,
            libc::SIGHUP,
            libc::SIGQUIT,
            libc::SIGALRM,
            libc::SIGCHLD,
            libc::SIGWINCH,
            libc::SIGTSTP,
            libc::SIGUSR1,
            libc::SIGUSR2,
        ] {
            libc::sigaddset(set.as_mut_ptr(), signal);
        }
        libc::sigemptyset(before.as_mut_ptr());
        libc::pthread_sigmask(libc::SIG_BLOCK, set.as_ptr(), before.as_mut_ptr());
        before.assume_init()
    }
}

fn restore_signals(before: &libc::sigset_t) {
    // SAFETY: the set was filled by `block_signals`.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, before, std::ptr::null_mut()) };
}

/// A worker's life.
fn work(worker: Worker) {
    let Worker(thread, mut orders) = worker;
    thread.adopt();
    ompt::thread_begin(thread, ThreadKind::Worker);
    let generation = process::generation();
    // The member it was in the last region, and the shape that the team had.
    let mut home = None;
    let mut idle = Idle::default();
    loop {
        orders = orders.wrapping_add(1);
        ompt::waits_for_order(thread);
        task::wait::for_order(thread, orders, home, || idle);
        ompt::order_arrived(thread);
        // SAFETY: the order has arrived and is being carried out until `complete`.
        let order = unsafe { thread.mail.order() };
        if order.team_size == 0 {
            if ompt::is_goodbye(thread, &order) {
                continue;
            }
            return thread::worker_ends(thread);
        }
        // SAFETY: set by the team's owner before the order; members are never freed.
        let member = unsafe { &*thread.home.get() };
        let team = member.team();
        // SAFETY: the owner's order covers the members below this one.
        let children = unsafe { send_orders(team, member.tid.get(), order) };
        thread.member.set(member);
        thread.task.enter(member);
        member.begin(order.team_size);
        ompt::implicit_begin(thread, member);
        if team.announces.get() {
            affinity::announce(thread, member);
        }
        ompt::calls(thread);
        // SAFETY: the region is under way until this member is done.
        let status = unsafe {
            order.code.call(
                thread.gtid.get(),
                member.tid.get() as i32,
                order.team_size as i32,
            )
        };
        if generation != process::generation() {
            // This worker has forked, and in the child there is no team to go back to.
            return;
        }
        if status != 0 {
            cancel::code_failed(thread, member, status);
        }
        ompt::region_barrier_begin(thread, member);
        task::wait::at_region_end(thread, member);
        home = Some((member, team.tasks.sequence()));
        idle = complete(thread, member, order.team_size, &children);
    }
}
