//! Canonical loops, data sharing and nesting rules: HIR to facts, with every broken rule reported.

mod allocate;
mod atomic;
mod branches;
mod check;
mod clauses;
mod constructs;
mod declare_simd;
mod definite;
mod depobj;
mod devices;
mod dump;
mod error;
pub mod facts;
mod follow;
mod generated;
mod interop;
mod locations;
mod loops;
mod names;
mod nesting;
mod occurrences;
pub mod operators;
pub mod scan;
mod sharing;
mod structure;
mod unassigned;
mod undefined;

pub use check::{Checked, check};
pub use devices::behavior as defaultmap_behavior;
pub use dump::dump;
pub use structure::sections;

use constructs::Constructs;
use facts::{DirectiveFacts, Facts, LoopNest};
use omply_diagnostics::{Code, Diagnostic};
use omply_spec::Mode;
use omply_syntax::hir::{DirId, Function, GlobalKind, StmtId, UsedIn};

/// The facts of a function, and everything that is wrong with its constructs. The facts are of use only when nothing is.
pub fn analyse(function: &Function, source: &str) -> (Facts, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let constructs = Constructs::of(function);
    structure::check(function, &constructs, source, &mut diagnostics);
    nesting::check(&constructs, &mut diagnostics);
    let nests: Vec<Option<LoopNest>> = constructs
        .all
        .iter()
        .map(|construct| loops::nest(function, construct, &mut diagnostics))
        .collect();
    // What is wrong with a transformation is found again by the construct that affects its loops.
    let mut seen = Vec::new();
    diagnostics.retain(|diagnostic| {
        let key = (
            diagnostic.code,
            diagnostic.primary.span,
            diagnostic.message.clone(),
        );
        let new = !seen.contains(&key);
        seen.push(key);
        new
    });
    let affected = |id: DirId| -> Vec<StmtId> {
        nests[id.index()]
            .iter()
            .flat_map(|nest| &nest.loops)
            .map(|one| one.stmt)
            .collect()
    };
    loops::named_iterations(&constructs, &nests, &mut diagnostics);
    branches::check(&constructs, &affected, &mut diagnostics);
    // A transformation alone makes no loop variable private.
    let divided = |id: DirId| match loops::is_transformation(constructs.get(id).innermost()) {
        true => Vec::new(),
        false => affected(id),
    };
    let occurrences = occurrences::collect(function, &constructs, &divided);
    let input = sharing::Input {
        function,
        constructs: &constructs,
        nests: &nests,
        occurrences: &occurrences,
    };
    let names = sharing::decide(&input, &mut diagnostics);
    uncaptured(function, &mut diagnostics);
    scan::check(&constructs, &mut diagnostics);
    follow::check(&constructs, &nests, &mut diagnostics);
    operators::check(function, &constructs, &mut diagnostics);

    let mut directives = Vec::with_capacity(nests.len());
    for (construct, names) in constructs.all.iter().zip(names) {
        let mut regions: Vec<facts::Region> = construct
            .leaves()
            .iter()
            .map(|leaf| clauses::region(function, &constructs, construct, leaf, &mut diagnostics))
            .collect();
        for (region, vars) in regions.iter_mut().zip(names.leaves) {
            region.vars = vars;
        }
        directives.push(DirectiveFacts {
            id: construct.dir.id,
            parent: construct.parent,
            regions,
            nest: nests[construct.dir.id.index()].clone(),
            locals: names.locals,
        });
    }
    undefined::check(function, &constructs, &directives, &mut diagnostics);
    unassigned::check(
        function,
        &constructs,
        &directives,
        &occurrences,
        &mut diagnostics,
    );
    diagnostics.sort_by_key(|diagnostic| (diagnostic.primary.span.start, diagnostic.code));
    let facts = Facts {
        directives,
        simd: Vec::new(),
    };
    (facts, diagnostics)
}

/// What a function's directives ask for that the mode cannot run yet.
pub fn unsupported(function: &Function, mode: Mode) -> Vec<Diagnostic> {
    let constructs = Constructs::of(function);
    let directives = constructs
        .all
        .iter()
        .map(|construct| &construct.dir.directive);
    directives
        .flat_map(|directive| omply_directive::unsupported(directive, mode))
        .collect()
}

/// A variable of an enclosing function reaches the function only if its code mentions it; a directive's text is no code to CPython.
fn uncaptured(function: &Function, diagnostics: &mut Vec<Diagnostic>) {
    for global in &function.globals {
        if global.kind == GlobalKind::Free && global.used_in == UsedIn::Clause {
            let name = &global.name;
            diagnostics.push(
                Diagnostic::error(
                    Code::Uncaptured,
                    global.span,
                    format!("`{name}` of the enclosing function is out of reach"),
                )
                .label(format!(
                    "`{}` mentions it in directives only, so Python does not capture it",
                    function.name
                ))
                .help(format!(
                    "assign it to a variable in the function: `{name}_ = {name}`"
                )),
            );
        }
    }
}
