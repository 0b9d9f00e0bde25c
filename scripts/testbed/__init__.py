"""Real container engines for the tests; ``scripts/engines`` starts this, its --help says how.

Runs as root on Debian 12, with the system's own Python. Standard library only.
"""
