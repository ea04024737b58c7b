"""What only Kafka can tell of the folder: transactions, ACLs, users, quotas, settings of groups and metrics."""
GROUP, CLIENT_METRICS = 32, 16


def plain(answer):
    return answer.to_dict()


def ordered(items):
    return sorted(items, key=str)


def record(connection):
    """As values that are equal when nothing has changed."""
    any_acl = {"resource_type_filter": 1, "resource_name_filter": None, "pattern_type_filter": 1,
               "principal_filter": None, "host_filter": None, "operation": 1, "permission_type": 1}
    found = {
        "acls": ordered((r["resource_type"], r["resource_name"], r["pattern_type"], ordered(map(str, r["acls"])))
                        for r in plain(connection.ask("DescribeAcls", **any_acl))["resources"]),
        "users": ordered(plain(connection.ask("DescribeUserScramCredentials", users=None))["results"]),
        "quotas": ordered(plain(connection.ask("DescribeClientQuotas", components=[], strict=False))["entries"]),
        "transactions": ordered(transactions(connection)),
    }
    for kind in (GROUP, CLIENT_METRICS):
        for resource in named(connection, kind):
            answer = connection.ask("DescribeConfigs", include_synonyms=False, include_documentation=False, resources=[
                {"resource_type": kind, "resource_name": resource, "configuration_keys": None}])
            found[f"settings of {resource}"] = ordered(
                (c.name, c.value, c.config_source) for c in answer.results[0].configs)
    return found


def named(connection, kind):
    answer = connection.ask("ListConfigResources", resource_types=[kind])
    return sorted(resource.resource_name for resource in answer.config_resources)


def transactions(connection):
    listed = connection.ask("ListTransactions", version=0, state_filters=[], producer_id_filters=[])
    ids = [state.transactional_id for state in listed.transaction_states]
    answer = connection.ask("DescribeTransactions", transactional_ids=ids)
    for state in answer.transaction_states:
        yield (state.transactional_id, state.transaction_state, state.producer_id, state.producer_epoch,
               ordered(str(topic.to_dict()) for topic in state.topics))


def differences(before, after):
    return [f"{name}: {before.get(name)} became {after.get(name)}" for name in sorted({*before, *after})
            if before.get(name) != after.get(name)]
