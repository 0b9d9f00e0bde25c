"""What a session received: kept in memory and on disk, read as transcripts.

Layer: session, above ``io``. One thread appends (the I/O thread); any thread reads.
"""
