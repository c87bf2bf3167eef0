"""A simulated organisation to play with: moto's server on loopback, filled with scenarios.

``start_server`` gives an AWS that is nobody's, ``build`` fills it and returns the ``World``: who
to be, what stands in it, and what is true of it.
"""

from mapper.demo.server import DemoError, DemoServer, isolated_environment, start_server

__all__ = ["DemoError", "DemoServer", "isolated_environment", "start_server"]
