"""What makes moto 5.2.5 bear a collection of everything: fewer regions, models read once.

Patches of the server's process only, like :mod:`mapper.demo.moto_patches`.
"""

from __future__ import annotations

import functools
import importlib
import threading
from collections import defaultdict
from typing import Any

ENABLED_REGIONS = frozenset(
    {
        "ap-southeast-2",
        "eu-central-1",
        "eu-west-1",
        "us-east-1",
        "us-west-2",
    }
)
"""The regions that the organisation has; all others are not opted in. AWS lets nobody leave its
first seventeen, but each costs moto some 130 calls per account, in which nothing would be found."""


def apply() -> None:
    """Patch moto. Call once, before the first request."""
    _fewer_regions()
    _read_models_once()
    _know_hosts()


def _fewer_regions() -> None:
    places = importlib.import_module("moto.ec2.models.availability_zones_and_regions")
    for region in places.RegionsAndZonesBackend.regions:
        # China and GovCloud, which moto mixes in, are other partitions: nobody looks at them.
        if region.name not in ENABLED_REGIONS:
            region.opt_in_status = "not-opted-in"


def _read_models_once() -> None:
    """Many first requests at once would each read a service's model and compile its routes."""
    utils: Any = importlib.import_module("moto.core.utils")
    routing: Any = importlib.import_module("moto.core.routing")
    responses: Any = importlib.import_module("moto.core.responses")
    loader = utils.create_loader()
    utils.create_loader = lambda: loader
    locks: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)
    find, compiled = routing.get_service_router, routing.ServiceOperationRouter._get_router

    def get_service_router(service_name: str) -> Any:
        with locks[service_name]:
            return find(service_name)

    @functools.wraps(compiled)
    def get_router(self: Any, protocol: str) -> Any:
        with locks[self._service_model.service_name]:
            return compiled(self, protocol)

    responses.get_service_router = get_service_router
    routing.ServiceOperationRouter._get_router = get_router


def _know_hosts() -> None:
    """Each request would list moto's folder and try 200 expressions on the name of its host."""
    app: Any = importlib.import_module("moto.moto_server.werkzeug_app")
    dispatcher = app.DomainDispatcherApplication
    dispatcher.get_backend_for_host = functools.lru_cache(4096)(dispatcher.get_backend_for_host)
