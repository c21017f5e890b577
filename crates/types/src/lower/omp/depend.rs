//! `depend` and `depobj`: what dependences name. Where a clause has iterators, or a list an object, the dependences are only known at run
//! time: those of iterators are written into an array first.

use super::super::function::Lowerer;
use super::sharing::Copies;
use crate::flow::Binding;
use crate::ty::Ty;
use crate::value::Val;
use omply_analysis::facts::{
    self, DependItem, DependIterator, DependType, Depobj, DepobjAction, Region,
};
use omply_diagnostics::{Code, Span};
use omply_ir::{
    ArrayType, BinaryOp, CompareOp, DEPEND_WORDS, Depend, DependKind, DependOn, ErrorKind, Init,
    Layout, LoopInfo, ObjectAction, Op, Scalar, SlotId, Type, ValueId,
};
use omply_syntax::hir::{Expr, ExprKind, NameRef, VarId};

/// The values of an iterator.
struct Values {
    var: VarId,
    span: Span,
    start: ValueId,
    step: ValueId,
    count: ValueId,
}

impl Lowerer<'_, '_> {
    pub(super) fn depends(&mut self, region: &Region) -> Vec<Depend> {
        region
            .depends
            .iter()
            .flat_map(|clause| self.clause_depends(clause))
            .collect()
    }

    fn clause_depends(&mut self, clause: &facts::Depend) -> Vec<Depend> {
        if clause.iterators.is_empty() {
            return self.clause_items(clause);
        }
        let list = self.iterated(clause);
        list.map(|list| Depend {
            // Each one in the list has its own.
            kind: DependKind::In,
            on: DependOn::List(list),
        })
        .into_iter()
        .collect()
    }

    /// The items of a clause, for one combination of the iterators' values.
    fn clause_items(&mut self, clause: &facts::Depend) -> Vec<Depend> {
        let mut depends = Vec::new();
        for item in &clause.items {
            let on = match depend_kind(clause.kind) {
                Some(kind) => self.depend_on(item).map(|on| (kind, on)),
                None => self
                    .depend_object(item)
                    .map(|object| (DependKind::In, DependOn::Object(object))),
            };
            if let Some((kind, on)) = on {
                depends.push(Depend { kind, on });
            }
        }
        depends
    }

    fn depend_on(&mut self, item: &DependItem) -> Option<DependOn> {
        match item {
            DependItem::Name(NameRef::Var(var), _) if !self.is_global(*var) => {
                if let Binding::Bound(bound) = self.flow.get(*var).clone()
                    && bound.ty.array().is_some()
                {
                    let array = self.load_var(*var, &bound.ty);
                    return Some(DependOn::Array(self.id(&array)));
                }
                Some(DependOn::Variable(self.key_slot(*var)))
            }
            DependItem::Name(_, span) => {
                self.not_native(*span, "dependences on variables of the module");
                None
            }
            DependItem::Part(expr) => self.depend_part(expr),
            DependItem::AllMemory(_) => Some(DependOn::AllMemory),
        }
    }

    /// The slot whose address stands for a variable in dependences, whatever type the variable has.
    fn key_slot(&mut self, var: VarId) -> SlotId {
        let scope = self.scope_of[var.index()];
        if let Some(&slot) = self.omp.keys.get(&(var, scope)) {
            return slot;
        }
        let name = format!("{}.key", self.var_name(var));
        let slot = self.slot_of_scope(name, &Ty::Bool, scope);
        self.omp.keys.insert((var, scope), slot);
        slot
    }

    // ---- iterators ---------------------------------------------------------------------------------------------

    /// An array of the dependences that a clause with iterators stands for.
    fn iterated(&mut self, clause: &facts::Depend) -> Option<ValueId> {
        let values: Option<Vec<Values>> = clause
            .iterators
            .iter()
            .map(|iterator| self.values(iterator))
            .collect();
        let values = values?;
        let mut words = self.b.int(DEPEND_WORDS * clause.items.len() as i64);
        for one in &values {
            words = self.b.binary(BinaryOp::Mul, words, one.count);
        }
        let ty = ArrayType {
            elem: Scalar::I64,
            ndim: 1,
            layout: Layout::C,
        };
        let site = self.site(
            ErrorKind::Memory,
            "not enough memory for the dependences",
            clause.iterators[0].span,
        );
        let list = self.b.emit(
            Op::Alloc {
                shape: vec![words],
                init: Init::Uninit,
                from: None,
                site,
            },
            Type::Array(ty),
        );
        let first = self.b.int(0);
        self.write(clause, &values, list, first);
        Some(list)
    }

    fn values(&mut self, iterator: &DependIterator) -> Option<Values> {
        let start = self.bound_of_iterator(&iterator.start)?;
        let stop = self.bound_of_iterator(&iterator.stop)?;
        let step = match &iterator.step {
            Some(step) => self.bound_of_iterator(step)?,
            None => self.b.int(1),
        };
        let (zero, one) = (self.b.int(0), self.b.int(1));
        if let Some(expr) = &iterator.step {
            let moves = self.b.compare(CompareOp::Ne, step, zero);
            let message = "the step of an iterator must not be zero";
            self.check(moves, ErrorKind::Value, message, expr.span, Vec::new());
        }
        // Of a range upwards, and of one downwards the other way round.
        let up = self.b.compare(CompareOp::Gt, step, zero);
        let minus = self.b.int(-1);
        let towards = self.b.select(up, one, minus);
        let way = self.b.binary(BinaryOp::Sub, stop, start);
        let way = self.b.binary(BinaryOp::Add, way, step);
        let way = self.b.binary(BinaryOp::Sub, way, towards);
        let count = self.b.binary(BinaryOp::FloorDiv, way, step);
        Some(Values {
            var: iterator.var,
            span: iterator.span,
            start,
            step,
            count: self.b.binary(BinaryOp::Max, count, zero),
        })
    }

    fn bound_of_iterator(&mut self, expr: &Expr) -> Option<ValueId> {
        let value = self.expr(expr);
        let value = self.index_value(&value, expr.span)?;
        Some(self.id(&value))
    }

    /// Writes the dependences of all values of these iterators. `before`: the combinations of the outer ones' values that come before.
    fn write(&mut self, clause: &facts::Depend, values: &[Values], list: ValueId, before: ValueId) {
        let Some((outer, inner)) = values.split_first() else {
            let items = self.clause_items(clause);
            let each = self.b.int(items.len() as i64);
            let first = self.b.binary(BinaryOp::Mul, before, each);
            for (number, depend) in items.into_iter().enumerate() {
                let number = self.b.int(number as i64);
                let at = self.b.binary(BinaryOp::Add, first, number);
                self.b.effect(Op::DependWrite { list, at, depend });
            }
            return;
        };
        let (start, step) = (self.b.int(0), self.b.int(1));
        let iv = self.b.value(Type::I64);
        let branch = self.branch(|s| {
            let way = s.b.binary(BinaryOp::Mul, iv, outer.step);
            let value = s.b.binary(BinaryOp::Add, outer.start, way);
            let before = s.b.binary(BinaryOp::Mul, before, outer.count);
            let before = s.b.binary(BinaryOp::Add, before, iv);
            let mut copies = Copies::default();
            s.enter_scope(outer.var, &mut copies);
            s.bind(outer.var, Val::new(Ty::Int, value), outer.span);
            s.write(clause, inner, list, before);
            s.close_copies(copies);
        });
        self.b.effect(Op::For {
            iv,
            start,
            stop: outer.count,
            step,
            body: branch.block,
            info: LoopInfo::default(),
        });
    }

    // ---- objects -----------------------------------------------------------------------------------------------

    /// The number of a dependence object, which is one.
    fn depend_object(&mut self, item: &DependItem) -> Option<ValueId> {
        let (object, span) = self.object(item)?;
        self.work_on_object(object, ObjectAction::Find, span);
        Some(object)
    }

    fn object(&mut self, item: &DependItem) -> Option<(ValueId, Span)> {
        let (value, span) = match item {
            DependItem::Name(NameRef::Var(var), span) => (self.read_var(*var, *span), *span),
            DependItem::Name(_, span) => {
                self.not_native(*span, "dependence objects in variables of the module");
                return None;
            }
            DependItem::Part(expr) => (self.expr(expr), expr.span),
            DependItem::AllMemory(_) => return None,
        };
        if !value.is_never() && value.ty != Ty::Int && value.ty != Ty::Np(Scalar::I64) {
            self.error_help(
                Code::ConflictingTypes,
                span,
                format!("a dependence object is no {}", value.ty),
                "dependence objects are integers: give the variable 0 first",
            );
            return None;
        }
        let value = self.index_value(&value, span)?;
        Some((self.id(&value), span))
    }

    fn work_on_object(&mut self, object: ValueId, action: ObjectAction, span: Span) {
        let found = self.b.emit(Op::DependObject { object, action }, Type::BOOL);
        let message = "this is no dependence object, or it has been destroyed";
        self.check(found, ErrorKind::Value, message, span, Vec::new());
    }

    pub(super) fn depobj(&mut self, region: &Region) {
        let Some(Depobj { object, action }) = &region.depobj else {
            return;
        };
        match action {
            DepobjAction::Init(depend) => {
                let depends = self.clause_depends(depend);
                let made = self.b.emit(Op::DependObjectNew { depends }, Type::I64);
                self.assign_object(object, Val::new(Ty::Int, made));
            }
            DepobjAction::Update(kind) => {
                if let (Some(kind), Some((object, span))) =
                    (depend_kind(*kind), self.object(object))
                {
                    self.work_on_object(object, ObjectAction::Update(kind), span);
                }
            }
            DepobjAction::Destroy => {
                if let Some((object, span)) = self.object(object) {
                    self.work_on_object(object, ObjectAction::Destroy, span);
                }
            }
        }
    }

    fn assign_object(&mut self, object: &DependItem, made: Val) {
        match object {
            DependItem::Name(name, span) => self.assign_name(*name, made, *span),
            DependItem::Part(expr) => match &expr.kind {
                ExprKind::Subscript { value, index } => {
                    let base = self.expr(value);
                    self.store_subscript(&base, index, made, expr.span);
                }
                _ => {
                    self.not_native(expr.span, "dependence objects in attributes");
                }
            },
            DependItem::AllMemory(_) => {}
        }
    }
}

fn depend_kind(kind: DependType) -> Option<DependKind> {
    Some(match kind {
        DependType::In => DependKind::In,
        DependType::Out => DependKind::Out,
        DependType::Inout => DependKind::InOut,
        DependType::Mutexinoutset => DependKind::MutexInOutSet,
        DependType::Inoutset => DependKind::InOutSet,
        DependType::Depobj => return None,
    })
}
