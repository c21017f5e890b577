//! Checks a module against the rules of its phase: ids in range, every value defined once and used only where it
//! is visible, types of operands and results (`types`, `openmp`), terminators last in their block, branches inside the
//! structured region they belong to, and each phase's own operations.

mod openmp;
mod types;

use std::fmt;

use crate::ir::*;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    Regions,
    /// While the transform passes run: some regions are expanded, others are not.
    Between,
    Flat,
}

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyError {
    pub func: String,
    /// The instruction, by its first result or its operation.
    pub message: String,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.func, self.message)
    }
}

/// Every broken rule of the module.
pub fn verify(module: &Module, phase: Phase) -> Result<(), Vec<VerifyError>> {
    let mut errors = Vec::new();
    if module
        .entry
        .is_some_and(|entry| entry.index() >= module.funcs.len())
    {
        errors.push(VerifyError {
            func: module.name.clone(),
            message: "the entry is out of range".to_string(),
        });
    }
    for func in &module.funcs {
        let mut verifier = Verifier {
            module,
            func,
            phase,
            state: vec![State::Undefined; func.values.len()],
            regions: Vec::new(),
            errors: Vec::new(),
            place: String::new(),
        };
        verifier.func();
        errors.extend(verifier.errors.into_iter().map(|message| VerifyError {
            func: func.name.clone(),
            message,
        }));
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Undefined,
    Visible,
    /// Defined, in a block that has ended.
    OutOfScope,
}

/// What encloses an instruction, as far as branches care.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Region {
    Loop,
    /// A worksharing loop: `Continue` may end an iteration, `Break` may not leave it.
    Worksharing,
    /// What a worksharing loop that can be left has become.
    Leavable,
    /// A structured block that no branch leaves.
    Structured,
}

struct Verifier<'m> {
    module: &'m Module,
    func: &'m Func,
    phase: Phase,
    state: Vec<State>,
    regions: Vec<Region>,
    errors: Vec<String>,
    /// Names the instruction that is being checked.
    place: String,
}

impl<'m> Verifier<'m> {
    fn error(&mut self, message: impl fmt::Display) {
        let place = &self.place;
        let separator = if place.is_empty() { "" } else { ": " };
        self.errors.push(format!("{place}{separator}{message}"));
    }

    fn expect(&mut self, holds: bool, message: &str) {
        if !holds {
            self.error(message);
        }
    }

    fn func(&mut self) {
        let func = self.func;
        let outlined = func.kind.is_outlined();
        // Regions for devices are taken out first, for their own compilation.
        if self.phase == Phase::Regions && outlined && func.kind != FuncKind::Target {
            self.error("outlined before the transform passes");
        }
        for (index, &param) in func.params.iter().enumerate() {
            let Some(slot) = func.slots.get(param.index()) else {
                self.error(format!("parameter {param} is out of range"));
                continue;
            };
            let allowed =
                slot.storage == Storage::Local || outlined && slot.storage == Storage::Reference;
            if !allowed {
                self.error(format!("parameter {param} has the wrong storage"));
            }
            if func.params[..index].contains(&param) {
                self.error(format!("parameter {param} appears twice"));
            }
        }
        for (index, slot) in func.slots.iter().enumerate() {
            let id = SlotId(index as u32);
            if slot.storage == Storage::Reference && !func.params.contains(&id) {
                self.error(format!("{id} is a reference but no parameter"));
            }
            if let Storage::Threadprivate { init, .. } | Storage::Groupprivate { init, .. } =
                &slot.storage
                && slot.ty != Type::Scalar(init.scalar())
            {
                self.error(format!("{id} starts with a value of another type"));
            }
            if slot.ty == Type::Unit {
                self.error(format!("{id} has no type"));
            }
        }
        self.block(&func.body);
    }

    /// Checks a block; what it defines is visible until `end_scope`.
    fn open_scope(&mut self, block: &'m Block, defined: &mut Vec<ValueId>) {
        let last = block.insts.len().saturating_sub(1);
        for (index, inst) in block.insts.iter().enumerate() {
            self.place = match inst.results.first() {
                Some(result) => result.to_string(),
                None => op_name(&inst.op),
            };
            if inst.op.is_terminator() && index != last {
                self.error("instructions follow a terminator");
            }
            self.inst(inst);
            for &result in &inst.results {
                self.define(result, defined);
            }
        }
    }

    fn end_scope(&mut self, defined: Vec<ValueId>) {
        for value in defined {
            self.state[value.index()] = State::OutOfScope;
        }
    }

    fn block(&mut self, block: &'m Block) {
        let mut defined = Vec::new();
        self.open_scope(block, &mut defined);
        self.end_scope(defined);
    }

    fn define(&mut self, value: ValueId, defined: &mut Vec<ValueId>) {
        match self.state.get(value.index()) {
            None => self.error(format!("{value} is out of range")),
            Some(State::Undefined) => {
                self.state[value.index()] = State::Visible;
                defined.push(value);
            }
            Some(_) => self.error(format!("{value} is defined twice")),
        }
    }

    fn use_value(&mut self, value: ValueId) {
        match self.state.get(value.index()) {
            None => self.error(format!("{value} is out of range")),
            Some(State::Visible) => {}
            Some(State::Undefined) => self.error(format!("{value} is used before it is defined")),
            Some(State::OutOfScope) => self.error(format!("{value} is used out of its scope")),
        }
    }

    fn inst(&mut self, inst: &'m Inst) {
        let place = self.place.clone();
        if !matches!(inst.op, Op::While { .. }) {
            inst.op
                .for_each_operand(&mut |&value| self.use_value(value));
        }
        self.slots(&inst.op);
        self.phase_rules(&inst.op);
        self.branches(&inst.op);
        // Types can only be looked up once every id is known to be in range.
        if self.errors.is_empty() {
            self.types(inst);
        }

        let mut bound = Vec::new();
        inst.op
            .for_each_bound(&mut |value| self.define(value, &mut bound));
        self.regions.extend(region(&inst.op));
        match &inst.op {
            Op::While { cond, test, body } => {
                let mut defined = Vec::new();
                self.open_scope(cond, &mut defined);
                self.place = "while".to_string();
                self.use_value(*test);
                if self.errors.is_empty() {
                    self.expect(
                        self.func.values[test.index()] == Type::BOOL,
                        "the test is no Bool",
                    );
                }
                // What `cond` defines is visible in `body`, which it dominates.
                self.block(body);
                self.end_scope(defined);
            }
            op => op.for_each_block(&mut |block| self.block(block)),
        }
        if region(&inst.op).is_some() {
            self.regions.pop();
        }
        self.end_scope(bound);
        self.place = place;
    }

    fn slots(&mut self, op: &Op) {
        let count = self.func.slots.len();
        let mut wrong = Vec::new();
        op.for_each_slot(&mut |slot, _| {
            if slot.index() >= count {
                wrong.push(slot);
            }
        });
        wrong.extend(locals(op).iter().filter(|slot| slot.index() >= count));
        for slot in wrong {
            self.error(format!("{slot} is out of range"));
        }
    }

    fn phase_rules(&mut self, op: &Op) {
        let wrong = match op {
            Op::Parallel { .. } | Op::Teams(_) | Op::Task(_) | Op::Target(_) | Op::Loop(_) => {
                self.phase == Phase::Flat
            }
            Op::Fork { .. }
            | Op::ForkTeams { .. }
            | Op::Leavable { .. }
            | Op::Spawn(_)
            | Op::StaticInit { .. }
            | Op::DispatchInit { .. }
            | Op::DispatchNext { .. }
            | Op::OrderedIterationEnd
            | Op::DispatchEnd => self.phase == Phase::Regions,
            _ => false,
        };
        self.expect(!wrong, "belongs to the other phase");
        for &local in locals(op) {
            let slot = self.func.slots.get(local.index());
            if slot.is_some_and(|slot| slot.storage != Storage::Local)
                || self.func.params.contains(&local)
            {
                self.error(format!("{local} cannot be local to the region"));
            }
        }
    }

    fn branches(&mut self, op: &Op) {
        match op {
            Op::Break => {
                let inside = self.regions.last() == Some(&Region::Loop);
                self.expect(inside, "leaves no loop of its own region");
            }
            Op::Continue => {
                let inside = matches!(
                    self.regions.last(),
                    Some(Region::Loop | Region::Worksharing)
                );
                self.expect(inside, "continues no loop of its own region");
            }
            Op::LeaveLoop => {
                let inside = self
                    .regions
                    .iter()
                    .any(|&region| matches!(region, Region::Worksharing | Region::Leavable));
                self.expect(inside, "leaves no worksharing loop");
            }
            Op::Return { .. } => {
                let inside = self
                    .regions
                    .iter()
                    .any(|&region| !matches!(region, Region::Loop | Region::Leavable));
                self.expect(!inside, "leaves a structured region");
            }
            _ => {}
        }
    }
}

fn region(op: &Op) -> Option<Region> {
    match op {
        Op::For { .. } | Op::While { .. } => Some(Region::Loop),
        Op::Loop(_) => Some(Region::Worksharing),
        Op::Leavable { .. } => Some(Region::Leavable),
        Op::Single { .. }
        | Op::Critical { .. }
        | Op::Combine { .. }
        | Op::Ordered { .. }
        | Op::TaskGroup { .. }
        | Op::Task(_)
        | Op::Teams(_)
        | Op::Target(_)
        | Op::TargetData(_)
        | Op::Parallel { .. } => Some(Region::Structured),
        _ => None,
    }
}

/// The slots that a region makes its own.
fn locals(op: &Op) -> &[SlotId] {
    match op {
        Op::Parallel { locals, .. } => locals,
        Op::Teams(teams) => &teams.locals,
        Op::Task(task) => &task.locals,
        Op::Target(target) => &target.locals,
        _ => &[],
    }
}

/// The operation's name, for messages.
fn op_name(op: &Op) -> String {
    let text = format!("{op:?}");
    text.split(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default()
        .to_lowercase()
}
