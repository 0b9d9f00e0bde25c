"""What users set (``c.SavedOutput``, ``c.Views``, ``c.DirectLink``), and the settings in use.

Layer: below all others. Any thread. ``%load_ext`` imports these modules, because ``%config`` lists
what they define, so they import traitlets and nothing else of weight. Only ``current`` knows
IPython, which has the configuration. There is nothing to import here itself.
"""
