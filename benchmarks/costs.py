"""What processes cost: processor time and memory, as Linux counts them; requests, as logged."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from studio_simulator.client import SimulatorClient

from sandbox.audit import read_audit_log
from sandbox.processes import ManagedProcess

TICKS = os.sysconf("SC_CLK_TCK")
KIB_IN_MIB = 1024.0


def cpu_seconds(pid: int) -> float:
    """Processor time of a process since its start, in user and kernel mode."""
    # The command's name, in brackets, may hold spaces; what counts stands behind it.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def machine_seconds() -> float:
    """Processor time of the whole machine since its start, whoever used it."""
    fields = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    user, nice, system, _idle, _waiting, *rest = map(int, fields)
    interrupts_and_stolen = sum(rest[:3])  # what follows is counted as user already
    return (user + nice + system + interrupts_and_stolen) / TICKS


def memory_mib(pid: int) -> tuple[float, float]:
    """Memory that a process holds now, and the most that it ever held, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    values = dict(line.split(":", 1) for line in lines if line.startswith("Vm"))
    now, peak = (int(values[name].split()[0]) for name in ("VmRSS", "VmHWM"))
    return now / KIB_IN_MIB, peak / KIB_IN_MIB


@dataclass(frozen=True)
class Costs:
    """All that was spent since the start: calls of AWS, writes to Kubernetes, processor time."""

    calls: Counter[str]
    writes: Counter[str]
    cpu: Mapping[str, float]

    def since(self, before: Costs) -> Costs:
        """What was spent after `before`."""
        cpu = {name: seconds - before.cpu.get(name, 0.0) for name, seconds in self.cpu.items()}
        return Costs(self.calls - before.calls, self.writes - before.writes, cpu)


class Meter:
    """Reads what was spent. `user` is the operator's name at the API server."""

    def __init__(
        self,
        processes: Iterable[ManagedProcess],
        simulator: SimulatorClient,
        audit_log: Path,
        user: str,
    ) -> None:
        self._processes = tuple(processes)
        self._simulator = simulator
        self._audit_log = audit_log
        self._user = user

    def read(self) -> Costs:
        """What was spent so far."""
        calls = {
            operation: sum(codes.values()) for operation, codes in self._simulator.counts().items()
        }
        writes = Counter(
            f"{event.verb} {event.resource}{'/' if event.subresource else ''}{event.subresource}"
            for event in read_audit_log(self._audit_log)
            if event.is_write and event.user == self._user
        )
        cpu = {process.name: cpu_seconds(process.pid) for process in self._processes}
        cpu["the benchmark"] = cpu_seconds(os.getpid())
        # Figures of a machine that was busy with other things are of no use.
        cpu["everything else"] = machine_seconds() - sum(cpu.values())
        return Costs(Counter(calls), writes, cpu)
