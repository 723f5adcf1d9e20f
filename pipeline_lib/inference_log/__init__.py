"""Step 8 of 9, log: what was asked and answered, and from which definitions, generations, positions."""

from bighead.pipeline_lib.inference_log.ledger import Ledger
from bighead.pipeline_lib.inference_log.record import InferenceRecord, RowRecord, decode, encode, to_frame

__all__ = ["InferenceRecord", "Ledger", "RowRecord", "decode", "encode", "to_frame"]
