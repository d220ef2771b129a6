"""The eight ways to turn and mirror a photo: from the air, no side of it is up."""

from PIL import Image

ORIENTATIONS: tuple[Image.Transpose | None, ...] = (None, *Image.Transpose)
"""Number 0 leaves a photo as it is; Pillow's seven transposes are the other symmetries of the square."""


def orient(image: Image.Image, number: int) -> Image.Image:
    """Turn or mirror an image: number 0 to 7, where 0 is the image itself."""
    transpose = ORIENTATIONS[number]
    return image if transpose is None else image.transpose(transpose)
