"""Requests and their responses: built, sent, and read whole or as they come.

Layer: client. Blocks its caller; starts no threads.
"""
