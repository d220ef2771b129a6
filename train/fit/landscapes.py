"""Landscapes as they look from higher up: drawn shapes, filled with textures of the training photos.

Where a view is 300 m to 2 km wide, some classes are shapes that no photo of 78 m shows: the loops of an
interchange, the bends of a river, the patchwork of fields, a coast, piers in a bay. Their shapes are drawn
here, by chance; what fills them (fields, housing, trees, boats) are shrunk training photos.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from train.fit import landscape_shapes as shapes
from train.fit.landscape_shapes import FINE, SIDE, WIDE, Colour, Point, Vector

WATER: tuple[Colour, ...] = (
    (58, 72, 62), (82, 92, 78), (46, 62, 74), (150, 112, 76), (118, 100, 74), (70, 106, 110), (36, 46, 44),
    (96, 124, 130), (168, 132, 96),
)  # fmt: skip
SEA: tuple[Colour, ...] = (
    (42, 86, 104), (30, 62, 84), (60, 130, 140), (88, 178, 180), (36, 56, 52), (104, 120, 112), (20, 36, 56),
    (70, 90, 92),
)  # fmt: skip
SAND: tuple[Colour, ...] = (
    (206, 190, 158), (186, 168, 138), (226, 214, 192), (168, 148, 118), (198, 160, 112), (238, 234, 226),
)  # fmt: skip
COUNTRY = ("agricultural", "chaparral", "forest", "sparseresidential", "golfcourse")
#: Between fields: a hedge, a lane, a ditch, bare soil.
_LANES: tuple[Colour, ...] = ((70, 84, 56), (182, 172, 148), (52, 60, 54), (140, 118, 92))
CITY = ("buildings", "parkinglot", "denseresidential", "mediumresidential", "mobilehomepark", "intersection")


class Landscapes:
    """Landscapes of the classes that have a drawing here.

    Args:
        images: Decoded RGB images of a training part.
        labels: The class of each.
    """

    def __init__(self, images: Sequence[Image.Image], labels: Sequence[str]) -> None:
        self._images = images
        self._members: dict[str, list[int]] = {}
        for row, label in enumerate(labels):
            self._members.setdefault(label, []).append(row)
        drawings: dict[str, Callable[[np.random.Generator], Image.Image]] = {
            "agricultural": self.fields,
            "beach": self.coast,
            "freeway": self.freeway,
            "harbor": self.harbor,
            "overpass": self.interchange,
            "river": self.river,
        }
        self._drawings = {label: draw for label, draw in drawings.items() if label in self._members}

    @property
    def classes(self) -> frozenset[str]:
        """The classes that can be drawn."""
        return frozenset(self._drawings)

    def draw(self, label: str, rng: np.random.Generator) -> Image.Image:
        """A landscape of a class: (256, 256) RGB."""
        return self._drawings[label](rng)

    def fields(self, rng: np.random.Generator) -> Image.Image:
        """A patchwork of fields, with lanes, ditches or hedges between them, at any angle."""
        canvas = Image.new("RGB", (WIDE, WIDE))
        crops = [self._photo("agricultural", rng) for _ in range(int(rng.integers(1, 7)))]
        other, strays = rng.choice(["chaparral", "forest", "sparseresidential"]), rng.choice([0, 0.05, 0.15])
        tint = rng.uniform(0.03, 0.3)
        line = shapes.vary(_LANES[int(rng.integers(len(_LANES)))], 25, rng)
        width, lined = int(rng.choice([0, 1, 1, 2])), rng.uniform(0.3, 1)
        pen = ImageDraw.Draw(canvas)
        for parcel in shapes.parcels(rng.uniform(14, 90), rng.uniform(1, 3.5), rng):
            photo = crops[int(rng.integers(len(crops)))]
            if rng.random() < strays:
                photo = self._photo(str(other), rng)
            left, top, right, bottom = parcel
            size = (right - left, bottom - top)
            field = photo.resize(size, Image.Resampling.BICUBIC, reducing_gap=2)
            canvas.paste(shapes.tinted(field, rng, tint), (left, top))
            if width and rng.random() < lined:
                pen.rectangle(parcel, outline=line, width=width)
        lean = rng.uniform(-0.15, 0.15)
        shear = (1, lean, -lean * WIDE / 2, 0, 1, 0)  # about the middle
        canvas = canvas.transform(canvas.size, Image.Transform.AFFINE, shear, Image.Resampling.BILINEAR)
        dark = rng.uniform(0.45, 1.1)
        return shapes.tinted(shapes.turned(canvas, rng).point(lambda value: value * dark), rng, 0.1)

    def river(self, rng: np.random.Generator) -> Image.Image:
        """A river with its bends, banks of sand or trees, through fields, scrub or forest."""
        image = self._land(rng, COUNTRY)
        course = shapes.bend(rng, rng.uniform(0, 2 * math.pi), rng.uniform(0, 70), rng.uniform(120, 420))
        width = rng.uniform(10, 64)
        water = self._water(rng, WATER)
        if rng.random() < 0.7:
            bank = shapes.vary(
                SAND[int(rng.integers(len(SAND)))] if rng.random() < 0.6 else (60, 74, 46), 20, rng
            )
            shift = rng.uniform(-0.3, 0.3, 2) * width
            mask = shapes.stroke(
                [(x + shift[0], y + shift[1]) for x, y in course], width * rng.uniform(1.05, 1.5)
            )
            image.paste(shapes.flat(bank, rng, 8), (0, 0), mask)
        image.paste(water, (0, 0), shapes.stroke(course, width))
        return shapes.tinted(image, rng, 0.1)

    def coast(self, rng: np.random.Generator) -> Image.Image:
        """Sea, surf, sand, and what lies behind."""
        angle = rng.uniform(0, 2 * math.pi)
        image = self._land(rng, COUNTRY) if rng.random() < 0.6 else self._sand(rng)
        line = shapes.bend(rng, angle, rng.uniform(0, 25), rng.uniform(200, 700), rng.uniform(-50, 50))
        inland = np.array([-math.sin(angle), math.cos(angle)])
        strip = rng.uniform(12, 90)
        image.paste(self._sand(rng), (0, 0), shapes.half(line, inland * strip, -inland))
        image.paste(self._water(rng, SEA), (0, 0), shapes.half(line, inland * 0, -inland))
        for _ in range(int(rng.integers(0, 4))):  # surf
            away = -inland * rng.uniform(0, 40)
            foam = shapes.stroke([(x + away[0], y + away[1]) for x, y in line], rng.uniform(1, 7))
            noise = Image.fromarray((rng.random((SIDE, SIDE)) * 255).astype(np.uint8))
            ragged = noise.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 3)))
            ragged = ragged.point(lambda value: 255 if value > 118 else 60)
            image.paste(shapes.flat((236, 240, 238), rng, 6), (0, 0), ImageChops.multiply(foam, ragged))
        return shapes.tinted(image, rng, 0.08)

    def freeway(self, rng: np.random.Generator) -> Image.Image:
        """A freeway through a city or fields, without a crossing."""
        image = self._land(rng, CITY if rng.random() < 0.6 else COUNTRY)
        course = shapes.bend(
            rng, rng.uniform(0, 2 * math.pi), rng.uniform(0, 30), rng.uniform(300, 900), rng.uniform(-30, 30)
        )
        width = rng.uniform(7, 26)
        self._carriageways(image, course, width, rng, _road_colour(rng))
        return shapes.tinted(image, rng, 0.1)

    def interchange(self, rng: np.random.Generator) -> Image.Image:
        """Two or three freeways that cross, with loops and ramps of a cloverleaf."""
        image = self._land(rng, CITY if rng.random() < 0.6 else COUNTRY)
        middle = 128 + rng.uniform(-28, 28, 2)
        one = rng.uniform(0, 2 * math.pi)
        two = one + math.radians(rng.uniform(45, 135))
        width, colour = rng.uniform(6, 20), _road_colour(rng)
        ramp = max(2.0, width * rng.uniform(0.25, 0.5))
        if rng.random() < 0.7:  # the ground between the ramps is grass or bare
            ground = shapes.vary((96, 108, 70) if rng.random() < 0.7 else (150, 138, 114), 25, rng)
            radius = rng.uniform(40, 105)
            mask = shapes.shape(lambda pen: pen.ellipse(shapes.box(middle, radius), fill=255))
            mask = ImageChops.multiply(mask, Image.new("L", mask.size, int(rng.uniform(140, 255))))
            image.paste(shapes.flat(ground, rng, 10), (0, 0), mask)
        self._ramps(image, middle, (one, two), width, ramp, colour, rng)
        roads = [one, two, *([rng.uniform(0, 2 * math.pi)] if rng.random() < 0.25 else [])]
        for number, angle in enumerate(roads):
            swing = rng.uniform(0, 25)
            course = shapes.bend(rng, angle, swing, rng.uniform(300, 700), 0, middle)
            if number:  # the road above throws a shadow
                shadow = shapes.stroke([(x + 2, y + 2) for x, y in course], width * 1.1)
                dark = ImageChops.multiply(shadow, shapes.near(middle, width * 2.2))
                image.paste(shapes.flat((40, 42, 44), rng, 4), (0, 0), dark)
            self._carriageways(image, course, width * rng.uniform(0.8, 1.2), rng, colour)
        return shapes.tinted(image, rng, 0.1)

    def _ramps(
        self, image: Image.Image, middle: Vector, roads: tuple[float, float], width: float, ramp: float,
        colour: Colour, rng: np.random.Generator,
    ) -> None:  # fmt: skip
        """Draw loops and ramps into the four corners between two roads."""
        one, two = roads
        corners = [(one, two), (two, one + math.pi), (one + math.pi, two + math.pi), (two + math.pi, one)]
        reach = rng.uniform(50, 115)
        for a, b in corners:
            a_way, b_way = np.array([math.cos(a), math.sin(a)]), np.array([math.cos(b), math.sin(b)])
            half = math.acos(float(np.clip(a_way @ b_way, -1, 1))) / 2
            bisector = (a_way + b_way) / np.linalg.norm(a_way + b_way)
            if rng.random() < 0.6:  # a loop, which touches both roads
                radius = rng.uniform(0.16, 0.32) * reach
                centre = middle + bisector * (radius + width * 0.4) / max(math.sin(half), 0.3)
                ring = shapes.shape(
                    lambda pen, c=centre, r=radius: pen.ellipse(  # type: ignore[misc]
                        shapes.box(c, r), outline=255, width=max(1, round(ramp * FINE))
                    )
                )
                image.paste(shapes.flat(colour, rng, 6), (0, 0), ring)
            if rng.random() < 0.75:  # a ramp from road to road
                start, end = middle + a_way * reach, middle + b_way * reach
                control = middle + bisector * rng.uniform(0.25, 0.6) * reach
                curve = [
                    tuple((1 - t) ** 2 * start + 2 * t * (1 - t) * control + t * t * end)
                    for t in np.linspace(0, 1, 16)
                ]
                image.paste(shapes.flat(colour, rng, 6), (0, 0), shapes.stroke(curve, ramp))

    def harbor(self, rng: np.random.Generator) -> Image.Image:
        """A bay with a quay, piers with boats, and the town behind."""
        image = self._land(rng, CITY)
        angle = rng.uniform(0, 2 * math.pi)
        along = np.array([math.cos(angle), math.sin(angle)])
        inland = np.array([-along[1], along[0]])
        line = shapes.bend(rng, angle, rng.uniform(0, 20), rng.uniform(200, 600), rng.uniform(-40, 60))
        image.paste(self._water(rng, SEA), (0, 0), shapes.half(line, inland * 0, -inland))
        quay = shapes.vary((176, 172, 162), 25, rng)
        image.paste(shapes.flat(quay, rng, 6), (0, 0), shapes.stroke(line, rng.uniform(1, 7)))
        start = np.array(line[len(line) // 2])
        turn = -math.degrees(angle)
        for _ in range(int(rng.integers(1, 5))):
            if rng.random() < 0.6:  # a basin: a photo of a harbor, shrunk, beside the quay
                side = int(rng.uniform(28, 110))
                basin = shapes.shrunk(self._photo("harbor", rng), side)
                mask = Image.new("L", basin.size, 255)
                basin, mask = (each.rotate(turn, expand=True) for each in (basin, mask))
                at = start + along * rng.uniform(-110, 110) - inland * side * rng.uniform(0.4, 0.8)
                image.paste(basin, (round(at[0] - basin.width / 2), round(at[1] - basin.height / 2)), mask)
            else:  # a pier or mole with boats beside it
                foot = start + along * rng.uniform(-110, 110)
                head = foot - inland * rng.uniform(30, 120)
                pier = [tuple(foot), tuple(head)]
                if rng.random() < 0.4:
                    pier.append(tuple(head + along * rng.uniform(-70, 70)))
                image.paste(shapes.flat(quay, rng, 6), (0, 0), shapes.stroke(pier, rng.uniform(2, 6)))
                self._boats(image, foot, head, along, rng)
        return shapes.tinted(image, rng, 0.08)

    def _boats(
        self, image: Image.Image, foot: Vector, head: Vector,
        along: Vector, rng: np.random.Generator,
    ) -> None:  # fmt: skip
        length, every = rng.uniform(3, 9), rng.uniform(2.5, 5)

        def draw(pen: ImageDraw.ImageDraw) -> None:
            for share in np.arange(0.15, 1, every / max(float(np.linalg.norm(head - foot)), 1)):
                for sign in (-1, 1):
                    if rng.random() < 0.75:
                        a = foot + share * (head - foot) + sign * along * 3
                        b = a + sign * along * length
                        pen.line(
                            [tuple(FINE * a), tuple(FINE * b)], fill=255, width=round(FINE * every * 0.5)
                        )

        image.paste(shapes.flat((226, 228, 228), rng, 14), (0, 0), shapes.shape(draw))

    def _carriageways(
        self, image: Image.Image, course: list[Point], width: float, rng: np.random.Generator, colour: Colour
    ) -> None:
        """Draw a road of two directions with what is between them."""
        image.paste(shapes.flat(colour, rng, 7), (0, 0), shapes.stroke(course, width))
        between = shapes.vary((110, 116, 84) if rng.random() < 0.5 else (196, 192, 182), 20, rng)
        image.paste(
            shapes.flat(between, rng, 5),
            (0, 0),
            shapes.stroke(course, max(0.8, width * rng.uniform(0.05, 0.25))),
        )

    def _land(self, rng: np.random.Generator, classes: Sequence[str]) -> Image.Image:
        """A background: fields, or photos of one to four classes, shrunk, side by side, at any angle."""
        known = [name for name in classes if name in self._members] or list(self._members)
        if "agricultural" in known and rng.random() < 0.3:
            return self.fields(rng)
        chosen = [str(name) for name in rng.choice(known, int(rng.integers(1, 5)))]
        side = int(rng.uniform(30, 128))
        canvas = Image.new("RGB", (WIDE, WIDE))
        few = [self._photo(name, rng) for name in chosen for _ in range(3)]
        tiles = [shapes.shrunk(photo, side) for photo in few]
        for x in range(0, WIDE, side):
            for y in range(0, WIDE, side):
                tile = tiles[int(rng.integers(len(tiles)))]
                canvas.paste(tile.transpose(Image.Transpose(int(rng.integers(7)))), (x, y))
        return shapes.turned(canvas, rng)

    def _photo(self, label: str, rng: np.random.Generator) -> Image.Image:
        members = self._members.get(label) or next(iter(self._members.values()))
        return self._images[members[int(rng.integers(len(members)))]]

    def _sand(self, rng: np.random.Generator) -> Image.Image:
        return shapes.flat(shapes.vary(SAND[int(rng.integers(len(SAND)))], 14, rng), rng, 9)

    def _water(self, rng: np.random.Generator, colours: Sequence[Colour]) -> Image.Image:
        """Water of one colour that changes slowly, with fine waves."""
        colour = shapes.vary(colours[int(rng.integers(len(colours)))], 16, rng)
        return shapes.flat(colour, rng, rng.uniform(2, 9))


def _road_colour(rng: np.random.Generator) -> Colour:
    grey = int(rng.uniform(90, 205))
    return shapes.vary((grey, grey, grey - 6), 8, rng)
