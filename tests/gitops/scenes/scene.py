"""What a scene is, and the table of those of one kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from tests.e2e.cluster import Resource
from tests.e2e.team import Team

# Simulated seconds that outlast every scene: what takes as long is caught in the middle.
FOREVER = 3600.0
Play = Callable[[Team], Resource]
HEALTHS = {"healthy": "Healthy", "progressing": "Progressing", "degraded": "Degraded"}


@dataclass(frozen=True)
class Scene:
    """One state of a resource; `name` begins with what Argo CD should make of it."""

    kind: str
    name: str
    about: str
    """What happened, in a few words, for the table in the documentation."""
    play: Play
    settled: bool
    """Whether the team has its domain and alice before the scene begins."""
    settings: Mapping[str, str]
    """Settings of the operator other than the tests' own, by their names in lower case."""

    @property
    def health(self) -> str:
        """What Argo CD should make of it, such as Healthy."""
        return HEALTHS[self.name.partition("_")[0]]


@dataclass
class Scenes:
    """The scenes of a kind, in the order of the file."""

    kind: str
    found: list[Scene] = field(default_factory=list)

    def scene(self, *, settled: bool = True, **settings: str) -> Callable[[Play], Play]:
        """Take a function for a scene: its name is the scene's, its docstring tells about it."""

        def add(play: Play) -> Play:
            about = (play.__doc__ or "").partition("\n")[0].rstrip(".")
            self.found.append(Scene(self.kind, play.__name__, about, play, settled, settings))
            return play

        return add

    def __iter__(self) -> Iterator[Scene]:
        return iter(self.found)
