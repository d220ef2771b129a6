"""Every text that people read, in Romanian."""

TEXTS: dict[str, str] = {
    # The classes of UC Merced, which runs their names together.
    "class.agricultural": "teren agricol",
    "class.airplane": "avion",
    "class.baseballdiamond": "teren de baseball",
    "class.beach": "plajă",
    "class.buildings": "clădiri",
    "class.chaparral": "tufișuri (chaparral)",
    "class.denseresidential": "locuințe dense",
    "class.forest": "pădure",
    "class.freeway": "autostradă",
    "class.golfcourse": "teren de golf",
    "class.harbor": "port",
    "class.intersection": "intersecție",
    "class.mediumresidential": "locuințe medii",
    "class.mobilehomepark": "parc de rulote",
    "class.overpass": "pasaj rutier",
    "class.parkinglot": "parcare",
    "class.river": "râu",
    "class.runway": "pistă",
    "class.sparseresidential": "locuințe rare",
    "class.storagetanks": "rezervoare",
    "class.tenniscourt": "teren de tenis",
    # What a link asks for.
    "question.empty": "Acest link nu spune ce fotografie se caută.",
    "question.gone": "Fotografia acestui link nu mai este aici: fotografiile aduse se șterg în cel mult două "
    "ore. Adu-o din nou.",
    "question.no_class": "În {collection} nu există clasa „{label}”.",
    "question.no_collection": "Nu există colecția „{name}”: alege una dintre {names}.",
    "question.no_number": "În acest link, {name} este „{value}” și trebuie să fie un număr.",
    "question.no_photo": "În {collection} nu există fotografia „{id}”.",
    "question.too_many": "Acest link numește prea multe fotografii: cel mult {most}.",
    # How an image was read.
    "note.middle": "Din acești {width} x {height} pixeli s-a căutat cu pătratul din mijloc.",
    "note.square": "Din captură s-a căutat cu pătratul de la ({left}, {top}) la ({right}, {bottom}).",
    # The lines above the neighbours.
    "stage.decode": "decodare",
    "stage.embed": "vectorizare",
    "stage.search": "căutare",
    "summary.one": "**Vecinul este din clasa „{label}”**",
    "summary.vote": "**Vecini din clasa „{label}”: {count} din {k}**",
    "summary.nothing": "**Nu a rămas nicio fotografie: permite mai multe clase sau o distanță mai mare**",
    "summary.distance": "distanțe de la {nearest:.3f} la {farthest:.3f}",
    "summary.searched": "imagini comparate: {count:.0f}, în {total} ms",
    "summary.duplicate": "O fotografie aproape identică este ascunsă.",
    "summary.duplicates": "Fotografii aproape identice ascunse: {count}.",
    "novelty.unlike": "**Nu există nimic asemănător în {collection}.** Urmează doar ce diferă cel mai puțin: cea mai apropiată fotografie este la {nearest:.3f}, iar dintre cele care își au locul aici, 99 din 100 găsesc una la cel mult {threshold:.3f}.",
    "novelty.far": "**Niciuna nu e aproape.** Cea mai apropiată e la {nearest:.3f}; dintre cele care seamănă, 99 din 100 sunt la cel mult {threshold:.3f}.",
    "novelty.unusual": "Este o căutare neobișnuită: {novelty:.0%} din fotografiile care își au locul aici găsesc un vecin mai apropiat.",
    "query.together": "Fotografii căutate împreună: {count}.",
    "query.stored": "**{id}**, {label}: o fotografie din colecție.",
    "query.marks": "Marcate: {marks}.",
    "query.right": "una potrivită",
    "query.rights": "{count} potrivite",
    "query.wrong": "una nepotrivită",
    "query.wrongs": "{count} nepotrivite",
    "trail.together": "mai multe fotografii",
    "trail.brought": "fotografia ta",
    "share.stored": "Linkul readuce această căutare cât timp pagina are fotografiile ei.",
    "share.brought": "Linkul funcționează până la {until} UTC sau până repornește pagina: atunci fotografia ta dispare. Până atunci o vede oricine are linkul.",
    "photos.all_missing": "Fotografiile din {collection} ({total:.0f} în total) nu sunt pe calculatorul care servește pagina: rezultatele arată în schimb o variantă neclară, cu clasa și id-ul.",
    "photos.some_missing": "Unele fotografii din {collection} ({missing:.0f} din {total:.0f}) nu sunt pe calculatorul care servește pagina: rezultatele arată în schimb o variantă neclară, cu clasa și id-ul.",
    "photos.offer": "Pot fi descărcate pe el o singură dată ({megabytes:.0f} MB) și rămân acolo.",
    "sheet.query": "căutată",
    # A grid of photos.
    "grid.follow": "Caută cu această fotografie",
    "grid.right": "Potrivită",
    "grid.wrong": "Nepotrivită",
    "grid.why": "De ce?",
    "grid.again": "Caută din nou",
    "grid.clear": "Anulează",
    "grid.marked": "Potrivite: {right}, nepotrivite: {wrong}",
    "grid.neighbour": "{label}, distanța {distance}",
    "grid.neighbours": "Vecini, începând cu cel mai apropiat",
    "grid.photo": "{label}, {id}",
    # The trail.
    "trail.trail": "Șirul căutărilor",
    "trail.start": "Început",
    "trail.back": "Înapoi la căutarea precedentă",
    "trail.forward": "Înainte",
    "trail.random": "La întâmplare",
    "trail.random_long": "La întâmplare: caută cu o fotografie oarecare din colecție",
    "trail.share": "Distribuie",
    "trail.share_long": "Distribuie: copiază un link spre această căutare",
    "trail.address": "Linkul acestei căutări",
    "trail.copied": "Copiat.",
    "trail.copy": "Apasă Ctrl+C ca să îl copiezi.",
    # How a file is read: retrieval/images.py.
    "image.accepted": "JPEG, PNG, WebP, AVIF, TIFF, BMP sau GIF",
    "image.animation": "Aceasta este o animație: a fost căutată numai prima imagine.",
    "image.document": "Acesta este un document cu mai multe pagini: a fost căutată numai prima imagine.",
    "image.empty": "Fișierul este gol: alege altul.",
    "image.this_file": "Acest fișier",
    "image.file": "Fișierul {name}",
    "image.unreadable": "Fișierul {name} nu poate fi citit ({reason}): alege altul.",
    "image.too_many_bytes": (
        "{file} are {size:.1f} MB, iar limita este de {most} MB: salvează-l mai mic sau ca JPEG."
    ),
    "image.far_too_large": (
        "Imaginea are cu mult peste {most} MP (megapixeli): întâi decupeaz-o sau micșoreaz-o."
    ),
    "image.too_large": (
        "Imaginea are {width} x {height} pixeli ({size:.0f} MP), iar limita este de {most} MP (megapixeli): "
        "întâi decupeaz-o sau micșoreaz-o."
    ),
    "upload.not_here": "Acesta nu este un fișier încărcat aici: încarcă-l mai întâi și folosește calea primită la încărcare.",
    "image.no_pixels": "Imaginea nu are niciun pixel: alege alta.",
    "image.heic": "Aceasta este o fotografie HEIC, format care nu se citește aici: export-o ca {accepted}.",
    "image.but_pdf": "Aceasta nu este o imagine, ci un document PDF: fă o captură de ecran a paginii.",
    "image.but_svg": "Aceasta nu este o imagine, ci un desen SVG: exportă-l ca PNG.",
    "image.but_xml": "Aceasta nu este o imagine, ci un document XML sau SVG: exportă-l ca PNG.",
    "image.but_zip": "Aceasta nu este o imagine, ci o arhivă ZIP: dezarhiveaz-o și alege o imagine din ea.",
    "image.but_html": "Aceasta nu este o imagine, ci o pagină web: salvează imaginea propriu-zisă.",
    "image.damaged": (
        "Imaginea este deteriorată sau incompletă: descarc-o ori export-o din nou sau alege alta."
    ),
    "image.damaged_format": (
        "Imaginea {format} este deteriorată sau incompletă: descarc-o ori export-o din nou sau alege alta."
    ),
    "image.damaged_or_rare": (
        "Imaginea este deteriorată, incompletă sau de un fel rar, care nu se citește aici: export-o din nou "
        "ca JPEG sau PNG ori alege alta."
    ),
    "image.unknown": "Aceasta nu este o imagine care poate fi citită: alege un fișier {accepted}.",
    # How much ground a pixel shows: retrieval/maps/scale.py, screenshot.py and reading.py.
    "scale.ratio": (
        "Niciun ecran nu are un raport de pixeli de {ratio:g}: alege unul între {least:g} și {most:g}, de "
        "exemplu 1 pentru majoritatea monitoarelor."
    ),
    "scale.bar": (
        "Scara grafică are nevoie de două lungimi peste zero: cea scrisă lângă ea, în metri, și cea în "
        "pixeli."
    ),
    "scale.height": (
        "Pentru scară trebuie un zoom sau înălțimea vederii în metri și în pixeli: dă-le pe amândouă."
    ),
    "scale.latitude": (
        "Hărțile merg de la latitudinea -{most} la {most} grade, iar aceasta este {latitude:g}: dă "
        "latitudinea locului care se vede în captură."
    ),
    "scale.longitude": (
        "Longitudinile merg de la -180 la 180 de grade, iar aceasta este {longitude:g}: copiază din nou "
        "adresa."
    ),
    "scale.zoom": "Hărțile au zoomul între 0 și {most}, iar acesta este {zoom:g}: dă zoomul capturii.",
    "scale.no_latitude": "Zoomul are nevoie și de o latitudine: 44.43 pentru București, 0 la ecuator.",
    "scale.not_positive": "Scara trebuie să fie un număr de metri pe pixel mai mare decât 0.",
    "scale.too_coarse": (
        "Imaginea are prea puține detalii: un pixel arată {metres:.2g} m de teren, de {times:.0f} ori mai "
        "mult decât în fotografiile colecției, așa că nu se mai văd case, copaci și mașini. Mărește harta "
        "până distingi fiecare mașină în parte (zoom 18 până la 20) și fă captura acolo."
    ),
    # The link of a map: retrieval/maps/links.py.
    "link.empty": "Nu există încă un link: lipește adresa hărții din browser.",
    "link.too_long": "Textul are prea multe caractere pentru un link ({count}): lipește numai adresa.",
    "link.none": (
        "Acesta nu este un link: lipește toată adresa hărții, de exemplu "
        "https://www.google.com/maps/@44.43,26.1,19z, sau scrie latitudinea, longitudinea și zoomul."
    ),
    "link.shortened": (
        "Acesta este un link scurtat, care nu spune nimic singur: deschide-l și copiază adresa lungă."
    ),
    "link.google_earth": (
        "Linkurile din Google Earth nu au zoom: deschide locul în Google Maps și copiază adresa de acolo."
    ),
    "link.unknown": (
        "{host} nu este o hartă cunoscută aici: folosește un link din {others} sau {last} ori scrie chiar tu "
        "zoomul și latitudinea."
    ),
    "link.street_view": (
        "Acesta este un link Street View, o vedere de la nivelul solului: închide Street View și copiază "
        "linkul hărții."
    ),
    "link.tilted_google": (
        "Linkul arată o vedere înclinată, a cărei scară se schimbă de-a lungul imaginii: apasă butonul 2D "
        "sau ține apăsat Ctrl și trage până când privești drept în jos, apoi copiază din nou adresa."
    ),
    "link.tilted_bing": (
        "Linkul arată o vedere înclinată, a cărei scară se schimbă de-a lungul imaginii: alege vederea "
        "aeriană (Aerial) și copiază din nou adresa."
    ),
    "link.no_place": (
        "Acest link {service} nu spune ce loc arată: mută puțin harta, așteaptă să i se schimbe adresa și "
        "copiaz-o din nou."
    ),
    "link.no_zoom": (
        "Acest link {service} spune locul, la latitudinea {latitude:g}, dar nu și zoomul: scrie chiar tu "
        "zoomul."
    ),
    "link.height": "Nicio hartă nu arată {height:g} m de sus până jos: copiază din nou adresa.",
    # A screenshot, and what is searched of it: ui/panels/screenshot.py, ui/render/screenshots.py.
    "shot.advice": (
        "Deschide o hartă din satelit, mărește până distingi fiecare mașină în parte (zoom 18 până la 20) și "
        "fă captura de ecran cu panourile hărții închise; copiază și adresa hărții, care spune scara. "
        "Captura este folosită numai pentru căutările tale și linkurile lor și se șterge în cel mult două "
        "ore."
    ),
    "shot.label": "Captura de ecran. Săgețile de la tastatură mută pătratul.",
    "shot.link": "Linkul hărții, pentru scara exactă",
    "shot.size": "Pătratul, % din latura scurtă",
    "shot.no_link": "Fără link? Zoomul sau scara grafică",
    "shot.zoom": "Zoom",
    "shot.latitude": "Latitudine",
    "shot.pixel_ratio": "Pixeli de ecran pentru un pixel al hărții",
    "shot.ratio.unsaid": "după mărimea imaginii",
    "shot.ratio.monitor": "1 (majoritatea monitoarelor)",
    "shot.ratio.laptop": "2 (laptopuri cu ecran fin)",
    "shot.ratio.phone": "3 (telefoane)",
    "shot.bar_metres": "Scara grafică, m",
    "shot.bar_pixels": "și în pixeli",
    "shot.whole": "Cartografiază toată captura",
    "shot.another": "Altă imagine",
    "shot.remove": "Elimină",
    "shot.guess": (
        "**Scara: o estimare.** La {each:.2g} m pe pixel vecinii se potrivesc cel mai bine, așa că pătratul "
        "este considerat de {metres:.0f} m. Lipește linkul hărții pentru siguranță. Dacă nu poți distinge în "
        "el fiecare mașină în parte, ca într-o vedere a unui oraș întreg din spațiu, are mult prea puține "
        "detalii: mărește harta la zoom 18, 19 sau 20."
    ),
    "shot.by_hand": (
        "**Scara: aleasă de tine.** Pătratul este considerat de {metres:.0f} m, deci {each:.2g} m pe pixel."
    ),
    "shot.scale": "**Scara: {each:.2g} m pe pixel**, {source}.",
    "shot.source.link": "din linkul hărții",
    "shot.source.zoom": "din zoom",
    "shot.source.bar": "din scara grafică",
    "shot.source.file": "chiar din fișier",
    "shot.as_photos": "Pătratul arată {metres:.0f} m de teren, ca fotografiile colecției.",
    "shot.unlike_photos": (
        "Pătratul arată {metres:.0f} m de teren; fotografiile colecției arată {photo:.0f} m."
    ),
    "shot.ratio.assumed": (
        "După mărime, captura vine de pe un ecran cu {ratio:g} pixeli pentru unul al hărții."
    ),
    "shot.not_satellite": "Linkul deschide harta stradală: comută pe satelit înainte să faci captura.",
    "shot.covered": "Butoanele sau etichetele acoperă {share:.0%} din pătrat: mută-l într-un loc liber.",
    "shot.too_near": (
        "Captura arată numai {metres:.0f} m, iar o fotografie a colecției {photo:.0f} m: micșorează harta cu "
        "o treaptă pentru vecini mai buni."
    ),
    "shot.coarse": (
        "Un pixel arată de {times:.1f} ori mai mult teren decât în fotografiile colecției: mărește harta la "
        "zoom 18 sau 19 pentru vecini mai buni."
    ),
    "shot.unlike_at_any_scale": "La niciuna dintre scările încercate imaginea nu seamănă cu colecția.",
    "furniture.kind.street_map": (
        "Aceasta pare o hartă stradală, care nu arată fotografii: comută harta pe satelit."
    ),
    "furniture.kind.blank": (
        "Aceasta pare o hartă fără imagini: micșoreaz-o cu o treaptă sau mut-o până când arată fotografii."
    ),
    "furniture.kind.covered": "Aceasta pare o pagină cu text și butoane: fă captura numai cu harta.",
    # The tab for a whole screenshot: ui/panels/land_use.py, ui/render/screenshots.py and landuse.py.
    "tiles.covered": "Butoane, panouri și etichete acoperă toată captura: închide-le întâi.",
    "tiles.too_small": (
        "Captura arată {width:.0f} x {height:.0f} m, mai puțin decât un fragment de 78 m: micșorează puțin "
        "harta sau verifică scara."
    ),
    "tiles.too_many": (
        "Captura arată prea mult teren pentru fragmente de 78 m (ar fi {count}): mărește harta sau verifică "
        "scara."
    ),
    "whole.none_yet": "Aici se poate face harta unei capturi întregi. Caută întâi cu una, a ta sau una desenată din fila „Caută”, și apasă sub ea butonul pentru harta întregii capturi.",
    "whole.show": "Arată",
    "whole.land_use": "Utilizarea terenului",
    "whole.find_more": "Găsește locuri asemănătoare",
    "whole.picture": "Numai imaginea",
    "whole.label": "Toată captura, cartografiată",
    "whole.cutting": "se decupează fragmentele",
    "whole.unit": "fragmente",
    "whole.click_anywhere": "**Apasă oriunde** ca să vezi cu ce fotografii din colecție seamănă locul.",
    "whole.click_a_place": "**Apasă pe un loc** ca să găsești altele ca el:",
    "whole.alike": "{alike:.1f} din {seen:.1f} ha seamănă cu pătratul marcat.",
    "whole.unlike": "nu seamănă cu nimic din colecție",
    "whole.caption": "{hectares:.1f} ha după cele mai apropiate fotografii din {collection}",
    "whole.class": "clasă",
    "whole.area": "suprafață",
    "whole.share": "pondere",
    "whole.tiles": "Fragmente de {tile:.0f} m: {count}, în celule de {cell:.0f} m.",
    "whole.hidden": "Butoanele și etichetele ascund încă {hectares:.1f} ha.",
    "whole.finer": (
        "Cunoaște numai clasele colecției, iar o stradă dintre două blocuri este mai îngustă decât o celulă."
    ),
    "whole.same": "la fel, 0",
    "whole.distance": "Distanța până la pătratul marcat; ce este mai departe nu are culoare.",
    "whole.novel": (
        "**Pătratul marcat nu seamănă cu nimic din {collection}.** Cea mai apropiată fotografie, la "
        "{distance:.3f}:"
    ),
    "whole.voted": "**Pătratul marcat: {label}**, după {count} din cele mai apropiate {total} fotografii.",
    # Places to try, and screenshots to click: ui/panels/map_examples.py.
    "place.examples": "Capturi ale unei hărți: desene în locul lor și fotografii din București",
    "place.drawn": "Desen în locul unei capturi: {name}, zoom {zoom}",
    "place.title": "București: locuri de încercat",
    "place.how": (
        "Deschide un loc pe o hartă web, fă o captură de ecran și trage-o aici împreună cu linkul hărții. "
        "Sau descarcă locul din ortofotoplanul național al României, când serviciul răspunde."
    ),
    "place.choose": "Loc",
    "place.fetch": "Descarcă ortofotoplanul locului",
    "place.none_chosen": "Alege întâi un loc.",
    "place.here_already": "{name} este deja aici: butonul se află mai sus.",
    "place.asking": "se cere {name}",
    "place.here": "{name} este aici: butonul se află mai sus. {source}, CC BY 4.0.",
    "place.open": "deschide harta la",
    "place.look_for": "ce se vede acolo",
    # What is to be seen at each place of examples/bucharest/places.csv, by its slug.
    "place.at.otopeni-apron": "avioane de pasageri parcate la terminal",
    "place.at.otopeni-runway": "o pistă cu marcajele ei, între suprafețe cu iarbă",
    "place.at.lacul-morii": "un țărm: apă liniștită lângă un mal; un mal betonat, nu nisip",
    "place.at.arena-nationala": (
        "un stadion; nicio clasă nu este așa ceva, cel mai aproape e terenul de baseball"
    ),
    "place.at.padurea-baneasa": "coroane dese de stejari și tei",
    "place.at.vacaresti": "tufișuri, stuf și ochiuri de apă apărute într-un lac de acumulare neterminat",
    "place.at.drumul-taberei": "blocuri lungi, cu copaci între ele",
    "place.at.bucurestii-noi": "case lipite una de alta, pe o rețea de străzi înguste",
    "place.at.pipera": "case individuale cu grădini mici",
    "place.at.corbeanca": "vile pe loturi întinse, la marginea câmpurilor",
    "place.at.cet-sud": "rezervoare rotunde lângă o termocentrală",
    "place.at.grivita": (
        "un triaj feroviar; nicio clasă nu este așa ceva, cel mai aproape sunt șirurile de vehicule"
    ),
    "place.at.a0-a1": "un nod a două autostrăzi, cu un pod și bretele",
    "place.at.a1": "o autostradă cu sensurile separate",
    "place.at.universitate": "o intersecție a două bulevarde, cu marcaje rutiere",
    "place.at.splaiul-unirii": "un râu între cheiuri drepte",
    "place.at.herastrau": "bărci la un debarcader",
    "place.at.arenele-bnr": "terenuri de zgură unul lângă altul",
    "place.at.clubul-diplomatilor": "gazon fin și gropi cu nisip pe un teren mic de golf",
    "place.at.baneasa-shopping-city": "șiruri de mașini lângă un centru comercial",
    "place.at.campuri-berceni": "ogoare lungi și înguste",
    # What goes wrong with a map service: examples/bucharest.
    "map.late": (
        "{service} nu a răspuns complet în {seconds:g} s: încearcă din nou mai târziu sau așteaptă mai mult, "
        "cu --timeout."
    ),
    "map.unreached": (
        "{service} nu poate fi contactat sau conexiunea s-a întrerupt ({reason}): verifică adresa și rețeaua "
        "și încearcă din nou."
    ),
    "map.too_many_bytes": (
        "{service} a trimis mai mult de {most} MB, cât nu are nicio fotografie de această mărime: verifică "
        "--endpoint."
    ),
    "map.refused": "{service} refuză: „{reason}”. Verifică --layer sau încearcă din nou mai târziu.",
    "map.no_reason": "fără motiv",
    "map.error": (
        "{service} răspunde cu eroarea {reason}: încearcă din nou mai târziu sau verifică --endpoint."
    ),
    "map.no_map": (
        "{service} a trimis ceva ce nu este o hartă: încearcă din nou mai târziu sau cu alt --layer."
    ),
    "map.no_image": (
        "{service} a trimis {sent} în loc de o imagine: încearcă din nou mai târziu sau verifică --endpoint."
    ),
    "map.no_kind": "un fișier fără tip",
    "map.no_service": "{service} nu răspunde ca un serviciu de hărți web (WMS): verifică --endpoint.",
    "map.no_layer": "{service} nu are stratul „{layer}”; are {known}: alege unul cu --layer.",
    "map.none": "niciunul",
    "map.no_system": (
        "{service} nu are niciun strat care poate fi cerut în {systems}: alege alt strat sau alt serviciu cu "
        "--layer sau --endpoint."
    ),
    "map.no_format": (
        "{service} nu oferă nici PNG, nici JPEG, ci {formats}: alege alt serviciu cu --endpoint."
    ),
    "map.nothing": "nimic",
    "map.not_ours": "{file} nu a fost descărcat de aici, așa că rămâne: dă-i alt nume.",
    "map.unusable": "{service} a trimis o imagine care nu poate fi folosită. {reason}",
    "map.other_format": (
        "{service} a trimis o imagine care nu este nici PNG, nici JPEG: încearcă alt --endpoint."
    ),
    "map.other_size": (
        "{service} a trimis o imagine de {width} x {height} pixeli în loc de {wanted} x {wanted}: încearcă "
        "alt --layer sau --endpoint."
    ),
    "map.empty": (
        "ortofotoplanul nu are nimic aici: {service} a trimis o imagine goală. Corectează coordonatele sau "
        "încearcă alt --layer."
    ),
    "map.unwritable": "{file} nu poate fi scris ({reason}): fă loc sau alege alt dosar cu --folder.",
    # The download of a collection's photos: retrieval/collections/photos.py.
    "photos.unreached": (
        "Fotografiile nu au putut fi descărcate de la {hub} ({reason}). Încearcă din nou mai târziu: "
        "descărcarea continuă de unde s-a oprit."
    ),
    "photos.wrong_file": (
        "Fișierul descărcat, {file}, nu este cel așteptat (SHA-256 {found}…, așteptat {expected}…). A fost "
        "șters: încearcă din nou."
    ),
    "photos.not_unpacked": "Fișierul descărcat, {file}, nu a putut fi dezarhivat ({reason}).",
    "photos.none_inside": "nu are fotografii în {folder}",
    # How good the search is: ui/render/scorecard.py and charts.py. (Formats refuse a text for a number.)
    "scorecard.unmeasured": "Nu s-a măsurat încă cât de bine se caută în {collection}.",
    "scorecard.unreadable": (
        "Rezultatele din manifestul colecției {collection} nu pot fi citite: măsoară-le din nou."
    ),
    "scorecard.untrained": (
        "Acestea sunt ponderile inițiale: nu au fost încă antrenate pe fotografii aeriene."
    ),
    "scorecard.headline.test-train.P@1": (
        "din fotografiile pe care modelul nu le-a văzut niciodată ({count:.0f} în total) găsesc mai întâi o "
        "fotografie de același fel"
    ),
    "scorecard.headline.test-train.P@10": (
        "din primele zece fotografii pe care le găsește o astfel de fotografie sunt de același fel"
    ),
    "scorecard.headline.shift-train.P@1": (
        "din fotografiile altui set de date ({count:.0f} în total) găsesc mai întâi o fotografie de același "
        "fel: alte orașe, anotimpuri și scări"
    ),
    "scorecard.before_training": "înainte de antrenare {value}",
    "scorecard.before": "înainte {value}",
    "scorecard.interval": "interval de 95 %: {interval} %",
    "scorecard.measures": "Măsurile",
    "scorecard.one_measure": "măsură",
    "scorecard.measure.P@1": "cât de des primul vecin este din clasa fotografiei căutate",
    "scorecard.measure.P@10": "ce parte dintre primii zece vecini este din clasa fotografiei căutate",
    "scorecard.measure.mAP": (
        "media preciziei medii: 1 când toate fotografiile clasei vin înaintea celorlalte"
    ),
    "scorecard.measure.ANMRR": "cât de jos ajung fotografiile clasei: 0 este cel mai bine, 1 cel mai rău",
    "scorecard.protocol.test-train": "Fotografii de test",
    "scorecard.protocol.test-test": "Între ele",
    "scorecard.protocol.shift-train": "Alt set de date",
    "scorecard.searched.test-train": "{queries:.0f} căutate printre {gallery:.0f} de antrenare",
    "scorecard.searched.test-test": "fiecare din {queries:.0f} printre celelalte",
    "scorecard.searched.shift-train": "{queries:.0f} căutate printre {gallery:.0f} de antrenare",
    "scorecard.shift_photos": "Fotografii din alt set de date",
    "scorecard.each": "Fiecare cifră",
    "scorecard.each_with": "Fiecare cifră cu {what}",
    "scorecard.its_interval": "intervalul ei de 95 %",
    "scorecard.its_before": "valoarea dinainte de antrenare",
    "scorecard.and": " și ",
    "scorecard.by_class": "Clasă cu clasă",
    "scorecard.weakest_first": "Media preciziei medii pentru fiecare clasă, începând cu cea mai slabă.",
    "scorecard.mistaken": "Ce se confundă cu ce",
    "scorecard.limits": "Ce nu poate face",
    "scorecard.limits.test": (
        "Fotografiile de test sunt din același set de date ca acelea din care a învățat. Cu {count} din "
        "fiecare clasă, o fotografie în plus sau în minus schimbă P@1 al unei clase cu {points:.0f} puncte."
    ),
    "scorecard.limits.shift": (
        "Fotografiile din altă parte se recunosc mai greu: {share} găsesc mai întâi propria clasă. Cele mai "
        "slabe acolo: {classes}."
    ),
    "scorecard.limits.classes": (
        "Nu cunoaște alte feluri de locuri decât cele din colecție și răspunde mereu cu cele mai apropiate: "
        "uită-te la distanță și la fotografie înainte să crezi o clasă."
    ),
    "scorecard.limits.place": "Spune ce seamănă. Nu spune unde a fost făcută o fotografie și nici când.",
    "scorecard.trained": "Cum a fost antrenat",
    "scorecard.not_said": "Manifestul nu spune.",
    "scorecard.yes": "da",
    "scorecard.no": "nu",
    "scorecard.licence": "Licență",
    "chart.class": "clasă",
    "chart.photo_of": "o fotografie cu",
    "chart.first_finds": "găsește întâi",
    "chart.photos": "fotografii",
    "chart.count_of": "{count:.0f} din {of:.0f}",
    "chart.more_pairs": "Și {count:.0f} în alte perechi de clase.",
    "chart.no_mistake": "{photos}: niciun prim vecin nu este din altă clasă.",
    "chart.first_neighbours": (
        "Primii vecini ai fotografiilor de test ({total:.0f}): {right:.0f} sunt din clasa fotografiei, "
        "{wrong:.0f} din alta."
    ),
    "chart.how_to_read": (
        "Rânduri: clasa fotografiei; coloane: clasa primului ei vecin, după număr. Verde înseamnă corect, cu "
        "atât mai intens cu cât e mai des; un număr arată câte confuzii sunt."
    ),
    # The page.
    "page.title": "Căutare de imagini aeriene",
    "page.introduction": "Adu o fotografie aeriană sau captura unei hărți din satelit și vezi ce fotografii dintr-o colecție îi seamănă cel mai mult, începând cu cea mai apropiată. Fotografia ta este folosită numai pentru căutare și se șterge în cel mult două ore.",
    "tab.search": "Caută",
    "tab.browse": "Colecția",
    "tab.whole": "Toată harta",
    "tab.scorecard": "Calitate",
    "tab.wrong": "Greșeli",
    "query.label": "Fotografia căutată",
    "query.alt": "Fotografia cu care s-a căutat",
    "query.placeholder": "# Trage o fotografie aici\nsau apasă ca să alegi una",
    "search.waiting": "Trage o fotografie oriunde pe pagină, lipește una cu Ctrl+V sau alege un exemplu: căutarea pornește singură. Mai multe fotografii deodată sunt căutate împreună. Sau pornește de la o fotografie din colecție:",
    "search.start": "Fotografii de la care poți porni, una din fiecare clasă",
    "search.our_fault": "Căutarea nu a reușit, iar fotografia ta nu este de vină: încearcă din nou sau anunță administratorul paginii.",
    "search.too_many": "S-a căutat numai cu primele fotografii (cel mult {most}).",
    "search.keys": "Taste: săgețile trec de la o fotografie la alta, Enter caută cu ea, W întreabă de ce, + și - o marchează, / duce la filtrul de clase, Esc închide.",
    "search.still": "Se vede în continuare căutarea precedentă.",
    "shot.gone": "Captura nu mai este pe server, care le șterge în cel mult două ore: adu-o din nou.",
    "photos.download": "Descarcă fotografiile",
    "photos.asking": "se cer fotografiile",
    "photos.megabytes": "{done:.0f} din {total:.0f} MB",
    "examples.label": "Exemple (desenate de acest proiect)",
    "examples.one": "Exemplu: {label}",
    # What may be an answer.
    "refine.choice": "{title} ({count:.0f})",
    "refine.collection": "Caută în",
    "refine.refine": "Restrânge căutarea",
    "refine.k": "Vecini",
    "refine.farthest": "Distanța maximă ({most}, cea mai mare: fără limită)",
    "refine.classes": "Numai aceste clase (niciuna: toate)",
    "refine.distinct": "Ascunde fotografiile aproape identice",
    # Browse.
    "browse.collection": "Colecție",
    "browse.class": "Clasă",
    "browse.every": "o fotografie din fiecare clasă",
    "browse.map": "Fiecare fotografie este un punct, iar apropiat înseamnă asemănător. Treci peste un punct ca să îi vezi fotografia, apasă pe el ca să o păstrezi la vedere și să cauți cu ea; mărește cu rotița, cu două degete sau cu butoanele.",
    "browse.one_class": "Fotografii din clasa „{label}”: {count}. Apasă pe una ca să cauți cu ea.",
    "browse.all_classes": "Câte o fotografie din fiecare clasă ({count} în total). Apasă pe una ca să cauți cu ea sau alege o clasă.",
    "atlas.map": "Harta colecției: fiecare fotografie este un punct, iar apropiat înseamnă asemănător. Săgețile o mută, plus și minus o măresc și o micșorează, 0 arată tot. Aceleași fotografii sunt și în lista pe clase.",
    "atlas.query": "căutată",
    "atlas.follow": "Caută cu ea",
    "atlas.in": "Mărește",
    "atlas.out": "Micșorează",
    "atlas.all": "Arată tot",
    "atlas.none": "Colecția nu are încă o hartă: „python -m train map” o creează.",
    # Understand the result.
    "others.title": "**Sau treci la alt fel de loc.** Cele mai apropiate fotografii din clase care nu sunt printre vecini, câte una din fiecare:",
    "others.name": "Cele mai apropiate din alte clase",
    "understand.title": "Înțelege rezultatul",
    "understand.map": "**Unde se află.** Fotografia căutată, pe harta colecției, cu vecinii încercuiți; este pusă între fotografiile cele mai apropiate de ea.",
    "save.title": "Salvare și tabel",
    "save.csv": "Descarcă CSV",
    "save.json": "Descarcă JSON",
    "save.png": "Descarcă planșa (PNG)",
    "table.rank": "rang",
    "table.distance": "distanță",
    "table.class": "clasă",
    "table.id": "id",
    "table.file": "fișier",
    "chart.threshold": "dacă primul e peste {threshold:.2f}, nimic nu seamănă",
    "chart.rank": "rang",
    "chart.distances": "Distanțele celor mai apropiați vecini ({count}), în ordine crescătoare: de la {nearest:.3f} la {farthest:.3f}.",
    "chart.legend": "Punctele sunt din clasa „{label}”, cruciulițele din alte clase; ce este umbrit nu apare mai sus.",
    "chart.count": "fotografii",
    "chart.histogram": "Din ce clase sunt vecinii ({count})",
    "chart.within": "aceeași clasă",
    "chart.between": "clase diferite",
    "chart.distance": "distanță",
    "chart.pairs": "Unde se află această distanță printre cele ale perechilor din aceeași clasă și ale perechilor din clase diferite",
    # Why is it alike?
    "why.title": "De ce {id}?",
    "why.query": "Fotografia căutată",
    "why.brought": "Fotografia ta",
    "why.one_of": "Cea mai apropiată dintre fotografiile tale",
    "why.stored": "Fotografia căutată: {id}",
    "why.place": "{rank} din {count}",
    "why.distance": "Distanța dintre ele este {distance:.3f}; 0 ar însemna că sunt la fel.",
    "why.ranks": "În această colecție, {within:.1f} % din perechile din aceeași clasă și {between:.1f} % din perechile din clase diferite sunt mai apropiate decât acestea două.",
    "why.learned": "Rețeaua a învățat din aceste fotografii, așa că ele se află mai aproape de cele de același fel decât fotografiile noi.",
    "why.waiting": "Se caută ce le face să semene …",
    "why.told": "Luminos: ce le face să semene. Întunecat: ce contează puțin.",
    "why.no_photo": "Fotografiile nu sunt pe calculatorul care servește pagina, așa că nu se poate arăta pe ele ce le face să semene.",
    "why.toggle": "Arată ce le face să semene",
    "why.close": "Închide",
    "why.before": "Vecinul precedent",
    "why.after": "Vecinul următor",
    "why.follow": "Caută cu această fotografie",
    # De ce greșește?
    "reasons.introduction": "Cele mai apropiate fotografii se arată întotdeauna, fie că sunt aproape, fie că nu. Iată de ce pot părea greșite, cu ce s-a măsurat pentru fiecare motiv.",
    "reasons.do": "Ce poți face:",
    "reasons.alike": "Unele clase seamănă între ele",
    "reasons.alike.why": "Granița dintre două clase e trasă de oameni. De sus, o autostradă și o pistă sunt amândouă fâșii cenușii, iar casele stau când mai rar, când mai des.",
    "reasons.alike.test": "Fotografii de test care găsesc întâi o fotografie din altă clasă: {wrong} din {queries}.",
    "reasons.alike.pairs": "Care anume",
    "reasons.alike.distances": "Jumătate din perechile aceleiași clase sunt la cel mult {median:.2f} una de alta, nouă din zece la cel mult {far:.2f}; dintre perechile din clase diferite, {share:.2f} % sunt atât de aproape.",
    "reasons.alike.do": "uită-te mai degrabă la distanțe decât la clase; marchează ce e potrivit și ce nu și caută din nou; sau permite doar unele clase la „Restrânge căutarea”.",
    "reasons.other": "Nimic din colecție nu îi seamănă",
    "reasons.other.why": "Rețeaua a fost antrenată pe câteva feluri de locuri. Un deșert, un ghețar sau o pisică nu se numără printre ele și găsesc totuși ce e cel mai puțin diferit.",
    "reasons.other.measured": "Clase în colecție: {classes}. De la distanța {threshold:.2f} în sus, pagina spune că nimic nu seamănă: dintre fotografiile care țin de colecție ({count} măsurate), una la sută e atât de departe.",
    "reasons.other.do": "crede pagina când spune asta și uită-te la distanțe în „Înțelege rezultatul”.",
    "reasons.elsewhere": "Vine din altă parte",
    "reasons.elsewhere.why": "Acoperișurile, câmpurile, lumina și camerele diferă de la o țară la alta și de la un anotimp la altul, iar colecția e din orașe din Statele Unite.",
    "reasons.elsewhere.measured": "Dintre fotografiile de test ale setului, {here} găsesc întâi propria clasă; dintre cele ale altui set de date ({queries}), {there}. Cel mai slab acolo: {weakest}.",
    "reasons.elsewhere.do": "caută cu mai multe fotografii ale locului deodată: ce e aparte la una contează mai puțin.",
    "reasons.scale": "Arată altă scară",
    "reasons.scale.why": "O fotografie din colecție arată 78 m de teren. De două ori mai de sus, o mașină e pe jumătate de lungă, iar casele devin o textură: rețeaua a văzut puține astfel de imagini.",
    "reasons.scale.do": "mărește harta la 18, 19 sau 20 și dă linkul ei odată cu captura, ca să fie căutată bucata potrivită de teren.",
    "reasons.several": "Arată mai multe lucruri",
    "reasons.several.why": "O fotografie e un singur punct între toate celelalte. Un port cu o parcare alături stă undeva între cele două, sau la cea care ocupă mai mult din imagine.",
    "reasons.several.do": "apasă „?” la un vecin ca să vezi cu ce parte a fotografiei tale seamănă; decupează fotografia sau mută pătratul pe captură.",
    "reasons.mixed": "Clasele însele sunt inegale",
    "reasons.mixed.why": "Fiecare fotografie a primit o singură clasă, de mână, iar unele clase cuprind mai multe feluri de locuri decât altele.",
    "reasons.mixed.measured": "Cea mai slabă clasă la test este {label}, cu o precizie medie de {value}; 1 ar fi fără greșeală.",
    "reasons.mixed.do": "vezi la „Calitate” cifrele fiecărei clase.",
}
