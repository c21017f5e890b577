//! Runtime routines under their C names.

use omply_ir::{Inst, Routine, ValueId};

use crate::CodegenError;
use crate::llvm::Cmp;

use super::externals::{C, Effect, External};
use super::func::FuncLower;

/// What a routine's C function returns, as the IR sees it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gives {
    Int,
    /// An integer that has 64 bits in C, too.
    Wide,
    Truth,
    Time,
    Nothing,
}

impl FuncLower<'_> {
    pub fn routine(
        &mut self,
        inst: &Inst,
        routine: Routine,
        args: &[ValueId],
    ) -> Result<(), CodegenError> {
        if let Some(device) = self.m.device {
            return self.device_routine(device, inst, routine);
        }
        let ll = self.ll;
        let (name, gives, params) = c_function(routine);
        let ret = match gives {
            Gives::Int | Gives::Truth => C::I32,
            Gives::Wide => C::I64,
            Gives::Time => C::F64,
            Gives::Nothing => C::Void,
        };
        if args.len() != params.len() {
            return Err(self.error(format!("{name} with {} arguments", args.len())));
        }
        let mut values = Vec::new();
        for (&arg, param) in args.iter().zip(params) {
            let value = self.value(arg)?;
            if *param == C::I64 {
                values.push(value);
                continue;
            }
            // Out of range for C's int: as far as that goes.
            let wide = ll.int_cast(value, ll.i64, self.scalar(arg)?.is_signed_int());
            let low = ll.call_intrinsic("llvm.smax", &[wide, ll.c64(i32::MIN.into())]);
            let clamped = ll.call_intrinsic("llvm.smin", &[low, ll.c64(i32::MAX.into())]);
            values.push(ll.int_cast(clamped, ll.i32, true));
        }
        let function = self.m.external(External {
            name,
            ret,
            params,
            effect: Effect::Any,
        });
        let result = ll.call(function, &values);
        match gives {
            Gives::Int => self.define_result(inst, [ll.int_cast(result, ll.i64, true)]),
            Gives::Truth => self.define_result(inst, [ll.icmp(Cmp::LLVMIntNE, result, ll.c32(0))]),
            Gives::Time | Gives::Wide => self.define_result(inst, [result]),
            Gives::Nothing => {}
        }
        Ok(())
    }
}

fn c_function(routine: Routine) -> (&'static str, Gives, &'static [C]) {
    use Gives::{Int, Nothing, Time, Truth, Wide};
    const ONE: &[C] = &[C::I32];
    const TWO: &[C] = &[C::I32, C::I32];
    match routine {
        Routine::FulfillEvent => ("omply_event_fulfill", Truth, &[C::I64]),
        Routine::LockNew => ("omply_lock_new", Wide, TWO),
        Routine::Lock => ("omply_lock", Wide, &[C::I64, C::I32]),
        Routine::GetThreadNum => ("omp_get_thread_num", Int, &[]),
        Routine::GetNumThreads => ("omp_get_num_threads", Int, &[]),
        Routine::GetMaxThreads => ("omp_get_max_threads", Int, &[]),
        Routine::GetNumProcs => ("omp_get_num_procs", Int, &[]),
        Routine::GetThreadLimit => ("omp_get_thread_limit", Int, &[]),
        Routine::InParallel => ("omp_in_parallel", Truth, &[]),
        Routine::GetLevel => ("omp_get_level", Int, &[]),
        Routine::GetActiveLevel => ("omp_get_active_level", Int, &[]),
        Routine::GetAncestorThreadNum => ("omp_get_ancestor_thread_num", Int, ONE),
        Routine::GetTeamSize => ("omp_get_team_size", Int, ONE),
        Routine::GetMaxActiveLevels => ("omp_get_max_active_levels", Int, &[]),
        Routine::GetSupportedActiveLevels => ("omp_get_supported_active_levels", Int, &[]),
        Routine::GetDynamic => ("omp_get_dynamic", Truth, &[]),
        Routine::GetCancellation => ("omp_get_cancellation", Truth, &[]),
        Routine::GetProcBind => ("omp_get_proc_bind", Int, &[]),
        Routine::GetNumPlaces => ("omp_get_num_places", Int, &[]),
        Routine::GetPlaceNum => ("omp_get_place_num", Int, &[]),
        Routine::GetNumTeams => ("omp_get_num_teams", Int, &[]),
        Routine::GetTeamNum => ("omp_get_team_num", Int, &[]),
        Routine::GetNumDevices => ("omp_get_num_devices", Int, &[]),
        Routine::GetDefaultDevice => ("omp_get_default_device", Int, &[]),
        Routine::IsInitialDevice => ("omp_is_initial_device", Truth, &[]),
        Routine::GetInitialDevice => ("omp_get_initial_device", Int, &[]),
        Routine::InFinal => ("omp_in_final", Truth, &[]),
        Routine::InExplicitTask => ("omp_in_explicit_task", Truth, &[]),
        Routine::GetWtime => ("omp_get_wtime", Time, &[]),
        Routine::GetWtick => ("omp_get_wtick", Time, &[]),
        Routine::SetNumThreads => ("omp_set_num_threads", Nothing, ONE),
        Routine::NestNumThreads => ("omply_nest_num_threads", Nothing, TWO),
        Routine::SetDynamic => ("omp_set_dynamic", Nothing, ONE),
        Routine::SetMaxActiveLevels => ("omp_set_max_active_levels", Nothing, ONE),
        Routine::SetSchedule => ("omp_set_schedule", Nothing, TWO),
        Routine::InteropInit => ("omply_interop_init", Wide, &[C::I64, C::I64, C::I64]),
        Routine::InteropEnd => ("omply_interop_end", Truth, &[C::I64, C::I64]),
    }
}
