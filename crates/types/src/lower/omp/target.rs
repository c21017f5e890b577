//! `target`: the block runs on a device. What a variable holds decides what the region gets of it: numbers are copied there, unless
//! they are mapped, and arrays are mapped. Arrays that the region has for itself are made beside it, so that it needs no memory of
//! its own.

use super::super::function::{Lowerer, ScopeId};
use super::Construct;
use super::map::holds_arrays;
use super::sharing::Copies;
use super::task::Start;
use crate::flow::Binding;
use crate::ty::Ty;
use omply_analysis::defaultmap_behavior;
use omply_analysis::facts::{
    ClauseKind, DefaultmapBehavior, Nowait, Origin, Region, Sharing, VarFact, VariableCategory,
};
use omply_diagnostics::Code;
use omply_ir::{Block, Init, MapFlags, MapItem, MapOn, Op, SlotId, Target, Task, TaskClauses};
use omply_spec::LeafKind;
use omply_syntax::hir::{NameRef, VarId};

/// What is evaluated before a target region.
#[derive(Default)]
struct Before {
    maps: Vec<MapItem>,
    /// Numbers that the region copies.
    starts: Vec<Start>,
    /// Names that mean other arrays in the region than outside.
    copies: Copies,
    /// Variables that the region changes.
    shared: Vec<VarId>,
    pinned: Vec<(VarId, ScopeId)>,
    /// Arrays that are in a device's memory: there is nothing to map.
    at_home: Vec<VarId>,
}

impl Lowerer<'_, '_> {
    pub(super) fn target(&mut self, construct: Construct<'_>, k: usize) {
        let region = &construct.facts.regions[k];
        let clauses = self.target_clauses(region);
        let mut clauses = self.league_counts(region, clauses);
        // Those of a `teams` that belongs to the directive are evaluated here, too.
        let teams = construct.facts.regions.get(k + 1);
        if let Some(teams) = teams.filter(|region| region.leaf == LeafKind::Teams) {
            clauses = self.league_counts(teams, clauses);
            self.omp.league = Some(clauses.clone());
        }
        let parallel = construct.facts.regions[k..]
            .iter()
            .find(|region| region.leaf == LeafKind::Parallel);
        if let Some(threads) = parallel.and_then(|region| region.num_threads.first()) {
            clauses.num_threads = self.thread_count(threads);
        }
        let task = self.target_task(region);
        let mut before = Before::default();
        let entry = self.flow.clone();
        for fact in &region.vars {
            if fact.sharing == Sharing::Threadprivate {
                let name = self.hir.name_of(fact.name).to_owned();
                self.error_help(
                    Code::NotNative,
                    fact.span,
                    format!("the threadprivate variable `{name}` does not exist on devices"),
                    "assign it to a variable of the function before the region",
                );
                continue;
            }
            let NameRef::Var(var) = fact.name else {
                self.global_copy(fact);
                continue;
            };
            self.target_variable(construct, region, var, fact, task.is_some(), &mut before);
        }
        self.map_clauses(region, &before.at_home, &mut before.maps);

        if task.is_some() {
            self.b.open_block();
            self.locals.push(Vec::new());
            self.flow.forget_values();
        }
        let body = self.target_body(construct, k, &mut before);
        let locals = self.locals.pop().unwrap_or_default();
        self.refuse_rebinding(&body, &before.maps);
        self.b.set_span(construct.directive.head_span);
        self.b.effect(Op::Target(Box::new(Target {
            clauses,
            maps: std::mem::take(&mut before.maps),
            locals,
            body,
        })));
        if let Some(clauses) = task {
            let locals = self.locals.pop().unwrap_or_default();
            let body = self.b.close_block();
            self.b.effect(Op::Task(Box::new(Task {
                clauses,
                locals,
                body,
            })));
        }
        self.close_copies(before.copies);
        self.after_shared(entry, before.shared);
        if task_pins_end(region) {
            self.unpin(before.pinned);
        }
    }

    /// The block, which is open no more, with the region's own slots left on the stack.
    fn target_body(&mut self, construct: Construct<'_>, k: usize, before: &mut Before) -> Block {
        self.b.open_block();
        self.locals.push(Vec::new());
        self.flow.forget_values();
        let mut copies = Copies::default();
        self.open_starts(std::mem::take(&mut before.starts), &mut copies);
        self.enter_locals(construct);
        self.region(construct, k + 1);
        self.live = true;
        self.close_copies(copies);
        self.b.close_block()
    }

    /// A task that the region is executed by, where clauses ask for one.
    fn target_task(&mut self, region: &Region) -> Option<TaskClauses> {
        let deferred = self.nowait(region);
        if !deferred && region.depends.is_empty() {
            return None;
        }
        let mut clauses = self.task_clauses(&Region {
            if_: None,
            ..region.clone()
        });
        if !deferred {
            clauses.if_ = Some(self.b.bool(false));
        }
        Some(clauses)
    }

    /// Decides what the region gets of one variable.
    fn target_variable(
        &mut self,
        construct: Construct<'_>,
        region: &Region,
        var: VarId,
        fact: &VarFact,
        deferred: bool,
        before: &mut Before,
    ) {
        let listed = region
            .maps
            .iter()
            .any(|map| map.name == fact.name && map.clause == ClauseKind::Map);
        let ty = match self.flow.get(var) {
            Binding::Bound(bound) => Some(bound.ty.clone()),
            _ => None,
        };
        // The variable of a serial loop.
        if fact.sharing == Sharing::Private && fact.origin == Origin::Predetermined {
            before.starts.push(Start::unbound(var, fact.span));
            return;
        }
        let Some(ty) = ty else {
            if listed {
                // Reports that there is no value.
                self.read_var(var, fact.span);
            }
            before.starts.push(Start::unbound(var, fact.span));
            return;
        };
        if let Ty::Device(array, device) = ty {
            if matches!(fact.sharing, Sharing::Private)
                || (fact.sharing == Sharing::Firstprivate
                    && fact.origin == Origin::Explicit
                    && !listed)
            {
                self.no_copy_of_device_array(var, fact.span);
                return;
            }
            let item = self.device_array(var, (array, device), fact.span, &mut before.copies);
            before.maps.push(item);
            before.at_home.push(var);
            return;
        }
        if holds_arrays(&ty) {
            self.target_array(construct, region, var, fact, &ty, deferred, before);
            return;
        }
        let own = match fact.sharing {
            Sharing::Private => Some(DefaultmapBehavior::Private),
            Sharing::Firstprivate if fact.origin == Origin::Explicit && !listed => {
                Some(DefaultmapBehavior::Firstprivate)
            }
            _ => None,
        };
        let (behavior, _) = defaultmap_behavior(&region.defaultmap, VariableCategory::Scalar);
        let flags = match own {
            Some(_) => None,
            None if listed => Some(None),
            None if fact.origin == Origin::Implicit => implicit_flags(behavior).map(Some),
            None => None,
        };
        match flags {
            // The clause says how; see `map_clauses`.
            Some(flags) if ty.is_number() => {
                if !self.pins.contains_key(&(var, self.scope_of[var.index()])) {
                    self.pin_shared(var, construct.facts.id, fact.span, &mut before.pinned);
                }
                before.shared.push(var);
                if let (Some(flags), Binding::Bound(bound)) = (flags, self.flow.get(var).clone()) {
                    let slot = self.slot(var, &bound.ty);
                    before.maps.push(MapItem {
                        name: self.var_name(var),
                        flags: flags | MapFlags::IMPLICIT,
                        on: MapOn::Scalar(slot),
                    });
                }
            }
            _ if own == Some(DefaultmapBehavior::Private) => {
                before.starts.push(Start::unbound(var, fact.span));
            }
            _ => {
                if listed && fact.written_inside {
                    let name = self.var_name(var);
                    let message = format!("`{name}` is {ty}, which is not mapped back to the host");
                    self.error(Code::NotNative, fact.span, message);
                }
                let fact = VarFact {
                    origin: Origin::Implicit,
                    ..fact.clone()
                };
                let start = self.start(var, &fact);
                before.starts.push(start);
            }
        }
    }

    /// An array, or a tuple that holds some.
    #[allow(
        clippy::too_many_arguments,
        reason = "all that is known of the variable"
    )]
    fn target_array(
        &mut self,
        construct: Construct<'_>,
        region: &Region,
        var: VarId,
        fact: &VarFact,
        ty: &Ty,
        deferred: bool,
        before: &mut Before,
    ) {
        let listed = region.maps.iter().any(|map| map.name == fact.name);
        let (behavior, span) = defaultmap_behavior(&region.defaultmap, VariableCategory::Aggregate);
        let scalars = defaultmap_behavior(&region.defaultmap, VariableCategory::Scalar);
        if behavior == DefaultmapBehavior::None
            && scalars.0 != DefaultmapBehavior::None
            && fact.origin == Origin::Implicit
            && let Some(span) = span
        {
            let name = self.var_name(var);
            let diagnostic = omply_diagnostics::Diagnostic::error(
                Code::UnlistedName,
                fact.span,
                format!(
                    "`{name}` is in no clause of `{}`",
                    construct.directive.directive.name
                ),
            )
            .label("used here")
            .secondary(span, "asks for a clause for each array");
            self.report(diagnostic);
        }
        let copied = match (&fact.sharing, fact.origin) {
            _ if listed => None,
            (Sharing::Private, _) => Some(DefaultmapBehavior::Private),
            (Sharing::Firstprivate, Origin::Explicit) => match behavior {
                DefaultmapBehavior::Private => Some(DefaultmapBehavior::Private),
                _ => Some(DefaultmapBehavior::Firstprivate),
            },
            _ => None,
        };
        let flags = match copied {
            Some(how) => {
                if ty.array().is_none() {
                    self.not_native(fact.span, "private copies of tuples that hold arrays");
                    return;
                }
                let value = self.read_var(var, fact.span);
                let (copy, flags) = if how == DefaultmapBehavior::Private {
                    (self.like(&value, Init::Uninit), MapFlags::NONE)
                } else {
                    (self.array_copy(&value, fact.span), MapFlags::TO)
                };
                self.enter_scope(var, &mut before.copies);
                self.bind(var, copy, fact.span);
                Some(flags)
            }
            None => {
                if deferred {
                    // The array that the variable holds now; the variable may hold another one when the region runs.
                    let value = self.load_var(var, ty);
                    self.enter_scope(var, &mut before.copies);
                    self.bind(var, value, fact.span);
                }
                (!listed).then(|| implicit_flags(behavior).unwrap_or(MapFlags::TOFROM))
            }
        };
        if let (Some(flags), Binding::Bound(bound)) = (flags, self.flow.get(var).clone()) {
            let slot = self.slot(var, &bound.ty);
            before.maps.push(MapItem {
                name: self.var_name(var),
                flags: flags | MapFlags::IMPLICIT,
                on: MapOn::Array(slot),
            });
        }
    }

    /// What a mapped variable holds is the memory that is mapped: it cannot become another array in the region.
    fn refuse_rebinding(&mut self, body: &Block, maps: &[MapItem]) {
        let arrays: Vec<(SlotId, &str)> = maps
            .iter()
            .filter(|item| !matches!(item.on, MapOn::Scalar(_)))
            .map(|item| (item.on.slot(), item.name.as_str()))
            .collect();
        let mut found = Vec::new();
        body.walk(&mut |inst| {
            if let Op::SlotStore { slot, .. } = inst.op
                && let Some((_, name)) = arrays.iter().find(|(array, _)| *array == slot)
            {
                found.push((inst.span, (*name).to_owned()));
            }
        });
        for (span, name) in found {
            let name = name.split('[').next().unwrap_or_default();
            self.error_help(
                Code::NotNative,
                span,
                format!("`{name}` is mapped and becomes another array in the region"),
                format!("assign to its elements instead: `{name}[:] = ...`"),
            );
        }
    }
}

/// Nothing where the variable is copied into the region.
fn implicit_flags(behavior: DefaultmapBehavior) -> Option<MapFlags> {
    use DefaultmapBehavior as B;
    match behavior {
        B::Storage | B::Alloc => Some(MapFlags::NONE),
        B::To => Some(MapFlags::TO),
        B::From => Some(MapFlags::FROM),
        B::Tofrom => Some(MapFlags::TOFROM),
        B::Present => Some(MapFlags::TOFROM | MapFlags::PRESENT),
        B::Default | B::None | B::Firstprivate | B::Private | B::SelfMap => None,
    }
}

/// Variables that a task may change keep their types for the rest of their lives.
fn task_pins_end(region: &Region) -> bool {
    matches!(region.nowait, Nowait::No) && region.leaf == LeafKind::Target
}
