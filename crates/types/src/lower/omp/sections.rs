//! `sections`: a worksharing loop over the numbers of its sections.

use super::super::function::Lowerer;
use super::super::scan;
use super::Construct;
use super::sharing::Copies;
use crate::ty::Ty;
use crate::value::Val;
use omply_ir::{CompareOp, LoopDim, LoopInfo, Op, ScheduleKind, Type, Worksharing};
use omply_spec::LeafKind;
use omply_syntax::hir::{Stmt, StmtKind};

impl Lowerer<'_, '_> {
    pub(super) fn sections(&mut self, construct: Construct<'_>, k: usize) {
        let region = &construct.facts.regions[k];
        let sections = self.find_sections(&construct.directive.body);
        let mut copies = Copies::default();
        self.open_copies(construct.facts.id, region, &mut copies);
        self.all_have_read(&copies);
        let (start, stop, step) = (
            self.b.int(0),
            self.b.int(sections.len() as i64),
            self.b.int(1),
        );
        let iv = self.b.value(Type::I64);
        self.open_loop(
            construct.stmt.id,
            scan::assigned(&construct.directive.body),
            true,
        );
        self.b.open_block();
        self.number_section(iv, &copies.conditional);
        self.section_chain(&sections, 0, &Val::new(Ty::Int, iv));
        if self.live {
            self.back_edge();
        }
        let body = self.b.close_block();
        self.close_loop();
        self.b.set_span(construct.directive.head_span);
        let last = self.b.emit(
            Op::Loop(Box::new(Worksharing {
                dims: vec![LoopDim {
                    iv,
                    start,
                    stop,
                    step,
                    along: None,
                }],
                range: None,
                schedule: ScheduleKind::Dynamic,
                chunk: None,
                monotonic: None,
                ordered: false,
                info: LoopInfo::default(),
                body,
            })),
            Type::BOOL,
        );
        self.finish_copies(copies, last);
        self.end_barrier(construct, region, k);
    }

    fn find_sections<'a>(&mut self, body: &'a [Stmt]) -> Vec<&'a [Stmt]> {
        let mut sections: Vec<&'a [Stmt]> = Vec::new();
        let mut first = 0;
        // Statements before the first `section` are a section of their own.
        for (i, stmt) in body.iter().enumerate() {
            if let StmtKind::Directive(directive) = &stmt.kind
                && directive
                    .directive
                    .leaves
                    .iter()
                    .any(|leaf| leaf.kind == LeafKind::Section)
            {
                if sections.is_empty() && body[first..i].iter().any(|stmt| !is_docstring(stmt)) {
                    sections.push(&body[first..i]);
                }
                sections.push(&directive.body);
                first = i + 1;
            }
        }
        if sections.is_empty() {
            sections.push(body);
        }
        sections
    }

    /// `if number == k: section k; else: ...`
    fn section_chain(&mut self, sections: &[&[Stmt]], k: usize, number: &Val) {
        let Some((section, rest)) = sections.split_first() else {
            return;
        };
        if rest.is_empty() {
            return self.stmts(section);
        }
        let (a, b) = (self.id(number), self.b.int(k as i64));
        let here = Val::new(Ty::Bool, self.b.compare(CompareOp::Eq, a, b));
        let then = self.branch(|s| s.stmts(section));
        let els = self.branch(|s| s.section_chain(rest, k + 1, number));
        self.emit_if(&here, then, els);
    }
}

fn is_docstring(stmt: &Stmt) -> bool {
    matches!(&stmt.kind, StmtKind::Pass)
        || matches!(&stmt.kind, StmtKind::Expr(expr) if matches!(expr.kind, omply_syntax::hir::ExprKind::Str(_)))
}
