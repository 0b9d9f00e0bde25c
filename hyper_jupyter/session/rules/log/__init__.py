"""What a log and what a session has received say about each other.

Layer: session, rules. No I/O, no clock, no threads: pure functions, tested as tables; any thread.
"""
