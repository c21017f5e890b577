//! Python source to HIR.
