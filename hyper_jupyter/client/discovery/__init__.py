"""Which engine is meant, read from arguments, the environment and other programs' configuration.

Layer: client, above ``transport``. Any thread; opens no connection except to probe sockets.
"""
