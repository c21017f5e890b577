//! Builds functions: fresh slots and values, instructions appended to the innermost open block. Lowering starts
//! from `FuncBuilder::new`; a pass that rewrites a function starts from `FuncBuilder::resume`.

use omply_diagnostics::Span;

use crate::ir::*;

pub struct FuncBuilder {
    func: Func,
    /// Open blocks, innermost last; the first one becomes the function's body.
    open: Vec<Block>,
    span: Span,
}

impl FuncBuilder {
    pub fn new(name: impl Into<String>, kind: FuncKind, ret: Type, span: Span) -> FuncBuilder {
        let func = Func {
            name: name.into(),
            params: Vec::new(),
            ret,
            slots: Vec::new(),
            values: Vec::new(),
            body: Block::default(),
            kind,
            simd: Vec::new(),
            span,
        };
        FuncBuilder {
            func,
            open: vec![Block::default()],
            span,
        }
    }

    /// Takes a finished function to rebuild its body, which is returned beside the builder.
    pub fn resume(mut func: Func) -> (FuncBuilder, Block) {
        let body = std::mem::take(&mut func.body);
        let span = func.span;
        (
            FuncBuilder {
                func,
                open: vec![Block::default()],
                span,
            },
            body,
        )
    }

    /// Rebuilds a function bottom up: every instruction, with its own blocks rebuilt, goes to `each`, which appends
    /// what replaces it.
    pub fn rebuild(func: Func, each: &mut dyn FnMut(&mut FuncBuilder, Inst)) -> Func {
        let (mut b, body) = FuncBuilder::resume(func);
        b.rebuild_into_open(body, each);
        b.finish()
    }

    fn rebuild_into_open(&mut self, block: Block, each: &mut dyn FnMut(&mut FuncBuilder, Inst)) {
        for mut inst in block.insts {
            inst.op.for_each_block_mut(&mut |nested| {
                let old = std::mem::take(nested);
                self.open_block();
                self.rebuild_into_open(old, each);
                *nested = self.close_block();
            });
            self.set_span(inst.span);
            each(self, inst);
        }
    }

    /// The finished function. Every block that was opened must have been closed.
    pub fn finish(mut self) -> Func {
        assert_eq!(
            self.open.len(),
            1,
            "a block of {} was left open",
            self.func.name
        );
        self.func.body = self.open.pop().unwrap_or_default();
        self.func
    }

    pub fn func(&self) -> &Func {
        &self.func
    }

    pub fn func_mut(&mut self) -> &mut Func {
        &mut self.func
    }

    /// The span that instructions get from now on.
    pub fn set_span(&mut self, span: Span) {
        self.span = span;
    }

    pub fn span(&self) -> Span {
        self.span
    }

    // ---- slots and values --------------------------------------------------------------------------------------

    pub fn param(&mut self, name: impl Into<String>, ty: Type) -> SlotId {
        let slot = self.slot(name, ty);
        self.func.params.push(slot);
        slot
    }

    /// A new local slot.
    pub fn slot(&mut self, name: impl Into<String>, ty: Type) -> SlotId {
        let span = self.span;
        self.add_slot(Slot {
            name: name.into(),
            ty,
            storage: Storage::Local,
            span,
        })
    }

    pub fn add_slot(&mut self, slot: Slot) -> SlotId {
        let id = SlotId(self.func.slots.len() as u32);
        self.func.slots.push(slot);
        id
    }

    pub fn slot_type(&self, slot: SlotId) -> &Type {
        &self.func.slots[slot.index()].ty
    }

    /// A new value, to be defined by an instruction or bound by a loop.
    pub fn value(&mut self, ty: Type) -> ValueId {
        let id = ValueId(self.func.values.len() as u32);
        self.func.values.push(ty);
        id
    }

    pub fn value_type(&self, value: ValueId) -> &Type {
        &self.func.values[value.index()]
    }

    // ---- blocks ------------------------------------------------------------------------------------------------

    /// Opens a block: instructions go there until `close_block`.
    pub fn open_block(&mut self) {
        self.open.push(Block::default());
    }

    pub fn close_block(&mut self) -> Block {
        assert!(
            self.open.len() > 1,
            "no block of {} is open",
            self.func.name
        );
        self.open.pop().unwrap_or_default()
    }

    /// The block that `fill` makes.
    pub fn block(&mut self, fill: impl FnOnce(&mut FuncBuilder)) -> Block {
        self.open_block();
        fill(self);
        self.close_block()
    }

    /// Whether the open block has been left (by `Return`, `Break`, ...), so that nothing may follow.
    pub fn diverged(&self) -> bool {
        self.current().diverges()
    }

    fn current(&self) -> &Block {
        &self.open[self.open.len() - 1]
    }

    // ---- instructions ------------------------------------------------------------------------------------------

    /// Appends a finished instruction.
    pub fn push(&mut self, inst: Inst) {
        let last = self.open.len() - 1;
        self.open[last].insts.push(inst);
    }

    /// Appends the instructions of `block`.
    pub fn append(&mut self, block: Block) {
        let last = self.open.len() - 1;
        self.open[last].insts.extend(block.insts);
    }

    /// An instruction without result.
    pub fn effect(&mut self, op: Op) {
        self.define(op, Vec::new());
    }

    /// An instruction with one result of type `ty`.
    pub fn emit(&mut self, op: Op, ty: Type) -> ValueId {
        let value = self.value(ty);
        self.define(op, vec![value]);
        value
    }

    /// An instruction with any number of results.
    pub fn emit_many<const N: usize>(&mut self, op: Op, types: [Type; N]) -> [ValueId; N] {
        let values = types.map(|ty| self.value(ty));
        self.define(op, values.to_vec());
        values
    }

    /// An instruction that defines values made before.
    pub fn define(&mut self, op: Op, results: Vec<ValueId>) {
        let span = self.span;
        self.push(Inst { results, op, span });
    }

    pub fn constant(&mut self, constant: Const) -> ValueId {
        self.emit(Op::Const(constant), Type::Scalar(constant.scalar()))
    }

    pub fn int(&mut self, value: i64) -> ValueId {
        self.constant(Const::Int(Scalar::I64, value))
    }

    pub fn float(&mut self, value: f64) -> ValueId {
        self.constant(Const::Float(Scalar::F64, value))
    }

    pub fn bool(&mut self, value: bool) -> ValueId {
        self.constant(Const::Bool(value))
    }

    pub fn unary(&mut self, op: UnaryOp, a: ValueId) -> ValueId {
        let ty = match (op, self.value_type(a)) {
            (UnaryOp::Abs, Type::Scalar(scalar)) => Type::Scalar(scalar.real_part()),
            (_, ty) => ty.clone(),
        };
        self.emit(Op::Unary { op, a }, ty)
    }

    pub fn binary(&mut self, op: BinaryOp, a: ValueId, b: ValueId) -> ValueId {
        let ty = self.value_type(a).clone();
        self.emit(
            Op::Binary {
                op,
                a,
                b,
                reassoc: false,
            },
            ty,
        )
    }

    pub fn compare(&mut self, op: CompareOp, a: ValueId, b: ValueId) -> ValueId {
        self.emit(Op::Compare { op, a, b }, Type::BOOL)
    }

    pub fn cast(&mut self, a: ValueId, to: Scalar) -> ValueId {
        self.emit(Op::Cast { a }, Type::Scalar(to))
    }

    pub fn select(&mut self, cond: ValueId, then: ValueId, els: ValueId) -> ValueId {
        let ty = self.value_type(then).clone();
        self.emit(Op::Select { cond, then, els }, ty)
    }

    pub fn load_slot(&mut self, slot: SlotId) -> ValueId {
        let ty = self.slot_type(slot).clone();
        self.emit(Op::SlotLoad { slot }, ty)
    }

    pub fn store_slot(&mut self, slot: SlotId, value: ValueId) {
        self.effect(Op::SlotStore { slot, value });
    }

    pub fn dim(&mut self, array: ValueId, axis: u8) -> ValueId {
        self.emit(Op::Dim { array, axis }, Type::I64)
    }

    pub fn if_(
        &mut self,
        cond: ValueId,
        then: impl FnOnce(&mut FuncBuilder),
        els: impl FnOnce(&mut FuncBuilder),
    ) {
        let then = self.block(then);
        let els = self.block(els);
        self.effect(Op::If { cond, then, els });
    }

    /// `cond` returns the value that decides whether `body` runs.
    pub fn while_(
        &mut self,
        cond: impl FnOnce(&mut FuncBuilder) -> ValueId,
        body: impl FnOnce(&mut FuncBuilder),
    ) {
        self.open_block();
        let test = cond(self);
        let cond = self.close_block();
        let body = self.block(body);
        self.effect(Op::While { cond, test, body });
    }

    /// `body` receives the induction variable.
    pub fn for_(
        &mut self,
        start: ValueId,
        stop: ValueId,
        step: ValueId,
        info: LoopInfo,
        body: impl FnOnce(&mut FuncBuilder, ValueId),
    ) {
        let iv = self.value(Type::I64);
        let body = self.block(|b| body(b, iv));
        self.effect(Op::For {
            iv,
            start,
            stop,
            step,
            body,
            info,
        });
    }
}

impl Const {
    pub fn scalar(self) -> Scalar {
        match self {
            Const::Bool(_) => Scalar::Bool,
            Const::Int(scalar, _) | Const::Float(scalar, _) | Const::Complex(scalar, _, _) => {
                scalar
            }
        }
    }
}

impl Scalar {
    pub fn is_int(self) -> bool {
        use Scalar::*;
        matches!(self, I8 | I16 | I32 | I64 | U8 | U16 | U32 | U64)
    }

    pub fn is_signed_int(self) -> bool {
        matches!(self, Scalar::I8 | Scalar::I16 | Scalar::I32 | Scalar::I64)
    }

    pub fn is_float(self) -> bool {
        matches!(self, Scalar::F16 | Scalar::F32 | Scalar::F64)
    }

    pub fn is_complex(self) -> bool {
        matches!(self, Scalar::C64 | Scalar::C128)
    }

    /// The type of a complex number's parts; any other type itself.
    pub fn real_part(self) -> Scalar {
        match self {
            Scalar::C64 => Scalar::F32,
            Scalar::C128 => Scalar::F64,
            other => other,
        }
    }

    /// Size in memory.
    pub fn bytes(self) -> u32 {
        use Scalar::*;
        match self {
            Bool | I8 | U8 => 1,
            I16 | U16 | F16 => 2,
            I32 | U32 | F32 => 4,
            I64 | U64 | F64 | C64 => 8,
            C128 => 16,
        }
    }
}

impl Type {
    pub const BOOL: Type = Type::Scalar(Scalar::Bool);
    pub const I64: Type = Type::Scalar(Scalar::I64);
    pub const F64: Type = Type::Scalar(Scalar::F64);

    pub fn as_scalar(&self) -> Option<Scalar> {
        match self {
            Type::Scalar(scalar) => Some(*scalar),
            _ => None,
        }
    }

    pub fn as_array(&self) -> Option<ArrayType> {
        match self {
            Type::Array(array) => Some(*array),
            _ => None,
        }
    }
}
