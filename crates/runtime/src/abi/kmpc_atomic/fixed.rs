//! Integers. Arithmetic wraps; a division by zero ends the program with a message, where C has a signal for it.

use super::super::Ident;
use super::{Word, access, mixed, operation};
use crate::message::fatal;

fn by_zero<T>(quotient: Option<T>) -> T {
    quotient.unwrap_or_else(|| fatal("an atomic update divides by zero"))
}

macro_rules! divide {
    ($($type:ty),*) => {$(
        impl Divide for $type {
            fn divided_by(self, other: Self) -> Self {
                // The one quotient that does not fit wraps.
                by_zero((other != 0).then(|| self.wrapping_div(other)))
            }
        }
    )*};
}

trait Divide {
    fn divided_by(self, other: Self) -> Self;
}

divide!(i8, u8, i16, u16, i32, u32, i64, u64);

operation! {
    |x, y| x.wrapping_add(y) =>
        i8: __kmpc_atomic_fixed1_add __kmpc_atomic_fixed1_add_cpt,
        i16: __kmpc_atomic_fixed2_add __kmpc_atomic_fixed2_add_cpt,
        i32: __kmpc_atomic_fixed4_add __kmpc_atomic_fixed4_add_cpt,
        i64: __kmpc_atomic_fixed8_add __kmpc_atomic_fixed8_add_cpt;
    |x, y| x.wrapping_sub(y) =>
        i8: __kmpc_atomic_fixed1_sub __kmpc_atomic_fixed1_sub_cpt,
        i16: __kmpc_atomic_fixed2_sub __kmpc_atomic_fixed2_sub_cpt,
        i32: __kmpc_atomic_fixed4_sub __kmpc_atomic_fixed4_sub_cpt,
        i64: __kmpc_atomic_fixed8_sub __kmpc_atomic_fixed8_sub_cpt;
    |x, y| y.wrapping_sub(x) =>
        i8: __kmpc_atomic_fixed1_sub_rev __kmpc_atomic_fixed1_sub_cpt_rev,
        i16: __kmpc_atomic_fixed2_sub_rev __kmpc_atomic_fixed2_sub_cpt_rev,
        i32: __kmpc_atomic_fixed4_sub_rev __kmpc_atomic_fixed4_sub_cpt_rev,
        i64: __kmpc_atomic_fixed8_sub_rev __kmpc_atomic_fixed8_sub_cpt_rev;
    |x, y| x.wrapping_mul(y) =>
        i8: __kmpc_atomic_fixed1_mul __kmpc_atomic_fixed1_mul_cpt,
        i16: __kmpc_atomic_fixed2_mul __kmpc_atomic_fixed2_mul_cpt,
        i32: __kmpc_atomic_fixed4_mul __kmpc_atomic_fixed4_mul_cpt,
        i64: __kmpc_atomic_fixed8_mul __kmpc_atomic_fixed8_mul_cpt;
    |x, y| x.divided_by(y) =>
        i8: __kmpc_atomic_fixed1_div __kmpc_atomic_fixed1_div_cpt,
        i16: __kmpc_atomic_fixed2_div __kmpc_atomic_fixed2_div_cpt,
        i32: __kmpc_atomic_fixed4_div __kmpc_atomic_fixed4_div_cpt,
        i64: __kmpc_atomic_fixed8_div __kmpc_atomic_fixed8_div_cpt,
        u8: __kmpc_atomic_fixed1u_div __kmpc_atomic_fixed1u_div_cpt,
        u16: __kmpc_atomic_fixed2u_div __kmpc_atomic_fixed2u_div_cpt,
        u32: __kmpc_atomic_fixed4u_div __kmpc_atomic_fixed4u_div_cpt,
        u64: __kmpc_atomic_fixed8u_div __kmpc_atomic_fixed8u_div_cpt;
    |x, y| y.divided_by(x) =>
        i8: __kmpc_atomic_fixed1_div_rev __kmpc_atomic_fixed1_div_cpt_rev,
        i16: __kmpc_atomic_fixed2_div_rev __kmpc_atomic_fixed2_div_cpt_rev,
        i32: __kmpc_atomic_fixed4_div_rev __kmpc_atomic_fixed4_div_cpt_rev,
        i64: __kmpc_atomic_fixed8_div_rev __kmpc_atomic_fixed8_div_cpt_rev,
        u8: __kmpc_atomic_fixed1u_div_rev __kmpc_atomic_fixed1u_div_cpt_rev,
        u16: __kmpc_atomic_fixed2u_div_rev __kmpc_atomic_fixed2u_div_cpt_rev,
        u32: __kmpc_atomic_fixed4u_div_rev __kmpc_atomic_fixed4u_div_cpt_rev,
        u64: __kmpc_atomic_fixed8u_div_rev __kmpc_atomic_fixed8u_div_cpt_rev;
    |x, y| x & y =>
        i8: __kmpc_atomic_fixed1_andb __kmpc_atomic_fixed1_andb_cpt,
        i16: __kmpc_atomic_fixed2_andb __kmpc_atomic_fixed2_andb_cpt,
        i32: __kmpc_atomic_fixed4_andb __kmpc_atomic_fixed4_andb_cpt,
        i64: __kmpc_atomic_fixed8_andb __kmpc_atomic_fixed8_andb_cpt;
    |x, y| x | y =>
        i8: __kmpc_atomic_fixed1_orb __kmpc_atomic_fixed1_orb_cpt,
        i16: __kmpc_atomic_fixed2_orb __kmpc_atomic_fixed2_orb_cpt,
        i32: __kmpc_atomic_fixed4_orb __kmpc_atomic_fixed4_orb_cpt,
        i64: __kmpc_atomic_fixed8_orb __kmpc_atomic_fixed8_orb_cpt;
    |x, y| x ^ y =>
        i8: __kmpc_atomic_fixed1_xor __kmpc_atomic_fixed1_xor_cpt,
        i16: __kmpc_atomic_fixed2_xor __kmpc_atomic_fixed2_xor_cpt,
        i32: __kmpc_atomic_fixed4_xor __kmpc_atomic_fixed4_xor_cpt,
        i64: __kmpc_atomic_fixed8_xor __kmpc_atomic_fixed8_xor_cpt;
    |x, y| x.wrapping_shl(y as u32) =>
        i8: __kmpc_atomic_fixed1_shl __kmpc_atomic_fixed1_shl_cpt,
        i16: __kmpc_atomic_fixed2_shl __kmpc_atomic_fixed2_shl_cpt,
        i32: __kmpc_atomic_fixed4_shl __kmpc_atomic_fixed4_shl_cpt,
        i64: __kmpc_atomic_fixed8_shl __kmpc_atomic_fixed8_shl_cpt;
    |x, y| y.wrapping_shl(x as u32) =>
        i8: __kmpc_atomic_fixed1_shl_rev __kmpc_atomic_fixed1_shl_cpt_rev,
        i16: __kmpc_atomic_fixed2_shl_rev __kmpc_atomic_fixed2_shl_cpt_rev,
        i32: __kmpc_atomic_fixed4_shl_rev __kmpc_atomic_fixed4_shl_cpt_rev,
        i64: __kmpc_atomic_fixed8_shl_rev __kmpc_atomic_fixed8_shl_cpt_rev;
    |x, y| x.wrapping_shr(y as u32) =>
        i8: __kmpc_atomic_fixed1_shr __kmpc_atomic_fixed1_shr_cpt,
        i16: __kmpc_atomic_fixed2_shr __kmpc_atomic_fixed2_shr_cpt,
        i32: __kmpc_atomic_fixed4_shr __kmpc_atomic_fixed4_shr_cpt,
        i64: __kmpc_atomic_fixed8_shr __kmpc_atomic_fixed8_shr_cpt,
        u8: __kmpc_atomic_fixed1u_shr __kmpc_atomic_fixed1u_shr_cpt,
        u16: __kmpc_atomic_fixed2u_shr __kmpc_atomic_fixed2u_shr_cpt,
        u32: __kmpc_atomic_fixed4u_shr __kmpc_atomic_fixed4u_shr_cpt,
        u64: __kmpc_atomic_fixed8u_shr __kmpc_atomic_fixed8u_shr_cpt;
    |x, y| y.wrapping_shr(x as u32) =>
        i8: __kmpc_atomic_fixed1_shr_rev __kmpc_atomic_fixed1_shr_cpt_rev,
        i16: __kmpc_atomic_fixed2_shr_rev __kmpc_atomic_fixed2_shr_cpt_rev,
        i32: __kmpc_atomic_fixed4_shr_rev __kmpc_atomic_fixed4_shr_cpt_rev,
        i64: __kmpc_atomic_fixed8_shr_rev __kmpc_atomic_fixed8_shr_cpt_rev,
        u8: __kmpc_atomic_fixed1u_shr_rev __kmpc_atomic_fixed1u_shr_cpt_rev,
        u16: __kmpc_atomic_fixed2u_shr_rev __kmpc_atomic_fixed2u_shr_cpt_rev,
        u32: __kmpc_atomic_fixed4u_shr_rev __kmpc_atomic_fixed4u_shr_cpt_rev,
        u64: __kmpc_atomic_fixed8u_shr_rev __kmpc_atomic_fixed8u_shr_cpt_rev;
    |x, y| (x != 0 && y != 0).into() =>
        i8: __kmpc_atomic_fixed1_andl __kmpc_atomic_fixed1_andl_cpt,
        i16: __kmpc_atomic_fixed2_andl __kmpc_atomic_fixed2_andl_cpt,
        i32: __kmpc_atomic_fixed4_andl __kmpc_atomic_fixed4_andl_cpt,
        i64: __kmpc_atomic_fixed8_andl __kmpc_atomic_fixed8_andl_cpt;
    |x, y| (x != 0 || y != 0).into() =>
        i8: __kmpc_atomic_fixed1_orl __kmpc_atomic_fixed1_orl_cpt,
        i16: __kmpc_atomic_fixed2_orl __kmpc_atomic_fixed2_orl_cpt,
        i32: __kmpc_atomic_fixed4_orl __kmpc_atomic_fixed4_orl_cpt,
        i64: __kmpc_atomic_fixed8_orl __kmpc_atomic_fixed8_orl_cpt;
    |x, y| x ^ !y =>
        i8: __kmpc_atomic_fixed1_eqv __kmpc_atomic_fixed1_eqv_cpt,
        i16: __kmpc_atomic_fixed2_eqv __kmpc_atomic_fixed2_eqv_cpt,
        i32: __kmpc_atomic_fixed4_eqv __kmpc_atomic_fixed4_eqv_cpt,
        i64: __kmpc_atomic_fixed8_eqv __kmpc_atomic_fixed8_eqv_cpt;
    |x, y| x ^ y =>
        i8: __kmpc_atomic_fixed1_neqv __kmpc_atomic_fixed1_neqv_cpt,
        i16: __kmpc_atomic_fixed2_neqv __kmpc_atomic_fixed2_neqv_cpt,
        i32: __kmpc_atomic_fixed4_neqv __kmpc_atomic_fixed4_neqv_cpt,
        i64: __kmpc_atomic_fixed8_neqv __kmpc_atomic_fixed8_neqv_cpt;
    |x, y| x.max(y) =>
        i8: __kmpc_atomic_fixed1_max __kmpc_atomic_fixed1_max_cpt,
        i16: __kmpc_atomic_fixed2_max __kmpc_atomic_fixed2_max_cpt,
        i32: __kmpc_atomic_fixed4_max __kmpc_atomic_fixed4_max_cpt,
        i64: __kmpc_atomic_fixed8_max __kmpc_atomic_fixed8_max_cpt;
    |x, y| x.min(y) =>
        i8: __kmpc_atomic_fixed1_min __kmpc_atomic_fixed1_min_cpt,
        i16: __kmpc_atomic_fixed2_min __kmpc_atomic_fixed2_min_cpt,
        i32: __kmpc_atomic_fixed4_min __kmpc_atomic_fixed4_min_cpt,
        i64: __kmpc_atomic_fixed8_min __kmpc_atomic_fixed8_min_cpt;
}

access! {
    i8: __kmpc_atomic_fixed1_rd __kmpc_atomic_fixed1_wr __kmpc_atomic_fixed1_swp;
    i16: __kmpc_atomic_fixed2_rd __kmpc_atomic_fixed2_wr __kmpc_atomic_fixed2_swp;
    i32: __kmpc_atomic_fixed4_rd __kmpc_atomic_fixed4_wr __kmpc_atomic_fixed4_swp;
    i64: __kmpc_atomic_fixed8_rd __kmpc_atomic_fixed8_wr __kmpc_atomic_fixed8_swp;
}

mixed! {
    |x, y: f64| x as f64 * y =>
        i8: __kmpc_atomic_fixed1_mul_float8,
        i16: __kmpc_atomic_fixed2_mul_float8,
        i32: __kmpc_atomic_fixed4_mul_float8,
        i64: __kmpc_atomic_fixed8_mul_float8;
    |x, y: f64| x as f64 / y =>
        i8: __kmpc_atomic_fixed1_div_float8,
        i16: __kmpc_atomic_fixed2_div_float8,
        i32: __kmpc_atomic_fixed4_div_float8,
        i64: __kmpc_atomic_fixed8_div_float8;
}
