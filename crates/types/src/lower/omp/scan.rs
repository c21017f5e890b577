//! `reduction(inscan, ...)` on a worksharing loop. Each thread gets one run of consecutive iterations. First the team computes
//! what the input phases of all runs but the last contribute, in equal pieces; then every thread knows what its own run
//! begins with, and executes it as the serial program would. The input phases of the first pass are executed twice, so they
//! must not be noticed: where they might be, or where the iterations cannot be cut, one thread executes the whole loop.

use super::super::function::Lowerer;
use super::Construct;
use super::declared::Operator;
use super::nest::Nest;
use super::sharing::Copies;
use super::worksharing::loop_info;
use crate::env::GlobalValue;
use crate::flow::{Binding, Bound};
use crate::ty::Ty;
use crate::value::Val;
use omply_analysis::facts::{ReductionModifier, Region, Sharing, VarFact};
use omply_analysis::scan::{Phases, phases};
use omply_diagnostics::Span;
use omply_ir::{
    ArrayType, BinaryOp, CompareOp, ErrorKind, IndexCheck, Init, Layout, LoopInfo, Op, Scalar,
    SlotId, Type, ValueId,
};
use omply_spec::LeafKind;
use omply_syntax::hir::{Expr, ExprKind, NameRef, Stmt, StmtKind, Target, VarId};
use rustc_hash::FxHashSet;

/// A scanned variable.
struct Scanned {
    var: VarId,
    operator: Operator,
    ty: Ty,
    span: Span,
    /// Its value before the loop.
    original: Val,
    /// What each piece of the first pass contributes.
    totals: SlotId,
}

/// Whether a region scans a variable.
pub(super) fn scans(fact: &VarFact) -> bool {
    matches!(
        fact.sharing,
        Sharing::Reduction {
            modifier: ReductionModifier::Inscan,
            ..
        }
    )
}

impl Lowerer<'_, '_> {
    pub(super) fn scanned_loop(&mut self, construct: Construct<'_>, k: usize) {
        let regions = &construct.facts.regions;
        let region = &regions[k];
        if self.omp.range.is_some() {
            return self
                .unsupported_clause("reduction(inscan, ...) on a distributed loop", region.span);
        }
        let Some(nest) = self.nest(construct, region.collapse.max(1)) else {
            return;
        };
        let plain = nest
            .before
            .iter()
            .chain(&nest.after)
            .all(|code| code.is_empty());
        if !plain || !omply_ir::nest::is_rectangular(&nest.dims) {
            return self.unsupported_clause(
                "a scan in collapsed loops that are no perfect rectangle",
                region.span,
            );
        }
        if nest.generated.take().is_some() {
            return self
                .unsupported_clause("reduction(inscan, ...) on a transformed loop", region.span);
        }
        let Some(phases) = phases(nest.body) else {
            return;
        };
        let dir = construct.facts.id;
        let mut copies = Copies::default();
        // Of `for simd`, both leaves list them.
        let listed: Vec<&VarFact> = region.vars.iter().filter(|fact| scans(fact)).collect();
        for region in &regions[k..] {
            self.open_copies(dir, region, &mut copies);
        }
        self.private_loop_names(&nest, &mut copies);
        self.all_have_read(&copies);
        let scanned = if self.may_repeat(construct, phases.input, &copies, &listed) {
            self.open_scanned(construct, &nest, &listed)
        } else {
            None
        };
        let last = match scanned {
            Some(scanned) => self.two_passes(construct, k, &nest, phases, scanned, &mut copies),
            None => self.by_one_thread(construct, &nest, &copies),
        };
        self.finish_copies(copies, last);
        self.end_barrier(construct, region, k);
    }

    // ---- one thread --------------------------------------------------------------------------------------------

    /// The primary thread executes all iterations; the scanned variables are the originals.
    fn by_one_thread(
        &mut self,
        construct: Construct<'_>,
        nest: &Nest<'_>,
        copies: &Copies,
    ) -> ValueId {
        let thread = self.b.emit(Op::ThreadNum, Type::I64);
        let zero = self.b.int(0);
        let chosen = self.b.compare(CompareOp::Eq, thread, zero);
        let mut body = self.iteration_block(construct, nest, copies);
        for (depth, dim) in nest.dims.iter().enumerate().rev() {
            let stop = if depth == 0 {
                self.b.select(chosen, dim.stop, dim.start)
            } else {
                dim.stop
            };
            let op = Op::For {
                iv: dim.iv,
                start: dim.start,
                stop,
                step: dim.step,
                body,
                info: LoopInfo::default(),
            };
            if depth == 0 {
                self.b.effect(op);
                break;
            }
            self.b.open_block();
            self.b.effect(op);
            body = self.b.close_block();
        }
        chosen
    }

    // ---- two passes --------------------------------------------------------------------------------------------

    /// The scanned variables with the memory of their pieces; nothing where a variable is no number or there are several loops.
    fn open_scanned(
        &mut self,
        construct: Construct<'_>,
        nest: &Nest<'_>,
        listed: &[&VarFact],
    ) -> Option<Vec<Scanned>> {
        if nest.dims.len() != 1 {
            return None;
        }
        let mut scanned = Vec::new();
        for fact in listed {
            let (NameRef::Var(var), Sharing::Reduction { op, .. }) = (fact.name, &fact.sharing)
            else {
                return None;
            };
            let ty = self.fix_type(var, construct.facts.id, fact.span)?;
            let operator = self.operator_for(*op, &ty, var, fact.span)?;
            // Booleans have no arithmetic of their own.
            ty.scalar().filter(|scalar| *scalar != Scalar::Bool)?;
            scanned.push((var, operator, ty, fact.span));
        }
        let pieces = self.pieces();
        let pieces = self.b.binary(BinaryOp::Mul, pieces.0, pieces.1);
        let one = self.b.int(1);
        let length = self.b.binary(BinaryOp::Max, pieces, one);
        let site = self.site(ErrorKind::Memory, "cannot allocate an array", self.b.span());
        let mut made = Vec::new();
        self.b.open_block();
        for (var, operator, ty, span) in scanned {
            let array = totals_type(&ty)?;
            let totals = self.temp("totals", &Ty::Array(array));
            let op = Op::Alloc {
                shape: vec![length],
                init: Init::Uninit,
                from: None,
                site,
            };
            let id = self.b.emit(op, Type::Array(array));
            self.b.store_slot(totals, id);
            made.push((var, operator, ty, span, totals));
        }
        let body = self.b.close_block();
        let made = made
            .into_iter()
            .map(|(var, operator, ty, span, totals)| Scanned {
                original: self.read_var(var, span),
                var,
                operator,
                ty,
                span,
                totals,
            })
            .collect::<Vec<_>>();
        let executed = self.b.emit(Op::Single { body }, Type::BOOL);
        let slots = made.iter().map(|one| one.totals).collect();
        self.b.effect(Op::CopyPrivate { executed, slots });
        Some(made)
    }

    /// How many pieces of the first pass each thread computes, and the team's size: every run but the last is cut into as many
    /// pieces as there are threads.
    fn pieces(&mut self) -> (ValueId, ValueId) {
        let team = self.b.emit(Op::TeamSize, Type::I64);
        let one = self.b.int(1);
        (self.b.binary(BinaryOp::Sub, team, one), team)
    }

    fn two_passes(
        &mut self,
        construct: Construct<'_>,
        k: usize,
        nest: &Nest<'_>,
        phases: Phases<'_>,
        scanned: Vec<Scanned>,
        copies: &mut Copies,
    ) -> ValueId {
        let (each, team) = self.pieces();
        let thread = self.b.emit(Op::ThreadNum, Type::I64);
        let [start, stop, step] = [nest.dims[0].start, nest.dims[0].stop, nest.dims[0].step]
            .map(|id| Val::new(Ty::Int, id));
        let trip = self.range_len(&start, &stop, &step);
        let trip = self.id(&trip);
        // The pieces cover all runs but the last, whose contribution nobody needs.
        let count = self.b.binary(BinaryOp::Mul, each, team);
        let one = self.b.int(1);
        // A team of one thread has no pieces; what is divided by then does not matter.
        let divisor = self.b.binary(BinaryOp::Max, count, one);
        let share = self.b.binary(BinaryOp::FloorDiv, trip, team);
        let covered = self.b.binary(BinaryOp::Mul, share, each);
        let size = self.b.binary(BinaryOp::FloorDiv, covered, divisor);
        let larger = self.b.binary(BinaryOp::Mod, covered, divisor);
        let bound = |s: &mut Self, piece: ValueId| {
            let before = s.b.binary(BinaryOp::Mul, piece, size);
            let extra = s.b.binary(BinaryOp::Min, piece, larger);
            s.b.binary(BinaryOp::Add, before, extra)
        };
        let dir = construct.facts.id;
        for one in &scanned {
            self.enter_scope(one.var, copies);
            let key = (one.var, self.scope_of[one.var.index()]);
            self.pins.insert(key, dir);
            self.bind(one.var, one.original.clone(), one.span);
        }

        // First pass.
        let first = self.b.binary(BinaryOp::Mul, thread, each);
        let end = self.b.binary(BinaryOp::Add, first, each);
        let piece = self.b.value(Type::I64);
        for one in &scanned {
            self.flow.forget_value(one.var);
        }
        let branch = self.branch(|s| {
            for one in &scanned {
                let start = s.neutral(one.operator, &one.ty, &one.original, one.span);
                s.bind(one.var, start, one.span);
                if let Operator::Own(op) = one.operator {
                    let key = (one.var, s.scope_of[one.var.index()]);
                    s.omp.reductions.insert(key, op);
                }
            }
            let next = s.b.int(1);
            let next = s.b.binary(BinaryOp::Add, piece, next);
            let (lower, upper) = (bound(s, piece), bound(s, next));
            let info = scan_info(construct, k);
            s.run(construct, nest, phases.input, [lower, upper], copies, info);
            for one in &scanned {
                let value = s.load_var(one.var, &one.ty);
                let value = s.id(&value);
                let array = s.b.load_slot(one.totals);
                s.b.effect(Op::Store {
                    array,
                    indices: vec![piece],
                    value,
                    check: IndexCheck::None,
                });
                let key = (one.var, s.scope_of[one.var.index()]);
                s.omp.reductions.remove(&key);
            }
        });
        let step = self.b.int(1);
        self.b.effect(Op::For {
            iv: piece,
            start: first,
            stop: end,
            step,
            body: branch.block,
            info: LoopInfo::default(),
        });
        self.b.effect(Op::Barrier);

        // What the runs before this thread's contribute.
        for one in &scanned {
            self.bind(one.var, one.original.clone(), one.span);
            self.flow.forget_value(one.var);
        }
        let own = self.b.binary(BinaryOp::Mul, thread, team);
        let piece = self.b.value(Type::I64);
        let branch = self.branch(|s| {
            for one in &scanned {
                let array = s.b.load_slot(one.totals);
                let op = Op::Load {
                    array,
                    indices: vec![piece],
                    check: IndexCheck::None,
                };
                let scalar = one.ty.scalar().map_or(Type::I64, Type::Scalar);
                let part = Val::new(one.ty.clone(), s.b.emit(op, scalar));
                let before = s.load_var(one.var, &one.ty);
                let value = s.joined(one.operator, &before, &part, one.span);
                s.bind(one.var, value, one.span);
            }
        });
        let (zero, step) = (self.b.int(0), self.b.int(1));
        self.b.effect(Op::For {
            iv: piece,
            start: zero,
            stop: own,
            step,
            body: branch.block,
            info: LoopInfo::default(),
        });

        // Second pass.
        let lower = bound(self, own);
        let next = self.b.binary(BinaryOp::Add, own, team);
        let inner = bound(self, next);
        let is_last = self.b.compare(CompareOp::Eq, thread, each);
        let upper = self.b.select(is_last, trip, inner);
        self.run(
            construct,
            nest,
            nest.body,
            [lower, upper],
            copies,
            LoopInfo::default(),
        );

        // The thread with the last iteration holds the result.
        let cond = Val::new(Ty::Bool, is_last);
        for one in &scanned {
            if let Some((shared, private)) = self.slot_pair(copies, one.var, &one.ty) {
                self.if_then(&cond, |s| {
                    let value = s.b.load_slot(private);
                    s.b.store_slot(shared, value);
                });
            }
            let outer = Binding::Bound(Bound::new(one.ty.clone(), one.span));
            self.outer_binding(copies, one.var, outer);
        }
        is_last
    }

    /// Runs statements of the loop's body for the iterations of these numbers.
    fn run(
        &mut self,
        construct: Construct<'_>,
        nest: &Nest<'_>,
        body: &[Stmt],
        [lower, upper]: [ValueId; 2],
        copies: &Copies,
        info: LoopInfo,
    ) {
        let dim = &nest.dims[0];
        let mut part = nest.around(body);
        part.dims[0].iv = self.b.value(Type::I64);
        let [start, stop] = [lower, upper].map(|number| {
            let distance = self.b.binary(BinaryOp::Mul, number, dim.step);
            self.b.binary(BinaryOp::Add, dim.start, distance)
        });
        let block = self.iteration_block(construct, &part, copies);
        self.b.effect(Op::For {
            iv: part.dims[0].iv,
            start,
            stop,
            step: dim.step,
            body: block,
            info,
        });
    }

    // ---- what may be repeated ----------------------------------------------------------------------------------

    /// Whether nobody can tell how often the statements are executed: they change nothing but scanned and private variables.
    fn may_repeat(
        &mut self,
        construct: Construct<'_>,
        stmts: &[Stmt],
        copies: &Copies,
        listed: &[&VarFact],
    ) -> bool {
        let mut own: FxHashSet<VarId> = FxHashSet::default();
        for name in listed
            .iter()
            .map(|fact| &fact.name)
            .chain(&construct.facts.locals)
        {
            if let NameRef::Var(var) = *name {
                own.insert(var);
            }
        }
        stmts.iter().all(|stmt| self.is_silent(stmt, &own, copies))
    }

    fn is_silent(&mut self, stmt: &Stmt, own: &FxHashSet<VarId>, copies: &Copies) -> bool {
        let target = |target: &Target| match target {
            Target::Name {
                name: NameRef::Var(var),
                ..
            } => own.contains(var) || copies.has(*var),
            _ => false,
        };
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                targets.iter().all(target) && self.is_pure(value)
            }
            StmtKind::AugAssign {
                target: place,
                value,
                ..
            } => target(place) && self.is_pure(value),
            StmtKind::AnnAssign {
                target: place,
                value,
                ..
            } => target(place) && value.as_ref().is_none_or(|value| self.is_pure(value)),
            StmtKind::If { test, body, orelse } => {
                self.is_pure(test)
                    && body
                        .iter()
                        .chain(orelse)
                        .all(|stmt| self.is_silent(stmt, own, copies))
            }
            StmtKind::For {
                target: place,
                iter,
                body,
                orelse,
                ..
            } => {
                target(place)
                    && self.is_pure(iter)
                    && body
                        .iter()
                        .chain(orelse)
                        .all(|stmt| self.is_silent(stmt, own, copies))
            }
            StmtKind::Pass | StmtKind::Continue | StmtKind::Break => true,
            StmtKind::Expr(expr) => self.is_pure(expr),
            StmtKind::Directive(dir) => dir.directive.has(LeafKind::Scan),
            _ => false,
        }
    }

    fn is_pure(&mut self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Name(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Imaginary(_)
            | ExprKind::Bool(_)
            | ExprKind::None
            | ExprKind::Str(_) => true,
            ExprKind::Unary { operand, .. } => self.is_pure(operand),
            ExprKind::Binary { left, right, .. } => self.is_pure(left) && self.is_pure(right),
            ExprKind::Logical { values, .. } | ExprKind::Tuple(values) => {
                values.iter().all(|value| self.is_pure(value))
            }
            ExprKind::Compare { left, rest } => {
                self.is_pure(left) && rest.iter().all(|(_, value)| self.is_pure(value))
            }
            ExprKind::IfElse { test, body, orelse } => [test, body, orelse]
                .into_iter()
                .all(|one| self.is_pure(one)),
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                let known = matches!(
                    self.static_value(func),
                    Some(
                        GlobalValue::Builtin(_)
                            | GlobalValue::MathFn(_)
                            | GlobalValue::CmathFn(_)
                            | GlobalValue::NumpyFn(_)
                            | GlobalValue::Dtype(_)
                    )
                );
                known && keywords.is_empty() && args.iter().all(|arg| self.is_pure(arg))
            }
            ExprKind::Attribute { value, .. } => self.is_pure(value),
            ExprKind::Subscript { value, index } => self.is_pure(value) && self.is_pure(index),
            ExprKind::Slice { lower, upper, step } => [lower, upper, step]
                .into_iter()
                .flatten()
                .all(|one| self.is_pure(one)),
            _ => false,
        }
    }
}

/// The memory of what the pieces contribute.
fn totals_type(ty: &Ty) -> Option<ArrayType> {
    Some(ArrayType {
        elem: ty.scalar()?,
        ndim: 1,
        layout: Layout::C,
    })
}

/// The first pass is a reduction like any other.
fn scan_info(construct: Construct<'_>, k: usize) -> LoopInfo {
    let regions: &[Region] = &construct.facts.regions[k..];
    let simd = regions.iter().find(|region| region.leaf == LeafKind::Simd);
    loop_info(simd, &regions[0], false)
}
