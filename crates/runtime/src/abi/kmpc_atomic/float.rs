//! Floating-point numbers of four and eight bytes.

use super::super::Ident;
use super::{Word, access, mixed, operation};

operation! {
    |x, y| x + y =>
        f32: __kmpc_atomic_float4_add __kmpc_atomic_float4_add_cpt,
        f64: __kmpc_atomic_float8_add __kmpc_atomic_float8_add_cpt;
    |x, y| x - y =>
        f32: __kmpc_atomic_float4_sub __kmpc_atomic_float4_sub_cpt,
        f64: __kmpc_atomic_float8_sub __kmpc_atomic_float8_sub_cpt;
    |x, y| y - x =>
        f32: __kmpc_atomic_float4_sub_rev __kmpc_atomic_float4_sub_cpt_rev,
        f64: __kmpc_atomic_float8_sub_rev __kmpc_atomic_float8_sub_cpt_rev;
    |x, y| x * y =>
        f32: __kmpc_atomic_float4_mul __kmpc_atomic_float4_mul_cpt,
        f64: __kmpc_atomic_float8_mul __kmpc_atomic_float8_mul_cpt;
    |x, y| x / y =>
        f32: __kmpc_atomic_float4_div __kmpc_atomic_float4_div_cpt,
        f64: __kmpc_atomic_float8_div __kmpc_atomic_float8_div_cpt;
    |x, y| y / x =>
        f32: __kmpc_atomic_float4_div_rev __kmpc_atomic_float4_div_cpt_rev,
        f64: __kmpc_atomic_float8_div_rev __kmpc_atomic_float8_div_cpt_rev;
    |x, y| if x < y { y } else { x } =>
        f32: __kmpc_atomic_float4_max __kmpc_atomic_float4_max_cpt,
        f64: __kmpc_atomic_float8_max __kmpc_atomic_float8_max_cpt;
    |x, y| if x > y { y } else { x } =>
        f32: __kmpc_atomic_float4_min __kmpc_atomic_float4_min_cpt,
        f64: __kmpc_atomic_float8_min __kmpc_atomic_float8_min_cpt;
}

access! {
    f32: __kmpc_atomic_float4_rd __kmpc_atomic_float4_wr __kmpc_atomic_float4_swp;
    f64: __kmpc_atomic_float8_rd __kmpc_atomic_float8_wr __kmpc_atomic_float8_swp;
}

mixed! {
    |x, y: f64| f64::from(x) + y => f32: __kmpc_atomic_float4_add_float8;
    |x, y: f64| f64::from(x) - y => f32: __kmpc_atomic_float4_sub_float8;
    |x, y: f64| f64::from(x) * y => f32: __kmpc_atomic_float4_mul_float8;
    |x, y: f64| f64::from(x) / y => f32: __kmpc_atomic_float4_div_float8;
}
