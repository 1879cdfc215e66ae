"""What back-ups go by of the operator's settings, which have the reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from studio_operator.settings import Settings


@dataclass(frozen=True, slots=True)
class BackupTuning:
    """Times, places and limits. `bucket_owners`: buckets of other accounts, and whose they are."""

    script_fresh_seconds: float = 5.0
    look_seconds: float = 30.0
    deadline_seconds: float = 3600.0
    valid_seconds: float = 24 * 3600.0
    places: tuple[str, ...] = ()
    bucket_owners: tuple[tuple[str, str], ...] = ()
    scripts_per_namespace: int = 20
    scripts: int = 200

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """As the settings say."""
        return cls(
            script_fresh_seconds=settings.backup_script_fresh,
            look_seconds=settings.backup_look,
            deadline_seconds=settings.backup_deadline,
            valid_seconds=settings.backup_valid,
            places=tuple(settings.backup_places.split()),
            bucket_owners=_owners(settings.backup_bucket_owners),
            scripts_per_namespace=settings.backup_scripts_per_namespace,
            scripts=settings.backup_scripts,
        )


def _owners(words: str) -> tuple[tuple[str, str], ...]:
    """Buckets and their accounts, of words such as `studio-backups=444455556666`."""
    return tuple((one[0], one[2]) for one in (word.partition("=") for word in words.split()))
