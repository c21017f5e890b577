//! `dispatch` and `interop`, and which of a function's variants a call calls. There is no foreign runtime: interoperability objects
//! are `omp_interop_none`.

use super::super::function::Lowerer;
use super::Construct;
use crate::env::GlobalValue;
use crate::value::Val;
use omply_analysis::facts::Region;
use omply_spec::LeafKind;
use omply_syntax::hir::Expr;

/// A `dispatch` construct whose call comes next.
#[derive(Clone, Copy, Debug)]
pub struct Dispatch {
    /// Its variants may stand in for the function.
    with_variants: bool,
    /// It is a trait of the call's context.
    is_trait: bool,
}

impl Lowerer<'_, '_> {
    pub(super) fn dispatch(&mut self, construct: Construct<'_>, region: &Region) {
        if !region.depends.is_empty() {
            self.taskwait(region);
        }
        let novariants = self.known_switch("novariants", &region.novariants);
        let nocontext = self.known_switch("nocontext", &region.nocontext);
        self.omp.dispatch = Some(Dispatch {
            with_variants: !novariants,
            is_trait: !nocontext,
        });
        self.stmts(&construct.directive.body);
        self.omp.dispatch = None;
    }

    /// Which function is called is decided before the program runs.
    fn known_switch(&mut self, clause: &str, expr: &Option<Expr>) -> bool {
        let Some(expr) = expr else { return false };
        let cond = self.condition(expr);
        match cond.as_bool() {
            Some(known) => known,
            None => {
                if !cond.is_never() {
                    let what = format!("{clause} with an expression that is not constant");
                    self.unsupported_clause(&what, expr.span);
                }
                false
            }
        }
    }

    /// The objects that are made or destroyed are none after it.
    pub(super) fn interop(&mut self, region: &Region) {
        if !region.depends.is_empty() {
            self.taskwait(region);
        }
        for (name, span) in &region.interop {
            self.assign_name(*name, Val::int(0), *span);
        }
    }

    /// What a call of a function with variants calls here.
    pub fn variant(
        &mut self,
        handle: u64,
        dispatch: Option<Dispatch>,
    ) -> Result<GlobalValue, String> {
        let with_variants = dispatch.is_none_or(|dispatch| dispatch.with_variants);
        let mut constructs = self.omp.constructs.clone();
        if dispatch.is_none_or(|dispatch| !dispatch.is_trait) {
            constructs.retain(|leaf| *leaf != LeafKind::Dispatch);
        }
        self.program.env.variant(handle, &constructs, with_variants)
    }
}
