"""Bytes to an engine and back: sockets, TLS, ssh, proxies, deadlines.

Layer: client, below ``discovery``. Any thread; what blocks is bounded by a deadline.
"""
