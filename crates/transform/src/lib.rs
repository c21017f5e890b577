//! The passes that take a module from the phase `Regions` to the phase `Flat`: one pass to a file, in the order in
//! which `run` lists them. In debug builds the verifier runs after every pass.

pub mod device;
pub mod forward;
pub mod hoist_checks;
pub mod joins;
pub mod outline;
pub mod poll;
pub mod prune;
pub mod target;
pub mod walks;
pub mod worksharing;

mod effects;
mod rename;
mod stable;
mod trip;

use omply_ir::verify::{Phase, verify};
use omply_ir::{FuncKind, Module};

#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Test for whole loops that their accesses are in bounds, and run a clone without checks where they are.
    pub hoist_checks: bool,
    /// Let Ctrl-C and cancellation interrupt loops.
    pub poll: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            hoist_checks: true,
            poll: true,
        }
    }
}

/// All passes. `module` is in phase `Regions`, or has had its target regions split off, and comes out in phase `Flat`.
pub fn run(module: &mut Module, options: &Options) {
    let split = module
        .funcs
        .iter()
        .any(|func| func.kind == FuncKind::Target);
    let phase = if split {
        Phase::Between
    } else {
        Phase::Regions
    };
    check(module, phase, "lowering");
    target::run(module);
    check(module, Phase::Between, "target");
    outline::run(module);
    check(module, Phase::Between, "outline");
    worksharing::run(module);
    check(module, Phase::Flat, "worksharing");
    joins::run(module);
    forward::run(module);
    check(module, Phase::Flat, "forward");
    prune::run(module);
    check(module, Phase::Flat, "prune");
    if options.hoist_checks {
        hoist_checks::run(module);
        check(module, Phase::Flat, "hoist_checks");
        walks::run(module);
        check(module, Phase::Flat, "walks");
    }
    if options.poll {
        poll::run(module);
        check(module, Phase::Flat, "poll");
    }
    prune::run(module);
    check(module, Phase::Flat, "prune");
}

/// A broken rule is a mistake in the pass (or in lowering), never in the user's program.
fn check(module: &Module, phase: Phase, pass: &str) {
    if cfg!(debug_assertions)
        && let Err(errors) = verify(module, phase)
    {
        let errors: Vec<String> = errors.iter().map(|error| error.to_string()).collect();
        panic!("after {pass}:\n{}\n{module}", errors.join("\n"));
    }
}
