"""asciicast, the format of terminal recordings that asciinema and its players read and write.

Layer: recording. No threads. docs/recordings.md says what our files have besides the format's own.
"""
