//! `target_data`, `target_enter_data`, `target_exit_data`, `target_update`, and the items of the clauses that these share with
//! `target`.

use super::super::function::Lowerer;
use super::Construct;
use super::sharing::Copies;
use crate::flow::Binding;
use crate::ty::Ty;
use crate::value::Val;
use omply_analysis::facts::{ClauseKind, Map, MapModifier, MapType, Nowait, Region};
use omply_diagnostics::Code;
use omply_ir::{
    MapFlags, MapItem, MapOn, MoveKind, Op, TargetClauses, TargetData, TargetMove, Task,
    TaskClauses, Type, UnaryOp, ValueId,
};
use omply_spec::LeafKind;
use omply_syntax::hir::{NameRef, VarId};

/// Whether values of the type refer to memory.
pub(super) fn holds_arrays(ty: &Ty) -> bool {
    match ty {
        Ty::Array(_) => true,
        Ty::Tuple(items) => items.iter().any(holds_arrays),
        _ => false,
    }
}

impl Lowerer<'_, '_> {
    /// The device and the condition of a construct for devices.
    pub(super) fn target_clauses(&mut self, region: &Region) -> TargetClauses {
        let device = region.device.as_ref().and_then(|expr| {
            let value = self.expr(expr);
            let value = self.index_value(&value, expr.span)?;
            Some(self.id(&value))
        });
        let if_ = region.if_.as_ref().map(|expr| {
            let cond = self.condition(expr);
            self.id(&cond)
        });
        TargetClauses {
            device,
            if_,
            ..TargetClauses::default()
        }
    }

    pub(super) fn target_data(&mut self, construct: Construct<'_>, k: usize) {
        let region = &construct.facts.regions[k];
        self.await_depends(region);
        let clauses = self.target_clauses(region);
        let mut maps = Vec::new();
        self.map_clauses(region, &[], &mut maps);
        let before = self.flow.clone();
        self.b.open_block();
        let mut copies = Copies::default();
        let mut used = Vec::new();
        for map in &region.maps {
            let used_there = matches!(
                map.clause,
                ClauseKind::UseDevicePtr | ClauseKind::UseDeviceAddr
            );
            if let (true, NameRef::Var(var)) = (used_there, map.name) {
                self.use_device(var, map, &clauses, &mut copies);
                used.push((var, before.get(var).clone()));
            }
        }
        // What is mapped stays until the regions that use it are complete, deferred ones included.
        let grouped = !matches!(region.nogroup, Nowait::Yes);
        if grouped {
            self.b.open_block();
        }
        self.stmts(&construct.directive.body);
        if grouped {
            let body = self.b.close_block();
            self.b.effect(Op::TaskGroup { body });
        }
        let end = self.flow.clone();
        self.close_copies(copies);
        self.flow = end.leave(&before);
        for (var, binding) in used {
            self.flow.set(var, binding);
        }
        let body = self.b.close_block();
        self.b.set_span(construct.directive.head_span);
        self.b.effect(Op::TargetData(Box::new(TargetData {
            clauses,
            maps,
            body,
        })));
    }

    /// In the block the name means the array as the device knows it.
    fn use_device(&mut self, var: VarId, map: &Map, clauses: &TargetClauses, copies: &mut Copies) {
        let value = self.read_var(var, map.span);
        if matches!(value.ty, Ty::Device(..)) {
            return;
        }
        let Ty::Array(ty) = value.ty else {
            if !value.is_never() {
                let message = format!("`{}` is {}, not an array", map.text, value.ty);
                self.error(Code::WrongOperands, map.span, message);
            }
            return;
        };
        let array = self.id(&value);
        let device = self.device_or_host(clauses);
        let known = self
            .b
            .emit(Op::DeviceArray { array, device }, Type::Array(ty));
        self.enter_scope(var, copies);
        self.bind(var, Val::new(Ty::Array(ty), known), map.span);
    }

    /// The number of the device that a construct uses, the host's where its condition says so.
    fn device_or_host(&mut self, clauses: &TargetClauses) -> Option<ValueId> {
        let Some(cond) = clauses.if_ else {
            return clauses.device;
        };
        let device = clauses.device.unwrap_or_else(|| {
            let routine = omply_ir::Routine::GetDefaultDevice;
            let op = Op::Routine {
                routine,
                args: Vec::new(),
            };
            self.b.emit(op, Type::I64)
        });
        let not = self.b.unary(UnaryOp::Not, cond);
        let host = self.b.int(-1);
        let op = Op::Select {
            cond: not,
            then: host,
            els: device,
        };
        Some(self.b.emit(op, Type::I64))
    }

    pub(super) fn target_move(&mut self, region: &Region, kind: MoveKind) {
        let clauses = self.target_clauses(region);
        let deferred = self.nowait(region);
        let mut maps = Vec::new();
        let mut task: Option<TaskClauses> = None;
        if deferred || !region.depends.is_empty() {
            let mut found = self.task_clauses(&Region {
                if_: None,
                ..region.clone()
            });
            if !deferred {
                found.if_ = Some(self.b.bool(false));
            }
            task = Some(found);
        }
        if task.is_some() && deferred {
            self.pin_mapped(region);
        }
        self.map_clauses(region, &[], &mut maps);
        let moved = Op::TargetMove(Box::new(TargetMove {
            kind,
            clauses,
            maps,
        }));
        match task {
            None => self.b.effect(moved),
            Some(clauses) => {
                self.b.open_block();
                self.b.effect(moved);
                let body = self.b.close_block();
                self.b.effect(Op::Task(Box::new(Task {
                    clauses,
                    locals: Vec::new(),
                    body,
                })));
            }
        }
        // What comes back is in the variables.
        for map in &region.maps {
            if let NameRef::Var(var) = map.name {
                self.flow.forget(var);
            }
        }
    }

    /// A deferred copy back may change a number at any time: its variable keeps one type.
    fn pin_mapped(&mut self, region: &Region) {
        for map in &region.maps {
            if let NameRef::Var(var) = map.name {
                self.flow.forget(var);
            }
        }
    }

    /// The items of the clauses that list memory, but for variables `but`.
    pub(super) fn map_clauses(&mut self, region: &Region, but: &[VarId], maps: &mut Vec<MapItem>) {
        for map in &region.maps {
            if matches!(
                map.clause,
                ClauseKind::UseDevicePtr | ClauseKind::UseDeviceAddr
            ) {
                continue;
            }
            let NameRef::Var(var) = map.name else {
                self.not_native(map.span, "maps of variables of the module");
                continue;
            };
            if self.is_global(var) {
                self.not_native(map.span, "maps of variables of the module");
                continue;
            }
            if but.contains(&var) {
                continue;
            }
            if let Some(on) = self.map_on(region, var, map) {
                maps.push(MapItem {
                    name: map.text.clone(),
                    flags: flags(region.leaf, map),
                    on,
                });
            }
        }
    }

    fn map_on(&mut self, region: &Region, var: VarId, map: &Map) -> Option<MapOn> {
        let Binding::Bound(bound) = self.flow.get(var).clone() else {
            self.read_var(var, map.span);
            return None;
        };
        let ty = bound.ty.clone();
        if matches!(ty, Ty::Device(..)) {
            // It is where the clause would bring it.
            if region.leaf == LeafKind::TargetUpdate {
                let message = format!(
                    "`{}` is {ty}: there is nothing on the host to copy to or from",
                    map.text
                );
                self.error(Code::WrongOperands, map.span, message);
            }
            return None;
        }
        if let Some(part) = &map.part {
            let (array, section) = self.map_part(part)?;
            if Self::as_var(array) != Some(var) {
                self.not_native(map.span, "maps of parts of attributes or items");
                return None;
            }
            let slot = self.slot(var, &ty);
            return Some(MapOn::Section {
                array: slot,
                section,
            });
        }
        if holds_arrays(&ty) {
            return Some(MapOn::Array(self.slot(var, &ty)));
        }
        let by_address = matches!(
            map.clause,
            ClauseKind::Map | ClauseKind::To | ClauseKind::From
        );
        if !by_address || !ty.is_number() {
            let in_data = region.leaf != LeafKind::Target && !matches!(ty, Ty::Never);
            if in_data || map.clause == ClauseKind::HasDeviceAddr {
                let message = format!(
                    "`{}` is {ty}, which `{}` does not take",
                    map.text, map.clause
                );
                self.error(Code::WrongOperands, map.span, message);
            }
            return None;
        }
        self.flow.forget(var);
        Some(MapOn::Scalar(self.slot(var, &ty)))
    }
}

/// What a clause does to an item on that construct.
fn flags(leaf: LeafKind, map: &Map) -> MapFlags {
    let mut flags = match map.clause {
        ClauseKind::To => MapFlags::TO,
        ClauseKind::From => MapFlags::FROM,
        ClauseKind::Map => match map.kind {
            Some(MapType::To) => MapFlags::TO,
            Some(MapType::From) => MapFlags::FROM,
            Some(MapType::Tofrom) => match leaf {
                LeafKind::TargetEnterData => MapFlags::TO,
                LeafKind::TargetExitData => MapFlags::FROM,
                _ => MapFlags::TOFROM,
            },
            Some(MapType::Storage | MapType::Alloc) => match leaf {
                LeafKind::TargetExitData => MapFlags::RELEASE,
                _ => MapFlags::NONE,
            },
            Some(MapType::Release) => MapFlags::RELEASE,
            None if map.modifiers.contains(&MapModifier::Delete) => MapFlags::NONE,
            None => match leaf {
                LeafKind::TargetEnterData => MapFlags::TO,
                LeafKind::TargetExitData => MapFlags::FROM,
                _ => MapFlags::TOFROM,
            },
        },
        _ => MapFlags::DEVICE,
    };
    for modifier in &map.modifiers {
        flags = flags
            | match modifier {
                MapModifier::Always => MapFlags::ALWAYS,
                MapModifier::Close => MapFlags::CLOSE,
                MapModifier::Present => MapFlags::PRESENT,
                MapModifier::Delete => MapFlags::DELETE,
                // Not supported, and said so before.
                MapModifier::SelfMap
                | MapModifier::RefPtee
                | MapModifier::RefPtr
                | MapModifier::RefPtrPtee => MapFlags::NONE,
            };
    }
    if map.implied {
        flags = flags | MapFlags::IMPLICIT;
    }
    flags
}
