//! `linear` and `induction` follow the iterations of the loop that the program wrote: loops that a transformation generates have
//! other iterations, so that what the body does with the variable would not be what the clause says.

use crate::constructs::Constructs;
use crate::facts::LoopNest;
use omply_diagnostics::{Code, Diagnostic};
use omply_spec::ClauseKind;

pub(crate) fn check(
    constructs: &Constructs,
    nests: &[Option<LoopNest>],
    diagnostics: &mut Vec<Diagnostic>,
) {
    for construct in &constructs.all {
        let nest = nests[construct.dir.id.index()].as_ref();
        if nest.is_none_or(|nest| nest.generated.is_none()) {
            continue;
        }
        for kind in [ClauseKind::Linear, ClauseKind::Induction] {
            let Some(clause) = construct.clause(kind) else {
                continue;
            };
            diagnostics.push(
                Diagnostic::error(
                    Code::FollowedLoop,
                    clause.span,
                    format!("`{kind}` cannot follow the iterations of generated loops"),
                )
                .label("its variable advances with the loop as it is written")
                .help("compute the variable from the loop's own, or leave the transformation out"),
            );
        }
    }
}
