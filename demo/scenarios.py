"""Five things that happen to a change on its way to the visitors."""

from __future__ import annotations

import time
from dataclasses import replace

from . import incidents, show
from .client import read
from .controller import Run
from .evening import PATIENCE_S, PUSH, SOAK, Evening, wrong_answers
from .fleet import WEB, testbed, wait_until
from .plot import Ending, Plot
from .power import cut
from .result import PUBLISHED, RECOVERED, REJECTED, REVERTED, SURVIVED

DEADLINE_S = 15
CLAIM_ENDS = "what the dead rollout held at the balancers ends, too, and web1 gets visitors again"
NOTICE = "Open on Sunday from ten."


def incident(evening: Evening) -> Ending:
    before = {host: evening.fleet.current(host) for host in WEB}
    evening.truth.wrong_extension()
    run = evening.push()
    outcome, message = told(run)
    doubts = moved(evening, before)
    if "wp-settings.php:" not in message or "class-wp-locale.phpp" not in message:
        doubts += ("the message does not name the cause with file and line",)
    return with_report(evening, run, Ending(outcome, message, doubts))


def hidden_folder(evening: Evening) -> Ending:
    before = {host: evening.fleet.current(host) for host in WEB}
    evening.truth.stock_page()
    run = evening.push()
    return with_report(evening, run, Ending(*told(run), moved(evening, before)))


def dead_controller(evening: Evening) -> Ending:
    before = evening.fleet.current("web1")
    if not push_and_kill(evening, before, 600):
        return Ending("not killed", "The release never became live on web1.")
    began = time.monotonic()
    limit_s = DEADLINE_S + 45
    with show.waiting("deadline", f"web1 notices that nobody confirms within {DEADLINE_S} s, and goes back", limit_s):
        back = wait_until(lambda: evening.settled("web1", before), limit_s)
    if not back:
        return Ending("not reverted", "web1 still serves the release that nobody confirmed.")
    seconds = time.monotonic() - began
    doubts = verified(evening) + evening.await_rotation(WEB, CLAIM_ENDS)
    return Ending(REVERTED, f"web1 was back at release {before} {seconds:.0f} s later, by itself.", doubts)


def power_cut(evening: Evening) -> Ending:
    before = evening.fleet.current("web1")
    if not push_and_kill(evening, before, 900):
        return Ending("not killed", "The release never became live on web1.")
    show.say("power", "Cut the power of web1, and give it back")
    outage = cut(("web1",))
    testbed("start", "web1")
    with show.waiting("boot", "web1 starts and settles what the power cut left", PATIENCE_S):
        answers = wait_until(lambda: not wrong_answers(evening.host("web1")), PATIENCE_S, pause_s=0.1)
        back = answers and wait_until(lambda: evening.settled("web1", before), 30)
    if not back:
        return Ending("not recovered", "web1 did not come back with the release it had before.", outages=(outage,))
    doubts = verified(evening) + evening.await_rotation(WEB, CLAIM_ENDS)
    return Ending(*how_it_came_back(evening, before), doubts, (outage,))


def how_it_came_back(evening: Evening, before: str) -> tuple[str, str]:
    events = [event["event"] for event in evening.fleet.status("web1").get("journal", [])]
    if "recovered" in events[-3:]:
        return RECOVERED, f"web1 put release {before} back while it started, before Apache did."
    return SURVIVED, f"web1 serves release {before}, though not because it recovered at boot."


def good_change(evening: Evening) -> Ending:
    evening.truth.notice(NOTICE)
    outcome, message = told(evening.push())
    silent = [host for host in WEB if not evening.shop_says(host, NOTICE)]
    return Ending(outcome, message, tuple(f"{host} does not show the notice" for host in silent))


def push_and_kill(evening: Evening, before: str, cache_s: int) -> bool:
    """Push a harmless change and kill the controller the moment it is live on web1; False when it never was."""
    evening.truth.cache_for(cache_s)
    watch = evening.fleet.watch("web1")
    run = evening.controller.start(PUSH, *SOAK, "-e", f"deadline_s={DEADLINE_S}")
    try:
        flipped = watch.until(lambda seen: seen != before or run.ended, PATIENCE_S) and not run.ended
        evening.controller.kill(run)
    finally:
        watch.close()
    show.say("kill", "The release is live on web1, unconfirmed; the controller is dead (SIGKILL)")
    return flipped


def told(run: Run) -> tuple[str, str]:
    """Outcome and message as the rollout's report has them."""
    outcome = str(run.report.get("outcome") or f"no report (exit status {run.process.returncode})")
    return outcome, str(run.report.get("message") or run.last_words())


def with_report(evening: Evening, run: Run, ending: Ending) -> Ending:
    """The path of the incident report, and where it is not what visitors saw."""
    assert evening.stream is not None
    time.sleep(1)  # the client writes down four times a second
    facts = incidents.find(evening.record, str(run.report.get("rollout")))
    if facts is None:
        return replace(ending, doubts=(*ending.doubts, "there is no incident report of it"))
    wrong = incidents.differences(incidents.load(facts), read(evening.stream.record), run.began, time.time())
    return replace(ending, doubts=(*ending.doubts, *wrong), incident=str(incidents.page(facts)))


def moved(evening: Evening, before: dict[str, str]) -> tuple[str, ...]:
    return tuple(f"{host} does not serve what it served before" for host in WEB if not evening.settled(host, before[host]))


def verified(evening: Evening) -> tuple[str, ...]:
    """The host's own word that every probe of every site is green again."""
    done = evening.fleet.run("web1", "sudo /usr/local/sbin/evenkeel verify")
    return () if done.returncode == 0 else ("evenkeel verify on web1: " + done.stdout.strip(),)


PLOTS = (
    Plot(
        "wrong extension",
        "wp-settings.php asks for class-wp-locale.phpp. apache2 -t, php-fpm -t and php -l say OK.",
        REJECTED,
        incident,
    ),
    Plot(
        "fails only when live",
        "The shop gets a page that reads its stock folder. On web1 somebody hid that folder from the live PHP unit.",
        REVERTED,
        hidden_folder,
    ),
    Plot(
        "controller dies",
        "A harmless change; ansible-playbook gets SIGKILL the moment it is live on web1.",
        REVERTED,
        dead_controller,
    ),
    Plot(
        "controller dies, then the power fails",
        "The same, and web1 loses its power instead of waiting for the deadline.",
        RECOVERED,
        power_cut,
    ),
    Plot(
        "ordinary change",
        f"The shop tells its customers: {NOTICE}",
        PUBLISHED,
        good_change,
    ),
)
