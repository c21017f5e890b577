//! Bytes as directive text, through parsing and rendering: `cargo +nightly fuzz run directive`.
#![no_main]

#[path = "../../crates/directive/tests/fuzzing/mod.rs"]
#[expect(dead_code, reason = "the fuzzer makes its own texts")]
mod fuzzing;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    fuzzing::check(text);
});
