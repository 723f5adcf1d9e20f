//! Turns a stored plan into one that runs: names become slots, types are checked, forests are laid out.
use std::collections::HashMap;

use super::block::Sizes;
use super::error::PlanError;
use super::lower::lower;
use super::spec::{Dtype, FORMAT, InputSpec, PlanSpec, StepSpec};
use super::step::{Slot, Step};

/// Slots by name while a plan is compiled.
#[derive(Debug, Default)]
pub(crate) struct Names {
    known: HashMap<String, Slot>,
    pub(crate) sizes: Sizes,
    pub(crate) steps: Vec<Step>,
}

impl Names {
    /// A new slot of numbers.
    pub(crate) fn number(&mut self) -> usize {
        self.sizes.numbers += 1;
        self.sizes.numbers - 1
    }

    /// A new slot of integers.
    pub(crate) fn integer(&mut self) -> usize {
        self.sizes.integers += 1;
        self.sizes.integers - 1
    }

    /// A new slot of texts.
    pub(crate) fn text(&mut self) -> usize {
        self.sizes.texts += 1;
        self.sizes.texts - 1
    }

    /// Give a slot its name.
    pub(crate) fn bind(&mut self, name: &str, slot: Slot) -> Result<(), String> {
        match self.known.insert(name.to_owned(), slot) {
            None => Ok(()),
            Some(_) => Err(format!("the name '{name}' is taken")),
        }
    }

    /// Bind a run of new slots of numbers and return the first.
    pub(crate) fn bind_numbers(&mut self, names: &[String]) -> Result<usize, String> {
        let first = self.sizes.numbers;
        for name in names {
            let slot = Slot::Number(self.number());
            self.bind(name, slot)?;
        }
        Ok(first)
    }

    /// The slot of a name.
    pub(crate) fn get(&self, name: &str) -> Result<Slot, String> {
        self.known.get(name).copied().ok_or_else(|| {
            let mut known: Vec<_> = self.known.keys().map(String::as_str).collect();
            known.sort_unstable();
            known.truncate(20);
            format!("there is no column '{name}' before it; there are '{}'", known.join("', '"))
        })
    }

    /// The slot of a name, cast to numbers where it holds integers.
    pub(crate) fn get_number(&mut self, name: &str) -> Result<usize, String> {
        match self.get(name)? {
            Slot::Number(slot) => Ok(slot),
            Slot::Integer(from) => {
                let to = self.number();
                self.steps.push(Step::Cast { from, to });
                Ok(to)
            }
            Slot::Text(_) => Err(format!("column '{name}' holds strings, numbers are needed")),
        }
    }

    /// The slots of several names, as numbers.
    pub(crate) fn get_numbers(&mut self, names: &[String]) -> Result<Vec<usize>, String> {
        names.iter().map(|name| self.get_number(name)).collect()
    }
}

/// What compiling gives: inputs with their slots, steps, outputs with theirs.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) inputs: Vec<(InputSpec, Slot)>,
    pub(crate) steps: Vec<Step>,
    pub(crate) outputs: Vec<(String, Slot)>,
    pub(crate) sizes: Sizes,
}

/// Compile a stored plan.
pub(crate) fn compile(spec: PlanSpec) -> Result<Compiled, PlanError> {
    if spec.format != FORMAT {
        return Err(PlanError::Format { seen: spec.format, expected: FORMAT });
    }
    let mut names = Names::default();
    let mut inputs = Vec::with_capacity(spec.inputs.len());
    for input in spec.inputs {
        let slot = match input.dtype {
            Dtype::Float64 | Dtype::Bool => Slot::Number(names.number()),
            Dtype::Int64 => Slot::Integer(names.integer()),
            Dtype::String => Slot::Text(names.text()),
        };
        names.bind(&input.name, slot).map_err(PlanError::Shape)?;
        inputs.push((input, slot));
    }
    for (step, spec) in spec.steps.into_iter().enumerate() {
        let op = spec.op();
        lower(&mut names, spec).map_err(|what| PlanError::Step { step, op, what })?;
    }
    let mut outputs = Vec::with_capacity(spec.outputs.len());
    for name in spec.outputs {
        let slot = names.get(&name).map_err(|what| PlanError::Shape(format!("output: {what}")))?;
        outputs.push((name, slot));
    }
    if outputs.is_empty() {
        return Err(PlanError::Shape("the plan has no outputs".to_owned()));
    }
    Ok(Compiled { inputs, steps: names.steps, outputs, sizes: names.sizes })
}

impl StepSpec {
    /// The word for this operation.
    pub(crate) fn op(&self) -> &'static str {
        match self {
            Self::Fill { .. } => "fill",
            Self::Affine { .. } => "affine",
            Self::OneHot { .. } => "one_hot",
            Self::Index { .. } => "index",
            Self::Hash { .. } => "hash",
            Self::Cast { .. } => "cast",
            Self::Map { .. } => "map",
            Self::Combine { .. } => "combine",
            Self::Normalize { .. } => "normalize",
            Self::Lookup { .. } => "lookup",
            Self::Expression { .. } => "expression",
            Self::Text { .. } => "text",
            Self::Compare { .. } => "compare",
            Self::Linear { .. } => "linear",
            Self::Trees { .. } => "trees",
            Self::Exp { .. } => "exp",
            Self::Sigmoid { .. } => "sigmoid",
            Self::Softmax { .. } => "softmax",
        }
    }
}
