"""The magics of a notebook.

Layer: magics, the topmost one. The user's thread. ``%load_ext`` imports this package: see
``registration.py`` for what may be imported with it.
"""

from hyper_jupyter.magics.registration import HyperMagics

__all__ = ["HyperMagics"]
