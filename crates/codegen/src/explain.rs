//! Loops that the program wants as vector code and that did not become it, with the reason: for people, on demand.

use omply_diagnostics::Span;
use omply_ir::{Module, Op};

use crate::llvm::remarks::Remarks;

/// A loop marked `simd` that is no vector code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissedLoop {
    /// The function of the module that it stands in.
    pub function: String,
    /// The `simd` that asks.
    pub span: Span,
    pub reason: String,
}

/// A place that a loop carries through LLVM: the function's index above that of its `simd` in the list of those asked for.
pub fn wanted(module: &Module) -> Vec<(String, Span, bool)> {
    let mut list = Vec::new();
    for func in &module.funcs {
        func.body.walk(&mut |inst| {
            if let Op::For { info, .. } = &inst.op
                && let Some(span) = info.wanted
            {
                let known = list
                    .iter()
                    .any(|(name, other, _)| *name == func.name && *other == span);
                if !known {
                    list.push((func.name.clone(), span, info.simd));
                }
            }
        });
    }
    list
}

/// What became of the loops in the list that `wanted` made of the module.
pub fn missed(wanted: Vec<(String, Span, bool)>, remarks: &Remarks) -> Vec<MissedLoop> {
    let missed = remarks.missed();
    let loops = wanted.into_iter().enumerate();
    loops
        .filter_map(|(index, (function, span, simd))| {
            let reason = if simd {
                let (_, reason) = missed.iter().find(|(place, _)| *place == index as u32 + 1)?;
                plain(reason.unwrap_or_default())
            } else {
                "its iterations depend on each other: it has an ordered block, or a reduction over an array".to_owned()
            };
            Some(MissedLoop {
                function,
                span,
                reason,
            })
        })
        .collect()
}

/// LLVM's reasons in the words of a program.
fn plain(reason: &str) -> String {
    const WORDS: &[(&str, &str)] = &[
        (
            "loop control flow is not understood",
            "it may be left early, by a check that cannot wait (such as that of an index) or by an error",
        ),
        (
            "early exit",
            "it may be left early, by a check that cannot wait (such as that of an index) or by an error",
        ),
        (
            "could not determine number of loop iterations",
            "it may be left early, by a check that cannot wait (such as that of an index) or by an error",
        ),
        (
            "call instruction cannot be vectorized",
            "it calls a function that has no vector version (see `declare_simd`)",
        ),
        (
            "value that could not be identified as reduction",
            "an iteration uses what the one before has computed",
        ),
        (
            "unsafe dependent memory operations",
            "iterations may use elements that others assign",
        ),
        (
            "cannot identify array bounds",
            "it cannot be told which elements the loop uses",
        ),
        (
            "instruction cannot be vectorized",
            "it holds an operation that has no vector form",
        ),
        (
            "control flow cannot be substituted for a select",
            "something in a branch may not be done for iterations that do not take it",
        ),
        ("the cost-model indicates", "vector code would be slower"),
    ];
    let known = WORDS.iter().find(|(text, _)| reason.contains(text));
    match (known, reason) {
        (Some((_, words)), _) => (*words).to_owned(),
        (None, "") => "it holds another loop, or too much to decide about".to_owned(),
        (None, other) => other.trim_end_matches('.').to_owned(),
    }
}
