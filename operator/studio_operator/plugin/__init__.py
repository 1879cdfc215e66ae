"""`kubectl studio`: what people do with domains, profiles and spaces beyond applying YAML.

How it is built:

- `main` has the table of verbs; a verb's module is imported when that verb is used, so `--help` and
  shell completion stay fast.
- `commands/<verb>.py` exposes `command: click.Command`. It reads options, calls pure functions and
  shows their answer; it decides nothing itself.
- `options` has the options that verbs share, `cluster` what is asked of the API server in raw JSON
  (by `transport`), `output` text, JSON, YAML and progress, `errors` what ends a command, each with
  its exit code.

Answers go to stdout, everything else (progress, notes, errors) to stderr. The exit codes are those
of `errors`: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 refused, 5 not within the time given.
"""

from studio_operator.plugin.main import main

__all__ = ["main"]
