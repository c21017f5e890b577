//! `distribute`, and `loop` bound to a league: each team takes a range of the nest's iterations, and the construct inside (a
//! `parallel for`, or the loops themselves) runs over that.

use super::super::function::Lowerer;
use super::Construct;
use super::sharing::Copies;
use crate::ty::Ty;
use omply_ir::{BinaryOp, CompareOp, ErrorKind, LoopInfo, Op, Routine, SlotId, Type, ValueId};
use omply_spec::LeafKind;
use omply_syntax::hir::Expr;

/// A range of iteration numbers, in variables because the construct about them may be another function.
#[derive(Clone, Copy)]
pub struct Range {
    pub lower: SlotId,
    pub upper: SlotId,
    /// The encountering thread runs all of them.
    pub alone: bool,
}

impl Lowerer<'_, '_> {
    pub(super) fn distribute(&mut self, construct: Construct<'_>, k: usize) {
        let region = &construct.facts.regions[k];
        let inner = construct.facts.regions.get(k + 1).map(|region| region.leaf);
        let Some(nest) = self.nest(construct, region.collapse.max(1)) else {
            return;
        };
        let trip = self.trip(&nest);
        let team = self.league_number(Routine::GetTeamNum);
        let teams = self.league_number(Routine::GetNumTeams);
        let chunk = region
            .dist_chunk
            .as_ref()
            .and_then(|expr| self.dist_chunk(expr));

        // The loop construct itself makes the copies of what it runs over alone.
        let mut copies = Copies::default();
        if inner == Some(LeafKind::Parallel) {
            self.open_copies(construct.facts.id, region, &mut copies);
        }
        let range = Range {
            lower: self.temp("lower", &Ty::Int),
            upper: self.temp("upper", &Ty::Int),
            alone: inner != Some(LeafKind::Parallel),
        };
        self.save_nest(&nest);
        let last = match chunk {
            Some(chunk) => {
                let start = self.b.binary(BinaryOp::Mul, team, chunk);
                let stride = self.b.binary(BinaryOp::Mul, teams, chunk);
                self.chunks(construct, k, &nest, range, [start, trip, stride, chunk])
            }
            None => {
                let (lower, upper) = self.share(trip, team, teams);
                self.piece(construct, k, range, lower, upper);
                let some = self.b.compare(CompareOp::Lt, lower, upper);
                let ends = self.b.compare(CompareOp::Eq, upper, trip);
                self.b.binary(BinaryOp::And, some, ends)
            }
        };
        self.b.set_span(construct.directive.head_span);
        self.finish_copies(copies, last);
    }

    fn league_number(&mut self, routine: Routine) -> ValueId {
        let op = Op::Routine {
            routine,
            args: Vec::new(),
        };
        self.b.emit(op, Type::I64)
    }

    /// Equal shares; the first teams have one iteration more.
    fn share(&mut self, trip: ValueId, team: ValueId, teams: ValueId) -> (ValueId, ValueId) {
        let b = &mut self.b;
        let share = b.binary(BinaryOp::FloorDiv, trip, teams);
        let dealt = b.binary(BinaryOp::Mul, share, teams);
        let extra = b.binary(BinaryOp::Sub, trip, dealt);
        let before = b.binary(BinaryOp::Mul, team, share);
        let longer = b.binary(BinaryOp::Min, team, extra);
        let lower = b.binary(BinaryOp::Add, before, longer);
        let one = b.int(1);
        let next = b.binary(BinaryOp::Add, team, one);
        let before = b.binary(BinaryOp::Mul, next, share);
        let longer = b.binary(BinaryOp::Min, next, extra);
        let upper = b.binary(BinaryOp::Add, before, longer);
        (lower, upper)
    }

    /// Chunks dealt out in turn; the result says whether this team had the last one.
    fn chunks(
        &mut self,
        construct: Construct<'_>,
        k: usize,
        nest: &super::nest::Nest<'_>,
        range: Range,
        [start, trip, stride, chunk]: [ValueId; 4],
    ) -> ValueId {
        let had_last = self.temp("had last", &Ty::Bool);
        let no = self.b.bool(false);
        self.b.store_slot(had_last, no);
        let names = self.iteration_names(nest, &[]);
        self.open_loop(construct.stmt.id, names, true);
        let iv = self.b.value(Type::I64);
        self.b.open_block();
        let end = self.b.binary(BinaryOp::Add, iv, chunk);
        let upper = self.b.binary(BinaryOp::Min, end, trip);
        let ends = self.b.compare(CompareOp::Eq, upper, trip);
        self.b.store_slot(had_last, ends);
        self.piece(construct, k, range, iv, upper);
        if self.live {
            self.back_edge();
        }
        let body = self.b.close_block();
        self.close_loop();
        self.b.effect(Op::For {
            iv,
            start,
            stop: trip,
            step: stride,
            body,
            info: LoopInfo::default(),
        });
        self.b.load_slot(had_last)
    }

    /// The construct inside, over one range.
    fn piece(
        &mut self,
        construct: Construct<'_>,
        k: usize,
        range: Range,
        lower: ValueId,
        upper: ValueId,
    ) {
        self.b.store_slot(range.lower, lower);
        self.b.store_slot(range.upper, upper);
        self.omp.range = Some(range);
        if range.alone {
            self.worksharing_loop(construct, k);
        } else {
            self.region(construct, k + 1);
        }
        self.omp.range = None;
    }

    fn dist_chunk(&mut self, expr: &Expr) -> Option<ValueId> {
        let value = self.expr(expr);
        let chunk = self.index_value(&value, expr.span)?;
        let id = self.id(&chunk);
        let zero = self.b.int(0);
        let positive = self.b.compare(CompareOp::Gt, id, zero);
        let message = "the chunk size must be positive, not {0}";
        self.check(positive, ErrorKind::Value, message, expr.span, vec![id]);
        // A chunk longer than any loop is the loop: multiples of it do not wrap.
        let most = self.b.int(1 << 40);
        Some(self.b.binary(BinaryOp::Min, id, most))
    }

    /// The iterations that the loop construct which begins here is about, if not all.
    pub(super) fn take_range(&mut self) -> Option<omply_ir::IterationRange> {
        let Range {
            lower,
            upper,
            alone,
        } = self.omp.range.take()?;
        Some(omply_ir::IterationRange {
            lower: self.b.load_slot(lower),
            upper: self.b.load_slot(upper),
            alone,
        })
    }
}
