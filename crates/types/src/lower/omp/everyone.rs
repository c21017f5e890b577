//! `reduction(original(private), ...)`: every thread's own original receives the combination of all copies.

use super::super::function::Lowerer;
use super::declared::Operator;
use super::sharing::Copies;
use crate::flow::{Binding, Bound};
use crate::ty::Ty;
use crate::value::Val;
use omply_analysis::facts::Reducer;
use omply_diagnostics::Span;
use omply_ir::{ArrayType, ErrorKind, IndexCheck, Init, Layout, LoopInfo, Op, SlotId, Type};
use omply_syntax::hir::{DirId, VarId};

/// A copy, and the memory to which each thread contributes its own.
#[derive(Clone)]
pub struct Contribution {
    var: VarId,
    operator: Operator,
    ty: Ty,
    parts: SlotId,
    span: Span,
}

impl Lowerer<'_, '_> {
    pub(super) fn open_contribution(
        &mut self,
        var: VarId,
        reducer: Reducer,
        dir: DirId,
        span: Span,
        copies: &mut Copies,
    ) {
        let outer = self.read_var(var, span);
        if outer.is_never() {
            return;
        }
        let Some(ty) = self.fix_type(var, dir, span) else {
            return;
        };
        let Some(elem) = ty.scalar() else {
            return self.unsupported_clause("original(private) for anything but a number", span);
        };
        let Some(operator) = self.operator_for(reducer, &ty, var, span) else {
            return;
        };
        let array = ArrayType {
            elem,
            ndim: 1,
            layout: Layout::C,
        };
        let parts = self.temp("parts", &Ty::Array(array));
        let team = self.b.emit(Op::TeamSize, Type::I64);
        let site = self.site(ErrorKind::Memory, "cannot allocate an array", span);
        self.b.open_block();
        let op = Op::Alloc {
            shape: vec![team],
            init: Init::Uninit,
            from: None,
            site,
        };
        let made = self.b.emit(op, Type::Array(array));
        self.b.store_slot(parts, made);
        let body = self.b.close_block();
        let executed = self.b.emit(Op::Single { body }, Type::BOOL);
        self.b.effect(Op::CopyPrivate {
            executed,
            slots: vec![parts],
        });
        let outer = self.read_var(var, span);
        let start = self.neutral(operator, &ty, &outer, span);
        self.enter_scope(var, copies);
        let key = (var, self.scope_of[var.index()]);
        if let Operator::Own(op) = operator {
            self.omp.reductions.insert(key, op);
        }
        self.pins.insert(key, dir);
        self.bind(var, start, span);
        copies.contributions.push(Contribution {
            var,
            operator,
            ty,
            parts,
            span,
        });
    }

    /// What changes nothing when it is combined.
    pub(super) fn neutral(
        &mut self,
        operator: Operator,
        ty: &Ty,
        original: &Val,
        span: Span,
    ) -> Val {
        match operator {
            Operator::Own(op) => {
                let scalar = ty.scalar();
                match scalar.and_then(|scalar| super::reduction::identity(op, scalar)) {
                    Some(identity) => Val::constant(ty.clone(), identity),
                    None => {
                        let message = format!("`{}` is no reduction for {ty}", op.name());
                        self.error(omply_diagnostics::Code::WrongOperands, span, message)
                    }
                }
            }
            Operator::Declared(declared) => self.initial(declared, original, span),
        }
    }

    /// Two values of one type, combined.
    pub(super) fn joined(&mut self, operator: Operator, a: &Val, b: &Val, span: Span) -> Val {
        let value = match operator {
            Operator::Own(op) => self.combined_numbers(op, a, b, span),
            Operator::Declared(declared) => self.combined(declared, a, b, span),
        };
        self.convert(&value, &a.ty)
    }

    /// Hands out the copies; every thread combines all of them, in the order of thread numbers.
    pub(super) fn combine_contributions(&mut self, copies: &mut Copies) {
        let all = copies.contributions.clone();
        if all.is_empty() {
            return;
        }
        let thread = self.b.emit(Op::ThreadNum, Type::I64);
        for one in &all {
            let value = self.load_var(one.var, &one.ty);
            let value = self.id(&value);
            let array = self.b.load_slot(one.parts);
            self.b.effect(Op::Store {
                array,
                indices: vec![thread],
                value,
                check: IndexCheck::None,
            });
        }
        self.b.effect(Op::Barrier);
        let team = self.b.emit(Op::TeamSize, Type::I64);
        for one in all {
            let Some((outer, _)) = self.slot_pair(copies, one.var, &one.ty) else {
                continue;
            };
            self.each_part(one.parts, &one.ty, team, &mut |s, part| {
                let before = Val::new(one.ty.clone(), s.b.load_slot(outer));
                let value = s.joined(one.operator, &before, &part, one.span);
                let value = s.id(&value);
                s.b.store_slot(outer, value);
            });
            let binding = Binding::Bound(Bound::new(one.ty.clone(), one.span));
            self.outer_binding(copies, one.var, binding);
        }
    }

    /// Runs `run` for the first `count` numbers of an array.
    pub(super) fn each_part(
        &mut self,
        array: SlotId,
        ty: &Ty,
        count: omply_ir::ValueId,
        run: &mut dyn FnMut(&mut Self, Val),
    ) {
        let (start, step) = (self.b.int(0), self.b.int(1));
        let iv = self.b.value(Type::I64);
        let branch = self.branch(|s| {
            let array = s.b.load_slot(array);
            let op = Op::Load {
                array,
                indices: vec![iv],
                check: IndexCheck::None,
            };
            let part = s.b.emit(op, ty.ir());
            run(s, Val::new(ty.clone(), part));
        });
        self.b.effect(Op::For {
            iv,
            start,
            stop: count,
            step,
            body: branch.block,
            info: LoopInfo::default(),
        });
    }
}
