"""Counts the words in the sources of Python's standard library.

Strings, dictionaries and files are no matter for compiled code, so this runs in python mode: the threads of the team
interpret the function. On a free-threaded CPython they run at the same time; elsewhere they take turns.
"""

import re
import sysconfig
from collections import Counter
from pathlib import Path

from omply import omp

WORD = re.compile(r"[^\W\d_]{2,}")


def words_of(path):
    return WORD.findall(path.read_text(encoding="utf-8", errors="replace").lower())


@omp(mode="python")
def count_words(paths):
    totals = Counter()
    with omp("parallel"):
        mine = Counter()
        with omp("for schedule(dynamic, 8) nowait"):
            for path in paths:
                mine.update(words_of(path))
        with omp("critical"):
            totals.update(mine)
    return totals


def library_sources():
    library = Path(sysconfig.get_path("stdlib"))
    outside = {"site-packages", "dist-packages", "test", "tests", "idlelib"}
    return sorted(path for path in library.rglob("*.py") if not outside.intersection(path.parts))


def check(totals, paths):
    expected = Counter()
    for path in paths:
        expected.update(words_of(path))
    assert totals == expected


def main():
    paths = library_sources()
    totals = count_words(paths)
    check(totals, paths)
    print(f"{len(paths)} files hold {totals.total()} words, {len(totals)} different ones; the most frequent:")
    for word, count in totals.most_common(5):
        print(f"{count:9} {word}")


if __name__ == "__main__":
    main()
