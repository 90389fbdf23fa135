#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Fits the weights of the voice activity detector; prints plugins/media/detect/voice_weights.c.

usage: voice_fit.py VAD-TOOL FOLDER [SEED] > voice_weights.c

Not run by the tests: the table is committed. vad_tool makes calls of the tuning set
(voice_sounds.py and voice_synthesis.c say what tells it from the judging set), lets the
detector hear them and writes the features and the truth of each hop of 20 ms. The truth is the
marked utterance; the first hops outside of a mark, and unmarked sound next to it, do not count.
A network of one hidden layer over seven hops learns the truth by cross-entropy (Adam); hops
that are not speech weigh more, as a false start is dearer than a late one. The features depend
a little on the weights, since the detector learns its background from what it takes for
silence: run it twice, building in between.
"""
import subprocess
import sys

import numpy

import voice_sounds

CONTEXT, FEATURES, HIDDEN = 7, 24, 32
# Calls of each condition.
CONDITIONS = {"clean": 30, "echo": 60, "double": 50, "babble": 120, "line": 50, "breath": 200,
              "music": 110, "tones": 60}
QUIET_WEIGHT = 2.0
# A start is to be found within 200 ms: the first hops of an utterance weigh more.
ONSET_WEIGHT, ONSET_HOPS = 3.0, 9


def make(tool, folder, seed):
    """Rows of features, truth, doubt and whether a call begins, of one set of calls."""
    utterances = voice_sounds.speak_all(folder, voice_sounds.TUNE_CALLERS, voice_sounds.TUNE_TEXTS)
    prompts = voice_sounds.speak_all(folder, voice_sounds.TUNE_PROMPTERS,
                                     voice_sounds.TUNE_PROMPTS)
    orders = [f"utterance {path}" for path in utterances] + [f"voice {path}" for path in prompts]
    chance = numpy.random.default_rng(seed)
    for index, (condition, calls) in enumerate(CONDITIONS.items()):
        for number in range(calls):
            chosen = ",".join(str(n) for n in chance.integers(len(utterances), size=8))
            if number % 3 == 2:
                chosen = ","
            orders.append(f"track {condition} {seed * 100000 + number * 10 + index} 30 {chosen}")
    target = f"{folder}/features-{seed}"
    subprocess.run([tool, "tune", target], input="\n".join(orders) + "\n", text=True, check=True,
                   stdout=subprocess.DEVNULL)
    return numpy.fromfile(target, dtype=numpy.float32)


def onsets(truth):
    """Hops of speech that were not speech ONSET_HOPS before."""
    before = numpy.concatenate([numpy.zeros(ONSET_HOPS), truth[:-ONSET_HOPS]])
    return (truth > 0) & (before == 0)


def stack(rows):
    """The inputs of each hop: its features and those of the hops before, within its track."""
    features = rows[:, :-3]
    starts = numpy.maximum.accumulate(numpy.where(rows[:, -1] > 0, numpy.arange(len(rows)), 0))
    inputs = [features[numpy.maximum(numpy.arange(len(rows)) - age, starts)]
              for age in range(CONTEXT)]
    return numpy.concatenate(inputs, axis=1)


def fit(inputs, truth, weight, seed, rounds=8):
    chance = numpy.random.default_rng(seed)
    mean, spread = inputs.mean(axis=0), inputs.std(axis=0) + 1e-3
    inputs = (inputs - mean) / spread
    n = inputs.shape[1]
    parameters = [chance.normal(0, n ** -0.5, (n, HIDDEN)), numpy.zeros(HIDDEN),
                  chance.normal(0, HIDDEN ** -0.5, HIDDEN), numpy.zeros(1)]
    parameters = [p.astype(numpy.float32) for p in parameters]
    first = [numpy.zeros_like(p) for p in parameters]
    second = [numpy.zeros_like(p) for p in parameters]
    step, batch = 0, 512
    total = rounds * (len(inputs) // batch)
    for number in range(rounds):
        order = chance.permutation(len(inputs))
        loss = 0
        for at in range(0, len(order) - batch + 1, batch):
            chosen = order[at:at + batch]
            x, y, w = inputs[chosen], truth[chosen], weight[chosen]
            hidden = x @ parameters[0] + parameters[1]
            active = numpy.maximum(hidden, 0)
            odds = active @ parameters[2] + parameters[3]
            loss += float((w * (numpy.logaddexp(0, odds) - y * odds)).mean())
            error = w * (1 / (1 + numpy.exp(-odds)) - y) / batch
            back = numpy.outer(error, parameters[2]) * (hidden > 0)
            slopes = [x.T @ back + 1e-5 * parameters[0], back.sum(axis=0), active.T @ error,
                      error.sum(keepdims=True)]
            step += 1
            rate = 0.003 * (1 - step / (total + 1))
            for i, slope in enumerate(slopes):
                first[i] += 0.1 * (slope - first[i])
                second[i] += 0.001 * (slope * slope - second[i])
                scaled = first[i] / (1 - 0.9 ** step)
                slope_size = numpy.sqrt(second[i] / (1 - 0.999 ** step)) + 1e-8
                parameters[i] -= rate * scaled / slope_size
        print(f"round {number}: loss {loss / (len(order) // batch):.4f}", file=sys.stderr)
    weights = parameters[0] / spread[:, None]
    return weights, parameters[1] - mean @ weights, parameters[2], float(parameters[3][0])


def table(values):
    texts = [f"{value:.5e}f" for value in values]
    rows = [", ".join(texts[at:at + 5]) for at in range(0, len(texts), 5)]
    return ",\n         ".join(rows)


def write(weights, bias, output, output_bias):
    print("/* SPDX-License-Identifier: Apache-2.0 */")
    print("/*\n * Weights of the voice activity detector's model.\n"
          " * Generated by tests/plugins/media/voice_fit.py. Constant.\n */")
    print('#include "voice_model.h"\n')
    print("/* clang-format off */")
    print("const McpMediaVoiceWeights mcp_media_voice_weights = {\n    .input = {")
    for row in weights:
        print("        {" + table(row) + "},")
    print("    },\n    .input_bias = {" + table(bias) + "},")
    print("    .output = {" + table(output) + "},")
    print("    .output_bias = " + table([output_bias]) + ",\n};")


def main():
    tool, folder = sys.argv[1:3]
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    rows = numpy.concatenate([make(tool, folder, seed), make(tool, folder, seed + 1000)])
    rows = rows.reshape(-1, FEATURES + 3)
    truth = (rows[:, -3] > 0.5).astype(numpy.float32)
    # What is neither: an edge, or sound that is too soft for a mark.
    sure = ((rows[:, -3] > 0.9) | (rows[:, -3] + rows[:, -2] < 0.1))
    weight = numpy.where(truth > 0, 1, QUIET_WEIGHT).astype(numpy.float32) * sure
    weight[onsets(truth)] *= ONSET_WEIGHT
    inputs = stack(rows)
    weights, bias, output, output_bias = fit(inputs, truth, weight, seed)
    odds = numpy.maximum(inputs @ weights + bias, 0) @ output + output_bias
    for name, chosen in (("speech", (truth > 0) & sure), ("quiet", (truth == 0) & sure)):
        print(name, numpy.percentile(odds[chosen], [0.1, 1, 5, 25, 50, 75, 95, 99, 99.9]).round(2),
              file=sys.stderr)
    write(weights, bias, output, output_bias)


main()
