"""Schedules of whatever starts and stops: their calendar, where they stand, what lies outside."""
