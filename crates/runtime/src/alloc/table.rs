//! Handles: numbers that name objects a program has made (allocators, memory partitioners, memory partitions).
//!
//! A handle holds the index of a slot and the slot's generation, which advances when its object is removed, so a number
//! that no longer names anything is recognised instead of followed. Looking a handle up takes no lock: the slot's
//! generation is compared, then the pointer is loaded (Acquire, paired with the Release by which `insert` publishes the
//! object). Inserting and removing take the lock of the free list.

use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

use crate::process::ForkSafe;

/// Below it no handle is ever given: predefined objects have these numbers.
const FIRST_HANDLE: u32 = 1 << 15;

struct Slot<T> {
    generation: AtomicU32,
    object: AtomicPtr<T>,
}

/// Slots that have been used before, and the first that has not.
pub struct Free {
    used: Vec<u32>,
    next: u32,
}

/// See the module's description.
pub struct Table<T, const N: usize> {
    slots: [Slot<T>; N],
    pub free: ForkSafe<Free>,
}

impl<T, const N: usize> Table<T, N> {
    pub const fn new() -> Self {
        assert!(N <= FIRST_HANDLE as usize);
        Self {
            slots: [const {
                Slot {
                    generation: AtomicU32::new(0),
                    object: AtomicPtr::new(null_mut()),
                }
            }; N],
            free: ForkSafe::new(Free {
                used: Vec::new(),
                next: 0,
            }),
        }
    }

    /// Keeps the object; `None` when all slots are taken.
    pub fn insert(&self, object: T) -> Option<usize> {
        let mut free = self.free.lock();
        let index = match free.used.pop() {
            Some(index) => index,
            None if (free.next as usize) < N => {
                free.next += 1;
                free.next - 1
            }
            None => return None,
        };
        let slot = &self.slots[index as usize];
        let generation = slot.generation.load(Ordering::Relaxed);
        slot.object
            .store(Box::into_raw(Box::new(object)), Ordering::Release);
        Some((generation << 16 | FIRST_HANDLE | index) as usize)
    }

    fn slot(&self, handle: usize) -> Option<&Slot<T>> {
        let handle = u32::try_from(handle).ok()?;
        if handle & FIRST_HANDLE == 0 {
            return None;
        }
        let slot = self.slots.get((handle & (FIRST_HANDLE - 1)) as usize)?;
        (slot.generation.load(Ordering::Relaxed) == handle >> 16).then_some(slot)
    }

    /// The object of that handle.
    ///
    /// # Safety
    /// Nobody removes the object while the reference is in use.
    #[inline]
    pub unsafe fn get(&self, handle: usize) -> Option<&T> {
        // SAFETY: the pointer is null or the object's, which lives until it is removed.
        unsafe { self.slot(handle)?.object.load(Ordering::Acquire).as_ref() }
    }

    /// Takes the object out; the handle names nothing from now on.
    pub fn remove(&self, handle: usize) -> Option<Box<T>> {
        let mut free = self.free.lock();
        let slot = self.slot(handle)?;
        let object = slot.object.swap(null_mut(), Ordering::AcqRel);
        if object.is_null() {
            return None;
        }
        // Sixteen bits of the generation fit into a handle.
        let generation = (slot.generation.load(Ordering::Relaxed) + 1) & 0xffff;
        slot.generation.store(generation, Ordering::Relaxed);
        free.used.push(handle as u32 & (FIRST_HANDLE - 1));
        // SAFETY: `insert` has made it from a box, and the swap gives it to one caller only.
        Some(unsafe { Box::from_raw(object) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_handle_names_nothing_even_when_its_slot_is_used_again() {
        let table: Table<i32, 2> = Table::new();
        let first = table.insert(1).unwrap();
        let second = table.insert(2).unwrap();
        assert_eq!(table.insert(3), None);
        assert_eq!(table.remove(first).as_deref(), Some(&1));
        assert!(table.remove(first).is_none());
        let third = table.insert(3).unwrap();
        assert_ne!(first, third);
        // SAFETY: one thread.
        unsafe {
            assert_eq!(table.get(first), None);
            assert_eq!(table.get(second), Some(&2));
            assert_eq!(table.get(third), Some(&3));
        }
    }

    #[test]
    fn other_numbers_name_nothing() {
        let table: Table<i32, 4> = Table::new();
        table.insert(1).unwrap();
        for number in [0, 1, 8, 32768 + 1, 1 << 31, usize::MAX] {
            // SAFETY: one thread.
            assert_eq!(unsafe { table.get(number) }, None);
        }
    }
}
