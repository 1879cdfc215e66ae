"""The verbs: modules with the name of their verb and its `command`; `request` has several."""
