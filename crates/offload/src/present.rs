//! A device's present table: which intervals of host memory have corresponding storage, where, and how often they are mapped.
//!
//! Entries never overlap and are never empty. Two counts keep an entry: that of `map` clauses, and that of those with the `hold`
//! modifier, which no `delete` touches. An association (`omp_target_associate_ptr`) has an infinite count: maps leave it as it is.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::driver::Address;

/// An entry's name: where its interval begins on the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub usize);

/// Corresponding storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    start: usize,
    end: usize,
    device: Address,
    count: u64,
    holds: u64,
    /// Made by an association.
    infinite: bool,
}

impl Entry {
    pub fn start(&self) -> usize {
        self.start
    }

    pub fn bytes(&self) -> u64 {
        (self.end - self.start) as u64
    }

    /// The device's address of the first byte.
    pub fn device(&self) -> Address {
        self.device
    }

    /// What corresponds to an address in the interval.
    pub fn address_of(&self, host: usize) -> Address {
        self.device
            .wrapping_add(host.wrapping_sub(self.start) as u64)
    }

    /// The reference count, holds included; `None`: infinite.
    pub fn count(&self) -> Option<u64> {
        (!self.infinite).then_some(self.count + self.holds)
    }

    /// Nobody maps it any more.
    pub fn is_unused(&self) -> bool {
        self.count() == Some(0)
    }
}

/// How a list item lies to what is present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    Absent,
    /// All of it is in this entry.
    Within(Key),
    /// Only a part is in this entry, the first of those that it meets.
    Partly(Key),
}

/// See the module's description.
#[derive(Debug, Default)]
pub struct Table {
    entries: BTreeMap<usize, Entry>,
}

impl Table {
    /// Looks `bytes` from `start` on up. An interval of no bytes is where its address is.
    pub fn find(&self, start: usize, bytes: u64) -> Found {
        let end = start.saturating_add(bytes as usize);
        let last = if bytes == 0 { start } else { end - 1 };
        if let Some((_, entry)) = self.entries.range(..=start).next_back()
            && start < entry.end
        {
            return if last < entry.end {
                Found::Within(Key(entry.start))
            } else {
                Found::Partly(Key(entry.start))
            };
        }
        let behind = (Bound::Excluded(start), Bound::Included(last));
        if start < last
            && let Some((_, entry)) = self.entries.range(behind).next()
        {
            return Found::Partly(Key(entry.start));
        }
        Found::Absent
    }

    /// Makes an entry that nobody uses yet. The interval is not empty and absent.
    pub fn insert(&mut self, start: usize, bytes: u64, device: Address) -> Key {
        debug_assert!(bytes > 0 && self.find(start, bytes) == Found::Absent);
        let entry = Entry {
            start,
            end: start + bytes as usize,
            device,
            count: 0,
            holds: 0,
            infinite: false,
        };
        self.entries.insert(start, entry);
        Key(start)
    }

    pub fn get(&self, key: Key) -> Option<&Entry> {
        self.entries.get(&key.0)
    }

    /// Counts a map.
    pub fn retain(&mut self, key: Key, hold: bool) {
        if let Some(entry) = self.entries.get_mut(&key.0).filter(|entry| !entry.infinite) {
            if hold {
                entry.holds += 1;
            } else {
                entry.count += 1;
            }
        }
    }

    /// Takes a map back; a count of 0 stays.
    pub fn release(&mut self, key: Key, hold: bool) {
        if let Some(entry) = self.entries.get_mut(&key.0) {
            let count = if hold {
                &mut entry.holds
            } else {
                &mut entry.count
            };
            *count = count.saturating_sub(1);
        }
    }

    /// `map(delete:)`: sets the count to 0. Holds and associations stay.
    pub fn delete(&mut self, key: Key) {
        if let Some(entry) = self.entries.get_mut(&key.0) {
            entry.count = 0;
        }
    }

    /// Removes an entry; the device's storage is the caller's.
    pub fn remove(&mut self, key: Key) -> Option<Entry> {
        self.entries.remove(&key.0)
    }

    /// `omp_target_associate_ptr`. False: something else is present there. To associate the same again changes nothing.
    pub fn associate(&mut self, start: usize, bytes: u64, device: Address) -> bool {
        if bytes == 0 || start.checked_add(bytes as usize).is_none() {
            return false;
        }
        match self.find(start, bytes) {
            Found::Absent => {
                let key = self.insert(start, bytes, device);
                if let Some(entry) = self.entries.get_mut(&key.0) {
                    entry.infinite = true;
                }
                true
            }
            Found::Within(key) => self.get(key).is_some_and(|entry| {
                entry.infinite
                    && entry.start == start
                    && entry.bytes() == bytes
                    && entry.device == device
            }),
            Found::Partly(_) => false,
        }
    }

    /// `omp_target_disassociate_ptr`. False: the address is not the beginning of an association.
    pub fn disassociate(&mut self, start: usize) -> bool {
        let is_associated = self.entries.get(&start).is_some_and(|entry| entry.infinite);
        if is_associated {
            self.entries.remove(&start);
        }
        is_associated
    }

    /// By the beginning of their intervals.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Forgets everything; the storage of all entries but associations is returned.
    pub fn clear(&mut self) -> Vec<Address> {
        std::mem::take(&mut self.entries)
            .into_values()
            .filter(|entry| !entry.infinite)
            .map(|entry| entry.device)
            .collect()
    }
}
