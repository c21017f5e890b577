//! A device's memory, kept for use again: drivers take long to allocate and to free, and free memory only when the device is idle.
//!
//! Sizes are rounded up to classes, eight for each power of two, so that at most an eighth is wasted. Blocks that are given back
//! wait in their class; when the driver has no more memory, all of them are freed and it is asked again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::driver::{Address, Result};

/// What drivers align to at least, and the smallest block.
const SMALLEST: u64 = 512;

/// See the module's description.
#[derive(Default)]
pub struct Pool(Mutex<State>);

#[derive(Default)]
struct State {
    /// Blocks to be used again, by their size.
    free: HashMap<u64, Vec<Address>>,
    /// Sizes of those in use.
    used: HashMap<Address, u64>,
}

/// The size of the block for `bytes`.
fn class(bytes: u64) -> u64 {
    let bytes = bytes.max(SMALLEST);
    let step = (bytes.next_power_of_two() / 16).max(SMALLEST);
    bytes.div_ceil(step).saturating_mul(step)
}

impl Pool {
    /// A block of at least `bytes`; `allocate` and `free` are the driver's.
    pub fn allocate(
        &self,
        bytes: u64,
        allocate: impl Fn(u64) -> Result<Address>,
        free: impl Fn(Address),
    ) -> Result<Address> {
        let size = if bytes > 1 << 62 { bytes } else { class(bytes) };
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(address) = state.free.get_mut(&size).and_then(Vec::pop) {
            state.used.insert(address, size);
            return Ok(address);
        }
        let address = allocate(size).or_else(|failure| {
            let kept = std::mem::take(&mut state.free);
            if !failure.out_of_memory || kept.values().all(Vec::is_empty) {
                return Err(failure);
            }
            kept.into_values().flatten().for_each(free);
            allocate(size)
        })?;
        state.used.insert(address, size);
        Ok(address)
    }

    /// Keeps a block for later. False: it is none of the pool's.
    pub fn free(&self, address: Address) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(size) = state.used.remove(&address) else {
            return false;
        };
        state.free.entry(size).or_default().push(address);
        true
    }

    /// Whether the address lies in a block in use.
    pub fn holds(&self, address: Address) -> bool {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut used = state.used.iter();
        used.any(|(&start, &size)| (start..start + size).contains(&address))
    }

    /// The blocks in use.
    pub fn used(&self) -> Vec<Address> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.used.keys().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::Failure;
    use std::cell::{Cell, RefCell};

    #[test]
    fn classes_waste_an_eighth_at_most() {
        let mut last = 0;
        for bytes in (1..100_000).chain([1 << 40, (1 << 40) + 1]) {
            let size = class(bytes);
            assert!(size >= bytes && size.is_multiple_of(SMALLEST));
            assert!(size <= SMALLEST * 8 || size - bytes <= bytes / 8, "{bytes}");
            assert!(size >= last, "{bytes}");
            last = size;
        }
    }

    #[test]
    fn blocks_are_used_again() {
        let pool = Pool::default();
        let next = Cell::new(0x1000);
        let make = |bytes| {
            let address = next.get();
            next.set(address + bytes);
            Ok(address)
        };
        let never = |_| panic!("nothing is to be freed");
        let first = pool.allocate(1000, make, never).unwrap();
        let second = pool.allocate(1000, make, never).unwrap();
        assert_ne!(first, second);
        assert!(pool.free(first));
        assert!(!pool.free(first), "once");
        assert_eq!(pool.allocate(1024, make, never).unwrap(), first);
        assert_eq!(pool.used().len(), 2);
        assert!(pool.holds(first + 1023) && !pool.holds(first - 1));
    }

    #[test]
    fn kept_blocks_are_given_up_when_memory_is_short() {
        let pool = Pool::default();
        let freed = RefCell::new(Vec::new());
        let room = Cell::new(true);
        let make = |bytes: u64| {
            if room.replace(false) {
                Ok(bytes)
            } else {
                Err(Failure::out_of_memory("full"))
            }
        };
        let free = |address| {
            freed.borrow_mut().push(address);
            room.set(true);
        };
        let first = pool.allocate(512, make, free).unwrap();
        assert!(pool.allocate(2048, make, free).unwrap_err().out_of_memory);
        assert!(pool.free(first));
        assert!(pool.allocate(2048, make, free).is_ok());
        assert_eq!(*freed.borrow(), [first]);
        assert!(pool.allocate(2048, make, free).unwrap_err().out_of_memory);
    }
}
