"""Which rollouts get a report, and what it says of them."""

from __future__ import annotations

import pytest

from plugins.module_utils.evenkeel_record.incident_clock import moment
from plugins.module_utils.evenkeel_record.incident_rollout import of_rollout
from plugins.module_utils.evenkeel_record.incident_rule import why
from tests.unit.record.events import BEGAN, CAUSE, begin, end, failure, phase, published, reason, rejected
from tests.unit.record.incidents import BACK, UNDONE, killed, reverted, shown, soaked, told


def refused(*reasons):
    return told([begin(), failure("web1", reasons), end()])


@pytest.mark.parametrize("guard", ["status", "site", "learned", "slow", "tls", "start", "certificate", "program", "vhosts"])
def test_a_proof_that_found_what_visitors_would_have_met_is_reported(guard):
    assert why(refused(reason(guard=guard)))


@pytest.mark.parametrize("guard", ["truth", "configtest", "policy", "settings"])
def test_a_typing_error_is_not_reported(guard):
    assert not why(refused(reason(guard=guard)))
    assert why(refused(reason(guard=guard), reason(guard="status")))


def test_a_host_that_was_busy_or_gone_is_not_reported():
    assert not why(refused())


def test_every_revert_is_reported_and_no_success():
    assert why(told(reverted())) and why(told([begin(), end("revert_failed")]))
    assert not why(told(published())) and not why(told([begin(), end("unchanged")]))
    with pytest.raises(ValueError, match="needs no report"):
        of_rollout(told(published()))


def test_a_rollout_that_broke_off_is_reported_once_it_may_have_been_live():
    assert why(told(killed()))
    assert not why(told(killed()[:3]))


def test_a_rejected_push_cost_nobody_anything():
    it = of_rollout(told(rejected()))
    assert it.headline == "No visitor noticed. Nothing of it was live on any host."
    assert (it.failed.value, it.recover.value, it.page.value) == (0, 0, 0)
    assert (it.sites, it.hosts, it.cause) == (("blog",), ("web1", "web2", "web3", "web4"), (CAUSE,))
    assert len(it.broken) == 1  # four hosts said the same
    assert it.detect.value == 4.0 and "nothing of it was live" in it.detect.why


def test_a_revert_before_visitors_came_back_cost_nobody_anything():
    it = of_rollout(told(reverted()))
    assert it.headline.startswith("No visitor noticed. The release was live on web1,")
    assert it.failed.value == 0
    assert it.detect.value == pytest.approx(4.5) and it.recover.value == pytest.approx(13.5)
    assert it.page.value is None and "not asked" in it.page.why
    assert it.resolution == (f"web1: {BACK}",)
    assert "2000 requests; 130 got" in it.counted and it.counted.endswith("Before it, 6.5% of requests did.")


def test_sites_that_nobody_named_are_those_that_the_change_touches():
    quiet = [{**one, "failures": []} if one["event"] == "failure" else one for one in reverted()]
    it = of_rollout(told(quiet))
    assert (it.sites, it.sites_note) == (("shop",), "all that the change touches")
    assert it.cause == (UNDONE,) and of_rollout(told(reverted())).sites_note == ""


def test_a_host_without_visitors_is_named_with_both_ends():
    [gone] = of_rollout(told(reverted())).away
    assert gone.host == "web1"
    assert gone.out == (moment(BEGAN + 4.4), moment(BEGAN + 6))
    assert gone.back == (moment(BEGAN + 18.0), moment(BEGAN + 19.5))


def test_hosts_of_later_batches_have_their_own_times():
    """Each batch is drained, made live, and gets its visitors back, before the next one."""
    proof = phase(3, "web1", "prepare", "Prove it", 2, outcome="proved")
    first = [phase(5, "edge1", "begin", "Hold", 1), phase(7, "web1", "live", "Make it live", 1.5, outcome="live")]
    again, drain = phase(9, "edge1", "ask", "Ask them", 1.5), phase(20, "edge1", "judge", "Send no more", 1)
    second = [phase(22, "web2", "live", "Make it live", 1.5, outcome="live"), phase(24, "edge1", "ask", "Ask them", 1)]
    web1, web2 = of_rollout(told([begin(), proof, *first, again, drain, *second])).away
    assert (web1.out[1], web1.back) == (moment(BEGAN + 5), (moment(BEGAN + 7.5), moment(BEGAN + 9)))
    assert (web2.out[1], web2.back) == (moment(BEGAN + 20), (moment(BEGAN + 23), moment(BEGAN + 24)))


def test_what_visitors_may_have_met_is_counted_on_the_hosts_that_had_it():
    it = of_rollout(told(shown()))
    assert "Visitors may have noticed" in it.headline and "No visitor" not in it.headline
    assert (it.failed.value, it.failed.text) == (2, "at most 2")


def test_what_a_soak_found_visitors_have_met():
    it = of_rollout(told(soaked()))
    assert "Visitors may have noticed" in it.headline and it.failed.text == "at most 17"
    assert it.detect.value == pytest.approx(14) and "visitors' requests" in it.detect.why
    [gone] = it.away
    assert gone.back == (moment(BEGAN + 11), moment(BEGAN + 12))
    assert it.prevention == ("The soak saw that visitors fared worse, and the release went no further than web1.",)


def test_where_nobody_else_would_serve_visitors_met_it_from_the_beginning():
    stay = {"message": "visitors stay on web1, because nobody else would serve them"}
    events = [{**one, **stay} if one.get("phase") == "begin" else one for one in reverted()]
    it = of_rollout(told(events))
    assert "Visitors may have noticed" in it.headline and it.away == ()


def test_without_balancers_nobody_knows_how_many_visitors_met_it():
    events = [one for one in reverted() if one.get("phase") != "begin" and one["event"] != "requests"]
    it = of_rollout(told(events))
    assert not it.failed.known and "Visitors may have noticed; how many is not known" in it.headline
    assert it.away == ()


def test_a_rollback_by_a_person_claims_nothing_about_visitors():
    events = [begin(playbook="rollback"), phase(3, "web1", "rollback", "Put it back", 2, message=BACK), end("reverted")]
    it = of_rollout(told(events))
    assert "No visitor" not in it.headline and not it.failed.known and not it.detect.known
    assert it.recover.value == pytest.approx(3.0) and it.resolution == (f"web1: {BACK}",)


def test_a_revert_that_is_not_finished_has_no_end():
    events = [*reverted()[:-1], end("revert_failed", 20)]
    it = of_rollout(told(events))
    assert not it.recover.known and "Not every host" in it.resolution[-1]


def test_an_interrupted_rollout_says_what_is_not_known():
    it = of_rollout(told(killed()))
    assert (it.kind, it.ended) == ("interrupted", moment(BEGAN + 4))
    assert not any(figure.known for figure in (it.failed, it.detect, it.page, it.recover))
    assert it.timeline[-1].text.startswith("The journal ends here")


def test_hosts_that_did_the_same_share_a_line_and_one_that_did_it_twice_does_not():
    lines = of_rollout(told(rejected())).timeline
    [proof] = [one for one in lines if "Prove" in one.text]
    assert proof.who == "web1, web2, web3, web4" and (proof.until - proof.at).total_seconds() == pytest.approx(0.6)
    twice = [begin(), *(phase(when, "web1", "drain", "Wait", 1) for when in (2, 8)), failure("web1", [reason()]), end()]
    assert [one.at for one in of_rollout(told(twice)).timeline if one.text == "Wait"] == [moment(BEGAN + 2), moment(BEGAN + 8)]


def test_a_thousand_hosts_are_still_a_page():
    steps = [phase(i, f"web{i}", "prepare", f"Prove {i}", 1) for i in range(1000)]
    it = of_rollout(told([begin(), *steps, failure("web1", [reason()]), end("rejected", 1001)]))
    assert len(it.timeline) == 300 and it.left_out == 702
