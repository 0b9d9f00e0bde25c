"""What is sent to which page, and when.

Layer: widgets; no Jupyter. Publisher worker only.
"""
