//! Image programs over whole Arrow columns, given as chunks, on all cores. Null stays null.
use std::sync::Arc;

use arrow_array::builder::{LargeStringBuilder, make_view};
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BinaryViewArray, FixedSizeListArray, Float32Array, NullArray};
use arrow_buffer::{Buffer, NullBuffer};
use arrow_schema::{ArrowError, DataType, Field};
use rayon::prelude::*;
use thiserror::Error;

use super::program::{Answer, Program};
use super::refusal::Refusal;
use super::tensor::Normalisation;
use super::workspace::Workspace;
use super::{encode, hash, histogram, pnm};

/// Why a column of images cannot be worked on.
#[derive(Debug, Error)]
pub enum ImageError {
    /// It is of the wrong type.
    #[error("the column has the type {0}, expected bytes")]
    Type(DataType),
    /// The answer does not fit a column.
    #[error("the answer does not fit a column: {0}")]
    Arrow(#[from] ArrowError),
    /// There is more than fits into memory.
    #[error("{0} images of {1} numbers each are too many for one column")]
    TooMany(usize, usize),
}

/// A column of answers, null where an image was missing or refused, and why each of these was refused.
pub struct Answered {
    /// A row for each row.
    pub column: ArrayRef,
    /// Rows and reasons, in order.
    pub refused: Vec<(usize, Refusal)>,
}

type Rows<'a> = Vec<Option<&'a [u8]>>;
type Work<'a> = dyn Fn(&[u8], &mut Workspace) -> Result<Vec<u8>, Refusal> + Sync + 'a;
type Made<T> = Option<Result<T, Refusal>>;

/// Run a program over a column of bytes.
pub fn answered(chunks: &[ArrayRef], program: &Program) -> Result<Answered, ImageError> {
    let rows = images(chunks)?;
    let bytes = |work: &Work| {
        let (made, refused) = parted(each(&rows, work));
        Ok(Answered { column: bytes_column(made)?, refused })
    };
    match &program.answer {
        Answer::Nothing => {
            let (_, refused) = parted(each(&rows, |row, workspace: &mut Workspace| {
                let image = program.pixels(row, workspace)?;
                workspace.give(image.bytes);
                Ok(())
            }));
            Ok(Answered { column: Arc::new(NullArray::new(rows.len())), refused })
        }
        Answer::Pnm => {
            bytes(&|row, workspace| encoded(program, row, workspace, |image| Ok(pnm::encode(image))))
        }
        Answer::Jpeg { quality, halved } => bytes(&|row, workspace| {
            encoded(program, row, workspace, |image| encode::jpeg(image, *quality, *halved))
        }),
        Answer::Png => bytes(&|row, workspace| encoded(program, row, workspace, encode::png)),
        Answer::Tensor { height, width, mean, std } => {
            let normalisation = Normalisation::new(*mean, *std);
            floats(&rows, &[3, *height, *width], |row, workspace, out| {
                let image = program.pixels(row, workspace)?;
                if (image.width, image.height) != (*width, *height) {
                    let (to_width, to_height) = (*width, *height);
                    return Err(Refusal::Shape {
                        width: image.width,
                        height: image.height,
                        to_width,
                        to_height,
                    });
                }
                normalisation.write(&image, out);
                workspace.give(image.bytes);
                Ok(())
            })
        }
        Answer::Histogram { bins } => floats(&rows, &[3, *bins], |row, workspace, out| {
            let image = program.pixels(row, workspace)?;
            histogram::write(&image, out);
            workspace.give(image.bytes);
            Ok(())
        }),
        Answer::Hash { method } => {
            let (made, refused) = parted(each(&rows, |row, workspace: &mut Workspace| {
                hash::hash(program.pixels(row, workspace)?, *method, workspace)
            }));
            Ok(Answered { column: digits_column(&made), refused })
        }
    }
}

fn images(chunks: &[ArrayRef]) -> Result<Rows<'_>, ImageError> {
    let mut rows = Vec::with_capacity(chunks.iter().map(Array::len).sum());
    for chunk in chunks {
        match chunk.data_type() {
            DataType::Binary => rows.extend(chunk.as_binary::<i32>().iter()),
            DataType::LargeBinary => rows.extend(chunk.as_binary::<i64>().iter()),
            DataType::BinaryView => rows.extend(chunk.as_binary_view().iter()),
            DataType::Null => rows.extend(std::iter::repeat_n(None, chunk.len())),
            other => return Err(ImageError::Type(other.clone())),
        }
    }
    Ok(rows)
}

fn encoded(
    program: &Program,
    row: &[u8],
    workspace: &mut Workspace,
    encode: impl Fn(&super::pixels::Pixels) -> Result<Vec<u8>, Refusal>,
) -> Result<Vec<u8>, Refusal> {
    let image = program.pixels(row, workspace)?;
    let made = encode(&image);
    workspace.give(image.bytes);
    made
}

/// Work on each row that is there; a single one needs no threads.
fn each<T: Send>(
    rows: &Rows<'_>,
    work: impl Fn(&[u8], &mut Workspace) -> Result<T, Refusal> + Sync,
) -> Vec<Made<T>> {
    let one = |workspace: &mut Workspace, row: Option<&[u8]>| row.map(|row| work(row, workspace));
    if rows.len() < 2 {
        return rows.iter().map(|row| one(&mut Workspace::default(), *row)).collect();
    }
    rows.par_iter().copied().map_init(Workspace::default, one).collect()
}

fn parted<T>(made: Vec<Made<T>>) -> (Vec<Option<T>>, Vec<(usize, Refusal)>) {
    let mut refused = Vec::new();
    let mut part = |(row, made): (usize, Made<T>)| match made? {
        Ok(made) => Some(made),
        Err(reason) => {
            refused.push((row, reason));
            None
        }
    };
    let kept = made.into_iter().enumerate().map(&mut part).collect();
    (kept, refused)
}

/// A column whose rows stay where they were made: a view and a buffer each.
fn bytes_column(made: Vec<Option<Vec<u8>>>) -> Result<ArrayRef, ArrowError> {
    let nulls = made.iter().map(Option::is_some).collect::<NullBuffer>();
    let (mut views, mut buffers) = (Vec::with_capacity(made.len()), Vec::new());
    for bytes in made {
        let bytes = bytes.unwrap_or_default();
        views.push(make_view(&bytes, buffers.len() as u32, 0));
        if bytes.len() > 12 {
            buffers.push(Buffer::from_vec(bytes));
        }
    }
    Ok(Arc::new(BinaryViewArray::try_new(views.into(), buffers, Some(nulls))?))
}

fn digits_column(made: &[Option<u64>]) -> ArrayRef {
    let mut column = LargeStringBuilder::with_capacity(made.len(), made.len() * 16);
    for bits in made {
        column.append_option(bits.map(|bits| format!("{bits:016x}")));
    }
    Arc::new(column.finish())
}

fn floats(
    rows: &Rows<'_>,
    shape: &[usize],
    work: impl Fn(&[u8], &mut Workspace, &mut [f32]) -> Result<(), Refusal> + Sync,
) -> Result<Answered, ImageError> {
    let values: usize = shape.iter().product();
    let all = rows.len().checked_mul(values).filter(|all| *all <= isize::MAX as usize / size_of::<f32>());
    let mut out = vec![0.0_f32; all.ok_or(ImageError::TooMany(rows.len(), values))?];
    let one = |workspace: &mut Workspace, (row, out): (Option<&[u8]>, &mut [f32])| {
        row.map(|row| work(row, workspace, out))
    };
    let made: Vec<Made<()>> = if rows.len() < 2 {
        rows.iter()
            .copied()
            .zip(out.chunks_exact_mut(values))
            .map(|pair| one(&mut Workspace::default(), pair))
            .collect()
    } else {
        rows.par_iter()
            .copied()
            .zip(out.par_chunks_exact_mut(values))
            .map_init(Workspace::default, one)
            .collect()
    };
    let (kept, refused) = parted(made);
    let nulls = kept.iter().map(Option::is_some).collect::<NullBuffer>();
    Ok(Answered { column: tensors(out, shape, &nulls)?, refused })
}

/// Lists of lists of fixed lengths, as deep as the shape; the outermost may be null.
fn tensors(values: Vec<f32>, shape: &[usize], nulls: &NullBuffer) -> Result<ArrayRef, ArrowError> {
    let mut column: ArrayRef = Arc::new(Float32Array::from(values));
    for (depth, length) in shape.iter().enumerate().rev() {
        let item = Arc::new(Field::new("item", column.data_type().clone(), true));
        let nulls = (depth == 0).then(|| nulls.clone());
        column = Arc::new(FixedSizeListArray::try_new(item, *length as i32, column, nulls)?);
    }
    Ok(column)
}
