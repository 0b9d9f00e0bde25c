"""Finding the engine that is meant: from arguments, the environment and other programs' settings.

Layer: client, above ``transport``. Any thread; opens no connection except to probe sockets.
"""
