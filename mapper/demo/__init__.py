"""A simulated organisation to play with: moto's server on loopback, filled with scenarios.

``start_server`` gives an AWS that is nobody's, ``build`` fills it and returns the ``World``: who
to be, what stands in it, and what is true of it. ``demo_environment`` is the environment in which
a process finds that world and no other.
"""

from mapper.demo.server import DemoError, DemoServer, isolated_environment, start_server
from mapper.demo.world import World, build, demo_environment

__all__ = [
    "DemoError",
    "DemoServer",
    "World",
    "build",
    "demo_environment",
    "isolated_environment",
    "start_server",
]
