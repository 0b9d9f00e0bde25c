"""The player of a recording: its widget, and what is saved beside it.

Layer: widgets. Made in the user's thread; nothing comes from the page.
"""
