//! A `While` that walks through an array: it runs without checks and without polls for as long as each iteration is known to
//! stay in bounds. Every iteration moves a variable that stays inside of an array, so the array's size bounds how long that
//! takes; arrays too long for that are left to the loop as it was written, cut into strips, which also takes over where
//! an iteration may leave the bounds. A loop around it polls in each iteration.

use omply_ir::*;

use super::strips::cut_while;
use crate::walks::Walk;

/// An array's length, in strips, up to which a walk through it needs no poll.
const LONGEST: i64 = 1 << 8;

/// ```text
/// while true {
///   if 0 <= i < size(a) { } else { the loop, in strips; break }
///   cond;  if test { } else { break }
///   ... without checks ...
/// }
/// ```
pub fn walk_while(b: &mut FuncBuilder, inst: Inst, walk: &Walk, length: i64) {
    let Op::While { cond, test, body } = walk.unchecked(b, &inst) else {
        return b.push(inst);
    };
    let sizes = walk.sizes(b, Some(length * LONGEST));
    b.while_(
        |b| b.bool(true),
        |b| {
            let inside = walk.inside(b, &sizes);
            b.if_(
                inside,
                |_| {},
                |b| {
                    cut_while(b, inst, length, LoopVersion::Checked);
                    b.effect(Op::Break);
                },
            );
            b.append(cond);
            b.if_(test, |_| {}, |b| b.effect(Op::Break));
            b.append(body);
        },
    );
}
