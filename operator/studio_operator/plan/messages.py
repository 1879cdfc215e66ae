"""Messages of conditions and Events: the problem, what helps, then AWS's words, in 250 characters.

The remedy is never cut. AWS's words come last, made plain and shortened first, in their middle;
the problem only after that. docs/style.md has the rules.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from studio_operator.plan.remedies import Remedy, say
from studio_operator.printable import printable

MESSAGE_LIMIT = 250
_AWS_SAYS = " AWS says: "
# Less than this of what AWS says would tell nothing.
_AWS_AT_LEAST = 24
# The same of the problem: names in Kubernetes may be longer than a message.
_PROBLEM_AT_LEAST = 20
_GAP = " ... "
# Longer ones, such as ARNs, are cut inside: without them too little would be left.
_WORD = 20
# How many values of a list in AWS's words are told.
_VALUES_SHOWN = 3
_ARN = re.compile(r"\barn:aws[a-z-]*:[^:\s]*:[^:\s]*:[^:\s]*:([^\s,;'\")\]]+)")
_LIST = re.compile(r"\[([^\[\]]*,[^\[\]]*)\]")


class Message(str):
    """The text of a condition or an Event, and the records that it was made of.

    Only the text is stored; the records are for tests and tools.
    """

    __slots__ = ("problem", "remedies")

    problem: str
    remedies: tuple[Remedy, ...]


def tell(problem: str, *remedies: Remedy, aws: str | None = "") -> Message:
    """The message that names a problem and offers remedies, the best first.

    `problem`: what is wrong, without a full stop; a message is left as it is. `aws`: what AWS says
    about it, in its own words.
    """
    if isinstance(problem, Message):
        return problem
    said = plain(aws) if aws else ""
    room = MESSAGE_LIMIT - _PROBLEM_AT_LEAST - 2 - _least(said)
    remedies = _that_fit(remedies, room)
    offered = shorten(printable(say(remedies)), room)
    problem = printable(" ".join(problem.split())).rstrip(". ")
    message = Message(_fit(problem, offered, said))
    message.problem, message.remedies = problem, remedies
    return message


def recall(text: str, *remedies: Remedy) -> Message:
    """A message that was kept on status, with the remedies that its text offers."""
    message = Message(shorten(printable(" ".join(text.split())), MESSAGE_LIMIT))
    message.problem, message.remedies = text, remedies
    return message


def remedies_of(message: str) -> tuple[Remedy, ...]:
    """The remedies that a message offers; none where it was read from a status."""
    return message.remedies if isinstance(message, Message) else ()


def said_by_aws(message: str) -> str:
    """AWS's words in a message that was kept on status, as far as it has them."""
    return message.partition(_AWS_SAYS)[2]


def plain(text: str) -> str:
    """AWS's words on one line: ARNs without what they have in common, long lists cut."""
    text = printable(" ".join(text.split())).rstrip(". ")
    return _LIST.sub(_shorten_list, _ARN.sub(r"\1", text))


def shorten(text: str, limit: int) -> str:
    """The text in at most so many characters: its beginning and its end, where it is longer.

    It is cut between words, where they are not long.
    """
    if len(text) <= limit:
        return text
    room = max(limit - len(_GAP), 0)
    end = room // 3
    first = _word_around(text, room - end)[0] or room - end
    last = _word_around(text, len(text) - end)[1]
    last = len(text) - end if last == len(text) else last
    return f"{text[:first].rstrip()}{_GAP}{text[last:].lstrip()}"[:limit]


def _word_around(text: str, at: int) -> tuple[int, int]:
    """Where the word begins and ends that a cut would part; the cut itself where it parts none."""
    start, end = text.rfind(" ", 0, at) + 1, text.find(" ", at)
    end = len(text) if end < 0 else end
    parts_a_word = start < at < end and end - start <= _WORD
    return (start, end) if parts_a_word else (at, at)


def fit(message: str) -> str:
    """The message as people may read it: printable, on one line, in the length that it may have.

    One that `tell` made is that already.
    """
    if isinstance(message, Message):
        return message
    return shorten(printable(" ".join(message.split())), MESSAGE_LIMIT)


def at(moment: datetime, timezone: str | None = None) -> str:
    """A time in the one format of all messages: `2026-11-28 09:00 UTC`.

    `timezone`: that of the schedule it is about; its local time is told as well.
    """
    utc = moment.astimezone(UTC)
    told = f"{utc.year:04}-{utc:%m-%d %H:%M} UTC"
    if timezone is None or timezone == "UTC":
        return told
    local = moment.astimezone(ZoneInfo(timezone))
    form = "%H:%M" if local.date() == utc.date() else "%Y-%m-%d %H:%M"
    return f"{told} ({local:{form}} {timezone})"


def sentence(message: str) -> str:
    """The message as a sentence of its own, for an Event."""
    return message[:1].upper() + message[1:]


def _that_fit(remedies: tuple[Remedy, ...], room: int) -> tuple[Remedy, ...]:
    """The best of them, as many as have room."""
    while len(remedies) > 1 and len(printable(say(remedies))) > room:
        remedies = remedies[:-1]
    return remedies


def _fit(problem: str, offered: str, said: str) -> str:
    """All three as sentences; one that stands alone has no full stop, as conditions of progress."""
    room = MESSAGE_LIMIT - (len(offered) + 2 if offered else 0)
    problem = shorten(problem, room - _least(said))
    text = f"{problem}. {offered}" if offered else problem
    if not said:
        return text
    lead = f"{text}{_AWS_SAYS}" if offered else f"{text}.{_AWS_SAYS}"
    return f"{lead}{shorten(said, MESSAGE_LIMIT - len(lead))}"


def _least(said: str) -> int:
    """The room that AWS's words need to tell anything."""
    return min(len(said), _AWS_AT_LEAST) + len(_AWS_SAYS) + 2 if said else 0


def _shorten_list(match: re.Match[str]) -> str:
    values = [value.strip() for value in match.group(1).split(",")]
    left = len(values) - _VALUES_SHOWN
    if left <= 1:
        return match.group(0)
    return f"[{', '.join(values[:_VALUES_SHOWN])} and {left} more]"
