"""Make a screenshot light: a PNG of at most 256 colours, which is all that flat screens and maps need."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

COLOURS = 256
_DECODE = """async (address) => {
    const picture = await createImageBitmap(await (await fetch(address)).blob());
    const canvas = new OffscreenCanvas(picture.width, picture.height);
    const brush = canvas.getContext('2d');
    brush.drawImage(picture, 0, 0);
    const { data } = brush.getImageData(0, 0, picture.width, picture.height);
    let text = '';
    for (let i = 0; i < data.length; i += 32768) text += String.fromCharCode(...data.subarray(i, i + 32768));
    return [picture.width, picture.height, btoa(text)];
}"""


def shrink(page: Any, png: bytes) -> bytes:
    """Return a picture with a palette; the browser that took it decodes it.

    Parameters
    ----------
    page : playwright.sync_api.Page
        Any page of the same browser.
    png : bytes
        The screenshot.
    """
    blank = page.context.browser.new_page()
    try:
        address = "data:image/png;base64," + base64.b64encode(png).decode()
        width, height, text = blank.evaluate(_DECODE, address)
    finally:
        blank.close()
    raw = np.frombuffer(base64.b64decode(text), np.uint8).reshape(height, width, 4)[..., :3]
    palette, indices = quantise(raw.reshape(-1, 3))
    small = encode(palette, indices.reshape(height, width))
    return min(small, png, key=len)


def quantise(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return a palette ``(<= 256, 3)`` and the index of each pixel, by median cut (Heckbert 1982) on colour counts."""
    packed = pixels.astype(np.uint32) @ np.array([65536, 256, 1], np.uint32)
    values, inverse, counts = np.unique(packed, return_inverse=True, return_counts=True)
    colours = np.stack([values >> 16, (values >> 8) & 255, values & 255], axis=1).astype(np.float64)
    weights = np.sqrt(counts)  # a large ground must not swallow the small marks that carry the meaning
    boxes = [np.arange(len(values))]
    spreads = [np.inf]
    while len(boxes) < min(COLOURS, len(values)):
        widest = int(np.argmax(spreads))
        halves = _cut(boxes[widest], colours, weights)
        boxes[widest : widest + 1] = halves
        spreads[widest : widest + 1] = [_spread(colours[half], weights[half]) for half in halves]
    palette = np.zeros((len(boxes), 3), np.uint8)
    chosen = np.zeros(len(values), np.uint8)
    for number, box in enumerate(boxes):
        palette[number] = np.round(np.average(colours[box], axis=0, weights=counts[box]))
        chosen[box] = number
    return palette, chosen[inverse.ravel()]


def _spread(colours: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    mean = np.average(colours, axis=0, weights=weights)
    return float((weights[:, None] * (colours - mean) ** 2).sum())


def _cut(
    box: NDArray[np.intp], colours: NDArray[np.float64], weights: NDArray[np.float64]
) -> list[NDArray[np.intp]]:
    """Return a box of colours in two, across its longest side, at its weighted mean."""
    inside = colours[box]
    mean = np.average(inside, axis=0, weights=weights[box])
    axis = int(np.argmax((weights[box][:, None] * (inside - mean) ** 2).sum(axis=0)))
    low = inside[:, axis] <= mean[axis]
    return [box[low], box[~low]]


def encode(palette: NDArray[np.uint8], indices: NDArray[np.uint8]) -> bytes:
    """Return an indexed PNG (ISO/IEC 15948, colour type 3, no filter)."""
    height, width = indices.shape
    rows = np.zeros((height, width + 1), np.uint8)
    rows[:, 1:] = indices
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", header), (b"PLTE", palette.tobytes()), (b"IDAT", zlib.compress(rows.tobytes(), 9)))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in (*parts, (b"IEND", b"")))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
