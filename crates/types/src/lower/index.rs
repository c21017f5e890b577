//! Subscripts: elements and views of arrays, items of tuples, and assignment to them.

use super::function::Lowerer;
use crate::ty::Ty;
use crate::value::Val;
use omply_diagnostics::{Code, Diagnostic, Span};
use omply_ir::{
    ArrayType, CompareOp, DependOn, ErrorKind, IndexCheck, Layout, Op, Type, ValueId, ViewIndex,
};
use omply_syntax::hir::{BinaryOp, Expr, ExprKind};

/// One entry of a subscript.
#[derive(Clone)]
enum Entry {
    Index(Val),
    Slice {
        start: Option<Val>,
        stop: Option<Val>,
        step: Option<Val>,
    },
    NewAxis,
    Ellipsis,
}

impl Entry {
    fn full() -> Entry {
        Entry::Slice {
            start: None,
            stop: None,
            step: None,
        }
    }

    fn is_full(&self) -> bool {
        matches!(
            self,
            Entry::Slice {
                start: None,
                stop: None,
                step: None
            }
        )
    }

    /// A slice of neighbouring items.
    fn is_dense(&self) -> bool {
        matches!(self, Entry::Slice { step, .. } if step.as_ref().is_none_or(|step| step.as_int() == Some(1)))
    }
}

/// What a subscript of an array means.
enum Place {
    Element(Vec<ValueId>, IndexCheck),
    View(Val),
}

impl Lowerer<'_, '_> {
    pub fn subscript(&mut self, base: &Val, index: &Expr, span: Span) -> Val {
        match &base.ty {
            Ty::Never => Val::never(),
            Ty::Tuple(_) => self.tuple_item(base, index, span),
            Ty::Array(ty) => {
                let ty = *ty;
                match self.place(base, ty, index, span) {
                    Some(Place::Element(indices, check)) => {
                        let array = self.id(base);
                        let op = Op::Load {
                            array,
                            indices,
                            check,
                        };
                        Val::new(Ty::Np(ty.elem), self.b.emit(op, Type::Scalar(ty.elem)))
                    }
                    Some(Place::View(view)) => view,
                    None => Val::never(),
                }
            }
            other => self.error(
                Code::WrongIndex,
                span,
                format!("a value of type {other} cannot be indexed"),
            ),
        }
    }

    /// The memory that an element or a section in a `depend` clause stands for.
    pub fn depend_part(&mut self, expr: &Expr) -> Option<DependOn> {
        let ExprKind::Subscript { value, index } = &expr.kind else {
            self.not_native(expr.span, "dependences on attributes");
            return None;
        };
        let base = self.expr(value);
        let Ty::Array(ty) = base.ty else {
            if !base.is_never() {
                let message = format!("a value of type {} cannot be indexed", base.ty);
                self.error(Code::WrongIndex, expr.span, message);
            }
            return None;
        };
        Some(match self.place(&base, ty, index, expr.span)? {
            Place::Element(indices, check) => DependOn::Element {
                array: self.id(&base),
                indices,
                check,
            },
            Place::View(view) => DependOn::Array(self.id(&view)),
        })
    }

    /// The variable, and a view of the part of its array, in a list item about memory. An element is a part of one element.
    pub fn map_part<'e>(&mut self, expr: &'e Expr) -> Option<(&'e Expr, ValueId)> {
        let ExprKind::Subscript { value, index } = &expr.kind else {
            self.not_native(expr.span, "maps of attributes");
            return None;
        };
        let base = self.expr(value);
        let Ty::Array(ty) = base.ty else {
            if !base.is_never() {
                let message = format!("a value of type {} cannot be indexed", base.ty);
                self.error(Code::WrongIndex, expr.span, message);
            }
            return None;
        };
        let view = match self.place(&base, ty, index, expr.span)? {
            Place::View(view) => view,
            Place::Element(indices, check) => {
                let array = self.id(&base);
                let op = Op::Load {
                    array,
                    indices: indices.clone(),
                    check,
                };
                // Fails where there is no such element.
                self.b.emit(op, Type::Scalar(ty.elem));
                self.element_view(array, ty, &indices)
            }
        };
        Some((value, self.id(&view)))
    }

    fn element_view(&mut self, array: ValueId, ty: ArrayType, indices: &[ValueId]) -> Val {
        let (zero, one) = (self.b.int(0), self.b.int(1));
        let mut spec = Vec::new();
        for (axis, &index) in indices.iter().enumerate() {
            let size = self.b.dim(array, axis as u8);
            let negative = self.b.compare(CompareOp::Lt, index, zero);
            let wrapped = self.b.binary(omply_ir::BinaryOp::Add, index, size);
            let op = Op::Select {
                cond: negative,
                then: wrapped,
                els: index,
            };
            let start = self.b.emit(op, Type::I64);
            let stop = self.b.binary(omply_ir::BinaryOp::Add, start, one);
            spec.push(ViewIndex::Slice {
                start: Some(start),
                stop: Some(stop),
                step: None,
            });
        }
        let ty = ArrayType {
            layout: Layout::Strided,
            ..ty
        };
        let op = Op::View {
            array,
            spec,
            check: IndexCheck::None,
        };
        Val::new(Ty::Array(ty), self.b.emit(op, Type::Array(ty)))
    }

    pub fn store_subscript(&mut self, base: &Val, index: &Expr, value: Val, span: Span) {
        let Ty::Array(ty) = base.ty else {
            if !base.is_never() {
                self.error(
                    Code::WrongIndex,
                    span,
                    format!("items of {} cannot be assigned", base.ty),
                );
            }
            return;
        };
        match self.place(base, ty, index, span) {
            Some(Place::Element(indices, check)) => {
                let Some(value) = self.element_value(&value, ty, span) else {
                    return;
                };
                let (array, value) = (self.id(base), self.id(&value));
                self.b.effect(Op::Store {
                    array,
                    indices,
                    value,
                    check,
                });
            }
            Some(Place::View(view)) => self.assign_into(&view, &value, span),
            None => {}
        }
    }

    /// A value as it is stored into an element.
    pub fn element_value(&mut self, value: &Val, ty: ArrayType, span: Span) -> Option<Val> {
        if value.is_never() {
            return None;
        }
        let complex = value.ty.scalar().is_some_and(omply_ir::Scalar::is_complex);
        if !value.ty.is_number() || (complex && !ty.elem.is_complex()) {
            let message = format!(
                "a value of type {} cannot be stored in a {} array",
                value.ty,
                Ty::Np(ty.elem)
            );
            self.error(Code::WrongOperands, span, message);
            return None;
        }
        Some(self.convert(value, &Ty::Np(ty.elem)))
    }

    pub fn aug_assign_element(
        &mut self,
        base: &Expr,
        index: &Expr,
        op: BinaryOp,
        value: &Expr,
        span: Span,
    ) {
        let base_var = Self::as_var(base);
        let base = self.expr(base);
        let Ty::Array(ty) = base.ty else {
            if !base.is_never() {
                self.error(
                    Code::WrongIndex,
                    span,
                    format!("items of {} cannot be assigned", base.ty),
                );
            }
            return;
        };
        match self.place(&base, ty, index, span) {
            Some(Place::Element(indices, check)) => {
                let array = self.id(&base);
                let load = Op::Load {
                    array,
                    indices: indices.clone(),
                    check,
                };
                let old = Val::new(Ty::Np(ty.elem), self.b.emit(load, Type::Scalar(ty.elem)));
                let right = self.expr(value);
                let reassoc = base_var.is_some_and(|var| self.reduction_operand(var, op));
                let result = self.binary(op, &old, &right, span, reassoc);
                if let Some(result) = self.element_value(&result, ty, span) {
                    let value = self.id(&result);
                    self.b.effect(Op::Store {
                        array,
                        indices,
                        value,
                        check,
                    });
                }
            }
            Some(Place::View(view)) => self.aug_assign_array(&view, op, value, span),
            None => {}
        }
    }

    /// The place of an atomic operation.
    pub fn element_place(
        &mut self,
        base: &Val,
        index: &Expr,
        span: Span,
    ) -> Option<(ArrayType, Vec<ValueId>, IndexCheck)> {
        let Ty::Array(ty) = base.ty else {
            if !base.is_never() {
                self.error(
                    Code::WrongIndex,
                    span,
                    format!("a value of type {} has no elements", base.ty),
                );
            }
            return None;
        };
        match self.place(base, ty, index, span)? {
            Place::Element(indices, check) => Some((ty, indices, check)),
            Place::View(_) => {
                self.error(
                    Code::WrongIndex,
                    span,
                    "an atomic operation takes one element, not a part of an array",
                );
                None
            }
        }
    }

    // ---- arrays ------------------------------------------------------------------------------------------------

    fn place(&mut self, base: &Val, ty: ArrayType, index: &Expr, span: Span) -> Option<Place> {
        let entries = self.entries(index)?;
        let entries = self.expand(entries, ty, span)?;
        if entries.len() == usize::from(ty.ndim)
            && entries.iter().all(|entry| matches!(entry, Entry::Index(_)))
        {
            let natural = entries
                .iter()
                .all(|entry| matches!(entry, Entry::Index(value) if value.range.lo >= 0.0));
            let check = self.index_check(natural, index.span);
            let indices = entries
                .iter()
                .map(|entry| match entry {
                    Entry::Index(value) => self.id(value),
                    _ => self.b.int(0),
                })
                .collect();
            return Some(Place::Element(indices, check));
        }
        Some(Place::View(self.view(base, ty, &entries, index.span)))
    }

    /// The same view of several arrays that have the first one's number of axes; the subscript is evaluated once.
    pub fn views<const N: usize>(
        &mut self,
        bases: [&Val; N],
        index: &Expr,
        span: Span,
    ) -> [Val; N] {
        let entries = bases[0].ty.array().and_then(|ty| {
            let entries = self.entries(index)?;
            self.expand(entries, ty, span)
        });
        bases.map(|base| match (&entries, base.ty.array()) {
            (Some(entries), Some(ty)) => self.view(base, ty, entries, index.span),
            _ => Val::never(),
        })
    }

    fn index_check(&mut self, natural: bool, span: Span) -> IndexCheck {
        match (self.options.bounds_check, natural) {
            (true, _) => {
                let message = "index {0} is out of bounds for axis {1} with size {2}";
                IndexCheck::Python(self.site(ErrorKind::Index, message, span))
            }
            (false, true) => IndexCheck::None,
            (false, false) => IndexCheck::Wrap,
        }
    }

    fn entries(&mut self, index: &Expr) -> Option<Vec<Entry>> {
        match &index.kind {
            ExprKind::Tuple(items) => items.iter().map(|item| self.entry(item)).collect(),
            ExprKind::Slice { .. } | ExprKind::Ellipsis | ExprKind::None => {
                Some(vec![self.entry(index)?])
            }
            _ => {
                let value = self.expr(index);
                if matches!(value.ty, Ty::Tuple(_)) {
                    let items = self.items(&value);
                    return items
                        .iter()
                        .map(|item| self.entry_of(item, index.span))
                        .collect();
                }
                Some(vec![self.entry_of(&value, index.span)?])
            }
        }
    }

    fn entry(&mut self, expr: &Expr) -> Option<Entry> {
        match &expr.kind {
            ExprKind::Ellipsis => Some(Entry::Ellipsis),
            ExprKind::None => Some(Entry::NewAxis),
            ExprKind::Slice { lower, upper, step } => Some(Entry::Slice {
                start: self.slice_part(lower.as_deref())?,
                stop: self.slice_part(upper.as_deref())?,
                step: self.slice_part(step.as_deref())?,
            }),
            _ => {
                let value = self.expr(expr);
                self.entry_of(&value, expr.span)
            }
        }
    }

    fn entry_of(&mut self, value: &Val, span: Span) -> Option<Entry> {
        match &value.ty {
            Ty::None => Some(Entry::NewAxis),
            Ty::Array(_) => {
                self.error_help(
                    Code::NotNative,
                    span,
                    "native mode has no indexing by arrays yet",
                    "write the loop over the elements",
                );
                None
            }
            Ty::Bool | Ty::Np(omply_ir::Scalar::Bool) => {
                self.error(
                    Code::WrongIndex,
                    span,
                    "a bool is no index here; convert it with int()",
                );
                None
            }
            _ => Some(Entry::Index(self.index_value(value, span)?)),
        }
    }

    /// `None` in the result: an error; `Some(None)`: absent.
    fn slice_part(&mut self, expr: Option<&Expr>) -> Option<Option<Val>> {
        let Some(expr) = expr else {
            return Some(None);
        };
        let value = self.expr(expr);
        if value.ty == Ty::None {
            return Some(None);
        }
        Some(Some(self.index_value(&value, expr.span)?))
    }

    /// One entry for every axis, beside the new ones.
    fn expand(&mut self, entries: Vec<Entry>, ty: ArrayType, span: Span) -> Option<Vec<Entry>> {
        let used = entries
            .iter()
            .filter(|entry| matches!(entry, Entry::Index(_) | Entry::Slice { .. }))
            .count();
        let ndim = usize::from(ty.ndim);
        if used > ndim {
            let message = format!(
                "{used} indices for an array of {ndim} dimension{}",
                if ndim == 1 { "" } else { "s" }
            );
            self.report(Diagnostic::error(Code::WrongIndex, span, message));
            return None;
        }
        let mut missing = ndim - used;
        let mut expanded = Vec::new();
        for entry in entries {
            match entry {
                Entry::Ellipsis => {
                    expanded.extend((0..std::mem::take(&mut missing)).map(|_| Entry::full()))
                }
                other => expanded.push(other),
            }
        }
        expanded.extend((0..missing).map(|_| Entry::full()));
        Some(expanded)
    }

    fn view(&mut self, base: &Val, ty: ArrayType, entries: &[Entry], span: Span) -> Val {
        let ndim = entries
            .iter()
            .filter(|entry| !matches!(entry, Entry::Index(_)))
            .count();
        let result = ArrayType {
            elem: ty.elem,
            ndim: ndim as u8,
            layout: view_layout(ty.layout, entries),
        };
        for entry in entries {
            if let Entry::Slice {
                step: Some(step), ..
            } = entry
                && !step.range.excludes_zero()
            {
                let (id, zero) = (self.id(step), self.b.int(0));
                let nonzero = self.b.compare(CompareOp::Ne, id, zero);
                self.check(
                    nonzero,
                    ErrorKind::Value,
                    "slice step cannot be zero",
                    span,
                    Vec::new(),
                );
            }
        }
        let check = self.index_check(false, span);
        let array = self.id(base);
        let mut spec = Vec::new();
        for entry in entries {
            spec.push(match entry {
                Entry::Index(value) => ViewIndex::Index(self.id(value)),
                Entry::Slice { start, stop, step } => {
                    let mut part = |value: &Option<Val>| value.as_ref().map(|value| self.id(value));
                    ViewIndex::Slice {
                        start: part(start),
                        stop: part(stop),
                        step: part(step),
                    }
                }
                Entry::NewAxis | Entry::Ellipsis => ViewIndex::NewAxis,
            });
        }
        let id = self
            .b
            .emit(Op::View { array, spec, check }, Type::Array(result));
        Val::new(Ty::Array(result), id)
    }

    /// `array[index]` along the first of several axes.
    pub fn row(&mut self, array: ValueId, ty: ArrayType, index: ValueId, check: IndexCheck) -> Val {
        let layout = if ty.layout == Layout::C {
            Layout::C
        } else {
            Layout::Strided
        };
        let result = ArrayType {
            ndim: ty.ndim - 1,
            layout,
            ..ty
        };
        let mut spec = vec![ViewIndex::Index(index)];
        spec.extend((1..ty.ndim).map(|_| ViewIndex::Slice {
            start: None,
            stop: None,
            step: None,
        }));
        let id = self
            .b
            .emit(Op::View { array, spec, check }, Type::Array(result));
        Val::new(Ty::Array(result), id)
    }

    pub fn unpack_array(&mut self, value: &Val, count: usize, span: Span) -> Vec<Val> {
        let Ty::Array(ty) = value.ty else {
            return vec![Val::never(); count];
        };
        let array = self.id(value);
        let length = self.b.dim(array, 0);
        let wanted = self.b.int(count as i64);
        let enough = self.b.compare(CompareOp::Ge, length, wanted);
        let message = format!("not enough values to unpack (expected {count}, got {{0}})");
        self.check(enough, ErrorKind::Value, &message, span, vec![length]);
        let fits = self.b.compare(CompareOp::Eq, length, wanted);
        let message = format!("too many values to unpack (expected {count})");
        self.check(fits, ErrorKind::Value, &message, span, Vec::new());
        (0..count as i64)
            .map(|i| {
                let index = self.b.int(i);
                if ty.ndim == 1 {
                    let op = Op::Load {
                        array,
                        indices: vec![index],
                        check: IndexCheck::None,
                    };
                    return Val::new(Ty::Np(ty.elem), self.b.emit(op, Type::Scalar(ty.elem)));
                }
                self.row(array, ty, index, IndexCheck::None)
            })
            .collect()
    }
}

/// The layout that indexing leaves. Contiguity survives where whole trailing (leading, for Fortran) axes are kept
/// under at most one dense slice.
fn view_layout(layout: Layout, entries: &[Entry]) -> Layout {
    if entries.iter().any(|entry| matches!(entry, Entry::NewAxis)) {
        return Layout::Strided;
    }
    let contiguous = |entries: Vec<&Entry>| {
        let mut kept = false;
        entries.iter().all(|entry| {
            let fine = if kept {
                entry.is_full()
            } else {
                matches!(entry, Entry::Index(_)) || entry.is_dense()
            };
            kept |= matches!(entry, Entry::Slice { .. });
            fine
        })
    };
    match layout {
        Layout::C if contiguous(entries.iter().collect()) => Layout::C,
        Layout::F if contiguous(entries.iter().rev().collect()) => {
            // A vector that is dense is C-contiguous as well.
            let axes = entries
                .iter()
                .filter(|entry| matches!(entry, Entry::Slice { .. }))
                .count();
            if axes <= 1 { Layout::C } else { Layout::F }
        }
        _ => Layout::Strided,
    }
}
