//! The passes for devices: from the functions of a module in phase `Regions` to one kernel, and what it calls, in phase `Flat`.
//! Every thread of every block runs the kernel; a block is a team, and `ThreadNum`, `TeamSize` and `Barrier` are the hardware's.
//!
//! ```text
//! regions   region by region: who runs it? Parallel regions in parallel regions, tasks and the like are run by the thread that
//!           meets them; functions are cloned for each way in which they are called
//! checks    tests in front of loops, while worksharing loops still show their bounds
//! arrays    arrays of a team that lie in its own memory
//! team      what only a team's initial thread may do is done by it, between barriers; the rest every thread does for itself
//! share     worksharing loops: thread after thread takes the next iteration
//! ```
//!
//! All threads of a team meet the same barriers, as every kind of device asks: no thread waits aside for work.

mod arrays;
mod combine;
mod regions;
mod share;
mod team;

use omply_diagnostics::Span;
use omply_ir::verify::Phase;
use omply_ir::{FuncId, Module, Op};

use crate::{check, forward, hoist_checks, prune};

/// What devices do not run yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Unsupported {
    pub what: String,
    /// The function of the module that was given.
    pub func: usize,
    pub span: Span,
}

/// A region's functions, each run by all threads of all blocks.
pub struct Kernel {
    /// In phase Flat; function 0 is the kernel.
    pub module: Module,
    /// For each function, which of the module that was given it is made from.
    pub sources: Vec<usize>,
}

impl std::fmt::Display for Unsupported {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "not supported on devices yet: {}", self.what)
    }
}

/// The kernel of the target region that is the module's function `index`.
pub fn run(module: &Module, index: usize, hoist: bool) -> Result<Kernel, Unsupported> {
    let (funcs, sources) = regions::run(module, index)?;
    let mut kernel = Module {
        name: module.name.clone(),
        funcs,
        sites: module.sites.clone(),
        entry: Some(FuncId(0)),
    };
    check(&kernel, Phase::Between, "regions");
    forward::run(&mut kernel);
    prune::run(&mut kernel);
    check(&kernel, Phase::Between, "forward");
    if hoist {
        hoist_checks::run(&mut kernel);
        check(&kernel, Phase::Between, "hoist_checks");
    }
    let leads = team::leading_to(&kernel, &|inst| matches!(inst.op, Op::Parallel { .. }));
    arrays::run(&mut kernel, &leads);
    check(&kernel, Phase::Between, "arrays");
    team::run(&mut kernel);
    check(&kernel, Phase::Between, "team");
    share::run(&mut kernel);
    prune::run(&mut kernel);
    check(&kernel, Phase::Flat, "share");
    Ok(Kernel {
        module: kernel,
        sources,
    })
}
