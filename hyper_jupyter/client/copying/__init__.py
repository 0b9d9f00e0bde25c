"""Copying files into and out of containers: where they go, and the archives that carry them.

Layer: client. Blocks its caller; starts no threads. Archives are made and read piece by piece.
"""
