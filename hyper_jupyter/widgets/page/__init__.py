"""How messages travel to and from a page: by comm or direct link; requests; the page's self-test.

Layer: widgets, below ``delivery``.
"""
