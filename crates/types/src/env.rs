//! What lowering asks of the program around a function, and what it hands back. The dispatcher answers from live
//! Python objects, tests answer from a table.

use crate::ty::Ty;
use omply_analysis::facts::Facts;
use omply_diagnostics::Diagnostic;
use omply_ir::Scalar;
use omply_spec::LeafKind;
use omply_syntax::hir::Function;
use std::sync::Arc;

/// An `@omp` function, as the dispatcher numbers them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct FuncHandle(pub u64);

/// Resolves names that a function does not bind.
pub trait Env {
    /// A module global, builtin or closure cell that `func` reads. The value is taken as a constant; the caller
    /// guards against its change.
    fn global(&self, func: FuncHandle, name: &str) -> GlobalValue;

    /// `base.attr` of a module or another value that is not data: `math.sqrt`, `np.float32`, `module.CONSTANT`.
    fn attribute(&self, base: &GlobalValue, attr: &str) -> GlobalValue;

    /// What a call of a function with variants calls inside of these constructs; the message says why that is not known.
    fn variant(
        &self,
        handle: u64,
        constructs: &[LeafKind],
        with_variants: bool,
    ) -> Result<GlobalValue, String> {
        let _ = (handle, constructs, with_variants);
        Ok(GlobalValue::Unbound)
    }

    /// The tree and facts of an `@omp` function.
    fn function(&self, handle: FuncHandle) -> Option<OmpFunction>;

    /// Identifies a threadprivate global across the functions of its module.
    fn threadprivate_key(&self, func: FuncHandle, name: &str) -> String {
        let _ = func;
        name.to_owned()
    }
}

#[derive(Clone)]
pub struct OmpFunction {
    pub hir: Arc<Function>,
    pub facts: Arc<Facts>,
    /// Its own options hold inside it, whoever calls it.
    pub options: Options,
}

/// The value of a name beyond the function, as far as native mode knows such things.
#[derive(Clone, PartialEq, Debug)]
pub enum GlobalValue {
    None,
    Bool(bool),
    /// A Python int of 64 bits.
    Int(i64),
    Float(f64),
    Complex(f64, f64),
    Str(String),
    /// A NumPy scalar object such as `np.float32(2)`.
    NumpyScalar(Scalar, NumpyValue),
    Tuple(Vec<GlobalValue>),
    /// Any module but NumPy, `math`, `cmath` and `omply` included: its full name.
    Module(String),
    /// `abs`, `len`, `range`, ...
    Builtin(String),
    /// A function of `math`.
    MathFn(String),
    /// A function of `cmath`.
    CmathFn(String),
    /// A function of NumPy's main namespace (`sqrt`, `zeros`, `minimum`).
    NumpyFn(String),
    /// A dtype or scalar type object: `np.float32`, `np.dtype("f4")`.
    Dtype(Scalar),
    /// A runtime routine: `omp_get_thread_num`.
    Routine(String),
    OmpFunction(FuncHandle),
    /// A function that others stand in for: see `Env::variant`.
    Variants(u64),
    /// An exception class: `handle` identifies it for `Lowered::classes`.
    ExceptionClass {
        handle: u64,
        name: String,
    },
    /// Anything else: the name of its type, for messages.
    Object(String),
    /// The name is not bound at all.
    Unbound,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum NumpyValue {
    Int(i64),
    Float(f64),
    Complex(f64, f64),
    Bool(bool),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Options {
    /// Check array indices.
    pub bounds_check: bool,
    /// What division by zero does.
    pub error_model: ErrorModel,
    /// Raise where integer arithmetic leaves 64 bits.
    pub overflow_raise: bool,
    /// Forbid reassociation in reductions.
    pub reproducible: bool,
    /// Check while running that the threads of a team meet the same constructs.
    pub check: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ErrorModel {
    /// Division by zero raises.
    Python,
    /// Division by zero gives infinities, NaN, or 0 for integers.
    Numpy,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            bounds_check: true,
            error_model: ErrorModel::Python,
            overflow_raise: false,
            reproducible: false,
            check: false,
        }
    }
}

/// A lowered function with everything it calls.
#[derive(Debug)]
pub struct Lowered {
    /// Phase *Regions*. The entry function's parameters stand in the signature's order; a parameter of type `None`
    /// has no slot and is not passed.
    pub module: omply_ir::Module,
    /// The type of the entry function's result.
    pub ret: Ty,
    /// Exception classes (`GlobalValue::ExceptionClass::handle`) by `Site::class`.
    pub classes: Vec<u64>,
    /// The function each of the module's sites stands in; spans are places in that function's file.
    pub site_functions: Vec<FuncHandle>,
    /// The function each of the module's functions is an instance of.
    pub functions: Vec<FuncHandle>,
}

/// A reason for which a function cannot be lowered.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The function whose file the diagnostic's spans are places of: the one asked for or one it calls.
    pub function: FuncHandle,
    pub diagnostic: Diagnostic,
}
