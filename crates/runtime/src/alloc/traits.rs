//! Allocator traits: from the key and value pairs of `omp_init_allocator` to what allocations need to know. A trait that is
//! unknown, given twice, or given a value it does not have makes no allocator.

use super::partition;

/// `omp_alloctrait_t`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct TraitPair {
    pub key: i32,
    pub value: usize,
}

/// `omp_atv_default`.
pub const DEFAULT: usize = usize::MAX;

/// Keys, by number.
pub mod key {
    pub const SYNC_HINT: i32 = 1;
    pub const ALIGNMENT: i32 = 2;
    pub const ACCESS: i32 = 3;
    pub const POOL_SIZE: i32 = 4;
    pub const FALLBACK: i32 = 5;
    pub const FB_DATA: i32 = 6;
    pub const PINNED: i32 = 7;
    pub const PARTITION: i32 = 8;
    pub const PIN_DEVICE: i32 = 9;
    pub const PREFERRED_DEVICE: i32 = 10;
    pub const DEVICE_ACCESS: i32 = 11;
    pub const TARGET_ACCESS: i32 = 12;
    pub const ATOMIC_SCOPE: i32 = 13;
    pub const PART_SIZE: i32 = 14;
    pub const PARTITIONER: i32 = 15;
    pub const PARTITIONER_ARG: i32 = 16;
    pub const LAST: i32 = PARTITIONER_ARG;
}

/// Values, by number.
pub mod value {
    pub const FALSE: usize = 0;
    pub const TRUE: usize = 1;
    pub const CONTENDED: usize = 3;
    pub const UNCONTENDED: usize = 4;
    pub const SERIALIZED: usize = 5;
    pub const PRIVATE: usize = 6;
    /// gcc's header numbers `omp_atv_all` so; on the host both mean the same.
    pub const DEVICE: usize = 7;
    pub const THREAD: usize = 8;
    pub const PTEAM: usize = 9;
    pub const CGROUP: usize = 10;
    pub const DEFAULT_MEM_FB: usize = 11;
    pub const NULL_FB: usize = 12;
    pub const ABORT_FB: usize = 13;
    pub const ALLOCATOR_FB: usize = 14;
    pub const ENVIRONMENT: usize = 15;
    pub const NEAREST: usize = 16;
    pub const BLOCKED: usize = 17;
    pub const INTERLEAVED: usize = 18;
    pub const ALL: usize = 19;
    pub const SINGLE: usize = 20;
    pub const MULTIPLE: usize = 21;
    pub const MEMSPACE: usize = 22;
    pub const PARTITIONER: usize = 23;
}

/// Who shares an allocator's pool. Memory can be reached by every thread whatever the trait says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// `all`, `memspace` and `device` are one on the host.
    All,
    Cgroup,
    Team,
    Thread,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fallback {
    DefaultMemory,
    Null,
    Abort,
    Allocator(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Partition {
    Environment,
    Nearest,
    Blocked,
    Interleaved,
    Partitioner { handle: usize, argument: usize },
}

/// The traits that act on the host. `sync_hint`, `target_access`, `atomic_scope` and `preferred_device` are checked, but
/// what they promise or ask for holds on the host anyway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traits {
    pub alignment: usize,
    pub access: Access,
    /// `None`: as much as there is.
    pub pool_size: Option<usize>,
    pub fallback: Fallback,
    pub pinned: bool,
    pub partition: Partition,
    /// Bytes of a part of interleaved memory; 0: a page.
    pub part_size: usize,
}

impl Traits {
    pub const DEFAULT: Traits = Traits {
        alignment: 1,
        access: Access::All,
        pool_size: None,
        fallback: Fallback::DefaultMemory,
        pinned: false,
        partition: Partition::Environment,
        part_size: 0,
    };

    /// Whether memory of this kind cannot simply be malloc's.
    pub fn need_pages(&self) -> bool {
        self.pinned || self.partition != Partition::Environment
    }

    /// The traits that the pairs describe; `None`: no allocator can have them. `is_allocator` and `is_host` judge handles and
    /// device numbers.
    pub fn from_pairs(
        pairs: &[TraitPair],
        is_allocator: impl Fn(usize) -> bool,
        is_host: impl Fn(i32) -> bool,
    ) -> Option<Traits> {
        let mut traits = Traits::DEFAULT;
        let mut seen = 0u32;
        let (mut fb_data, mut partitioner, mut argument) = (0, 0, 0);
        let (mut allocator_fb, mut partitioned) = (false, false);
        for pair in pairs {
            if !(key::SYNC_HINT..=key::LAST).contains(&pair.key) || seen & (1 << pair.key) != 0 {
                return None;
            }
            seen |= 1 << pair.key;
            // The special value is an ordinary one where any value is allowed.
            if pair.value == DEFAULT && pair.key != key::PARTITIONER_ARG {
                continue;
            }
            match pair.key {
                key::SYNC_HINT => one_of(
                    pair.value,
                    &[
                        value::CONTENDED,
                        value::UNCONTENDED,
                        value::SERIALIZED,
                        value::PRIVATE,
                    ],
                )?,
                key::ALIGNMENT => {
                    if !pair.value.is_power_of_two() {
                        return None;
                    }
                    traits.alignment = pair.value;
                }
                key::ACCESS => {
                    traits.access = match pair.value {
                        value::ALL | value::MEMSPACE | value::DEVICE => Access::All,
                        value::CGROUP => Access::Cgroup,
                        value::PTEAM => Access::Team,
                        value::THREAD => Access::Thread,
                        _ => return None,
                    }
                }
                key::POOL_SIZE => traits.pool_size = Some(positive(pair.value)?),
                key::FALLBACK => match pair.value {
                    value::DEFAULT_MEM_FB => traits.fallback = Fallback::DefaultMemory,
                    value::NULL_FB => traits.fallback = Fallback::Null,
                    value::ABORT_FB => traits.fallback = Fallback::Abort,
                    value::ALLOCATOR_FB => allocator_fb = true,
                    _ => return None,
                },
                key::FB_DATA => {
                    if !is_allocator(pair.value) {
                        return None;
                    }
                    fb_data = pair.value;
                }
                key::PINNED => {
                    one_of(pair.value, &[value::FALSE, value::TRUE])?;
                    traits.pinned = pair.value == value::TRUE;
                }
                key::PARTITION => {
                    traits.partition = match pair.value {
                        value::ENVIRONMENT => Partition::Environment,
                        value::NEAREST => Partition::Nearest,
                        value::BLOCKED => Partition::Blocked,
                        value::INTERLEAVED => Partition::Interleaved,
                        value::PARTITIONER => {
                            partitioned = true;
                            continue;
                        }
                        _ => return None,
                    }
                }
                key::PIN_DEVICE | key::PREFERRED_DEVICE => {
                    // Device numbers are ints; what lies above one in the word is of no meaning.
                    if !is_host(pair.value as i32) {
                        return None;
                    }
                }
                key::TARGET_ACCESS | key::DEVICE_ACCESS => {
                    one_of(pair.value, &[value::SINGLE, value::MULTIPLE])?;
                }
                key::ATOMIC_SCOPE => one_of(pair.value, &[value::ALL, value::DEVICE])?,
                key::PART_SIZE => traits.part_size = positive(pair.value)?,
                key::PARTITIONER => {
                    if !partition::is_partitioner(pair.value) {
                        return None;
                    }
                    partitioner = pair.value;
                }
                _ => argument = pair.value,
            }
        }
        if allocator_fb {
            traits.fallback = Fallback::Allocator(positive(fb_data)?);
        }
        if partitioned {
            traits.partition = Partition::Partitioner {
                handle: positive(partitioner)?,
                argument,
            };
        }
        Some(traits)
    }
}

fn one_of(value: usize, values: &[usize]) -> Option<()> {
    values.contains(&value).then_some(())
}

fn positive(value: usize) -> Option<usize> {
    (value > 0).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(pairs: &[(i32, usize)]) -> Option<Traits> {
        let pairs: Vec<TraitPair> = pairs
            .iter()
            .map(|&(key, value)| TraitPair { key, value })
            .collect();
        Traits::from_pairs(&pairs, |handle| handle == 5, |device| device == -1)
    }

    #[test]
    fn the_default_value_stands_for_the_default_of_each_trait() {
        let all: Vec<(i32, usize)> = (key::SYNC_HINT..key::PARTITIONER_ARG)
            .map(|key| (key, DEFAULT))
            .collect();
        assert_eq!(parsed(&all), Some(Traits::DEFAULT));
    }

    #[test]
    fn every_trait_takes_its_values_and_no_others() {
        let accepted: [(i32, &[usize]); 13] = [
            (key::SYNC_HINT, &[3, 4, 5, 6]),
            (key::ALIGNMENT, &[1, 2, 64, 1 << 40]),
            (key::ACCESS, &[7, 8, 9, 10, 19, 22]),
            (key::POOL_SIZE, &[1, 1 << 20]),
            (key::FALLBACK, &[11, 12, 13]),
            (key::FB_DATA, &[5]),
            (key::PINNED, &[0, 1]),
            (key::PARTITION, &[15, 16, 17, 18]),
            (key::PIN_DEVICE, &[u32::MAX as usize]),
            (key::PREFERRED_DEVICE, &[u32::MAX as usize]),
            (key::TARGET_ACCESS, &[20, 21]),
            (key::ATOMIC_SCOPE, &[19, 7]),
            (key::PART_SIZE, &[1]),
        ];
        let refused: [(i32, &[usize]); 13] = [
            (key::SYNC_HINT, &[0, 2, 7]),
            (key::ALIGNMENT, &[0, 3, 24]),
            (key::ACCESS, &[0, 6, 11, 20]),
            (key::POOL_SIZE, &[0]),
            (key::FALLBACK, &[0, 14, 15]),
            (key::FB_DATA, &[0, 6]),
            (key::PINNED, &[2]),
            (key::PARTITION, &[0, 14, 19, 23]),
            (key::PIN_DEVICE, &[7]),
            (key::PREFERRED_DEVICE, &[7]),
            (key::TARGET_ACCESS, &[19]),
            (key::ATOMIC_SCOPE, &[8]),
            (key::PARTITIONER, &[1]),
        ];
        for (key, values) in accepted {
            for &value in values {
                assert!(parsed(&[(key, value)]).is_some(), "{key} = {value}");
                assert!(
                    parsed(&[(key, value), (key, value)]).is_none(),
                    "{key} twice"
                );
            }
        }
        for (key, values) in refused {
            for &value in values {
                assert!(parsed(&[(key, value)]).is_none(), "{key} = {value}");
            }
        }
        assert!(parsed(&[(0, 1)]).is_none() && parsed(&[(17, 1)]).is_none());
    }

    #[test]
    fn a_fallback_allocator_comes_with_its_handle_in_any_order() {
        let expected = Fallback::Allocator(5);
        for pairs in [[(5, 14), (6, 5)], [(6, 5), (5, 14)]] {
            assert_eq!(parsed(&pairs).unwrap().fallback, expected);
        }
    }
}
