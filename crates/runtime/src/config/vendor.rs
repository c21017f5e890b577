//! Variables of other runtimes that programs' start scripts set. OpenMP's own variables go before them.
//!
//! | variable | here |
//! |---|---|
//! | `KMP_BLOCKTIME` | as `OMPLY_BLOCKTIME` |
//! | `GOMP_SPINCOUNT` | the same, a turn taken for 5 ns |
//! | `KMP_STACKSIZE`, `GOMP_STACKSIZE` | as `OMP_STACKSIZE` |
//! | `GOMP_CPU_AFFINITY` | a place for each processor, bound in that order |
//! | `KMP_AFFINITY` | `compact`: close, on places of the granularity (with a permutation: one hardware thread of each core first); `scatter` and `balanced`: spread; `explicit`: its list, in order |

use std::time::Duration;

use crate::icv::Bind;
use crate::topology::{Machine, Place};

/// Places, and the policy by which threads go to them.
pub type Affinity = (Vec<Place>, Bind);

/// `GOMP_SPINCOUNT`: how long that many turns take.
pub fn spin_count(text: &str) -> Option<Duration> {
    const TURN: Duration = Duration::from_nanos(5);
    if text.eq_ignore_ascii_case("infinite") || text.eq_ignore_ascii_case("infinity") {
        return Some(Duration::from_secs(u64::from(u32::MAX)));
    }
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit: u64 = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" => 1,
        "k" => 1_000,
        "m" => 1_000_000,
        "g" => 1_000_000_000,
        "t" => 1_000_000_000_000,
        _ => return None,
    };
    let turns = digits.trim().parse::<u64>().ok()?.checked_mul(unit)?;
    Some(Duration::from_nanos(
        turns.saturating_mul(TURN.as_nanos() as u64),
    ))
}

/// `first`, `first-last` or `first-last:stride`.
fn range(text: &str) -> Option<Vec<usize>> {
    let (range, stride) = match text.split_once(':') {
        Some((range, stride)) => (range, stride.parse().ok().filter(|&n: &usize| n > 0)?),
        None => (text, 1),
    };
    let (first, last) = match range.split_once('-') {
        Some((first, last)) => (first.parse().ok()?, last.parse().ok()?),
        None => {
            let only: usize = range.parse().ok()?;
            (only, only)
        }
    };
    // More than the kernel's own masks hold is a slip.
    (first <= last && last < 1 << 16).then(|| (first..=last).step_by(stride).collect())
}

/// One place for each usable processor of a list; `None`: malformed, or nothing usable.
fn listed(items: impl Iterator<Item = impl AsRef<str>>, machine: &Machine) -> Option<Vec<Place>> {
    let mut places = Vec::new();
    for item in items {
        let usable = |cpu: &usize| machine.usable.contains(cpu);
        places.extend(
            range(item.as_ref())?
                .into_iter()
                .filter(usable)
                .map(|cpu| vec![cpu]),
        );
    }
    (!places.is_empty()).then_some(places)
}

/// `GOMP_CPU_AFFINITY`.
pub fn cpu_affinity(text: &str, machine: &Machine) -> Option<Affinity> {
    let items = text
        .split(|c: char| c == ',' || c.is_whitespace())
        .filter(|item| !item.is_empty());
    Some((listed(items, machine)?, Bind::Close))
}

/// `KMP_AFFINITY`.
pub fn kmp_affinity(text: &str, machine: &Machine) -> Option<Affinity> {
    let text = text.to_ascii_lowercase();
    // The list is the only item with commas inside.
    let (text, list) = match text.split_once("proclist=[") {
        Some((before, rest)) => {
            let (list, after) = rest.split_once(']')?;
            let (before, after) = (before.trim_end_matches(','), after.trim_start_matches(','));
            let others = [before, after].map(str::to_owned).into_iter();
            let others: Vec<String> = others.filter(|part| !part.is_empty()).collect();
            (others.join(","), Some(list.to_owned()))
        }
        None => (text, None),
    };
    let mut granularity = "cores";
    let mut kind = None;
    let mut numbers = Vec::new();
    for item in text.split(',').map(str::trim) {
        match item {
            "respect" | "norespect" | "verbose" | "noverbose" | "warnings" | "nowarnings"
            | "reset" | "noreset" => {}
            "none" | "disabled" | "compact" | "scatter" | "balanced" | "explicit" => {
                if kind.replace(item).is_some() {
                    return None;
                }
            }
            _ => match item.strip_prefix("granularity=") {
                Some("fine" | "thread") => granularity = "threads",
                Some("core") => granularity = "cores",
                Some("tile" | "ll_cache" | "die") => granularity = "ll_caches",
                Some("numa" | "node") => granularity = "numa_domains",
                Some("package" | "socket") => granularity = "sockets",
                Some(_) => return None,
                None => numbers.push(item.parse::<usize>().ok()?),
            },
        }
    }
    let (permute, offset) = match numbers[..] {
        [] => (0, 0),
        [permute] => (permute, 0),
        [permute, offset] => (permute, offset),
        _ => return None,
    };
    let ordered = |mut places: Vec<Place>| {
        let turned = offset.checked_rem(places.len()).unwrap_or(0);
        places.rotate_left(turned);
        places
    };
    match kind? {
        "none" | "disabled" => Some((Vec::new(), Bind::False)),
        "compact" if permute > 0 && granularity == "threads" => {
            Some((ordered(cores_first(machine)?), Bind::Close))
        }
        "compact" => Some((ordered(machine.places(granularity)?), Bind::Close)),
        "explicit" => {
            let list = list?;
            Some((
                listed(list.split(',').map(str::trim), machine)?,
                Bind::Close,
            ))
        }
        _ => Some((ordered(machine.places(granularity)?), Bind::Spread)),
    }
}

/// Hardware threads as places: the first of each core, then the second of each, and so on.
fn cores_first(machine: &Machine) -> Option<Vec<Place>> {
    let cores = machine.places("cores")?;
    let most = cores.iter().map(Vec::len).max()?;
    let threads = (0..most).flat_map(|nth| cores.iter().filter_map(move |core| core.get(nth)));
    Some(threads.map(|&cpu| vec![cpu]).collect())
}
