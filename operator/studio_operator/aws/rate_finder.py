"""How fast AWS may be called, found from what it answers. Arithmetic only: no clock of its own.

AWS publishes no request rates for SageMaker Studio, and they differ between accounts. An answer
"too many requests" may mean that we exceed a limit; it may also come at random, since others share
it or AWS is short for a moment. Slowing down is right for the first and ruinous for the second: the
share of refusals stays, and the rate sinks to its floor.

Which of the two it is can be tried. Who sends more than a limit has as many requests accepted as
the limit allows: so that many a second are within it. The rate goes a little below what was
accepted, and what AWS still refuses there, it refuses at random. This is the whole method:

- **Keep**: the rate stays as it is while AWS refuses no more than the share it is known to refuse
  at random.
- **Step down**: when it refuses more, the rate falls to nine tenths of what was accepted, and
  again while the share of refusals changes. When nothing beyond the known share is refused any
  more, what was accepted before is the limit. When the share stays the same at lower rates, that
  is the share at random, and the rate goes back to where it was if no limit was seen on the way.
- **Hold** the rate below a limit that was found, then **probe**: the rate grows by half, again and
  again, until AWS refuses more. A limit that allows bursts lets a probe pass for a while; since
  each is much faster than the one before, the burst is soon used up.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

# A sample ends after so long with so many answers, or after the long time with a few. Some AWS APIs
# count in whole seconds: less than one says nothing.
_SPAN_SECONDS = 1.0
_SPAN_ANSWERS = 12
_LONG_SPAN_SECONDS = 4.0
_LEAST_ANSWERS = 3
# After a step down more answers are waited for: they decide what the refusals were.
_STEP_ANSWERS = 40
# Answers are not counted so soon after a change of the rate: they belong to requests from before,
# or to a second in which AWS had still something left.
_SETTLE_SECONDS = 1.0
# Without an answer for so long, and for so many turns at the rate, nothing is measured: nobody
# called.
_PAUSE_SECONDS, _PAUSE_TURNS = 8.0, 4.0
# The rate stays so much below a limit, and a step goes so much below what was accepted.
_BELOW = 0.9
# One step goes no further than this, however little was accepted: all may be refused for a moment.
_LARGEST_STEP = 0.1
# A limit that was found is believed for so long; each probe costs some refusals.
_HOLD_SECONDS = 20.0
# Each probe is this multiple of the one before. Less would leave a burst of AWS unused for longer
# than ten seconds, and the rate above the limit for as long.
_GROWTH = 1.5
# The rate grows only where it is used: at least this share of it was called.
_IN_USE = 0.7
# So many times its standard deviation a number of refusals may be off by chance: less while we
# look for a limit, more where the rate was well and one odd sample must not slow it down.
_DEVIATIONS, _MANY_DEVIATIONS = 2.0, 3.0
# So much more may be refused before the rate steps down: at a rate that was well, and in a probe.
_TOLERANCE, _PROBE_TOLERANCE = 0.05, 0.025
# AWS refuses at least this share at random: one refusal among many answers shows no limit.
_LEAST_SHARE = 0.005
# The share at random is a mean over some hundred answers.
_SHARE_ANSWERS = 100.0
# So many steps in a row with the same share are refusals at random. One is not enough: the end of
# a burst of AWS can look like it.
_SAME_STEPS = 2
# A larger share is never taken for chance: who has nearly all refused slows down, to the floor.
_MOST_SHARE = 0.7
# So many steps are remembered: at the floor there is no end of them while all is refused.
_STEPS = 10
# A share worth mentioning is put to the test again after so long: a limit may have come instead.
_NOTABLE_SHARE = 0.02
_TRUST_SECONDS = 60.0
# Where the rate stays, so many samples are judged together as well: a few refusals in each add up.
_SAMPLES = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """What AWS answered in a short time."""

    seconds: float
    answered: int
    refused: int

    @property
    def offered(self) -> float:
        """Requests a second."""
        return self.answered / self.seconds

    @property
    def accepted(self) -> float:
        """Accepted requests a second. It ends with an answer: on average half a one is over."""
        return max(0.0, self.answered - self.refused - 0.5) / self.seconds

    def exceeds(self, share: float, deviations: float) -> bool:
        """Whether more was refused than a share at random, and chance, explain."""
        share = min(1.0, max(_LEAST_SHARE, share))
        chance = math.sqrt(self.answered * share * (1.0 - share))
        return self.refused > self.answered * share + deviations * chance

    def is_like(self, other: Sample) -> bool:
        """Whether the shares refused in both differ by no more than chance explains."""
        both = total((self, other))
        share = both.refused / both.answered
        chance = math.sqrt(share * (1.0 - share) * (1.0 / self.answered + 1.0 / other.answered))
        apart = abs(self.refused / self.answered - other.refused / other.answered)
        return apart <= _DEVIATIONS * chance


def total(samples: Iterable[Sample]) -> Sample:
    """Several samples as one."""
    every = tuple(samples)
    return Sample(
        sum(sample.seconds for sample in every),
        sum(sample.answered for sample in every),
        sum(sample.refused for sample in every),
    )


class RateFinder:
    """The rate at which to call, in requests a second; it begins at its ceiling."""

    def __init__(self, floor: float, ceiling: float) -> None:
        self._floor = floor
        self._ceiling = max(floor, ceiling)
        self.rate = self._ceiling
        # The sample under way: when it began, the last answer, and the answers so far.
        self._began: float | None = None
        self._last = 0.0
        self._answered = 0
        self._refused = 0
        self._recent: deque[Sample] = deque(maxlen=_SAMPLES)  # those at this rate
        self._share = 0.0  # what AWS refuses at random
        self._tried_at = 0.0  # when that was last put to the test
        self._hold_until: float | None = None  # None: no limit is known
        # While the rate steps down: the samples, how many were alike, and the rate before.
        self._steps: deque[Sample] = deque(maxlen=_STEPS)
        self._alike = 0
        self._before = self.rate

    def answered(self, now: float, requests: int, refused: int) -> bool:
        """AWS answered requests, and refused some as too many; whether the rate fell."""
        sample = self._count(now, requests, refused)
        if sample is None:
            return False
        before = self.rate
        self._adjust(now, sample)
        self.rate = min(self._ceiling, max(self._floor, self.rate))
        if self.rate != before:
            self._recent.clear()
            self._began = now + _SETTLE_SECONDS
        return self.rate < before

    def _count(self, now: float, requests: int, refused: int) -> Sample | None:
        """Add answers to the sample under way; the sample, if it ends."""
        paused = now - self._last > max(_PAUSE_SECONDS, _PAUSE_TURNS / self.rate)
        self._last = now
        if self._began is None or (paused and now > self._began):
            self._began, self._answered, self._refused = now, 0, 0
        passed = now - self._began
        if passed < 0:
            return None
        self._answered += requests
        self._refused += refused
        enough = _STEP_ANSWERS if self._steps else _SPAN_ANSWERS
        is_short = passed < _SPAN_SECONDS or self._answered < enough
        if is_short and (passed < _LONG_SPAN_SECONDS or self._answered < _LEAST_ANSWERS):
            return None
        sample = Sample(passed, self._answered, self._refused)
        self._began, self._answered, self._refused = now, 0, 0
        return sample

    def _adjust(self, now: float, sample: Sample) -> None:
        """Keep the rate, or let it grow; step down when more is refused than at random."""
        if self._steps:
            self._go_on(now, sample)
            return
        self._recent.append(sample)
        is_held = self._hold_until is None or now < self._hold_until
        share = self._share + (_TOLERANCE if is_held else _PROBE_TOLERANCE)
        deviations = _MANY_DEVIATIONS if is_held else _DEVIATIONS
        whole = total(self._recent)
        is_old = self._share > _NOTABLE_SHARE and now - self._tried_at > _TRUST_SECONDS
        if sample.exceeds(share, deviations):
            self._begin(sample)
        elif is_old or whole.exceeds(share, deviations):
            self._begin(whole)
        else:
            if is_held:
                self._learn(sample)
            self._grow(now, sample)

    def _grow(self, now: float, sample: Sample) -> None:
        if self._hold_until is None or now < self._hold_until:
            return
        if self.rate >= self._ceiling:
            self._hold_until = None
        elif sample.offered >= _IN_USE * self.rate:
            self.rate *= _GROWTH

    def _begin(self, sample: Sample) -> None:
        self._before = self.rate
        self._alike = 0
        self._step_down(sample)

    def _step_down(self, sample: Sample) -> None:
        self._steps.append(sample)
        self.rate = max(_BELOW * sample.accepted, _LARGEST_STEP * self.rate)

    def _go_on(self, now: float, sample: Sample) -> None:
        """Step down further, or say what the refusals were: of a limit, at random, or both."""
        if sample.exceeds(self._share, _DEVIATIONS):
            self._alike = self._alike + 1 if sample.is_like(self._steps[-1]) else 0
            alike = total([*self._steps, sample][-_SAME_STEPS - 1 :])
            share = alike.refused / alike.answered
            if self._alike < _SAME_STEPS or share > _MOST_SHARE:
                self._step_down(sample)
                return
            self._share = share
        else:
            self._learn(sample)
        beyond = [step for step in self._steps if step.exceeds(self._share, _MANY_DEVIATIONS)]
        self._steps.clear()
        self._tried_at = now
        if beyond:  # the last: an earlier one may hold a burst of AWS
            self.rate = _BELOW * beyond[-1].accepted / (1.0 - self._share)
            self._hold_until = now + _HOLD_SECONDS
        else:
            self.rate = self._before

    def _learn(self, sample: Sample) -> None:
        """What is refused within a limit is refused at random."""
        weight = sample.answered / (sample.answered + _SHARE_ANSWERS)
        share = self._share + weight * (sample.refused / sample.answered - self._share)
        self._share = min(_MOST_SHARE, share)
