# SPDX-License-Identifier: Apache-2.0
# shards: 2
"""The same calls against other implementations: what our tables hold AWS to say is not our opinion alone.

Where another implementation is known to answer differently from AWS's documents, DEVIATIONS says so, by the
scenario and the number of the call. A deviation that is gone is an error, so that the list stays true.
"""

import pytest

import clients
import servers
from deviations import DEVIATIONS
from test_clients import SCENARIOS, run

ELSEWHERE = {"kinesis": "kinesalite", "firehose": "moto", "s3": "moto"}
CLIENT = "boto3"


def cases():
    return [pytest.param(service, scenario, id=f"{ELSEWHERE[service]}-{service}-{scenario.name}")
            for service, scenarios in SCENARIOS.items() for scenario in scenarios
            if scenario.elsewhere and CLIENT in scenario.clients]


@pytest.mark.parametrize("service, scenario", cases())
def test_others_answer_the_same(service, scenario):
    server = servers.Server(ELSEWHERE[service])
    client = clients.start(CLIENT, server.url, ("any", "any"))
    try:
        differences = dict(run(client, scenario, CLIENT, elsewhere=True))
    finally:
        client.close()
        server.close()
    known = DEVIATIONS.get((service, scenario.name), {})
    surprises = [f"call {index}: {how}" for index, how in differences.items() if index not in known]
    gone = [f"call {index} is answered as expected; {known[index]}" for index in known if index not in differences]
    assert not surprises + gone, "\n".join(surprises + gone)


def test_deviations_name_scenarios_that_there_are():
    names = {(service, scenario.name) for service, scenarios in SCENARIOS.items() for scenario in scenarios
             if scenario.elsewhere}
    assert set(DEVIATIONS) <= names
