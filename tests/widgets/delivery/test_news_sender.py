"""Which page is sent the news of a watch, and when."""

from __future__ import annotations

from typing import Any

from hyper_jupyter.widgets.delivery.news_sender import PAGES, WINDOW, NewsSender


class Source:
    """Something with a revision, and pages that note what they are sent."""

    def __init__(self, interval: float = 1.0) -> None:
        self.revision = 0
        self.sent: list[dict[str, Any]] = []
        self.most = 1_000_000
        self.sender = NewsSender(lambda: self.revision, self.news, self.sent.append, interval)

    def news(self, after: int) -> dict[str, Any]:
        return {"revision": min(self.revision, after + self.most)}

    def got(self, page: str) -> list[tuple[int, int]]:
        return [(each["after"], each["revision"]) for each in self.sent if each["page"] == page]


def test_a_hello_is_answered_also_if_there_is_nothing_new() -> None:
    source = Source()
    assert source.sender.pump(0.0) is None
    source.sender.hello("p", 0)
    assert source.sender.pump(0.0) is None
    assert source.sent == [{"revision": 0, "type": "news", "page": "p", "seq": 1, "after": 0}]


def test_news_are_sent_once_per_interval() -> None:
    source = Source()
    source.sender.hello("p", 0)
    source.sender.pump(0.0)
    source.revision = 3
    assert source.sender.pump(0.25) == 0.75
    source.revision = 5
    assert source.sender.pump(1.0) is None
    assert source.got("p") == [(0, 0), (0, 5)]
    source.revision = 6
    assert source.sender.pump(5.0) is None
    assert source.got("p")[-1] == (5, 6)


def test_a_page_that_acknowledges_nothing_is_sent_a_window() -> None:
    source = Source()
    source.sender.hello("p", 0)
    for now in range(2 * WINDOW):
        source.revision += 1
        source.sender.pump(float(now))
    assert len(source.sent) == WINDOW
    source.sender.acknowledge("p", source.sent[0]["seq"])
    source.sender.pump(1000.0)
    assert source.got("p")[-1] == (WINDOW, 2 * WINDOW)
    source.sender.acknowledge("p", 10_000)
    source.sender.acknowledge("nobody", 1)
    source.revision += 1
    assert source.sender.pump(2000.0) is None
    assert len(source.sent) == WINDOW + 2


def test_a_page_that_says_hello_again_is_sent_what_it_lacks() -> None:
    source = Source()
    source.sender.hello("p", 0)
    for now in range(2 * WINDOW):
        source.revision += 1
        source.sender.pump(float(now))
    source.sender.hello("p", 7)
    source.sender.pump(1000.0)
    assert source.got("p")[-1] == (7, 2 * WINDOW)


def test_each_page_has_its_own_place() -> None:
    source = Source()
    source.revision = 4
    source.sender.hello("p", 0)
    source.sender.hello("q", 3)
    source.sender.pump(0.0)
    assert (source.got("p"), source.got("q")) == ([(0, 4)], [(3, 4)])


def test_what_does_not_fit_into_one_message_comes_in_several() -> None:
    source = Source(interval=0.25)
    source.revision, source.most = 5, 2
    source.sender.hello("p", 0)
    assert source.sender.pump(0.0) == 0.25
    assert source.sender.pump(0.25) == 0.25
    assert source.sender.pump(0.5) is None
    assert source.got("p") == [(0, 2), (2, 4), (4, 5)]


def test_the_oldest_of_many_pages_is_forgotten() -> None:
    source = Source()
    for number in range(PAGES + 1):
        source.sender.hello(f"p{number}", 0)
    source.sender.pump(0.0)
    assert (source.got("p0"), len(source.sent)) == ([], PAGES)
