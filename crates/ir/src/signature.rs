//! What mathematical functions and runtime routines take and give.

use crate::ir::*;

impl MathFn {
    /// How many arguments the function takes.
    pub fn arity(self) -> usize {
        use MathFn::*;
        match self {
            Fma => 3,
            Atan2 | Hypot | Pow | Fmod | Remainder | CopySign | Fmin | Fmax | NextAfter => 2,
            _ => 1,
        }
    }

    /// Whether the function gives a `Bool`.
    pub fn is_predicate(self) -> bool {
        matches!(
            self,
            MathFn::IsNan | MathFn::IsInf | MathFn::IsFinite | MathFn::SignBit
        )
    }
}

impl Routine {
    /// Types of the arguments.
    pub fn params(self) -> &'static [Scalar] {
        use Routine::*;
        match self {
            FulfillEvent | GetAncestorThreadNum | GetTeamSize | SetNumThreads
            | SetMaxActiveLevels => &[Scalar::I64],
            SetDynamic => &[Scalar::Bool],
            SetSchedule | NestNumThreads | InteropEnd | LockNew | Lock => {
                &[Scalar::I64, Scalar::I64]
            }
            InteropInit => &[Scalar::I64, Scalar::I64, Scalar::I64],
            _ => &[],
        }
    }

    /// Type of the result, `Unit` for none.
    pub fn ret(self) -> Type {
        use Routine::*;
        match self {
            GetWtime | GetWtick => Type::F64,
            InParallel | GetDynamic | GetCancellation | IsInitialDevice | InFinal
            | InExplicitTask | FulfillEvent | InteropEnd => Type::BOOL,
            SetNumThreads | NestNumThreads | SetDynamic | SetMaxActiveLevels | SetSchedule => {
                Type::Unit
            }
            _ => Type::I64,
        }
    }
}
