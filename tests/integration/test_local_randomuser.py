# SPDX-License-Identifier: Apache-2.0
"""The stand-in for randomuser.me: what a client of the API sees."""

import json
import re
import urllib.parse

import pytest

MEMBERS = ["gender", "name", "location", "email", "login", "dob", "registered", "phone", "cell", "id", "picture", "nat"]
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
DECIMAL = re.compile(r"-?\d{1,3}\.\d{4}")


def ask(service, path="/api/1.4/", **parameters):
    status, body = service.get(path + "?" + urllib.parse.urlencode(parameters))
    assert status == 200
    return json.loads(body.decode("utf-8"))


def test_users_have_the_members_and_types_of_the_api(local_randomuser):
    answer = ask(local_randomuser, results=400, seed="types")
    assert answer["info"] == {"seed": "types", "results": 400, "page": 1, "version": "1.4"}
    assert len(answer["results"]) == 400
    for user in answer["results"]:
        assert list(user) == MEMBERS
        assert user["gender"] in ("male", "female")
        assert set(user["name"]) == {"title", "first", "last"}
        location = user["location"]
        assert set(location) == {"street", "city", "state", "country", "postcode", "coordinates", "timezone"}
        assert isinstance(location["street"]["number"], int)
        assert DECIMAL.fullmatch(location["coordinates"]["latitude"])
        assert DECIMAL.fullmatch(location["coordinates"]["longitude"])
        assert abs(float(location["coordinates"]["latitude"])) <= 90
        assert abs(float(location["coordinates"]["longitude"])) <= 180
        assert DATE.fullmatch(user["dob"]["date"]) and DATE.fullmatch(user["registered"]["date"])
        assert 10 <= user["dob"]["age"] <= 82
        assert user["email"].isascii() and user["email"].endswith("@example.com")
        assert set(user["login"]) == {"uuid", "username", "password", "salt", "md5", "sha1", "sha256"}
        assert re.fullmatch(r"https://randomuser\.me/api/portraits/(wo)?men/\d+\.jpg", user["picture"]["large"])
    users = answer["results"]
    assert {type(user["location"]["postcode"]) for user in users} == {int, str}
    assert {type(user["id"]["value"]) for user in users} == {str, type(None)}
    assert all((user["id"]["value"] is None) == (user["id"]["name"] == "") for user in users)
    assert len({user["nat"] for user in users}) >= 6
    assert any(not user["name"]["first"].isascii() for user in users)
    assert any(user["dob"]["age"] < 18 for user in users)


def test_seed_and_page_determine_the_users(local_randomuser):
    first = local_randomuser.get("/api/1.4/?results=50&seed=a&page=3")
    assert local_randomuser.get("/api/1.4/?results=50&seed=a&page=3") == first
    assert local_randomuser.get("/api/?results=50&seed=a&page=3") == first
    users = ask(local_randomuser, results=50, seed="a", page=3)["results"]
    assert ask(local_randomuser, results=20, seed="a", page=3)["results"] == users[:20]
    assert ask(local_randomuser, results=50, seed="a", page=4)["results"] != users
    assert ask(local_randomuser, results=50, seed="b", page=3)["results"] != users
    # gender is without effect when a seed is given
    assert ask(local_randomuser, results=50, seed="a", page=3, gender="male")["results"] == users


def test_without_a_seed_each_answer_is_another(local_randomuser):
    one, other = ask(local_randomuser), ask(local_randomuser)
    assert one["info"]["seed"] != other["info"]["seed"]
    again = ask(local_randomuser, seed=one["info"]["seed"])
    assert again["results"] == one["results"]
    assert {user["gender"] for user in ask(local_randomuser, results=60, gender="female")["results"]} == {"female"}


def test_inc_exc_nat_and_noinfo(local_randomuser):
    answer = ask(local_randomuser, results=5, inc="name,nat,login", exc="login", nat="nl,ua", noinfo="")
    assert "info" not in answer
    for user in answer["results"]:
        assert list(user) == ["name", "nat"]
        assert user["nat"] in ("NL", "UA")
    everything = ask(local_randomuser, results=200, seed="n", nat="nl,xx")["results"]
    assert len({user["nat"] for user in everything}) > 2


def test_pretty_is_the_same_for_a_machine(local_randomuser):
    plain = local_randomuser.get("/api/1.4/?results=3&seed=p")[1]
    pretty = local_randomuser.get("/api/1.4/?results=3&seed=p&format=pretty")[1]
    assert b"\n" not in plain and pretty.count(b"\n") > 100
    assert json.loads(pretty) == json.loads(plain)


@pytest.mark.parametrize("results, users", [("5000", 5000), ("5001", 1), ("0", 1), ("x", 1), ("", 1)])
def test_a_bad_results_counts_as_one(local_randomuser, results, users):
    answer = ask(local_randomuser, results=results, exc="login")
    assert len(answer["results"]) == users == answer["info"]["results"]


def test_pages_beyond_10000_are_page_1(local_randomuser):
    assert ask(local_randomuser, seed="s", page=10001) == ask(local_randomuser, seed="s", page=1)


def test_what_is_not_there_is_404(local_randomuser):
    status, body = local_randomuser.get("/api/0.9/")
    assert status == 404 and b"1.4" in body


def test_with_a_quota_it_throttles_like_the_api(services):
    service = services("local-randomuser", {"LOCAL_RANDOMUSER_QUOTA": "100/3600"}).wait_ready()
    assert service.get("/api/1.4/?results=100")[0] == 200
    status, body = service.get("/api/1.4/")
    assert status == 429 and "error" in json.loads(body)
    assert service.metrics()["local_randomuser_requests_total", "429"] == 1
    assert service.metrics()["local_randomuser_users_total"] == 100


def test_a_wrong_quota_is_a_configuration_error(services):
    service = services("local-randomuser", {"LOCAL_RANDOMUSER_QUOTA": "many"})
    assert service.wait() == 2
    assert "LOCAL_RANDOMUSER_QUOTA" in "\n".join(service.lines)
