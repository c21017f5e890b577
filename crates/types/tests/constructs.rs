//! The IR of OpenMP constructs.

mod common;

use common::File;
use omply_types::Ty;

#[test]
fn pi_is_a_worksharing_loop_with_a_reassociated_reduction() {
    let file = File::new(
        r#"
@omp
def pi(n: int) -> float:
    w = 1.0 / n
    s = 0.0
    with omp("parallel for reduction(+: s)"):
        for i in range(n):
            x = (i + 0.5) * w
            s += 4.0 / (1.0 + x * x)
    return s * w
"#,
    );
    insta::assert_snapshot!(file.ir(&[Ty::Int]));
}
