//! The loops over one piece of a worksharing loop's iterations.
//!
//! A collapsed nest with trip counts `t1 .. tn` numbers its iterations row by row. A piece `[lower, upper)` of them
//! touches the rows `lower // tn` to `(upper - 1) // tn` of the innermost loop, and those row numbers are a piece of
//! the nest without its innermost loop. Dividing once for each dimension at the start of the piece gives a nest of
//! plain loops: each loop runs over its whole range, clipped in the first and the last row.

use omply_ir::*;

use super::{Expansion, Piece};

impl Expansion<'_> {
    pub(crate) fn piece(
        &self,
        b: &mut FuncBuilder,
        ws: Worksharing,
        trips: &[ValueId],
        piece: Piece,
    ) {
        let Worksharing {
            dims,
            range,
            info,
            body,
            ..
        } = ws;
        let piece = match range {
            // The pieces count from the range's first iteration.
            Some(range) => Piece {
                lower: b.binary(BinaryOp::Add, range.lower, piece.lower),
                upper: b.binary(BinaryOp::Add, range.lower, piece.upper),
                ..piece
            },
            None => piece,
        };
        if !nest::is_rectangular(&dims) {
            return super::sloped::piece(b, &dims, info, body, piece);
        }
        if dims.len() == 1 {
            self.level(b, &dims[0], piece, info, |b, _| b.append(body));
            return;
        }
        // An empty piece may come with trip counts of zero, by which nothing can be divided.
        let some = b.compare(CompareOp::Lt, piece.lower, piece.upper);
        b.if_(
            some,
            |b| {
                let mut pieces = vec![piece];
                for &trip in trips[1..].iter().rev() {
                    let inner = pieces[pieces.len() - 1];
                    pieces.push(rows(b, inner, trip));
                }
                pieces.reverse();
                self.nest(b, &dims, &pieces, trips, None, info, body);
            },
            |_| {},
        );
    }

    /// The loop over the outermost dimension left; `row` numbers the iterations of the loops around it.
    #[allow(
        clippy::too_many_arguments,
        reason = "one recursion over parallel lists"
    )]
    fn nest(
        &self,
        b: &mut FuncBuilder,
        dims: &[LoopDim],
        pieces: &[Piece],
        trips: &[ValueId],
        row: Option<ValueId>,
        info: LoopInfo,
        body: Block,
    ) {
        let first = row.map(|row| b.binary(BinaryOp::Mul, row, trips[0]));
        let (piece, clip) = match first {
            None => (pieces[0], None),
            Some(first) => {
                let lower = b.binary(BinaryOp::Sub, pieces[0].lower, first);
                let upper = b.binary(BinaryOp::Sub, pieces[0].upper, first);
                (
                    Piece {
                        lower,
                        upper,
                        stride: None,
                    },
                    Some(trips[0]),
                )
            }
        };
        let innermost = dims.len() == 1;
        let info = if innermost {
            info
        } else {
            LoopInfo {
                independent: info.independent,
                ..LoopInfo::default()
            }
        };
        self.clipped_level(b, &dims[0], piece, clip, info.clone(), |b, number| {
            if innermost {
                b.append(body);
                return;
            }
            let row = match first {
                None => number,
                Some(first) => b.binary(BinaryOp::Add, first, number),
            };
            self.nest(
                b,
                &dims[1..],
                &pieces[1..],
                &trips[1..],
                Some(row),
                info,
                body,
            );
        });
    }

    fn level(
        &self,
        b: &mut FuncBuilder,
        dim: &LoopDim,
        piece: Piece,
        info: LoopInfo,
        body: impl FnOnce(&mut FuncBuilder, ValueId),
    ) {
        self.clipped_level(b, dim, piece, None, info, body);
    }

    /// A loop over the iteration numbers of `piece`, or with `clip` over those of them in `0 .. clip`. `body` gets
    /// the iteration's number.
    fn clipped_level(
        &self,
        b: &mut FuncBuilder,
        dim: &LoopDim,
        piece: Piece,
        clip: Option<ValueId>,
        info: LoopInfo,
        body: impl FnOnce(&mut FuncBuilder, ValueId),
    ) {
        let stride = piece.stride.unwrap_or_else(|| b.int(1));
        if self.int(dim.step) == Some(1) {
            // The loop runs over the variable itself: iteration number plus start.
            let based = self.int(dim.start) != Some(0);
            let place = |b: &mut FuncBuilder, number: ValueId| {
                if based {
                    b.binary(BinaryOp::Add, dim.start, number)
                } else {
                    number
                }
            };
            let mut lower = place(b, piece.lower);
            let mut upper = place(b, piece.upper);
            if let Some(clip) = clip {
                let end = place(b, clip);
                lower = b.binary(BinaryOp::Max, lower, dim.start);
                upper = b.binary(BinaryOp::Min, upper, end);
            }
            let inner = b.block(|b| {
                let number = if based {
                    b.binary(BinaryOp::Sub, dim.iv, dim.start)
                } else {
                    dim.iv
                };
                body(b, number);
            });
            b.effect(Op::For {
                iv: dim.iv,
                start: lower,
                stop: upper,
                step: stride,
                body: inner,
                info,
            });
            return;
        }
        let Piece {
            mut lower,
            mut upper,
            ..
        } = piece;
        if let Some(clip) = clip {
            let zero = b.int(0);
            lower = b.binary(BinaryOp::Max, lower, zero);
            upper = b.binary(BinaryOp::Min, upper, clip);
        }
        b.for_(lower, upper, stride, info, |b, number| {
            let offset = b.binary(BinaryOp::Mul, number, dim.step);
            b.define(
                Op::Binary {
                    op: BinaryOp::Add,
                    a: dim.start,
                    b: offset,
                    reassoc: false,
                },
                vec![dim.iv],
            );
            body(b, number);
        });
    }
}

/// The rows of length `trip` that hold the iterations of `piece`, which is not empty.
fn rows(b: &mut FuncBuilder, piece: Piece, trip: ValueId) -> Piece {
    let one = b.int(1);
    let lower = b.binary(BinaryOp::FloorDiv, piece.lower, trip);
    let last = b.binary(BinaryOp::Sub, piece.upper, one);
    let last = b.binary(BinaryOp::FloorDiv, last, trip);
    Piece {
        lower,
        upper: b.binary(BinaryOp::Add, last, one),
        stride: None,
    }
}
