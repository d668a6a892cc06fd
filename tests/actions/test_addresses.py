"""Which addresses an http action may reach."""

from __future__ import annotations

import pytest

from chalicelib.actions.network.addresses import is_private, is_public, resolve

PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "100.63.255.255",
    "172.32.0.1",
    "2606:4700:4700::1111",
    "2a00:1450::1",
    "64:ff9b::8.8.8.8",
]

LOCAL = [
    "127.0.0.1",
    "127.9.9.9",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "::1",
    "fd00::1",
]

NEVER = [
    "169.254.169.254",
    "169.254.170.2",
    "fe80::1",
    "fe80::1%eth0",
    "::ffff:169.254.169.254",
    "224.0.0.1",
    "239.255.255.250",
    "ff02::1",
]

NOT_PUBLIC = [
    *LOCAL,
    *NEVER,
    "0.0.0.0",
    "0.1.2.3",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "203.0.113.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::8.8.8.8",
    "2002:7f00:1::1",
    "2002:808:808::1",
    "2001:0:1::1",
    "2001:db8::1",
    "3fff::1",
    "fec0::1",
    "fd00:ec2::254",
    "100::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_the_public_internet_may_be_reached(address: str) -> None:
    assert is_public(address)
    assert not is_private(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_nothing_else_may(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", LOCAL)
def test_a_stage_may_be_allowed_to_reach_this_machine_and_its_networks(address: str) -> None:
    assert is_private(address)


@pytest.mark.parametrize("address", NEVER)
def test_no_stage_may_reach_link_local_or_multicast_addresses(address: str) -> None:
    assert not is_private(address)


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "017700000001", "127.1", "0x7f.1", "127.0.0.1"])
def test_a_loopback_address_is_one_however_it_is_written(host: str) -> None:
    assert list(resolve(host, 80)) == ["127.0.0.1"]
