"""The same on the same GPU by BoTorch and GPyTorch, as Markdown. Says "skipped" where they or a GPU are missing."""

import time

try:
    import torch
    from botorch.models import SingleTaskGP
    from gpytorch import settings
    from gpytorch.mlls import ExactMarginalLogLikelihood
except ImportError as error:
    raise SystemExit(print(f"skipped: {error}") or 0)
if not torch.cuda.is_available():
    raise SystemExit(print("skipped: torch finds no CUDA device") or 0)

DIMENSIONS, CANDIDATES, TILE = 10, 100_000, 2000


def seconds(call):
    """The second of two runs: the first one starts libraries."""
    for _ in range(2):
        torch.cuda.synchronize()
        begin = time.perf_counter()
        call()
        torch.cuda.synchronize()
        taken = time.perf_counter() - begin
    return taken


def row(n):
    generator = torch.Generator(device="cuda").manual_seed(1)
    x = torch.rand(n, DIMENSIONS, generator=generator, device="cuda", dtype=torch.float64)
    y = ((x - 0.3) ** 2).sum(-1, keepdim=True)
    y = (y - y.mean()) / y.std()
    model = SingleTaskGP(x, y)
    likelihood = ExactMarginalLogLikelihood(model.likelihood, model)

    def evidence():
        likelihood.train()
        model.zero_grad()
        loss = -likelihood(model(*model.train_inputs), model.train_targets)
        loss.backward()

    def predict():
        likelihood.eval()
        with torch.no_grad():
            for first in range(0, CANDIDATES, TILE):
                posterior = model.posterior(candidates[first : first + TILE])
                posterior.mean, posterior.variance

    candidates = torch.rand(CANDIDATES, DIMENSIONS, generator=generator, device="cuda", dtype=torch.float64)
    print(f"| {n} | {seconds(evidence):.3g} | {seconds(predict):.3g} |", flush=True)


print("\nBoTorch with exact Cholesky factors:\n\n| n | evidence and gradient | predict at 100,000 |\n|---|---|---|")
with settings.fast_computations(False, False, False), settings.max_cholesky_size(100_000):
    for size in (1000, 2000, 4000, 10_000, 20_000):
        try:
            row(size)
        except torch.cuda.OutOfMemoryError:
            print(f"| {size} | out of memory | |")
