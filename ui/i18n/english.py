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
    # What a link asks for.
    "question.empty": "This link does not say which photo is looked for.",
    "question.gone": "The photo of this link is no longer here: what visitors bring is deleted within two hours. Drop it again.",
    "question.no_class": "There is no class '{label}' in {collection}.",
    "question.no_collection": "There is no collection '{name}': choose one of {names}.",
    "question.no_number": "In this link, {name} is '{value}', and has to be a number.",
    "question.no_photo": "There is no photo '{id}' in {collection}.",
    "question.too_many": "This link names too many photos: {most} at most.",
    # How an image was read.
    "note.middle": "Of these {width} x {height} pixels, the square in the middle was searched.",
    "note.square": "Of the screenshot, the square from ({left}, {top}) to ({right}, {bottom}) was searched.",
    # The lines above the neighbours.
    "stage.decode": "decode",
    "stage.embed": "embed",
    "stage.search": "search",
    "summary.one": "**The neighbour is {label}**",
    "summary.vote": "**{count} of {k} neighbours are {label}**",
    "summary.nothing": "**No photo is left: allow more classes, or a larger distance**",
    "summary.distance": "distance {nearest:.3f} to {farthest:.3f}",
    "summary.searched": "{count:,} images searched in {total} ms",
    "summary.duplicate": "One near-duplicate is hidden.",
    "summary.duplicates": "{count} near-duplicates are hidden.",
    "novelty.unlike": "**This resembles nothing in {collection}.** What follows is only the least unlike: the nearest is at {nearest:.3f}, and 99 of 100 photos that belong here find one within {threshold:.3f}.",
    "novelty.far": "**None of these is near.** The nearest is at {nearest:.3f}; of what is alike, 99 of 100 are within {threshold:.3f}.",
    "novelty.unusual": "It is an unusual query: {novelty:.0%} of photos that belong here find a nearer neighbour.",
    "query.together": "{count} photos, looked for together.",
    "query.stored": "**{id}**, {label}: a photo of the collection.",
    "query.marks": "With {marks}.",
    "query.right": "one marked right",
    "query.rights": "{count} marked right",
    "query.wrong": "one marked wrong",
    "query.wrongs": "{count} marked wrong",
    "trail.together": "several photos",
    "trail.brought": "your photo",
    "share.stored": "This link brings back this search for as long as the page has these photos.",
    "share.brought": "This link works until {until} UTC, or until the page restarts: then your photo is gone. Until then, whoever has the link sees it.",
    "photos.all_missing": "The {total:,} photos of {collection} are not on the computer that serves this page: results show a blurred preview with the class and the id instead.",
    "photos.some_missing": "{missing:,} of the {total:,} photos of {collection} are not on the computer that serves this page: results show a blurred preview with the class and the id instead.",
    "photos.offer": "They can be downloaded to it once ({megabytes:.0f} MB) and are kept there.",
    "sheet.query": "query",
    # A grid of photos.
    "grid.follow": "Search with this photo",
    "grid.right": "Right",
    "grid.wrong": "Wrong",
    "grid.why": "Why?",
    "grid.again": "Search again",
    "grid.clear": "Clear",
    "grid.marked": "{right} right, {wrong} wrong",
    "grid.neighbour": "{label}, distance {distance}",
    "grid.neighbours": "Neighbours, nearest first",
    "grid.photo": "{label}, {id}",
    # The trail.
    "trail.trail": "Trail of searches",
    "trail.start": "Start",
    "trail.back": "Back to the search before",
    "trail.forward": "Forward",
    "trail.random": "Random photo",
    "trail.random_long": "Random photo of the collection",
    "trail.share": "Share",
    "trail.share_long": "Share: copy a link to this search",
    "trail.address": "Link to this search",
    "trail.copied": "Copied.",
    "trail.copy": "Press Ctrl+C to copy it.",
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
    "upload.not_here": "This is not a file that was uploaded here: upload it first, and name the path that the upload answered.",
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
    # How much ground a pixel shows: retrieval/maps/scale.py, screenshot.py and reading.py.
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
    # The link of a map: retrieval/maps/links.py.
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
    # A screenshot, and what is searched of it: ui/panels/screenshot.py, ui/render/screenshots.py.
    "shot.advice": (
        "Open a satellite map, zoom in until you can make out single cars (zoom 18 to 20), and take the "
        "screenshot with the map's panels closed; copy its address too, which says the scale. A screenshot "
        "is used for your searches and their links alone, and deleted within two hours."
    ),
    "shot.label": "The screenshot. Arrow keys move the square.",
    "shot.link": "The map's link, for the exact scale",
    "shot.size": "Square, % of the shorter side",
    "shot.no_link": "No link? The zoom, or the scale bar",
    "shot.zoom": "Zoom",
    "shot.latitude": "Latitude",
    "shot.pixel_ratio": "Pixels of the screen per pixel of the map",
    "shot.ratio.unsaid": "judged by the picture's size",
    "shot.ratio.monitor": "1 (most monitors)",
    "shot.ratio.laptop": "2 (sharp laptops)",
    "shot.ratio.phone": "3 (phones)",
    "shot.bar_metres": "Scale bar, m",
    "shot.bar_pixels": "and in pixels",
    "shot.whole": "Map the whole screenshot",
    "shot.another": "Another picture",
    "shot.remove": "Remove",
    "shot.guess": (
        "**Scale: a guess.** At {each:.2g} m per pixel the neighbours agree best, so the square is taken for "
        "{metres:.0f} m. Paste the map's link to be sure. If you cannot make out single cars in it, as in a "
        "view of a whole town from space, it is far too coarse: zoom in to 18, 19 or 20."
    ),
    "shot.by_hand": (
        "**Scale: by your hand.** The square is taken for {metres:.0f} m, which makes {each:.2g} m per pixel."
    ),
    "shot.scale": "**Scale: {each:.2g} m per pixel**, {source}.",
    "shot.source.link": "from the map's link",
    "shot.source.zoom": "from the zoom",
    "shot.source.bar": "from the scale bar",
    "shot.source.file": "from the file itself",
    "shot.as_photos": "The square shows {metres:.0f} m of ground, as the collection's photos do.",
    "shot.unlike_photos": (
        "The square shows {metres:.0f} m of ground; the collection's photos show {photo:.0f} m."
    ),
    "shot.ratio.assumed": "By its size, this is of a screen with {ratio:g} pixels for one of the map.",
    "shot.not_satellite": (
        "The link opens the street map: switch to satellite before you take the screenshot."
    ),
    "shot.covered": "Buttons or labels cover {share:.0%} of the square: move it to a clear place.",
    "shot.too_near": (
        "This screenshot shows only {metres:.0f} m, and a photo of the collection {photo:.0f} m: zoom out a "
        "step for better neighbours."
    ),
    "shot.coarse": (
        "A pixel shows {times:.1f} times as much ground as in the collection's photos: zoom in, to 18 or 19, "
        "for better neighbours."
    ),
    "shot.unlike_at_any_scale": "At none of the scales that were tried does this look like the collection.",
    "furniture.kind.street_map": (
        "This looks like a street map, which shows no photos: switch the map to satellite."
    ),
    "furniture.kind.blank": (
        "This looks like a map without imagery: zoom out a step, or move, until it shows photos."
    ),
    "furniture.kind.covered": (
        "This looks like a page of text and buttons: take the screenshot of the map alone."
    ),
    # The tab for a whole screenshot: ui/panels/land_use.py, ui/render/screenshots.py and landuse.py.
    "tiles.covered": "Buttons, panels and labels cover all of this screenshot: close them first.",
    "tiles.too_small": (
        "This screenshot shows {width:.0f} x {height:.0f} m, which is less than one tile of 78 m: zoom out a "
        "little, or check the scale."
    ),
    "tiles.too_many": (
        "This screenshot shows too much ground for tiles of 78 m ({count:,} of them): zoom in, or check the "
        "scale."
    ),
    "whole.none_yet": "All of a screenshot of a map can be mapped here. Search with one first, your own or a drawn stand-in from the tab 'Search', and press 'Map the whole screenshot' under it.",
    "whole.show": "Show",
    "whole.land_use": "Land use",
    "whole.find_more": "Find more of this",
    "whole.picture": "Picture alone",
    "whole.label": "The whole screenshot, mapped",
    "whole.cutting": "cutting tiles",
    "whole.unit": "tiles",
    "whole.click_anywhere": "**Click anywhere** to see which photos of the collection that place looks like.",
    "whole.click_a_place": "**Click a place** to find more of it:",
    "whole.alike": "{alike:.1f} of {seen:.1f} ha look like the marked square.",
    "whole.unlike": "like nothing in the collection",
    "whole.caption": "{hectares:.1f} ha by the nearest photos of {collection}",
    "whole.class": "class",
    "whole.area": "area",
    "whole.share": "share",
    "whole.tiles": "{count} tiles of {tile:.0f} m, in cells of {cell:.0f} m.",
    "whole.hidden": "Buttons and labels hide {hectares:.1f} ha more.",
    "whole.finer": (
        "It knows the collection's classes only, and a street between two blocks is finer than a cell."
    ),
    "whole.same": "the same, 0",
    "whole.distance": "Distance to the marked square; what is farther has no colour.",
    "whole.novel": "**The marked square resembles nothing in {collection}.** The nearest, at {distance:.3f}:",
    "whole.voted": "**The marked square: {label}**, say {count} of its {total} nearest photos.",
    # Places to try, and screenshots to click: ui/panels/map_examples.py.
    "place.examples": "Screenshots of a map: drawn stand-ins, and photos of Bucharest",
    "place.drawn": "Drawn stand-in for {name}, zoom {zoom}",
    "place.title": "Bucharest: places to try",
    "place.how": (
        "Open a place on a web map, take a screenshot, and drop it here with the map's link. Or download it "
        "from Romania's national orthophoto, when that service answers."
    ),
    "place.choose": "Place",
    "place.fetch": "Download its orthophoto",
    "place.none_chosen": "Choose a place first.",
    "place.here_already": "{name} is here already: its button is above.",
    "place.asking": "asking for {name}",
    "place.here": "{name} is here: its button is above. {source}, CC BY 4.0.",
    "place.open": "open the map at",
    "place.look_for": "look for",
    # What is to be seen at each place of examples/bucharest/places.csv, by its slug.
    "place.at.otopeni-apron": "airliners parked at the terminal",
    "place.at.otopeni-runway": "a runway with its markings, between grass",
    "place.at.lacul-morii": "a shore: still water against a bank; a hard bank, not sand",
    "place.at.arena-nationala": "a stadium; no class is one, the baseball diamond comes closest",
    "place.at.padurea-baneasa": "closed crowns of oaks and limes",
    "place.at.vacaresti": "scrub, reeds and pools that grew in an unfinished reservoir",
    "place.at.drumul-taberei": "long blocks of flats with trees between them",
    "place.at.bucurestii-noi": "houses wall to wall on a grid of narrow streets",
    "place.at.pipera": "detached houses with small gardens",
    "place.at.corbeanca": "villas on wide plots at the edge of fields",
    "place.at.cet-sud": "round tanks beside a power station",
    "place.at.grivita": "a rail yard; no class is one, rows of vehicles come closest",
    "place.at.a0-a1": "a junction of two motorways, with a bridge and ramps",
    "place.at.a1": "a motorway with two carriageways",
    "place.at.universitate": "a crossing of two boulevards, with lane markings",
    "place.at.splaiul-unirii": "a river between straight quays",
    "place.at.herastrau": "small boats at a landing stage",
    "place.at.arenele-bnr": "clay courts in a row",
    "place.at.clubul-diplomatilor": "greens and bunkers of a small golf course",
    "place.at.baneasa-shopping-city": "rows of cars beside a shopping centre",
    "place.at.campuri-berceni": "long narrow fields",
    # What goes wrong with a map service: examples/bucharest.
    "map.late": (
        "{service} has not answered in full within {seconds:g} s: try again later, or wait longer with "
        "--timeout."
    ),
    "map.unreached": (
        "{service} cannot be reached, or the connection broke ({reason}): check the address and the network, "
        "and try again."
    ),
    "map.too_many_bytes": (
        "{service} sent more than {most} MB, which no photo of this size has: check the --endpoint."
    ),
    "map.refused": "{service} refuses: '{reason}'. Check the --layer, or try again later.",
    "map.no_reason": "no reason given",
    "map.error": "{service} answers with the error {reason}: try again later, or check the --endpoint.",
    "map.no_map": "{service} sent something that is no map: try again later, or another --layer.",
    "map.no_image": "{service} sent {sent} instead of an image: try again later, or check the --endpoint.",
    "map.no_kind": "a file of no kind",
    "map.no_service": "{service} does not answer as a web map service (WMS): check the --endpoint.",
    "map.no_layer": "{service} has no layer '{layer}'; it has {known}: name one with --layer.",
    "map.none": "none",
    "map.no_system": (
        "{service} has no layer that can be asked for in {systems}: name another layer or service with "
        "--layer or --endpoint."
    ),
    "map.no_format": (
        "{service} offers neither PNG nor JPEG, but {formats}: name another service with --endpoint."
    ),
    "map.nothing": "nothing",
    "map.not_ours": "{file} was not downloaded from here, so it is kept: give it another name.",
    "map.unusable": "{service} sent an image that cannot be used. {reason}",
    "map.other_format": "{service} sent an image that is neither PNG nor JPEG: try another --endpoint.",
    "map.other_size": (
        "{service} sent an image of {width} x {height} pixels instead of {wanted} x {wanted}: try another "
        "--layer or --endpoint."
    ),
    "map.empty": (
        "the orthophoto has nothing here: {service} sent an empty image. Correct the coordinates, or try "
        "another --layer."
    ),
    "map.unwritable": (
        "{file} cannot be written ({reason}): make room, or choose another folder with --folder."
    ),
    # The download of a collection's photos: retrieval/collections/photos.py.
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
    # How good the search is: ui/render/scorecard.py and charts.py. (Formats refuse a text for a number.)
    "scorecard.unmeasured": "How well {collection} is searched has not been measured yet.",
    "scorecard.unreadable": "The results in the manifest of {collection} cannot be read: measure them again.",
    "scorecard.untrained": "These are the initial weights: they have not been trained on aerial photos yet.",
    "scorecard.headline.test-train.P@1": (
        "of {count:,} photos that the model never saw find a photo of their own kind first"
    ),
    "scorecard.headline.test-train.P@10": (
        "of the ten photos that such a photo finds first are of its own kind"
    ),
    "scorecard.headline.shift-train.P@1": (
        "of {count:,} photos of another data set find their own kind first: other cities, seasons and scales"
    ),
    "scorecard.before_training": "before training {value}",
    "scorecard.before": "before {value}",
    "scorecard.interval": "95 % interval {interval} %",
    "scorecard.measures": "The measures",
    "scorecard.one_measure": "measure",
    "scorecard.measure.P@1": "how often the first neighbour is of the query's class",
    "scorecard.measure.P@10": "the share of the ten nearest that is of the query's class",
    "scorecard.measure.mAP": "mean average precision: 1 when all photos of the class come before all others",
    "scorecard.measure.ANMRR": "how far down the photos of the class come: 0 is best, 1 is worst",
    "scorecard.protocol.test-train": "Test photos",
    "scorecard.protocol.test-test": "Among themselves",
    "scorecard.protocol.shift-train": "Another data set",
    "scorecard.searched.test-train": "{queries:,} in {gallery:,} training photos",
    "scorecard.searched.test-test": "each of {queries:,} in the others",
    "scorecard.searched.shift-train": "{queries:,} in {gallery:,} training photos",
    "scorecard.shift_photos": "Photos of another data set",
    "scorecard.each": "Each figure",
    "scorecard.each_with": "Each figure with {what}",
    "scorecard.its_interval": "its 95 % interval",
    "scorecard.its_before": "what it was before training",
    "scorecard.and": " and ",
    "scorecard.by_class": "Class by class",
    "scorecard.weakest_first": "Mean average precision of each class, the weakest first.",
    "scorecard.mistaken": "What is mistaken for what",
    "scorecard.limits": "What it cannot do",
    "scorecard.limits.test": (
        "The test photos are of the same data set as those it learned from. With {count} of each class, one "
        "photo more or less moves the P@1 of a class by {points:.0f} points."
    ),
    "scorecard.limits.shift": (
        "Photos from elsewhere are found less well: {share} find their own class first. Weakest there: "
        "{classes}."
    ),
    "scorecard.limits.classes": (
        "It knows no other kinds of place than the collection's, and always answers with the nearest: look "
        "at the distance, and at the photo, before you believe a class."
    ),
    "scorecard.limits.place": "It says what looks alike. It does not say where a photo was taken, nor when.",
    "scorecard.trained": "How it was trained",
    "scorecard.not_said": "The manifest does not say.",
    "scorecard.yes": "yes",
    "scorecard.no": "no",
    "scorecard.licence": "Licence",
    "chart.class": "class",
    "chart.photo_of": "a photo of",
    "chart.first_finds": "first finds",
    "chart.photos": "photos",
    "chart.count_of": "{count:,} of {of:,}",
    "chart.more_pairs": "And {count:,} in other pairs of classes.",
    "chart.no_mistake": "{photos}: no first neighbour is of another class.",
    "chart.first_neighbours": (
        "The first neighbour of {total:,} test photos: {right:,} are of the photo's own class, {wrong:,} are "
        "of another."
    ),
    "chart.how_to_read": (
        "Rows: the photo's class; columns: its first neighbour's, by number. Green is right, the stronger "
        "the more often; a number counts mistakes."
    ),
    # The page.
    "page.title": "Aerial Image Retrieval",
    "page.introduction": "Drop an aerial photo, or a screenshot of a satellite map, and see the photos of a collection that look most like it, nearest first. Your photo is only used for the search and deleted within two hours.",
    "tab.search": "Search",
    "tab.browse": "Browse",
    "tab.whole": "Whole map",
    "tab.scorecard": "How good is it?",
    "tab.wrong": "Why is it wrong?",
    "query.label": "Query",
    "query.alt": "The photo that was searched for",
    "query.placeholder": "# Drop a photo here\nor click to choose one",
    "search.waiting": "Drop a photo anywhere, paste one with Ctrl+V, or choose an example: the search starts by itself. Several photos at once are looked for together. Or start from a photo of the collection:",
    "search.start": "Photos to start from, one of each class",
    "search.our_fault": "The search failed, and your photo is not to blame: try again, or tell who runs this page.",
    "search.too_many": "Only the first {most} photos were looked for.",
    "search.keys": "Keys: arrows move between the photos, Enter searches with one, W asks why, + and - mark it, / goes to the class filter, Esc closes.",
    "search.still": "You still see the search before it.",
    "shot.gone": "This screenshot is no longer on the server, which deletes them within two hours: drop it again.",
    "photos.download": "Download the photos",
    "photos.asking": "asking for the photos",
    "photos.megabytes": "{done:.0f} of {total:.0f} MB",
    "examples.label": "Examples (drawn by this project)",
    "examples.one": "Example: {label}",
    # What may be an answer.
    "refine.choice": "{title} ({count:,})",
    "refine.collection": "Search in",
    "refine.refine": "Refine",
    "refine.k": "Neighbours",
    "refine.farthest": "Largest distance ({most}, the most there is: no limit)",
    "refine.classes": "Only these classes (none: all)",
    "refine.distinct": "Hide near-duplicates",
    # Browse.
    "browse.collection": "Collection",
    "browse.class": "Class",
    "browse.every": "one photo of each class",
    "browse.map": "Every photo is a dot, and near is similar. Point at a dot to see its photo, click it to keep it in view and search with it; zoom with the wheel, two fingers or the buttons.",
    "browse.one_class": "{count} photos of the class {label}. Click one to search with it.",
    "browse.all_classes": "One photo of each of {count} classes. Click one to search with it, or choose a class.",
    "atlas.map": "Map of the collection: every photo is a dot, near is similar. Arrow keys move it, plus and minus zoom, 0 shows all. The same photos are in the grid by class.",
    "atlas.query": "query",
    "atlas.follow": "Search with it",
    "atlas.in": "Zoom in",
    "atlas.out": "Zoom out",
    "atlas.all": "Show all",
    "atlas.none": "This collection has no map yet: 'python -m train map' makes one.",
    "others.title": "**Or go on to another kind.** The nearest photos of classes that are not among the neighbours, one of each:",
    "others.name": "The nearest of other classes",
    # Understand the result.
    "understand.title": "Understand the result",
    "understand.map": "**Where it lies.** The query on the map of the collection, with its neighbours ringed; it is put between the photos that are nearest to it.",
    "save.title": "Save and table",
    "save.csv": "Download CSV",
    "save.json": "Download JSON",
    "save.png": "Download contact sheet (PNG)",
    "table.rank": "rank",
    "table.distance": "distance",
    "table.class": "class",
    "table.id": "id",
    "table.file": "file",
    "chart.threshold": "if the first is beyond {threshold:.2f}, nothing is alike",
    "chart.rank": "rank",
    "chart.distances": "The {count} nearest, in growing order: {nearest:.3f} to {farthest:.3f}.",
    "chart.legend": "Dots are {label}, crosses other classes; what is shaded is not shown above.",
    "chart.count": "photos",
    "chart.histogram": "What the {count} neighbours are",
    "chart.within": "same class",
    "chart.between": "different classes",
    "chart.distance": "distance",
    "chart.pairs": "Where this distance lies among those of pairs of one class and of pairs of two classes",
    # Why is it alike?
    "why.title": "Why {id}?",
    "why.query": "The query",
    "why.brought": "Your photo",
    "why.one_of": "Of your photos, the nearest to it",
    "why.stored": "The query: {id}",
    "why.place": "{rank} of {count}",
    "why.distance": "Their distance is {distance:.3f}; 0 would be the same.",
    "why.ranks": "Of pairs of one class in this collection {within:.1f} % are nearer than these two, of pairs of different classes {between:.1f} %.",
    "why.learned": "The network learned from these photos, so they lie nearer to their own kind than new photos do.",
    "why.waiting": "Looking for what makes them alike …",
    "why.told": "Bright: what makes them alike. Dark: what adds little to it.",
    "why.no_photo": "The photos are not on the computer that serves this page, so that what makes them alike cannot be shown on them.",
    "why.toggle": "Show what makes them alike",
    "why.close": "Close",
    "why.before": "Neighbour before",
    "why.after": "Next neighbour",
    "why.follow": "Search with this photo",
    # Why is it wrong?
    "reasons.introduction": "The nearest photos are always shown, whether they are near or not. These are the reasons why they can look wrong, with what was measured of each.",
    "reasons.do": "What you can do:",
    "reasons.alike": "Some classes look alike",
    "reasons.alike.why": "The border between two classes is drawn by people. From above, a freeway and a runway are both grey strips, and houses stand close together here and closer there.",
    "reasons.alike.test": "Of {queries} test photos, {wrong} find a photo of another class first.",
    "reasons.alike.pairs": "Which ones",
    "reasons.alike.distances": "Half of the pairs of one class are within {median:.2f} of each other, nine in ten within {far:.2f}; of the pairs of two classes {share:.2f} % are that near.",
    "reasons.alike.do": "look at the distances rather than at the classes; mark what is right and what is wrong, and search again; or allow only some classes under 'Refine'.",
    "reasons.other": "Nothing in the collection is like it",
    "reasons.other.why": "The network was trained on a few kinds of places. A desert, a glacier or a cat is none of them, and finds the least unlike all the same.",
    "reasons.other.measured": "There are {classes} classes. From a distance of {threshold:.2f} on, the page says that nothing is alike: of {count} photos that do belong to the collection, one in a hundred is as far.",
    "reasons.other.do": "believe the page when it says so, and look at the distances in 'Understand the result'.",
    "reasons.elsewhere": "It comes from elsewhere",
    "reasons.elsewhere.why": "Roofs, fields, light and cameras differ from country to country and from season to season, and the collection is from cities of the United States.",
    "reasons.elsewhere.measured": "Of the data set's own test photos {here} find their own class first, of {queries} photos of another data set {there}. Weakest there: {weakest}.",
    "reasons.elsewhere.do": "search with several photos of the place at once: what is peculiar to one counts less.",
    "reasons.scale": "It shows another scale",
    "reasons.scale.why": "A photo of the collection shows 78 m of ground. From twice as high a car is half as long, and houses become a texture: the network has seen little of that.",
    "reasons.scale.do": "zoom your map to 18, 19 or 20, and give its link with the screenshot, so that the right piece of ground is searched.",
    "reasons.several": "It shows several things",
    "reasons.several.why": "One photo is one point among all others. A harbour with a car park beside it lies somewhere between the two, or with the one that fills more of it.",
    "reasons.several.do": "press '?' at a neighbour to see which part of your photo it resembles; crop your photo, or move the square on a screenshot.",
    "reasons.mixed": "The classes themselves are uneven",
    "reasons.mixed.why": "Each photo was given one class by hand, and some classes hold more kinds of places than others.",
    "reasons.mixed.measured": "The weakest class in the test is {label}, with a mean average precision of {value}; 1 would be faultless.",
    "reasons.mixed.do": "see 'How good is it?' for the figures of every class.",
}
