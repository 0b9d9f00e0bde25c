"""Benchmarks against what users would use instead, all measured side by side in one run.

``python -m benchmarks`` runs every part, prints its tables and writes them to
``benchmarks/RESULTS.md``. ``python -m benchmarks.gil`` runs one part alone. A part is a module of
this folder with the function

    def section(options: Options) -> str:

It returns Markdown that begins with a heading of the second level, or raises ``Missing`` with one
line that says what is missing. ``benchmarks/__main__.py`` lists the parts in their order.
"""
