//! Puts N random texts and edits of valid directives through parsing and rendering: `fuzz N [seed]`.

#[path = "../tests/fuzzing/mod.rs"]
mod fuzzing;

use std::time::Instant;

fn main() {
    let mut args = std::env::args().skip(1);
    let tries: u64 = args
        .next()
        .and_then(|n| n.parse().ok())
        .unwrap_or(1_000_000);
    let seed: u64 = args.next().and_then(|n| n.parse().ok()).unwrap_or(1);
    let mut random = fuzzing::Random::new(seed);
    let started = Instant::now();
    let mut found = 0;
    for _ in 0..tries {
        let text = fuzzing::text(&mut random);
        // The text that fails must be seen, so a panic is caught only to print it.
        match std::panic::catch_unwind(|| fuzzing::check(&text)) {
            Ok(count) => found += count,
            Err(_) => {
                eprintln!("failed on {text:?}");
                std::process::exit(1);
            }
        }
    }
    println!(
        "{tries} texts, {found} diagnostics, no panic, {:.1} s",
        started.elapsed().as_secs_f64()
    );
}
