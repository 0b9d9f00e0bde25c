"""One HTTP exchange: what is sent, every way an answer may come, and every way it may break."""

from __future__ import annotations

import functools
import tracemalloc
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.protocol import EndOfStream, Exchange, ProtocolError, ResponseHead
from tests.protocol.feeding import byte_by_byte, cut, splits

WHOLE, TRUNCATED = EndOfStream(truncated=False), EndOfStream(truncated=True)

UPGRADED = (
    b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n"
    b"Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
)
NOT_UPGRADED = b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n\r\nNo such container: x\r\n"


def attach() -> Exchange:
    headers = {"Host": "engine", "Connection": "Upgrade", "Upgrade": "tcp"}
    exchange = Exchange("POST", "/v1.41/containers/x/attach?stream=1", headers)
    exchange.data_to_send()
    return exchange


def get() -> Exchange:
    exchange = Exchange("GET", "/version", {"Host": "engine"})
    exchange.data_to_send()
    return exchange


@dataclass
class Answer:
    """All that came of an answer."""

    head: ResponseHead | None
    body: bytes = b""
    ended: bool = False
    end: EndOfStream | None = None
    fault: str = ""


def receive(exchange: Exchange, chunks: list[bytes]) -> Answer:
    """Feed the chunks and the end; a ProtocolError ends it too."""
    answer = Answer(None)
    try:
        for chunk in chunks:
            answer.body += exchange.receive_data(chunk)
        answer.ended = exchange.ended
        answer.end = exchange.receive_eof()
    except ProtocolError as error:
        answer.fault = str(error)
    answer.head = exchange.head
    return answer


# -- the request ---------------------------------------------------------------------------


def test_the_request_is_its_line_its_headers_in_order_and_no_more() -> None:
    exchange = Exchange(
        "POST",
        "/v1.41/containers/x/attach?stream=1&logs=0",
        [("Host", "engine:2375"), ("Upgrade", "tcp"), ("Connection", "Upgrade")],
    )
    assert exchange.data_to_send() == (
        b"POST /v1.41/containers/x/attach?stream=1&logs=0 HTTP/1.1\r\n"
        b"Host: engine:2375\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\n"
    )


def test_the_request_is_given_once() -> None:
    exchange = Exchange("GET", "/_ping", {"Host": "engine"})
    assert exchange.data_to_send() == b"GET /_ping HTTP/1.1\r\nHost: engine\r\n\r\n"
    assert exchange.data_to_send() == b""


def test_a_body_gets_its_length() -> None:
    exchange = Exchange("POST", "/exec/x/start", {"Host": "engine"}, b'{"Tty":false}')
    assert exchange.data_to_send() == (
        b'POST /exec/x/start HTTP/1.1\r\nHost: engine\r\nContent-Length: 13\r\n\r\n{"Tty":false}'
    )


def test_a_length_that_is_there_is_kept() -> None:
    exchange = Exchange("POST", "/x", {"Host": "engine", "content-length": "2"}, b"{}")
    assert exchange.data_to_send() == (
        b"POST /x HTTP/1.1\r\nHost: engine\r\ncontent-length: 2\r\n\r\n{}"
    )


@pytest.mark.parametrize(
    ("target", "headers", "body"),
    [
        ("/a b", {"Host": "engine"}, b""),
        ("/\r\nX: y", {"Host": "engine"}, b""),
        ("/\N{SNOWMAN}", {"Host": "engine"}, b""),
        ("/", {"Host": "engine", "X": "a\r\nY: b"}, b""),
        ("/", {"Host": "\N{SNOWMAN}.example"}, b""),
        ("/", {}, b""),
        ("/", {"Host": "engine", "Content-Length": "1"}, b"{}"),
        ("/", {"Host": "engine", "Content-Length": "3"}, b"{}"),
    ],
    ids=[
        "space", "line end", "not ASCII", "header injection", "host not ASCII", "no host",
        "length too small", "length too large",
    ],
)  # fmt: skip
def test_a_request_that_is_none_is_refused(
    target: str, headers: dict[str, str], body: bytes
) -> None:
    with pytest.raises(ProtocolError, match="not a valid request"):
        Exchange("POST", target, headers, body)


# -- streams -------------------------------------------------------------------------------


def test_a_101_gives_its_head_and_the_bytes_glued_to_it() -> None:
    exchange = attach()
    assert exchange.receive_data(UPGRADED + b"\x01\0\0\0\0\0\0\x02hi") == b"\x01\0\0\0\0\0\0\x02hi"
    assert exchange.head == ResponseHead(
        101,
        (
            ("content-type", "application/vnd.docker.raw-stream"),
            ("connection", "Upgrade"),
            ("upgrade", "tcp"),
        ),
    )
    assert exchange.receive_data(b"HTTP/1.1 is output too\r\n\r\n") == (
        b"HTTP/1.1 is output too\r\n\r\n"
    )
    assert exchange.receive_eof() == WHOLE
    assert not exchange.ended


def test_a_101_with_much_more_behind_it_gives_all_of_it() -> None:
    exchange = attach()
    assert exchange.receive_data(UPGRADED + b"x" * 300_000) == b"x" * 300_000


def test_a_200_without_a_length_is_a_stream_to_the_end_of_the_connection() -> None:
    exchange = attach()
    assert exchange.receive_data(NOT_UPGRADED + b"a") == b"a"
    assert exchange.receive_data(b"b\r\n0\r\n\r\n") == b"b\r\n0\r\n\r\n"
    assert not exchange.ended
    assert exchange.receive_eof() == WHOLE


def test_a_200_in_chunks_as_a_proxy_writes_it_is_the_same_stream() -> None:
    exchange = attach()
    assert exchange.receive_data(CHUNKED + b"3\r\nabc\r\n") == b"abc"
    assert exchange.receive_data(b"A;name=value\r\n0123") == b"0123"
    assert exchange.receive_data(b"456789\r") == b"456789"
    assert exchange.receive_data(b"\n1\r\n!\r\n") == b"!"
    assert not exchange.ended
    assert exchange.receive_data(b"0\r\nTrailer: x\r\n\r\n") == b""
    assert exchange.ended
    assert exchange.receive_eof() == WHOLE


def test_a_body_with_a_length_ends_there() -> None:
    exchange = get()
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"
    assert exchange.receive_data(head + b"ab") == b"ab"
    assert not exchange.ended
    assert exchange.receive_data(b"cdXY") == b"cd"
    assert exchange.ended
    assert exchange.receive_eof() == WHOLE


def test_what_follows_a_complete_answer_is_neither_given_nor_kept() -> None:
    exchange = get()
    exchange.receive_data(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert exchange.ended
    tracemalloc.start()
    try:
        for _ in range(64):
            assert exchange.receive_data(bytes(64 * 1024)) == b""
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 128 * 1024
    assert exchange.receive_eof() == WHOLE


def test_an_error_in_plain_text_without_a_length_ends_with_the_connection() -> None:
    answer = receive(attach(), [NOT_FOUND])
    assert answer.head is not None
    assert answer.head.status == 404
    assert (answer.body, answer.end) == (b"No such container: x\r\n", WHOLE)


def test_http_1_0_will_do() -> None:
    answer = receive(attach(), [b"HTTP/1.0 200 OK\r\n\r\nhello"])
    assert (answer.body, answer.end) == (b"hello", WHOLE)


def test_a_reason_may_be_missing() -> None:
    answer = receive(get(), [b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"])
    assert answer.head == ResponseHead(200, (("content-length", "0"),))


def test_a_header_is_found_in_any_case_and_the_first_wins() -> None:
    head = ResponseHead(200, (("api-version", "1.41"), ("api-version", "1.23")))
    assert head.header("Api-Version") == "1.41"
    assert head.header("API-VERSION") == "1.41"
    assert head.header("server") is None


def test_names_become_lower_case_and_values_may_be_any_byte() -> None:
    exchange = get()
    exchange.receive_data(b"HTTP/1.1 200 OK\r\nX-Name: caf\xe9\r\n\r\n")
    assert exchange.head == ResponseHead(200, (("x-name", "caf\xe9"),))


# -- interim answers -----------------------------------------------------------------------


def test_interim_answers_are_passed_over() -> None:
    exchange = attach()
    interim = b"HTTP/1.1 100 Continue\r\n\r\n"
    assert exchange.receive_data(interim) == b""
    assert exchange.head is None
    early = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    assert exchange.receive_data(interim + early + UPGRADED + b"hi") == b"hi"
    assert exchange.head is not None
    assert exchange.head.status == 101


@pytest.mark.parametrize("one_by_one", [False, True])
def test_endless_interim_answers_are_a_protocol_error(one_by_one: bool) -> None:
    exchange = attach()
    interim = b"HTTP/1.1 100 Continue\r\n\r\n"
    for _ in range(16):
        assert exchange.receive_data(b"" if not one_by_one else interim) == b""
    with pytest.raises(ProtocolError, match="interim answers without end"):
        exchange.receive_data(interim if one_by_one else interim * 17)
    with pytest.raises(ProtocolError, match="interim answers without end"):
        exchange.receive_data(UPGRADED)


# -- faults --------------------------------------------------------------------------------


def head_of(size: int) -> bytes:
    """A complete head of exactly so many bytes."""
    start, end = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: ", b"\r\n\r\n"
    return start + b"x" * (size - len(start) - len(end)) + end


@pytest.mark.parametrize("piece", [1 << 20, 65536, 65537, 1000, 17])
def test_a_head_of_64_kib_will_do_however_it_comes(piece: int) -> None:
    data = head_of(65536) + b"ok"
    answer = receive(get(), cut(data, range(piece, len(data), piece)))
    assert (answer.body, answer.end, answer.fault) == (b"ok", WHOLE, "")


@pytest.mark.parametrize("piece", [1 << 20, 65536, 65537, 1000, 17])
def test_a_larger_head_is_a_protocol_error_however_it_comes(piece: int) -> None:
    data = head_of(65537) + b"ok"
    answer = receive(get(), cut(data, range(piece, len(data), piece)))
    assert (answer.head, answer.body) == (None, b"")
    assert answer.fault == "the answer's head is larger than 65536 bytes"


def test_a_head_that_never_ends_is_not_kept_for_ever() -> None:
    exchange = get()
    exchange.receive_data(b"HTTP/1.1 200 OK\r\nX: ")
    for _ in range(65):
        exchange.receive_data(b"x" * 1000)
    with pytest.raises(ProtocolError, match="larger than 65536 bytes"):
        exchange.receive_data(b"x" * 1000)


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"\x15\x03\x01\0\x02\x02\x46",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"HTTP/1.1 099 Odd\r\n\r\n",
        b"\r\n\r\n",
    ],
)
def test_what_is_no_http_answer_is_a_protocol_error_ever_after(data: bytes) -> None:
    exchange = attach()
    for _ in range(2):
        with pytest.raises(ProtocolError, match="not a valid HTTP answer"):
            exchange.receive_data(data)


def test_a_fault_quotes_little_of_what_came() -> None:
    exchange = attach()
    with pytest.raises(ProtocolError) as caught:
        exchange.receive_data(b"x" * 60_000 + b"\r\n\r\n")
    assert len(str(caught.value)) < 300


def test_a_101_that_was_not_asked_for_is_a_protocol_error() -> None:
    exchange = get()
    with pytest.raises(ProtocolError):
        exchange.receive_data(UPGRADED + b"hi")
    assert exchange.head is None


def test_output_before_a_broken_chunk_is_given_and_the_next_call_raises() -> None:
    exchange = attach()
    assert exchange.receive_data(CHUNKED + b"5\r\nhello\r\nZZ\r\n") == b"hello"
    for _ in range(2):
        with pytest.raises(ProtocolError, match="not a valid HTTP answer"):
            exchange.receive_data(b"5\r\nhello\r\n")
    assert exchange.receive_eof() == TRUNCATED


def test_a_broken_chunk_with_nothing_before_it_raises_at_once() -> None:
    exchange = attach()
    exchange.receive_data(CHUNKED)
    with pytest.raises(ProtocolError, match="not a valid HTTP answer"):
        exchange.receive_data(b"ZZ\r\n")


@pytest.mark.parametrize("body", [b"", b"5", b"5\r\nhel", b"5\r\nhello\r\n", b"0\r\n"])
def test_chunks_without_the_last_are_truncated(body: bytes) -> None:
    assert receive(attach(), [CHUNKED + body]).end == TRUNCATED


def test_a_body_shorter_than_its_length_is_truncated() -> None:
    answer = receive(get(), [b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc"])
    assert (answer.body, answer.end) == (b"abc", TRUNCATED)


@pytest.mark.parametrize("head", [UPGRADED, NOT_UPGRADED, CHUNKED], ids=["101", "200", "chunked"])
def test_an_end_before_the_head_is_complete_is_a_protocol_error(head: bytes) -> None:
    for size in range(len(head)):
        exchange = attach()
        assert exchange.receive_data(head[:size]) == b""
        with pytest.raises(ProtocolError, match="ended before the answer's head was complete"):
            exchange.receive_eof()


def test_an_end_behind_an_interim_answer_is_one_too() -> None:
    exchange = attach()
    exchange.receive_data(b"HTTP/1.1 100 Continue\r\n\r\n")
    with pytest.raises(ProtocolError, match="ended before the answer's head was complete"):
        exchange.receive_eof()


# -- however it is cut ---------------------------------------------------------------------

ANSWERS = {
    "101": UPGRADED + b"\x01\0\0\0\0\0\0\x02hi",
    "200": NOT_UPGRADED + b"\x01\0\0\0\0\0\0\x02hi",
    "chunked": CHUNKED + b"a\r\n\x01\0\0\0\0\0\0\x02hi\r\n0\r\n\r\n",
    "chunked, broken": CHUNKED + b"2\r\nhi\r\nX\r\n",
    "length": b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n\x01\0\0\0\0\0\0\x02hi and more",
    "404": NOT_FOUND,
    "interim": b"HTTP/1.1 100 Continue\r\n\r\n" + UPGRADED + b"hi",
}


@pytest.mark.parametrize("name", ANSWERS)
def test_every_place_to_cut_an_answer_in_two_changes_nothing(name: str) -> None:
    data = ANSWERS[name]
    whole = receive(attach(), [data, b""] if name != "chunked, broken" else byte_by_byte(data))
    for place in range(len(data) + 1):
        chunks = [data[:place], data[place:], b""]
        assert receive(attach(), chunks) == whole
    assert receive(attach(), [*byte_by_byte(data), b""]) == whole


@functools.cache
def bytewise(name: str) -> Answer:
    return receive(attach(), byte_by_byte(ANSWERS[name]))


@pytest.mark.parametrize("name", ANSWERS)
@given(data=st.data())
def test_random_splits_change_nothing(name: str, data: st.DataObject) -> None:
    assert receive(attach(), [*data.draw(splits(ANSWERS[name])), b""]) == bytewise(name)


answers = st.sampled_from(list(ANSWERS.values()))


@given(start=answers, place=st.integers(0, 200), chunks=st.lists(st.binary(max_size=64)))
def test_garbage_gives_bytes_or_a_protocol_error(
    start: bytes, place: int, chunks: list[bytes]
) -> None:
    receive(attach(), [start[:place], *chunks])  # lets everything but ProtocolError through


def test_a_chunked_body_is_sent_in_pieces() -> None:
    exchange = Exchange("PUT", "/x", {"Host": "engine"}, chunked=True)
    assert exchange.data_to_send() == (
        b"PUT /x HTTP/1.1\r\nHost: engine\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    assert exchange.encode_body(b"abc") == b"3\r\nabc\r\n"
    assert exchange.encode_body(b"") == b""  # else it would be the end
    assert exchange.end_body() == b"0\r\n\r\n"
    assert exchange.receive_data(CHUNKED + b"2\r\nok\r\n0\r\n\r\n") == b"ok"
    assert exchange.ended


def test_an_answer_may_come_before_a_chunked_body_is_complete() -> None:
    exchange = Exchange("PUT", "/x", {"Host": "engine"}, chunked=True)
    exchange.data_to_send()
    exchange.receive_data(b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno")
    assert exchange.head is not None
    assert (exchange.head.status, exchange.ended) == (404, True)


def test_a_body_may_be_sent_on_after_the_head_of_an_answer_in_chunks() -> None:
    exchange = Exchange("POST", "/build", {"Host": "engine"}, chunked=True)
    exchange.data_to_send()
    assert exchange.encode_body(b"ab") == b"2\r\nab\r\n"
    assert exchange.receive_data(CHUNKED + b"2\r\nhi\r\n") == b"hi"
    assert exchange.encode_body(b"c") == b"1\r\nc\r\n"
    assert exchange.end_body() == b"0\r\n\r\n"
    assert exchange.receive_data(b"1\r\n!\r\n0\r\n\r\n") == b"!"
    assert exchange.ended
