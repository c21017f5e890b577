//! A `While` that walks through an array: it runs without checks and without polls for as long as each iteration is known to
//! stay in bounds. Every iteration moves a variable that stays inside of an array, so the array's size bounds how long that
//! takes; arrays too long for that are left to the loop as it was written, cut into strips, which also takes over where
//! an iteration may leave the bounds. A loop around it polls in each iteration.

use omply_ir::*;

use super::strips::{cut_while, flag_breaks};
use crate::walks::Walk;

/// An array's length, in strips, up to which a walk through it needs no poll.
const LONGEST: i64 = 1 << 8;

/// ```text
/// done = false
/// while 0 <= i < size(a) {
///   cond;  if test { } else { done = true; break }
///   ... without checks ...
/// }
/// if not done { the loop, in strips }
/// ```
pub fn walk_while(b: &mut FuncBuilder, inst: Inst, walk: &Walk, length: i64) {
    let Op::While {
        cond,
        test,
        mut body,
    } = walk.unchecked(b, &inst)
    else {
        return b.push(inst);
    };
    let sizes = walk.sizes(b, Some(length * LONGEST));
    let done = b.slot("done", Type::BOOL);
    let no = b.bool(false);
    b.store_slot(done, no);
    flag_breaks(b, &mut body, done);
    b.while_(
        |b| walk.inside(b, &sizes),
        |b| {
            b.append(cond);
            b.if_(
                test,
                |_| {},
                |b| {
                    let yes = b.bool(true);
                    b.store_slot(done, yes);
                    b.effect(Op::Break);
                },
            );
            b.append(body);
        },
    );
    let done = b.load_slot(done);
    b.if_(
        done,
        |_| {},
        |b| cut_while(b, inst, length, LoopVersion::Checked),
    );
}
