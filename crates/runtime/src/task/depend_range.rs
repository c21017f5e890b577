//! Dependences by areas of memory that may overlap: elements, slices, blocks of a matrix.
//!
//! Clang's locations are identical or disjoint; Omply's may overlap in any way. Each area that is named gets a location of its own,
//! found again by its description. When an area is named for the first time, the areas known by then that overlap it are looked
//! up, and the two sides note each other as *neighbours*. A task is remembered with the areas it names and with no others; it waits
//! for the tasks remembered with these areas and with their neighbours. So tasks wait for each other exactly when their areas overlap,
//! and a program whose areas never overlap in part pays one look-up for each.
//!
//! Neighbours are found by position: areas are kept in order of their first byte, by classes of their extent, so that a search passes
//! only areas that begin near enough.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::depend_location::{Location, Type};
use super::depend_record::Record;
use super::depend_table::Item;
use crate::sync::release::{Node, NodeRef};

/// `rows` times `length` bytes, each row `stride` bytes after the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Area {
    start: usize,
    length: usize,
    rows: usize,
    stride: usize,
}

impl Area {
    /// Its first byte.
    pub fn start(&self) -> usize {
        self.start
    }

    /// `None`: the area is empty. Rows may follow each other downwards.
    pub fn new(start: usize, length: usize, rows: usize, stride: isize) -> Option<Self> {
        if length == 0 || rows == 0 {
            return None;
        }
        let above = (rows - 1).saturating_mul(stride.unsigned_abs());
        let area = if rows == 1 || stride.unsigned_abs() == length {
            let start = if stride < 0 {
                start.saturating_sub(above)
            } else {
                start
            };
            Self {
                start,
                length: above + length,
                rows: 1,
                stride: 0,
            }
        } else if stride < 0 {
            Self {
                start: start.saturating_sub(above),
                length,
                rows,
                stride: stride.unsigned_abs(),
            }
        } else {
            Self {
                start,
                length,
                rows,
                stride: stride.unsigned_abs(),
            }
        };
        // All rows at one place are one row.
        Some(if area.stride == 0 {
            Self { rows: 1, ..area }
        } else {
            area
        })
    }

    fn end(&self) -> usize {
        self.start
            .saturating_add((self.rows - 1).saturating_mul(self.stride))
            .saturating_add(self.length)
    }

    /// Some byte of the area lies in `low..high`.
    fn meets(&self, low: usize, high: usize) -> bool {
        if low >= self.end() || high <= self.start {
            return false;
        }
        if self.rows == 1 {
            return true;
        }
        // The first row that ends after `low`.
        let row = if low < self.start + self.length {
            0
        } else {
            (low - self.start - self.length) / self.stride + 1
        };
        row < self.rows && self.start + row * self.stride < high
    }

    pub fn overlaps(&self, other: &Self) -> bool {
        let (few, many) = if self.rows <= other.rows {
            (self, other)
        } else {
            (other, self)
        };
        many.meets(few.start, few.end())
            && (0..few.rows).any(|row| {
                let low = few.start + row * few.stride;
                many.meets(low, low + few.length)
            })
    }
}

struct Known {
    area: Area,
    location: Location,
    neighbours: Vec<usize>,
    /// Registration that named the area last, and with which type.
    stamp: u64,
    wanted: Type,
}

/// See the module's description.
#[derive(Default)]
pub struct Ranges {
    known: Vec<Known>,
    index: HashMap<Area, usize>,
    /// By the logarithm of the extent: first byte and number of each area.
    by_start: BTreeMap<u32, BTreeSet<(usize, usize)>>,
    stamp: u64,
    /// Areas at which complete ones are looked for again.
    limit: usize,
}

const FIRST_LIMIT: usize = 64;

impl Ranges {
    /// `node` waits for its predecessors, and later nodes for it.
    pub fn add(
        &mut self,
        node: &NodeRef,
        items: impl Iterator<Item = Item>,
        fence: Option<&NodeRef>,
        mut record: Option<&mut Record>,
    ) {
        if self.known.len() >= self.limit.max(FIRST_LIMIT) && record.is_none() {
            self.forget_complete();
        }
        self.stamp += 1;
        let mut named = Vec::new();
        for item in items {
            let Item::Area(area, kind) = item else {
                continue;
            };
            let number = self.number(area, fence);
            let known = &mut self.known[number];
            if known.stamp == self.stamp {
                known.wanted = known.wanted.merged(kind);
            } else {
                known.stamp = self.stamp;
                known.wanted = kind;
                named.push(number);
            }
        }
        // First what the neighbours know, then the areas themselves: a task that names overlapping areas is not to wait for itself.
        for &number in &named {
            self.ask_neighbours(node, number, self.known[number].wanted, &mut record);
        }
        for &number in &named {
            let known = &mut self.known[number];
            known
                .location
                .add(node, known.wanted, record.as_deref_mut());
        }
    }

    fn ask_neighbours(
        &mut self,
        node: &Node,
        number: usize,
        kind: Type,
        record: &mut Option<&mut Record>,
    ) {
        for at in 0..self.known[number].neighbours.len() {
            let neighbour = self.known[number].neighbours[at];
            self.known[neighbour]
                .location
                .precede(node, kind, record.as_deref_mut());
        }
    }

    /// `node` waits for the tasks it depends on.
    pub fn precede(&mut self, node: &Node, area: Area, kind: Type) {
        if let Some(&number) = self.index.get(&area) {
            self.ask_neighbours(node, number, kind, &mut None);
            self.known[number].location.precede(node, kind, None);
        } else {
            for number in self.overlapping(&area) {
                self.known[number].location.precede(node, kind, None);
            }
        }
    }

    pub fn precede_all(&mut self, node: &Node, mut record: Option<&mut Record>) {
        for known in &mut self.known {
            known.location.precede_all(node, record.as_deref_mut());
        }
    }

    fn overlapping(&self, area: &Area) -> Vec<usize> {
        let mut found = Vec::new();
        for (&class, starts) in &self.by_start {
            // No area of this class that begins earlier reaches so far.
            let first = area.start.saturating_sub(2usize << class);
            for &(_, number) in starts.range((first, 0)..(area.end(), 0)) {
                if self.known[number].area.overlaps(area) {
                    found.push(number);
                }
            }
        }
        found
    }

    /// The area's number, a new one if it is not known.
    fn number(&mut self, area: Area, fence: Option<&NodeRef>) -> usize {
        if let Some(&number) = self.index.get(&area) {
            return number;
        }
        self.insert(area, Location::behind(fence))
    }

    fn insert(&mut self, area: Area, location: Location) -> usize {
        let number = self.known.len();
        let neighbours = self.overlapping(&area);
        for &neighbour in &neighbours {
            self.known[neighbour].neighbours.push(number);
        }
        self.known.push(Known {
            area,
            location,
            neighbours,
            stamp: 0,
            wanted: Type::In,
        });
        self.index.insert(area, number);
        let class = (area.end() - area.start).ilog2();
        self.by_start
            .entry(class)
            .or_default()
            .insert((area.start, number));
        number
    }

    /// See `Table::snapshot`.
    pub fn snapshot(&self) -> Self {
        let mut copy = Self::default();
        for known in self.known.iter().filter(|known| known.location.is_live()) {
            copy.insert(known.area, known.location.snapshot());
        }
        copy
    }

    /// See `Table::absorb`.
    pub fn absorb(&mut self, other: &Self, fence: Option<&NodeRef>) {
        for known in other.known.iter().filter(|known| known.location.is_live()) {
            let number = self.number(known.area, fence);
            self.known[number].location.absorb(&known.location);
        }
    }

    #[cfg(test)]
    pub fn size(&self) -> usize {
        self.known.len()
    }

    fn forget_complete(&mut self) {
        let known = std::mem::take(&mut self.known);
        self.index.clear();
        self.by_start.clear();
        for known in known {
            if known.location.is_live() {
                self.insert(known.area, known.location);
            }
        }
        self.limit = self.known.len() * 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(start: usize, length: usize, rows: usize, stride: isize) -> Area {
        Area::new(start, length, rows, stride).expect("the area is not empty")
    }

    fn bytes(start: usize, length: usize, rows: usize, stride: isize) -> BTreeSet<usize> {
        (0..rows as isize)
            .flat_map(|row| {
                let first = start.wrapping_add_signed(row * stride);
                first..first + length
            })
            .collect()
    }

    #[test]
    fn areas_overlap_exactly_when_they_have_a_byte_in_common() {
        let mut state = 1u64;
        let mut random = |below: u64| {
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (state >> 33) % below
        };
        let (mut together, mut apart) = (0, 0);
        for _ in 0..20000 {
            let mut draw = || {
                let stride = random(13) as isize - 6;
                (
                    100 + random(40) as usize,
                    1 + random(5) as usize,
                    1 + random(5) as usize,
                    stride,
                )
            };
            let (a, b) = (draw(), draw());
            let common = !bytes(a.0, a.1, a.2, a.3).is_disjoint(&bytes(b.0, b.1, b.2, b.3));
            assert_eq!(
                area(a.0, a.1, a.2, a.3).overlaps(&area(b.0, b.1, b.2, b.3)),
                common,
                "{a:?} {b:?}"
            );
            if common { together += 1 } else { apart += 1 }
        }
        assert!(together > 1000 && apart > 1000);
    }

    #[test]
    fn an_empty_area_is_none() {
        assert_eq!(Area::new(8, 0, 3, 8), None);
        assert_eq!(Area::new(8, 8, 0, 8), None);
    }
}
