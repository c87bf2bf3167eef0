"""AWS's wire protocols, played from data: a local server for what moto does not know.

- :mod:`aws_wire.server`: the HTTP server, in this process or (``WireProcess``) its own.
- :mod:`aws_wire.requests`: which operation a request is, and its parameters.
- :mod:`aws_wire.responses`: answers and errors on the wire, checked against botocore's shapes.
- :mod:`aws_wire.worlds`: where answers come from: recorded files, or a synthetic account.
- :mod:`aws_wire.faults`: what goes wrong, for which requests.
"""
