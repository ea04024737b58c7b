"""What differs between two recordings of what was served, one line for each thing."""


def differences(before, after, changed=(), gone=(), new=(), compacted=(), retained=()):
    """`changed` topics may have grown, `compacted` ones may have lost what is superseded, `retained` ones their
    oldest batches; `gone` and `new` are no longer there and not there before."""
    lines = list(topic_differences(before, after, changed, gone, new))
    for key in sorted(before.partitions):
        topic = key[0]
        if topic in gone:
            continue
        if key not in after.partitions:
            lines.append(f"{key}: not there")
            continue
        old, now, grown = before.partitions[key], after.partitions[key], topic in changed
        if topic in compacted:
            found = compaction_differences(old, now, grown, topic in retained)
        elif topic in retained:
            found = retention_differences(old, now, grown)
        else:
            found = partition_differences(old, now, grown)
        lines += [f"{key}: {line}" for line in found]
    lines += setting_differences("topic", before.topic_configs, after.topic_configs, {*gone, *new})
    lines += setting_differences("broker", before.broker_configs, after.broker_configs, ())
    if before.features != after.features:
        lines.append(f"features: {before.features} became {after.features}")
    return lines


def topic_differences(before, after, changed, gone, new):
    for name in sorted({*before.topics, *after.topics}):
        was, now = before.topics.get(name), after.topics.get(name)
        if name in gone or name in new:
            if (name in gone and now) or (name in new and not now):
                yield f"topic {name}: {was} became {now}"
        elif was != now:
            yield f"topic {name}: {was} became {now}"


def partition_differences(before, after, grown):
    for name in ("batches", "committed"):
        yield from batch_differences(name, getattr(before, name), getattr(after, name), grown)
    yield from end_differences(before, after)
    if grown:
        return
    for name in ("start", "last_stable", "end", "aborted", "epochs"):
        if getattr(before, name) != getattr(after, name):
            yield f"{name}: {getattr(before, name)} became {getattr(after, name)}"
    for asked in before.times:
        if before.times[asked] != after.times.get(asked):
            yield f"offset of time {asked}: {before.times[asked]} became {after.times.get(asked)}"
    yield from producer_differences(before, after)


def batch_differences(name, old, new, grown):
    compared = new[:len(old)] if grown else new
    if old != compared:
        pairs = enumerate(zip(old, compared))
        at = next((i for i, (one, other) in pairs if one != other), min(len(old), len(compared)))
        yield f"{name}: {len(old)} became {len(new)}; at {at} {old[at:at + 1]} became {new[at:at + 1]}"


def end_differences(before, after):
    if after.end < before.end or after.last_stable < before.last_stable:
        yield f"ends {before.end}, {before.last_stable} became {after.end}, {after.last_stable}"


def producer_differences(before, after):
    if None not in (before.producers, after.producers) and before.producers != after.producers:
        yield f"producers: {before.producers} became {after.producers}"


def retention_differences(before, after, grown):
    """The oldest batches may have gone, and nothing else."""
    if after.start < before.start:
        yield f"start: {before.start} became {after.start}"
    kept = [batch for batch in before.batches if batch.last_offset >= after.start]
    yield from batch_differences("batches", kept, after.batches, grown)
    yield from end_differences(before, after)


def compaction_differences(before, after, grown, retained):
    """Whatever is left is where it was, and for each key the last that was said is still the last."""
    old, new = before.records(), after.records()
    end = before.end
    was = {record[0]: record for record in old}
    for record in new:
        if record[0] < end and was.get(record[0]) != record:
            yield f"record {was.get(record[0])} became {record}"
    if not retained:
        lost = {key: offset for key, offset in last_values(old).items()
                if last_values(record for record in new if record[0] < end).get(key) != offset}
        superseded = {record[1] for record in new if record[0] >= end} if grown else set()
        for key in lost.keys() - superseded:
            yield f"the value of {key} at {lost[key]} is gone"
    yield from end_differences(before, after)


def last_values(records):
    """Where the value of each key stands that has one."""
    found = {}
    for offset, key, has_value, _ in records:
        found.pop(key, None)
        if has_value:
            found[key] = offset
    return found


def setting_differences(kind, before, after, but):
    if before is None or after is None:
        return
    for name in before:
        if name in but:
            continue
        old, new = before[name], after.get(name, {})
        for key in sorted({*old, *new}):
            if old.get(key) != new.get(key):
                yield f"{kind} {name!r}: setting {key}: {old.get(key)} became {new.get(key)}"
