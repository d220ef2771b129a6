"""A fake web map service (WMS) on the loopback interface, which can be made to fail.

Its maps are no photos: red grows to the east and green to the north, by 1 for every two metres, so that any
pixel tells a test which piece of ground it shows.
"""

import io
import math
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import numpy as np
from PIL import Image

METRES_PER_VALUE = 2.0
DEGREE = math.pi / 180 * 6_378_137  # metres, along a meridian of Web Mercator's sphere
PHOTOS, SHEETS = "OI.OrthoimageCoverage", "OI.MosaicElement"


class Wms(ThreadingHTTPServer):
    """Answers GetCapabilities and GetMap, in versions 1.1.1 and 1.3.0."""

    def __init__(self, latitude=44.5, longitude=26.1):
        super().__init__(("127.0.0.1", 0), Answer)
        self.centre = latitude, longitude  # where red and green are 128
        self.versions = ("1.1.1", "1.3.0")
        self.systems = ("EPSG:4326", "EPSG:3857", "CRS:84")
        self.layers = (SHEETS, PHOTOS)
        self.group = None  # the name of the layer that holds them
        self.formats = ("image/jpeg", "image/png")
        self.operation = "GetMap"  # the one that it says it has
        self.kind = "text/xml"  # of capabilities
        self.faults = {}  # 'GetMap' -> what answers it instead: a function of an Answer
        self.requests = []  # their parameters, with names in lower case
        self.over = threading.Event()  # ends the slow answers

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}/wms"

    def maps(self):
        """The parameters of the maps that were asked for."""
        return [asked for asked in self.requests if asked.get("request") == "GetMap"]

    def handle_error(self, *_):
        pass  # a client that hung up

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=[0.01], daemon=True).start()
        return super().__enter__()

    def __exit__(self, *error):
        self.over.set()
        self.shutdown()
        super().__exit__(*error)


class Answer(BaseHTTPRequestHandler):
    """The answer to one request."""

    def do_GET(self):
        path, _, query = self.path.partition("?")
        self.asked = {name.lower(): value for name, value in parse_qsl(query, keep_blank_values=True)}
        self.server.requests.append({"path": path, "agent": self.headers["User-Agent"], **self.asked})
        wanted = self.asked.get("request")
        fault = self.server.faults.get(wanted)
        if fault and path == "/wms":
            fault(self)
        elif wanted == "GetCapabilities":
            known = self.server.versions
            version = self.asked["version"] if self.asked["version"] in known else known[0]
            self.reply(capabilities(self.server, version).encode(), self.server.kind)
        else:
            self.reply(drawn(self), self.asked["format"].partition(";")[0])

    def reply(self, data, kind="text/xml", status=200, **headers):
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": len(data), **headers}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


def capabilities(server, version):
    new = version == "1.3.0"
    root = (
        'WMS_Capabilities xmlns="http://www.opengis.net/wms" version="1.3.0"'
        if new
        else 'WMT_MS_Capabilities version="1.1.1"'
    )
    # Real servers name a DTD too; the client must not fetch it.
    doctype = "" if new else f'<!DOCTYPE WMT_MS_Capabilities SYSTEM "{server.address}/a.dtd">'
    system = "CRS" if new else "SRS"
    link = f'<OnlineResource xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="{server.address}?"/>'
    systems = "".join(f"<{system}>{name}</{system}>" for name in server.systems)
    layers = "".join(f"<Layer><Name>{name}</Name><Title>{name}</Title></Layer>" for name in server.layers)
    formats = "".join(f"<Format>{name}</Format>" for name in server.formats)
    group = f"<Name>{server.group}</Name>" if server.group else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>{doctype}
<{root}>
  <Service><Name>WMS</Name><Title>Stand-in</Title>{link}</Service>
  <Capability>
    <Request>
      <{server.operation}>{formats}<DCPType><HTTP><Get>{link}</Get></HTTP></DCPType></{server.operation}>
    </Request>
    <Exception><Format>XML</Format></Exception>
    <Layer>{group}<Title>All</Title>{systems}{layers}</Layer>
  </Capability>
</{root.split()[0]}>"""


def drawn(answer):
    """The map that was asked for. In version 1.3.0 of the protocol, EPSG:4326 has latitude first."""
    asked, new = answer.asked, answer.asked["version"] == "1.3.0"
    system = asked["crs" if new else "srs"].upper()
    assert system in answer.server.systems
    assert set(asked["layers"].split(",")) <= {*answer.server.layers, answer.server.group}
    west, south, east, north = map(float, asked["bbox"].split(","))
    if new and system in ("EPSG:4326", "EPSG:4258"):
        south, west, north, east = west, south, east, north
    width, height = int(asked["width"]), int(asked["height"])
    xs = west + (np.arange(width) + 0.5) * (east - west) / width
    ys = north - (np.arange(height) + 0.5) * (north - south) / height
    if system == "EPSG:3857":
        xs = xs / DEGREE
        ys = np.degrees(2 * np.arctan(np.exp(np.radians(ys / DEGREE))) - math.pi / 2)
    return encoded(coloured(answer.server.centre, xs, ys), asked["format"])


def coloured(centre, longitudes, latitudes):
    latitude, longitude = centre
    to_east = (longitudes - longitude) * DEGREE * math.cos(math.radians(latitude))
    to_north = (latitudes - latitude) * DEGREE
    pixels = np.full((len(latitudes), len(longitudes), 3), 60, np.uint8)
    pixels[..., 0] = np.clip(128 + to_east / METRES_PER_VALUE, 0, 255).round()[None, :]
    pixels[..., 1] = np.clip(128 + to_north / METRES_PER_VALUE, 0, 255).round()[:, None]
    return Image.fromarray(pixels)


def encoded(image, kind="image/png"):
    file = io.BytesIO()
    image.save(file, "JPEG" if "jpeg" in kind else "PNG", **({"quality": 95} if "jpeg" in kind else {}))
    return file.getvalue()


# Faults: functions that send a wrong answer


def status(code):
    return lambda answer: answer.reply(b"<html>sorry</html>", "text/html", code)


def content(data, kind):
    return lambda answer: answer.reply(data, kind)


def exception(text, kind="text/xml", code=200, attributes="", namespace=True):
    within = ' xmlns="http://www.opengis.net/ogc"' if namespace else ""
    report = f"""<?xml version="1.0"?><ServiceExceptionReport version="1.3.0"{within}>
        <ServiceException{attributes}><![CDATA[{text}]]></ServiceException></ServiceExceptionReport>"""
    return lambda answer: answer.reply(report.encode(), kind, code)


def image(picture, kind="image/png"):
    return content(encoded(picture, kind), kind)


def cut_off(answer):
    """Half of an image, sent as if it were whole."""
    data = drawn(answer)
    answer.reply(data[: len(data) // 2], "image/png")


def broken(answer):
    """Half of an image, then the connection breaks."""
    data = drawn(answer)
    answer.reply(data[: len(data) // 2], "image/png", **{"Content-Length": len(data)})


def silent(answer):
    """Nothing, for as long as the test lasts."""
    answer.server.over.wait(20)


def dripping(answer):
    """A slow trickle: each byte comes well within the time-out, but the image never ends."""
    answer.send_response(200)
    answer.send_header("Content-Type", "image/png")
    answer.send_header("Content-Length", "100000")
    answer.end_headers()
    ends = time.monotonic() + 20
    while not answer.server.over.wait(0.05) and time.monotonic() < ends:
        answer.wfile.write(b"\x89")


def endless(answer):
    """100 MB, without a Content-Length."""
    answer.send_response(200)
    answer.send_header("Content-Type", "image/png")
    answer.end_headers()
    for _ in range(100):
        answer.wfile.write(bytes(10**6))


def moved(answer):
    """A redirect to the same answer at another address."""
    query = answer.path.partition("?")[2]
    answer.reply(b"", status=302, Location=f"http://localhost:{answer.server.server_port}/moved?{query}")


def in_circles(answer):
    """A redirect to the same address."""
    answer.reply(b"", status=302, Location=answer.path)
