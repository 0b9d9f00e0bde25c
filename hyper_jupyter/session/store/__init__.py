"""What a session received: stored in memory and on disk, read as transcripts.

Layer: session, store; above ``io``. One thread appends (the I/O thread); any thread reads.
"""
