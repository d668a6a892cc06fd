"""What one call was charged, per table, index or queue."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Charge:
    """Units that one call consumed of one table (or one of its indexes), or 64 KB chunks of one queue."""

    target: str
    index: str | None = None
    write: float = 0.0
    read: float = 0.0
    chunks: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Units:
    """A sum of charges: DynamoDB write and read units, SQS requests of 64 KB as they are billed."""

    write: float = 0.0
    read: float = 0.0
    chunks: int = 0


@dataclass(slots=True)
class Tally:
    """Collects the charges of one call while it is performed; what was charged stays charged when the call fails."""

    charges: list[Charge] = field(default_factory=list)

    def write(self, target: str, units: float, index: str | None = None) -> None:
        self.charges.append(Charge(target=target, index=index, write=float(units)))

    def read(self, target: str, units: float, index: str | None = None) -> None:
        self.charges.append(Charge(target=target, index=index, read=float(units)))

    def chunks(self, target: str, count: int) -> None:
        self.charges.append(Charge(target=target, chunks=count))


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One request that reached the service, a retry counted as one of its own.

    `target` is the table or queue it named; several tables are joined by commas. `error` is the code of a refusal.
    """

    service: str
    operation: str
    target: str
    charges: tuple[Charge, ...]
    error: str | None = None


def total(charges: list[Charge]) -> Units:
    """The sum of some charges."""
    return Units(
        write=sum(charge.write for charge in charges),
        read=sum(charge.read for charge in charges),
        chunks=sum(charge.chunks for charge in charges),
    )
