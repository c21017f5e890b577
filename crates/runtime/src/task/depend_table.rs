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
mod tests {
    use super::super::depend_range::Area;
    use super::*;
    use crate::sync::release::{Kind, Sink};

    /// Ready tasks, by the number that serves as their payload.
    #[derive(Default)]
    struct Ready(Vec<usize>);

    impl Sink for Ready {
        fn ready(&mut self, payload: *mut ()) {
            self.0.push(payload as usize);
        }
        fn wake(&mut self, _payload: *mut ()) {}
    }

    struct Random(u64);

    impl Random {
        fn below(&mut self, limit: usize) -> usize {
            self.0 = self
                .0
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (self.0 >> 33) as usize % limit
        }
    }

    const TYPES: [Type; 4] = [Type::In, Type::Out, Type::MutexInoutSet, Type::InoutSet];

    /// What the model knows of an item: type and bytes, or everything.
    fn parts(item: &Item) -> (Type, Option<Vec<usize>>) {
        match *item {
            Item::Address(address, kind) => (kind, Some(vec![address])),
            Item::AllMemory => (Type::Out, None),
            Item::Area(area, kind) => {
                let bytes = 0..256;
                let byte =
                    |at: &usize| Area::new(*at, 1, 1, 0).is_some_and(|byte| byte.overlaps(&area));
                (kind, Some(bytes.filter(byte).collect()))
            }
        }
    }

    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    enum Relation {
        None,
        Before,
        Excludes,
    }

    /// What an earlier task is to a later one, by the definition of the types.
    fn relation(earlier: &[Item], later: &[Item], exclusive: bool) -> Relation {
        let mut relation = Relation::None;
        // A location that a task names twice counts with both types together.
        let types = |items: &[Item]| {
            let mut found: std::collections::BTreeMap<usize, Type> = Default::default();
            let mut all = false;
            for item in items {
                let (kind, bytes) = parts(item);
                match bytes {
                    None => all = true,
                    Some(bytes) => {
                        for byte in bytes {
                            found
                                .entry(byte)
                                .and_modify(|known| *known = known.merged(kind))
                                .or_insert(kind);
                        }
                    }
                }
            }
            (found, all)
        };
        let (a, b) = (types(earlier), types(later));
        if (a.1 && (b.1 || !b.0.is_empty())) || (b.1 && !a.0.is_empty()) {
            return Relation::Before;
        }
        for (byte, kind) in &b.0 {
            let Some(other) = a.0.get(byte) else {
                continue;
            };
            match (kind, other) {
                (Type::In, Type::In) | (Type::InoutSet, Type::InoutSet) => {}
                (Type::MutexInoutSet, Type::MutexInoutSet) if exclusive => {
                    if relation == Relation::None {
                        relation = Relation::Excludes;
                    }
                }
                _ => return Relation::Before,
            }
        }
        relation
    }

    /// Generates tasks with the lists that `draw` makes, and completes ready ones in random order meanwhile. A task must be ready exactly
    /// when all that it depends on are complete and nobody who excludes it runs; in the end all must have run.
    fn check(seed: u64, tasks: usize, exclusive: bool, draw: impl Fn(&mut Random) -> Vec<Item>) {
        let mut random = Random(seed);
        let mut table = Table::default();
        let mut lists: Vec<Vec<Item>> = Vec::new();
        // For each task: what each earlier one is to it.
        let mut relations: Vec<Vec<Relation>> = Vec::new();
        let mut nodes: Vec<NodeRef> = Vec::new();
        let mut complete: Vec<bool> = Vec::new();
        let mut ready = Ready::default();
        let mut left = tasks;
        while left > 0 {
            if lists.len() < tasks && (ready.0.is_empty() || random.below(3) > 0) {
                let list = draw(&mut random);
                let number = lists.len();
                let node = NodeRef::new(Kind::Task, number as *mut ());
                table.add(&node, list.iter().copied());
                nodes.push(node.clone());
                relations.push(
                    lists
                        .iter()
                        .map(|earlier| relation(earlier, &list, exclusive))
                        .collect(),
                );
                lists.push(list);
                complete.push(false);
                if node.registered(&mut ready) {
                    ready.0.push(number);
                }
            } else {
                assert!(!ready.0.is_empty(), "seed {seed}: nothing is ready");
                let number = ready.0.swap_remove(random.below(ready.0.len()));
                complete[number] = true;
                left -= 1;
                nodes[number].clone().complete(&mut ready);
            }
            // Nothing is ready too early, and nothing waits without a reason.
            for later in (0..lists.len()).filter(|&later| !complete[later]) {
                let is_ready = ready.0.contains(&later);
                let mut reason = false;
                for other in (0..lists.len()).filter(|&other| other != later && !complete[other]) {
                    let relation = if other < later {
                        relations[later][other]
                    } else {
                        relations[other][later]
                    };
                    match relation {
                        Relation::Before if other < later => {
                            reason = true;
                            assert!(
                                !is_ready,
                                "seed {seed}: {later} {:?} is ready before {other} {:?}",
                                lists[later], lists[other]
                            );
                        }
                        // Whoever excludes it may itself wait for another exclusion, and keep what it has.
                        Relation::Excludes => {
                            reason = true;
                            assert!(
                                !(is_ready && ready.0.contains(&other)),
                                "seed {seed}: {other} and {later} run together"
                            );
                        }
                        _ => {}
                    }
                }
                assert!(
                    is_ready || reason,
                    "seed {seed}: {later} {:?} waits for nobody",
                    lists[later]
                );
            }
        }
    }

    #[test]
    fn tasks_wait_exactly_for_those_that_their_locations_say() {
        for seed in 0..100 {
            check(seed, 60, true, |random| {
                (0..1 + random.below(3))
                    .map(|_| Item::Address(8 * random.below(5), TYPES[random.below(4)]))
                    .collect()
            });
        }
    }

    #[test]
    fn all_memory_is_every_location() {
        for seed in 0..60 {
            check(seed, 50, true, |random| {
                if random.below(8) == 0 {
                    return vec![Item::AllMemory];
                }
                (0..1 + random.below(3))
                    .map(|_| Item::Address(random.below(40), TYPES[random.below(4)]))
                    .collect()
            });
        }
    }

    #[test]
    fn areas_that_overlap_are_dependences() {
        for seed in 0..60 {
            check(seed, 40, false, |random| {
                (0..1 + random.below(3))
                    .filter_map(|_| {
                        let start = 64 + random.below(64);
                        let area = Area::new(
                            start,
                            1 + random.below(24),
                            1 + random.below(3),
                            random.below(40) as isize - 20,
                        )?;
                        Some(Item::Area(area, TYPES[random.below(2)]))
                    })
                    .collect()
            });
        }
    }

    #[test]
    fn many_readers_and_many_writers_of_a_set_all_wait() {
        for seed in 0..6 {
            check(seed, 200, true, |random| {
                let kind = if random.below(30) == 0 {
                    TYPES[random.below(4)]
                } else {
                    [Type::In, Type::InoutSet][random.below(20) / 19]
                };
                vec![Item::Address(0, kind)]
            });
        }
    }

    #[test]
    fn a_table_stays_as_large_as_what_is_under_way() {
        let mut table = Table::default();
        let mut ready = Ready::default();
        for number in 0..100_000usize {
            let node = NodeRef::new(Kind::Task, number as *mut ());
            let area = Area::new(number * 64, 64, 1, 0).expect("not empty");
            let items = [
                Item::Address(number * 8, Type::In),
                Item::Address(1, Type::In),
                Item::Area(area, Type::Out),
            ];
            table.add(&node, items.into_iter());
            assert!(node.clone().registered(&mut ready));
            node.complete(&mut ready);
        }
        assert!(
            table.slots.len() <= 4 * FIRST_SLOTS,
            "{}",
            table.slots.len()
        );
        assert!(table.ranges.is_some_and(|ranges| ranges.size() <= 128));
    }
}
