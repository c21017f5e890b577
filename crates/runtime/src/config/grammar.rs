//! Grammars of the environment variables' values. Every function returns `None` for what it does not accept.

use std::time::Duration;

use crate::icv::{Bind, RunSchedule, ScheduleKind};
use crate::topology::{self, Machine, Place};

/// One of the words, in any case.
pub fn word<T: Copy>(text: &str, words: &[(&str, T)]) -> Option<T> {
    words
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(text))
        .map(|&(_, value)| value)
}

pub fn boolean(text: &str) -> Option<bool> {
    word(
        text,
        &[
            ("true", true),
            ("1", true),
            ("yes", true),
            ("on", true),
            ("false", false),
            ("0", false),
            ("no", false),
            ("off", false),
        ],
    )
}

pub fn non_negative(text: &str) -> Option<i32> {
    text.parse().ok().filter(|&n| n >= 0)
}

/// A positive integer or a numeric abstract name.
pub fn count(text: &str, named: impl Fn(&str) -> Option<i32>) -> Option<i32> {
    let text = text.trim();
    text.parse()
        .ok()
        .filter(|&n: &i32| n > 0)
        .or_else(|| named(&text.to_ascii_lowercase()))
}

pub fn counts(text: &str, named: impl Fn(&str) -> Option<i32> + Copy) -> Option<Vec<i32>> {
    text.split(',').map(|item| count(item, named)).collect()
}

pub fn bind_list(text: &str) -> Option<Vec<Bind>> {
    if let Some(single) = word(text, &[("true", Bind::True), ("false", Bind::False)]) {
        return Some(vec![single]);
    }
    let policy = |item: &str| {
        word(
            item.trim(),
            &[
                ("primary", Bind::Primary),
                ("master", Bind::Primary),
                ("close", Bind::Close),
                ("spread", Bind::Spread),
            ],
        )
    };
    text.split(',').map(policy).collect()
}

pub fn schedule(text: &str) -> Option<RunSchedule> {
    let (modifier, rest) = match text.split_once(':') {
        Some((modifier, rest)) => (
            Some(word(
                modifier.trim(),
                &[("monotonic", true), ("nonmonotonic", false)],
            )?),
            rest,
        ),
        None => (None, text),
    };
    let (kind, chunk) = match rest.split_once(',') {
        Some((kind, chunk)) => (kind, chunk.trim().parse().ok().filter(|&n: &i32| n > 0)?),
        None => (rest, 0),
    };
    let kind = word(
        kind.trim(),
        &[
            ("static", ScheduleKind::Static),
            ("dynamic", ScheduleKind::Dynamic),
            ("guided", ScheduleKind::Guided),
            ("auto", ScheduleKind::Auto),
        ],
    )?;
    Some(RunSchedule {
        kind,
        chunk,
        monotonic: modifier.unwrap_or(kind == ScheduleKind::Static),
    })
}

/// Bytes; the default unit is K.
pub fn size(text: &str) -> Option<usize> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" | "K" => 10,
        "B" => 0,
        "M" => 20,
        "G" => 30,
        _ => return None,
    };
    digits
        .trim()
        .parse::<usize>()
        .ok()
        .filter(|&n| n > 0)?
        .checked_mul(1 << shift)
}

/// A time; the default unit is ms.
pub fn duration(text: &str) -> Option<Duration> {
    if text.eq_ignore_ascii_case("infinite") {
        return Some(Duration::from_secs(u64::from(u32::MAX)));
    }
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number = digits.trim().parse::<u32>().ok()?;
    match text[digits.len()..].to_ascii_lowercase().as_str() {
        "us" => Some(Duration::from_micros(number.into())),
        "" | "ms" => Some(Duration::from_millis(number.into())),
        "s" => Some(Duration::from_secs(number.into())),
        _ => None,
    }
}

/// The host is device 0 and the only one; negative numbers stand for `initial` and `invalid`.
pub fn device(text: &str) -> Option<i32> {
    non_negative(text).or_else(|| word(text, &[("initial", -1), ("invalid", -2), ("default", 0)]))
}

/// The `OMP_PLACES` grammar: an abstract name or an explicit list. Processors that cannot be used are left out, and places
/// that become empty by that, too; nothing left is an error.
pub fn places(text: &str, machine: &Machine) -> Option<Vec<Place>> {
    let text: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect::<String>()
        .to_ascii_lowercase();
    let places = if text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        abstract_places(&text)?
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

fn abstract_places(text: &str) -> Option<Vec<Place>> {
    let (name, arguments) = match text.split_once('(') {
        Some((name, rest)) => (name, Some(rest.strip_suffix(')')?)),
        None => (text, None),
    };
    let all = topology::places_of(name)?;
    let Some(arguments) = arguments else {
        return Some(all);
    };
    let (count, stride) = match arguments.split_once(':') {
        Some((count, stride)) => (count, stride.parse().ok()?),
        None => (arguments, 1),
    };
    let count = count.parse::<usize>().ok().filter(|&n| n > 0)?;
    let stride = usize::try_from(stride).ok().filter(|&n: &usize| n > 0)?;
    Some(all.into_iter().step_by(stride).take(count).collect())
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
        let (len, stride) = interval_of(interval)?;
        for step in 0..len {
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
        let (len, stride) = interval_of(interval)?;
        for step in 0..len {
            place.push(shifted(base, step, stride)?);
        }
    }
    Some(place)
}

/// `""`, `":len"` or `":len:stride"`.
fn interval_of(text: &str) -> Option<(usize, i64)> {
    let Some(text) = text.strip_prefix(':') else {
        return text.is_empty().then_some((1, 1));
    };
    let (len, stride) = match text.split_once(':') {
        Some((len, stride)) => (len, stride.parse().ok()?),
        None => (text, 1),
    };
    // More processors than any machine has are a slip, not a wish.
    Some((
        len.parse().ok().filter(|&n| (1..=1 << 16).contains(&n))?,
        stride,
    ))
}

fn shifted(cpu: usize, step: usize, stride: i64) -> Option<usize> {
    let moved = i64::try_from(cpu)
        .ok()?
        .checked_add(stride.checked_mul(i64::try_from(step).ok()?)?)?;
    usize::try_from(moved).ok()
}
