//! Blocks: where an allocation's bytes come from, and the header before them that says how to give them back.
//!
//! Ordinary blocks are malloc's. Blocks that need pages of their own (pinned memory, memory placed on chosen nodes) are
//! mapped; the header then has a page to itself, so that the program's bytes start a page, and locking and placing them
//! touches nobody else's. The header names the allocator that was asked and, where that one fell back, the allocator
//! that gave, so `omp_free` and `omp_realloc` need no help from the caller.

use std::ptr::{NonNull, null_mut};

use super::numa::{self, Placement};
use super::partition::Part;
use super::space::page_size;

/// malloc's own alignment.
pub const NATURAL: usize = 16;

/// Mark a header in use and one whose block was freed.
const MARK: u32 = 0x6f6d_706c;
const FREED: u32 = 0x6672_6565;

#[derive(Clone, Copy)]
#[repr(C, align(16))]
pub struct Header {
    base: *mut u8,
    /// Length of the mapping; 0: the block is malloc's.
    mapped: usize,
    /// Bytes the program asked for.
    pub size: usize,
    /// The pool that was charged.
    pub scope: usize,
    /// The allocator that was asked, and the one that gave. Handles fit (see `table`).
    pub asked: u32,
    pub gave: u32,
    mark: u32,
    alignment_log2: u32,
}

pub const HEADER: usize = size_of::<Header>();

/// What a block is to be.
#[derive(Clone, Copy)]
pub struct Form {
    pub size: usize,
    /// A power of two, at least [`NATURAL`].
    pub alignment: usize,
    pub zeroed: bool,
}

/// Pages of a block's own.
pub struct Pages<'a> {
    pub pinned: bool,
    pub layout: Layout<'a>,
}

pub enum Layout<'a> {
    Anywhere,
    Whole(Placement<'a>),
    /// Parts in this order, each with its node.
    Parts(Vec<(usize, usize)>),
}

impl Form {
    /// Bytes that the block counts in a pool: its own, the header and the room for aligning it. `None`: more than there can be.
    pub fn charge(&self) -> Option<usize> {
        self.size
            .checked_add(HEADER + self.alignment - NATURAL)
            .filter(|&bytes| bytes <= isize::MAX as usize)
    }
}

/// The header before a block.
///
/// # Safety
/// The pointer came from this module and was not freed.
pub unsafe fn header(block: NonNull<u8>) -> Option<Header> {
    // SAFETY: the caller's promise.
    let header = unsafe { block.cast::<Header>().sub(1).read() };
    (header.mark == MARK).then_some(header)
}

impl Header {
    pub fn alignment(&self) -> usize {
        1 << self.alignment_log2
    }

    pub fn form(&self) -> Form {
        Form {
            size: self.size,
            alignment: self.alignment(),
            zeroed: false,
        }
    }

    /// malloc's realloc can grow the block.
    pub fn can_grow_in_place(&self) -> bool {
        self.mapped == 0 && self.alignment() == NATURAL
    }
}

/// Writes the header in front of `block`.
///
/// # Safety
/// There is room for it, from `base` on.
unsafe fn seal(base: *mut u8, block: *mut u8, form: Form, mapped: usize) -> NonNull<u8> {
    let header = Header {
        base,
        mapped,
        size: form.size,
        scope: 0,
        asked: 0,
        gave: 0,
        mark: MARK,
        alignment_log2: form.alignment.trailing_zeros(),
    };
    // SAFETY: the caller's promise; a block is aligned at least as its header.
    unsafe {
        block.cast::<Header>().sub(1).write(header);
        NonNull::new_unchecked(block)
    }
}

/// Notes who was asked, who gave, and from which pool.
///
/// # Safety
/// The block is new.
pub unsafe fn sign(block: NonNull<u8>, asked: usize, gave: usize, scope: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        let header = block.cast::<Header>().sub(1).as_mut();
        header.asked = asked as u32;
        header.gave = gave as u32;
        header.scope = scope;
    }
}

/// A block from malloc; `None`: there is no memory.
pub fn from_heap(form: Form) -> Option<NonNull<u8>> {
    let total = form.charge()?;
    // SAFETY: any size is allowed.
    let base: *mut u8 = unsafe {
        if form.zeroed {
            libc::calloc(1, total)
        } else {
            libc::malloc(total)
        }
    }
    .cast();
    if base.is_null() {
        return None;
    }
    // A multiple of NATURAL is skipped, because malloc aligns to that; `charge` has counted the rest.
    let skip = HEADER + base.wrapping_add(HEADER).align_offset(form.alignment);
    // SAFETY: within the allocation.
    Some(unsafe { seal(base, base.add(skip), form, 0) })
}

/// Grows or shrinks a block of malloc's in place or by moving it; `None`: there is no memory, and the block is as it was.
///
/// # Safety
/// `Header::can_grow_in_place` holds for the block, which is the caller's.
pub unsafe fn regrow(block: NonNull<u8>, size: usize) -> Option<NonNull<u8>> {
    let form = Form {
        size,
        alignment: NATURAL,
        zeroed: false,
    };
    let total = form.charge()?;
    // SAFETY: the caller's promise: at this alignment the header is the allocation's first word.
    let base: *mut u8 = unsafe { libc::realloc(block.as_ptr().sub(HEADER).cast(), total) }.cast();
    if base.is_null() {
        return None;
    }
    // SAFETY: the header has moved with its block.
    unsafe {
        let mut header = base.cast::<Header>().read();
        header.base = base;
        header.size = size;
        base.cast::<Header>().write(header);
        Some(NonNull::new_unchecked(base.add(HEADER)))
    }
}

/// A block of pages of its own; they read as zero. `None`: there is no memory, or not so much may be locked.
pub fn from_pages(form: Form, pages: Pages) -> Option<NonNull<u8>> {
    let page = page_size();
    let alignment = form.alignment.max(page);
    let usable = form.size.checked_next_multiple_of(page)?;
    let total = usable
        .checked_add(alignment)
        .filter(|&total| total <= isize::MAX as usize)?;
    // SAFETY: a new private mapping.
    let base = unsafe {
        libc::mmap(
            null_mut(),
            total,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
            -1,
            0,
        )
    };
    if base == libc::MAP_FAILED {
        return None;
    }
    let base: *mut u8 = base.cast();
    // The first multiple of the alignment with room before it: mappings start pages, so this is at most `alignment` away.
    let block = base.wrapping_add(page);
    let block = block.wrapping_add(block.align_offset(alignment));
    // SAFETY: whole pages within the mapping, not touched yet.
    unsafe {
        match pages.layout {
            Layout::Anywhere => {}
            Layout::Whole(placement) => numa::place(block, usable, placement),
            Layout::Parts(parts) => {
                let mut done = 0;
                for (node, size) in parts {
                    let size = size.next_multiple_of(page).min(usable - done);
                    numa::place(block.add(done), size, Placement::Prefer(node));
                    done += size;
                }
            }
        }
        if pages.pinned && libc::mlock(block.cast(), usable) != 0 {
            libc::munmap(base.cast(), total);
            return None;
        }
        Some(seal(base, block, form, total))
    }
}

/// Gives the block's memory back.
///
/// # Safety
/// The block is the caller's, and `header` is its header.
pub unsafe fn release(block: NonNull<u8>, header: Header) {
    // SAFETY: the caller's promise; unmapping unlocks.
    unsafe {
        block.cast::<Header>().sub(1).as_mut().mark = FREED;
        if header.mapped > 0 {
            libc::munmap(header.base.cast(), header.mapped);
        } else {
            libc::free(header.base.cast());
        }
    }
}

/// Splits `size` bytes of pages into at most one part per node.
pub fn blocked(size: usize, nodes: &[usize]) -> Layout<'static> {
    let pages = size.div_ceil(page_size());
    let part = pages.div_ceil(nodes.len()).max(1) * page_size();
    Layout::Parts(nodes.iter().map(|&node| (node, part)).collect())
}

/// Deals parts of `part_size` bytes, rounded up to pages, to the nodes in turn.
pub fn interleaved(size: usize, part_size: usize, nodes: &'static [usize]) -> Layout<'static> {
    let Some(part) = part_size.max(1).checked_next_multiple_of(page_size()) else {
        return Layout::Whole(Placement::Interleave(nodes));
    };
    if part == page_size() {
        return Layout::Whole(Placement::Interleave(nodes));
    }
    let parts = size.div_ceil(part);
    Layout::Parts(
        (0..parts)
            .map(|index| (nodes[index % nodes.len()], part))
            .collect(),
    )
}

/// The parts that the program has asked for.
pub fn partitioned(parts: &[Part], nodes: &[usize]) -> Layout<'static> {
    Layout::Parts(
        parts
            .iter()
            .map(|part| (nodes[part.resource], part.size))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(layout: Layout) -> Vec<(usize, usize)> {
        match layout {
            Layout::Parts(parts) => parts,
            _ => panic!("there are no parts"),
        }
    }

    #[test]
    fn blocked_memory_has_at_most_one_part_per_node() {
        let page = page_size();
        assert_eq!(
            parts(blocked(8 * page, &[0, 3])),
            [(0, 4 * page), (3, 4 * page)]
        );
        assert_eq!(
            parts(blocked(5 * page - 1, &[0, 3])),
            [(0, 3 * page), (3, 3 * page)]
        );
        assert_eq!(parts(blocked(1, &[0, 3])), [(0, page), (3, page)]);
    }

    #[test]
    fn interleaved_memory_goes_round_in_parts() {
        let page = page_size();
        assert!(matches!(
            interleaved(9 * page, 0, &[0, 1]),
            Layout::Whole(Placement::Interleave(_))
        ));
        assert_eq!(
            parts(interleaved(5 * page, page + 1, &[0, 1])),
            [(0, 2 * page), (1, 2 * page), (0, 2 * page)]
        );
    }

    #[test]
    fn parts_that_exceed_the_block_are_cut() {
        let page = page_size();
        let form = Form {
            size: 3 * page,
            alignment: NATURAL,
            zeroed: false,
        };
        let pages = Pages {
            pinned: false,
            layout: blocked(5 * page, &[0, 0]),
        };
        let block = from_pages(form, pages).unwrap();
        // SAFETY: the block is ours and has that many bytes.
        unsafe {
            block.write_bytes(7, 3 * page);
            release(block, header(block).unwrap());
        }
    }

    #[test]
    fn blocks_are_aligned_and_know_their_size() {
        for log2 in 4..22 {
            let form = Form {
                size: 100,
                alignment: 1 << log2,
                zeroed: true,
            };
            let pages = Pages {
                pinned: false,
                layout: Layout::Anywhere,
            };
            for block in [from_heap(form).unwrap(), from_pages(form, pages).unwrap()] {
                assert_eq!(block.addr().get() % form.alignment, 0);
                // SAFETY: the block is ours and has a hundred bytes.
                unsafe {
                    assert!((0..100).all(|index| block.add(index).read() == 0));
                    block.write_bytes(1, 100);
                    let header = header(block).unwrap();
                    assert_eq!((header.size, header.alignment()), (100, 1 << log2));
                    release(block, header);
                }
            }
        }
    }
}
