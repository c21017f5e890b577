//! Spans, codes, rendering of errors.
