"""The server's side of HTTP: connections, requests, responses, routes, what follows an upgrade.

Layer: engine. Event loop only. Knows nothing of containers and programs.
"""
