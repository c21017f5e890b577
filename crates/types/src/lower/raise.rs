//! `raise` and `assert` with constant texts.

use super::function::Lowerer;
use crate::env::GlobalValue;
use omply_diagnostics::{Code, Span};
use omply_ir::{ErrorKind, Op, Site};
use omply_syntax::hir::{Expr, ExprKind};

impl Lowerer<'_, '_> {
    pub fn raise(&mut self, exc: Option<&Expr>, cause: Option<&Expr>, span: Span) {
        self.live = false;
        if let Some(cause) = cause
            && !matches!(cause.kind, ExprKind::None)
        {
            self.not_native(cause.span, "`raise ... from`");
        }
        let Some(exc) = exc else {
            self.not_native(span, "bare `raise`");
            return;
        };
        let (class, message) = match &exc.kind {
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                if args.len() > 1 || !keywords.is_empty() {
                    self.not_native(exc.span, "exceptions with several arguments");
                    return;
                }
                let message = match args.first() {
                    Some(arg) => match self.constant_text(arg) {
                        Some(text) => Some(text),
                        None => return,
                    },
                    None => None,
                };
                (func.as_ref(), message)
            }
            _ => (exc, None),
        };
        let Some(GlobalValue::ExceptionClass { handle, .. }) = self.static_value(class) else {
            self.error_help(
                Code::NotNative,
                class.span,
                "native mode raises exception classes that are known when it compiles",
                "name a class: `raise ValueError(\"what is wrong\")`",
            );
            return;
        };
        let class = self.exception_class(handle);
        let function = self.hir.name.clone();
        let site = self.site_of(Site {
            error: ErrorKind::User,
            class,
            message,
            span,
            function,
        });
        self.b.effect(Op::Raise {
            site,
            args: Vec::new(),
        });
    }

    fn exception_class(&mut self, handle: u64) -> u32 {
        let classes = &mut self.program.classes;
        let index = classes
            .iter()
            .position(|&class| class == handle)
            .unwrap_or_else(|| {
                classes.push(handle);
                classes.len() - 1
            });
        index as u32
    }

    /// The text of an exception; an error unless it is a constant.
    pub(super) fn constant_text(&mut self, expr: &Expr) -> Option<String> {
        match &expr.kind {
            ExprKind::Str(text) => Some(text.clone()),
            _ => match self.static_value(expr) {
                Some(GlobalValue::Str(text)) => Some(text),
                _ => {
                    self.error_help(
                        Code::NotNative,
                        expr.span,
                        "the text of an exception must be a constant string in native mode",
                        "leave the values out of the text, or use `@omp(mode=\"python\")`",
                    );
                    None
                }
            },
        }
    }

    pub fn assert(&mut self, test: &Expr, message: Option<&Expr>, span: Span) {
        let text = match message {
            None => String::new(),
            Some(message) => match self.constant_text(message) {
                Some(text) => text,
                None => return,
            },
        };
        let cond = self.condition(test);
        if cond.is_never() || cond.as_bool() == Some(true) {
            return;
        }
        let cond = self.id(&cond);
        self.check(cond, ErrorKind::Assertion, &text, span, Vec::new());
    }
}
