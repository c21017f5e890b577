//! The type rules of the operations of serial code: what their operands must be and what they define.

use super::Verifier;
use crate::ir::*;

impl<'m> Verifier<'m> {
    fn ty(&self, value: ValueId) -> &'m Type {
        &self.func.values[value.index()]
    }

    fn scalar(&mut self, value: ValueId) -> Option<Scalar> {
        let scalar = self.ty(value).as_scalar();
        self.expect(scalar.is_some(), "an operand is no scalar");
        scalar
    }

    fn array(&mut self, value: ValueId) -> Option<ArrayType> {
        let array = self.ty(value).as_array();
        self.expect(array.is_some(), "an operand is no array");
        array
    }

    pub(super) fn same(&mut self, a: ValueId, b: ValueId) {
        let same = self.ty(a) == self.ty(b);
        self.expect(same, "the operands differ in type");
    }

    pub(super) fn is(&mut self, value: ValueId, ty: &Type) {
        if self.ty(value) != ty {
            self.error(format!("{value} is {}, not {ty}", self.ty(value)));
        }
    }

    pub(super) fn all_are(&mut self, values: &[ValueId], ty: &Type) {
        values.iter().for_each(|&value| self.is(value, ty));
    }

    fn site(&mut self, site: SiteId) {
        let inside = site.index() < self.module.sites.len();
        self.expect(inside, "the site is out of range");
    }

    fn index_check(&mut self, check: IndexCheck) {
        if let IndexCheck::Python(site) = check {
            self.site(site);
        }
    }

    /// The element type of an access with one index per axis.
    fn element(&mut self, array: ValueId, indices: &[ValueId], check: IndexCheck) -> Option<Type> {
        self.all_are(indices, &Type::I64);
        self.index_check(check);
        let array = self.array(array)?;
        self.expect(
            indices.len() == array.ndim as usize,
            "one index per axis is needed",
        );
        Some(Type::Scalar(array.elem))
    }

    pub(super) fn place_type(&mut self, place: &Place) -> Option<Type> {
        match place {
            Place::Slot(slot) => Some(self.func.slots[slot.index()].ty.clone()),
            Place::Element {
                array,
                indices,
                check,
            } => self.element(*array, indices, *check),
        }
    }

    /// The results must have exactly these types.
    fn results(&mut self, inst: &Inst, types: &[Type]) {
        if inst.results.len() != types.len() {
            self.error(format!(
                "{} results instead of {}",
                inst.results.len(),
                types.len()
            ));
            return;
        }
        for (&result, ty) in inst.results.iter().zip(types) {
            match self.func.values.get(result.index()) {
                None => self.error(format!("{result} is out of range")),
                Some(found) if found != ty => self.error(format!("{result} is {found}, not {ty}")),
                Some(_) => {}
            }
        }
    }

    /// One scalar or array result of a type that the instruction leaves open.
    fn open_result(&mut self, inst: &Inst) -> Option<&'m Type> {
        self.expect(inst.results.len() == 1, "one result is needed");
        inst.results
            .first()
            .and_then(|result| self.func.values.get(result.index()))
    }

    pub(super) fn types(&mut self, inst: &'m Inst) {
        if let Some(types) = self.expected_results(inst) {
            self.results(inst, &types);
        }
    }

    /// Checks the operands. The result types; none where they are checked here or nothing can be said.
    fn expected_results(&mut self, inst: &'m Inst) -> Option<Vec<Type>> {
        Some(match &inst.op {
            Op::Const(constant) => vec![Type::Scalar(constant.scalar())],
            Op::Unary { op, a } => {
                let scalar = self.scalar(*a)?;
                let fits = match op {
                    UnaryOp::Neg => scalar != Scalar::Bool,
                    UnaryOp::Not => scalar == Scalar::Bool,
                    UnaryOp::Invert => scalar.is_int(),
                    UnaryOp::Abs => scalar != Scalar::Bool,
                    UnaryOp::Conj => scalar.is_complex(),
                };
                self.expect(fits, "the operator does not take this type");
                let result = if *op == UnaryOp::Abs {
                    scalar.real_part()
                } else {
                    scalar
                };
                vec![Type::Scalar(result)]
            }
            Op::Binary { op, a, b, .. } => {
                self.same(*a, *b);
                let scalar = self.scalar(*a)?;
                self.expect(takes(*op, scalar), "the operator does not take this type");
                vec![Type::Scalar(scalar)]
            }
            Op::Compare { op, a, b } => {
                self.same(*a, *b);
                let scalar = self.scalar(*a)?;
                let equality = matches!(op, CompareOp::Eq | CompareOp::Ne);
                self.expect(
                    equality || !scalar.is_complex(),
                    "complex numbers have no order",
                );
                vec![Type::BOOL]
            }
            Op::Cast { a } => {
                self.scalar(*a);
                let to_scalar = self.open_result(inst)?.as_scalar().is_some();
                self.expect(to_scalar, "a cast gives a scalar");
                return None;
            }
            Op::Select { cond, then, els } => {
                self.is(*cond, &Type::BOOL);
                self.same(*then, *els);
                vec![self.ty(*then).clone()]
            }
            Op::Math { func, args, .. } => {
                self.expect(args.len() == func.arity(), "wrong number of arguments");
                let scalar = self.scalar(*args.first()?)?;
                self.expect(
                    matches!(scalar, Scalar::F32 | Scalar::F64),
                    "arguments are F32 or F64",
                );
                self.all_are(args, &Type::Scalar(scalar));
                vec![if func.is_predicate() {
                    Type::BOOL
                } else {
                    Type::Scalar(scalar)
                }]
            }
            Op::ComplexNew { re, im } => {
                self.same(*re, *im);
                match self.scalar(*re)? {
                    Scalar::F32 => vec![Type::Scalar(Scalar::C64)],
                    Scalar::F64 => vec![Type::Scalar(Scalar::C128)],
                    _ => {
                        self.error("parts are F32 or F64");
                        return None;
                    }
                }
            }
            Op::ComplexPart { a, .. } => {
                let scalar = self.scalar(*a)?;
                self.expect(scalar.is_complex(), "the operand is not complex");
                vec![Type::Scalar(scalar.real_part())]
            }
            Op::TupleNew { items } => vec![Type::Tuple(
                items.iter().map(|&item| self.ty(item).clone()).collect(),
            )],
            Op::TupleGet { tuple, index } => match self.ty(*tuple) {
                Type::Tuple(items) if (*index as usize) < items.len() => {
                    vec![items[*index as usize].clone()]
                }
                _ => {
                    self.error("no such item");
                    return None;
                }
            },
            Op::SlotLoad { slot } => vec![self.func.slots[slot.index()].ty.clone()],
            Op::SlotStore { slot, value } => {
                self.is(*value, &self.func.slots[slot.index()].ty);
                vec![]
            }
            Op::Dim { array, axis } => {
                let array = self.array(*array)?;
                self.expect(*axis < array.ndim, "no such axis");
                vec![Type::I64]
            }
            Op::Load {
                array,
                indices,
                check,
            } => vec![self.element(*array, indices, *check)?],
            Op::Store {
                array,
                indices,
                value,
                check,
            } => {
                let elem = self.element(*array, indices, *check)?;
                self.is(*value, &elem);
                vec![]
            }
            Op::View { .. } | Op::Alloc { .. } | Op::ArrayCast { .. } | Op::Transpose { .. } => {
                self.new_array(inst);
                return None;
            }
            Op::ArrayCopy { dst, src, site } => {
                self.site(*site);
                self.alike(*dst, *src);
                vec![]
            }
            Op::ArrayCombine { dst, src, .. } => {
                self.alike(*dst, *src);
                vec![]
            }
            Op::ArrayFill { dst, value } => {
                let array = self.array(*dst)?;
                self.is(*value, &Type::Scalar(array.elem));
                vec![]
            }
            Op::If { cond, .. } => {
                self.is(*cond, &Type::BOOL);
                vec![]
            }
            Op::For {
                iv,
                start,
                stop,
                step,
                ..
            } => {
                self.all_are(&[*start, *stop, *step], &Type::I64);
                self.induction_variable(*iv);
                vec![]
            }
            Op::Return { value } => {
                match value {
                    Some(value) => self.is(*value, &self.func.ret),
                    None => self.expect(self.func.ret == Type::Unit, "a value is to be returned"),
                }
                vec![]
            }
            Op::Check { cond, site, .. } => {
                self.is(*cond, &Type::BOOL);
                self.site(*site);
                vec![]
            }
            Op::Raise { site, .. } => {
                self.site(*site);
                vec![]
            }
            Op::Call { func, args } => {
                self.call(inst, *func, args);
                return None;
            }
            Op::Routine { routine, args } => {
                let params = routine.params();
                self.expect(args.len() == params.len(), "wrong number of arguments");
                for (&arg, &param) in args.iter().zip(params) {
                    self.is(arg, &Type::Scalar(param));
                }
                match routine.ret() {
                    Type::Unit => vec![],
                    ty => vec![ty],
                }
            }
            Op::While { .. }
            | Op::Break
            | Op::Continue
            | Op::LeaveLoop
            | Op::LeaveRegion
            | Op::LeaveTask
            | Op::Leavable { .. }
            | Op::Poll => vec![],
            Op::DoacrossBegin { dims } => {
                dims.iter().for_each(|dim| self.all_are(dim, &Type::I64));
                vec![]
            }
            Op::DoacrossPost { iteration } | Op::DoacrossWait { iteration } => {
                self.all_are(iteration, &Type::I64);
                vec![]
            }
            Op::Watch { region, .. } => {
                region.iter().for_each(|&value| self.is(value, &Type::I64));
                vec![Type::I64]
            }
            Op::Cancel { activate, .. } => {
                activate
                    .iter()
                    .for_each(|&value| self.is(value, &Type::BOOL));
                vec![Type::BOOL]
            }
            _ => return self.openmp(inst),
        })
    }

    pub(super) fn induction_variable(&mut self, iv: ValueId) {
        let fits = self.func.values.get(iv.index()) == Some(&Type::I64);
        self.expect(fits, "the induction variable is no I64");
    }

    /// `View`, `Alloc`, `ArrayCast` and `Transpose`: the result's layout is open.
    fn new_array(&mut self, inst: &'m Inst) {
        let Some(result) = self.open_result(inst).and_then(Type::as_array) else {
            self.error("the result is no array");
            return;
        };
        let expected = match &inst.op {
            Op::View { array, spec, check } => {
                self.index_check(*check);
                let Some(array) = self.array(*array) else {
                    return;
                };
                let mut ndim = array.ndim as usize;
                let mut consumed = 0;
                for item in spec {
                    match item {
                        ViewIndex::Index(index) => {
                            self.is(*index, &Type::I64);
                            consumed += 1;
                            ndim = ndim.saturating_sub(1);
                        }
                        ViewIndex::Slice { start, stop, step } => {
                            [start, stop, step]
                                .into_iter()
                                .flatten()
                                .for_each(|&v| self.is(v, &Type::I64));
                            consumed += 1;
                        }
                        ViewIndex::NewAxis => ndim += 1,
                    }
                }
                self.expect(consumed <= array.ndim, "more indices than axes");
                (array.elem, ndim)
            }
            Op::Alloc {
                shape, from, site, ..
            } => {
                self.site(*site);
                self.all_are(shape, &Type::I64);
                if let Some(from) = from {
                    self.all_are(&[from.allocator, from.align], &Type::I64);
                }
                self.expect(result.layout != Layout::Strided, "new memory is contiguous");
                (result.elem, shape.len())
            }
            Op::ArrayCast { array } => {
                let Some(array) = self.array(*array) else {
                    return;
                };
                let weaker = result.layout == array.layout || result.layout == Layout::Strided;
                self.expect(weaker, "the layout is not weaker");
                (array.elem, array.ndim as usize)
            }
            Op::Transpose { array } => {
                let Some(array) = self.array(*array) else {
                    return;
                };
                let reversed = result.layout == array.layout.reversed();
                self.expect(reversed, "the layout is not the reversed one");
                (array.elem, array.ndim as usize)
            }
            _ => return,
        };
        self.expect(
            expected == (result.elem, result.ndim as usize),
            "the result's type does not fit",
        );
    }

    fn alike(&mut self, dst: ValueId, src: ValueId) {
        if let (Some(dst), Some(src)) = (self.array(dst), self.array(src)) {
            self.expect(
                dst.elem == src.elem && dst.ndim == src.ndim,
                "the arrays differ in type",
            );
        }
    }

    fn call(&mut self, inst: &Inst, func: FuncId, args: &[ValueId]) {
        let Some(callee) = self.module.funcs.get(func.index()) else {
            self.error("the callee is out of range");
            return;
        };
        self.expect(
            callee.kind == FuncKind::Normal,
            "an outlined function is forked, not called",
        );
        self.expect(
            args.len() == callee.params.len(),
            "wrong number of arguments",
        );
        for (&arg, param) in args.iter().zip(&callee.params) {
            if let Some(slot) = callee.slots.get(param.index()) {
                self.is(arg, &slot.ty);
            }
        }
        if !inst.results.is_empty() {
            self.results(inst, std::slice::from_ref(&callee.ret));
        }
    }
}

/// Whether the operator is defined for the type.
pub(super) fn takes(op: BinaryOp, scalar: Scalar) -> bool {
    use BinaryOp::*;
    match op {
        Add | Sub | Mul | Pow => scalar != Scalar::Bool,
        Div => scalar.is_float() || scalar.is_complex(),
        FloorDiv | Mod => scalar.is_int() || scalar.is_float(),
        LShift | RShift => scalar.is_int(),
        And | Or | Xor => scalar.is_int() || scalar == Scalar::Bool,
        Min | Max => !scalar.is_complex(),
    }
}
