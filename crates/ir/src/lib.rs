//! Structured IR with OpenMP regions.
