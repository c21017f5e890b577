//! Instructions of serial code, and the parts that instructions share.

use super::{Parser, Result};
use crate::ir::*;
use crate::text::lex::Token;

impl Parser {
    pub(super) fn block(&mut self) -> Result<Block> {
        self.expect('{')?;
        self.insts()
    }

    /// Instructions up to the closing brace.
    pub(super) fn insts(&mut self) -> Result<Block> {
        let mut insts = Vec::new();
        while !self.accept('}') {
            insts.push(self.inst()?);
        }
        Ok(Block { insts })
    }

    pub(super) fn inst(&mut self) -> Result<Inst> {
        let mut results = Vec::new();
        while matches!(self.peek(), Some(Token::Value(_))) {
            let value = self.value()?;
            self.expect(':')?;
            let ty = self.ty()?;
            self.define(value, ty);
            results.push(value);
            if !self.accept(',') {
                self.expect('=')?;
                break;
            }
        }
        let op = self.op()?;
        Ok(Inst {
            results,
            op,
            span: self.span(),
        })
    }

    pub(super) fn op(&mut self) -> Result<Op> {
        let word = self.word()?;
        if let Some(op) = UnaryOp::from_name(&word) {
            return Ok(Op::Unary {
                op,
                a: self.value()?,
            });
        }
        if let Some(op) = BinaryOp::from_name(&word) {
            let (a, b) = self.pair()?;
            return Ok(Op::Binary {
                op,
                a,
                b,
                reassoc: self.accept_word("reassoc"),
            });
        }
        Ok(match word.as_str() {
            "const" => Op::Const(self.constant()?),
            "cmp" => {
                let op = self.named(CompareOp::from_name, "a comparison")?;
                let (a, b) = self.pair()?;
                Op::Compare { op, a, b }
            }
            "cast" => Op::Cast { a: self.value()? },
            "select" => {
                let (cond, then) = self.pair()?;
                self.expect(',')?;
                Op::Select {
                    cond,
                    then,
                    els: self.value()?,
                }
            }
            "math" => {
                let func = self.named(MathFn::from_name, "a mathematical function")?;
                Op::Math {
                    func,
                    args: self.args()?,
                    reassoc: self.accept_word("reassoc"),
                }
            }
            "complex" => {
                let (re, im) = self.pair()?;
                Op::ComplexNew { re, im }
            }
            "real" => Op::ComplexPart {
                a: self.value()?,
                imag: false,
            },
            "imag" => Op::ComplexPart {
                a: self.value()?,
                imag: true,
            },
            "tuple" => Op::TupleNew {
                items: self.args()?,
            },
            "get" => {
                let tuple = self.value()?;
                self.expect(',')?;
                Op::TupleGet {
                    tuple,
                    index: self.number()?,
                }
            }
            "load" => match self.place()? {
                Place::Slot(slot) => Op::SlotLoad { slot },
                Place::Element {
                    array,
                    indices,
                    check,
                } => Op::Load {
                    array,
                    indices,
                    check,
                },
            },
            "store" => {
                let place = self.place()?;
                self.expect(',')?;
                let value = self.value()?;
                match place {
                    Place::Slot(slot) => Op::SlotStore { slot, value },
                    Place::Element {
                        array,
                        indices,
                        check,
                    } => Op::Store {
                        array,
                        indices,
                        value,
                        check,
                    },
                }
            }
            "dim" => {
                let array = self.value()?;
                self.expect(',')?;
                Op::Dim {
                    array,
                    axis: self.number()?,
                }
            }
            "view" => {
                let array = self.value()?;
                self.expect('[')?;
                let spec = self.list(']', Parser::view_index)?;
                Op::View {
                    array,
                    spec,
                    check: self.index_check()?,
                }
            }
            "alloc" => {
                let shape = self.args()?;
                let init = self.named(Init::from_name, "`zero`, `uninit` or `team`")?;
                let from = if self.accept_word("from") {
                    let allocator = self.value()?;
                    self.expect_word("align")?;
                    Some(AllocateFrom {
                        allocator,
                        align: self.value()?,
                    })
                } else {
                    None
                };
                Op::Alloc {
                    shape,
                    init,
                    from,
                    site: self.site()?,
                }
            }
            "copy" => {
                let (dst, src) = self.pair()?;
                Op::ArrayCopy {
                    dst,
                    src,
                    site: self.site()?,
                }
            }
            "fill" => {
                let (dst, value) = self.pair()?;
                Op::ArrayFill { dst, value }
            }
            "combine" => {
                let op = self.named(ReduceOp::from_name, "a reduction")?;
                let (dst, src) = self.pair()?;
                Op::ArrayCombine { op, dst, src }
            }
            "arraycast" => Op::ArrayCast {
                array: self.value()?,
            },
            "transpose" => Op::Transpose {
                array: self.value()?,
            },
            "if" => {
                let cond = self.value()?;
                let then = self.block()?;
                let els = if self.accept_word("else") {
                    self.block()?
                } else {
                    Block::default()
                };
                Op::If { cond, then, els }
            }
            "while" => {
                let cond = self.block()?;
                self.expect_word("test")?;
                Op::While {
                    cond,
                    test: self.value()?,
                    body: self.block()?,
                }
            }
            "for" => {
                let LoopDim {
                    iv,
                    start,
                    stop,
                    step,
                    ..
                } = self.loop_dim()?;
                let info = self.loop_info()?;
                Op::For {
                    iv,
                    start,
                    stop,
                    step,
                    body: self.block()?,
                    info,
                }
            }
            "break" => Op::Break,
            "continue" => Op::Continue,
            "leave_loop" => Op::LeaveLoop,
            "leave_region" => Op::LeaveRegion,
            "leave_task" => Op::LeaveTask,
            "return" => Op::Return {
                value: self.optional_value(),
            },
            "check" => {
                let cond = self.value()?;
                Op::Check {
                    cond,
                    site: self.site()?,
                    args: self.args()?,
                }
            }
            "raise" => Op::Raise {
                site: self.site()?,
                args: self.args()?,
            },
            "call" => Op::Call {
                func: self.func_id()?,
                args: self.args()?,
            },
            "poll" => Op::Poll,
            "routine" => {
                let routine = self.named(Routine::from_name, "a routine")?;
                Op::Routine {
                    routine,
                    args: self.args()?,
                }
            }
            _ => return self.openmp(&word),
        })
    }

    /// A value, unless the next token starts the next instruction (`v1: i64 = ...`).
    pub(super) fn optional_value(&mut self) -> Option<ValueId> {
        let next = self.tokens.get(self.next + 1).map(|(token, _)| token);
        match self.peek() {
            Some(&Token::Value(id)) if next != Some(&Token::Punct(':')) => {
                self.next += 1;
                Some(ValueId(id))
            }
            _ => None,
        }
    }

    pub(super) fn order(&mut self) -> Result<MemoryOrder> {
        self.named(MemoryOrder::from_name, "a memory order")
    }

    pub(super) fn index_check(&mut self) -> Result<IndexCheck> {
        if self.accept_word("check") {
            return Ok(IndexCheck::Python(self.site()?));
        }
        Ok(if self.accept_word("wrap") {
            IndexCheck::Wrap
        } else {
            IndexCheck::None
        })
    }

    pub(super) fn place(&mut self) -> Result<Place> {
        if let Some(Token::Slot(_)) = self.peek() {
            return Ok(Place::Slot(self.slot()?));
        }
        let array = self.value()?;
        self.expect('[')?;
        let indices = self.list(']', Parser::value)?;
        Ok(Place::Element {
            array,
            indices,
            check: self.index_check()?,
        })
    }

    pub(super) fn place_and_value(&mut self) -> Result<(Place, ValueId)> {
        let place = self.place()?;
        self.expect(',')?;
        Ok((place, self.value()?))
    }

    pub(super) fn view_index(&mut self) -> Result<ViewIndex> {
        if self.accept_word("newaxis") {
            return Ok(ViewIndex::NewAxis);
        }
        let start = match self.peek() {
            Some(Token::Value(_)) => Some(self.value()?),
            _ => None,
        };
        if !self.accept(':') {
            return match start {
                Some(index) => Ok(ViewIndex::Index(index)),
                None => self.expected("an index or a slice"),
            };
        }
        let stop = match self.peek() {
            Some(Token::Value(_)) => Some(self.value()?),
            _ => None,
        };
        let step = if self.accept(':') {
            Some(self.value()?)
        } else {
            None
        };
        Ok(ViewIndex::Slice { start, stop, step })
    }

    pub(super) fn loop_dim(&mut self) -> Result<LoopDim> {
        let iv = self.value()?;
        self.define(iv, Type::I64);
        self.expect_word("in")?;
        let (start, stop) = self.pair()?;
        self.expect(',')?;
        let step = self.value()?;
        let along = if self.accept_word("along") {
            let outer = self.number()?;
            self.expect('(')?;
            let (start, stop) = self.pair()?;
            self.expect(')')?;
            Some(Along { outer, start, stop })
        } else {
            None
        };
        Ok(LoopDim {
            iv,
            start,
            stop,
            step,
            along,
        })
    }

    pub(super) fn loop_info(&mut self) -> Result<LoopInfo> {
        let simd = self.accept_word("simd");
        let simdlen = self.clause("simdlen", Parser::number)?;
        let safelen = self.clause("safelen", Parser::number)?;
        let independent = self.accept_word("independent");
        let version = if self.accept_word("fast") {
            LoopVersion::Fast
        } else if self.accept_word("checked") {
            LoopVersion::Checked
        } else {
            LoopVersion::Only
        };
        let unroll = if !self.accept_word("unroll") {
            None
        } else if self.accept_word("full") {
            Some(Unroll::Full)
        } else {
            Some(match self.clause("partial", Parser::number)? {
                Some(factor) => Unroll::By(factor),
                None => Unroll::Compiler,
            })
        };
        Ok(LoopInfo {
            simd,
            simdlen,
            safelen,
            independent,
            version,
            unroll,
            wanted: None,
        })
    }
}
