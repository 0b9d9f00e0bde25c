"""``%hyper stats`` and ``%hyper events``: live views, and what they show as data.

Layer: magics. The user's thread. ``verbs`` has the verbs, ``columns`` how figures and events are
written, ``printing`` what a terminal shows.
"""

from hyper_jupyter.magics.verbs.watching.verbs import VERBS

__all__ = ["VERBS"]
