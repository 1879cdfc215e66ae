"""The verbs: each module has the name of its verb and exposes `command: click.Command`."""
