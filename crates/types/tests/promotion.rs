//! The types of operations against a table printed by NumPy 2.4: one letter for each result's dtype (`bhil` signed,
//! `BHIL` unsigned, `efd` floats, `FD` complex, `?` bool), a dot where NumPy has no such operation. Rows and columns
//! are the dtypes in the order of `Scalar::ALL`; the last four rows are Python's `bool`, `int`, `float`, `complex` with each dtype.

use omply_syntax::hir::BinaryOp;
use omply_types::{Scalar, Ty, binary_type, promote_dtypes};

const LETTERS: &str = "?bhilBHILefdFD";

fn letter(ty: Option<Ty>) -> char {
    match ty {
        Some(Ty::Np(scalar)) => {
            let index = Scalar::ALL.iter().position(|other| *other == scalar);
            index
                .and_then(|index| LETTERS.chars().nth(index))
                .unwrap_or('!')
        }
        Some(_) => '!',
        None => '.',
    }
}

#[test]
fn results_have_numpys_dtypes() {
    for (op, rows) in TABLE {
        for (i, row) in rows.iter().enumerate() {
            let left = match i {
                14 => Ty::Bool,
                15 => Ty::Int,
                16 => Ty::Float,
                17 => Ty::Complex,
                _ => Ty::Np(Scalar::ALL[i]),
            };
            let found: String = Scalar::ALL
                .iter()
                .map(|right| letter(binary_type(*op, &left, &Ty::Np(*right))))
                .collect();
            assert_eq!(found, *row, "{left} {op:?} each dtype");
            if i >= 14 {
                let found: String = Scalar::ALL
                    .iter()
                    .map(|right| letter(binary_type(*op, &Ty::Np(*right), &left)))
                    .collect();
                assert_eq!(found, *row, "each dtype {op:?} {left}");
            }
        }
    }
}

#[test]
fn promotion_is_symmetric() {
    for a in Scalar::ALL {
        for b in Scalar::ALL {
            assert_eq!(promote_dtypes(a, b), promote_dtypes(b, a));
        }
    }
}

const TABLE: &[(BinaryOp, [&str; 18])] = &[
    (
        BinaryOp::Add,
        [
            "?bhilBHILefdFD",
            "bbhilhildefdFD",
            "hhhilhildffdFD",
            "iiiiliilddddDD",
            "llllllllddddDD",
            "BhhilBHILefdFD",
            "HiiilHHILffdFD",
            "IllllIIILdddDD",
            "LddddLLLLdddDD",
            "eefddefddefdFD",
            "fffddffddffdFD",
            "ddddddddddddDD",
            "FFFDDFFDDFFDFD",
            "DDDDDDDDDDDDDD",
            "?bhilBHILefdFD",
            "lbhilBHILefdFD",
            "dddddddddefdFD",
            "DDDDDDDDDFFDFD",
        ],
    ),
    (
        BinaryOp::Sub,
        [
            ".bhilBHILefdFD",
            "bbhilhildefdFD",
            "hhhilhildffdFD",
            "iiiiliilddddDD",
            "llllllllddddDD",
            "BhhilBHILefdFD",
            "HiiilHHILffdFD",
            "IllllIIILdddDD",
            "LddddLLLLdddDD",
            "eefddefddefdFD",
            "fffddffddffdFD",
            "ddddddddddddDD",
            "FFFDDFFDDFFDFD",
            "DDDDDDDDDDDDDD",
            ".bhilBHILefdFD",
            "lbhilBHILefdFD",
            "dddddddddefdFD",
            "DDDDDDDDDFFDFD",
        ],
    ),
    (
        BinaryOp::Mul,
        [
            "?bhilBHILefdFD",
            "bbhilhildefdFD",
            "hhhilhildffdFD",
            "iiiiliilddddDD",
            "llllllllddddDD",
            "BhhilBHILefdFD",
            "HiiilHHILffdFD",
            "IllllIIILdddDD",
            "LddddLLLLdddDD",
            "eefddefddefdFD",
            "fffddffddffdFD",
            "ddddddddddddDD",
            "FFFDDFFDDFFDFD",
            "DDDDDDDDDDDDDD",
            "?bhilBHILefdFD",
            "lbhilBHILefdFD",
            "dddddddddefdFD",
            "DDDDDDDDDFFDFD",
        ],
    ),
    (
        BinaryOp::Div,
        [
            "dddddddddefdFD",
            "dddddddddefdFD",
            "dddddddddffdFD",
            "ddddddddddddDD",
            "ddddddddddddDD",
            "dddddddddefdFD",
            "dddddddddffdFD",
            "ddddddddddddDD",
            "ddddddddddddDD",
            "eefddefddefdFD",
            "fffddffddffdFD",
            "ddddddddddddDD",
            "FFFDDFFDDFFDFD",
            "DDDDDDDDDDDDDD",
            "dddddddddefdFD",
            "dddddddddefdFD",
            "dddddddddefdFD",
            "DDDDDDDDDFFDFD",
        ],
    ),
    (
        BinaryOp::FloorDiv,
        [
            "bbhilBHILefd..",
            "bbhilhildefd..",
            "hhhilhildffd..",
            "iiiiliildddd..",
            "lllllllldddd..",
            "BhhilBHILefd..",
            "HiiilHHILffd..",
            "IllllIIILddd..",
            "LddddLLLLddd..",
            "eefddefddefd..",
            "fffddffddffd..",
            "dddddddddddd..",
            "..............",
            "..............",
            "bbhilBHILefd..",
            "lbhilBHILefd..",
            "dddddddddefd..",
            "..............",
        ],
    ),
    (
        BinaryOp::Mod,
        [
            "bbhilBHILefd..",
            "bbhilhildefd..",
            "hhhilhildffd..",
            "iiiiliildddd..",
            "lllllllldddd..",
            "BhhilBHILefd..",
            "HiiilHHILffd..",
            "IllllIIILddd..",
            "LddddLLLLddd..",
            "eefddefddefd..",
            "fffddffddffd..",
            "dddddddddddd..",
            "..............",
            "..............",
            "bbhilBHILefd..",
            "lbhilBHILefd..",
            "dddddddddefd..",
            "..............",
        ],
    ),
    (
        BinaryOp::Pow,
        [
            "bbhilBHILefdFD",
            "bbhilhildefdFD",
            "hhhilhildffdFD",
            "iiiiliilddddDD",
            "llllllllddddDD",
            "BhhilBHILefdFD",
            "HiiilHHILffdFD",
            "IllllIIILdddDD",
            "LddddLLLLdddDD",
            "eefddefddefdFD",
            "fffddffddffdFD",
            "ddddddddddddDD",
            "FFFDDFFDDFFDFD",
            "DDDDDDDDDDDDDD",
            "bbhilBHILefdFD",
            "lbhilBHILefdFD",
            "dddddddddefdFD",
            "DDDDDDDDDFFDFD",
        ],
    ),
    (
        BinaryOp::LShift,
        [
            "bbhilBHIL.....",
            "bbhilhil......",
            "hhhilhil......",
            "iiiiliil......",
            "llllllll......",
            "BhhilBHIL.....",
            "HiiilHHIL.....",
            "IllllIIIL.....",
            "L....LLLL.....",
            "..............",
            "..............",
            "..............",
            "..............",
            "..............",
            "bbhilBHIL.....",
            "lbhilBHIL.....",
            "..............",
            "..............",
        ],
    ),
    (
        BinaryOp::BitAnd,
        [
            "?bhilBHIL.....",
            "bbhilhil......",
            "hhhilhil......",
            "iiiiliil......",
            "llllllll......",
            "BhhilBHIL.....",
            "HiiilHHIL.....",
            "IllllIIIL.....",
            "L....LLLL.....",
            "..............",
            "..............",
            "..............",
            "..............",
            "..............",
            "?bhilBHIL.....",
            "lbhilBHIL.....",
            "..............",
            "..............",
        ],
    ),
];
