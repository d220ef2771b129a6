"""Images that programs bring without an upload: behind an address, or as `data:` in a call of a tool.

Gradio (6.31) fetches an address whole into memory, unpacks what is packed, and waits as long as bytes come;
and what it writes to the disk so, nobody counts. Here an image is streamed to the disk with bounds on its
size, its time and its way, and lies among the uploads: each visitor has a share, and all go in time.
"""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import secrets
import shutil
import socket
import ssl
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
from gradio import processing_utils

from retrieval.images import MAX_BYTES
from ui.arguments import refusal
from ui.limits.shares import FairStore
from ui.limits.upload_limits import LEAVE_FREE, UploadLimits
from ui.limits.visitors import asking

#: Seconds for all of it: names, connections, addresses that lead on, and the bytes.
SECONDS = 10.0

#: Addresses that may lead on to another one.
MAX_REDIRECTS = 5

#: Of names whose addresses are not looked at: inside a Space, the Hub's own lead to private ones.
HUB = (".hf.co", ".huggingface.co")

#: Gives the address to ask for a host and a port, or None for whichever the system chooses. Raises OSError.
AddressOf = Callable[[str, int], Awaitable[str | None]]

#: Names are looked up in threads of their own: one whose servers never answer holds up no other work.
_NAMES = ThreadPoolExecutor(8, "names")


def bound_remote_images(page: gr.Blocks) -> None:
    """Have Gradio bring such images in within these bounds, and delete them when their time is up."""
    write = getattr(
        processing_utils.save_base64_to_cache, "__wrapped__", processing_utils.save_base64_to_cache
    )

    @functools.wraps(write)
    def write_and_count(*arguments: Any, **options: Any) -> str:  # noqa: ANN401 - Gradio's own
        path: str = write(*arguments, **options)
        _count(page, Path(path))
        return path

    async def fetch_and_count(url: str, cache_dir: str) -> str:
        path = await fetch(url, Path(cache_dir))
        _count(page, path)
        return str(path)

    processing_utils.save_base64_to_cache = write_and_count
    processing_utils.async_ssrf_protected_download = fetch_and_count


async def public_address(host: str, port: int) -> str | None:
    """An address of a host that everybody can reach: asked by it, no name can lead elsewhere meanwhile.

    Raises:
        OSError: If there is none.
    """
    if f".{host}".endswith(HUB):
        return None
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(_NAMES, functools.partial(_look_up, host, port))
    for address in found:
        if is_public(address):
            return address
    raise OSError(f"{host} has no public address")


def _look_up(host: str, port: int) -> list[str]:
    return [str(where[0]) for *_, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet, and not one of this machine or its network."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:  # with the name of an interface
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and not ip.is_multicast
    # Others wrap an IPv4 address, such as 64:ff9b::/96, or are no one's.
    return ip in _IPV6 and ip.is_global and ip.sixtofour is None and ip.teredo is None


_IPV6 = ipaddress.IPv6Network("2000::/3")


async def fetch(
    url: str,
    folder: Path,
    address_of: AddressOf = public_address,
    seconds: float = SECONDS,
    free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
) -> Path:
    """Fetch what is behind an address into a new folder inside a folder.

    Args:
        url: Of http or https.
        folder: Exists, or is made.
        address_of: Says where a host is, or refuses it.
        seconds: For all of it.
        free: Bytes that are free on the disk of a folder.

    Returns:
        The path of the file, of at most `MAX_BYTES`.

    Raises:
        gr.Error: If it is too large, packed, or takes too long, or the disk is full, with a sentence.
        Exception: If it is not there, or not public: of httpx, or an OSError or ValueError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if free(folder) < LEAVE_FREE + MAX_BYTES:
        raise refusal("The server's disk is full: try again in some minutes.")
    place = folder / secrets.token_hex(16)
    place.mkdir()
    path = place / "image"
    try:
        await asyncio.wait_for(_stream(httpx.URL(url), path, address_of, seconds), seconds)
    except (asyncio.TimeoutError, httpx.TimeoutException):
        _remove(path)
        raise refusal(
            f"'image' was not there within {seconds:g} seconds: name a faster server, or upload it."
        ) from None
    except BaseException:
        _remove(path)
        raise
    return path


async def _stream(url: httpx.URL, path: Path, address_of: AddressOf, seconds: float) -> None:
    for _ in range(MAX_REDIRECTS + 1):
        if url.scheme not in ("http", "https") or not url.host:
            raise ValueError("no address of the web")
        address = await address_of(url.host, url.port or {"http": 80, "https": 443}[url.scheme])
        # Packed, a few bytes become any number; a picture is packed in itself.
        headers = {"Accept-Encoding": "identity", "Host": url.netloc.decode("ascii")}
        asked = url if address is None else url.copy_with(host=address)
        async with (
            # A proxy would look the name up by itself.
            httpx.AsyncClient(verify=_certificates(), timeout=seconds, trust_env=address is None) as client,
            client.stream("GET", asked, headers=headers, extensions={"sni_hostname": url.host}) as response,
        ):
            if response.has_redirect_location:
                url = url.join(response.headers["location"])
                continue
            if response.status_code != 200:
                raise ValueError(f"the answer is {response.status_code}")
            await _save(response, path)
            return
    raise ValueError("it leads on and on")


async def _save(response: httpx.Response, path: Path) -> None:
    if response.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
        raise refusal("'image' is sent packed: name a server that sends it as it is, or upload it.")
    too_large = refusal(f"'image' is too large: at most {MAX_BYTES // 10**6} MB are read.")
    said = response.headers.get("content-length", "")
    if said.isdecimal() and int(said) > MAX_BYTES:
        raise too_large
    count = 0
    with path.open("wb") as file:
        async for piece in response.aiter_raw():
            count += len(piece)
            if count > MAX_BYTES:
                raise too_large
            file.write(piece)


@functools.cache
def _certificates() -> ssl.SSLContext:
    """Reading them takes tens of milliseconds."""
    return httpx.create_ssl_context()


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.parent.rmdir()


def _count(page: gr.Blocks, path: Path) -> None:
    """Count a file among the uploads of who is answered at the moment."""
    page.upload_file_set.add(str(path))
    files = uploads_of(page)
    if files is not None:
        files.keep(str(path), path, path.stat().st_size, asking.get())


def uploads_of(page: gr.Blocks) -> FairStore[Path] | None:
    """What counts the uploads of a page; None if it is served without bounds, as in tests."""
    layer: Any = getattr(getattr(page, "app", None), "middleware_stack", None)
    while layer is not None:
        if isinstance(layer, UploadLimits):
            return layer.files
        layer = getattr(layer, "app", None)
    return None
