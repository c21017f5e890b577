//! `error` at execution: an exception where it is fatal, else a line on the standard error stream. What is met at compilation the
//! analysis has told already.

use super::super::function::Lowerer;
use super::Construct;
use omply_analysis::facts::Region;
use omply_ir::{ErrorKind, Op};

impl Lowerer<'_, '_> {
    pub(super) fn error_directive(&mut self, construct: Construct<'_>, region: &Region) {
        if !region.at_execution {
            return;
        }
        let text = match &region.message {
            Some(message) => match self.constant_text(message) {
                Some(text) => text,
                None => return,
            },
            None => "an `error` directive was met".to_owned(),
        };
        let span = construct.directive.directive.span;
        if region.warns {
            let text = format!("{}: {text}", self.place_of(construct.directive));
            self.b.effect(Op::Warn { text });
        } else {
            let site = self.site(ErrorKind::Runtime, &text, span);
            let args = Vec::new();
            self.b.effect(Op::Raise { site, args });
            self.live = false;
        }
    }
}
