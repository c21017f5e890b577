//! The loops over one piece of a nest whose inner bounds depend on outer loop variables. The piece's first and last
//! iteration are looked up once; between them each loop runs over its whole range, so that the innermost one stays a
//! plain loop.

use omply_ir::*;

use super::Piece;

pub(super) fn piece(
    b: &mut FuncBuilder,
    dims: &[LoopDim],
    info: LoopInfo,
    body: Block,
    piece: Piece,
) {
    let some = b.compare(CompareOp::Lt, piece.lower, piece.upper);
    b.if_(
        some,
        |b| {
            let one = b.int(1);
            let number = b.binary(BinaryOp::Sub, piece.upper, one);
            let ends = Ends {
                first: b.nest_locate(dims, piece.lower),
                last: b.nest_locate(dims, number),
            };
            level(b, dims, &ends, &[], None, info, body);
        },
        |_| {},
    );
}

/// The loop variables of the first and of the last iteration.
struct Ends {
    first: Vec<ValueId>,
    last: Vec<ValueId>,
}

/// The loop inside of `outer`; `at` says whether these have the values of the first and of the last iteration.
fn level(
    b: &mut FuncBuilder,
    dims: &[LoopDim],
    ends: &Ends,
    outer: &[ValueId],
    at: Option<[ValueId; 2]>,
    info: LoopInfo,
    body: Block,
) {
    let depth = outer.len();
    let dim = &dims[depth];
    let (first, last) = (ends.first[depth], ends.last[depth]);
    let behind = b.binary(BinaryOp::Add, last, dim.step);
    let [start, stop] = match at {
        None => [first, behind],
        Some([at_first, at_last]) => {
            let [start, stop] = b.dim_bounds(dim, outer);
            [
                b.select(at_first, first, start),
                b.select(at_last, behind, stop),
            ]
        }
    };
    let innermost = depth + 1 == dims.len();
    let (own, inner) = if innermost {
        (info, LoopInfo::default())
    } else {
        let own = LoopInfo {
            independent: info.independent,
            ..LoopInfo::default()
        };
        (own, info)
    };
    b.open_block();
    if innermost {
        b.append(body);
    } else {
        let mut here = [
            b.compare(CompareOp::Eq, dim.iv, first),
            b.compare(CompareOp::Eq, dim.iv, last),
        ];
        if let Some(around) = at {
            for (own, around) in here.iter_mut().zip(around) {
                *own = b.binary(BinaryOp::And, *own, around);
            }
        }
        let within = [outer, &[dim.iv]].concat();
        level(b, dims, ends, &within, Some(here), inner, body);
    }
    let body = b.close_block();
    b.effect(Op::For {
        iv: dim.iv,
        start,
        stop,
        step: dim.step,
        body,
        info: own,
    });
}
