"""Signatures against the vectors of the reference, and what the published command line sent."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import InvalidSignature, sign, verify
from tests.protocol.feeding import vectors
from tests.recorded import KEYS as RECORDED_KEYS
from tests.recorded import REGION, Recorded, requests

VECTORS: Final = {vector["input"]["id"]: vector for vector in vectors("sign4.json")["vectors"]}
AT_HOST: Final = [name for name in VECTORS if name != "unix-socket-client"]

KEYS: Final = {"access_key": "AK", "secret_key": "SK"}
DATE: Final = "20181224T101112Z"
NOW: Final = datetime(2018, 12, 24, 10, 11, 12, tzinfo=UTC)
URL: Final = "https://us-west-1.hyper.sh/v1.23/info?a=1"
TARGET: Final = "/v1.23/info?a=1"
HOST: Final = {"Host": "us-west-1.hyper.sh"}
BODY: Final = b'{"a":1}'


def url_of(given: dict[str, Any]) -> str:
    return (
        given["url"]
        if given["construct"] == "url"
        else f"https://{given['url_host']}{given['url']}"
    )


def signed(**changes: Any) -> dict[str, str]:
    """All headers of one signed request, as a server gets them."""
    options: dict[str, Any] = {"region": None, "date": DATE, **KEYS, **changes}
    return HOST | sign("POST", URL, None, BODY, **options)


def check(headers: dict[str, str], **changes: Any) -> None:
    options: dict[str, Any] = {
        "method": "POST",
        "url": TARGET,
        "body": BODY,
        "region": "us-west-1",
        "now": NOW,
        **KEYS,
        **changes,
    }
    verify(headers=headers, **options)


# -- making one ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", AT_HOST)
def test_each_vector_gives_the_reference_s_headers(name: str) -> None:
    given, expected = VECTORS[name]["input"], VECTORS[name]["expected"]
    headers = {key: values[0] for key, values in given["headers"].items()}
    added = sign(
        given["method"],
        url_of(given),
        headers,
        given["body_utf8"],
        access_key=given["access_key"],
        secret_key=given["secret_key"],
        region=expected["region_used"],
        date=given["date"],
    )
    expected_added = {
        "Authorization": expected["authorization"],
        "X-Hyper-Date": given["date"],
        "X-Hyper-Content-Sha256": expected["content_sha256"],
    }
    if "Content-Type" not in headers:
        expected_added["Content-Type"] = expected["content_type_sent"]
    assert added == expected_added


def test_a_url_without_a_host_is_signed_for_the_host_header() -> None:
    given, expected = (VECTORS["unix-socket-client"][part] for part in ("input", "expected"))
    added = sign(
        given["method"],
        given["url"],
        {"Host": given["url_host"]},
        None,
        access_key=given["access_key"],
        secret_key=given["secret_key"],
        region=given["region_arg"],
        date=given["date"],
    )
    assert added["Authorization"] == expected["authorization"]


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("eu-central-1.hyper.sh", "eu-central-1"),
        ("eu-central-1.hyper.sh:443", "us-west-1"),
        ("a.b.hyper.sh", "us-west-1"),
        (".hyper.sh", "us-west-1"),
        ("hyper.sh", "us-west-1"),
        ("eu-central-1.hyper.sh.example.org", "us-west-1"),
        ("127.0.0.1:6443", "us-west-1"),
    ],
)
def test_a_region_that_is_not_named_comes_from_an_exact_host_only(host: str, region: str) -> None:
    added = sign("GET", f"https://{host}/v1.23/info", None, None, date=DATE, **KEYS)
    assert f"Credential=AK/20181224/{region}/hyper/hyper_request," in added["Authorization"]


def test_a_region_that_is_named_wins_over_the_host() -> None:
    url = "https://eu-central-1.hyper.sh/v1.23/info"
    added = sign("GET", url, None, None, region="RegionOne", date=DATE, **KEYS)
    assert "/RegionOne/hyper/" in added["Authorization"]


def test_an_aware_datetime_dates_it_in_utc() -> None:
    east = datetime(2018, 12, 24, 12, 11, 12, tzinfo=timezone(timedelta(hours=2)))
    assert signed(date=east) == signed(date=DATE)


def test_without_a_date_the_request_s_own_counts() -> None:
    added = sign("POST", URL, {"x-hyper-date": DATE}, BODY, **KEYS)
    assert HOST | added == signed()


def test_text_is_signed_as_utf_8_and_a_missing_body_as_an_empty_one() -> None:
    assert sign("POST", URL, None, "\u6d4b", date=DATE, **KEYS) == sign(
        "POST", URL, None, b"\xe6\xb5\x8b", date=DATE, **KEYS
    )
    assert sign("POST", URL, None, None, date=DATE, **KEYS) == sign(
        "POST", URL, None, b"", date=DATE, **KEYS
    )


def test_the_first_header_of_a_name_counts() -> None:
    twice = [("content-type", "text/plain"), ("Content-Type", "application/json")]
    assert sign("GET", URL, twice, None, date=DATE, **KEYS) == sign(
        "GET", URL, {"Content-Type": "text/plain"}, None, date=DATE, **KEYS
    )


@pytest.mark.parametrize(
    "key", ["AK/FAKE+ACCESS", "/", "a/b/c/20181224/us-west-1/hyper/hyper_request", "A+/K==", "AK/"]
)
def test_an_access_key_may_hold_slashes_and_is_read_from_the_right(key: str) -> None:
    added = signed(access_key=key, region="us-west-1")
    scope = "20181224/us-west-1/hyper/hyper_request"
    assert f" Credential={key}/{scope}, SignedHeaders=" in added["Authorization"]
    same = signed(access_key="AK", region="us-west-1")["Authorization"]  # the key is not signed
    assert added["Authorization"].rpartition("=")[2] == same.rpartition("=")[2]
    check(added, access_key=key)
    for other in ("AK", key + "x", key.rpartition("/")[0] or "x", key.partition("/")[2] or "x"):
        with pytest.raises(InvalidSignature, match="the access key is not known"):
            check(added, access_key=other)


@pytest.mark.parametrize(
    "changes",
    [
        {"date": None},
        {"date": ""},
        {"date": "2018-12-24T10:11:12Z"},
        {"date": "20181224T101112Z\n"},
        {"date": datetime(2018, 12, 24)},  # noqa: DTZ001
        {"access_key": "A K"},
        {"access_key": "A,K"},
        {"access_key": "AK\r\nX-Other: 1"},
        {"secret_key": "\udcff"},
        {"region": "us west"},
        {"region": ""},
        {"region": "a/b"},
    ],
    ids=repr,
)
def test_what_no_signature_can_be_made_of_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidSignature) as caught:
        signed(**changes)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, HyperJupyterError)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize("url", ["/v1.23/info", "https:///info", "https://h/%", "https://h/%zz"])
def test_a_url_without_a_host_or_with_a_bad_path_is_refused(url: str) -> None:
    with pytest.raises(InvalidSignature):
        sign("GET", url, None, None, date=DATE, **KEYS)


def test_a_signed_header_of_two_lines_is_refused() -> None:
    with pytest.raises(InvalidSignature, match="x-hyper-app"):
        sign("GET", URL, {"X-Hyper-App": "a\nb"}, None, date=DATE, **KEYS)


# -- checking one ----------------------------------------------------------------------------


def test_a_signed_request_is_accepted_by_its_target_and_by_its_url() -> None:
    check(signed())
    check(signed(), url=URL)


def test_a_host_in_the_url_counts_and_not_the_header() -> None:
    check(signed() | {"Host": "other.hyper.sh"}, url=URL)
    with pytest.raises(InvalidSignature, match="does not match"):
        check(signed(), url=URL.replace("us-west-1", "other"))


def test_bytes_of_a_header_are_signed_as_http_carries_them() -> None:
    """A server reads each byte as one character, whatever text the client meant."""
    sent = sign("POST", URL, {"X-Hyper-A": "\u6d4b"}, BODY, date=DATE, **KEYS)
    check(HOST | {"X-Hyper-A": "\xe6\xb5\x8b"} | sent)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"method": "GET"}, "the signature does not match the request and the secret key"),
        ({"url": "/v1.23/info?a=2"}, "the signature does not match the request and the secret key"),
        ({"url": "/v1.24/info?a=1"}, "the signature does not match the request and the secret key"),
        ({"body": b'{"a":2}'}, "the body is not the one that was signed"),
        ({"secret_key": "other"}, "the signature does not match the request and the secret key"),
        ({"access_key": "other"}, "the access key is not known"),
        (
            {"region": "eu-central-1"},
            "the request is signed for region us-west-1, not eu-central-1",
        ),
        (
            {"now": NOW + timedelta(minutes=5, seconds=1)},
            (
                "the request's date 20181224T101112Z is more than 5 minutes away from the "
                "server's, 20181224T101613Z"
            ),
        ),
        (
            {"now": NOW - timedelta(minutes=5, seconds=1)},
            (
                "the request's date 20181224T101112Z is more than 5 minutes away from the "
                "server's, 20181224T100611Z"
            ),
        ),
    ],
)
def test_each_thing_that_differs_is_refused_with_its_reason(
    changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(InvalidSignature) as caught:
        check(signed(), **changes)
    assert str(caught.value) == reason


@pytest.mark.parametrize("minutes", [5, -5])
def test_five_minutes_are_not_too_many(minutes: int) -> None:
    check(signed(), now=NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("Authorization", "", "the request is not signed"),
        ("Authorization", "Basic QTpC", "the request's Authorization is not HYPER-HMAC-SHA256"),
        ("Authorization", "HYPER-HMAC-SHA256", "the request's Authorization is malformed"),
        ("X-Hyper-Date", "", "the request has no valid X-Hyper-Date"),
        ("X-Hyper-Date", "20181324T101112Z", "the request has no valid X-Hyper-Date"),
        ("X-Hyper-Content-Sha256", "", "the body is not the one that was signed"),
        (
            "Content-Type",
            "text/plain",
            "the signature does not match the request and the secret key",
        ),
        ("Host", "other.hyper.sh", "the signature does not match the request and the secret key"),
        ("Host", "", "a request without a host cannot be signed"),
        (
            "X-Hyper-More",
            "1",
            (
                "the headers content-type;host;x-hyper-content-sha256;x-hyper-date;"
                "x-hyper-more have to be signed, and no others"
            ),
        ),
    ],
)
def test_a_header_that_was_changed_or_added_is_refused(name: str, value: str, reason: str) -> None:
    with pytest.raises(InvalidSignature) as caught:
        check(signed() | {name: value})
    assert str(caught.value) == reason


def test_a_header_that_is_missing_is_refused() -> None:
    for name in signed():
        headers = {key: value for key, value in signed().items() if key != name}
        with pytest.raises(InvalidSignature):
            check(headers)


def test_a_signature_of_another_day_s_key_is_refused() -> None:
    headers = signed()
    headers["Authorization"] = headers["Authorization"].replace("/20181224/", "/20181223/")
    with pytest.raises(InvalidSignature, match="another day"):
        check(headers)


def test_another_body_with_its_own_digest_is_refused() -> None:
    other = sign("POST", URL, None, b"other", date=DATE, **KEYS)
    headers = signed() | {"X-Hyper-Content-Sha256": other["X-Hyper-Content-Sha256"]}
    with pytest.raises(InvalidSignature, match="does not match"):
        check(headers, body=b"other")


def test_all_but_the_body_is_checked_before_it_has_come() -> None:
    headers = signed()
    check(headers, body=None)
    with pytest.raises(InvalidSignature, match="the access key is not known"):
        check(headers, body=None, access_key="other")
    with pytest.raises(InvalidSignature, match="more than 5 minutes"):
        check(headers, body=None, now=NOW + timedelta(minutes=6))
    with pytest.raises(InvalidSignature, match="does not match the request"):
        check(headers, body=None, secret_key="other")
    for stated in ("0" * 64, "0" * 63, "é" * 64, ""):  # the signature is over this digest
        with pytest.raises(InvalidSignature, match=r"does not match|body is not the one"):
            check(headers | {"X-Hyper-Content-Sha256": stated}, body=None)


@pytest.mark.parametrize(
    "part", ["Credential", "SignedHeaders", "Signature", "hyper_request", "Signature=", ", "]
)
def test_an_authorization_with_a_part_missing_is_malformed(part: str) -> None:
    headers = signed()
    headers["Authorization"] = headers["Authorization"].replace(part, "", 1)
    with pytest.raises(InvalidSignature, match="malformed"):
        check(headers)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("hyper_request,", "hyper_request/more,"),
        ("/hyper_request", "/other_request"),
        ("/hyper/", "/other/"),
        ("/us-west-1/", "//"),
        ("/us-west-1/", "/us west/"),
        ("Credential=AK/", "Credential=A K/"),
        ("Signature=", "Signature=0"),
        ("Signature=", "Signature=x"),
    ],
)
def test_an_authorization_with_one_part_that_cannot_be_is_malformed(old: str, new: str) -> None:
    headers = signed()
    assert old in headers["Authorization"]
    headers["Authorization"] = headers["Authorization"].replace(old, new, 1)
    with pytest.raises(InvalidSignature, match="malformed"):
        check(headers)


def test_the_documentation_s_two_spaces_are_accepted() -> None:
    headers = signed()
    headers["Authorization"] = headers["Authorization"].replace(" ", "  ", 1)
    check(headers)


@pytest.mark.parametrize("recorded", requests(), ids=str)
def test_every_recorded_request_of_the_hyper_command_is_accepted(recorded: Recorded) -> None:
    verify(
        recorded.method,
        recorded.target,
        recorded.headers,
        recorded.body,
        **RECORDED_KEYS,
        region=REGION,
        now=datetime(2026, 11, 23, 17, 8, tzinfo=UTC),
    )


def test_the_recording_has_all_requests() -> None:
    assert len(requests()) == 12


# -- anything at all -------------------------------------------------------------------------

NAMES: Final = st.sampled_from([*signed(), "Content-Md5", "X-Hyper-A"]) | st.text(max_size=8)


@given(
    method=st.text(max_size=8),
    url=st.text() | st.text(alphabet="/%?&=;:@#aé+2F ").map("https://h".__add__),
    headers=st.lists(st.tuples(NAMES, st.text())),
    body=st.binary(max_size=8),
    access=st.text(max_size=8),
    secret=st.text(max_size=8),
    region=st.none() | st.text(max_size=8),
    date=st.just(DATE) | st.none() | st.text(max_size=20) | st.datetimes(),
)
def test_any_request_is_signed_or_refused_by_our_own_error(
    method: str,
    url: str,
    headers: list[tuple[str, str]],
    body: bytes,
    access: str,
    secret: str,
    region: str | None,
    date: str | datetime | None,
) -> None:
    try:
        added = sign(
            method,
            url,
            headers,
            body,
            access_key=access,
            secret_key=secret,
            region=region,
            date=date,
        )
    except InvalidSignature:
        return
    assert added["Authorization"].isascii()
    assert added["Authorization"].isprintable()


@given(data=st.data())
def test_any_headers_are_accepted_or_refused_by_our_own_error(data: st.DataObject) -> None:
    headers = signed()
    for name in data.draw(st.lists(st.sampled_from(list(headers)), max_size=3)):
        text = headers[name]
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 4)))
        headers[name] = text[:start] + data.draw(st.text(max_size=4)) + text[end:]
    headers |= data.draw(st.dictionaries(NAMES, st.text(), max_size=2))
    with contextlib.suppress(InvalidSignature):
        check(headers, url=data.draw(st.just(TARGET) | st.text()))


@given(
    path=st.lists(st.text(alphabet="ab/%~ é", max_size=4)),
    query=st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3)), max_size=4),
    body=st.binary(max_size=20),
)
def test_what_is_signed_is_accepted(
    path: list[str], query: list[tuple[str, str]], body: bytes
) -> None:
    target = "/" + quote("/".join(path), safe="/") + "?" + urlencode(query)
    url = "https://us-west-1.hyper.sh" + target
    added = sign("POST", url, {"X-Hyper-A": " b "}, body, date=DATE, **KEYS)
    check(HOST | {"X-Hyper-A": " b "} | added, url=target, body=body)
