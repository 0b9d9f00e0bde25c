"""What Tab offers in the lines of our magics.

Layer: magics. Inside of it: ``matcher → candidates → position, names, files → line``.
"""

from hyper_jupyter.magics.completion.matcher import register_completion, unregister_completion

__all__ = ["register_completion", "unregister_completion"]
