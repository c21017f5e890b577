//! What `map` clauses do at the beginning and at the end of a construct, and what `target_update` does.
//!
//! A construct counts each piece of storage once, however many of its items lie in it: the same array under two names is one list item
//! in two clauses. Items that are absent and overlap each other get one piece of storage.

use std::sync::Arc;

use crate::abi::{MapItem, map};
use crate::device::{Data, Device};
use crate::driver::{Address, Failure, Queue};
use crate::error::{DeviceError, ErrorKind};
use crate::layout::Layout;
use crate::present::{Found, Key};
use crate::region::Speaker;
use crate::trace;

/// Where a copy goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    ToDevice,
    FromDevice,
}

type Result<T> = std::result::Result<T, DeviceError>;

/// Who maps, and how.
pub(crate) struct Mapper<'a> {
    pub device: &'a Device,
    pub queue: Arc<dyn Queue>,
    /// The construct, for messages.
    pub construct: Speaker<'a>,
}

/// A piece of storage that a construct uses.
struct Use {
    key: Key,
    /// Some item counts it, and some item holds it.
    counted: bool,
    held: bool,
    deleted: bool,
    is_new: bool,
}

/// The uses of a construct.
#[derive(Default)]
struct Uses(Vec<Use>);

impl Uses {
    fn add(&mut self, key: Key, item: &MapItem) {
        let index = match self.0.iter().position(|used| used.key == key) {
            Some(index) => index,
            None => {
                self.0.push(Use {
                    key,
                    counted: false,
                    held: false,
                    deleted: false,
                    is_new: false,
                });
                self.0.len() - 1
            }
        };
        let used = &mut self.0[index];
        let hold = item.has(map::HOLD);
        used.held |= hold;
        used.counted |= !hold;
        used.deleted |= item.has(map::DELETE);
    }

    fn get(&self, key: Key) -> Option<&Use> {
        self.0.iter().find(|used| used.key == key)
    }
}

impl Mapper<'_> {
    /// Makes the items present, does the copies to the device, and fills in the words. When it fails, nothing has changed.
    ///
    /// # Safety
    /// The sections are valid memory of the host until the queue is waited for.
    pub unsafe fn enter(&self, items: &[MapItem], words: &mut [u64]) -> Result<()> {
        let mut data = self.device.data();
        let data = &mut *data;
        let new = self.make_present(data, items)?;
        let mut uses = Uses::default();
        for item in items.iter().filter(|item| is_mapped(item)) {
            if let Some(key) = key_of(data, item) {
                uses.add(key, item);
            }
        }
        for used in &mut uses.0 {
            used.is_new = new.contains(&used.key);
            for (counts, hold) in [(used.counted, false), (used.held, true)] {
                if counts {
                    data.table.retain(used.key, hold);
                }
            }
            if trace::is_on() {
                self.trace_use(data, used, items);
            }
        }
        for item in items.iter().filter(|item| is_mapped(item)) {
            let Some(key) = key_of(data, item) else {
                continue;
            };
            let is_new = uses.get(key).is_some_and(|used| used.is_new);
            if item.copies(Direction::ToDevice) && (is_new || item.has(map::ALWAYS)) {
                // SAFETY: the caller's promise; the entry has room for the section.
                if let Err(error) = unsafe { self.copy(data, key, item, Direction::ToDevice) } {
                    self.take_back(data, &uses);
                    return Err(error);
                }
                data.filling.insert(key, self.queue.clone());
            } else if let Some(other) = data.filling.get(&key)
                && !Arc::ptr_eq(other, &self.queue)
            {
                let other = other.clone();
                // Its own thread sees its failure.
                if let Err(failure) = other.finish() {
                    self.take_back(data, &uses);
                    return Err(self.failed(item, "waiting for its copy", &failure));
                }
                data.filling.remove(&key);
            }
        }
        self.translate(data, items, words);
        Ok(())
    }

    /// Puts the device's addresses into the words.
    fn translate(&self, data: &Data, items: &[MapItem], words: &mut [u64]) {
        for item in items {
            let Some(word) = words.get_mut(item.word as usize) else {
                continue;
            };
            if item.has(map::SELF) {
                *word = item.data.addr() as u64;
            } else if item.has(map::USE_DEVICE) {
                *word = address_of(data, item).unwrap_or(item.data.addr() as u64);
            } else if !item.has(map::DEVICE) {
                // Sections without elements need not be present: nothing of them is used.
                *word = address_of(data, item).unwrap_or(0);
            }
        }
    }

    /// The entries that it had to make.
    fn make_present(&self, data: &mut Data, items: &[MapItem]) -> Result<Vec<Key>> {
        if let Some(item) = items.iter().find(|item| item.has(map::SELF))
            && !self.device.driver().reaches_host_memory()
        {
            return Err(DeviceError::new(
                ErrorKind::Mapping,
                format!(
                    "{}: {} cannot use the host's storage of `{}`, which the `self` modifier demands",
                    self.construct,
                    self.device.title(),
                    item.name(),
                ),
            ));
        }
        let mut missing: Vec<(usize, usize, &MapItem)> = Vec::new();
        for item in items.iter().filter(|item| is_mapped(item)) {
            match data.table.find(item.low.addr(), item.size) {
                Found::Absent if item.has(map::PRESENT) => return Err(self.not_present(item)),
                Found::Absent if item.size > 0 => {
                    let start = item.low.addr();
                    missing.push((start, start.saturating_add(item.size as usize), item));
                }
                Found::Partly(key) if !item.has(map::IMPLICIT) => {
                    return Err(self.partly_present(data, key, item));
                }
                // Of an array that no clause names, the part that is there is what is meant.
                Found::Absent | Found::Within(_) | Found::Partly(_) => {}
            }
        }
        missing.sort_by_key(|&(start, end, _)| (start, end));
        let mut pieces: Vec<(usize, usize, &MapItem)> = Vec::new();
        for (start, end, item) in missing {
            match pieces.last_mut() {
                Some((_, last, _)) if start < *last => *last = end.max(*last),
                _ => pieces.push((start, end, item)),
            }
        }
        let mut new = Vec::new();
        for (start, end, item) in pieces {
            let bytes = (end - start) as u64;
            match self.device.driver().allocate(bytes) {
                Ok(address) => new.push(data.table.insert(start, bytes, address)),
                Err(failure) => {
                    for key in new {
                        self.remove(data, key);
                    }
                    let doing = format!("allocating {bytes} bytes");
                    return Err(self.failed(item, &doing, &failure));
                }
            }
        }
        Ok(new)
    }

    /// Undoes the counting of a construct that has failed to begin.
    fn take_back(&self, data: &mut Data, uses: &Uses) {
        // What has been copied must not be freed under the copy; its failure is told already.
        let _ = self.queue.finish();
        for used in &uses.0 {
            for (counts, hold) in [(used.counted, false), (used.held, true)] {
                if counts {
                    data.table.release(used.key, hold);
                }
            }
            if used.is_new {
                self.remove(data, used.key);
            }
        }
    }

    fn remove(&self, data: &mut Data, key: Key) {
        data.filling.remove(&key);
        if let Some(entry) = data.table.remove(key) {
            self.device.driver().free(entry.device());
        }
    }

    /// Counts the items of a construct that ends, does the copies from the device, and frees what nobody maps any more. Waits for
    /// the copies. Everything is done that can be, whatever fails; the first error is returned.
    ///
    /// # Safety
    /// The sections are valid memory of the host.
    pub unsafe fn exit(&self, items: &[MapItem]) -> Result<()> {
        let mut data = self.device.data();
        let data = &mut *data;
        let mut uses = Uses::default();
        let mut first = Ok(());
        for item in items.iter().filter(|item| is_mapped(item)) {
            match data.table.find(item.low.addr(), item.size) {
                Found::Within(key) => uses.add(key, item),
                Found::Partly(key) if item.has(map::IMPLICIT) => uses.add(key, item),
                Found::Partly(key) => first = first.and(Err(self.partly_present(data, key, item))),
                Found::Absent if item.has(map::PRESENT) => {
                    first = first.and(Err(self.not_present(item)));
                }
                // What another construct has deleted.
                Found::Absent => {}
            }
        }
        for used in &uses.0 {
            data.filling
                .retain(|key, queue| *key != used.key || !Arc::ptr_eq(queue, &self.queue));
            for (counts, hold) in [(used.counted, false), (used.held, true)] {
                if counts {
                    data.table.release(used.key, hold);
                }
            }
            if used.deleted {
                data.table.delete(used.key);
            }
        }
        let mut copied = false;
        for item in items.iter().filter(|item| is_mapped(item)) {
            let Some(key) = key_of(data, item).filter(|&key| uses.get(key).is_some()) else {
                continue;
            };
            let unused = data.table.get(key).is_some_and(|entry| entry.is_unused());
            if item.copies(Direction::FromDevice) && (unused || item.has(map::ALWAYS)) {
                // SAFETY: the caller's promise.
                let done = unsafe { self.copy(data, key, item, Direction::FromDevice) };
                first = first.and(done);
                copied = true;
            }
        }
        if copied {
            first = first.and(self.wait("copying from it"));
        }
        for used in &uses.0 {
            if data
                .table
                .get(used.key)
                .is_some_and(|entry| entry.is_unused())
            {
                if trace::is_on() {
                    self.trace_use(data, used, items);
                }
                self.remove(data, used.key);
            }
        }
        first
    }

    /// `target_update`: items that are not present are left as they are.
    ///
    /// # Safety
    /// The sections are valid memory of the host.
    pub unsafe fn update(&self, items: &[MapItem]) -> Result<()> {
        let data = self.device.data();
        for item in items {
            let key = match data.table.find(item.low.addr(), item.size) {
                Found::Within(key) => key,
                Found::Partly(key) => return Err(self.partly_present(&data, key, item)),
                Found::Absent if item.has(map::PRESENT) => return Err(self.not_present(item)),
                Found::Absent => continue,
            };
            for direction in [Direction::ToDevice, Direction::FromDevice] {
                if item.copies(direction) {
                    // SAFETY: the caller's promise.
                    unsafe { self.copy(&data, key, item, direction)? };
                }
            }
        }
        self.wait("copying")
    }

    /// Waits until what has been copied to the device is there.
    pub fn settle(&self) -> Result<()> {
        let done = self.wait("copying to it");
        self.device
            .data()
            .filling
            .retain(|_, queue| !Arc::ptr_eq(queue, &self.queue));
        done
    }

    /// Waits for the queue.
    pub fn wait(&self, doing: &str) -> Result<()> {
        self.queue.finish().map_err(|failure| {
            let doing = format_args!("{}: {doing}", self.construct);
            self.device.error(ErrorKind::Kernel, doing, &failure)
        })
    }

    /// # Safety
    /// The section is valid memory of the host until the queue is waited for.
    unsafe fn copy(
        &self,
        data: &Data,
        key: Key,
        item: &MapItem,
        direction: Direction,
    ) -> Result<()> {
        let Some(entry) = data.table.get(key) else {
            return Ok(());
        };
        let (shape, strides) = item.dimensions();
        let layout = if item.ndim == 0 {
            Layout::new(item.size, &[], &[])
        } else {
            Layout::new(item.itemsize, shape, strides)
        };
        let Some(layout) = layout else {
            return Ok(());
        };
        // An implicit item may reach beyond the part that is present.
        if item.low.addr() < entry.start()
            || layout.span() > entry.bytes() - (item.low.addr() - entry.start()) as u64
        {
            return Ok(());
        }
        let device = entry.address_of(item.low.addr());
        trace::event(self.device.number(), || {
            let way = match direction {
                Direction::ToDevice => "to the device",
                Direction::FromDevice => "from the device",
            };
            format!("copy {}: {} bytes {way}", item.name(), layout.total())
        });
        layout
            .each(|offset, rows| {
                let host = item.low.wrapping_add(offset as usize);
                // SAFETY: the caller's promise; the entry covers the section.
                unsafe { copy_rows(&*self.queue, direction, host, device + offset, rows) }
            })
            .map_err(|failure| self.failed(item, "copying", &failure))
    }

    fn failed(&self, item: &MapItem, doing: &str, failure: &Failure) -> DeviceError {
        let name = item.name();
        let doing = format_args!("{}: {doing} for `{name}`", self.construct);
        self.device.error(ErrorKind::Mapping, doing, failure)
    }

    fn not_present(&self, item: &MapItem) -> DeviceError {
        DeviceError::new(
            ErrorKind::Mapping,
            format!(
                "{}: `{}` is not present on {}, which the `present` modifier demands",
                self.construct,
                item.name(),
                self.device.title()
            ),
        )
    }

    fn partly_present(&self, data: &Data, key: Key, item: &MapItem) -> DeviceError {
        let present = data.table.get(key).map_or(0, |entry| entry.bytes());
        DeviceError::new(
            ErrorKind::Mapping,
            format!(
                "{}: `{}` ({} bytes) is present on {} only in part: it overlaps {present} bytes that are mapped already; \
                 map the larger section first, or unmap the smaller one",
                self.construct,
                item.name(),
                item.size,
                self.device.title()
            ),
        )
    }

    fn trace_use(&self, data: &Data, used: &Use, items: &[MapItem]) {
        let Some(entry) = data.table.get(used.key) else {
            return;
        };
        let names: Vec<String> = items
            .iter()
            .filter(|item| is_mapped(item) && key_of(data, item) == Some(used.key))
            .map(MapItem::name)
            .collect();
        trace::event(self.device.number(), || {
            let count = match entry.count() {
                None => "associated".to_owned(),
                Some(0) => "freed".to_owned(),
                Some(count) if used.is_new => format!("allocated, count {count}"),
                Some(count) => format!("count {count}"),
            };
            format!(
                "map {}: {} bytes at {:#x}, {count}",
                names.join(", "),
                entry.bytes(),
                entry.device(),
            )
        });
    }
}

/// Does the item have corresponding storage?
fn is_mapped(item: &MapItem) -> bool {
    !item.has(map::NOT_MAPPED)
}

fn key_of(data: &Data, item: &MapItem) -> Option<Key> {
    match data.table.find(item.low.addr(), item.size) {
        Found::Within(key) => Some(key),
        Found::Partly(key) if item.has(map::IMPLICIT) => Some(key),
        Found::Partly(_) | Found::Absent => None,
    }
}

/// What the item's word becomes.
fn address_of(data: &Data, item: &MapItem) -> Option<Address> {
    // `use_device_*` name a variable, of which any part may be mapped.
    let key = match data.table.find(item.low.addr(), item.size) {
        Found::Within(key) => key,
        Found::Partly(key) if item.has(map::IMPLICIT | map::NOT_MAPPED) => key,
        Found::Partly(_) | Found::Absent => return None,
    };
    Some(data.table.get(key)?.address_of(item.data.addr()))
}

/// # Safety
/// As [`Queue::rows_in`] and [`Queue::rows_out`].
unsafe fn copy_rows(
    queue: &dyn Queue,
    direction: Direction,
    host: *mut u8,
    device: Address,
    rows: (u64, u64, u64),
) -> std::result::Result<(), Failure> {
    // SAFETY: the caller's promise.
    unsafe {
        match (direction, rows) {
            (Direction::ToDevice, (bytes, _, 1)) => queue.copy_in(device, host, bytes),
            (Direction::ToDevice, _) => queue.rows_in(device, host, rows),
            (Direction::FromDevice, (bytes, _, 1)) => queue.copy_out(host, device, bytes),
            (Direction::FromDevice, _) => queue.rows_out(host, device, rows),
        }
    }
}
