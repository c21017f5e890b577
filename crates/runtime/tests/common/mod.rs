//! Shared by the tests: team sizes that cover one, two, all-to-all barriers and the tree, more threads than processors.

#![allow(dead_code, reason = "each test file uses its part")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use omply_runtime::{ForkOptions, TeamThread, fork};

/// The folder of the drop-in library, built now if it has not been in this process.
pub fn dropin() -> &'static PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("dropin");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("dropin.sh");
        let output = Command::new(script)
            .arg(&folder)
            .env("PROFILE", "debug")
            .output()
            .expect("the script starts");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        folder
    })
}

/// Team sizes every feature is tried with.
pub const SIZES: [i32; 4] = [1, 2, 4, 17];

/// Runs `body` on a team of `size`.
pub fn on_team<F: Fn(TeamThread) -> i32 + Sync>(size: i32, body: F) -> Result<(), i32> {
    fork(
        &ForkOptions {
            num_threads: &[size],
            ..ForkOptions::default()
        },
        body,
    )
}

/// Runs `body` for each of the sizes.
pub fn with_sizes(body: impl Fn(i32)) {
    for size in SIZES {
        body(size);
    }
}

/// A pseudo-random sequence, to vary interleavings.
pub fn pause(seed: &mut u64) {
    *seed = seed
        .wrapping_mul(6364136223846793005)
        .wrapping_add(1442695040888963407);
    for _ in 0..(*seed >> 57) {
        std::hint::spin_loop();
    }
}
