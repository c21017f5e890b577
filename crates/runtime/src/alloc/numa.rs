//! Memory domains: which there are, and asking the kernel to place pages on them. Placement is a wish: where the kernel
//! refuses it (a sandbox, a kernel without NUMA), the memory is used where it happens to be.

use std::fs;
use std::sync::OnceLock;

use crate::at_fork;

/// Nodes a mask can name.
const MAX_NODES: usize = 1024;
const WORD: usize = usize::BITS as usize;

/// Placement policies of mbind(2).
#[derive(Clone, Copy)]
#[repr(i32)]
enum Policy {
    Preferred = 1,
    Bind = 2,
    Interleave = 3,
    Local = 4,
}

/// Numbers of the nodes that have memory this process may use; never empty.
pub fn nodes() -> &'static [usize] {
    static NODES: OnceLock<Vec<usize>> = OnceLock::new();
    at_fork::once::<Vec<usize>>(&NODES, || {
        let with_memory = fs::read_to_string("/sys/devices/system/node/has_memory")
            .or_else(|_| fs::read_to_string("/sys/devices/system/node/online"))
            .unwrap_or_default();
        let allowed = fs::read_to_string("/proc/self/status")
            .ok()
            .and_then(|status| {
                let list = status
                    .lines()
                    .find_map(|line| line.strip_prefix("Mems_allowed_list:"))?;
                Some(listed(list))
            });
        let mut nodes = listed(&with_memory);
        nodes.retain(|node| {
            allowed
                .as_ref()
                .is_none_or(|allowed| allowed.contains(node))
        });
        if nodes.is_empty() {
            nodes.push(0);
        }
        nodes
    })
}

/// The numbers of a list like `0-3,8`; what is malformed is left out.
fn listed(text: &str) -> Vec<usize> {
    let range = |item: &str| {
        let (first, last) = item.split_once('-').unwrap_or((item, item));
        Some(first.parse().ok()?..=last.parse::<usize>().ok()?.min(MAX_NODES - 1))
    };
    text.trim().split(',').filter_map(range).flatten().collect()
}

/// The node the calling thread runs on, if it is one of `nodes`.
pub fn nearest(nodes: &[usize]) -> Option<usize> {
    let (mut cpu, mut node) = (0u32, 0u32);
    // SAFETY: the kernel writes the two numbers; the third argument is unused since Linux 2.6.24.
    let failed = unsafe {
        libc::syscall(
            libc::SYS_getcpu,
            &raw mut cpu,
            &raw mut node,
            std::ptr::null_mut::<u8>(),
        )
    } != 0;
    nodes
        .iter()
        .copied()
        .find(|&known| !failed && known == node as usize)
}

/// Where pages are to lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement<'a> {
    /// On the node of the thread that touches them first.
    Local,
    /// On that node while it has room.
    Prefer(usize),
    /// On these nodes only.
    Within(&'a [usize]),
    /// Page by page in turn.
    Interleave(&'a [usize]),
}

/// Asks for the placement of whole pages that have not been touched yet.
///
/// # Safety
/// The range is mapped, belongs to the caller and starts at a page.
pub unsafe fn place(start: *mut u8, length: usize, placement: Placement) {
    let mut mask = [0usize; MAX_NODES / WORD];
    let (policy, nodes): (Policy, &[usize]) = match &placement {
        Placement::Local => (Policy::Local, &[]),
        Placement::Prefer(node) => (Policy::Preferred, std::slice::from_ref(node)),
        Placement::Within(nodes) => (Policy::Bind, nodes),
        Placement::Interleave(nodes) => (Policy::Interleave, nodes),
    };
    for &node in nodes.iter().filter(|&&node| node < MAX_NODES) {
        mask[node / WORD] |= 1 << (node % WORD);
    }
    let (mask, bits) = if nodes.is_empty() {
        (std::ptr::null(), 0)
    } else {
        // The kernel takes one bit less than it is told.
        (mask.as_ptr(), MAX_NODES + 1)
    };
    // SAFETY: the caller's promise; placement changes no contents. The result is of no use, see the module's description.
    unsafe { libc::syscall(libc::SYS_mbind, start, length, policy as i32, mask, bits, 0) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_lists() {
        assert_eq!(listed("0-2,5\n"), [0, 1, 2, 5]);
        assert_eq!(listed("\t0"), [0]);
        assert_eq!(listed(""), [0; 0]);
    }

    #[test]
    fn there_is_memory_somewhere() {
        assert!(!nodes().is_empty());
    }
}
