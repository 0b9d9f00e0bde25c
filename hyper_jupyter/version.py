"""The package's version. Layer: below all others. No threads."""

__version__ = "0.1.0"
