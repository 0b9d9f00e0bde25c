"""What ``%hyper stats`` and ``%hyper events`` print: columns, templates, and a live terminal.

Layer: magics.
"""
