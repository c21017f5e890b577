//! `OMP_ALLOCATOR`: a predefined allocator, or a predefined memory space with traits. The words are those of the routines,
//! with or without their prefixes `omp_atk_` and `omp_atv_`.

use std::fmt;

use super::traits::{TraitPair, key, value};
use super::{DEFAULT_ALLOCATOR, NAMES, init_allocator, space};

/// What the variable asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Initial {
    Predefined(usize),
    Made {
        space: usize,
        traits: Vec<(i32, usize)>,
    },
}

const KEYS: [(&str, i32); 15] = [
    ("sync_hint", key::SYNC_HINT),
    ("alignment", key::ALIGNMENT),
    ("access", key::ACCESS),
    ("pool_size", key::POOL_SIZE),
    ("fallback", key::FALLBACK),
    ("fb_data", key::FB_DATA),
    ("pinned", key::PINNED),
    ("partition", key::PARTITION),
    ("pin_device", key::PIN_DEVICE),
    ("preferred_device", key::PREFERRED_DEVICE),
    ("device_access", key::DEVICE_ACCESS),
    ("target_access", key::TARGET_ACCESS),
    ("atomic_scope", key::ATOMIC_SCOPE),
    ("part_size", key::PART_SIZE),
    ("partitioner_arg", key::PARTITIONER_ARG),
];

const VALUES: [(&str, usize); 22] = [
    ("false", value::FALSE),
    ("true", value::TRUE),
    ("contended", value::CONTENDED),
    ("uncontended", value::UNCONTENDED),
    ("serialized", value::SERIALIZED),
    ("sequential", value::SERIALIZED),
    ("private", value::PRIVATE),
    ("device", value::DEVICE),
    ("thread", value::THREAD),
    ("pteam", value::PTEAM),
    ("cgroup", value::CGROUP),
    ("default_mem_fb", value::DEFAULT_MEM_FB),
    ("null_fb", value::NULL_FB),
    ("abort_fb", value::ABORT_FB),
    ("allocator_fb", value::ALLOCATOR_FB),
    ("environment", value::ENVIRONMENT),
    ("nearest", value::NEAREST),
    ("blocked", value::BLOCKED),
    ("interleaved", value::INTERLEAVED),
    ("all", value::ALL),
    ("single", value::SINGLE),
    ("multiple", value::MULTIPLE),
];

/// The value's meaning; `None`: it has none.
pub fn parse(text: &str) -> Option<Initial> {
    let text = text.trim().to_ascii_lowercase();
    if let Some(handle) = allocator(&text) {
        return Some(Initial::Predefined(handle));
    }
    let (name, rest) = match text.split_once(':') {
        Some((name, rest)) => (name.trim(), Some(rest)),
        None => (text.as_str(), None),
    };
    let space = named(name, "", &space::NAMES)?;
    let traits = match rest {
        Some(list) => list.split(',').map(parse_trait).collect::<Option<_>>()?,
        None => Vec::new(),
    };
    Some(Initial::Made { space, traits }).filter(Initial::is_possible)
}

/// A predefined allocator by name or number.
fn allocator(text: &str) -> Option<usize> {
    NAMES
        .iter()
        .position(|name| *name == text)
        .map(|index| index + 1)
        .or_else(|| {
            text.parse()
                .ok()
                .filter(|number| (1..=NAMES.len()).contains(number))
        })
}

fn named<T: Copy>(text: &str, prefix: &str, names: &[(&str, T)]) -> Option<T> {
    let text = text.strip_prefix(prefix).unwrap_or(text);
    names
        .iter()
        .find(|(name, _)| *name == text)
        .map(|&(_, it)| it)
}

fn parse_trait(text: &str) -> Option<(i32, usize)> {
    let (name, value) = text.split_once('=')?;
    let (key, value) = (named(name.trim(), "omp_atk_", &KEYS)?, value.trim());
    let value = match key {
        key::ALIGNMENT | key::POOL_SIZE | key::PART_SIZE | key::PARTITIONER_ARG => {
            value.parse().ok()?
        }
        key::FB_DATA => allocator(value)?,
        key::PIN_DEVICE | key::PREFERRED_DEVICE => value.parse::<i32>().ok()? as usize,
        _ => named(value, "omp_atv_", &VALUES)?,
    };
    Some((key, value))
}

impl Initial {
    fn pairs(traits: &[(i32, usize)]) -> Vec<TraitPair> {
        traits
            .iter()
            .map(|&(key, value)| TraitPair { key, value })
            .collect()
    }

    fn is_possible(&self) -> bool {
        match self {
            Self::Predefined(_) => true,
            Self::Made { traits, .. } => super::Traits::from_pairs(
                &Self::pairs(traits),
                super::is_allocator,
                // While the environment is read nothing else is known of devices.
                |device| matches!(device, 0 | -1),
            )
            .is_some(),
        }
    }

    /// Makes the allocator.
    pub fn make(&self) -> usize {
        match self {
            Self::Predefined(handle) => *handle,
            Self::Made { space, traits } => match init_allocator(*space, &Self::pairs(traits)) {
                0 => DEFAULT_ALLOCATOR,
                handle => handle,
            },
        }
    }
}

impl Default for Initial {
    fn default() -> Self {
        Self::Predefined(DEFAULT_ALLOCATOR)
    }
}

impl fmt::Display for Initial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Predefined(handle) => f.write_str(NAMES[handle - 1]),
            Self::Made { space, traits } => {
                let name = space::NAMES.iter().find(|(_, number)| number == space);
                f.write_str(name.map_or("", |(name, _)| name))?;
                for (index, &(key, value)) in traits.iter().enumerate() {
                    f.write_str(if index == 0 { ":" } else { "," })?;
                    let name = KEYS.iter().find(|(_, number)| *number == key);
                    write!(f, "{}=", name.map_or("", |(name, _)| name))?;
                    match key {
                        key::ALIGNMENT | key::POOL_SIZE | key::PART_SIZE | key::PARTITIONER_ARG => {
                            write!(f, "{value}")?;
                        }
                        key::FB_DATA => f.write_str(NAMES[value - 1])?,
                        key::PIN_DEVICE | key::PREFERRED_DEVICE => write!(f, "{}", value as i32)?,
                        _ => {
                            let name = VALUES.iter().find(|(_, number)| *number == value);
                            f.write_str(name.map_or("", |(name, _)| name))?;
                        }
                    }
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allocators_and_spaces_and_traits() {
        for (text, shown) in [
            ("omp_thread_mem_alloc", "omp_thread_mem_alloc"),
            ("2", "omp_large_cap_mem_alloc"),
            (" OMP_High_BW_mem_space ", "omp_high_bw_mem_space"),
            (
                "omp_default_mem_space: omp_atk_alignment = 64, pinned=omp_atv_true",
                "omp_default_mem_space:alignment=64,pinned=true",
            ),
            (
                "omp_low_lat_mem_space:fallback=allocator_fb,fb_data=omp_const_mem_alloc,pool_size=4096,pin_device=-1",
                "omp_low_lat_mem_space:fallback=allocator_fb,fb_data=omp_const_mem_alloc,pool_size=4096,pin_device=-1",
            ),
        ] {
            assert_eq!(
                parse(text).map(|it| it.to_string()).as_deref(),
                Some(shown),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_malformed_means_nothing() {
        for text in [
            "",
            "0",
            "9",
            "omp_null_allocator",
            "default_mem_alloc",
            "omp_default_mem_alloc:pinned=true",
            "omp_default_mem_space:",
            "omp_default_mem_space:pinned",
            "omp_default_mem_space:pinned=2",
            "omp_default_mem_space:alignment=3",
            "omp_default_mem_space:alignment=8,alignment=8",
            "omp_default_mem_space:fallback=allocator_fb",
            "omp_default_mem_space:partition=partitioner",
            "omp_default_mem_space:pin_device=3",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
