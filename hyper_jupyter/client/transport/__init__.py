"""Bytes to an engine and back: sockets, TLS, ssh, proxies, deadlines.

Layer: client, below ``discovery``. Any thread; everything that blocks has a deadline.
"""
