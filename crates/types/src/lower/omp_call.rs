//! Calls of other `@omp` functions and of OpenMP's runtime routines.

use super::call::Args;
use super::function::Lowerer;
use crate::env::FuncHandle;
use crate::ty::{Signature, Ty};
use crate::value::Val;
use omply_diagnostics::Code;
use omply_ir::{BinaryOp, CompareOp, ErrorKind, FuncId, Op, Routine, Type};
use omply_syntax::hir::{Expr, ExprKind, Function, ParamKind, UnaryOp};

impl Lowerer<'_, '_> {
    pub fn omp_call(&mut self, handle: FuncHandle, call: Args<'_>) -> Val {
        let Some(callee) = self.program.env.function(handle) else {
            return self.error(
                Code::UnknownFunction,
                call.span,
                "the source of this function is not available",
            );
        };
        let Some(values) = self.bind_arguments(&callee.hir, call) else {
            return Val::never();
        };
        if values.iter().any(Val::is_never) {
            return Val::never();
        }
        let sig = Signature {
            params: values.iter().map(|value| value.ty.clone()).collect(),
        };
        let index = self.program.instance(handle, sig.clone());
        let started = !self.program.instances[index].name.is_empty();
        if !started {
            self.program.lower_instance(index, None);
        }
        let ret = self.result_type(index, handle, &sig, &callee.hir);
        self.b.set_span(call.span);
        let args = values
            .iter()
            .filter(|value| value.ty != Ty::None)
            .map(|value| self.id(value))
            .collect();
        let op = Op::Call {
            func: FuncId(index as u32),
            args,
        };
        match ret {
            Ty::Never | Ty::None => {
                self.b.effect(op);
                Val {
                    ty: ret,
                    ..Val::none()
                }
            }
            ret => {
                let id = self.b.emit(op, ret.ir());
                Val::new(ret, id)
            }
        }
    }

    /// The callee's result type as far as it is known; `Never` sends the walk on another round once it is.
    fn result_type(
        &mut self,
        index: usize,
        handle: FuncHandle,
        sig: &Signature,
        callee: &Function,
    ) -> Ty {
        let finished = self.program.instances[index].func.is_some();
        let known = if finished {
            self.program
                .memory
                .get(&(handle, sig.clone()))
                .and_then(|memory| memory.ret.clone())
        } else {
            let before = self.program.instances[index].ret_before.clone();
            let own = if index == self.instance {
                self.returned_so_far()
            } else {
                None
            };
            before.or(own).or_else(|| {
                callee
                    .returns
                    .as_ref()
                    .and_then(|expr| self.annotation(expr))
            })
        };
        let ret = known.unwrap_or(Ty::Never);
        let instance = &mut self.program.instances[index];
        if instance.func.is_none() {
            // Compared with the result when the callee is finished.
            if instance.ret_seen.as_ref().is_some_and(|seen| *seen != ret) {
                self.program.again = true;
            }
            instance.ret_seen = Some(ret.clone());
        }
        ret
    }

    /// Python's own scalar types as annotations; anything else says nothing here.
    fn annotation(&mut self, expr: &Expr) -> Option<Ty> {
        match &expr.kind {
            ExprKind::None => Some(Ty::None),
            _ => match self.static_value(expr)? {
                crate::env::GlobalValue::Builtin(name) => match name.as_str() {
                    "int" => Some(Ty::Int),
                    "float" => Some(Ty::Float),
                    "complex" => Some(Ty::Complex),
                    "bool" => Some(Ty::Bool),
                    _ => None,
                },
                _ => None,
            },
        }
    }

    /// One value for every parameter, as Python binds arguments.
    fn bind_arguments(&mut self, callee: &Function, call: Args<'_>) -> Option<Vec<Val>> {
        let mut slots: Vec<Option<Val>> = vec![None; callee.params.len()];
        let positional = callee
            .params
            .iter()
            .filter(|p| {
                matches!(
                    p.kind,
                    ParamKind::PositionalOnly | ParamKind::PositionalOrKeyword
                )
            })
            .count();
        if call.args.len() > positional {
            let message = format!(
                "{}() takes {positional} positional arguments, {} given",
                callee.name,
                call.args.len()
            );
            self.error(Code::WrongArguments, call.span, message);
            return None;
        }
        for (i, arg) in call.args.iter().enumerate() {
            slots[i] = Some(self.argument(arg));
        }
        for keyword in call.keywords {
            let name = keyword.name.as_deref().unwrap_or_default();
            let position = callee.params.iter().position(|param| {
                callee.vars[param.var.index()].name == name
                    && matches!(
                        param.kind,
                        ParamKind::PositionalOrKeyword | ParamKind::KeywordOnly
                    )
            });
            let value = self.argument(&keyword.value);
            match position {
                Some(i) if slots[i].is_none() => slots[i] = Some(value),
                _ => {
                    let message = format!("{}() takes no (further) argument `{name}`", callee.name);
                    self.error(Code::WrongArguments, keyword.value.span, message);
                    return None;
                }
            }
        }
        let mut values = Vec::new();
        for (param, slot) in callee.params.iter().zip(slots) {
            let name = &callee.vars[param.var.index()].name;
            let value = match (slot, &param.default) {
                (Some(value), _) => value,
                (None, Some(default)) => match constant_default(default) {
                    Some(value) => value,
                    None => {
                        let message = format!(
                            "the default of `{name}` of {}() is not a plain constant: pass the argument",
                            callee.name
                        );
                        self.error(Code::WrongArguments, call.span, message)
                    }
                },
                (None, None) => {
                    let message = format!("{}() misses its argument `{name}`", callee.name);
                    self.error(Code::WrongArguments, call.span, message)
                }
            };
            values.push(value);
        }
        Some(values)
    }

    // ---- runtime routines --------------------------------------------------------------------------------------

    /// Locks are numbers, which the runtime checks.
    fn lock(&mut self, name: &str, (lock, nestable): (LockRoutine, bool), call: Args<'_>) -> Val {
        let params = usize::from(!matches!(lock, LockRoutine::New) || name.ends_with("_hint"));
        let Some(values) = self.positional(name, call, params..=params) else {
            return Val::never();
        };
        let given = match values.first().zip(call.args.first()) {
            Some((value, arg)) => match self.index_value(value, arg.span) {
                Some(value) => self.id(&value),
                None => return Val::never(),
            },
            None => self.b.int(0),
        };
        let LockRoutine::Work(action) = lock else {
            let nestable = self.b.int(nestable.into());
            let args = vec![nestable, given];
            let routine = Routine::LockNew;
            let made = self.b.emit(Op::Routine { routine, args }, Type::I64);
            let none = self.b.int(0);
            let there = self.b.compare(CompareOp::Ne, made, none);
            let message = "there are too many locks";
            self.check(there, ErrorKind::Runtime, message, call.span, Vec::new());
            return Val::new(Ty::Int, made);
        };
        let number = self.b.int(action);
        let args = vec![given, number];
        let routine = Routine::Lock;
        let result = self.b.emit(Op::Routine { routine, args }, Type::I64);
        if action & 3 == 0 {
            // The wait may have been given up because the region is cancelled, which is no error of the program's.
            self.b.effect(Op::Poll);
        }
        let zero = self.b.int(0);
        let fine = self.b.compare(CompareOp::Ge, result, zero);
        let message = self.b.binary(BinaryOp::Sub, zero, result);
        self.check(fine, ErrorKind::Check, "{0}", call.span, vec![message]);
        match action & 3 {
            TEST if nestable => Val::new(Ty::Int, result),
            TEST => {
                let set = self.b.compare(CompareOp::Gt, result, zero);
                Val::new(Ty::Bool, set)
            }
            _ => Val::none(),
        }
    }

    pub fn routine(&mut self, name: &str, call: Args<'_>) -> Val {
        if let Some(lock) = lock_routine(name) {
            return self.lock(name, lock, call);
        }
        let Some((routine, params, result)) = routine(name) else {
            return self.error_help(
                Code::UnknownFunction,
                call.span,
                format!("native mode does not support {name}() yet"),
                "use `@omp(mode=\"python\")` for this function",
            );
        };
        let Some(values) = self.positional(name, call, params..=params) else {
            return Val::never();
        };
        let mut args = Vec::new();
        for (value, arg) in values.iter().zip(call.args) {
            let value = match self.index_value(value, arg.span) {
                Some(value) => value,
                None => return Val::never(),
            };
            args.push(self.id(&value));
        }
        let op = Op::Routine { routine, args };
        if routine == Routine::FulfillEvent {
            let done = self.b.emit(op, Type::BOOL);
            let message = "this is no event, or it has been fulfilled before";
            self.check(done, ErrorKind::Value, message, call.span, Vec::new());
            return Val::none();
        }
        match result {
            Ty::None => {
                self.b.effect(op);
                Val::none()
            }
            ty => {
                let id = self.b.emit(
                    op,
                    Type::Scalar(ty.scalar().unwrap_or(omply_ir::Scalar::I64)),
                );
                Val::new(ty, id)
            }
        }
    }
}

/// A routine for locks.
#[derive(Clone, Copy)]
enum LockRoutine {
    New,
    /// With the runtime's number for what is done.
    Work(i64),
}

const TEST: i64 = 2;
const NESTABLE: i64 = 4;

/// Its kind, and whether it is for nestable locks.
fn lock_routine(name: &str) -> Option<(LockRoutine, bool)> {
    let name = name.strip_prefix("omp_")?;
    let (verb, kind) = name.split_once('_')?;
    let nestable = match kind.strip_suffix("_with_hint").unwrap_or(kind) {
        "lock" => false,
        "nest_lock" => true,
        _ => return None,
    };
    let work = |action| LockRoutine::Work(action + if nestable { NESTABLE } else { 0 });
    let routine = match verb {
        "init" => LockRoutine::New,
        "set" => work(0),
        "unset" => work(1),
        "test" => work(TEST),
        "destroy" => work(3),
        _ => return None,
    };
    Some((routine, nestable))
}

/// A default that is a literal, as the callee's source has it.
fn constant_default(expr: &Expr) -> Option<Val> {
    Some(match &expr.kind {
        ExprKind::Int(Some(value)) => Val::int(*value),
        ExprKind::Float(value) => Val::float(*value),
        ExprKind::Bool(value) => Val::bool(*value),
        ExprKind::None => Val::none(),
        ExprKind::Tuple(items) => Val::tuple(
            items
                .iter()
                .map(constant_default)
                .collect::<Option<Vec<Val>>>()?,
        ),
        ExprKind::Unary {
            op: UnaryOp::Minus,
            operand,
        } => match &operand.kind {
            ExprKind::Int(Some(value)) => Val::int(value.wrapping_neg()),
            ExprKind::Float(value) => Val::float(-value),
            _ => return None,
        },
        _ => return None,
    })
}

/// A routine by its C name: the number of its arguments and its result.
fn routine(name: &str) -> Option<(Routine, usize, Ty)> {
    use Routine::*;
    Some(match name {
        "omp_fulfill_event" => (FulfillEvent, 1, Ty::None),
        "omp_get_thread_num" => (GetThreadNum, 0, Ty::Int),
        "omp_get_num_threads" => (GetNumThreads, 0, Ty::Int),
        "omp_get_max_threads" => (GetMaxThreads, 0, Ty::Int),
        "omp_get_num_procs" => (GetNumProcs, 0, Ty::Int),
        "omp_get_thread_limit" => (GetThreadLimit, 0, Ty::Int),
        "omp_in_parallel" => (InParallel, 0, Ty::Bool),
        "omp_get_level" => (GetLevel, 0, Ty::Int),
        "omp_get_active_level" => (GetActiveLevel, 0, Ty::Int),
        "omp_get_ancestor_thread_num" => (GetAncestorThreadNum, 1, Ty::Int),
        "omp_get_team_size" => (GetTeamSize, 1, Ty::Int),
        "omp_get_max_active_levels" => (GetMaxActiveLevels, 0, Ty::Int),
        "omp_get_supported_active_levels" => (GetSupportedActiveLevels, 0, Ty::Int),
        "omp_get_dynamic" => (GetDynamic, 0, Ty::Bool),
        "omp_get_cancellation" => (GetCancellation, 0, Ty::Bool),
        "omp_get_proc_bind" => (GetProcBind, 0, Ty::Int),
        "omp_get_num_places" => (GetNumPlaces, 0, Ty::Int),
        "omp_get_place_num" => (GetPlaceNum, 0, Ty::Int),
        "omp_get_num_teams" => (GetNumTeams, 0, Ty::Int),
        "omp_get_team_num" => (GetTeamNum, 0, Ty::Int),
        "omp_get_num_devices" => (GetNumDevices, 0, Ty::Int),
        "omp_get_default_device" => (GetDefaultDevice, 0, Ty::Int),
        "omp_is_initial_device" => (IsInitialDevice, 0, Ty::Bool),
        "omp_get_initial_device" => (GetInitialDevice, 0, Ty::Int),
        "omp_in_final" => (InFinal, 0, Ty::Bool),
        "omp_in_explicit_task" => (InExplicitTask, 0, Ty::Bool),
        "omp_get_wtime" => (GetWtime, 0, Ty::Float),
        "omp_get_wtick" => (GetWtick, 0, Ty::Float),
        "omp_set_num_threads" => (SetNumThreads, 1, Ty::None),
        "omp_set_dynamic" => (SetDynamic, 1, Ty::None),
        "omp_set_max_active_levels" => (SetMaxActiveLevels, 1, Ty::None),
        "omp_set_schedule" => (SetSchedule, 2, Ty::None),
        _ => return None,
    })
}
