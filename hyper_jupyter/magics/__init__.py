"""The magics of a notebook.

Layer: magics, the topmost one. The user's thread.
"""

from hyper_jupyter.magics.notebook import HyperMagics

__all__ = ["HyperMagics"]
