//! Reporting: errors of the function at hand, and the sites at which generated code can raise.

use super::function::Lowerer;
use crate::env::Failure;
use crate::value::Val;
use omply_diagnostics::{Code, Diagnostic, Span};
use omply_ir::{ErrorKind, Op, Site, SiteId, ValueId};

impl Lowerer<'_, '_> {
    pub fn report(&mut self, diagnostic: Diagnostic) {
        let failure = Failure {
            function: self.handle,
            diagnostic,
        };
        let known = |other: &Failure| {
            other.function == failure.function && other.diagnostic == failure.diagnostic
        };
        if !self.program.failures.iter().any(known) {
            self.program.failures.push(failure);
        }
    }

    /// Whether this round has found an error in the function.
    pub fn has_failed(&self) -> bool {
        self.program
            .failures
            .iter()
            .any(|failure| failure.function == self.handle)
    }

    /// Reports an error; the value stands for the expression in error.
    pub fn error(&mut self, code: Code, span: Span, message: impl Into<String>) -> Val {
        self.report(Diagnostic::error(code, span, message));
        Val::never()
    }

    pub fn error_help(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Val {
        self.report(Diagnostic::error(code, span, message).help(help));
        Val::never()
    }

    /// A thing that only CPython can do.
    pub fn not_native(&mut self, span: Span, what: &str) -> Val {
        self.error_help(
            Code::NotNative,
            span,
            format!("native mode has no {what}"),
            "use `@omp(mode=\"python\")` for this function",
        )
    }

    pub fn site(&mut self, error: ErrorKind, message: &str, span: Span) -> SiteId {
        self.site_of(Site {
            error,
            class: 0,
            message: (!message.is_empty()).then(|| message.to_owned()),
            span,
            function: self.hir.name.clone(),
        })
    }

    pub fn site_of(&mut self, site: Site) -> SiteId {
        let id = SiteId(self.program.sites.len() as u32);
        self.program.sites.push(site);
        self.program.site_functions.push(self.handle);
        id
    }

    /// Raises at run time unless `cond` holds.
    pub fn check(
        &mut self,
        cond: ValueId,
        error: ErrorKind,
        message: &str,
        span: Span,
        args: Vec<ValueId>,
    ) {
        let site = self.site(error, message, span);
        self.b.effect(Op::Check { cond, site, args });
    }
}
