"""What a session takes from the engine's log: its history, what a cut has cost, and the proof.

Layer: session, lifecycle.
"""
