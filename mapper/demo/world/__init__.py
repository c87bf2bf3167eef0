"""The simulated organisation: scenarios declared, built, and reckoned."""

from mapper.demo.world.build import World, build, demo_environment
from mapper.demo.world.facts import CAPABILITIES_BUILT, Thing, Touch
from mapper.demo.world.truth import ExpectedRow

__all__ = [
    "CAPABILITIES_BUILT",
    "ExpectedRow",
    "Thing",
    "Touch",
    "World",
    "build",
    "demo_environment",
]
