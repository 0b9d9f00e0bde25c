"""Hyper's request signature, HYPER-HMAC-SHA256: signs and verifies requests.

Layer: protocol. No I/O, no clock: the caller gives the date of a signature, and the time that it is
checked against. Any thread.

Client and embedded engine share the canonical form below. It is that of hyper-api's
``signature/sign4.go``, with its peculiarities: the path loses its leading slash and its empty
segments. Repeated keys of the query keep their order. The port 80 or 443 is not part of the signed
host, with any scheme. Connection, Upgrade and User-Agent are not signed.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from urllib.parse import quote

from hyper_jupyter.exceptions import InvalidSignature

__all__ = ["DEFAULT_REGION", "MAX_AGE", "sign", "verify"]

DEFAULT_REGION: Final = "us-west-1"
"""The region if neither the caller nor the host names one."""

MAX_AGE: Final = timedelta(minutes=5)
"""How old a signature may be, and how far ahead of the clock. sign4.go uses five minutes."""

_ALGORITHM: Final = "HYPER-HMAC-SHA256"
_SERVICE: Final = "hyper"
_END: Final = "hyper_request"
_CONTENT_TYPE: Final = "application/json"
_DATE: Final = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_WORD: Final = re.compile(r"[!-~]*")  # no spaces: the characters of a Credential
_REGION: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_ESCAPED: Final = re.compile(rb"%([0-9A-Fa-f]{2})?")
_BLANK: Final = " \t\r\n\v\f"

Headers = Mapping[str, str] | Iterable[tuple[str, str]]


def sign(
    method: str,
    url: str,
    headers: Headers | None,
    body: bytes | str | None,
    *,
    access_key: str,
    secret_key: str,
    region: str | None = None,
    date: str | datetime | None = None,
) -> dict[str, str]:
    """Sign a request.

    Args:
        method: such as ``"GET"``.
        url: the URL, encoded as it is sent. A URL without a host (``/v1.23/info?a=b``) is for the
            host that ``headers`` name.
        headers: the headers that are sent, with names in any case; the first of each name counts.
        body: the whole body; ``None`` is no body, text is sent as UTF-8.
        access_key: the public half of the key pair.
        secret_key: the other half.
        region: ``None`` takes it from a host that is exactly ``REGION.hyper.sh`` (without a port,
            as the reference does), otherwise :data:`DEFAULT_REGION`.
        date: ``"YYYYMMDDTHHMMSSZ"``, or an aware datetime; ``None`` takes the request's own
            ``X-Hyper-Date``. One of the two is required, because there is no clock here.

    Returns:
        Headers to set on the request: ``Authorization``, ``X-Hyper-Date``,
        ``X-Hyper-Content-Sha256``, and also ``Content-Type`` if it was missing, because it is
        signed. The request's ``Host`` must be the host of ``url``.

    Raises:
        InvalidSignature: no signature can be made: there is no date or no host, the URL is
            malformed, or no header can carry the key or region.
    """
    fields = _fields(headers)
    target = _parse(url, fields)
    content = _octets(body or b"")
    stamp = _stamp(date if date is not None else fields.get("x-hyper-date", "").strip(_BLANK))
    region = _region(target.host) if region is None else region
    if not _WORD.fullmatch(access_key) or "," in access_key:
        raise InvalidSignature("the access key has characters that no header can carry")
    if not _REGION.fullmatch(region):
        raise InvalidSignature("the region's name is malformed")
    added = {"X-Hyper-Date": stamp, "X-Hyper-Content-Sha256": hashlib.sha256(content).hexdigest()}
    if not fields.get("content-type"):
        added["Content-Type"] = _CONTENT_TYPE
    fields.update((name.lower(), value) for name, value in added.items())
    fields["host"] = target.host
    names, signature = _signature(method, target, fields, secret_key, stamp, region)
    scope = f"{stamp[:8]}/{region}/{_SERVICE}/{_END}"
    added["Authorization"] = (
        f"{_ALGORITHM} Credential={access_key}/{scope}, SignedHeaders={names}, "
        f"Signature={signature}"
    )
    return added


def verify(
    method: str,
    url: str,
    headers: Headers,
    body: bytes | None,
    *,
    access_key: str,
    secret_key: str,
    region: str,
    now: datetime,
    digest: str | None = None,
) -> None:
    """Check the signature of a request, as the server that received it.

    The request decides what has to be signed, not its list of signed headers: if a header of the
    signed kinds was added on the way, the signature is invalid.

    What is signed is the digest of the body, which a header states. So all else can be checked when
    the head has come, before anything of a stranger's body is read.

    Args:
        method: the method as received.
        url: the URL as received. It usually has no host; then the ``Host`` header names it.
        headers: the headers as received.
        body: the body as received; ``None`` leaves it out, which proves nothing about it: call
            again when it has come.
        access_key: the only key that is accepted.
        secret_key: the secret key that belongs to it.
        region: the only region that is accepted.
        now: the time; an aware datetime.
        digest: of the body, its SHA-256 in hexadecimal digits, for whoever does not keep a body;
            `body` is ``None`` then.

    Raises:
        InvalidSignature: the signature does not hold. The text is the first reason, in one line
            without anything secret.
    """
    fields = _fields(headers)
    scope = _Authorization.parse(fields.get("authorization"))
    stamp = fields.get("x-hyper-date", "").strip(_BLANK)
    try:
        date = datetime.strptime(_stamp(stamp), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except (InvalidSignature, ValueError):
        date = None
    if date is None:
        raise InvalidSignature("the request has no valid X-Hyper-Date")
    if not hmac.compare_digest(_octets(scope.access_key), _octets(access_key)):
        raise InvalidSignature("the access key is not known")
    if scope.region != region:
        raise InvalidSignature(f"the request is signed for region {scope.region}, not {region}")
    if abs(now - date) > MAX_AGE:
        raise InvalidSignature(
            f"the request's date {stamp} is more than {MAX_AGE.seconds // 60} minutes away from "
            f"the server's, {now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        )
    if scope.date != stamp[:8]:
        raise InvalidSignature("the signature is of another day than X-Hyper-Date")
    stated = fields.get("x-hyper-content-sha256", "").strip(_BLANK)
    if body is not None:
        digest = hashlib.sha256(body).hexdigest()
    elif digest is None:
        digest = stated
    if not _DIGEST.fullmatch(stated) or not hmac.compare_digest(stated, digest):
        raise InvalidSignature("the body is not the one that was signed")
    target = _parse(url, fields)
    fields["host"] = target.host
    names, signature = _signature(method, target, fields, secret_key, stamp, region)
    if scope.names != names:
        raise InvalidSignature(f"the headers {names[:500]} have to be signed, and no others")
    if not hmac.compare_digest(scope.signature, signature):
        raise InvalidSignature("the signature does not match the request and the secret key")


class _Authorization(NamedTuple):
    """The parts of an ``Authorization`` header."""

    access_key: str
    date: str
    region: str
    names: str
    signature: str

    @classmethod
    def parse(cls, text: str | None) -> _Authorization:
        if not text:
            raise InvalidSignature("the request is not signed")
        algorithm, _, rest = text.strip(_BLANK).partition(" ")
        if algorithm != _ALGORITHM:
            raise InvalidSignature(f"the request's Authorization is not {_ALGORITHM}")
        parts = [part.strip(_BLANK).partition("=") for part in rest.split(",")]
        values = {name: value for name, equals, value in parts if equals}
        if len(parts) != 3 or values.keys() != {"Credential", "SignedHeaders", "Signature"}:
            raise InvalidSignature("the request's Authorization is malformed")
        # An access key may hold slashes; what follows it does not.
        credential = values["Credential"].rsplit("/", 4)
        if (
            len(credential) != 5
            or credential[3:] != [_SERVICE, _END]
            or not _REGION.fullmatch(credential[2])
            or not _WORD.fullmatch(credential[0])
            or not _DIGEST.fullmatch(values["Signature"])
        ):
            raise InvalidSignature("the request's Authorization is malformed")
        access_key, date, region = credential[:3]
        return cls(access_key, date, region, values["SignedHeaders"], values["Signature"])


class _Target(NamedTuple):
    """The parts of a URL; path and query are in canonical form."""

    host: str
    path: str
    query: str


def _parse(url: str, fields: Mapping[str, str]) -> _Target:
    text = url.partition("#")[0]
    before, query_mark, query = text.partition("?")
    scheme, absolute, rest = before.partition("://")
    if absolute and "/" not in scheme:
        authority, slash, path = rest.partition("/")
        host = authority.rpartition("@")[2]  # a user in the URL is not part of the host
        path = slash + path
    else:
        host, path = fields.get("host", "").strip(_BLANK), before
    if not host:
        raise InvalidSignature("a request without a host cannot be signed")
    decoded = _unescape(_octets(path))
    if decoded is None:
        raise InvalidSignature("the URL's path is not encoded as it should be")
    segments = [quote(segment, safe="") for segment in decoded.split(b"/") if segment]
    return _Target(host, "/".join(segments), _query(_octets(query)) if query_mark else "")


def _query(text: bytes) -> str:
    """Return the query in canonical form.

    It is Go's ``url.Values.Encode`` of what ``URL.Query`` finds, with ``%20`` for spaces.
    """
    values: dict[bytes, list[str]] = {}
    for pair in text.split(b"&"):
        if not pair or b";" in pair:
            continue  # Go drops these, and pairs that it cannot decode
        key, _, value = (_unescape(part) for part in pair.replace(b"+", b" ").partition(b"="))
        if key is not None and value is not None:
            values.setdefault(key, []).append(quote(value, safe="") if value else "")
    return "&".join(
        f"{name}={value}"
        for name, key in ((quote(key, safe=""), key) for key in sorted(values))
        for value in values[key]
    )


def _unescape(text: bytes) -> bytes | None:
    """Undo percent-encoding; return ``None`` if two hexadecimal digits do not follow a ``%``."""
    if b"%" not in text:
        return text
    if any(match[1] is None for match in _ESCAPED.finditer(text)):
        return None
    return _ESCAPED.sub(lambda match: bytes.fromhex(match[1].decode()), text)


def _signature(
    method: str,
    target: _Target,
    fields: Mapping[str, str],
    secret_key: str,
    stamp: str,
    region: str,
) -> tuple[str, str]:
    """Return the names of the signed headers, as the request states them, and the signature."""
    lines = []
    for name in sorted(fields):
        if name in ("content-type", "content-md5", "host") or name.startswith("x-hyper-"):
            value = fields[name].strip(_BLANK)
            if "\n" in value or "\r" in value:
                raise InvalidSignature(f"the header {name[:50]} has more than one line")
            if name == "host" and value.partition(":")[2].split(":")[0] in ("80", "443"):
                value = value.partition(":")[0]
            lines.append((name, value))
    names = ";".join(name for name, _ in lines)
    canonical = b"\n".join(
        [
            _octets(method),
            target.path.encode(),
            target.query.encode(),
            *(_octets(name) + b":" + _header_octets(value) for name, value in lines),
            b"",
            _octets(names),
            _octets(fields["x-hyper-content-sha256"].strip(_BLANK)),
        ]
    )
    scope = f"{stamp[:8]}/{region}/{_SERVICE}/{_END}"
    digest = hashlib.sha256(canonical).hexdigest()
    text = f"{_ALGORITHM}\n{stamp}\n{scope}\n{digest}"
    key = b"HYPER" + _octets(secret_key)
    for part in (stamp[:8], region, _SERVICE, _END, text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return names, key.hex()


def _fields(headers: Headers | None) -> dict[str, str]:
    """Return the first value of each name, by names in lower case."""
    result: dict[str, str] = {}
    pairs = headers.items() if isinstance(headers, Mapping) else headers or ()
    for name, value in pairs:
        result.setdefault(name.lower(), value)
    return result


def _octets(value: bytes | str) -> bytes:
    if isinstance(value, bytes):
        return value
    try:
        return value.encode("utf-8")
    except UnicodeEncodeError:
        pass  # do not chain that error: it holds the text, which may be secret
    raise InvalidSignature("the request has characters that cannot be sent")


def _header_octets(value: str) -> bytes:
    """Return a header's value as HTTP carries it: the other side signs these bytes."""
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return _octets(value)


def _stamp(date: str | datetime | None) -> str:
    if isinstance(date, datetime):
        if date.utcoffset() is None:
            raise InvalidSignature("a datetime without a time zone cannot date a signature")
        return date.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    if not date:
        raise InvalidSignature("a signature needs a date")
    if not _DATE.fullmatch(date):
        raise InvalidSignature(f"{date[:50]!r} is not a date of the form YYYYMMDDTHHMMSSZ")
    return date


def _region(host: str) -> str:
    """Return the region of a host that is exactly ``REGION.hyper.sh``, else the default."""
    region, dot, rest = host.partition(".")
    return region if dot and region and rest == "hyper.sh" else DEFAULT_REGION
