"""Where a random program's decisions come from: a seed, or a list of earlier decisions, which is how a program is made smaller.

Every decision is a number below a limit, and smaller means simpler: 0 ends a list, takes the plainest form, leaves a
clause out. A shorter list of smaller numbers therefore gives a smaller program, and one that is as valid as any other,
because the same generator makes it. After the end of a given list every decision is 0.
"""

import random
import time


class Choices:
    """Decisions drawn from a seed, or taken from a list."""

    def __init__(self, seed=None, given=None):
        self.random = random.Random(seed)
        self.given = given
        self.made = []

    def below(self, limit):
        """A number from 0 up to, not including, the limit."""
        if self.given is None:
            number = self.random.randrange(limit)
        elif len(self.made) < len(self.given):
            number = min(self.given[len(self.made)], limit - 1)
        else:
            number = 0
        self.made.append(number)
        return number

    def chance(self, one_in):
        """Yes in one of so many cases. The simple answer is no."""
        return self.below(one_in) == one_in - 1

    def pick(self, items):
        """One of a list, whose simplest item comes first."""
        return items[self.below(len(items))]

    def some(self, items, one_in=2):
        """A part of a list."""
        return [item for item in items if self.chance(one_in)]


def candidates(numbers):
    """Shorter lists and lists of smaller numbers, those that leave the most out first."""
    size = max(len(numbers) // 2, 1)
    while size:
        for start in range(0, len(numbers), size):
            yield numbers[:start] + numbers[start + size :]
        for start in range(0, len(numbers), size):
            part = numbers[start : start + size]
            if any(part):
                yield numbers[:start] + [0] * len(part) + numbers[start + size :]
        size //= 2
    for place, number in enumerate(numbers):
        for smaller in {number // 2, number - 1}:
            if 0 <= smaller < number:
                yield [*numbers[:place], smaller, *numbers[place + 1 :]]


def smallest(numbers, make, fails, seconds=120):
    """The smallest failing program that is found: the text that `make` gives for a list of decisions.

    `make` gives a text and the decisions that went into it, `fails` says whether a text still fails.
    """

    def size(text, numbers):
        return text.count("\n"), len(text), len(numbers)

    text, numbers = make(numbers)
    best = size(text, numbers)
    tried = {text}
    end = time.monotonic() + seconds
    improved = True
    while improved:
        improved = False
        for candidate in candidates(numbers):
            if time.monotonic() > end:
                return text
            other, made = make(candidate)
            if size(other, made) < best and (other == text or (other not in tried and fails(other))):
                text, numbers, best, improved = other, made, size(other, made), True
                break
            tried.add(other)
    return text
