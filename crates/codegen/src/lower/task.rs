//! Tasks: generating them, waiting for them, groups of them.
//!
//! A task that its function certainly waits for (`Spawn::joined`) has its record and captures in the function's frame. Any other
//! one carries copies of its captures, with references of their own to arrays, which `destroy` gives up. The body is a
//! function that the task's *entry* calls; the entry is what the runtime knows.
//!
//! A task may use variables of a function that fails, or that returns without waiting for it. So a function that generates such
//! tasks waits on its way out for its task's children (`await_children`).

use omply_ir::{Block, CaptureBy, Depend, Func, Inst, Op, Spawn, Storage};

use crate::CodegenError;
use crate::llvm::{Cmp, Flags, Op2, Ty, Value};
use crate::support::STATUS_TASK_LEFT;

use super::externals;
use super::func::FuncLower;
use super::{Declared, ModuleLower};

/// Bytes of a task's record in a frame.
const RECORD_BYTES: u64 = 80;
/// Flags that the runtime takes.
const UNDEFERRED: i32 = 1;
const FINAL: i32 = 2;

/// What tasks may still do with a function's frame when the function is about to end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pending {
    Nothing,
    /// Something, where the function fails before it has come to the wait.
    AfterFailure,
    Always,
}

fn pending(f: &Func) -> Pending {
    let mut pending = Pending::Nothing;
    f.body.walk(&mut |inst| {
        let Op::Spawn(spawn) = &inst.op else {
            return;
        };
        let lends = spawn.captures.iter().any(|capture| {
            capture.by == CaptureBy::Reference
                && f.slots[capture.slot.index()].storage == Storage::Local
        });
        if lends && !spawn.joined {
            pending = Pending::Always;
        } else if spawn.joined && pending == Pending::Nothing {
            pending = Pending::AfterFailure;
        }
    });
    pending
}

impl ModuleLower<'_> {
    /// The entry of a task: calls the body, and hands errors to the team.
    pub fn task_entry(&self, func: &Func, body: Declared) -> Value {
        let ll = &self.ll;
        let ty = ll.fn_type(ll.i32, &[ll.i32, ll.ptr]);
        let entry = ll.add_function(&format!("omply.{}.entry", func.name), ty);
        ll.make_internal(entry, false);
        ll.mark(entry, "nounwind");
        let (gtid, context) = (ll.param(entry, 0), ll.param(entry, 1));
        ll.at(ll.block(entry, "entry"));
        let mut args = vec![gtid, context];
        if body.hidden.limit {
            args.push(self.limit_of_task(func, entry));
        }
        let status = ll.call((body.ty, body.function), &args);
        ll.set_fast_call(status);
        // A task that leaves because its group is cancelled has not failed.
        let left = ll.icmp(Cmp::LLVMIntEQ, status, ll.c32(STATUS_TASK_LEFT));
        let status = ll.select(left, ll.c32(0), status);
        let (failed, done) = (ll.block(entry, "failed"), ll.block(entry, "done"));
        let branch = ll.cond_br(ll.icmp(Cmp::LLVMIntNE, status, ll.c32(0)), failed, done);
        ll.weigh(branch, false);
        ll.at(failed);
        ll.call(self.external(externals::THREAD_FAILED), &[gtid, status]);
        ll.br(done);
        ll.at(done);
        ll.ret(status);
        entry
    }

    /// The lowest address that the stack may reach: the captures say it for the thread that has generated the task.
    fn limit_of_task(&self, func: &Func, entry: Value) -> Value {
        let ll = &self.ll;
        let (gtid, context) = (ll.param(entry, 0), ll.param(entry, 1));
        let mut fields = Vec::new();
        for &slot in &func.params {
            let slot = &func.slots[slot.index()];
            self.capture_fields(&slot.ty, slot.storage == Storage::Reference, &mut fields);
        }
        let at = fields.len();
        fields.extend([ll.i64, ll.i32]);
        let ty = ll.struct_type(&fields);
        let known = ll.load(ll.i64, ll.field(ty, context, at));
        let generator = ll.load(ll.i32, ll.field(ty, context, at + 1));
        self.tbaa.captures(ll, known);
        self.tbaa.captures(ll, generator);
        let here = ll.here();
        let (other, after) = (ll.block(entry, "elsewhere"), ll.block(entry, "known"));
        let same = ll.icmp(Cmp::LLVMIntEQ, gtid, generator);
        let branch = ll.cond_br(same, after, other);
        ll.weigh(branch, true);
        ll.at(other);
        let asked = ll.call(self.external(externals::STACK_LIMIT), &[]);
        ll.br(after);
        ll.at(after);
        ll.phi(ll.i64, &[(known, here), (asked, other)])
    }

    /// A function that gives up the references that a task's captures hold; null where they hold none.
    fn destroy(&self, func: &Func, captures: Ty) -> Value {
        let ll = &self.ll;
        let owners = self.owners_among_captures(func);
        if owners.is_empty() {
            return ll.zero(ll.ptr);
        }
        let here = ll.here();
        let ty = ll.fn_type(ll.void, &[ll.ptr]);
        let destroy = ll.add_function(&format!("omply.{}.destroy", func.name), ty);
        ll.make_internal(destroy, false);
        ll.mark(destroy, "nounwind");
        ll.at(ll.block(destroy, "entry"));
        let context = ll.param(destroy, 0);
        for field in owners {
            let owner = ll.load(ll.ptr, ll.field(captures, context, field));
            // Nothing happens to null.
            ll.call(self.external(externals::RELEASE), &[owner]);
        }
        ll.ret_void();
        ll.at(here);
        destroy
    }
}

impl<'a> FuncLower<'a> {
    pub fn spawn(&mut self, spawn: &'a Spawn) -> Result<(), CodegenError> {
        let ll = self.ll;
        let clauses = &spawn.clauses;
        let depends = match &clauses.depends[..] {
            [] => None,
            depends => Some(self.dependences(depends)?),
        };
        let mut flags = ll.c32(if spawn.at_once { UNDEFERRED } else { 0 });
        if let Some(cond) = clauses.if_ {
            flags = ll.select(self.value(cond)?, flags, ll.c32(UNDEFERRED));
        }
        if let Some(cond) = clauses.final_ {
            let flag = ll.select(self.value(cond)?, ll.c32(FINAL), ll.c32(0));
            flags = ll.bin(Op2::LLVMOr, flags, flag, Flags::NONE);
        }
        let func = &self.m.module.funcs[spawn.func.index()];
        let ty = self.captures_of(spawn.func, &spawn.captures)?;
        let gtid = self.gtid();
        let entry = self.m.entries[spawn.func.index()];
        let in_frame = spawn.joined
            && clauses.priority.is_none()
            && clauses.transparent.is_none()
            && depends.is_none();
        let answer = if in_frame {
            let context = self.stack(ty, 16);
            self.fill_captures(spawn.func, &spawn.captures, ty, context)?;
            let record = self.stack(ll.array_type(ll.i8, RECORD_BYTES), 16);
            let args = [gtid, record, entry, context, flags];
            ll.call(self.m.external(externals::TASK_SPAWN), &args)
        } else {
            let priority = match clauses.priority {
                Some(value) => {
                    let value = self.value(value)?;
                    let most = ll.call_intrinsic("llvm.smin", &[value, ll.c64(i32::MAX.into())]);
                    let least = ll.call_intrinsic("llvm.smax", &[most, ll.c64(0)]);
                    ll.int_cast(least, ll.i32, true)
                }
                None => ll.c32(0),
            };
            let destroy = self.m.destroy(func, ty);
            let args = [gtid, entry, destroy, ll.size_of(ty), flags, priority];
            let context = ll.call(self.m.external(externals::TASK_NEW), &args);
            if !self.m.owners_among_captures(func).is_empty() {
                self.retain_captures(&spawn.captures)?;
            }
            self.fill_captures(spawn.func, &spawn.captures, ty, context)?;
            if let Some(event) = clauses.detach {
                let args = [gtid, context, self.value(event)?];
                ll.call(self.m.external(externals::TASK_DETACH), &args);
            }
            if let Some(impex) = clauses.transparent {
                let impex = ll.int_cast(self.value(impex)?, ll.i32, true);
                let args = [gtid, context, impex];
                ll.call(self.m.external(externals::TASK_TRANSPARENT), &args);
            }
            match depends {
                Some([list, count]) => {
                    let submit = self.m.external(externals::TASK_SUBMIT_DEPENDING);
                    ll.call(submit, &[gtid, context, list, count])
                }
                None => ll.call(self.m.external(externals::TASK_SUBMIT), &[gtid, context]),
            }
        };
        self.leave_after_tasks(answer);
        Ok(())
    }

    pub fn task_event(&mut self, inst: &Inst) -> Result<(), CodegenError> {
        let gtid = self.gtid();
        let event = self.ll.call(self.m.external(externals::EVENT_NEW), &[gtid]);
        self.define_result(inst, [event]);
        Ok(())
    }

    fn wait_for_children(&mut self) {
        let gtid = self.gtid();
        let answer = self.ll.call(self.m.external(externals::TASK_WAIT), &[gtid]);
        self.leave_after_tasks(answer);
    }

    pub fn task_wait(&mut self, depends: &[Depend], nowait: bool) -> Result<(), CodegenError> {
        if depends.is_empty() {
            self.wait_for_children();
            return Ok(());
        }
        let [list, count] = self.dependences(depends)?;
        let gtid = self.gtid();
        let wait = self.m.external(externals::TASK_WAIT_DEPENDING);
        let args = [gtid, list, count, self.ll.c32(nowait.into())];
        let answer = self.ll.call(wait, &args);
        self.leave_after_tasks(answer);
        Ok(())
    }

    pub fn task_yield(&mut self) -> Result<(), CodegenError> {
        let gtid = self.gtid();
        let answer = self
            .ll
            .call(self.m.external(externals::TASK_YIELD), &[gtid]);
        self.leave_after_tasks(answer);
        Ok(())
    }

    pub fn task_group(&mut self, body: &'a Block) -> Result<(), CodegenError> {
        let gtid = self.gtid();
        self.ll
            .call(self.m.external(externals::TASKGROUP_BEGIN), &[gtid]);
        let answer = self.scope(body, externals::TASKGROUP_END, &[gtid])?;
        if let Some(answer) = answer {
            self.leave_after_tasks(answer);
        }
        Ok(())
    }

    /// Leaves the function when the answer of a call that may have executed tasks says so.
    fn leave_after_tasks(&mut self, answer: Value) {
        let failed = self.ll.icmp(Cmp::LLVMIntNE, answer, self.ll.c32(0));
        self.rarely(failed, |this| {
            let status = this.tasks_failed(answer);
            this.leave_with(status);
        });
    }

    fn tasks_failed(&mut self, answer: Value) -> Value {
        let cookie = self.ll.external_global(externals::COOKIE);
        let take_over = self.m.external(externals::TASKS_FAILED);
        self.ll.call(take_over, &[cookie, answer])
    }

    /// In the exit block: waits for tasks that may use what the function is about to give up.
    pub fn await_children(&mut self) {
        let ll = self.ll;
        let pending = pending(self.f);
        if pending == Pending::Nothing {
            return;
        }
        let gtid = self.gtid();
        let wait = self.m.external(externals::TASK_WAIT);
        let (unwinding, after) = (self.new_block("unwinding"), self.new_block("childless"));
        let returning = match pending {
            Pending::Always => self.new_block("returning"),
            _ => after,
        };
        let status = ll.load(ll.i32, self.status);
        let fine = ll.icmp(Cmp::LLVMIntEQ, status, ll.c32(0));
        let branch = ll.cond_br(fine, returning, unwinding);
        ll.weigh(branch, true);
        // What has failed fails already; what the tasks answer changes nothing.
        ll.at(unwinding);
        ll.call(wait, &[gtid]);
        ll.br(after);
        if pending == Pending::Always {
            ll.at(returning);
            let answer = ll.call(wait, &[gtid]);
            let failed = self.new_block("failed");
            let branch = ll.cond_br(ll.icmp(Cmp::LLVMIntNE, answer, ll.c32(0)), failed, after);
            ll.weigh(branch, false);
            ll.at(failed);
            let status = self.tasks_failed(answer);
            ll.store(status, self.status);
            ll.br(after);
        }
        ll.at(after);
    }
}
