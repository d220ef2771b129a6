"""Every text that people read, in English."""

TEXTS: dict[str, str] = {
    # The classes of UC Merced, which runs their names together.
    "class.agricultural": "agricultural",
    "class.airplane": "airplane",
    "class.baseballdiamond": "baseball diamond",
    "class.beach": "beach",
    "class.buildings": "buildings",
    "class.chaparral": "chaparral",
    "class.denseresidential": "dense residential",
    "class.forest": "forest",
    "class.freeway": "freeway",
    "class.golfcourse": "golf course",
    "class.harbor": "harbor",
    "class.intersection": "intersection",
    "class.mediumresidential": "medium residential",
    "class.mobilehomepark": "mobile home park",
    "class.overpass": "overpass",
    "class.parkinglot": "parking lot",
    "class.river": "river",
    "class.runway": "runway",
    "class.sparseresidential": "sparse residential",
    "class.storagetanks": "storage tanks",
    "class.tenniscourt": "tennis court",
}
