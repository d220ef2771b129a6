"""The eight orientations of an aerial photo, which has no 'up': its rotations and mirror images."""

from PIL import Image

ORIENTATIONS: tuple[Image.Transpose | None, ...] = (None, *Image.Transpose)
"""The symmetries of the square: the image as it is, and Pillow's seven transposes."""


def orient(image: Image.Image, number: int) -> Image.Image:
    """An image in orientation 0 to 7; 0 is the image as it is."""
    transpose = ORIENTATIONS[number]
    return image if transpose is None else image.transpose(transpose)
