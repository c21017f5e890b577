//! The shape of what a directive governs: blocks where blocks belong, sections in `sections`, declarations at the top.

use crate::allocate;
use crate::constructs::{Construct, Constructs, significant};
use crate::error;
use omply_diagnostics::{Code, Diagnostic, Span};
use omply_directive::LeafArgument;
use omply_spec::{Association, Category, ClauseKind, LeafKind};
use omply_syntax::hir::*;

pub(crate) fn check(
    function: &Function,
    constructs: &Constructs,
    source: &str,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for construct in &constructs.all {
        let found = match construct.association() {
            _ if construct.innermost() == LeafKind::Nothing => None,
            _ if construct.innermost() == LeafKind::Requires => Some(requires(construct)),
            _ if ends(construct.innermost()) => Some(ends_nothing(construct)),
            Association::None
                if construct.innermost().row().category == Category::Informational =>
            {
                stands_alone(construct, source).or_else(|| at_top(construct, function))
            }
            Association::Block | Association::LoopNest | Association::LoopSequence => {
                needs_block(construct, source)
            }
            Association::Separating if construct.innermost() == LeafKind::Section => {
                needs_block(construct, source).or_else(|| section(construct, constructs))
            }
            Association::None | Association::Separating => stands_alone(construct, source),
            Association::Explicit | Association::Declaration | Association::Delimited => {
                stands_alone(construct, source).or_else(|| at_top(construct, function))
            }
        };
        diagnostics.extend(found);
        if construct.innermost() == LeafKind::Sections {
            only_sections(construct, diagnostics);
        }
        if construct.innermost() == LeafKind::Dispatch {
            diagnostics.extend(dispatch(construct));
        }
        if construct.innermost() == LeafKind::Error {
            diagnostics.extend(error::met(construct));
        }
        if matches!(
            construct.innermost(),
            LeafKind::Threadprivate | LeafKind::Groupprivate
        ) {
            threadprivate(construct, function, diagnostics);
        }
        if construct.innermost() == LeafKind::Allocate {
            allocate::check(construct, function, diagnostics);
        }
    }
}

/// `dispatch` is about one call, whose result may be assigned.
fn dispatch(construct: &Construct) -> Option<Diagnostic> {
    let body = construct.body();
    let value = match body.first().map(|stmt| &stmt.kind) {
        Some(StmtKind::Expr(value) | StmtKind::Assign { value, .. }) => Some(value),
        _ => None,
    };
    let call = value.is_some_and(|value| matches!(value.kind, ExprKind::Call { .. }));
    let wrong = body.get(1).or_else(|| body.first().filter(|_| !call))?;
    Some(
        Diagnostic::error(
            Code::DispatchForm,
            wrong.span,
            "the block of `dispatch` is one call",
        )
        .label("expected `f(...)` or `x = f(...)`")
        .secondary(construct.dir.head_span, "the construct"),
    )
}

/// `end metadirective` and its like.
fn ends(kind: LeafKind) -> bool {
    kind.name().starts_with("end ")
}

fn ends_nothing(construct: &Construct) -> Diagnostic {
    Diagnostic::error(
        Code::BlockEnd,
        construct.dir.head_span,
        format!("`{}` has no meaning in a function", construct.name()),
    )
    .label("a block ends where its lines do")
    .help("remove this statement")
}

/// A requirement is the whole file's.
fn requires(construct: &Construct) -> Diagnostic {
    Diagnostic::error(
        Code::DeclarationPlacement,
        construct.dir.head_span,
        "`requires` stands in a function",
    )
    .label("it is about the whole file")
    .help("put it at the top of the module")
}

fn needs_block(construct: &Construct, source: &str) -> Option<Diagnostic> {
    let dir = construct.dir;
    (dir.form == DirectiveForm::Statement).then(|| {
        let call = &source[dir.head_span.start as usize..dir.head_span.end as usize];
        Diagnostic::error(
            Code::MissingBlock,
            dir.head_span,
            format!("`{}` governs a block", construct.name()),
        )
        .label("no block follows")
        .fix(dir.head_span, format!("with {call}:"))
    })
}

fn stands_alone(construct: &Construct, source: &str) -> Option<Diagnostic> {
    let dir = construct.dir;
    let first = construct
        .body()
        .into_iter()
        .find(|stmt| !matches!(stmt.kind, StmtKind::Pass))?;
    let last = dir.body.last().map_or(first.span, |stmt| stmt.span);
    let call = source[dir.head_span.start as usize..dir.head_span.end as usize]
        .trim_start_matches("with ");
    Some(
        Diagnostic::error(
            Code::UnexpectedBlock,
            dir.directive.name_span,
            format!("`{}` stands alone and governs no block", construct.name()),
        )
        .secondary(first.span.to(last), "this is not part of it")
        .help(format!("write `{}` as a statement of its own", call.trim())),
    )
}

/// A `section` stands directly in the block of `sections`.
fn section(construct: &Construct, constructs: &Constructs) -> Option<Diagnostic> {
    let inside = construct.parent.map(|id| constructs.get(id));
    let direct = inside.is_some_and(|parent| {
        parent.innermost() == LeafKind::Sections
            && std::ptr::eq(construct.block, &parent.dir.body[..])
    });
    (!direct).then(|| {
        let error = Diagnostic::error(
            Code::SectionsBlock,
            construct.dir.head_span,
            "`section` stands outside of `sections`",
        );
        match inside.filter(|parent| parent.innermost() == LeafKind::Sections) {
            Some(parent) => error.label("inside of another statement").secondary(
                parent.dir.head_span,
                "sections stand directly in this block",
            ),
            None => error
                .label("no `sections` around it")
                .help("put the sections into a `with omp(\"sections\"):` block"),
        }
    })
}

/// After the first `section` the block holds nothing but sections; what stands before it is a section without a directive.
fn only_sections(construct: &Construct, diagnostics: &mut Vec<Diagnostic>) {
    let body = significant(&construct.dir.body);
    let implicit = implicit_section(construct.dir);
    for stmt in body
        .into_iter()
        .filter(|stmt| stmt.span.start >= implicit.end)
    {
        if is_section(stmt) || matches!(stmt.kind, StmtKind::Pass) {
            continue;
        }
        diagnostics.push(
            Diagnostic::error(
                Code::SectionsBlock,
                stmt.span,
                "a `sections` block holds only sections",
            )
            .label("this belongs to no section")
            .secondary(construct.dir.head_span, "the sections are listed here")
            .help("put it into a `with omp(\"section\"):` block"),
        );
    }
}

pub(crate) fn is_section(stmt: &Stmt) -> bool {
    matches!(&stmt.kind, StmtKind::Directive(dir) if dir.directive.has(LeafKind::Section))
}

/// The blocks of a `sections` construct: what stands before its first `section` is one, if it does anything.
pub fn sections(dir: &DirectiveStmt) -> Vec<&[Stmt]> {
    let first = dir
        .body
        .iter()
        .position(is_section)
        .unwrap_or(dir.body.len());
    let (implicit, rest) = dir.body.split_at(first);
    let idle = |stmt: &&Stmt| matches!(stmt.kind, StmtKind::Pass);
    let mut blocks: Vec<&[Stmt]> = Vec::new();
    if !significant(implicit).iter().all(idle) {
        blocks.push(implicit);
    }
    blocks.extend(rest.iter().filter_map(|stmt| match &stmt.kind {
        StmtKind::Directive(section) => Some(&section.body[..]),
        _ => None,
    }));
    blocks
}

/// The range of the statements before the first `section`, which are a section themselves.
fn implicit_section(dir: &DirectiveStmt) -> Span {
    let start = dir
        .body
        .first()
        .map_or(dir.head_span.end, |stmt| stmt.span.start);
    let end = dir
        .body
        .iter()
        .find(|stmt| is_section(stmt))
        .map_or(u32::MAX, |stmt| stmt.span.start);
    Span::new(start, end)
}

/// Declarations come before the function's statements.
fn at_top(construct: &Construct, function: &Function) -> Option<Diagnostic> {
    let kind = construct.innermost();
    let dir = construct.dir;
    // With a list, `declare_target` says it of others.
    let lists = kind == LeafKind::DeclareTarget
        && construct.leaves().iter().any(|leaf| {
            leaf.argument != LeafArgument::None
                || [ClauseKind::Enter, ClauseKind::Link, ClauseKind::Local]
                    .into_iter()
                    .any(|kind| leaf.clause(kind).is_some())
        });
    if kind.row().association == Association::Declaration && !lists {
        return Some(
            Diagnostic::error(
                Code::DeclarationPlacement,
                dir.head_span,
                format!("`{kind}` belongs to a whole function"),
            )
            .help(format!(
                "decorate the function: `@omp(\"{kind} ...\")` before its `def`"
            )),
        );
    }
    let before = if std::ptr::eq(construct.block, &function.body[..]) {
        significant(&function.body[..construct.index])
            .into_iter()
            .find(|stmt| !is_preamble(stmt))
    } else {
        None
    };
    let nested = construct.parent.is_some() || !std::ptr::eq(construct.block, &function.body[..]);
    (nested || before.is_some()).then(|| {
        let error = Diagnostic::error(
            Code::DeclarationPlacement,
            dir.head_span,
            format!("`{kind}` stands in the middle of code"),
        )
        .help("put it at the top of the function or of the module");
        match before {
            Some(stmt) => error.secondary(stmt.span, "this statement comes before it"),
            None => error,
        }
    })
}

fn is_preamble(stmt: &Stmt) -> bool {
    match &stmt.kind {
        StmtKind::Pass | StmtKind::Import { .. } => true,
        StmtKind::Directive(dir) => {
            let category = |kind: LeafKind| kind.row().category;
            dir.directive.leaves.iter().all(|leaf| {
                matches!(
                    category(leaf.kind),
                    Category::Declarative | Category::Informational
                )
            })
        }
        _ => false,
    }
}

/// Only variables that outlive a call can be one per thread or contention group.
fn threadprivate(construct: &Construct, function: &Function, diagnostics: &mut Vec<Diagnostic>) {
    let leaves = construct
        .leaves()
        .iter()
        .filter(|leaf| matches!(leaf.kind, LeafKind::Threadprivate | LeafKind::Groupprivate));
    for leaf in leaves {
        let LeafArgument::Items(items) = &leaf.argument else {
            continue;
        };
        for item in items {
            let Some(NameRef::Var(var)) = item.name().and_then(|name| function.lookup(name)) else {
                continue;
            };
            let var = &function.vars[var.index()];
            if var.kind == VarKind::DeclaredGlobal {
                continue;
            }
            diagnostics.push(
                Diagnostic::error(
                    Code::NotAVariable,
                    item.span(),
                    format!(
                        "`{}` is a local variable and cannot be {}",
                        var.name, leaf.kind
                    ),
                )
                .label("each call has its own already")
                .secondary(var.span, "bound here")
                .help(format!(
                    "for a variable of the module, add `global {}`",
                    var.name
                )),
            );
        }
    }
}

/// A clause `nowait`-like flag of a directive, for messages that propose to add a clause.
pub(crate) fn clause_end(construct: &Construct) -> Span {
    construct.dir.directive.span.at_end()
}

/// Whether a loop directive has an `ordered` clause.
pub(crate) fn has_ordered(construct: &Construct) -> bool {
    construct.clause(ClauseKind::Ordered).is_some()
}
