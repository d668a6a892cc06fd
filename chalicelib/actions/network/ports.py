"""Which ports of the public internet an `http` action may ask: those of web servers.

Below 1024 these are 80 and 443; anything else there speaks another protocol, and some of them (mail, FTP) do what a
line in the middle of a request tells them. Above, people put web servers anywhere, so that only what is known to be
none, or to obey whoever reaches it, is refused.
"""

from __future__ import annotations

WEB = frozenset({80, 443})
FIRST_FREE = 1024
REFUSED = frozenset(
    {
        *(1433, 1521, 3306, 5432, 27017, 27018, 27019),  # SQL Server, Oracle, MySQL, PostgreSQL, MongoDB
        *(6379, 26379, 11211),  # Redis and its Sentinel, Memcached
        *(9200, 9300, 5984, 7000, 7001, 9042),  # Elasticsearch, CouchDB, Cassandra
        *(2375, 2376, 2377, 6443, 10250, 10255, 2379, 2380),  # Docker, Kubernetes, etcd
        *(8500, 4646, 2181),  # Consul, Nomad, ZooKeeper
        *(1883, 4369, 5672, 9092, 15672),  # MQTT, Erlang, RabbitMQ, Kafka
        *(1080, 3128),  # proxies
        *(2049, 3389, 5900, 5985, 5986),  # NFS, remote desktops, WinRM
        *(4444, 5005, 5555, 9229),  # debuggers and remote control
        *(1719, 1720, 1723, 4045, 4190, 5060, 5061, 6000, *range(6660, 6670), 6697, 10080),  # what browsers refuse too
    }
)
"""Databases, caches, brokers and whatever lets its visitors run things."""


def may_be_asked(port: int) -> bool:
    """Whether a port of the public internet may be asked.

    >>> [port for port in (22, 25, 80, 443, 6379, 8080, 8443, 9200, 50000) if may_be_asked(port)]
    [80, 443, 8080, 8443, 50000]
    """
    return port in WEB or (port >= FIRST_FREE and port not in REFUSED)
