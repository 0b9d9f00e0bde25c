"""The ways to and from a page: messages, the direct link, requests, the page's self-test.

Layer: widgets, below ``delivery``.
"""
