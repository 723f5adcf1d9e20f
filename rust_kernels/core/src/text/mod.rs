//! Text to text, to numbers and to vectors, one idea a file.
//!
//! Each idea is one function of one text; columns and single rows both call it. Characters are taken as Python and
//! scikit-learn take them, for every character that both Unicode versions know.
pub mod characters;
pub mod columns;
pub mod hashing;
pub mod learn;
pub mod murmur;
pub mod normalise;
pub mod parallel;
pub mod sparse;
pub mod terms;
pub mod tokens;
pub mod vectors;
pub mod vocabulary;
pub mod weights;
