//! Random tasks with random dependences, compared with the definition of the types: a task is ready exactly when it has to be.

use super::*;
use crate::sync::release::{Kind, Sink};
use crate::task::depend_range::Area;

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
