//! Whole arrays: loops over their elements for arithmetic, assignment and reductions of arrays, with broadcasting.

use super::function::Lowerer;
use crate::env::ErrorModel;
use crate::ty::Ty;
use crate::value::Val;
use omply_diagnostics::{Code, Span};
use omply_ir::{
    ArrayType, BinaryOp as IrBinary, CompareOp, ErrorKind, IndexCheck, Init, Layout, LoopInfo, Op,
    Scalar, Type, ValueId,
};
use omply_syntax::hir::{BinaryOp, Expr};

impl Lowerer<'_, '_> {
    /// Runs `body` for every index of a shape, in the order of memory of a `layout` array.
    pub fn for_each_index(
        &mut self,
        shape: &[ValueId],
        layout: Layout,
        body: impl FnOnce(&mut Self, &[ValueId]),
    ) {
        let ivs: Vec<ValueId> = shape.iter().map(|_| self.b.value(Type::I64)).collect();
        self.b.open_block();
        body(self, &ivs);
        let mut block = self.b.close_block();
        let axes: Vec<usize> = if layout == Layout::F {
            (0..shape.len()).collect()
        } else {
            (0..shape.len()).rev().collect()
        };
        for (i, &axis) in axes.iter().enumerate() {
            let outermost = i + 1 == axes.len();
            if !outermost {
                self.b.open_block();
            }
            let (start, step) = (self.b.int(0), self.b.int(1));
            let info = LoopInfo::default();
            self.b.effect(Op::For {
                iv: ivs[axis],
                start,
                stop: shape[axis],
                step,
                body: block,
                info,
            });
            block = if outermost {
                omply_ir::Block::default()
            } else {
                self.b.close_block()
            };
        }
        // No axes: the one element there is.
        self.b.append(block);
    }

    fn shape(&mut self, array: &Val) -> Vec<ValueId> {
        let ndim = array.ty.array().map_or(0, |ty| ty.ndim);
        let id = self.id(array);
        (0..ndim).map(|axis| self.b.dim(id, axis)).collect()
    }

    /// The shape that the arrays among `operands` broadcast to; raises where they do not.
    fn broadcast(&mut self, operands: &[Val], span: Span) -> Vec<ValueId> {
        let mut shape: Vec<ValueId> = Vec::new();
        let mut first = true;
        for operand in operands
            .iter()
            .filter(|operand| operand.ty.array().is_some())
        {
            let own = self.shape(operand);
            if first {
                shape = own;
                first = false;
                continue;
            }
            let (longer, shorter) = if own.len() > shape.len() {
                (own, shape)
            } else {
                (shape, own)
            };
            let offset = longer.len() - shorter.len();
            shape = longer.clone();
            for (axis, &b) in shorter.iter().enumerate() {
                let a = longer[axis + offset];
                let one = self.b.int(1);
                let same = self.b.compare(CompareOp::Eq, a, b);
                let a_one = self.b.compare(CompareOp::Eq, a, one);
                let b_one = self.b.compare(CompareOp::Eq, b, one);
                let either = self.b.binary(IrBinary::Or, a_one, b_one);
                let fine = self.b.binary(IrBinary::Or, same, either);
                let ranks: Vec<usize> = operands
                    .iter()
                    .filter_map(|operand| operand.ty.array())
                    .map(|ty| usize::from(ty.ndim))
                    .collect();
                // With two vectors the numbers at hand are their shapes.
                let message = if ranks == [1, 1] {
                    "operands could not be broadcast together with shapes ({0},) ({1},) "
                } else {
                    "operands could not be broadcast together: lengths {0} and {1}"
                };
                self.check(fine, ErrorKind::Value, message, span, vec![a, b]);
                shape[axis + offset] = self.b.select(a_one, b, a);
            }
        }
        shape
    }

    /// An operand's element at an index of the broadcast shape.
    fn element_at(&mut self, operand: &Val, indices: &[ValueId]) -> Val {
        let Some(ty) = operand.ty.array() else {
            return operand.clone();
        };
        let array = self.id(operand);
        let own = &indices[indices.len() - usize::from(ty.ndim)..];
        let mut places = Vec::new();
        for (axis, &index) in own.iter().enumerate() {
            let length = self.b.dim(array, axis as u8);
            let (zero, one) = (self.b.int(0), self.b.int(1));
            let single = self.b.compare(CompareOp::Eq, length, one);
            places.push(self.b.select(single, zero, index));
        }
        let op = Op::Load {
            array,
            indices: places,
            check: IndexCheck::None,
        };
        Val::new(Ty::Np(ty.elem), self.b.emit(op, Type::Scalar(ty.elem)))
    }

    /// Whether the operands' shapes are taken from one array, so that nothing broadcasts.
    fn element_plain(&mut self, operand: &Val, indices: &[ValueId], lone: bool) -> Val {
        match operand.ty.array() {
            Some(ty) if lone => {
                let array = self.id(operand);
                let op = Op::Load {
                    array,
                    indices: indices.to_vec(),
                    check: IndexCheck::None,
                };
                Val::new(Ty::Np(ty.elem), self.b.emit(op, Type::Scalar(ty.elem)))
            }
            _ => self.element_at(operand, indices),
        }
    }

    /// A new array of `f` of the operands' elements.
    pub fn map_elements(
        &mut self,
        operands: &[Val],
        span: Span,
        f: impl Fn(&mut Self, &[Val]) -> Val,
    ) -> Val {
        if operands.iter().any(Val::is_never) {
            return Val::never();
        }
        let model = std::mem::replace(&mut self.options.error_model, ErrorModel::Numpy);
        let arrays: Vec<ArrayType> = operands
            .iter()
            .filter_map(|operand| operand.ty.array())
            .collect();
        let samples: Vec<Val> = operands
            .iter()
            .map(|operand| match operand.ty.array() {
                // Only the type counts in a probe; the value must be no constant.
                Some(ty) => Val::new(Ty::Np(ty.elem), ValueId(0)),
                None => operand.clone(),
            })
            .collect();
        let elem = self.probe_elements(&samples, &f);
        let result = match elem.scalar() {
            Some(elem) => {
                let ndim = arrays.iter().map(|ty| ty.ndim).max().unwrap_or(0);
                let fortran = arrays.iter().all(|ty| ty.layout == Layout::F);
                let layout = if fortran { Layout::F } else { Layout::C };
                let ty = ArrayType { elem, ndim, layout };
                let shape = self.broadcast(operands, span);
                let site = self.site(ErrorKind::Memory, "cannot allocate an array", span);
                let alloc = Op::Alloc {
                    shape: shape.clone(),
                    init: Init::Uninit,
                    from: self.omp.allocate,
                    site,
                };
                let target = Val::new(Ty::Array(ty), self.b.emit(alloc, Type::Array(ty)));
                self.hold(&target);
                let lone = arrays.len() == 1;
                self.for_each_index(&shape, layout, |s, indices| {
                    let items: Vec<Val> = operands
                        .iter()
                        .map(|o| s.element_plain(o, indices, lone))
                        .collect();
                    let value = f(s, &items);
                    let value = s.convert(&value, &Ty::Np(elem));
                    let (array, value) = (s.id(&target), s.id(&value));
                    s.b.effect(Op::Store {
                        array,
                        indices: indices.to_vec(),
                        value,
                        check: IndexCheck::None,
                    });
                });
                target
            }
            None => Val::never(),
        };
        self.options.error_model = model;
        result
    }

    /// The type that `f` yields for elements such as the samples.
    fn probe_elements(&mut self, samples: &[Val], f: &impl Fn(&mut Self, &[Val]) -> Val) -> Ty {
        self.probe(|s| {
            let items: Vec<Val> = samples
                .iter()
                .map(|sample| match (&sample.repr, sample.ty.scalar()) {
                    (crate::value::Repr::Id(ValueId(0)), Some(scalar)) => {
                        let slot = s.temp("sample", &Ty::Np(scalar));
                        Val::new(sample.ty.clone(), s.b.load_slot(slot))
                    }
                    _ => sample.clone(),
                })
                .collect();
            f(s, &items)
        })
    }

    /// Keeps an array that no name holds alive to the end of the function.
    pub fn hold(&mut self, array: &Val) {
        let slot = self.temp("array", &array.ty);
        let id = self.id(array);
        self.b.store_slot(slot, id);
    }

    /// `left op right` with an array on either side.
    pub fn array_binary(&mut self, op: BinaryOp, left: &Val, right: &Val, span: Span) -> Val {
        self.map_elements(&[left.clone(), right.clone()], span, |s, items| {
            s.binary(op, &items[0], &items[1], span, false)
        })
    }

    // ---- assignment --------------------------------------------------------------------------------------------

    /// `target[...] = value`
    pub fn assign_into(&mut self, target: &Val, value: &Val, span: Span) {
        let (Some(ty), false) = (target.ty.array(), value.is_never()) else {
            return;
        };
        let Some(source) = value.ty.array() else {
            if let Some(value) = self.element_value(value, ty, span) {
                let (dst, value) = (self.id(target), self.id(&value));
                self.b.effect(Op::ArrayFill { dst, value });
            }
            return;
        };
        if source.ndim > ty.ndim || (source.elem.is_complex() && !ty.elem.is_complex()) {
            let message = format!("{} cannot be assigned to {}", value.ty, target.ty);
            self.error(Code::WrongOperands, span, message);
            return;
        }
        // The parts may overlap: what is read must not have been written.
        let copy = self.array_copy(value, span);
        self.hold(&copy);
        let stretched = |s: &mut Self| {
            s.store_elements(target, ty, &copy, span, |s, _, value| {
                s.convert(value, &Ty::Np(ty.elem))
            });
        };
        if source.ndim != ty.ndim || source.elem != ty.elem {
            return stretched(self);
        }
        let (shape, own) = (self.shape(target), self.shape(&copy));
        let mut same = self.b.bool(true);
        for (&wanted, &length) in shape.iter().zip(&own) {
            let equal = self.b.compare(CompareOp::Eq, wanted, length);
            same = self.b.binary(IrBinary::And, same, equal);
        }
        let site = self.site(ErrorKind::Value, "shape mismatch", span);
        let (dst, src) = (self.id(target), self.id(&copy));
        self.b.open_block();
        self.b.effect(Op::ArrayCopy { dst, src, site });
        let then = self.b.close_block();
        self.b.open_block();
        stretched(self);
        let els = self.b.close_block();
        self.b.effect(Op::If {
            cond: same,
            then,
            els,
        });
    }

    /// `target[i] = f(target[i], value[i])` over all of `target`.
    fn store_elements(
        &mut self,
        target: &Val,
        ty: ArrayType,
        value: &Val,
        span: Span,
        f: impl FnOnce(&mut Self, &Val, &Val) -> Val,
    ) {
        let shape = self.shape(target);
        self.check_into(&shape, value, span);
        self.for_each_index(&shape, ty.layout, |s, indices| {
            let array = s.id(target);
            let load = Op::Load {
                array,
                indices: indices.to_vec(),
                check: IndexCheck::None,
            };
            let old = Val::new(Ty::Np(ty.elem), s.b.emit(load, Type::Scalar(ty.elem)));
            let item = s.element_at(value, indices);
            let new = f(s, &old, &item);
            let value = s.id(&new);
            s.b.effect(Op::Store {
                array,
                indices: indices.to_vec(),
                value,
                check: IndexCheck::None,
            });
        });
    }

    /// Raises unless `value` broadcasts to exactly `shape`.
    fn check_into(&mut self, shape: &[ValueId], value: &Val, span: Span) {
        let own = self.shape(value);
        let offset = shape.len().saturating_sub(own.len());
        let whole = format!(
            "could not broadcast input array from shape {} into shape {}",
            shape_text(0, own.len()),
            shape_text(own.len(), shape.len())
        );
        for (axis, &length) in own.iter().enumerate() {
            let wanted = shape[axis + offset];
            let one = self.b.int(1);
            let same = self.b.compare(CompareOp::Eq, length, wanted);
            let single = self.b.compare(CompareOp::Eq, length, one);
            let fine = self.b.binary(IrBinary::Or, same, single);
            let (message, numbers) = if own.len() + shape.len() <= MOST_NUMBERS {
                (whole.as_str(), own.iter().chain(shape).copied().collect())
            } else {
                let message = "could not broadcast an axis of length {0} to length {1}";
                (message, vec![length, wanted])
            };
            self.check(fine, ErrorKind::Value, message, span, numbers);
        }
    }

    /// `left op= value` in place.
    pub fn aug_assign_array(&mut self, left: &Val, op: BinaryOp, value: &Expr, span: Span) {
        let right = self.expr(value);
        let (Some(ty), false) = (left.ty.array(), right.is_never()) else {
            return;
        };
        let sample = match right.ty.array() {
            Some(right) => Ty::Np(right.elem),
            None => right.ty.clone(),
        };
        let result =
            crate::promote::binary(op, &Ty::Np(ty.elem), &sample).and_then(|ty| ty.scalar());
        let fits = result.is_some_and(|result| same_kind(result, ty.elem));
        if !fits || right.ty.array().is_some_and(|right| right.ndim > ty.ndim) {
            let message = format!(
                "`{}=` of {} cannot be stored in {}",
                super::arith::symbol(op),
                right.ty,
                left.ty
            );
            self.error(Code::WrongOperands, span, message);
            return;
        }
        let right = if right.ty.array().is_some() {
            let copy = self.array_copy(&right, span);
            self.hold(&copy);
            copy
        } else {
            right
        };
        let model = std::mem::replace(&mut self.options.error_model, ErrorModel::Numpy);
        self.store_elements(left, ty, &right, span, |s, old, item| {
            let value = s.binary(op, old, item, span, false);
            s.convert(&value, &Ty::Np(ty.elem))
        });
        self.options.error_model = model;
    }

    // ---- reductions --------------------------------------------------------------------------------------------

    /// Folds all elements, in memory order, into `start`.
    pub fn fold_elements(
        &mut self,
        array: &Val,
        start: &Val,
        f: impl FnOnce(&mut Self, &Val, &Val) -> Val,
    ) -> Val {
        let Some(ty) = array.ty.array() else {
            return Val::never();
        };
        let slot = self.temp("folded", &start.ty);
        let id = self.id(start);
        self.b.store_slot(slot, id);
        let shape = self.shape(array);
        self.for_each_index(&shape, ty.layout, |s, indices| {
            let array = s.id(array);
            let load = Op::Load {
                array,
                indices: indices.to_vec(),
                check: IndexCheck::None,
            };
            let item = Val::new(Ty::Np(ty.elem), s.b.emit(load, Type::Scalar(ty.elem)));
            let before = Val::new(start.ty.clone(), s.b.load_slot(slot));
            let after = f(s, &before, &item);
            let id = s.id(&after);
            s.b.store_slot(slot, id);
        });
        Val::new(start.ty.clone(), self.b.load_slot(slot))
    }
}

/// NumPy's `same_kind` casting: what an in-place operation may store.
fn same_kind(from: Scalar, to: Scalar) -> bool {
    let kind = |scalar: Scalar| match scalar {
        Scalar::Bool => 0,
        _ if scalar.is_int() && !scalar.is_signed_int() => 1,
        _ if scalar.is_int() => 2,
        _ if scalar.is_float() => 3,
        _ => 4,
    };
    kind(from) <= kind(to)
}

/// How many numbers the text of an error can hold.
const MOST_NUMBERS: usize = 3;

/// A shape as NumPy writes it, of the numbers from the `first` on.
fn shape_text(first: usize, ndim: usize) -> String {
    let lengths: Vec<String> = (first..first + ndim).map(|i| format!("{{{i}}}")).collect();
    match lengths.as_slice() {
        [only] => format!("({only},)"),
        several => format!("({})", several.join(",")),
    }
}
