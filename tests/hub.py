"""A stand-in for the Hugging Face Hub on this machine's loopback, with one file in one data set."""

import hashlib
import io
import re
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from retrieval.photos import HubArchive

INSIDE = "Photos/Images"
HALF = 16 * 1024  # bytes that arrive before a connection breaks


def zipped(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as contents:
        for name, data in members.items():
            contents.writestr(name, data)
    return file.getvalue()


class Hub(ThreadingHTTPServer):
    """Answers as the Hub does for the one file that it has, and can be told to fail."""

    def __init__(self, data):
        super().__init__(("127.0.0.1", 0), Answer)
        self.data = data
        self.answers = []  # to the next requests: a status, 'half' for a broken connection; else the file
        self.ranges = []  # of the requests that came

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"

    def archive(self, data=None):
        """Where the file is, as a manifest says it; `data` takes its place from now on."""
        self.data = data or self.data
        digest = hashlib.sha256(self.data).hexdigest()
        return HubArchive("owner/name", "abc123", "photos.zip", digest, len(self.data), INSIDE)

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=[0.01], daemon=True).start()
        return super().__enter__()

    def __exit__(self, *error):
        self.shutdown()
        super().__exit__(*error)


class Answer(BaseHTTPRequestHandler):
    """To one request."""

    def do_GET(self):
        if self.path != "/datasets/owner/name/resolve/abc123/photos.zip":
            self.send_error(404)
            return
        wanted = self.headers.get("Range")
        self.server.ranges.append(wanted)
        answer = self.server.answers.pop(0) if self.server.answers else 200
        start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1]) if wanted else 0
        body = self.server.data[start:]
        if answer not in (200, "half"):
            self.send_error(answer)
            return
        self.send_response(206 if wanted else 200)
        self.send_header("ETag", '"etag"')
        self.send_header("X-Repo-Commit", "abc123")
        self.send_header("Accept-Ranges", "bytes")
        if wanted:
            last = len(self.server.data) - 1
            self.send_header("Content-Range", f"bytes {start}-{last}/{last + 1}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:HALF] if answer == "half" else body)

    def log_message(self, *_):
        pass
