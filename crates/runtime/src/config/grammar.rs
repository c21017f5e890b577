//! Grammars of the environment variables' values. Every function returns `None` for what it does not accept.

use std::time::Duration;

use crate::icv::{Bind, RunSchedule, ScheduleKind};

/// One of the words, in any case.
pub fn word<T: Copy>(text: &str, words: &[(&str, T)]) -> Option<T> {
    words
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(text))
        .map(|&(_, value)| value)
}

/// Names separated by commas; `none` stands for no name.
pub fn plugins(text: &str) -> Option<Vec<String>> {
    if text.eq_ignore_ascii_case("none") {
        return Some(Vec::new());
    }
    let names = text.split(',').map(|name| name.trim().to_ascii_lowercase());
    names
        .map(|name| (!name.is_empty()).then_some(name))
        .collect()
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

/// Bytes; a number without a unit is shifted by `default_shift`.
pub fn size(text: &str, default_shift: u32) -> Option<usize> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" => default_shift,
        "B" => 0,
        "K" => 10,
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

/// How many of a contention group's threads are kept for one purpose each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reservation {
    pub structured: i32,
    pub free_agent: i32,
}

/// The `OMP_THREADS_RESERVE` grammar. `None` also when the limit has no room for what is reserved.
pub fn reservation(text: &str, thread_limit: i32) -> Option<Reservation> {
    let mut structured = None;
    let mut free_agent = None;
    let items: Vec<&str> = text.split(',').map(str::trim).collect();
    for item in &items {
        if let Ok(number) = item.parse::<i32>() {
            if items.len() > 1 {
                return None;
            }
            structured = Some(number);
            continue;
        }
        let (name, number) = match item.split_once('(') {
            Some((name, number)) => {
                let number = number.strip_suffix(')')?.trim().parse::<i32>().ok()?;
                (name.trim(), Some(number))
            }
            None => (*item, None),
        };
        let is_structured = word(name, &[("structured", true), ("free_agent", false)])?;
        // A type alone takes all that there is.
        let (slot, all) = if is_structured {
            (&mut structured, thread_limit)
        } else {
            (&mut free_agent, thread_limit - 1)
        };
        if slot.replace(number.unwrap_or(all)).is_some() {
            return None;
        }
    }
    let structured = structured.unwrap_or(1).max(1);
    let free_agent = match free_agent.unwrap_or(0) {
        // One thread at least is left for the program's own structure.
        all if all == thread_limit => all - 1,
        some => some,
    };
    let fits = free_agent >= 0 && structured.checked_add(free_agent)? <= thread_limit;
    fits.then_some(Reservation {
        structured,
        free_agent,
    })
}
