"""What worker.py evaluates: any function of a point, a dictionary from names to values."""


def evaluate(point, trial):
    loss = 1.0
    for epoch in range(3):
        if trial.stop.is_set():
            break
        loss = (point["x"] - 0.3) ** 2 + (epoch + 1) ** -1
        trial.report(epoch, loss)
    return loss
