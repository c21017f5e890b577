//! Memory spaces. On the host all predefined spaces are the system's memory; their storage resources are the memory domains
//! (NUMA nodes) that this process may use. A subspace is a set of these; equal sets share one handle, and none is ever
//! freed, so a program's memory is bounded by the number of distinct sets.

use super::numa;
use crate::process::ForkSafe;

/// A memory space as the routines name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    pub handle: usize,
    /// The nodes it is limited to; `None`: all of them.
    subset: Option<&'static [usize]>,
}

pub const NULL_SPACE: usize = 0;
pub const LARGE_CAP_SPACE: usize = 1;
pub const CONST_SPACE: usize = 2;
pub const HIGH_BW_SPACE: usize = 3;
pub const LOW_LAT_SPACE: usize = 4;
/// The space of OpenMP 6.1 for memory that a contention group shares.
pub const CGROUP_SPACE: usize = 5;
/// Clang's header numbers the default space so; the specification's has -1.
pub const DEFAULT_SPACE: usize = 99;

const FIRST_SUBSPACE: usize = 1 << 16;

pub(crate) static SUBSPACES: ForkSafe<Vec<&'static [usize]>> = ForkSafe::new(Vec::new());

/// The predefined spaces' names.
pub const NAMES: [(&str, usize); 6] = [
    ("omp_default_mem_space", DEFAULT_SPACE),
    ("omp_large_cap_mem_space", LARGE_CAP_SPACE),
    ("omp_const_mem_space", CONST_SPACE),
    ("omp_high_bw_mem_space", HIGH_BW_SPACE),
    ("omp_low_lat_mem_space", LOW_LAT_SPACE),
    ("omp_cgroup_mem_space", CGROUP_SPACE),
];

/// The number under which predefined spaces are kept here; `None`: it is none.
pub fn predefined(handle: usize) -> Option<usize> {
    match handle {
        DEFAULT_SPACE | usize::MAX => Some(DEFAULT_SPACE),
        // An enumeration with a negative constant is passed in half a register.
        handle if handle == u32::MAX as usize => Some(DEFAULT_SPACE),
        LARGE_CAP_SPACE..=CGROUP_SPACE => Some(handle),
        _ => None,
    }
}

impl Space {
    pub const DEFAULT: Space = Space::predefined(DEFAULT_SPACE);

    /// One of the predefined spaces.
    pub const fn predefined(handle: usize) -> Space {
        Space {
            handle,
            subset: None,
        }
    }

    /// The space of that handle.
    pub fn find(handle: usize) -> Option<Space> {
        if let Some(handle) = predefined(handle) {
            return Some(Space::predefined(handle));
        }
        let index = handle.checked_sub(FIRST_SUBSPACE)?;
        let subset = SUBSPACES.lock().get(index).copied()?;
        Some(Space {
            handle,
            subset: Some(subset),
        })
    }

    /// Numbers of the nodes that make up the space.
    pub fn nodes(&self) -> &'static [usize] {
        self.subset.unwrap_or_else(|| numa::nodes())
    }

    /// Memory must be kept on some of the nodes.
    pub fn is_limited(&self) -> bool {
        self.nodes().len() < numa::nodes().len()
    }

    /// The space that consists of these of its resources; `None` where one of them does not exist, or for no resources.
    pub fn subspace(&self, resources: &[i32]) -> Option<Space> {
        let own = self.nodes();
        let mut nodes = resources
            .iter()
            .map(|&resource| own.get(usize::try_from(resource).ok()?).copied())
            .collect::<Option<Vec<usize>>>()?;
        nodes.sort_unstable();
        nodes.dedup();
        if nodes.is_empty() {
            return None;
        }
        let mut known = SUBSPACES.lock();
        let index = known
            .iter()
            .position(|set| **set == *nodes)
            .unwrap_or_else(|| {
                known.push(Box::leak(nodes.into_boxed_slice()));
                known.len() - 1
            });
        Some(Space {
            handle: FIRST_SUBSPACE + index,
            subset: Some(known[index]),
        })
    }
}

/// Bytes of a page, the unit of placement in every space.
pub fn page_size() -> usize {
    // SAFETY: asks for a number.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subspaces_of_equal_sets_are_one_space() {
        let all: Vec<i32> = (0..Space::DEFAULT.nodes().len() as i32).collect();
        let twice: Vec<i32> = all.iter().chain(&all).copied().collect();
        let space = Space::DEFAULT.subspace(&all).unwrap();
        assert_eq!(Space::DEFAULT.subspace(&twice), Some(space));
        assert_eq!(Space::find(space.handle), Some(space));
        assert!(!space.is_limited());
    }

    #[test]
    fn resources_that_do_not_exist_make_no_subspace() {
        let beyond = Space::DEFAULT.nodes().len() as i32;
        assert_eq!(Space::DEFAULT.subspace(&[0, beyond]), None);
        assert_eq!(Space::DEFAULT.subspace(&[-1]), None);
        assert_eq!(Space::DEFAULT.subspace(&[]), None);
    }
}
