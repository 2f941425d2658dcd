"""The peers, each behind the same small interface.

    optimiser = PEERS["optuna-tpe"](space, seed, budget, workers)
    [(id, point), ...] = optimiser.ask(n)
    optimiser.tell([(id, loss or None), ...])          None: the trial failed

All run with the defaults that their documentation shows. A peer that knows no failures is told the worst loss so far, as
its users do. Packages are imported when a peer is made, so that a missing one disables nothing else.
"""
import logging
import tempfile
import time
import warnings

import numpy as np

from spaces import from_unit, random_point

warnings.filterwarnings("ignore")


class Optimiser:
    packages = ()  # those whose versions a recorded trace names
    knows_failures = False
    period = 1  # trials from one fit of its model to the next: latencies are means over a period

    def __init__(self, space, seed, budget, workers=1):
        self.space, self.seed, self.budget, self.workers = space, seed, budget, workers
        self.rng = np.random.default_rng(seed)
        self.pending, self.worst, self._asked = {}, None, 0
        self.setup()

    def setup(self):
        """Makes the peer's own optimiser."""

    def propose(self, n):
        """[(point, handle)] of n trials."""
        raise NotImplementedError

    def learn(self, results):
        """Takes [(point, handle, loss)]."""

    def observe(self, pairs):
        """Takes [(point, loss)] that were never asked for."""
        raise NotImplementedError

    def ask(self, n=1):
        trials = []
        for point, handle in self.propose(n):
            self.pending[self._asked] = (point, handle)
            trials.append((self._asked, point))
            self._asked += 1
        return trials

    def tell(self, results):
        for _, loss in results:
            if loss is not None:
                self.worst = loss if self.worst is None else max(self.worst, loss)
        told = []
        for id, loss in results:
            point, handle = self.pending.pop(id)
            if loss is None and not self.knows_failures:
                loss = 1.0 if self.worst is None else self.worst
            told.append((point, handle, loss))
        self.learn(told)

    def cpu_seconds(self):
        return time.process_time()

    def close(self):
        """Leaves nothing behind."""


class Random(Optimiser):
    packages = ("numpy",)

    def propose(self, n):
        return [(random_point(self.space, self.rng), None) for _ in range(n)]

    def observe(self, pairs):
        pass


class Sobol(Optimiser):
    """32 scrambled Sobol points, then random ones."""
    packages = ("scipy",)

    def setup(self):
        from scipy.stats import qmc
        self.first = list(qmc.Sobol(len(self.space), seed=self.seed).random(32))

    def propose(self, n):
        cube = [self.first.pop(0) if self.first else self.rng.random(len(self.space)) for _ in range(n)]
        return [(from_unit(self.space, u), None) for u in cube]

    def observe(self, pairs):
        pass


class ScikitOptimize(Optimiser):
    """Its Gaussian process with gp_hedge and 10 first points; batches by cl_min. Asked while points are pending it would
    repeat itself, so they are told a lie on a copy, which is what cl_min does."""
    packages = ("scikit-optimize", "scikit-learn")

    def setup(self):
        from skopt import Optimizer
        self.optimizer = Optimizer([self._dimension(d) for d in self.space], base_estimator="GP", random_state=self.seed)

    @staticmethod
    def _dimension(d):
        from skopt.space import Categorical, Integer, Real
        if d["type"] == "cat":
            return Categorical(d["choices"], name=d["name"])
        prior = "log-uniform" if d["log"] else "uniform"
        return (Real if d["type"] == "real" else Integer)(d["low"], d["high"], prior=prior, name=d["name"])

    def _point(self, x):
        cast = {"cat": lambda v: v, "int": int, "real": float}
        return {d["name"]: cast[d["type"]](v) for d, v in zip(self.space, x)}

    def _row(self, point):
        return [point[d["name"]] for d in self.space]

    def propose(self, n):
        optimizer = self.optimizer
        if self.pending:
            optimizer = optimizer.copy(random_state=self.rng.integers(2**31))
            lie = min(self.optimizer.yi) if self.optimizer.yi else 0.0
            optimizer.tell([self._row(point) for point, _ in self.pending.values()], [lie] * len(self.pending))
        rows = [optimizer.ask()] if n == 1 else optimizer.ask(n_points=n, strategy="cl_min")
        return [(self._point(x), x) for x in rows]

    def learn(self, results):
        self.optimizer.tell([list(x) for _, x, _ in results], [loss for *_, loss in results])

    def observe(self, pairs):
        self.optimizer.tell([self._row(point) for point, _ in pairs], [loss for _, loss in pairs])


class Optuna(Optimiser):
    packages = ("optuna",)
    knows_failures = True

    def sampler(self, samplers):
        raise NotImplementedError

    def setup(self):
        import optuna
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.optuna = optuna
        self.distributions = {d["name"]: self._distribution(d) for d in self.space}
        self.study = optuna.create_study(sampler=self.sampler(optuna.samplers))

    def _distribution(self, d):
        kinds = self.optuna.distributions
        if d["type"] == "cat":
            return kinds.CategoricalDistribution(d["choices"])
        kind = kinds.FloatDistribution if d["type"] == "real" else kinds.IntDistribution
        return kind(d["low"], d["high"], log=d["log"])

    def propose(self, n):
        trials = [self.study.ask(self.distributions) for _ in range(n)]
        return [(dict(trial.params), trial) for trial in trials]

    def learn(self, results):
        failed = self.optuna.trial.TrialState.FAIL
        for _, trial, loss in results:
            self.study.tell(trial, loss, state=failed if loss is None else None)

    def observe(self, pairs):
        create = self.optuna.trial.create_trial
        self.study.add_trials([create(params=point, distributions=self.distributions, value=loss) for point, loss in pairs])


class OptunaTpe(Optuna):
    """Its default."""

    def sampler(self, samplers):
        return samplers.TPESampler(seed=self.seed, constant_liar=self.workers > 1)


class OptunaTpeMultivariate(Optuna):
    def sampler(self, samplers):
        return samplers.TPESampler(seed=self.seed, multivariate=True, constant_liar=self.workers > 1)


class OptunaTpeUnivariate(Optuna):
    def sampler(self, samplers):
        return samplers.TPESampler(seed=self.seed, multivariate=False, constant_liar=self.workers > 1)


class OptunaGp(Optuna):
    packages = ("optuna", "torch", "scipy")

    def sampler(self, samplers):
        return samplers.GPSampler(seed=self.seed)


class OptunaCmaEs(Optuna):
    packages = ("optuna", "cmaes")

    def sampler(self, samplers):
        return samplers.CmaEsSampler(seed=self.seed)


class Ax(Optimiser):
    """Its Client: Sobol points first, then BoTorch's Gaussian process with qLogNEI."""
    packages = ("ax-platform", "botorch", "gpytorch", "torch")
    knows_failures = True

    def setup(self):
        import torch
        from ax.api.client import Client
        torch.set_num_threads(1)
        for name in ("ax", "ax.api.client", "ax.service", "ax.generation_strategy"):
            logging.getLogger(name).setLevel(logging.ERROR)
        self.client = Client(random_seed=self.seed)
        self.client.configure_experiment(parameters=[self._parameter(d) for d in self.space])
        self.client.configure_optimization(objective="-loss")

    @staticmethod
    def _parameter(d):
        from ax.api.configs import ChoiceParameterConfig, RangeParameterConfig
        if d["type"] == "cat":
            return ChoiceParameterConfig(name=d["name"], values=d["choices"], parameter_type="str", is_ordered=False)
        return RangeParameterConfig(name=d["name"], bounds=(d["low"], d["high"]), scaling="log" if d["log"] else "linear",
                                    parameter_type="float" if d["type"] == "real" else "int")

    def propose(self, n):
        return [(dict(point), index) for index, point in self.client.get_next_trials(max_trials=n).items()]

    def learn(self, results):
        for _, index, loss in results:
            if loss is None:
                self.client.mark_trial_failed(trial_index=index)
            else:
                self.client.complete_trial(trial_index=index, raw_data={"loss": float(loss)})

    def observe(self, pairs):
        for point, loss in pairs:
            index = self.client.attach_trial(parameters=point)
            self.client.complete_trial(trial_index=index, raw_data={"loss": float(loss)})


class Smac(Optimiser):
    """Its facade for hyperparameters (random forest, log EI), which fits every 8 trials."""
    packages = ("smac", "ConfigSpace", "scikit-learn")
    period = 8

    def setup(self):
        from ConfigSpace import ConfigurationSpace
        from smac import HyperparameterOptimizationFacade, Scenario
        configurations = ConfigurationSpace(seed=self.seed)
        configurations.add([self._parameter(d) for d in self.space])
        self.folder = tempfile.TemporaryDirectory(prefix="smac")
        scenario = Scenario(configurations, deterministic=True, n_trials=self.budget, seed=self.seed,
                            output_directory=self.folder.name)
        self.smac = HyperparameterOptimizationFacade(scenario, lambda config, seed=0: 0.0, overwrite=True,
                                                     logging_level=logging.ERROR)
        self.smac.runhistory.save = lambda *arguments, **named: None

    @staticmethod
    def _parameter(d):
        from ConfigSpace import Categorical, Float, Integer
        if d["type"] == "cat":
            return Categorical(d["name"], d["choices"])
        return (Float if d["type"] == "real" else Integer)(d["name"], (d["low"], d["high"]), log=d["log"])

    def propose(self, n):
        infos = [self.smac.ask() for _ in range(n)]
        return [({k: v.item() if hasattr(v, "item") else v for k, v in dict(info.config).items()}, info) for info in infos]

    def learn(self, results):
        from smac.runhistory import TrialValue
        for _, info, loss in results:
            self.smac.tell(info, TrialValue(cost=float(loss)), save=False)

    def close(self):
        self.folder.cleanup()


class Hebo(Optimiser):
    """Lives in an environment of its own and is reached through serve.py."""
    packages = ("HEBO", "pymoo", "gpytorch", "torch", "numpy", "pandas")

    def setup(self):
        import torch
        from hebo.design_space.design_space import DesignSpace
        from hebo.optimizers.hebo import HEBO
        torch.set_num_threads(1)
        torch.manual_seed(self.seed)
        np.random.seed(self.seed)
        self.hebo = HEBO(DesignSpace().parse([self._parameter(d) for d in self.space]), scramble_seed=self.seed)

    @staticmethod
    def _parameter(d):
        if d["type"] == "cat":
            return {"name": d["name"], "type": "cat", "categories": d["choices"]}
        kind = {("real", False): "num", ("real", True): "pow", ("int", False): "int", ("int", True): "pow_int"}
        parameter = {"name": d["name"], "type": kind[d["type"], d["log"]], "lb": d["low"], "ub": d["high"]}
        return parameter | ({"base": 10} if parameter["type"] == "pow" else {})

    def _point(self, row):
        cast = {"real": float, "int": int, "cat": str}
        point = {d["name"]: cast[d["type"]](row[d["name"]]) for d in self.space}
        for d in self.space:
            if d["type"] != "cat":  # a power of 10 may miss its bound by a rounding error
                point[d["name"]] = min(max(point[d["name"]], d["low"]), d["high"])
        return point

    def propose(self, n):
        frame = self.hebo.suggest(n_suggestions=n)
        return [(self._point(frame.iloc[i]), frame.iloc[[i]]) for i in range(n)]

    def learn(self, results):
        import pandas
        losses = np.array([[loss] for *_, loss in results], dtype=float)
        self.hebo.observe(pandas.concat([frame for _, frame, _ in results]), losses)

    def observe(self, pairs):
        import pandas
        self.hebo.observe(pandas.DataFrame([point for point, _ in pairs]), np.array([[loss] for _, loss in pairs]))


class Nevergrad(Optimiser):
    """NGOpt, which chooses an algorithm by itself."""
    packages = ("nevergrad", "cma")

    def setup(self):
        import nevergrad
        parameters = nevergrad.p.Dict(**{d["name"]: self._parameter(nevergrad.p, d) for d in self.space})
        parameters.random_state.seed(self.seed)
        self.ngopt = nevergrad.optimizers.NGOpt(parametrization=parameters, budget=self.budget, num_workers=self.workers)

    @staticmethod
    def _parameter(kinds, d):
        if d["type"] == "cat":
            return kinds.Choice(d["choices"])
        parameter = (kinds.Log if d["log"] else kinds.Scalar)(lower=d["low"], upper=d["high"])
        return parameter.set_integer_casting() if d["type"] == "int" else parameter

    def propose(self, n):
        candidates = [self.ngopt.ask() for _ in range(n)]
        return [({k: v.item() if hasattr(v, "item") else v for k, v in c.value.items()}, c) for c in candidates]

    def learn(self, results):
        for _, candidate, loss in results:
            self.ngopt.tell(candidate, float(loss))

    def observe(self, pairs):
        for point, loss in pairs:
            self.ngopt.tell(self.ngopt.parametrization.spawn_child(new_value=point), float(loss))


class Cma(Optimiser):
    """pycma on the unit cube, with its first step of a quarter; integers and categories by rounding."""
    packages = ("cma",)

    def setup(self):
        import cma
        options = {"bounds": [0, 1], "seed": self.seed + 1, "verbose": -9}
        self.strategy = cma.CMAEvolutionStrategy([0.5] * len(self.space), 0.25, options)
        self.queue, self.results, self.asked = [], [], False

    def propose(self, n):
        trials = []
        for _ in range(n):
            if not self.queue:
                self.queue, self.asked = list(self.strategy.ask()), True
            u = self.queue.pop(0)
            trials.append((from_unit(self.space, u), u))
        return trials

    def learn(self, results):
        """A generation is told when it is complete."""
        self.results += [(u, loss) for _, u, loss in results]
        size = self.strategy.popsize
        while len(self.results) >= size:
            if not self.asked:  # late results of an older generation: pycma wants to be asked before it is told
                self.queue = list(self.strategy.ask())
            self.asked = False
            generation, self.results = self.results[:size], self.results[size:]
            self.strategy.tell([u for u, _ in generation], [loss for _, loss in generation])


PEERS = {
    "random": Random, "sobol": Sobol, "skopt": ScikitOptimize, "optuna-tpe": OptunaTpe, "optuna-tpe-mv": OptunaTpeMultivariate,
    "optuna-tpe-uni": OptunaTpeUnivariate, "optuna-gp": OptunaGp, "optuna-cmaes": OptunaCmaEs, "ax": Ax, "smac": Smac,
    "hebo": Hebo, "nevergrad": Nevergrad, "cma": Cma,
}
