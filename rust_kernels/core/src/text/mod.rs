//! Text to text, to numbers and to vectors, one idea a file.
//!
//! Each idea is one function of one text; columns and single rows both call it. Characters are taken as Python and
//! scikit-learn take them, for every character that both Unicode versions know.
pub mod characters;
pub mod columns;
pub mod comparison;
pub mod edit_distance;
pub mod entities;
pub mod function;
pub mod hashing;
pub mod html;
pub mod jaro_winkler;
pub mod learn;
pub mod lists;
pub mod murmur;
pub mod normalise;
pub mod sparse;
pub mod stats;
pub mod stemming;
pub mod stop_words;
pub mod strings;
pub mod terms;
pub mod token_sets;
pub mod tokens;
pub mod vectors;
pub mod vocabulary;
pub mod weights;

#[cfg(test)]
mod tests;
