//! affinity-format-var and the expansion of its fields.

use crate::affinity;
use crate::config::config;
use crate::league;
use crate::process::ForkSafe;
use crate::thread::Thread;

/// Fields are padded up to this width: wider ones are a slip.
const WIDEST: usize = 4096;

/// `None`: as the environment says.
pub static FORMAT: ForkSafe<Option<String>> = ForkSafe::new(None);

pub fn set(format: String) {
    *FORMAT.lock() = Some(format);
}

pub fn get() -> String {
    FORMAT
        .lock()
        .clone()
        .unwrap_or_else(|| config().affinity_format.clone())
}

/// Expands `%[[[0].]size]type` fields for the calling thread; an empty format stands for affinity-format-var.
pub fn expand(format: &str, thread: &Thread) -> String {
    let format = if format.is_empty() {
        get()
    } else {
        format.to_owned()
    };
    let mut text = String::new();
    let mut rest = format.as_str();
    while let Some(percent) = rest.find('%') {
        text.push_str(&rest[..percent]);
        rest = &rest[percent + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            text.push('%');
            rest = after;
            continue;
        }
        let zero = rest.starts_with('0');
        rest = rest.strip_prefix('0').unwrap_or(rest);
        let right = rest.starts_with('.');
        rest = rest.strip_prefix('.').unwrap_or(rest);
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let width = rest[..digits].parse().unwrap_or(0).min(WIDEST);
        rest = &rest[digits..];
        let name = match rest
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'))
        {
            Some((name, after)) => {
                rest = after;
                name
            }
            None => {
                let end = rest.chars().next().map_or(0, char::len_utf8);
                let (name, after) = rest.split_at(end);
                rest = after;
                name
            }
        };
        text.push_str(&padded(&field(name, thread), width, right, zero));
    }
    text.push_str(rest);
    text
}

fn padded(value: &str, width: usize, right: bool, zero: bool) -> String {
    let number = value.parse::<i64>().is_ok();
    match (right, zero && number) {
        // The zeros follow the sign.
        (true, true) => match value.strip_prefix('-') {
            Some(digits) => format!("-{digits:0>0$}", width.saturating_sub(1)),
            None => format!("{value:0>width$}"),
        },
        (true, false) => format!("{value:>width$}"),
        (false, _) => format!("{value:<width$}"),
    }
}

fn field(name: &str, thread: &Thread) -> String {
    let member = thread.member();
    match name {
        "t" | "team_num" => league::place_in_league(thread).0.to_string(),
        "T" | "num_teams" => league::place_in_league(thread).1.to_string(),
        "L" | "nesting_level" => member.team().level.get().to_string(),
        "n" | "thread_num" => member.tid.get().to_string(),
        "N" | "num_threads" => member.team_size.get().to_string(),
        // SAFETY: members are never freed.
        "a" | "ancestor_tnum" => unsafe { member.team().parent.get().as_ref() }
            .map_or(-1, |parent| parent.tid.get() as i32)
            .to_string(),
        "H" | "host" => host(),
        "P" | "process_id" => std::process::id().to_string(),
        // SAFETY: takes no arguments.
        "i" | "native_thread_id" => unsafe { libc::syscall(libc::SYS_gettid) }.to_string(),
        "A" | "thread_affinity" => affinity::processors_text(),
        _ => "undefined".to_owned(),
    }
}

fn host() -> String {
    let mut name = [0u8; 256];
    // SAFETY: the buffer has the length given; the last byte stays zero.
    unsafe { libc::gethostname(name.as_mut_ptr().cast(), name.len() - 1) };
    let end = name.iter().position(|byte| *byte == 0).unwrap_or(0);
    String::from_utf8_lossy(&name[..end]).into_owned()
}
