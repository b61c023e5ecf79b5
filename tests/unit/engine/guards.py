"""Each invariant's guard, how to take it out, and the test that must fail then. docs/invariants.md shows the same."""

from __future__ import annotations

from dataclasses import dataclass

ENGINE = "plugins/module_utils/evenkeel/"
UNIT = "tests/unit/engine/"
AT_EDGE = "tests/unit/edge/"


@dataclass(frozen=True)
class Guard:
    """Without `code` (replaced by `gap`) in `file`, `test` fails."""

    invariant: int
    file: str
    code: str
    gap: str
    test: str


GUARDS = (
    Guard(
        1,
        ENGINE + "publisher.py",
        "if proof is None or not proof.verdict.ok:",
        "if proof is None:",
        UNIT + "test_transaction.py::test_a_release_that_was_not_proved_here_does_not_go_live",
    ),
    Guard(
        1,
        ENGINE + "publisher.py",
        "target = self._unedited(release_id)",
        "target = self._store.load(release_id)",
        UNIT + "test_transaction.py::test_an_edit_by_hand_since_the_proof_stops_the_flip",
    ),
    Guard(
        1,
        ENGINE + "engine.py",
        "            if not proof.verdict.ok:\n                raise CandidateRejected(proof.message())\n",
        "",
        UNIT + "test_adopt_drift.py::test_an_edit_that_does_not_run_cannot_be_the_way_back",
    ),
    Guard(
        2,
        ENGINE + "disk.py",
        "        os.rename(temporary, link)",
        "        os.unlink(link)\n        os.rename(temporary, link)",
        UNIT + "test_invariants.py::test_current_is_there_at_every_instant_of_a_flip",
    ),
    Guard(
        2,
        ENGINE + "plan.py",
        'prefixes = ("php/", "settings/")',
        'prefixes = ("php/",)',
        UNIT + "test_plan.py::test_a_settings_file_reloads_the_shared_master_because_php_remembers_paths",
    ),
    Guard(
        3,
        ENGINE + "transaction.py",
        "            self._arm(live, candidate, deadline_s, others)\n            self._flip(live, candidate, change)",
        "            self._flip(live, candidate, change)\n            self._arm(live, candidate, deadline_s, others)",
        UNIT + "test_transaction.py::test_the_deadline_is_on_disk_and_runs_before_the_flip",
    ),
    Guard(
        3,
        ENGINE + "recovery.py",
        "if pending is None and state.readable(host) and _points_to_something(store):",
        "if _points_to_something(store):",
        UNIT + "test_recovery.py::test_a_boot_ends_with_what_was_confirmed",
    ),
    Guard(
        4,
        ENGINE + "transaction.py",
        "if pending.phase != state.LIVE:",
        "if False:",
        UNIT + "test_transaction.py::test_what_was_not_verified_or_is_overdue_cannot_be_confirmed",
    ),
    Guard(
        4,
        ENGINE + "transaction.py",
        "            self._save_phase(state.LIVE)",
        "            self._save_phase(state.LIVE)\n            self._store.point_known_good(candidate.id)",
        UNIT + "test_transaction.py::test_nothing_is_known_good_before_it_was_confirmed",
    ),
    Guard(
        4,
        ENGINE + "transaction.py",
        "if pending.peers and now > pending.deadline - pending.deadline_s / 2:",
        "if False:",
        UNIT + "test_peers.py::test_nobody_is_confirmed_who_may_have_been_asked_for_in_vain",
    ),
    Guard(
        4,
        ENGINE + "step.py",
        "        if ours and not done.failures:",
        "        if ours:",
        "tests/unit/edge/test_step.py::test_a_host_that_answers_wrongly_through_the_balancer_stays_out_and_nobody_else_goes",
    ),
    Guard(
        5,
        ENGINE + "transaction.py",
        "        other = self._loaded(pending.release if pending else self._store.current_id())\n"
        "        return None if other is None or other.id == target.id else other",
        "        return self._loaded(self._store.current_id())",
        UNIT + "test_recovery.py::test_a_revert_that_died_after_the_flip_still_reloads_php",
    ),
    Guard(
        5,
        ENGINE + "store.py",
        "            self._clean(staging)",
        "            pass",
        UNIT + "test_store.py::test_a_release_that_breaks_off_leaves_nothing",
    ),
    Guard(
        6,
        ENGINE + "services.py",
        '"kill", "--kill-who=main", "--signal=" + signal, unit',
        '"reload", unit',
        UNIT + "test_invariants.py::test_a_revert_asks_no_configtest",
    ),
    Guard(
        6,
        ENGINE + "transaction.py",
        "stuck + self._wrong_answers(target, touched, self._sample(target, target, change), self._known(target, other))",
        "stuck",
        UNIT + "test_cli.py::test_a_revert_that_leaves_wrong_answers_ends_with_1",
    ),
    Guard(
        7,
        "plugins/filter/rollout.py",
        'GOOD = ("published", "unchanged", "planned")',
        'GOOD = ("published", "unchanged", "planned", "reverted")',
        "tests/unit/controller/test_rollout.py::test_trouble_in_any_phase_is_reverted_once_all_went_back",
    ),
    Guard(
        7,
        ENGINE + "recovery.py",
        "    peer = peers.decided_by(pending)",
        '    peer = ""',
        UNIT + "test_peers.py::test_at_its_deadline_a_host_ends_as_one_that_was_told",
    ),
    Guard(
        7,
        "plugins/filter/rollout.py",
        'if not host.touched or host.ok("reverted")]',
        "]",
        "tests/unit/controller/test_rollout.py::test_only_hosts_that_went_back_get_visitors_again",
    ),
    Guard(
        8,
        ENGINE + "links.py",
        "    except (EvenkeelError, OSError) as error:\n        return",
        "    except ZeroDivisionError as error:\n        return",
        UNIT + "test_links.py::test_a_trap_set_after_the_look_stops_no_neighbour",
    ),
    Guard(
        8,
        ENGINE + "judge.py",
        "        (new if is_new else known).append(failure)",
        "        new.append(failure)",
        "tests/unit/engine_prove/test_judge.py::test_a_failure_that_the_live_release_shows_too_is_known",
    ),
    Guard(
        9,
        "plugins/module_utils/evenkeel_compiler/quoting.py",
        'if not _fits(_PRINTABLE, value) or "${" in value:',
        "if False:",
        "tests/templates/test_strict.py::test_a_hostile_value_does_not_pass_a_filter",
    ),
    Guard(
        9,
        ENGINE + "manifest.py",
        "        _check_facts(name, facts)",
        "        pass",
        UNIT + "test_manifest.py::test_facts_that_would_lead_root_elsewhere_are_refused",
    ),
    Guard(
        10,
        ENGINE + "services.py",
        "        if pid == 0:",
        "        if True:",
        UNIT + "test_invariants.py::test_a_running_service_is_reloaded_and_never_restarted",
    ),
    Guard(
        10,
        ENGINE + "balancer.py",
        "                absent.update(dict.fromkeys(names, one))",
        "                pass",
        "tests/unit/edge/test_balancer.py::test_a_drain_outlives_the_balancer_s_boot",
    ),
    Guard(
        11,
        ENGINE + "engine.py",
        "        proofs.save(self._host, proof)",
        "        if verdict.ok:\n            proofs.save(self._host, proof)",
        UNIT + "test_invariants.py::test_a_rejected_release_is_kept_and_rejected_again",
    ),
    Guard(
        1,
        ENGINE + "rotation.py",
        "    if server.weight == 0:",
        "    if False:",
        AT_EDGE + "test_rotation.py::test_a_server_that_is_treated_otherwise_is_told",
    ),
    Guard(
        1,
        ENGINE + "edge_policy.py",
        "    return failures + [_failure",
        "    return [_failure",
        AT_EDGE + "test_edge_policy.py::test_a_line_that_visitors_pay_for_is_told",
    ),
    Guard(
        6,
        ENGINE + "edge_tier.py",
        '        problem = self._services.signal(HAPROXY, "SIGUSR2")',
        "        problem = self._services.start(HAPROXY)",
        AT_EDGE + "test_edge_tier.py::test_haproxy_is_signalled_and_keepalived_left_alone_when_its_file_is_the_same",
    ),
    Guard(
        8,
        ENGINE + "edge_certificates.py",
        "[replace(failure, site=site) for site in users(candidate, name)] or [failure]",
        "[failure]",
        AT_EDGE + "test_edge_certificates.py::test_a_key_that_does_not_fit_is_the_failure_of_the_sites_that_use_it",
    ),
    Guard(
        8,
        ENGINE + "edge_hold.py",
        "    _refuse_takeovers(live, candidate, sites)\n",
        "",
        AT_EDGE + "test_edge_hold.py::test_a_name_that_goes_to_somebody_else_cannot_be_kept",
    ),
    Guard(
        8,
        "roles/haproxy/templates/etc/evenkeel/current/haproxy/macros/backend.cfg.j2",
        "  default-server check ",
        "  default-server check observe layer7 on-error mark-down ",
        AT_EDGE + "test_edge_compile.py::test_what_was_measured_to_do_harm_is_not",
    ),
    Guard(
        10,
        ENGINE + "edge_tier.py",
        "        if problem and insist:",
        "        if problem:",
        AT_EDGE + "test_edge_tier.py::test_only_a_revert_restarts_what_does_not_follow",
    ),
    Guard(
        10,
        ENGINE + "haproxy.py",
        '"srv_port": one.port}',
        "}",
        AT_EDGE + "test_haproxy.py::test_a_drain_outlives_a_reload_and_the_port_is_the_new_one",
    ),
)
