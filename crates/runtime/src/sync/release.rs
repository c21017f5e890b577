//! The release of dependences: nodes that wait for other nodes, in any graph without cycles, built by one thread per node
//! while others complete nodes.
//!
//! # Protocol
//!
//! A node counts in `pending` what it waits for. While its creator registers it, `pending` holds `REGISTERING` besides, so
//! that it cannot reach zero; `registered` takes that away and adds the edges made, in one step. Whoever brings `pending` to
//! zero (AcqRel: it sees what all predecessors wrote) makes the node ready, exactly once.
//!
//! An edge lies in its successor and hangs on the predecessor's list `successors`, a stack that any thread may push on
//! (compare-exchange, Release) and that only the completing thread takes, whole, by swapping in `CLOSED` (AcqRel). A push that finds
//! `CLOSED` (Acquire: it sees what the predecessor wrote) makes no edge. The completing thread reads an edge's next before it
//! counts its successor down: after that the successor may run, complete and be freed, and the edge with it. The predecessor
//! itself stays, by its reference count.
//!
//! A *waiter* is a node whose creator waits for it itself: it keeps one count of its own in `pending` and so never becomes ready;
//! its creator sees the count at one and frees it. Whoever counts it down to one must therefore know beforehand that it is a waiter.
//!
//! # Mutual exclusion
//!
//! A ready node with exclusions takes them one after another in the order of their addresses, keeping those it has: no circle
//! of nodes can wait for each other. An exclusion is one word: free, held, or held with a stack of nodes that want it. A
//! node that finds it held pushes itself and is left alone; the holder, when it completes, pops one (only holders pop, so the
//! top cannot change its successor meanwhile) and hands the exclusion over, on which that node goes on with its next one.

use std::cell::{Cell, UnsafeCell};
use std::ops::Deref;
use std::ptr::{NonNull, null, null_mut};
use std::sync::Arc;

use super::atomic::{AtomicPtr, AtomicU32, Ordering};
use crate::stress::point;

const REGISTERING: u32 = 1 << 31;
/// Edges that have room in the node itself.
const INLINE_EDGES: usize = 3;
const CHUNK_EDGES: usize = 15;

struct Edge {
    to: Cell<*const Node>,
    next: Cell<*mut Edge>,
}

impl Default for Edge {
    fn default() -> Self {
        Self {
            to: Cell::new(null()),
            next: Cell::new(null_mut()),
        }
    }
}

/// The list of a completed node.
fn closed() -> *mut Edge {
    NonNull::dangling().as_ptr()
}

/// Held by somebody, wanted by nobody else.
fn held() -> *mut Node {
    NonNull::dangling().as_ptr()
}

/// What becomes of a node that has nothing more to wait for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// It is handed to the sink, and completes when its owner says so.
    Task,
    /// It completes at once: a point that others pass through.
    Join,
    /// Its creator waits for it.
    Waiter,
}

/// Where ready nodes go.
pub trait Sink {
    /// The node's task may run.
    fn ready(&mut self, payload: *mut ());
    /// The task that completes is a predecessor of the node's task, which has been waiting for it.
    fn precedes(&mut self, _payload: *mut ()) {}
    /// A waiter has nothing more to wait for. Its payload may be woken; the node must not be touched.
    fn wake(&mut self, payload: *mut ());
}

/// See the module's description.
pub struct Node {
    pending: AtomicU32,
    references: AtomicU32,
    successors: AtomicPtr<Edge>,
    payload: *mut (),
    /// Gives the node's storage back.
    free: unsafe fn(*mut Node),
    kind: Kind,
    /// Edges made. Like the rest of this structure, the creator's while it registers the node.
    edges: Cell<u32>,
    inline: [Edge; INLINE_EDGES],
    #[allow(clippy::vec_box, reason = "edges must stay where they are")]
    chunks: UnsafeCell<Vec<Box<[Edge; CHUNK_EDGES]>>>,
    exclusions: UnsafeCell<Vec<Arc<Exclusion>>>,
    /// How many of the exclusions the node holds. Belongs to whoever makes the node ready.
    held: Cell<u32>,
    /// The node's number in a record; 0: it is in none.
    number: Cell<u32>,
    /// Next in an exclusion's stack, or in a list of joins to complete.
    next: Cell<*const Node>,
}

// SAFETY: who may touch the cells is told in the module's description.
unsafe impl Send for Node {}
// SAFETY: as above.
unsafe impl Sync for Node {}

/// A counted reference to a node.
pub struct NodeRef(NonNull<Node>);

// SAFETY: nodes may be shared, and are freed by any thread.
unsafe impl Send for NodeRef {}

impl Deref for NodeRef {
    type Target = Node;

    #[inline]
    fn deref(&self) -> &Node {
        // SAFETY: the reference keeps it alive.
        unsafe { self.0.as_ref() }
    }
}

impl Clone for NodeRef {
    #[inline]
    fn clone(&self) -> Self {
        // Relaxed: the reference that is cloned keeps the node alive.
        self.references.fetch_add(1, Ordering::Relaxed);
        Self(self.0)
    }
}

impl Drop for NodeRef {
    #[inline]
    fn drop(&mut self) {
        // AcqRel: whoever frees the node has seen all uses of it.
        if self.references.fetch_sub(1, Ordering::AcqRel) == 1 {
            // SAFETY: this was the last reference.
            unsafe { (self.free)(self.0.as_ptr()) };
        }
    }
}

impl NodeRef {
    pub fn new(kind: Kind, payload: *mut ()) -> Self {
        unsafe fn free(node: *mut Node) {
            // SAFETY: it came from the box below, and nobody uses it any more.
            drop(unsafe { Box::from_raw(node) });
        }
        let node = Box::leak(Box::new(Node::new(kind, payload)));
        node.free = free;
        Self(NonNull::from(node))
    }

    /// A task's node in storage of the caller's, with two references: the one returned, and one that the caller makes with
    /// [`NodeRef::from_raw`]. `free` drops the node in place and gives the storage back.
    ///
    /// # Safety
    /// The storage can hold a node, and is there until `free` is called.
    #[inline]
    pub unsafe fn place(storage: *mut Node, payload: *mut (), free: unsafe fn(*mut Node)) -> Self {
        let node = Node {
            references: AtomicU32::new(2),
            free,
            ..Node::new(Kind::Task, payload)
        };
        // SAFETY: the caller's promise; storage is not at null.
        unsafe {
            storage.write(node);
            Self(NonNull::new_unchecked(storage))
        }
    }

    /// The reference as a bare pointer, to be given back to [`NodeRef::from_raw`].
    pub fn into_raw(self) -> *const Node {
        let raw = self.0.as_ptr();
        std::mem::forget(self);
        raw
    }

    /// # Safety
    /// `raw` came from [`NodeRef::into_raw`] and is used once.
    pub unsafe fn from_raw(raw: *const Node) -> Self {
        // SAFETY: the caller's promise; such pointers are not null.
        Self(unsafe { NonNull::new_unchecked(raw.cast_mut()) })
    }

    /// The node is complete: hands its exclusions on and lets its successors know. The ready ones go to `sink`.
    pub fn complete(self, sink: &mut impl Sink) {
        let mut joins = Joins(null());
        self.finish(sink, &mut joins);
        drop(self);
        while let Some(join) = joins.pop() {
            join.finish(sink, &mut joins);
        }
    }

    /// Ends the registration. Returns true if the node is ready already; a join that is ready is completed. The node may be
    /// gone on return, unless the caller holds another reference.
    #[must_use = "a ready task has to run"]
    pub fn registered(self, sink: &mut impl Sink) -> bool {
        let edges = self.edges.get();
        if edges > 0 {
            // The node belongs to its predecessors from here on.
            let raw = self.into_raw();
            // SAFETY: a node lives at least until it is complete, which needs this step.
            let node = unsafe { &*raw };
            if node
                .pending
                .fetch_sub(REGISTERING - edges, Ordering::AcqRel)
                != REGISTERING - edges
            {
                return false;
            }
            // SAFETY: the reference that was forgotten above.
            return unsafe { Self::from_raw(raw) }.when_ready(sink);
        }
        // Nobody else counts.
        self.pending.store(0, Ordering::Relaxed);
        self.when_ready(sink)
    }

    fn when_ready(self, sink: &mut impl Sink) -> bool {
        let task = self.kind == Kind::Task;
        let raw = self.into_raw();
        // SAFETY: the node is ready, and nobody has completed it.
        if !unsafe { (*raw).take_exclusions() } {
            return false;
        }
        if !task {
            // SAFETY: the reference that was forgotten above.
            unsafe { Self::from_raw(raw) }.complete(sink);
        }
        task
    }
}

/// Joins that are ready and have not been completed yet, linked by `next`.
struct Joins(*const Node);

impl Joins {
    fn push(&mut self, node: *const Node) {
        // SAFETY: a ready join belongs to whoever made it ready.
        unsafe { (*node).next.set(self.0) };
        self.0 = node;
    }

    fn pop(&mut self) -> Option<NodeRef> {
        let node = self.0;
        // SAFETY: the list holds each node's own reference, forgotten when it was registered.
        let node = unsafe { (!node.is_null()).then(|| NodeRef::from_raw(node)) }?;
        self.0 = node.next.get();
        Some(node)
    }
}

impl Node {
    /// A node by itself, for a waiter on its creator's stack.
    #[inline]
    pub fn new(kind: Kind, payload: *mut ()) -> Self {
        Self {
            free: |_| {},
            pending: AtomicU32::new(REGISTERING),
            references: AtomicU32::new(1),
            successors: AtomicPtr::new(null_mut()),
            payload,
            kind,
            edges: Cell::new(0),
            inline: Default::default(),
            chunks: UnsafeCell::default(),
            exclusions: UnsafeCell::default(),
            held: Cell::new(0),
            number: Cell::new(0),
            next: Cell::new(null()),
        }
    }

    /// The node's number in a record; 0: it is in none. The creator's.
    pub fn number(&self) -> u32 {
        self.number.get()
    }

    pub fn set_number(&self, number: u32) {
        self.number.set(number);
    }

    /// Everybody who waits for the node knows that it is complete.
    #[inline]
    pub fn is_complete(&self) -> bool {
        // Acquire: what the node's task wrote is seen.
        self.successors.load(Ordering::Acquire) == closed()
    }

    /// Ends a waiter's registration.
    pub fn waits(&self) {
        let edges = self.edges.get();
        self.pending
            .fetch_sub(REGISTERING - edges - 1, Ordering::AcqRel);
    }

    /// For a waiter: it has nothing more to wait for.
    #[inline]
    pub fn is_satisfied(&self) -> bool {
        // Acquire: as `is_complete`, for all its predecessors.
        self.pending.load(Ordering::Acquire) == 1
    }

    /// The node waits for `predecessor`, unless that is complete (then false). Only while the node is being registered.
    pub fn after(&self, predecessor: &Node) -> bool {
        let mut head = predecessor.successors.load(Ordering::Acquire);
        if head == closed() {
            return false;
        }
        let edge = self.edge();
        loop {
            edge.next.set(head);
            point();
            // Release: whoever takes the list sees the edge. Acquire when it fails: see `is_complete`.
            match predecessor.successors.compare_exchange_weak(
                head,
                std::ptr::from_ref(edge).cast_mut(),
                Ordering::Release,
                Ordering::Acquire,
            ) {
                Ok(_) => {
                    self.edges.set(self.edges.get() + 1);
                    return true;
                }
                Err(now) if now == closed() => return false,
                Err(now) => head = now,
            }
        }
    }

    /// The next unused edge.
    fn edge(&self) -> &Edge {
        let number = self.edges.get() as usize;
        let edge = if let Some(edge) = self.inline.get(number) {
            edge
        } else {
            let number = number - INLINE_EDGES;
            // SAFETY: the creator's, while it registers the node; the boxes stay where they are.
            let chunks = unsafe { &mut *self.chunks.get() };
            if chunks.len() == number / CHUNK_EDGES {
                chunks.push(Box::default());
            }
            let edge: *const Edge = &chunks[number / CHUNK_EDGES][number % CHUNK_EDGES];
            // SAFETY: in a box that lives as long as the node.
            unsafe { &*edge }
        };
        edge.to.set(self);
        edge
    }

    /// The node's task must not run while it or another one that has asked for the same exclusion runs. Only while the
    /// node is being registered, and not for waiters.
    pub fn exclude(&self, exclusion: &Arc<Exclusion>) {
        // SAFETY: the creator's, while it registers the node.
        let exclusions = unsafe { &mut *self.exclusions.get() };
        if let Err(at) = exclusions.binary_search_by_key(&Arc::as_ptr(exclusion), Arc::as_ptr) {
            exclusions.insert(at, exclusion.clone());
        }
    }

    fn exclusions(&self) -> &[Arc<Exclusion>] {
        // SAFETY: does not change once the node is registered.
        unsafe { &*self.exclusions.get() }
    }

    /// Takes the exclusions that a ready node does not hold yet. False: it waits for one of them, and belongs to whoever hands
    /// it over.
    fn take_exclusions(&self) -> bool {
        for exclusion in &self.exclusions()[self.held.get() as usize..] {
            self.held.set(self.held.get() + 1);
            if !exclusion.take(self) {
                return false;
            }
        }
        true
    }

    fn finish(&self, sink: &mut impl Sink, joins: &mut Joins) {
        for exclusion in self.exclusions() {
            if let Some(heir) = exclusion.hand_over() {
                // SAFETY: a node that waits for an exclusion is not complete.
                unsafe { go_on(heir, sink, joins) };
            }
        }
        point();
        let mut edge = self.successors.swap(closed(), Ordering::AcqRel);
        while !edge.is_null() {
            // SAFETY: the successor that the edge lies in waits for this count.
            let to = unsafe {
                let to = (*edge).to.get();
                edge = (*edge).next.get();
                to
            };
            // SAFETY: as above.
            unsafe {
                if self.kind == Kind::Task && (*to).kind == Kind::Task {
                    sink.precedes((*to).payload);
                }
                count_down(to, sink, joins);
            }
        }
    }
}

/// # Safety
/// `node` waits for this count.
unsafe fn count_down(node: *const Node, sink: &mut impl Sink, joins: &mut Joins) {
    point();
    // SAFETY: the caller's promise; nothing is read after the count, but by whoever makes the node ready.
    unsafe {
        let waiter = ((*node).kind == Kind::Waiter).then_some((*node).payload);
        let left = (*node).pending.fetch_sub(1, Ordering::AcqRel) - 1;
        match waiter {
            Some(payload) if left == 1 => sink.wake(payload),
            None if left == 0 => go_on(node, sink, joins),
            _ => {}
        }
    }
}

/// # Safety
/// `node` is ready, and the caller is the one who found it so.
unsafe fn go_on(node: *const Node, sink: &mut impl Sink, joins: &mut Joins) {
    // SAFETY: the caller's promise.
    unsafe {
        if !(*node).take_exclusions() {
            return;
        }
        match (*node).kind {
            Kind::Join => joins.push(node),
            _ => sink.ready((*node).payload),
        }
    }
}

/// See the module's description.
pub struct Exclusion(AtomicPtr<Node>);

impl Default for Exclusion {
    fn default() -> Self {
        Self(AtomicPtr::new(null_mut()))
    }
}

impl Exclusion {
    /// False: the node waits for it.
    fn take(&self, node: &Node) -> bool {
        point();
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            let new = if word.is_null() {
                held()
            } else {
                node.next.set(word);
                std::ptr::from_ref(node).cast_mut()
            };
            // Acquire: sees what the last holder wrote. Release: the holder sees the node and its place in the stack.
            match self
                .0
                .compare_exchange_weak(word, new, Ordering::AcqRel, Ordering::Relaxed)
            {
                Ok(_) => return word.is_null(),
                Err(now) => word = now,
            }
        }
    }

    /// The node that holds the exclusion now, in the caller's place.
    fn hand_over(&self) -> Option<*const Node> {
        // Acquire: sees the waiting nodes.
        let mut word = self.0.load(Ordering::Acquire);
        loop {
            let (new, heir) = if word == held() {
                (null_mut(), None)
            } else {
                // SAFETY: a node in the stack stays until it is handed the exclusion, which only the caller may do now.
                (
                    unsafe { (*word).next.get().cast_mut() },
                    Some(word.cast_const()),
                )
            };
            // Release: the next holder sees what this one wrote.
            match self
                .0
                .compare_exchange_weak(word, new, Ordering::AcqRel, Ordering::Acquire)
            {
                Ok(_) => return heir,
                Err(now) => word = now,
            }
        }
    }
}
