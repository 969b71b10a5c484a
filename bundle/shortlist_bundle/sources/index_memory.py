"""A FAISS index over the memory that its bytes stand in, which other processes may share."""

from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray


def read_index(data: NDArray[np.uint8]) -> Any:
    """Return the index that was serialised as these bytes.

    What an inverted file or a flat one keeps is left where it is; codes for fast scan are laid out anew by FAISS and
    become the process's own.

    Args:
        data: uint8 [S], kept for as long as the index lives.

    Raises:
        ValueError: They are no index.
    """
    plain = np.ascontiguousarray(data)
    try:
        index: Any = faiss.read_index(faiss.ZeroCopyIOReader(faiss.swig_ptr(plain), plain.size))
    except RuntimeError as error:
        raise ValueError(f"not an index: {str(error).splitlines()[0]}") from None
    index.referenced_objects = [plain]  # FAISS's own name for what must not be freed before the index
    return index
