"""The engine's calls, by what they are about: classes that ``EngineClient`` combines.

Layer: client. Any thread; calls block the caller, at most for the client's timeout.
"""
