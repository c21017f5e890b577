//! `atomic` in all its forms.

use super::super::function::Lowerer;
use super::Construct;
use omply_analysis::facts::Region;

impl Lowerer<'_, '_> {
    pub(super) fn atomic(&mut self, construct: Construct<'_>, region: &Region) {
        let _ = construct;
        self.unsupported_directive(region.leaf, region.span);
    }
}
