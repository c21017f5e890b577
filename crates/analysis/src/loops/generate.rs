//! A construct's block as generated loops: source loops and transformations inside of each other are read from the
//! outside in, and each transformation rewrites what stands in its block.

use super::{Finder, first_line, targets};
use crate::constructs::{Construct, significant};
use crate::facts::{CanonicalLoop, IterSpace, LoopNest};
use crate::generated::*;
use omply_diagnostics::{Code, Diagnostic, Span};
use omply_directive::{ClauseArgs, ExprText, Leaf};
use omply_spec::{ClauseKind, LeafKind};
use omply_syntax::hir::*;

pub(crate) fn is_transformation(kind: LeafKind) -> bool {
    matches!(
        kind,
        LeafKind::Tile
            | LeafKind::Unroll
            | LeafKind::Reverse
            | LeafKind::Interchange
            | LeafKind::Split
            | LeafKind::Stripe
            | LeafKind::Fuse
            | LeafKind::Flatten
    )
}

/// The transformation that a statement is.
fn transformation(stmt: &Stmt) -> Option<(&DirectiveStmt, &Leaf)> {
    match &stmt.kind {
        StmtKind::Directive(dir) => dir
            .directive
            .leaves
            .iter()
            .find(|leaf| is_transformation(leaf.kind))
            .map(|leaf| (&**dir, leaf)),
        _ => None,
    }
}

/// Whether one of the `depth` outermost loops of a block is generated.
fn has_transformation(block: &[Stmt], depth: usize) -> bool {
    depth > 0
        && significant(block).into_iter().any(|stmt| match &stmt.kind {
            StmtKind::For { body, .. } => has_transformation(body, depth - 1),
            _ => transformation(stmt).is_some(),
        })
}

/// The generated loops of a construct, if there are any; what is wrong is reported.
pub(super) fn nest<'f>(finder: &mut Finder<'_, 'f>, depth: u32) -> Option<Option<LoopNest>> {
    let construct: &Construct<'f> = finder.construct;
    let own = is_transformation(construct.innermost());
    if !own && !has_transformation(&construct.dir.body, depth as usize) {
        return None;
    }
    Some(generated(finder, depth, own))
}

fn generated<'f>(finder: &mut Finder<'_, 'f>, depth: u32, own: bool) -> Option<LoopNest> {
    let construct: &Construct<'f> = finder.construct;
    if let Some(clause) = construct
        .clause(ClauseKind::Ordered)
        .filter(|clause| matches!(clause.args, ClauseArgs::OptionalExpr(Some(_))))
    {
        finder.diagnostics.push(
            Diagnostic::error(
                Code::OrderedBinding,
                clause.span,
                "the iterations of generated loops have no names to wait for",
            )
            .label("not together with a loop transformation")
            .help("use `ordered` without a number of loops, or take the transformation away"),
        );
    }
    let mut generator = Generator {
        finder,
        loops: Vec::new(),
        within: Vec::new(),
        around: Vec::new(),
        values: Vec::new(),
        dir: construct.dir,
        vars: 0,
    };
    let mut nodes = if own {
        let leaf = &construct.leaves()[construct.leaves().len() - 1];
        generator.rewritten(construct.dir, leaf, 0)?
    } else {
        generator.sequence(construct.dir, &construct.dir.body, depth)?
    };
    let mut affected = Vec::new();
    if own {
        nodes = generator.unless_empty(nodes);
    } else {
        let span = construct.dir.head_span;
        let (headers, body) = generator.perfect(nodes, depth as usize, false, span)?;
        let before: Vec<LoopVar> = headers.iter().map(|header| header.var).collect();
        (affected, nodes) = generator.independent(headers, body, span)?;
        let padded = (affected.iter().zip(&before)).any(|(header, &var)| header.var != var);
        if padded && let Some(clause) = construct.clause(ClauseKind::Lastprivate) {
            let error = Diagnostic::error(
                Code::UnsupportedForm,
                clause.span,
                "`lastprivate` of loops over tiles and in tiles together is not supported yet",
            )
            .label("the last iteration may be one that the last tile lacks")
            .help("collapse the loops over tiles only");
            generator.report(error);
        }
    }
    let Generator {
        loops,
        within,
        values,
        ..
    } = generator;
    Some(LoopNest {
        loops,
        generated: Some(Generated {
            within,
            values,
            affected,
            body: nodes,
        }),
    })
}

pub(super) struct Generator<'g, 'w, 'f> {
    pub finder: &'g mut Finder<'w, 'f>,
    loops: Vec<CanonicalLoop>,
    within: Vec<Vec<usize>>,
    /// The source loops around the place being read.
    around: Vec<usize>,
    values: Vec<ClauseValue>,
    /// The directive whose clauses are being read.
    dir: &'f DirectiveStmt,
    vars: u32,
}

impl<'f> Generator<'_, '_, 'f> {
    pub fn var(&mut self) -> LoopVar {
        self.vars += 1;
        LoopVar(self.vars - 1)
    }

    pub fn error(&mut self, code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, span, message.into())
    }

    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.finder.diagnostics.push(diagnostic);
    }

    /// What the directive is called whose head is at `span`.
    pub fn name_at(&self, span: Span) -> &'f str {
        if span == self.dir.head_span {
            &self.dir.directive.name
        } else {
            self.finder.construct.name()
        }
    }

    /// A nest in which some loop is empty binds none of its variables, whatever became the outermost loop.
    fn unless_empty(&self, nodes: Vec<Node>) -> Vec<Node> {
        let one_nest = (self.within.iter().enumerate()).all(|(k, within)| within.len() == k);
        if !one_nest || self.within.len() < 2 {
            return nodes;
        }
        (0..self.within.len()).fold(nodes, |body, source| {
            vec![Node::If {
                less: [Index::Const(0), Index::Count(source)],
                body,
            }]
        })
    }

    /// A clause's number.
    pub fn value(&mut self, text: &ExprText, clause: ClauseKind, least: i64) -> Option<Index> {
        if let Some(known) = text.as_integer() {
            // Longer than any loop is as long as the loop.
            return Some(Index::Const(known.clamp(least, 1 << 40)));
        }
        let expr = self.dir.exprs.get(&text.span.start)?.clone();
        self.values.push(ClauseValue {
            expr,
            clause,
            least,
        });
        Some(Index::Value(self.values.len() - 1))
    }

    // ---- reading -----------------------------------------------------------------------------------------------

    /// The one nest of a block, with at least `depth` loops.
    fn sequence(
        &mut self,
        dir: &'f DirectiveStmt,
        block: &'f [Stmt],
        depth: u32,
    ) -> Option<Vec<Node>> {
        let stmts = significant_of(block);
        let Some(&first) = stmts.iter().find(|stmt| is_loop(stmt)) else {
            let span = stmts.first().map_or(dir.head_span, |stmt| first_line(stmt));
            let name = &dir.directive.name;
            let error = self
                .error(Code::NoLoop, span, format!("`{name}` needs a `for` loop"))
                .label("expected `for`, or a loop transformation")
                .secondary(dir.head_span, "the loop directive");
            self.report(error);
            return None;
        };
        for other in stmts.iter().filter(|stmt| stmt.id != first.id) {
            let name = &dir.directive.name;
            let error = self
                .error(
                    Code::NoLoop,
                    first_line(other),
                    format!("the block of `{name}` holds more than its loop"),
                )
                .label("this is not part of the loop")
                .secondary(dir.head_span, "the loop directive");
            self.report(error);
        }
        self.loops_at(first, depth)
    }

    /// What a statement generates; `depth` of its loops are wanted.
    fn loops_at(&mut self, stmt: &'f Stmt, depth: u32) -> Option<Vec<Node>> {
        if let Some((dir, leaf)) = transformation(stmt) {
            let outer = std::mem::replace(&mut self.dir, dir);
            let made = self.rewritten(dir, leaf, depth);
            self.dir = outer;
            return made;
        }
        let StmtKind::For {
            target,
            iter,
            body,
            orelse,
            is_async,
        } = &stmt.kind
        else {
            return None;
        };
        let one = self.finder.canonical(stmt, target, iter, orelse, *is_async);
        self.finder.not_assigned(&one, body);
        self.finder
            .has_length(std::slice::from_ref(&one), Some(self.dir.head_span));
        self.rectangular(iter);
        let source = self.loops.len();
        self.loops.push(one);
        self.within.push(self.around.clone());
        let header = Header {
            var: self.var(),
            start: Index::Const(0),
            stop: Index::Count(source),
            step: Index::Const(1),
            down: false,
            source: Some(source),
            unroll: None,
            inside: None,
            stmt: stmt.id,
            span: first_line(stmt),
        };
        self.around.push(source);
        let body = if depth > 1 {
            self.inner(stmt, body, depth - 1)
        } else {
            Some(vec![Node::Body(stmt.id)])
        };
        self.around.pop();
        Some(vec![Node::Loop {
            headers: vec![header],
            body: body?,
        }])
    }

    /// The body of a loop that is not the innermost one of its nest.
    fn inner(&mut self, outer: &Stmt, body: &'f [Stmt], depth: u32) -> Option<Vec<Node>> {
        let stmts = significant_of(body);
        match stmts[..] {
            [only] if is_loop(only) => self.loops_at(only, depth),
            // Whether that is too little is seen by who wants the loops.
            _ => Some(vec![Node::Body(outer.id)]),
        }
    }

    /// The bounds of a loop do not depend on the source loops around it.
    fn rectangular(&mut self, iter: &Expr) {
        let found = self.finder.dependence(iter, &self.loops, &self.around);
        if let Some((name, span, outer)) = found {
            let name = self.finder.function.name_of(name);
            let error = self
                .error(
                    Code::DependentBounds,
                    span,
                    "the bounds of transformed loops depend on each other",
                )
                .label(format!("depends on `{name}`"))
                .secondary(outer, "the outer loop's variable")
                .help("a loop transformation needs a rectangular nest");
            self.report(error);
        }
    }

    /// What a transformation makes of its block; `wanted` loops of the result are affected by constructs around.
    fn rewritten(
        &mut self,
        dir: &'f DirectiveStmt,
        leaf: &'f Leaf,
        wanted: u32,
    ) -> Option<Vec<Node>> {
        let (consumed, generated) = self.depths(leaf)?;
        let depth = consumed + wanted.saturating_sub(generated);
        let nodes = if leaf.kind == LeafKind::Fuse {
            let mut all = Vec::new();
            for stmt in significant_of(&dir.body) {
                if !is_loop(stmt) {
                    let error = self
                        .error(
                            Code::NoLoop,
                            first_line(stmt),
                            "the block of `fuse` holds more than loops",
                        )
                        .label("expected `for`, or a loop transformation")
                        .secondary(dir.head_span, "the loop directive");
                    self.report(error);
                    return None;
                }
                all.extend(self.loops_at(stmt, depth)?);
            }
            all
        } else {
            self.sequence(dir, &dir.body, depth)?
        };
        self.rewrite(leaf, nodes, wanted > 0, dir.head_span)
    }
}

impl Generator<'_, '_, '_> {
    /// Whether a source loop's bounds are literals.
    pub fn literal_bounds(&self, source: usize) -> bool {
        let literal = |expr: &Expr| match &expr.kind {
            ExprKind::Int(Some(_)) => true,
            ExprKind::Unary { operand, .. } => matches!(operand.kind, ExprKind::Int(Some(_))),
            _ => false,
        };
        match &self.loops[source].iter {
            IterSpace::Range { start, stop, step } => {
                start.iter().chain([stop]).chain(step).all(literal)
            }
            _ => false,
        }
    }
}

fn significant_of(block: &[Stmt]) -> Vec<&Stmt> {
    significant(block)
        .into_iter()
        .filter(|stmt| !matches!(stmt.kind, StmtKind::Pass))
        .collect()
}

fn is_loop(stmt: &Stmt) -> bool {
    matches!(stmt.kind, StmtKind::For { .. }) || transformation(stmt).is_some()
}

impl<'f> Finder<'_, 'f> {
    /// The first name in `iter` that one of the loops `around` binds, and where that is.
    fn dependence(
        &self,
        iter: &Expr,
        loops: &[CanonicalLoop],
        around: &[usize],
    ) -> Option<(NameRef, Span, Span)> {
        let mut found = None;
        crate::names::expr_uses(iter, &mut |name, span, _| {
            for &outer in around {
                if targets(&loops[outer].target).any(|(target, _)| target == name) {
                    found = found.or(Some((name, span, loops[outer].target.span())));
                }
            }
        });
        found
    }
}
