//! The dependences among the children of one task: a table from locations to the tasks that named them.
//!
//! Only the thread that executes the parent uses the table, so it needs no lock; what happens between tasks of different threads
//! is `sync::release`'s. The table is made when the first child with dependences is generated, and lets go of all nodes
//! when the parent ends. Before it grows it forgets locations whose tasks are all complete: its size is bounded by the tasks that
//! are under way at one time.

use super::depend_location::{Location, Nobody, Type};
use super::depend_range::Ranges;
use super::depend_record::Record;
use crate::sync::release::{Kind, Node, NodeRef};

/// One item of a task's list of dependences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// A location known by its first byte.
    Address(usize, Type),
    /// `omp_all_memory`.
    AllMemory,
    /// So many rows of bytes, at equal distances: they may overlap other such areas.
    Area(super::depend_range::Area, Type),
}

struct Slot {
    address: usize,
    /// Registration that used the slot last; 0: the slot is free.
    stamp: u64,
    /// Type of dependence of that registration.
    wanted: Type,
    location: Location,
}

impl Default for Slot {
    fn default() -> Self {
        Self {
            address: 0,
            stamp: 0,
            wanted: Type::In,
            location: Location::default(),
        }
    }
}

/// See the module's description.
#[derive(Default)]
pub struct Table {
    /// Open addressing; the length is zero or a power of two.
    slots: Vec<Slot>,
    used: usize,
    stamp: u64,
    /// The last task that depended on all memory, which all locations that come later are behind.
    fence: Option<NodeRef>,
    ranges: Option<Box<Ranges>>,
    /// Positions of one registration's slots; kept for its storage.
    positions: Vec<usize>,
    /// What is being recorded, in the table of a taskgraph.
    pub record: Option<Box<Record>>,
}

const FIRST_SLOTS: usize = 16;

impl Table {
    /// The table of a taskgraph that is being recorded.
    pub fn that_records() -> Self {
        Self {
            record: Some(Box::default()),
            ..Self::default()
        }
    }

    /// `node` waits for its predecessors, and later nodes for it.
    pub fn add(&mut self, node: &NodeRef, items: impl Iterator<Item = Item> + Clone) {
        let mut areas = false;
        let mut positions = std::mem::take(&mut self.positions);
        positions.clear();
        let (least, most) = items.size_hint();
        self.reserve(most.unwrap_or(least));
        self.stamp += 1;
        for item in items.clone() {
            match item {
                Item::Address(address, kind) => {
                    if let Some(position) = self.find(address, kind) {
                        positions.push(position);
                    }
                }
                Item::AllMemory => {
                    self.add_fence(node);
                    self.positions = positions;
                    return;
                }
                Item::Area(..) => areas = true,
            }
        }
        for &position in &positions {
            let slot = &mut self.slots[position];
            slot.location
                .add(node, slot.wanted, self.record.as_deref_mut());
        }
        if areas {
            let ranges = self.ranges.get_or_insert_default();
            let fence = self.fence.as_ref();
            ranges.add(node, items, fence, self.record.as_deref_mut());
        }
        self.positions = positions;
    }

    /// `node` waits for its predecessors, but nobody for it: whoever would is generated later, by the thread that waits.
    pub fn precede(&mut self, node: &Node, items: impl Iterator<Item = Item>) {
        for item in items {
            match item {
                Item::Address(address, kind) => {
                    if let Some(slot) = self.lookup(address) {
                        slot.location.precede(node, kind, None);
                    } else if let Some(fence) = &self.fence {
                        node.after(fence);
                    }
                }
                Item::AllMemory => {
                    self.precede_all(node);
                    return;
                }
                Item::Area(area, kind) => {
                    if let Some(fence) = &self.fence {
                        node.after(fence);
                    }
                    if let Some(ranges) = &mut self.ranges {
                        ranges.precede(node, area, kind);
                    }
                }
            }
        }
    }

    /// `node` waits for everybody in the table.
    pub fn precede_all(&mut self, node: &Node) {
        let mut record = self.record.as_deref_mut();
        if let Some(fence) = &self.fence {
            if let Some(record) = &mut record {
                record.edge(fence, node);
            }
            node.after(fence);
        }
        for slot in self.slots.iter_mut().filter(|slot| slot.stamp != 0) {
            slot.location.precede_all(node, record.as_deref_mut());
        }
        if let Some(ranges) = &mut self.ranges {
            ranges.precede_all(node, record);
        }
    }

    /// The table as children see it that depend on what came before their parent.
    pub fn snapshot(&self) -> Self {
        let mut copy = Self {
            fence: self.fence.clone(),
            ranges: self.ranges.as_ref().map(|ranges| ranges.snapshot().into()),
            ..Self::default()
        };
        copy.take_in(&self.slots, Location::snapshot);
        copy
    }

    /// Later tasks wait for what `other` holds, too.
    pub fn absorb(&mut self, other: &Self) {
        let foreign = |fence: &&NodeRef| {
            let own = self.fence.as_ref().map(|fence| &raw const **fence);
            !fence.is_complete() && own != Some(&raw const ***fence)
        };
        if other.fence.as_ref().filter(foreign).is_some() {
            // Everything waits for it: so does everything that comes later for everything.
            let join = NodeRef::new(Kind::Join, std::ptr::null_mut());
            self.precede_all(&join);
            let mut copy = other.snapshot();
            copy.precede_all(&join);
            self.forget();
            self.fence = Some(join.clone());
            let _ = join.registered(&mut Nobody);
            return;
        }
        self.take_in(&other.slots, Location::snapshot);
        if let Some(ranges) = &other.ranges {
            self.ranges
                .get_or_insert_default()
                .absorb(ranges, self.fence.as_ref());
        }
    }

    /// Copies what is live of other slots; a location that is known here, too, gets the tasks of both.
    fn take_in(&mut self, slots: &[Slot], copy: impl Fn(&Location) -> Location) {
        self.stamp += 1;
        for slot in slots {
            if slot.stamp == 0 || !slot.location.is_live() {
                continue;
            }
            self.reserve(1);
            let known = self.lookup(slot.address).is_some();
            if let Some(position) = self.find(slot.address, Type::In) {
                let location = &mut self.slots[position].location;
                if known {
                    location.absorb(&slot.location);
                } else {
                    *location = copy(&slot.location);
                }
            }
        }
    }

    /// `node` waits for everybody in the table, and everybody who comes later for it.
    pub fn add_fence(&mut self, node: &NodeRef) {
        self.precede_all(node);
        self.forget();
        self.fence = Some(node.clone());
    }

    /// Lets go of all nodes.
    fn forget(&mut self) {
        self.slots.clear();
        self.used = 0;
        self.ranges = None;
        self.fence = None;
    }

    fn start(&self, address: usize) -> usize {
        // Fibonacci hashing: the upper bits depend on all bits of the address.
        let hash = (address as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (hash >> 32) as usize & (self.slots.len() - 1)
    }

    fn lookup(&mut self, address: usize) -> Option<&mut Slot> {
        if self.slots.is_empty() {
            return None;
        }
        let mask = self.slots.len() - 1;
        let mut position = self.start(address);
        loop {
            let slot = &self.slots[position];
            if slot.stamp == 0 {
                return None;
            }
            if slot.address == address {
                return Some(&mut self.slots[position]);
            }
            position = (position + 1) & mask;
        }
    }

    /// The slot of an address, made if there is none. `None`: this registration has named the address before.
    fn find(&mut self, address: usize, kind: Type) -> Option<usize> {
        let mask = self.slots.len() - 1;
        let mut position = self.start(address);
        loop {
            let slot = &mut self.slots[position];
            if slot.stamp == 0 {
                *slot = Slot {
                    address,
                    stamp: self.stamp,
                    wanted: kind,
                    location: Location::behind(self.fence.as_ref()),
                };
                self.used += 1;
                return Some(position);
            }
            if slot.address == address {
                if slot.stamp == self.stamp {
                    slot.wanted = slot.wanted.merged(kind);
                    return None;
                }
                slot.stamp = self.stamp;
                slot.wanted = kind;
                return Some(position);
            }
            position = (position + 1) & mask;
        }
    }

    /// Makes room for so many new locations.
    #[inline]
    fn reserve(&mut self, more: usize) {
        if (self.used + more) * 4 > self.slots.len() * 3 {
            self.grow(more);
        }
    }

    #[cold]
    fn grow(&mut self, more: usize) {
        let keeps_all = self.record.is_some();
        let old = std::mem::take(&mut self.slots);
        let live: Vec<Slot> = old
            .into_iter()
            .filter(|slot| slot.stamp != 0 && (keeps_all || slot.location.is_live()))
            .collect();
        if self.fence.as_ref().is_some_and(|fence| fence.is_complete()) && !keeps_all {
            self.fence = None;
        }
        // Half empty after the new locations have come.
        let size = ((live.len() + more) * 2)
            .next_power_of_two()
            .max(FIRST_SLOTS);
        self.slots.resize_with(size, Slot::default);
        self.used = live.len();
        for slot in live {
            let mut position = self.start(slot.address);
            while self.slots[position].stamp != 0 {
                position = (position + 1) & (size - 1);
            }
            self.slots[position] = slot;
        }
    }
}

#[cfg(test)]
mod tests;
