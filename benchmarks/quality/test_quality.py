"""Tests of this benchmark: run.sh test. Nothing here needs the library or a peer."""
import json
import os
import sys
import tempfile
import unittest

# Before the modules below look at it: the tests leave build/quality alone.
FOLDER = tempfile.TemporaryDirectory()
os.environ["HPOSEARCH_QUALITY"] = FOLDER.name
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import numpy as np  # noqa: E402

import campaign  # noqa: E402
import problems  # noqa: E402
import report  # noqa: E402
import spaces  # noqa: E402
import traces  # noqa: E402
from baselines import baseline  # noqa: E402
from bridge import Bridge, BridgeError  # noqa: E402
from paths import HERE, RECORDED_BASELINES  # noqa: E402
from play import play  # noqa: E402
from score import Scores, losses  # noqa: E402

REFERENCE = f"{sys.executable} {HERE}/reference_bridge.py"
SPACE = [spaces.real("a", 1e-3, 1, True), spaces.integer("b", 1, 5), spaces.cat("c", "x", "y", "z")]


class Spaces(unittest.TestCase):
    def test_cube_and_back(self):
        rng = np.random.default_rng(1)
        for _ in range(200):
            point = spaces.random_point(SPACE, rng)
            spaces.check(SPACE, point)
            again = spaces.from_unit(SPACE, spaces.to_unit(SPACE, point))
            self.assertAlmostEqual(again.pop("a") / point.pop("a"), 1, 12)
            self.assertEqual(again, point)

    def test_points_outside_are_refused(self):
        for wrong in ({"a": 2.0}, {"b": 0}, {"b": 2.5}, {"c": "w"}):
            with self.assertRaises(ValueError):
                spaces.check(SPACE, {"a": 0.1, "b": 3, "c": "x"} | wrong)


class Problems(unittest.TestCase):
    def test_recorded_random_search_is_found_again(self):
        """Seed 0 of the recorded random search, to every digit: the problems are those that the peers were run on."""
        recorded = traces.longest(traces.read(traces.recorded_path("random")))
        for name in problems.FULL:
            if name.startswith("hpo-"):
                continue  # seconds each; their losses depend on the packages' versions anyway
            with self.subTest(name):
                before = recorded[name, 0, 1, "async"]
                now = play("random", problems.build(name), 0, before["trials"])
                self.assertEqual([change[:2] for change in now["leader"]], [change[:2] for change in before["leader"]])

    def test_training_is_deterministic_and_kept(self):
        problem = problems.build("hpo-iris-logreg")
        point = spaces.random_point(problem.space, np.random.default_rng(0))
        first = problem.evaluate(point)
        self.assertTrue(0 < first < 5)
        self.assertEqual(problem.evaluate(point), first)

    def test_optimum_is_not_beaten(self):
        rng = np.random.default_rng(3)
        for name in problems.HELD_OUT:
            if name.startswith("hpo-"):
                continue
            problem = problems.build(name)
            values = [problem.evaluate(spaces.random_point(problem.space, rng)) for _ in range(500)]
            self.assertGreater(min(v for v in values if v is not None), problem.optimum, name)

    def test_sets_do_not_overlap(self):
        self.assertFalse(set(problems.FULL) & set(problems.HELD_OUT))

    def test_baselines_are_found_again(self):
        with open(RECORDED_BASELINES) as file:
            recorded = json.load(file)
        self.assertEqual(baseline(problems.build("branin-d2-i1")), recorded["branin-d2-i1"])


class Workers(unittest.TestCase):
    def test_recorded_clock_is_found_again(self):
        recorded = traces.longest(traces.read(traces.recorded_path("random")))
        problem = problems.build("hartmann6-d6-i1")
        for workers, mode in ((3, "sync"), (8, "async")):
            run = play("random", problem, 0, 120, workers, mode)
            before = recorded[problem.name, 0, workers, mode]
            self.assertEqual(run["leader"], before["leader"])
            self.assertEqual(run["makespan"], before["makespan"])


class Programs(unittest.TestCase):
    def test_a_bridge_that_works(self):
        bridge = Bridge(REFERENCE, SPACE, 1, 10)
        trials = bridge.ask(3)
        self.assertEqual([id for id, _ in trials], [0, 1, 2])
        bridge.tell([(2, 1.5), (0, None)])
        self.assertGreater(bridge.cpu_seconds(), 0)
        self.assertGreater(bridge.peak_mib(), 1)
        with self.assertRaisesRegex(BridgeError, "unknown trial 7"):
            bridge.tell([(7, 1.0)])
        self.assertEqual(len(bridge.ask(1)), 1)
        bridge.close()

    def test_a_bridge_that_dies(self):
        bridge = Bridge(REFERENCE + " die 2", SPACE, 1, 10)
        bridge.ask()
        with self.assertRaisesRegex(BridgeError, "ended with code 3 at 'ask'"):
            bridge.ask()
        bridge.close()

    def test_a_bridge_that_hangs(self):
        bridge = Bridge(REFERENCE + " hang 1", SPACE, 1, 10, patience=20)
        bridge.patience = 0.2
        with self.assertRaisesRegex(BridgeError, "no answer to 'ask'"):
            bridge.ask()
        bridge.close()

    def test_a_campaign_survives_failures_and_resumes(self):
        jobs = [campaign.Job("hposearch", "branin-d2-i1", seed, 20) for seed in range(3)]
        os.environ["HPOSEARCH_BRIDGE"] = REFERENCE + " die 5"
        self.assertEqual(campaign.run(jobs, 2), 3)
        os.environ["HPOSEARCH_BRIDGE"] = REFERENCE
        self.assertEqual(campaign.run(jobs[:2], 2), 0)
        self.assertEqual(campaign.missing(jobs), jobs[2:])
        self.assertEqual(len(traces.read(traces.own_path("hposearch"))), 2)


class Tables(unittest.TestCase):
    BASE = {"p": {"kind": "bbob", "optimum": 0.0, "median": 10.0, "least": 1.0,
                  "best": {"25": 4.0, "50": 2.0, "100": 2.0, "200": 2.0}}}

    @staticmethod
    def run_of(*changes, trials=50, seed=0, **more):
        return {"problem": "p", "seed": seed, "workers": 1, "mode": "async", "trials": trials, "budget": trials,
                "leader": list(map(list, changes)), "cpu_s": 1.0} | more

    def scores(self, **optimisers):
        return Scores(self.BASE, {name: {traces.key(run): run for run in runs} for name, runs in optimisers.items()})

    def test_scores_by_hand(self):
        scores = self.scores(a=[self.run_of((3, 8.0), (30, 1.0))])
        self.assertEqual(scores.of("RS", "a", "p", 25).tolist(), [2.0])
        self.assertEqual(scores.of("RS", "a", "p", 50).tolist(), [0.5])
        self.assertEqual(scores.of("NR", "a", "p", 25).tolist(), [0.8])
        self.assertEqual(scores.of("NR", "a", "p", 100).tolist(), [])

    def test_no_success_is_the_worst(self):
        scores = self.scores(a=[self.run_of()])
        self.assertEqual(scores.of("RS", "a", "p", 25).tolist(), [3.0])
        self.assertEqual(scores.of("NR", "a", "p", 25).tolist(), [1.0])

    def test_table_ranks_and_orders(self):
        scores = self.scores(a=[self.run_of((1, 8.0))], b=[self.run_of((1, 2.0)), self.run_of((1, 4.0), seed=1)])
        rows, shared = scores.table("RS", 25, ["p", "without a baseline"])
        self.assertEqual([(row.name, row.mean, row.rank, row.seeds) for row in rows],
                         [("b", 0.75, 1.0, (2, 2)), ("a", 2.0, 2.0, (1, 1))])
        self.assertEqual(shared, ["p"])
        self.assertIn("| b | 0.750 [0.500, 1.000] | 1.0 | **0.750** | 2 |", report.score_table(scores, "RS", 25, ["p"]))

    def test_leader_follows_what_was_told(self):
        leader = traces.Leader()
        for told, true in ((None, None), (3.0, 2.0), (2.9, 2.5), (5.0, 0.1)):
            leader.tell(told, true)
        self.assertEqual(leader.changes, [[2, 2.0], [3, 2.5]])
        self.assertEqual(losses({"leader": leader.changes}, 4).tolist(), [np.inf, 2.0, 2.5, 2.5])

    def test_more_workers_take_more_trials(self):
        one = self.run_of((1, 8.0), (10, 1.0))
        many = self.run_of((1, 8.0), (15, 1.0), workers=8)
        scores = self.scores(a=[one, many], b=[one])
        self.assertEqual(scores.extra_trials("a", ["p"], 8, 50), 1.5)
        self.assertIsNone(scores.extra_trials("b", ["p"], 8, 50))

    def test_markers_are_filled(self):
        text = "prose\n<!-- begin t -->\nold\n<!-- end t -->\nmore\n"
        once = report.put(text, "t", "new")
        self.assertEqual(once, "prose\n<!-- begin t -->\n\nnew\n\n<!-- end t -->\nmore\n")
        self.assertEqual(report.put(once, "t", "new"), once)


if __name__ == "__main__":
    unittest.main()
