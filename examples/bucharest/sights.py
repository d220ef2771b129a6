"""What is to be seen at each place of places.csv, by the place's slug."""

from retrieval.errors import Message

SIGHTS = {
    "otopeni-apron": Message("airliners parked at the terminal"),
    "otopeni-runway": Message("a runway with its markings, between grass"),
    "lacul-morii": Message("a shore: still water against a bank; a hard bank, not sand"),
    "arena-nationala": Message("a stadium; no class is one, the baseball diamond comes closest"),
    "padurea-baneasa": Message("closed crowns of oaks and limes"),
    "vacaresti": Message("scrub, reeds and pools that grew in an unfinished reservoir"),
    "drumul-taberei": Message("long blocks of flats with trees between them"),
    "bucurestii-noi": Message("houses wall to wall on a grid of narrow streets"),
    "pipera": Message("detached houses with small gardens"),
    "corbeanca": Message("villas on wide plots at the edge of fields"),
    "cet-sud": Message("round tanks beside a power station"),
    "grivita": Message("a rail yard; no class is one, rows of vehicles come closest"),
    "a0-a1": Message("a junction of two motorways, with a bridge and ramps"),
    "a1": Message("a motorway with two carriageways"),
    "universitate": Message("a crossing of two boulevards, with lane markings"),
    "splaiul-unirii": Message("a river between straight quays"),
    "herastrau": Message("small boats at a landing stage"),
    "arenele-bnr": Message("clay courts in a row"),
    "clubul-diplomatilor": Message("greens and bunkers of a small golf course"),
    "baneasa-shopping-city": Message("rows of cars beside a shopping centre"),
    "campuri-berceni": Message("long narrow fields"),
}
