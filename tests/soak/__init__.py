"""Cuts sessions hundreds of times, and compares what they received with what containers printed.

``python -m tests.soak`` (``make soak``) is the long form; ``test_soak`` has a short one.

* ``programs`` -- what the containers run
* ``compare`` -- a transcript against what was printed
* ``rounds`` -- one run against one engine
* ``scale`` -- what many sessions cost
"""
