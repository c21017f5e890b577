//! The `OMP_PLACES` grammar: an abstract name or an explicit list.
//!
//! ```text
//! list       ::= name [ "(" count [ ":" stride ] ")" ]  |  interval { "," interval }
//! interval   ::= place [ ":" length [ ":" stride ] ]  |  "!" place
//! place      ::= "{" processors { "," processors } "}"  |  number
//! processors ::= number [ ":" length [ ":" stride ] ]  |  "!" number
//! ```

use crate::topology::{Machine, Place};

/// Processors that a value may name, repetitions included. More than any machine has are a slip, not a wish.
const MOST: usize = 1 << 18;

/// The places of a value on a machine. Processors that cannot be used are left out, and places that become empty by that, too;
/// nothing left, like a malformed value, is `None`.
pub fn places(text: &str, machine: &Machine) -> Option<Vec<Place>> {
    let text = compact(text);
    let places = if is_abstract(&text) {
        let (name, selection) = abstract_name(&text)?;
        selection.of(machine.places(name)?)
    } else {
        explicit_places(&text)?
    };
    let usable: Vec<Place> = places
        .into_iter()
        .map(|place| {
            place
                .into_iter()
                .filter(|cpu| machine.usable.contains(cpu))
                .collect::<Place>()
        })
        .filter(|place| !place.is_empty())
        .collect();
    (!usable.is_empty()).then_some(usable)
}

/// Is the value well-formed, for whatever machine?
pub fn is_well_formed(text: &str) -> bool {
    let text = compact(text);
    if is_abstract(&text) {
        abstract_name(&text).is_some()
    } else {
        explicit_places(&text).is_some()
    }
}

fn compact(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .collect::<String>()
        .to_ascii_lowercase()
}

fn is_abstract(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// Which of an abstract name's places: `(count:stride)`.
struct Selection {
    count: usize,
    stride: i64,
}

impl Selection {
    /// A negative stride begins with the last place.
    fn of(&self, mut places: Vec<Place>) -> Vec<Place> {
        if self.stride < 0 {
            places.reverse();
        }
        let step = usize::try_from(self.stride.unsigned_abs()).unwrap_or(usize::MAX);
        places.into_iter().step_by(step).take(self.count).collect()
    }
}

fn abstract_name(text: &str) -> Option<(&str, Selection)> {
    let (name, arguments) = match text.split_once('(') {
        Some((name, rest)) => (name, rest.strip_suffix(')')?),
        None => (text, ""),
    };
    let known = ["threads", "cores", "ll_caches", "numa_domains", "sockets"];
    if !known.contains(&name) {
        return None;
    }
    if !text.contains('(') {
        let (count, stride) = (usize::MAX, 1);
        return Some((name, Selection { count, stride }));
    }
    let (count, stride) = match arguments.split_once(':') {
        Some((count, stride)) => (count, stride.parse().ok().filter(|&stride| stride != 0)?),
        None => (arguments, 1),
    };
    let count = count.parse().ok().filter(|&count| count > 0)?;
    Some((name, Selection { count, stride }))
}

/// Splits at commas outside braces.
fn items(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    text.split(move |c| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    })
}

fn explicit_places(text: &str) -> Option<Vec<Place>> {
    let mut places: Vec<Place> = Vec::new();
    let mut named = 0;
    for item in items(text) {
        if let Some(excluded) = item.strip_prefix('!') {
            let excluded = place(excluded)?;
            places.retain(|kept| *kept != excluded);
            continue;
        }
        let body_end = if item.starts_with('{') {
            item.find('}')? + 1
        } else {
            item.find(':').unwrap_or(item.len())
        };
        let (body, interval) = item.split_at(body_end);
        let base = place(body)?;
        let (length, stride) = interval_of(interval)?;
        named += base.len().max(1).checked_mul(length)?;
        if named > MOST {
            return None;
        }
        for step in 0..length {
            places.push(
                base.iter()
                    .map(|cpu| shifted(*cpu, step, stride))
                    .collect::<Option<Place>>()?,
            );
        }
    }
    Some(places)
}

fn place(text: &str) -> Option<Place> {
    let Some(list) = text.strip_prefix('{') else {
        return Some(vec![text.parse().ok()?]);
    };
    let mut place = Place::new();
    for item in list.strip_suffix('}')?.split(',') {
        if let Some(excluded) = item.strip_prefix('!') {
            let excluded: usize = excluded.parse().ok()?;
            place.retain(|cpu| *cpu != excluded);
            continue;
        }
        let (body, interval) = item.split_at(item.find(':').unwrap_or(item.len()));
        let base = body.parse().ok()?;
        let (length, stride) = interval_of(interval)?;
        if place.len() + length > MOST {
            return None;
        }
        for step in 0..length {
            place.push(shifted(base, step, stride)?);
        }
    }
    // Each processor once, where it was named first.
    let mut seen = std::collections::HashSet::new();
    place.retain(|cpu| seen.insert(*cpu));
    Some(place)
}

/// `""`, `":length"` or `":length:stride"`.
fn interval_of(text: &str) -> Option<(usize, i64)> {
    let Some(text) = text.strip_prefix(':') else {
        return text.is_empty().then_some((1, 1));
    };
    let (length, stride) = match text.split_once(':') {
        Some((length, stride)) => (length, stride.parse().ok()?),
        None => (text, 1),
    };
    let length = length.parse().ok().filter(|n| (1..=MOST).contains(n))?;
    Some((length, stride))
}

fn shifted(cpu: usize, step: usize, stride: i64) -> Option<usize> {
    let moved = i64::try_from(cpu)
        .ok()?
        .checked_add(stride.checked_mul(i64::try_from(step).ok()?)?)?;
    usize::try_from(moved).ok()
}
