"""Would it notice? Each kind of damage is told to a book, which must find it; soak.py begins with this."""
from book import Book, Coverage, Wrong, content

TOPIC = "planted"


def filled(*numbers):
    """A book whose auditor read these records of one writer."""
    book = Book({TOPIC: 2})
    for offset, number in enumerate(numbers):
        book.enter(TOPIC, 0, offset, *content(1, number, 1))
    return book


def gap():
    filled(0).enter(TOPIC, 0, 2, *content(1, 1, 1))


def twice():
    filled(0, 1, 1)


def disorder():
    filled(0, 2, 1)


def changed():
    key, value = content(1, 0, 1)
    filled().enter(TOPIC, 0, 0, key, value[:-1] + b"?")


def lost_key():
    filled().enter(TOPIC, 0, 0, None, content(1, 0, 1)[1])


def other_partition():
    key = content(1, 0, 1)[0]
    later = next(record for record in (content(1, number, 1) for number in range(1, 10_000)) if record[0] == key)
    filled(0).enter(TOPIC, 1, 0, *later)


def other_offset():
    filled(0, 1, 2).claim(TOPIC, 0, 2, *content(1, 1, 1), "planted")


def ahead():
    """Acknowledged before the auditor comes to another record there."""
    book = filled(0)
    book.claim(TOPIC, 0, 1, *content(1, 1, 1), "planted")
    book.enter(TOPIC, 0, 1, *content(1, 2, 1))


def lost_at_the_end():
    book = filled(0, 1)
    book.has_written(1, 3)
    book.claim(TOPIC, 0, 2, *content(1, 2, 1), "planted")
    lost, claims = book.missing()
    if lost and claims:
        raise Wrong("lost")


def passed_over():
    coverage = Coverage()
    for offset in (0, 1, 3, 4, 1, 3):
        coverage.add(offset)
    if not coverage.is_whole(5):
        raise Wrong("passed over")


DAMAGES = (gap, twice, disorder, changed, lost_key, other_partition, other_offset, ahead, lost_at_the_end, passed_over)


def check():
    """Fails when a damage is not found, or where nothing is damaged one is."""
    book = filled(0, 1, 2)
    book.claim(TOPIC, 0, 1, *content(1, 1, 1), "planted")
    book.has_written(1, 3)
    assert book.missing() == ({}, {}), book.missing()
    coverage = Coverage()
    for offset in (2, 0, 1, 4, 3, 0, 1, 4):
        coverage.add(offset)
    assert coverage.is_whole(5) and coverage.delivered == 8, coverage.intervals
    for damage in DAMAGES:
        try:
            damage()
        except Wrong:
            continue
        raise AssertionError(f"{damage.__name__} was not found")
