"""The lives of a container: what follows the end of one, and what of the log is whose.

Layer: session, rules.
"""
