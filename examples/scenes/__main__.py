"""Save a contact sheet of the scenes: `python -m examples.scenes --sheet sheet.png --seeds 6`."""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image, ImageDraw

from examples import scenes


def contact_sheet(seeds: int, size: int = 256) -> Image.Image:
    """Draw a contact sheet: a row with its name for each class, a column for each seed below `seeds`."""
    margin, gap = 120, 4
    step = size + gap
    picture = Image.new("RGB", (margin + seeds * step, len(scenes.CLASSES) * step), (24, 24, 24))
    draw = ImageDraw.Draw(picture)
    for row, label in enumerate(scenes.CLASSES):
        draw.text((8, row * step + size // 2), label, fill=(235, 235, 235))
        for seed in range(seeds):
            picture.paste(scenes.draw(label, seed, size), (margin + seed * step, row * step))
    return picture


def main() -> None:
    """Save a contact sheet."""
    parser = argparse.ArgumentParser(prog="python -m examples.scenes", description=__doc__)
    parser.add_argument("--sheet", type=Path, metavar="PATH", required=True, help="PNG to write")
    parser.add_argument("--seeds", type=int, default=6, metavar="N", help="scenes of each class (default: 6)")
    options = parser.parse_args()
    contact_sheet(options.seeds).save(options.sheet)


if __name__ == "__main__":
    main()
