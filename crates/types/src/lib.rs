//! Native mode's front: types a function for one argument signature and lowers it to IR in the same walk. Every
//! function it calls is lowered with it, one instance for each signature.
//!
//! `ty` and `promote` hold the types and NumPy's promotion rules, `env` what lowering asks of the program around the
//! function, `value` and `flow` what is known of values and names along the control flow, `lower` the walk itself.

mod env;
mod flow;
mod lower;
mod promote;
mod ty;
mod value;

pub use env::{
    Env, ErrorModel, Failure, FuncHandle, GlobalValue, Lowered, NumpyValue, OmpFunction, Options,
};
pub use omply_ir::{ArrayType, Layout, Scalar};
pub use promote::{binary as binary_type, promote_dtypes};
pub use ty::{Signature, Ty, dtype_name};

/// Types `entry` for the argument types `sig` and lowers it, with all it calls, to one IR module.
///
/// # Errors
/// Every reason found for which the function cannot be typed or lowered.
pub fn lower(
    entry: FuncHandle,
    sig: &Signature,
    env: &dyn Env,
    options: &Options,
) -> Result<Lowered, Vec<Failure>> {
    lower::lower(entry, sig, env, options)
}
