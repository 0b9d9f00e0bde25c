"""What Tab offers in the lines of our magics.

Layer: magics. Inside of it: ``matcher → candidates → position, names, files → line``. ``%load_ext``
imports the matcher, which imports the rest when Tab is pressed in one of our lines.
"""

from hyper_jupyter.magics.completion.matcher import register_completion, unregister_completion

__all__ = ["register_completion", "unregister_completion"]
