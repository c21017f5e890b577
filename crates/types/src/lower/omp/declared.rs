//! Operators that `declare_reduction` declares: which of them fits a variable, the value a copy starts with, and how two values
//! are combined.

use super::super::function::Lowerer;
use super::sharing::Copies;
use crate::env::GlobalValue;
use crate::flow::{Binding, Bound};
use crate::ty::Ty;
use crate::value::Val;
use omply_analysis::facts::Reducer;
use omply_analysis::operators;
use omply_diagnostics::{Code, Span};
use omply_ir::{ErrorKind, IndexCheck, Init, LoopInfo, Op, Scalar, Type, ValueId};
use omply_spec::ReductionOp;
use omply_syntax::hir::{DeclaredKind, DirId, Expr, ExprKind, OwnExpr, VarId};
use std::sync::Arc;

/// What a reduction combines the copies of one variable with.
#[derive(Clone, Copy, Debug)]
pub enum Operator {
    /// OpenMP's own.
    Own(ReductionOp),
    Declared(Declared),
}

/// A declared operator that fits a variable.
#[derive(Clone, Copy, Debug)]
pub struct Declared {
    /// Of `Function::declared`.
    index: usize,
    /// The variable is an array of what the operator is declared for.
    elementwise: bool,
}

impl Lowerer<'_, '_> {
    /// The operator that a reduction of a `ty` means; an error where none is declared for it.
    pub(super) fn operator_for(
        &mut self,
        reducer: Reducer,
        ty: &Ty,
        var: VarId,
        span: Span,
    ) -> Option<Operator> {
        let hir = Arc::clone(&self.hir);
        let name = reducer.name(&hir);
        let elem = ty.array().map(|array| Ty::Np(array.elem));
        for (index, operator) in hir.declared.iter().enumerate() {
            if operator.name != name || !matches!(operator.kind, DeclaredKind::Reduction { .. }) {
                continue;
            }
            if operator
                .types
                .iter()
                .any(|one| self.is_of_type(ty, &one.expr))
            {
                let elementwise = false;
                return Some(Operator::Declared(Declared { index, elementwise }));
            }
            let fits = |s: &mut Self, one: &OwnExpr| {
                elem.as_ref()
                    .is_some_and(|elem| s.is_of_type(elem, &one.expr))
            };
            if operator.types.iter().any(|one| fits(self, one)) {
                let elementwise = true;
                return Some(Operator::Declared(Declared { index, elementwise }));
            }
        }
        if let Reducer::Op(op) = reducer {
            return Some(Operator::Own(op));
        }
        let declared: Vec<&str> = operators::reductions(&hir, reducer)
            .flat_map(|(operator, ..)| &operator.types)
            .map(|one| &one.text.text[..])
            .collect();
        let variable = self.var_name(var);
        self.error_help(
            Code::WrongOperands,
            span,
            format!("`{name}` is declared for no {ty}, which `{variable}` is"),
            format!("it is declared for {}", declared.join(", ")),
        );
        None
    }

    /// Whether a value of type `ty` is one of the type that the expression means.
    pub(super) fn is_of_type(&mut self, ty: &Ty, expr: &Expr) -> bool {
        let scalar = ty.scalar();
        match self.static_value(expr) {
            Some(GlobalValue::Builtin(name)) => match &name[..] {
                "object" => true,
                "bool" => scalar == Some(Scalar::Bool),
                "int" => scalar.is_some_and(Scalar::is_int),
                "float" => scalar.is_some_and(Scalar::is_float),
                "complex" => scalar.is_some_and(Scalar::is_complex),
                "tuple" => matches!(ty, Ty::Tuple(_)),
                _ => false,
            },
            Some(GlobalValue::Dtype(wanted)) => scalar == Some(wanted),
            // NumPy's class of arrays is nothing that native code computes with, so its name tells it.
            _ => {
                let array =
                    matches!(&expr.kind, ExprKind::Attribute { attr, .. } if attr == "ndarray");
                array && ty.array().is_some()
            }
        }
    }

    /// Copies that start with what the operator's initializer says.
    pub(super) fn open_declared(
        &mut self,
        var: VarId,
        declared: Declared,
        dir: DirId,
        span: Span,
        copies: &mut Copies,
    ) {
        let outer = self.read_var(var, span);
        let start = self.initial(declared, &outer, span);
        if start.is_never() {
            return;
        }
        self.enter_scope(var, copies);
        let scope = self.scope_of[var.index()];
        let start = match outer.ty.array() {
            // The combination wants both under one type.
            Some(array) => self.convert(&start, &Ty::Array(array)),
            None => {
                self.pins.insert((var, scope), dir);
                start
            }
        };
        self.bind(var, start, span);
        copies.declared.push((var, declared, span));
    }

    /// The value of the initializer; without one, zeros.
    pub(super) fn initial(&mut self, declared: Declared, outer: &Val, span: Span) -> Val {
        let hir = Arc::clone(&self.hir);
        let DeclaredKind::Reduction { initializer, .. } = &hir.declared[declared.index].kind else {
            return Val::never();
        };
        let Some(initializer) = initializer else {
            return match outer.ty {
                Ty::Array(_) => self.like(outer, Init::Zero),
                _ => self.zero(&outer.ty.clone()),
            };
        };
        let Some(array) = outer.ty.array() else {
            return self.operand_value(&[("omp_orig", outer)], &initializer.expr);
        };
        if !declared.elementwise {
            let value = self.operand_value(&[("omp_orig", outer)], &initializer.expr);
            return match value.ty.array() {
                Some(_) => self.array_copy(&value, span),
                None => self.filled_like(outer, &value, array.elem),
            };
        }
        let copy = self.like(outer, Init::Uninit);
        let ids = [self.id(outer), self.id(&copy)];
        self.each_element(ids, array.ndim, &mut |s, [outer, copy], indices| {
            let orig = s.element(outer, indices, array.elem);
            let value = s.operand_value(&[("omp_orig", &orig)], &initializer.expr);
            s.set_element(copy, indices, &value, array.elem);
        });
        copy
    }

    fn filled_like(&mut self, array: &Val, value: &Val, elem: Scalar) -> Val {
        let copy = self.like(array, Init::Uninit);
        let value = self.convert(value, &Ty::Np(elem));
        let (dst, value) = (self.id(&copy), self.id(&value));
        self.b.effect(Op::ArrayFill { dst, value });
        copy
    }

    /// Combines this thread's copies into the variables outside, by the declared operators.
    pub(super) fn combine_declared(&mut self, copies: &mut Copies) {
        let all = copies.declared.clone();
        if all.is_empty() {
            return;
        }
        let branch = self.branch(|s| {
            for &(var, declared, place) in &all {
                s.combine_one(copies, var, declared, place);
            }
        });
        self.b.effect(Op::Combine { body: branch.block });
        for (var, _, place) in all {
            if let Some(ty) = copies.outer_type(var) {
                self.outer_binding(copies, var, Binding::Bound(Bound::new(ty, place)));
            }
        }
    }

    fn combine_one(&mut self, copies: &Copies, var: VarId, declared: Declared, place: Span) {
        let Binding::Bound(bound) = self.flow.get(var).clone() else {
            return;
        };
        if self.became_another(copies, var, &bound.ty, place) {
            return;
        }
        let Some((shared, private)) = self.slot_pair(copies, var, &bound.ty) else {
            return;
        };
        let [out, part] =
            [shared, private].map(|slot| Val::new(bound.ty.clone(), self.b.load_slot(slot)));
        let value = self.combined(declared, &out, &part, place);
        if value.is_never() || out.ty.array().is_some() {
            return;
        }
        if value.ty != out.ty && !(value.ty.is_number() && out.ty.is_number()) {
            let message = format!("the combiner makes {} of two {}", value.ty, out.ty);
            self.error(Code::ConflictingTypes, place, message);
            return;
        }
        let value = self.convert(&value, &bound.ty);
        let value = self.id(&value);
        self.b.store_slot(shared, value);
    }

    /// The combiner's value; an array takes it itself.
    pub(super) fn combined(
        &mut self,
        declared: Declared,
        out: &Val,
        part: &Val,
        span: Span,
    ) -> Val {
        let hir = Arc::clone(&self.hir);
        let DeclaredKind::Reduction { combiner, .. } = &hir.declared[declared.index].kind else {
            return Val::never();
        };
        let Some(array) = out.ty.array() else {
            return self.operand_value(&[("omp_out", out), ("omp_in", part)], &combiner.expr);
        };
        let ids = [self.id(out), self.id(part)];
        if declared.elementwise {
            self.each_element(ids, array.ndim, &mut |s, [out, part], indices| {
                let a = s.element(out, indices, array.elem);
                let b = s.element(part, indices, array.elem);
                let value = s.operand_value(&[("omp_out", &a), ("omp_in", &b)], &combiner.expr);
                s.set_element(out, indices, &value, array.elem);
            });
            return out.clone();
        }
        let value = self.operand_value(&[("omp_out", out), ("omp_in", part)], &combiner.expr);
        if value.ty.array().is_none() {
            return value;
        }
        let site = self.site(
            ErrorKind::Value,
            "the combiner's array has another shape",
            span,
        );
        let src = self.id(&value);
        self.b.effect(Op::ArrayCopy {
            dst: ids[0],
            src,
            site,
        });
        out.clone()
    }

    /// The value of a declared operator's expression over these operands.
    pub(super) fn operand_value(&mut self, operands: &[(&str, &Val)], expr: &Expr) -> Val {
        let mut copies = Copies::default();
        for (name, value) in operands {
            if let Some(var) = self.hir.operand(name) {
                self.enter_scope(var, &mut copies);
                self.bind(var, (*value).clone(), expr.span);
            }
        }
        let value = self.expr(expr);
        self.close_copies(copies);
        value
    }

    // ---- elements ----------------------------------------------------------------------------------------------

    /// Runs `run` for every element of arrays that have the first one's shape.
    fn each_element<F>(&mut self, arrays: [ValueId; 2], ndim: u8, run: &mut F)
    where
        F: FnMut(&mut Self, [ValueId; 2], &[ValueId]),
    {
        let mut indices = Vec::new();
        self.each_below(arrays, ndim, &mut indices, run);
    }

    fn each_below<F>(
        &mut self,
        arrays: [ValueId; 2],
        ndim: u8,
        indices: &mut Vec<ValueId>,
        run: &mut F,
    ) where
        F: FnMut(&mut Self, [ValueId; 2], &[ValueId]),
    {
        let axis = indices.len() as u8;
        if axis == ndim {
            return run(self, arrays, indices);
        }
        let (start, stop, step) = (self.b.int(0), self.b.dim(arrays[0], axis), self.b.int(1));
        let iv = self.b.value(Type::I64);
        indices.push(iv);
        let branch = self.branch(|s| s.each_below(arrays, ndim, indices, run));
        indices.pop();
        self.b.effect(Op::For {
            iv,
            start,
            stop,
            step,
            body: branch.block,
            info: LoopInfo::default(),
        });
    }

    fn element(&mut self, array: ValueId, indices: &[ValueId], elem: Scalar) -> Val {
        let op = Op::Load {
            array,
            indices: indices.to_vec(),
            check: IndexCheck::None,
        };
        Val::new(Ty::Np(elem), self.b.emit(op, Type::Scalar(elem)))
    }

    fn set_element(&mut self, array: ValueId, indices: &[ValueId], value: &Val, elem: Scalar) {
        let value = self.convert(value, &Ty::Np(elem));
        let value = self.id(&value);
        self.b.effect(Op::Store {
            array,
            indices: indices.to_vec(),
            value,
            check: IndexCheck::None,
        });
    }
}
