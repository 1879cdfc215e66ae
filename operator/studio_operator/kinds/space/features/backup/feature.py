"""What the machinery knows of back-ups."""

from __future__ import annotations

from studio_operator.kinds.feature import CallWords, Feature, InMemory
from studio_operator.kinds.space.features.backup.operations import OPERATIONS, STATEMENTS
from studio_operator.kinds.space.features.backup.tuning import BackupTuning


def _in_memory() -> InMemory:
    # Imported here: most of kubectl studio plans nothing.
    from studio_operator.kinds.space.features.backup.in_memory import BackupsInMemory  # noqa: PLC0415

    return BackupsInMemory()


BACKUPS = Feature(
    tuning=BackupTuning.of,
    operations=OPERATIONS,
    statements=STATEMENTS,
    calls={
        "CreateStudioLifecycleConfig": CallWords(
            "uploads the script that makes back-ups from inside"
        ),
        "PutObject": CallWords(
            "waits for a back-up of the home folder, made from inside, first", is_waited_for=True
        ),
    },
    in_memory=_in_memory,
    field="backup",
    untold="Where the operator lets back-ups go is not known without --values: every place is "
    "taken to be allowed.",
)
