"""The four tables in DynamoDB, as far as the engine uses them. `whole` has the rest."""

from __future__ import annotations

import time

from botocore.session import Session

from chalicelib.adapters.aws import Clients, Pause
from chalicelib.adapters.dynamo.agenda import DynamoAgenda
from chalicelib.adapters.dynamo.alerts import DynamoAlerts
from chalicelib.adapters.dynamo.ground.calls import Calls
from chalicelib.adapters.dynamo.groups import DynamoGroups
from chalicelib.adapters.dynamo.people.owners import DynamoOwners
from chalicelib.adapters.dynamo.runs import DynamoRuns
from chalicelib.adapters.dynamo.slots import DynamoSlots
from chalicelib.adapters.dynamo.tasks import DynamoTasks
from chalicelib.settings import Settings

__all__ = ["DynamoStore"]


class DynamoStore(
    DynamoTasks,
    DynamoAgenda,
    DynamoRuns,
    DynamoSlots,
    DynamoGroups,
    DynamoAlerts,
    DynamoOwners,
):
    """The engine's store of a stage. Nothing is asked of AWS before the first verb is.

    `session` is a botocore session to make the client with; `pause` waits between tries.
    """

    def __init__(self, settings: Settings, *, session: Session | None = None, pause: Pause = time.sleep) -> None:
        super().__init__(Calls(settings, Clients(session), pause), run_feed=settings.run_feed)
