"""What a session printed, as data: records, data frames, parsed lines, awaited output.

Layer: api, data; above the session layer. Methods run in their caller's thread.
"""
