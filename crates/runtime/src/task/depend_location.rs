//! What a table of dependences knows of one location: the tasks that a new task with this location may have to wait for.
//!
//! A location's history is a sequence of *sets* of tasks. Tasks of one set do not wait for each other; each waits for all
//! tasks of the set before. A new task joins the current set if that has the task's own type and the type allows several
//! (`in`, `inoutset`, `mutexinoutset`); else it begins a new set. So two sets are enough to remember: the current one, and the one before
//! as long as the current one may grow. Tasks of a `mutexinoutset` set exclude each other.
//!
//! Tasks that are complete are taken out of the sets when somebody passes by, so a set that grows for ever stays as large as its
//! live part.

use std::sync::Arc;

use super::depend_record::Record;
use crate::sync::release::{Exclusion, Kind as NodeKind, Node, NodeRef};

/// Dependence types, as far as they differ in what they wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    In,
    /// `out` and `inout`.
    Out,
    MutexInoutSet,
    InoutSet,
}

impl Type {
    fn joins(self) -> bool {
        self != Self::Out
    }

    /// What a task depends with that names the same location twice.
    pub fn merged(self, other: Self) -> Self {
        if self == other { self } else { Self::Out }
    }
}

/// A set of this size or more is summed up in one node before several tasks wait for all of it.
const MANY: usize = 8;
/// A set is looked through for complete tasks whenever it has grown to a multiple of this.
const GROWN: usize = 32;

/// A few nodes; one of them needs no storage of its own.
#[derive(Default)]
pub struct Set {
    first: Option<NodeRef>,
    rest: Vec<NodeRef>,
}

impl Set {
    pub fn of(node: NodeRef) -> Self {
        Self {
            first: Some(node),
            rest: Vec::new(),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &NodeRef> {
        self.first.iter().chain(&self.rest)
    }

    fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.rest.len()
    }

    fn push(&mut self, node: NodeRef, record: Option<&Record>) {
        if self.first.is_none() {
            self.first = Some(node);
            return;
        }
        if self.rest.len() == self.rest.capacity() && self.rest.len() >= GROWN && record.is_none() {
            self.rest.retain(|node| !node.is_complete());
            if self.rest.len() > self.rest.capacity() / 2 {
                self.rest.reserve(self.rest.capacity());
            }
        }
        self.rest.push(node);
    }

    /// `node` waits for all of the set.
    fn precede(&mut self, node: &Node, record: Option<&mut Record>) {
        if let Some(record) = record {
            for predecessor in self.iter() {
                record.edge(predecessor, node);
                node.after(predecessor);
            }
            return;
        }
        self.rest.retain(|predecessor| node.after(predecessor));
        if let Some(first) = &self.first
            && !node.after(first)
        {
            self.first = self.rest.pop();
        }
    }

    fn is_live(&self) -> bool {
        self.iter().any(|node| !node.is_complete())
    }
}

/// See the module's description.
#[derive(Default)]
pub struct Location {
    kind: Option<Type>,
    current: Set,
    /// What tasks that join the current set wait for.
    before: Set,
    exclusion: Option<Arc<Exclusion>>,
}

impl Location {
    /// A location whose tasks all wait for `fence`.
    pub fn behind(fence: Option<&NodeRef>) -> Self {
        Self {
            kind: Some(Type::Out),
            current: Set {
                first: fence.cloned(),
                rest: Vec::new(),
            },
            ..Self::default()
        }
    }

    /// Some task may have to wait because of this location.
    pub fn is_live(&self) -> bool {
        self.current.is_live() || self.before.is_live()
    }

    /// `node` waits for the tasks that it depends on by this location, but is not remembered. It cannot be kept from running
    /// beside others, so it waits for those that exclude it.
    pub fn precede(&mut self, node: &Node, kind: Type, record: Option<&mut Record>) {
        if matches!(kind, Type::In | Type::InoutSet) && self.kind == Some(kind) {
            self.before.precede(node, record);
        } else {
            self.current.precede(node, record);
        }
    }

    /// `node` waits for all tasks of this location.
    pub fn precede_all(&mut self, node: &Node, record: Option<&mut Record>) {
        self.current.precede(node, record);
    }

    /// `node` waits for the tasks that it depends on, and later tasks for it.
    pub fn add(&mut self, node: &NodeRef, kind: Type, mut record: Option<&mut Record>) {
        if kind.joins() && self.kind == Some(kind) && self.current.first.is_some() {
            self.before.precede(node, record.as_deref_mut());
            self.current.push(node.clone(), record.as_deref());
        } else {
            if kind.joins() && self.current.len() >= MANY {
                self.sum_up(record.as_deref_mut());
            }
            self.current.precede(node, record.as_deref_mut());
            let before = std::mem::replace(&mut self.current, Set::of(node.clone()));
            self.before = if kind.joins() { before } else { Set::default() };
            self.kind = Some(kind);
            self.exclusion = (kind == Type::MutexInoutSet).then(Arc::default);
        }
        if let Some(exclusion) = &self.exclusion {
            node.exclude(exclusion);
            if let Some(record) = record {
                record.exclusion(node, exclusion);
            }
        }
    }

    /// Puts one node in the place of the current set, so that many successors of many predecessors need few edges.
    fn sum_up(&mut self, mut record: Option<&mut Record>) {
        let join = NodeRef::new(NodeKind::Join, std::ptr::null_mut());
        if let Some(record) = &mut record {
            record.join(&join);
        }
        self.current.precede(&join, record);
        let known = join.clone();
        // A join has no task: nothing becomes ready but what is complete at once.
        let _ = join.registered(&mut Nobody);
        self.current = Set::of(known);
    }

    /// Takes in what another table knows of the same location: later tasks wait for the tasks of both.
    pub fn absorb(&mut self, other: &Self) {
        for node in other.current.iter().chain(other.before.iter()) {
            if !node.is_complete() {
                self.current.push(node.clone(), None);
            }
        }
        for node in std::mem::take(&mut self.before).iter() {
            self.current.push(node.clone(), None);
        }
        // No type joins a set of mixed types.
        self.kind = Some(Type::Out);
        self.exclusion = None;
    }

    /// The location as a task sees it whose children depend on what came before the task.
    pub fn snapshot(&self) -> Self {
        let copy = |set: &Set| Set {
            first: set.first.clone(),
            rest: set.rest.clone(),
        };
        Self {
            kind: self.kind,
            current: copy(&self.current),
            before: copy(&self.before),
            exclusion: self.exclusion.clone(),
        }
    }
}

/// Nothing can become ready where it stands.
pub struct Nobody;

impl crate::sync::release::Sink for Nobody {
    fn ready(&mut self, _payload: *mut ()) {
        unreachable!("a node without successors has made one ready");
    }
    fn wake(&mut self, _payload: *mut ()) {
        unreachable!("a node without successors has woken one");
    }
}
