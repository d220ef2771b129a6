"""A fake Hugging Face Hub on the loopback interface: repositories that can be read and written.

It answers `huggingface_hub` as the Hub does, without Xet: small files in the commit, large ones by Git LFS.
"""

import base64
import hashlib
import io
import json
import re
import threading
import zipfile
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from huggingface_hub import constants, file_download

from retrieval.collections.photos import HubArchive

INSIDE = "Photos/Images"
HALF = 16 * 1024  # bytes that arrive before a connection breaks
REVISION = "abc123"  # of the archive of photos
WRITER, READER = "hf_writer", "hf_reader"  # the tokens that it knows
LARGE = 100_000  # bytes from which a file goes through LFS


def zipped(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as contents:
        for name, data in members.items():
            contents.writestr(name, data)
    return file.getvalue()


@dataclass
class Repository:
    """A repository and its commits."""

    private: bool = False
    fields: dict = field(default_factory=dict)  # what it was created with
    variables: dict = field(default_factory=dict)
    commits: dict = field(default_factory=dict)  # commit -> {path: bytes}
    branches: dict = field(default_factory=dict)  # name -> commit

    def commit(self, files, branch="main"):
        files = {**self.commits.get(self.branches.get(branch), {}), **files}
        name = hashlib.sha1(repr((sorted(files.items()), len(self.commits))).encode()).hexdigest()
        self.commits[name] = files
        self.branches[branch] = name
        return name

    def find(self, revision):
        return revision if revision in self.commits else self.branches.get(revision)


class Hub(ThreadingHTTPServer):
    """Answers as the Hub does; `answers` makes downloads fail."""

    request_queue_size = 128  # connections that wait to be answered

    def __init__(self, data=b""):
        super().__init__(("127.0.0.1", 0), Answer)
        self.repositories = {}  # (kind, 'owner/name') -> Repository
        self.large = {}  # SHA-256 -> bytes
        self.answers = []  # to the next downloads: a status, 'half' for a broken connection; else the file
        self.ranges = []  # of the downloads that came
        self.requests = []  # 'GET /path'
        self.data = data

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def data(self):
        return self.repositories["dataset", "owner/name"].commits[REVISION]["photos.zip"]

    @data.setter
    def data(self, data):
        self.repositories["dataset", "owner/name"] = Repository(commits={REVISION: {"photos.zip": data}})

    def archive(self, data=None):
        """Where the file is, as a manifest says it; `data` takes its place from now on."""
        self.data = data or self.data
        digest = hashlib.sha256(self.data).hexdigest()
        return HubArchive("owner/name", REVISION, "photos.zip", digest, len(self.data), INSIDE)

    def add(self, name, folder, **more):
        """A model that holds the files of a folder, and `more` of them. Returns the commit."""
        files = {
            str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.*") if path.is_file()
        }
        model = self.repositories.setdefault(("model", name), Repository())
        return model.commit(files | more)

    def model(self, name, branch="main"):
        """The files of a model: path -> bytes."""
        model = self.repositories["model", name]
        return model.commits[model.branches[branch]]

    def take_the_place(self, patch, cache, chunk=1024):
        """Make the library in this process use this server, with its own cache, no token, and no waits."""
        template = self.address + "/{repo_id}/resolve/{revision}/{filename}"
        patch.setattr(constants, "ENDPOINT", self.address)
        patch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        patch.setattr(constants, "HF_HUB_CACHE", str(cache))
        patch.setattr(constants, "HF_TOKEN_PATH", str(cache / "token"))
        patch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        patch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", chunk)  # instead of 10 MB
        patch.setattr(file_download.time, "sleep", lambda _: None)  # between the library's attempts
        patch.delenv("HF_TOKEN", raising=False)

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=[0.01], daemon=True).start()
        return super().__enter__()

    def __exit__(self, *error):
        self.shutdown()
        super().__exit__(*error)


class RefusalError(Exception):
    """An error to answer with: status, the Hub's error code, and the message."""


class Answer(BaseHTTPRequestHandler):
    """The answer to one request."""

    def answer(self):
        path = self.path.partition("?")[0]
        self.server.requests.append(f"{self.command} {path}")
        length = int(self.headers.get("Content-Length") or 0)
        self.body = self.rfile.read(length)
        try:
            for method, pattern, respond in ROUTES:
                if method == self.command and (found := re.fullmatch(pattern, path)):
                    respond(self, *map(unquote, filter(None, found.groups())))
                    return
            raise RefusalError(404, "", "no such page")
        except RefusalError as refused:
            status, code, words = refused.args
            self.reply(words.encode(), status, **{"X-Error-Code": code, "X-Error-Message": words})

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - the base class's names

    def reply(self, content=b"", status=200, **headers):
        if not isinstance(content, bytes):
            content = json.dumps(content).encode()
            headers["Content-Type"] = "application/json"
        self.send_response(status)
        for name, value in {"Content-Length": len(content), **headers}.items():
            self.send_header(name, str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    # Who may do what

    def token(self):
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        if token and token not in (WRITER, READER):
            raise RefusalError(401, "", "Invalid credentials in Authorization header")
        return token

    def repository(self, kind, name):
        known = self.server.repositories.get((kind, name))
        token = self.token()
        if known is None or (known.private and not token):
            raise RefusalError(404 if token else 401, "RepoNotFound", "Repository not found")
        return known

    def commit(self, kind, name, revision):
        known = self.repository(kind, name)
        if not (commit := known.find(revision)):
            raise RefusalError(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return commit, known.commits[commit]

    def writer(self):
        if self.token() != WRITER:
            raise RefusalError(403 if self.token() else 401, "", "You need a token that may write")

    # LocatedSquare

    def resolve(self, *where):
        kind, (name, revision, path) = (where[0][:-2], where[1:]) if len(where) == 4 else ("model", where)
        commit, files = self.commit(kind, name, revision)
        headers = {"X-Repo-Commit": commit, "Accept-Ranges": "bytes"}
        if path not in files:
            raise RefusalError(404, "EntryNotFound", f"There is no {path}")
        if len(files[path]) >= LARGE and kind == "model":
            digest = hashlib.sha256(files[path]).hexdigest()
            self.server.large[digest] = files[path]
            linked = {"X-Linked-ETag": f'"{digest}"', "X-Linked-Size": len(files[path])}
            elsewhere = f"http://localhost:{self.server.server_port}/large/{digest}"  # as from a CDN
            self.reply(b"", 302, Location=elsewhere, **headers, **linked)
        else:
            self.send_file(files[path], ETag=f'"{blob(files[path])}"', **headers)

    def send_large(self, digest):
        self.send_file(self.server.large[digest], ETag=f'"{digest}"')

    def send_file(self, data, **headers):
        if self.command == "HEAD":
            self.reply(data, **headers)
            return
        wanted = self.headers.get("Range")
        self.server.ranges.append(wanted)
        answer = self.server.answers.pop(0) if self.server.answers else 200
        if answer not in (200, "half"):
            raise RefusalError(answer, "", "told to fail")
        start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1]) if wanted else 0
        if wanted:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        headers["Content-Length"] = len(data) - start
        body = data[start:]
        self.reply(body[:HALF] if answer == "half" else body, 206 if wanted else 200, **headers)

    def tree(self, kind, name, revision):
        _, files = self.commit(kind, name, revision)
        self.reply(
            [
                {"type": "file", "path": path, "size": len(data), "oid": blob(data)}
                | ({"lfs": lfs(data)} if len(data) >= LARGE else {})
                for path, data in files.items()
            ]
        )

    def info(self, kind, name, revision="main"):
        commit, files = self.commit(kind, name, revision)
        private = self.repository(kind, name).private
        siblings = [{"rfilename": path} for path in files]
        self.reply({"_id": "1", "id": name, "sha": commit, "private": private, "siblings": siblings})

    # Writing

    def create(self):
        self.writer()
        fields = json.loads(self.body)
        kind, name = fields.get("type") or "model", f"{fields['organization']}/{fields['name']}"
        answer = {"url": f"{self.server.address}/{'spaces/' if kind == 'space' else ''}{name}"}
        if (kind, name) in self.server.repositories:
            self.reply(answer | {"error": "You already created this repo"}, 409)
            return
        private = fields.get("visibility") == "private" or bool(fields.get("private"))
        repository = self.server.repositories[kind, name] = Repository(private, fields)
        repository.commit({".gitattributes": b"*.safetensors filter=lfs"})
        self.reply(answer)

    def branch(self, kind, name, branch):
        self.writer()
        known = self.repository(kind, name)
        if branch in known.branches:
            raise RefusalError(409, "", "Reference already exists")
        known.branches[branch] = known.branches["main"]
        self.reply({})

    def validate(self):
        front = json.loads(self.body)["content"]
        if not front.startswith("---\n"):
            raise RefusalError(400, "", "no metadata")
        self.reply({"warnings": [], "errors": []})

    def preupload(self, kind, name, revision):
        self.writer()
        _, files = self.commit(kind, name, revision)
        answer = []
        for asked in json.loads(self.body)["files"]:
            there = files.get(asked["path"])
            large = asked["size"] >= LARGE
            oid = None if there is None else hashlib.sha256(there).hexdigest() if large else blob(there)
            answer.append(
                {
                    "path": asked["path"],
                    "uploadMode": "lfs" if large else "regular",
                    "shouldIgnore": False,
                    "oid": oid,
                }
            )
        self.reply({"files": answer})

    def batch(self, *_):
        self.writer()
        objects = [
            file
            | ({} if file["oid"] in self.server.large else {"actions": {"upload": self.place(file["oid"])}})
            for file in json.loads(self.body)["objects"]
        ]
        self.reply({"transfer": "basic", "objects": objects})

    def place(self, digest):
        return {"href": f"{self.server.address}/large/{digest}", "header": {}}

    def receive_large(self, digest):
        answer = self.server.answers.pop(0) if self.server.answers else 200
        if answer != 200 or hashlib.sha256(self.body).hexdigest() != digest:
            raise RefusalError(answer if answer != 200 else 400, "", "not what was announced")
        self.server.large[digest] = self.body
        self.reply()

    def receive_commit(self, kind, name, revision):
        self.writer()
        files = {}
        for line in map(json.loads, self.body.splitlines()):
            value = line["value"]
            if line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                files[value["path"]] = self.server.large[value["oid"]]
        commit = self.repository(kind, name).commit(files, revision)
        page = f"{self.server.address}/{'spaces/' if kind == 'space' else ''}{name}"
        self.reply({"success": True, "commitUrl": f"{page}/commit/{commit}", "commitOid": commit})

    def variables(self, name):
        self.writer()
        variables = self.repository("space", name).variables
        if self.command == "POST":
            fields = json.loads(self.body)
            variables[fields["key"]] = fields["value"]
        elif self.command == "DELETE":
            del variables[json.loads(self.body)["key"]]
        self.reply({key: {"key": key, "value": value} for key, value in variables.items()})

    def log_message(self, *_):
        pass


def blob(data):
    """The hash by which Git names a file."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def lfs(data):
    return {"oid": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 134}


NAME, API = r"([\w.-]+/[\w.-]+)", r"/api/(model|dataset|space)s/([\w.-]+/[\w.-]+)"
ROUTES = [
    *(
        (method, rf"/(datasets/|spaces/)?{NAME}/resolve/([^/]+)/(.+)", Answer.resolve)
        for method in ("HEAD", "GET")
    ),
    *((method, r"/large/(\w+)", Answer.send_large) for method in ("HEAD", "GET")),
    ("GET", rf"{API}/tree/([^/]+)", Answer.tree),
    ("GET", rf"{API}(?:/revision/([^/]+))?", Answer.info),
    ("POST", r"/api/repos/create", Answer.create),
    ("POST", rf"{API}/branch/([^/]+)", Answer.branch),
    ("POST", r"/api/validate-yaml", Answer.validate),
    ("POST", rf"{API}/preupload/([^/]+)", Answer.preupload),
    ("POST", rf"/(?:datasets/|spaces/)?{NAME}\.git/info/lfs/objects/batch", Answer.batch),
    ("PUT", r"/large/(\w+)", Answer.receive_large),
    ("POST", rf"{API}/commit/([^/]+)", Answer.receive_commit),
    *((method, rf"/api/spaces/{NAME}/variables", Answer.variables) for method in ("GET", "POST", "DELETE")),
]
