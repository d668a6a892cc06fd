"""What the installation itself has, in the table `accounts`.

owner         id   holds
installation  key  a secret of its own, made when it is first needed
"""

from __future__ import annotations

from chalicelib.adapters.dynamo.ground.base import OnDynamo
from chalicelib.adapters.dynamo.people.own_key import own_key

_KEY = {"owner": "installation", "id": "key"}


class DynamoInstallation(OnDynamo):
    """The installation's own key."""

    def installation_key(self, fresh: bytes) -> bytes:
        """The installation's own key: the one that there is, or else `fresh` from now on."""
        return own_key(self._calls, _KEY, fresh)
