//! `dispatch` and `interop`, and which of a function's variants a call calls.

use super::super::function::Lowerer;
use super::Construct;
use crate::env::GlobalValue;
use crate::ty::Ty;
use crate::value::Val;
use omply_analysis::facts::{InteropAction, InteropWhat, Region};
use omply_diagnostics::Code;
use omply_ir::{CompareOp, ErrorKind, Op, Routine, Type};
use omply_spec::LeafKind;
use omply_syntax::hir::{Expr, NameRef};

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
        self.await_depends(region);
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

    /// Objects are numbers; those that are destroyed are none after it.
    pub(super) fn interop(&mut self, region: &Region) {
        self.await_depends(region);
        let device = region.device.as_ref().and_then(|expr| {
            let value = self.expr(expr);
            let value = self.index_value(&value, expr.span)?;
            Some(self.id(&value))
        });
        for action in &region.interop_actions {
            match action.what {
                InteropWhat::Init { types, prefer } => {
                    let device = device.unwrap_or_else(|| self.b.int(i64::MIN));
                    let args = vec![device, self.b.int(types), self.b.int(prefer)];
                    let routine = Routine::InteropInit;
                    let object = self.b.emit(Op::Routine { routine, args }, Type::I64);
                    let zero = self.b.int(0);
                    let made = self.b.compare(CompareOp::Ge, object, zero);
                    let message = "there is no such device to make an interoperability object for";
                    self.check(made, ErrorKind::Value, message, action.span, Vec::new());
                    self.assign_name(action.object, Val::new(Ty::Int, object), action.span);
                }
                InteropWhat::Use => self.end_interop(action, 0),
                InteropWhat::Destroy => {
                    self.end_interop(action, 1);
                    self.assign_name(action.object, Val::int(0), action.span);
                }
            }
        }
    }

    fn end_interop(&mut self, action: &InteropAction, last: i64) {
        let NameRef::Var(var) = action.object else {
            self.not_native(
                action.span,
                "interoperability objects in variables of the module",
            );
            return;
        };
        let object = self.read_var(var, action.span);
        if object.is_never() {
            return;
        }
        if object.ty != Ty::Int {
            let message = format!("{} is no interoperability object", object.ty);
            self.error(Code::WrongOperands, action.span, message);
            return;
        }
        let args = vec![self.id(&object), self.b.int(last)];
        let routine = Routine::InteropEnd;
        let done = self.b.emit(Op::Routine { routine, args }, Type::BOOL);
        let message = "this is no interoperability object, or it has been destroyed";
        self.check(done, ErrorKind::Value, message, action.span, Vec::new());
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
