//! Reads the text form. Errors name the line; what a module may hold is the verifier's business.

use omply_diagnostics::Span;

use super::lex::{Token, tokens};
use crate::ir::*;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    pub line: usize,
    pub message: String,
}

impl std::fmt::Display for ParseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for ParseError {}

type Result<T> = std::result::Result<T, ParseError>;

pub fn parse(text: &str) -> Result<Module> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        next: 0,
        values: Vec::new(),
    };
    parser.module()
}

struct Parser {
    tokens: Vec<(Token, usize)>,
    next: usize,
    /// Types of the values of the function that is being read.
    values: Vec<Type>,
}

impl Parser {
    // ---- tokens ------------------------------------------------------------------------------------------------

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(token, _)| token)
    }

    fn error<T>(&self, message: impl Into<String>) -> Result<T> {
        let at = self.next.min(self.tokens.len().saturating_sub(1));
        let line = self.tokens.get(at).map_or(0, |&(_, line)| line);
        Err(ParseError {
            line,
            message: message.into(),
        })
    }

    fn expected<T>(&self, what: &str) -> Result<T> {
        match self.peek() {
            Some(token) => self.error(format!("expected {what}, found {token:?}")),
            None => self.error(format!("expected {what}, found the end")),
        }
    }

    fn accept(&mut self, punct: char) -> bool {
        let found = self.peek() == Some(&Token::Punct(punct));
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, punct: char) -> Result<()> {
        if self.accept(punct) {
            Ok(())
        } else {
            self.expected(&format!("`{punct}`"))
        }
    }

    fn accept_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(found)) if found == word);
        self.next += usize::from(found);
        found
    }

    fn expect_word(&mut self, word: &str) -> Result<()> {
        if self.accept_word(word) {
            Ok(())
        } else {
            self.expected(&format!("`{word}`"))
        }
    }

    fn word(&mut self) -> Result<String> {
        match self.peek() {
            Some(Token::Word(word)) => {
                let word = word.clone();
                self.next += 1;
                Ok(word)
            }
            _ => self.expected("a word"),
        }
    }

    /// A word of one of the name tables.
    fn named<T>(&mut self, from_name: fn(&str) -> Option<T>, what: &str) -> Result<T> {
        match self.peek() {
            Some(Token::Word(word)) => match from_name(word) {
                Some(value) => {
                    self.next += 1;
                    Ok(value)
                }
                None => self.expected(what),
            },
            _ => self.expected(what),
        }
    }

    fn text(&mut self) -> Result<String> {
        match self.peek() {
            Some(Token::Text(text)) => {
                let text = text.clone();
                self.next += 1;
                Ok(text)
            }
            _ => self.expected("a string"),
        }
    }

    fn number<T: std::str::FromStr>(&mut self) -> Result<T> {
        let text = match self.peek() {
            Some(Token::Number(text) | Token::Word(text)) => text.clone(),
            _ => return self.expected("a number"),
        };
        match text.parse() {
            Ok(number) => {
                self.next += 1;
                Ok(number)
            }
            Err(_) => self.expected("a number that fits"),
        }
    }

    fn span(&mut self) -> Span {
        match self.peek() {
            Some(&Token::Span(start, end)) => {
                self.next += 1;
                Span::new(start, end)
            }
            _ => Span::default(),
        }
    }

    // ---- ids ---------------------------------------------------------------------------------------------------

    fn value(&mut self) -> Result<ValueId> {
        match self.peek() {
            Some(&Token::Value(id)) => {
                self.next += 1;
                Ok(ValueId(id))
            }
            _ => self.expected("a value"),
        }
    }

    fn slot(&mut self) -> Result<SlotId> {
        match self.peek() {
            Some(&Token::Slot(id)) => {
                self.next += 1;
                Ok(SlotId(id))
            }
            _ => self.expected("a slot"),
        }
    }

    fn func_id(&mut self) -> Result<FuncId> {
        match self.peek() {
            Some(&Token::Func(id)) => {
                self.next += 1;
                Ok(FuncId(id))
            }
            _ => self.expected("a function"),
        }
    }

    fn site(&mut self) -> Result<SiteId> {
        match self.peek() {
            Some(&Token::Site(id)) => {
                self.next += 1;
                Ok(SiteId(id))
            }
            _ => self.expected("a site"),
        }
    }

    /// `item, item CLOSE`, after the opening bracket.
    fn list<T>(&mut self, close: char, item: fn(&mut Parser) -> Result<T>) -> Result<Vec<T>> {
        let mut items = Vec::new();
        while !self.accept(close) {
            if !items.is_empty() {
                self.expect(',')?;
            }
            items.push(item(self)?);
        }
        Ok(items)
    }

    fn args(&mut self) -> Result<Vec<ValueId>> {
        self.expect('(')?;
        self.list(')', Parser::value)
    }

    fn pair(&mut self) -> Result<(ValueId, ValueId)> {
        let a = self.value()?;
        self.expect(',')?;
        Ok((a, self.value()?))
    }

    /// Records the type of a value that is defined here.
    fn define(&mut self, value: ValueId, ty: Type) {
        if self.values.len() <= value.index() {
            self.values.resize(value.index() + 1, Type::Unit);
        }
        self.values[value.index()] = ty;
    }

    // ---- module ------------------------------------------------------------------------------------------------

    fn module(&mut self) -> Result<Module> {
        let mut module = Module::default();
        while self.peek().is_some() {
            match self.word()?.as_str() {
                "module" => module.name = self.text()?,
                "site" => {
                    let id = self.site()?;
                    if id.index() != module.sites.len() {
                        return self.error("sites are numbered in order");
                    }
                    let site = self.site_body()?;
                    module.sites.push(site);
                }
                "func" => {
                    let id = self.func_id()?;
                    if id.index() != module.funcs.len() {
                        return self.error("functions are numbered in order");
                    }
                    let func = self.func()?;
                    module.funcs.push(func);
                }
                "entry" => module.entry = Some(self.func_id()?),
                _ => return self.error("expected `module`, `site`, `func` or `entry`"),
            }
        }
        Ok(module)
    }

    fn site_body(&mut self) -> Result<Site> {
        let error = self.named(ErrorKind::from_name, "an error kind")?;
        let mut class = 0;
        if self.accept('(') {
            class = self.number()?;
            self.expect(')')?;
        }
        self.expect('@')?;
        let function = self.text()?;
        let message = match self.peek() {
            Some(Token::Text(_)) => Some(self.text()?),
            _ => None,
        };
        Ok(Site {
            error,
            class,
            message,
            span: self.span(),
            function,
        })
    }

    fn func(&mut self) -> Result<Func> {
        self.values.clear();
        let name = self.text()?;
        self.expect('(')?;
        let params = self.list(')', Parser::slot)?;
        if self.peek() != Some(&Token::Arrow) {
            return self.expected("`->`");
        }
        self.next += 1;
        let ret = self.ty()?;
        let kind = if self.accept_word("outlined") {
            FuncKind::Outlined
        } else {
            FuncKind::Normal
        };
        let span = self.span();
        self.expect('{')?;
        let mut slots = Vec::new();
        while self.accept_word("slot") {
            if self.slot()?.index() != slots.len() {
                return self.error("slots are numbered in order");
            }
            let name = self.text()?;
            self.expect(':')?;
            let ty = self.ty()?;
            let storage = self.storage()?;
            slots.push(Slot {
                name,
                ty,
                storage,
                span: self.span(),
            });
        }
        let body = self.insts()?;
        Ok(Func {
            name,
            params,
            ret,
            slots,
            values: std::mem::take(&mut self.values),
            body,
            kind,
            span,
        })
    }

    fn storage(&mut self) -> Result<Storage> {
        if self.accept_word("reference") {
            return Ok(Storage::Reference);
        }
        if !self.accept_word("threadprivate") {
            return Ok(Storage::Local);
        }
        self.expect('(')?;
        let key = self.text()?;
        self.expect(',')?;
        let init = self.constant()?;
        self.expect(')')?;
        Ok(Storage::Threadprivate { key, init })
    }

    fn ty(&mut self) -> Result<Type> {
        if self.accept('(') {
            return Ok(Type::Tuple(self.list(')', Parser::ty)?));
        }
        if self.accept_word("unit") {
            return Ok(Type::Unit);
        }
        if !self.accept_word("array") {
            return Ok(Type::Scalar(self.named(Scalar::from_name, "a type")?));
        }
        self.expect('<')?;
        let elem = self.named(Scalar::from_name, "an element type")?;
        self.expect(',')?;
        let ndim = self.number()?;
        self.expect(',')?;
        let layout = self.named(Layout::from_name, "a layout")?;
        self.expect('>')?;
        Ok(Type::Array(ArrayType { elem, ndim, layout }))
    }

    fn constant(&mut self) -> Result<Const> {
        let scalar = self.named(Scalar::from_name, "a scalar type")?;
        Ok(match scalar {
            Scalar::Bool => Const::Bool(self.number()?),
            scalar if scalar.is_int() => Const::Int(scalar, self.number()?),
            scalar if scalar.is_float() => Const::Float(scalar, self.number()?),
            scalar => Const::Complex(scalar, self.number()?, self.number()?),
        })
    }

    // ---- instructions ------------------------------------------------------------------------------------------

    fn block(&mut self) -> Result<Block> {
        self.expect('{')?;
        self.insts()
    }

    /// Instructions up to the closing brace.
    fn insts(&mut self) -> Result<Block> {
        let mut insts = Vec::new();
        while !self.accept('}') {
            insts.push(self.inst()?);
        }
        Ok(Block { insts })
    }

    fn inst(&mut self) -> Result<Inst> {
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

    fn op(&mut self) -> Result<Op> {
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
                let init = self.named(Init::from_name, "`zero` or `uninit`")?;
                Op::Alloc {
                    shape,
                    init,
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
    fn optional_value(&mut self) -> Option<ValueId> {
        let next = self.tokens.get(self.next + 1).map(|(token, _)| token);
        match self.peek() {
            Some(&Token::Value(id)) if next != Some(&Token::Punct(':')) => {
                self.next += 1;
                Some(ValueId(id))
            }
            _ => None,
        }
    }

    fn openmp(&mut self, word: &str) -> Result<Op> {
        Ok(match word {
            "thread_num" => Op::ThreadNum,
            "team_size" => Op::TeamSize,
            "barrier" => Op::Barrier,
            "flush" => Op::Flush {
                order: self.order()?,
            },
            "single" => Op::Single {
                body: self.block()?,
            },
            "copyprivate" => {
                let executed = self.value()?;
                self.expect('(')?;
                Op::CopyPrivate {
                    executed,
                    slots: self.list(')', Parser::slot)?,
                }
            }
            "critical" => Op::Critical {
                name: self.text()?,
                body: self.block()?,
            },
            "ordered" => Op::Ordered {
                body: self.block()?,
            },
            "reduce" => {
                let mut items = Vec::new();
                while items.is_empty() || self.accept(',') {
                    let op = self.named(ReduceOp::from_name, "a reduction")?;
                    let shared = self.slot()?;
                    self.expect_word("from")?;
                    items.push(ReduceItem {
                        op,
                        shared,
                        private: self.slot()?,
                    });
                }
                Op::Reduce { items }
            }
            "atomic_load" => Op::AtomicLoad {
                place: self.place()?,
                order: self.order()?,
            },
            "atomic_store" => {
                let (place, value) = self.place_and_value()?;
                Op::AtomicStore {
                    place,
                    value,
                    order: self.order()?,
                }
            }
            "atomic_update" => {
                let op = self.named(BinaryOp::from_name, "an operator")?;
                let (place, value) = self.place_and_value()?;
                let reversed = self.accept_word("reversed");
                Op::AtomicUpdate {
                    place,
                    op,
                    value,
                    reversed,
                    order: self.order()?,
                }
            }
            "atomic_exchange" => {
                let (place, value) = self.place_and_value()?;
                Op::AtomicExchange {
                    place,
                    value,
                    order: self.order()?,
                }
            }
            "atomic_compare_exchange" => {
                let (place, expected) = self.place_and_value()?;
                self.expect(',')?;
                let desired = self.value()?;
                let weak = self.accept_word("weak");
                Op::AtomicCompareExchange {
                    place,
                    expected,
                    desired,
                    order: self.order()?,
                    weak,
                }
            }
            "parallel" => {
                let (num_threads, if_, proc_bind) = self.fork_clauses()?;
                self.expect_word("locals")?;
                self.expect('(')?;
                let locals = self.list(')', Parser::slot)?;
                Op::Parallel {
                    num_threads,
                    if_,
                    proc_bind,
                    locals,
                    body: self.block()?,
                }
            }
            "loop" => {
                let mut dims = vec![self.loop_dim()?];
                while self.accept('*') {
                    dims.push(self.loop_dim()?);
                }
                let schedule = self.named(ScheduleKind::from_name, "a schedule")?;
                let chunk = self.clause("chunk", Parser::value)?;
                let monotonic = self.monotonic();
                let ordered = self.accept_word("ordered");
                let info = self.loop_info()?;
                let body = self.block()?;
                Op::Loop(Box::new(Worksharing {
                    dims,
                    schedule,
                    chunk,
                    monotonic,
                    ordered,
                    info,
                    body,
                }))
            }
            "fork" => {
                let func = self.func_id()?;
                self.expect('(')?;
                let captures = self.list(')', |parser| {
                    let by = parser.named(CaptureBy::from_name, "`value` or `reference`")?;
                    Ok(Capture {
                        slot: parser.slot()?,
                        by,
                    })
                })?;
                let (num_threads, if_, proc_bind) = self.fork_clauses()?;
                Op::Fork {
                    func,
                    captures,
                    num_threads,
                    if_,
                    proc_bind,
                }
            }
            "static_init" => Op::StaticInit {
                trip: self.value()?,
                chunk: self.clause("chunk", Parser::value)?,
            },
            "dispatch_init" => {
                let trip = self.value()?;
                let schedule = self.named(ScheduleKind::from_name, "a schedule")?;
                let chunk = self.clause("chunk", Parser::value)?;
                let monotonic = self.monotonic();
                Op::DispatchInit {
                    trip,
                    schedule,
                    chunk,
                    monotonic,
                    ordered: self.accept_word("ordered"),
                }
            }
            "dispatch_next" => Op::DispatchNext {
                ordered: self.accept_word("ordered"),
            },
            "ordered_iteration_end" => Op::OrderedIterationEnd,
            "dispatch_end" => Op::DispatchEnd,
            _ => {
                self.next -= 1;
                return self.expected("an operation");
            }
        })
    }

    // ---- parts -------------------------------------------------------------------------------------------------

    fn order(&mut self) -> Result<MemoryOrder> {
        self.named(MemoryOrder::from_name, "a memory order")
    }

    fn index_check(&mut self) -> Result<IndexCheck> {
        if self.accept_word("check") {
            return Ok(IndexCheck::Python(self.site()?));
        }
        Ok(if self.accept_word("wrap") {
            IndexCheck::Wrap
        } else {
            IndexCheck::None
        })
    }

    fn place(&mut self) -> Result<Place> {
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

    fn place_and_value(&mut self) -> Result<(Place, ValueId)> {
        let place = self.place()?;
        self.expect(',')?;
        Ok((place, self.value()?))
    }

    fn view_index(&mut self) -> Result<ViewIndex> {
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

    fn loop_dim(&mut self) -> Result<LoopDim> {
        let iv = self.value()?;
        self.define(iv, Type::I64);
        self.expect_word("in")?;
        let (start, stop) = self.pair()?;
        self.expect(',')?;
        Ok(LoopDim {
            iv,
            start,
            stop,
            step: self.value()?,
        })
    }

    fn loop_info(&mut self) -> Result<LoopInfo> {
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
        Ok(LoopInfo {
            simd,
            simdlen,
            safelen,
            independent,
            version,
        })
    }

    fn monotonic(&mut self) -> Option<bool> {
        if self.accept_word("monotonic") {
            Some(true)
        } else if self.accept_word("nonmonotonic") {
            Some(false)
        } else {
            None
        }
    }

    /// `word(item)`, if it is there.
    fn clause<T>(&mut self, word: &str, item: fn(&mut Parser) -> Result<T>) -> Result<Option<T>> {
        if !self.accept_word(word) {
            return Ok(None);
        }
        self.expect('(')?;
        let value = item(self)?;
        self.expect(')')?;
        Ok(Some(value))
    }

    #[allow(
        clippy::type_complexity,
        reason = "the three clauses that `parallel` and `fork` share"
    )]
    fn fork_clauses(&mut self) -> Result<(Option<ValueId>, Option<ValueId>, Option<ProcBind>)> {
        let num_threads = self.clause("num_threads", Parser::value)?;
        let if_ = self.clause("if", Parser::value)?;
        let proc_bind = self.clause("proc_bind", |parser| {
            parser.named(ProcBind::from_name, "a binding")
        })?;
        Ok((num_threads, if_, proc_bind))
    }
}
