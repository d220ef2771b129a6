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
    # How a file is read: retrieval/images.py.
    "image.accepted": "JPEG, PNG, WebP, AVIF, TIFF, BMP or GIF",
    "image.animation": "This is an animation: only the first picture was searched.",
    "image.document": "This is a document of several pages: only the first picture was searched.",
    "image.empty": "This file is empty: choose another one.",
    "image.this_file": "This file",
    "image.file": "The file {name}",
    "image.unreadable": "The file {name} cannot be read ({reason}): choose another one.",
    "image.too_many_bytes": (
        "{file} has {size:.1f} MB, and at most {most} MB are read: save it smaller, or as JPEG."
    ),
    "image.far_too_large": "This image has far more than {most} megapixels: crop it or scale it down first.",
    "image.too_large": (
        "This image has {width} x {height} pixels ({size:.0f} megapixels), and at most {most} megapixels are "
        "read: crop it or scale it down first."
    ),
    "image.no_pixels": "This image has no pixels: choose another one.",
    "image.heic": "This is a HEIC photo, which is not read here: export it as {accepted}.",
    "image.but_pdf": "This is not an image but a PDF document: take a screenshot of the page.",
    "image.but_svg": "This is not an image but an SVG drawing: export it as PNG.",
    "image.but_xml": "This is not an image but an XML or SVG document: export it as PNG.",
    "image.but_zip": "This is not an image but a ZIP archive: unpack it and choose one image.",
    "image.but_html": "This is not an image but a web page: save the picture itself.",
    "image.damaged": "This image is damaged or cut off: download or export it again, or choose another one.",
    "image.damaged_format": (
        "This {format} image is damaged or cut off: download or export it again, or choose another one."
    ),
    "image.damaged_or_rare": (
        "This image is damaged or cut off, or of a rare kind that is not read here: export it again as JPEG "
        "or PNG, or choose another one."
    ),
    "image.unknown": "This is not an image that can be read: choose a {accepted} file.",
    # How much ground a pixel shows: retrieval/scale.py, screenshot.py and reading.py.
    "scale.ratio": (
        "A pixel ratio of {ratio:g} is no screen's: give one between {least:g} and {most:g}, such as 1 for "
        "most monitors."
    ),
    "scale.bar": "A scale bar needs two lengths above zero: what it says in metres, and its pixels.",
    "scale.height": "The scale needs a zoom, or the view's height in metres and in pixels: give both.",
    "scale.latitude": (
        "Maps go from latitude -{most} to {most} degrees, and this is {latitude:g}: give the latitude of the "
        "place that the screenshot shows."
    ),
    "scale.longitude": (
        "Longitudes go from -180 to 180 degrees, and this is {longitude:g}: copy the address again."
    ),
    "scale.zoom": "Maps have zooms from 0 to {most}, and this is {zoom:g}: give the zoom of the screenshot.",
    "scale.no_latitude": "A zoom needs a latitude too: 44.43 for Bucharest, 0 at the equator.",
    "scale.not_positive": "The scale has to be a number of metres per pixel above 0.",
    "scale.too_coarse": (
        "This picture is too coarse: a pixel shows {metres:.2g} m of ground, {times:.0f} times as much as in "
        "the photos of the collection, so houses, trees and cars are gone. Zoom in until you can make out "
        "single cars (zoom 18 to 20), and take the screenshot there."
    ),
    # The link of a map: retrieval/maplinks.py.
    "link.empty": "There is no link yet: paste the address of the map from your browser.",
    "link.too_long": "This has {count:,} characters, too many for a link: paste the address alone.",
    "link.none": (
        "This is not a link: paste the whole address of the map, such as "
        "https://www.google.com/maps/@44.43,26.1,19z, or write latitude, longitude and zoom."
    ),
    "link.shortened": (
        "This is a shortened link, which says nothing by itself: open it, and copy the long address."
    ),
    "link.google_earth": (
        "Google Earth's links have no zoom: open the place in Google Maps, and copy the address there."
    ),
    "link.unknown": (
        "{host} is not a map that is understood here: use a link of {others} or {last}, or give the zoom and "
        "the latitude yourself."
    ),
    "link.street_view": (
        "This is a Street View link, a look from the ground: close Street View, and copy the map's link."
    ),
    "link.tilted_google": (
        "This link shows a tilted view, whose scale changes across the picture: press its 2D button, or hold "
        "Ctrl and drag until you look straight down, and copy the address again."
    ),
    "link.tilted_bing": (
        "This link shows a tilted view, whose scale changes across the picture: choose Aerial and copy the "
        "address again."
    ),
    "link.no_place": (
        "This {service} link does not say which place it shows: move the map a little, wait until its "
        "address changes, and copy it again."
    ),
    "link.no_zoom": (
        "This {service} link says the place, at latitude {latitude:g}, but not the zoom: give the zoom "
        "yourself."
    ),
    "link.height": "No map shows {height:g} metres from top to bottom: copy the address again.",
    # The download of a collection's photos: retrieval/photos.py.
    "photos.unreached": (
        "The photos could not be downloaded from {hub} ({reason}). Try again later: it goes on where it "
        "stopped."
    ),
    "photos.wrong_file": (
        "The downloaded {file} is not the expected file (SHA-256 {found}…, expected {expected}…). It was "
        "removed: try again."
    ),
    "photos.not_unpacked": "The downloaded {file} could not be unpacked ({reason}).",
    "photos.none_inside": "it has no photos in {folder}",
}
