//! What loop transformations make of loops: a small program of loops over the *numbers* of the source loops' iterations,
//! which both modes carry out. A source loop with `n` iterations is `for v in range(0, n, 1)` here; its target is bound
//! to item `v` wherever `v` gets its value. Bounds of the source loops and values of clauses are taken once, before the
//! construct.

use omply_diagnostics::Span;
use omply_spec::ClauseKind;
use omply_syntax::hir::{Expr, StmtId};

/// The loops that a construct's transformations generate; the source loops are those of the `LoopNest`, by index.
#[derive(Clone, Debug)]
pub struct Generated {
    /// For each source loop the source loops around it.
    pub within: Vec<Vec<usize>>,
    /// Sizes and counts that are no literals.
    pub values: Vec<ClauseValue>,
    /// The loops that the construct divides among threads, outermost first; none where the loops stand alone.
    pub affected: Vec<Header>,
    /// What is executed, in each iteration of the affected loops.
    pub body: Vec<Node>,
}

#[derive(Clone, Debug)]
pub struct ClauseValue {
    pub expr: Expr,
    pub clause: ClauseKind,
    pub least: i64,
}

/// A variable of the generated loops.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct LoopVar(pub u32);

#[derive(Clone, Debug)]
pub enum Node {
    /// Loops directly inside of each other; more than one where they count as a single flat one.
    Loop {
        headers: Vec<Header>,
        body: Vec<Node>,
    },
    Let {
        var: LoopVar,
        value: Index,
        source: Option<usize>,
        body: Vec<Node>,
    },
    /// Executed if the first is less than the second.
    If { less: [Index; 2], body: Vec<Node> },
    /// A block that `continue` leaves.
    Once { body: Vec<Node> },
    /// The body of a `for` statement.
    Body(StmtId),
}

/// `for var in range(start, stop, step)`
#[derive(Clone, Debug)]
pub struct Header {
    pub var: LoopVar,
    pub start: Index,
    pub stop: Index,
    pub step: Index,
    /// The step is negative.
    pub down: bool,
    /// The source loop whose iteration the variable numbers.
    pub source: Option<usize>,
    pub unroll: Option<Unroll>,
    /// Where it starts at another loop's variable: how far it goes at most, and where it ends in any case.
    pub inside: Option<Inside>,
    /// The `for` statement it comes from.
    pub stmt: StmtId,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Inside {
    pub base: LoopVar,
    pub span: Index,
    pub limit: Index,
}

/// How often a loop's body is repeated before it goes back; a loop with one is none that another directive could affect.
#[derive(Clone, Debug)]
pub enum Unroll {
    Full,
    By(u32),
    Compiler,
}

/// An integer over iteration numbers.
#[derive(Clone, PartialEq, Debug)]
pub enum Index {
    Const(i64),
    /// How many iterations a source loop has.
    Count(usize),
    Value(usize),
    Var(LoopVar),
    Op(IndexOp, Box<[Index; 2]>),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IndexOp {
    Add,
    Sub,
    Mul,
    Min,
    Max,
    FloorDiv,
    Mod,
}

impl IndexOp {
    pub fn name(self) -> &'static str {
        match self {
            IndexOp::Add => "+",
            IndexOp::Sub => "-",
            IndexOp::Mul => "*",
            IndexOp::Min => "min",
            IndexOp::Max => "max",
            IndexOp::FloorDiv => "//",
            IndexOp::Mod => "%",
        }
    }
}

impl Index {
    /// The operation, carried out where the operands are known.
    pub fn op(op: IndexOp, a: Index, b: Index) -> Index {
        use IndexOp::*;
        match (op, &a, &b) {
            (Add, Index::Const(0), _) | (Mul, Index::Const(1), _) => return b,
            (Add | Sub, _, Index::Const(0)) | (Mul | FloorDiv, _, Index::Const(1)) => return a,
            (Mul, Index::Const(0), _) | (Mul, _, Index::Const(0)) => return Index::Const(0),
            (Min | Max, _, _) if a == b => return a,
            (_, Index::Const(x), Index::Const(y)) => {
                let known = match op {
                    Add => x.checked_add(*y),
                    Sub => x.checked_sub(*y),
                    Mul => x.checked_mul(*y),
                    Min => Some(*x.min(y)),
                    Max => Some(*x.max(y)),
                    FloorDiv if *y > 0 => Some(x.div_euclid(*y)),
                    Mod if *y > 0 => Some(x.rem_euclid(*y)),
                    FloorDiv | Mod => None,
                };
                if let Some(known) = known {
                    return Index::Const(known);
                }
            }
            _ => {}
        }
        Index::Op(op, Box::new([a, b]))
    }

    fn rename(&mut self, old: LoopVar, new: LoopVar) {
        match self {
            Index::Var(var) if *var == old => *var = new,
            Index::Op(_, operands) => operands
                .iter_mut()
                .for_each(|operand| operand.rename(old, new)),
            _ => {}
        }
    }

    pub fn mentions(&self, var: LoopVar) -> bool {
        match self {
            Index::Var(own) => *own == var,
            Index::Op(_, operands) => operands.iter().any(|operand| operand.mentions(var)),
            Index::Const(_) | Index::Count(_) | Index::Value(_) => false,
        }
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident) => {
        impl std::ops::$trait for Index {
            type Output = Index;
            fn $method(self, other: Index) -> Index {
                Index::op(IndexOp::$trait, self, other)
            }
        }
    };
}
operator!(Add, add);
operator!(Sub, sub);
operator!(Mul, mul);

impl Header {
    /// How often it runs.
    pub fn trip(&self) -> Index {
        let (low, high, step) = if self.down {
            let step = Index::Const(0) - self.step.clone();
            (self.stop.clone(), self.start.clone(), step)
        } else {
            (self.start.clone(), self.stop.clone(), self.step.clone())
        };
        if low == Index::Const(0)
            && step == Index::Const(1)
            && matches!(high, Index::Const(0..) | Index::Count(_))
        {
            return high;
        }
        let one = Index::Const(1);
        let span = high - low + (step.clone() - one);
        let count = Index::op(IndexOp::FloorDiv, span, step);
        Index::op(IndexOp::Max, count, Index::Const(0))
    }

    /// The nearer of two ends, in the loop's direction.
    pub fn nearer(&self, a: Index, b: Index) -> Index {
        let op = if self.down {
            IndexOp::Max
        } else {
            IndexOp::Min
        };
        Index::op(op, a, b)
    }

    /// The value of iteration number `number`.
    pub fn at(&self, number: Index) -> Index {
        self.start.clone() + number * self.step.clone()
    }
}

impl Node {
    /// Lets `new` stand for `old`.
    pub fn rename(&mut self, old: LoopVar, new: LoopVar) {
        let body = match self {
            Node::Loop { headers, body } => {
                for header in headers {
                    let bounds = [&mut header.start, &mut header.stop, &mut header.step];
                    bounds.into_iter().for_each(|index| index.rename(old, new));
                    if let Some(inside) = &mut header.inside {
                        inside.span.rename(old, new);
                        inside.limit.rename(old, new);
                        if inside.base == old {
                            inside.base = new;
                        }
                    }
                    if header.var == old {
                        header.var = new;
                    }
                }
                body
            }
            Node::Let {
                var, value, body, ..
            } => {
                value.rename(old, new);
                if *var == old {
                    *var = new;
                }
                body
            }
            Node::If { less, body } => {
                less.iter_mut().for_each(|index| index.rename(old, new));
                body
            }
            Node::Once { body } => body,
            Node::Body(_) => return,
        };
        body.iter_mut().for_each(|node| node.rename(old, new));
    }
}
