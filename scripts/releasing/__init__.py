"""A release up to the upload; ``scripts/release`` starts it.

The order: look whether a release is possible, write the version and the date, check, test, build,
look at the archives, install one, commit and tag. The upload is a command for a person.
Standard library only; build and twine run as programs.
"""
