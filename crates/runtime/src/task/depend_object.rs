//! Dependence objects: numbers that stand for lists of dependences, so that the program can hand them on. A number is never
//! used again, so an object that has been destroyed is known to be none. They are the process's: any thread may use any of them, and
//! the order in which the program's threads do so is the program's affair.

use std::collections::BTreeMap;

use super::depend_location::Type;
use super::depend_table::Item;
use crate::process::ForkSafe;

/// All objects there are, and how many there have been.
#[derive(Debug, Default)]
pub struct Objects {
    made: i64,
    items: BTreeMap<i64, Box<[Item]>>,
}

pub static OBJECTS: ForkSafe<Objects> = ForkSafe::new(Objects {
    made: 0,
    items: BTreeMap::new(),
});

/// A new object, which is not 0.
pub fn new(items: impl Iterator<Item = Item>) -> i64 {
    let items = items.collect();
    let mut objects = OBJECTS.lock();
    objects.made += 1;
    let number = objects.made;
    objects.items.insert(number, items);
    number
}

/// What an object stands for; nothing if it is none.
pub fn items(object: i64) -> Vec<Item> {
    let objects = OBJECTS.lock();
    objects
        .items
        .get(&object)
        .map_or(vec![], |items| items.to_vec())
}

pub fn exists(object: i64) -> bool {
    OBJECTS.lock().items.contains_key(&object)
}

/// Gives its dependences another type. False: it is no object.
pub fn update(object: i64, to: Type) -> bool {
    let mut objects = OBJECTS.lock();
    let Some(items) = objects.items.get_mut(&object) else {
        return false;
    };
    for item in items {
        match item {
            Item::Address(_, kind) | Item::Area(_, kind) => *kind = to,
            Item::AllMemory => {}
        }
    }
    true
}

/// False: it is no object.
pub fn destroy(object: i64) -> bool {
    OBJECTS.lock().items.remove(&object).is_some()
}
