"""Step 4 of 9, fit: images as pixels, tensors and numbers."""

from __future__ import annotations

from bighead.pipeline_lib.pipeline.transformer import Transformer
from bighead.pipeline_lib.transforms.images.color_histogram import ColorHistogram
from bighead.pipeline_lib.transforms.images.crop_image import CenterCrop, RandomCrop
from bighead.pipeline_lib.transforms.images.decode_image import DecodeImage
from bighead.pipeline_lib.transforms.images.encode_jpeg import EncodeJpeg
from bighead.pipeline_lib.transforms.images.encode_png import EncodePng
from bighead.pipeline_lib.transforms.images.image_errors import image_errors
from bighead.pipeline_lib.transforms.images.image_to_tensor import ImageToTensor
from bighead.pipeline_lib.transforms.images.pad_image import PadImage
from bighead.pipeline_lib.transforms.images.perceptual_hash import PerceptualHash
from bighead.pipeline_lib.transforms.images.resize_image import ResizeImage
from bighead.pipeline_lib.transforms.images.to_gray import ToGray
from bighead.pipeline_lib.transforms.images.turn_image import FlipImage, RotateImage

TRANSFORMS: tuple[type[Transformer], ...] = (
    DecodeImage,
    EncodeJpeg,
    EncodePng,
    ResizeImage,
    CenterCrop,
    RandomCrop,
    PadImage,
    FlipImage,
    RotateImage,
    ToGray,
    ColorHistogram,
    PerceptualHash,
    ImageToTensor,
)

__all__ = [
    "TRANSFORMS",
    "CenterCrop",
    "ColorHistogram",
    "DecodeImage",
    "EncodeJpeg",
    "EncodePng",
    "FlipImage",
    "ImageToTensor",
    "PadImage",
    "PerceptualHash",
    "RandomCrop",
    "ResizeImage",
    "RotateImage",
    "ToGray",
    "image_errors",
]
