"""Samples of any range -> 0 to 255, as an eye would set the contrast."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

#: What is transparent, masked or missing is drawn so: close to the mean of an aerial photo, it makes neither
#: a bright nor a dark edge.
NEUTRAL_GREY = (128, 128, 128)

#: Samples of more than 8 bits are stretched so that these percentiles become black and white. Sensors use a
#: small part of their range, and a few hot pixels must not decide the contrast.
STRETCH_PERCENTILES = (1.0, 99.0)


class Stretch:
    """One scale for all bands, so that colours keep their hue.

    Args:
        counted: Samples that say the contrast: those of valid pixels, all bands together.
    """

    def __init__(self, counted: NDArray[Any]) -> None:
        values = counted[np.isfinite(counted)].astype(np.float64)
        self._dark = self._bright = 0.0
        if values.size:
            self._dark, self._bright = map(float, np.percentile(values, STRETCH_PERCENTILES))
            if self._bright <= self._dark:
                self._dark, self._bright = float(values.min()), float(values.max())
        self._make_table()

    @classmethod
    def between(cls, dark: float, bright: float) -> Stretch:
        """The scale on which these two are black and white, as `ends` of another one says them."""
        stretch = cls(np.empty(0))
        stretch._dark, stretch._bright = dark, bright
        stretch._make_table()
        return stretch

    @property
    def ends(self) -> tuple[float, float]:
        """The samples that become black and white."""
        return self._dark, self._bright

    def _make_table(self) -> None:
        # Sums of the largest floats leave the range of all, and so does what is as near as that to none.
        self._is_flat = not np.isfinite(self._bright - self._dark) or self._bright <= self._dark
        self._table = None if self._is_flat else self._scaled(np.arange(1 << 16, dtype=np.uint16))

    def to_bytes(self, samples: NDArray[Any]) -> NDArray[np.uint8]:
        """The samples as 8 bits; neutral grey where there is one value everywhere."""
        if self._table is None:
            return np.full(samples.shape, NEUTRAL_GREY[0], np.uint8)
        return self._table[samples] if samples.dtype == np.uint16 else self._scaled(samples)

    def _scaled(self, samples: NDArray[Any]) -> NDArray[np.uint8]:
        kind: Any = np.float32 if samples.dtype.itemsize <= 2 or samples.dtype == np.float32 else np.float64
        with np.errstate(all="ignore"):  # infinities, and floats that are too large for the sum
            scaled = (samples.astype(kind) - kind(self._dark)) / kind(self._bright - self._dark)
        scaled_bytes: NDArray[np.uint8] = np.round(
            np.clip(np.nan_to_num(scaled, nan=0.0), 0, 1) * 255
        ).astype(np.uint8)
        return scaled_bytes
