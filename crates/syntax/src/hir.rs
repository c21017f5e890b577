//! The HIR: one Python function as a tree in which every node has a span, every name is resolved, and every
//! directive is attached to the statement it governs. The whole of Python's syntax has a place here, because
//! python mode runs any statement; what native mode cannot type is found later, from `Other` and `Scope` nodes.

use omply_diagnostics::Span;
use omply_directive::context::Requirements;
use omply_directive::{Directive, ExprText};
use std::collections::BTreeMap;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        pub struct $name(pub u32);
        impl $name {
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(
    /// A variable of the function: a name that the function itself binds (parameters included).
    VarId
);
id!(
    /// A name that the function reads but does not bind: a closure cell, a module global or a builtin.
    GlobalId
);
id!(
    /// An expression; dense from zero within one function.
    ExprId
);
id!(
    /// A statement; dense from zero within one function.
    StmtId
);
id!(
    /// A directive; dense from zero within one function, in source order.
    DirId
);

/// A decorated function.
#[derive(Clone, Debug)]
pub struct Function {
    pub name: String,
    /// The `def` statement, decorators excluded.
    pub span: Span,
    pub name_span: Span,
    pub params: Vec<Param>,
    pub vars: Vec<Var>,
    pub globals: Vec<Global>,
    /// The operators that the function and its module declare, the function's first.
    pub declared: Vec<DeclaredOperator>,
    pub body: Vec<Stmt>,
    pub returns: Option<Expr>,
    pub is_async: bool,
    /// Contains `yield` outside nested scopes.
    pub is_generator: bool,
    pub exprs: u32,
    pub stmts: u32,
    pub directives: u32,
    /// What the file's `requires` directives ask for.
    pub requirements: Requirements,
}

impl Function {
    /// What `name` means in the function's scope, if the function mentions it anywhere.
    pub fn lookup(&self, name: &str) -> Option<NameRef> {
        let known = |v: &Var| v.name == name && !v.kind.is_of_directives();
        if let Some(i) = self.vars.iter().position(known) {
            return Some(NameRef::Var(VarId(i as u32)));
        }
        let i = self.globals.iter().position(|g| g.name == name)?;
        Some(NameRef::Global(GlobalId(i as u32)))
    }

    /// The variable that a name means in the expressions of declared operators.
    pub fn operand(&self, name: &str) -> Option<VarId> {
        let known = |v: &Var| v.name == name && v.kind == VarKind::Operand;
        let i = self.vars.iter().position(known)?;
        Some(VarId(i as u32))
    }

    /// Whether it is a variable of an `iterator` modifier.
    pub fn is_iterator(&self, name: NameRef) -> bool {
        matches!(name, NameRef::Var(var) if self.vars[var.index()].kind == VarKind::Iterator)
    }

    pub fn name_of(&self, name: NameRef) -> &str {
        match name {
            NameRef::Var(v) => &self.vars[v.index()].name,
            NameRef::Global(g) => &self.globals[g.index()].name,
        }
    }
}

/// What `declare_reduction` or `declare_induction` says. Its expressions are over variables of their own, such as `omp_in`.
#[derive(Clone, Debug)]
pub struct DeclaredOperator {
    /// An identifier, or the symbol of one of OpenMP's operators.
    pub name: String,
    pub name_span: Span,
    /// It stands at the module's top, not at the function's.
    pub in_module: bool,
    pub types: Vec<OwnExpr>,
    pub kind: DeclaredKind,
}

#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "a program declares few of them")]
pub enum DeclaredKind {
    Reduction {
        combiner: OwnExpr,
        initializer: Option<OwnExpr>,
    },
    Induction {
        inductor: OwnExpr,
        collector: OwnExpr,
    },
}

/// An expression with its text.
#[derive(Clone, Debug)]
pub struct OwnExpr {
    pub expr: Expr,
    pub text: ExprText,
}

/// The variables that the expressions of declared operators are over.
pub const OPERANDS: [&str; 7] = [
    "omp_in", "omp_out", "omp_priv", "omp_orig", "omp_var", "omp_step", "omp_idx",
];

#[derive(Clone, Debug)]
pub struct Param {
    pub var: VarId,
    pub kind: ParamKind,
    pub default: Option<Expr>,
    pub annotation: Option<Expr>,
    pub span: Span,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParamKind {
    PositionalOnly,
    PositionalOrKeyword,
    VarArgs,
    KeywordOnly,
    VarKeywords,
}

#[derive(Clone, Debug)]
pub struct Var {
    pub name: String,
    pub kind: VarKind,
    /// Where it is first bound.
    pub span: Span,
    /// Read or bound by a nested function, lambda or comprehension, so that it lives in a cell.
    pub in_inner_scope: bool,
    /// Listed in a `threadprivate` or `groupprivate` directive at module or function top.
    pub threadprivate: bool,
    /// In a `groupprivate` one.
    pub groupprivate: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VarKind {
    Param,
    Local,
    /// Bound here under a `global` statement.
    DeclaredGlobal,
    /// Bound here under a `nonlocal` statement.
    DeclaredNonlocal,
    /// Of the expressions of declared operators; no statement mentions it.
    Operand,
    /// Defined by an `iterator` modifier, for its clause; no statement mentions it.
    Iterator,
}

impl VarKind {
    /// Whether only the texts of directives know it.
    pub fn is_of_directives(self) -> bool {
        matches!(self, VarKind::Operand | VarKind::Iterator)
    }
}

#[derive(Clone, Debug)]
pub struct Global {
    pub name: String,
    pub kind: GlobalKind,
    /// Where it is first read.
    pub span: Span,
    /// Listed in a `threadprivate` or `groupprivate` directive at module or function top.
    pub threadprivate: bool,
    /// In a `groupprivate` one.
    pub groupprivate: bool,
    pub used_in: UsedIn,
}

/// Where a function mentions a name that it does not bind; the last that applies.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum UsedIn {
    /// Annotations and parameter defaults only: nothing that is evaluated when the function runs.
    Signature,
    /// Directive texts at most: CPython does not know of the use, so it makes no cell for a free variable.
    Clause,
    /// Its statements.
    Code,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GlobalKind {
    /// A variable of an enclosing function.
    Free,
    /// A module global or a builtin.
    Module,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum NameRef {
    Var(VarId),
    Global(GlobalId),
}

#[derive(Clone, Debug)]
pub struct Expr {
    pub id: ExprId,
    pub span: Span,
    pub kind: ExprKind,
}

#[derive(Clone, Debug)]
pub enum ExprKind {
    Name(NameRef),
    /// `None` where the literal does not fit 64 bits.
    Int(Option<i64>),
    Float(f64),
    /// The imaginary part of a literal such as `2j`.
    Imaginary(f64),
    Bool(bool),
    None,
    Str(String),
    Ellipsis,
    Unary {
        op: UnaryOp,
        operand: Box<Expr>,
    },
    Binary {
        op: BinaryOp,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// `and`, `or` over two or more operands, with Python's short circuit.
    Logical {
        and: bool,
        values: Vec<Expr>,
    },
    /// A comparison chain: `left op0 e0 op1 e1 ...`.
    Compare {
        left: Box<Expr>,
        rest: Vec<(CompareOp, Expr)>,
    },
    IfElse {
        test: Box<Expr>,
        body: Box<Expr>,
        orelse: Box<Expr>,
    },
    Call {
        func: Box<Expr>,
        args: Vec<Expr>,
        keywords: Vec<Keyword>,
    },
    Attribute {
        value: Box<Expr>,
        attr: String,
        attr_span: Span,
    },
    /// `index` is a `Tuple` for several indices, and may hold `Slice` items.
    Subscript {
        value: Box<Expr>,
        index: Box<Expr>,
    },
    Slice {
        lower: Option<Box<Expr>>,
        upper: Option<Box<Expr>>,
        step: Option<Box<Expr>>,
    },
    Tuple(Vec<Expr>),
    List(Vec<Expr>),
    Starred(Box<Expr>),
    /// `name := value`
    Named {
        target: NameRef,
        target_span: Span,
        value: Box<Expr>,
    },
    /// A lambda, comprehension or generator expression: a scope of its own.
    Scope(Scope),
    /// Anything else: dictionaries, sets, f-strings, bytes, `await`, `yield` (`what` says which).
    Other {
        what: &'static str,
        children: Vec<Expr>,
    },
}

#[derive(Clone, Debug)]
pub struct Keyword {
    /// `None` for `**value`.
    pub name: Option<String>,
    pub value: Expr,
}

/// A nested scope, seen from outside: what it evaluates in the enclosing scope and which outer names it uses.
#[derive(Clone, Debug)]
pub struct Scope {
    pub what: &'static str,
    /// Evaluated in the enclosing scope: defaults, decorators, bases, a comprehension's first iterable.
    pub outer: Vec<Expr>,
    /// Names of the enclosing function (or beyond) that the scope reads.
    pub reads: Vec<(NameRef, Span)>,
    /// Names of the enclosing function that the scope binds (walrus in a comprehension, `nonlocal`).
    pub binds: Vec<(NameRef, Span)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum UnaryOp {
    Plus,
    Minus,
    Invert,
    Not,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    FloorDiv,
    Mod,
    Pow,
    LShift,
    RShift,
    BitAnd,
    BitOr,
    BitXor,
    MatMul,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CompareOp {
    Eq,
    NotEq,
    Lt,
    LtE,
    Gt,
    GtE,
    Is,
    IsNot,
    In,
    NotIn,
}

#[derive(Clone, Debug)]
pub struct Stmt {
    pub id: StmtId,
    pub span: Span,
    pub kind: StmtKind,
}

#[derive(Clone, Debug)]
pub enum StmtKind {
    /// `targets[0] = targets[1] = ... = value`
    Assign {
        targets: Vec<Target>,
        value: Expr,
    },
    AugAssign {
        target: Target,
        op: BinaryOp,
        value: Expr,
    },
    AnnAssign {
        target: Target,
        annotation: Expr,
        value: Option<Expr>,
    },
    Expr(Expr),
    If {
        test: Expr,
        body: Vec<Stmt>,
        orelse: Vec<Stmt>,
    },
    While {
        test: Expr,
        body: Vec<Stmt>,
        orelse: Vec<Stmt>,
    },
    For {
        target: Target,
        iter: Expr,
        body: Vec<Stmt>,
        orelse: Vec<Stmt>,
        is_async: bool,
    },
    Return(Option<Expr>),
    Break,
    Continue,
    Pass,
    Raise {
        exc: Option<Expr>,
        cause: Option<Expr>,
    },
    Assert {
        test: Expr,
        message: Option<Expr>,
    },
    Delete(Vec<Target>),
    Directive(Box<DirectiveStmt>),
    /// A nested `def` or `class`, which binds `target`.
    Definition {
        target: NameRef,
        scope: Scope,
    },
    /// `import` in any form.
    Import {
        binds: Vec<(NameRef, Span)>,
    },
    /// `try`, `with`, `match`, `type` ...: what it evaluates, binds and holds, in source order.
    Other {
        what: &'static str,
        exprs: Vec<Expr>,
        targets: Vec<Target>,
        bodies: Vec<Vec<Stmt>>,
    },
}

#[derive(Clone, Debug)]
pub enum Target {
    Name {
        name: NameRef,
        span: Span,
    },
    /// `value.attr`
    Attribute {
        value: Expr,
        attr: String,
        span: Span,
    },
    /// `value[index]`
    Subscript {
        value: Expr,
        index: Expr,
        span: Span,
    },
    Tuple {
        items: Vec<Target>,
        span: Span,
    },
    Starred {
        target: Box<Target>,
        span: Span,
    },
}

impl Target {
    pub fn span(&self) -> Span {
        match self {
            Target::Name { span, .. }
            | Target::Attribute { span, .. }
            | Target::Subscript { span, .. }
            | Target::Tuple { span, .. }
            | Target::Starred { span, .. } => *span,
        }
    }
}

/// A directive with the block it governs.
#[derive(Clone, Debug)]
pub struct DirectiveStmt {
    pub id: DirId,
    pub directive: Directive,
    pub form: DirectiveForm,
    /// The string literal, quotes included.
    pub text_span: Span,
    /// The `with` header or the call, for messages and for finding the node in CPython's `ast` (the span of
    /// the statement itself is the `Stmt`'s).
    pub head_span: Span,
    /// The line of the file that it begins in.
    pub line: u32,
    /// Empty for stand-alone directives.
    pub body: Vec<Stmt>,
    /// Every Python expression inside the clauses, parsed and resolved, by the start of its `ExprText` span
    /// (list items with subscripts or attributes included; plain names are looked up with `Function::lookup`).
    pub exprs: BTreeMap<u32, Expr>,
    /// The variables of `iterator` modifiers, by the start of their names' spans.
    pub iterators: BTreeMap<u32, VarId>,
    /// The names that the directive gives a value: objects and events that it makes.
    pub binds: Vec<NameRef>,
    /// Chosen by a `metadirective` while the program runs: the conditions, all of which hold; they are the test of the `if` that
    /// the choice has become. The alternatives of a choice stand at one place, in the order in which they are tried.
    pub when: Vec<ExprText>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DirectiveForm {
    /// `with omp("..."):`
    Block,
    /// `omp("...")` as a statement.
    Statement,
}
