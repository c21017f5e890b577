//! Directive text to typed directives.
