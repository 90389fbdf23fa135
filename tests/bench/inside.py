# SPDX-License-Identifier: Apache-2.0
"""Measures the media plugin alone, in process, without SIP and VoiceXML: programs of
tests/plugins/media in the release build. A case fails when something was not played, heard or
answered, never because of a time."""

import json
import statistics
import subprocess

SUITES = ('clear', 'AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM')
MODES = ('idle', 'sleep', 'spin')
KINDS = ('relay', 'transcode', 'room')
RUNS = 2  # of those that do not need more; memory and SRTP are measured in each run
LONGEST = 120  # seconds a program


class Trouble(Exception):
    """Why the bench could not be made."""


def spread(values):
    return {'median': statistics.median(values), 'min': min(values), 'max': max(values)}


def sizes(arguments):
    """Words of the command line, by case. libsrtp's cost grows with the sessions of a process (its
    cipher library looks each up in a list): alone it has two a stream, as many as the legs and
    their far ends have together."""
    if arguments.quick:
        return {'legs': (100, 2), 'srtp': (20000, 200), 'start': (50, 2), 'busy': (40, 5),
                'bridge': (5, 2)}
    return {'legs': (450, 5), 'srtp': (50000, 900), 'start': (500, 6), 'busy': (200, 6),
            'bridge': (10, 3)}


def commands(arguments, run):
    """Name of each program to run now, and its words."""
    size = sizes(arguments)
    for suite in SUITES:
        yield 'legs', suite, (*size['legs'], suite)
    yield 'srtp', 'alone', size['srtp']
    if run >= RUNS:
        return
    yield 'start', f'start-{size["start"][0]}', size['start']
    for mode in MODES:
        yield 'busy', mode, (*size['busy'], mode)
    for kind in KINDS:
        for workers in (1, 2):
            yield 'bridge', f'{kind}-{workers}', (*size['bridge'], kind, workers)


def run_program(arguments, name, words):
    program = arguments.build / 'tests/plugins/media' / f'bench-{name}'
    try:
        done = subprocess.run([str(program), *map(str, words)], capture_output=True, text=True,
                              timeout=LONGEST)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Trouble(f'bench-{name}: {error}') from error
    if not done.stdout.strip():
        raise Trouble(f'bench-{name} {" ".join(map(str, words))}: '
                      f'{done.stderr.strip() or done.returncode}')
    return done


def parse(name, done):
    """What a program says, and whether all of it went well."""
    if name != 'srtp':
        return {**json.loads(done.stdout), 'good': done.returncode == 0}
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {'suites': {line['suite']: line for line in lines if 'suite' in line},
            'good': done.returncode == 0}


def measure(arguments, run, samples):
    """Appends a sample to @samples, by program and variant."""
    for name, variant, words in commands(arguments, run):
        data = parse(name, run_program(arguments, name, words))
        samples.setdefault((name, variant), []).append(data)
        print(f'# media {name} {variant}{"" if data["good"] else ": not all went well"}',
              flush=True)


def times(samples, key):
    return {name: spread([sample[key][name] for sample in samples])
            for name in ('min', 'p50', 'p99', 'max')}


def good(samples):
    return all(sample['good'] for sample in samples)


def memory(samples):
    return {suite: {'kb_per_leg': spread([one['kb_per_leg'] for one in samples['legs', suite]]),
                    'legs': samples['legs', suite][0]['legs'],
                    'good': good(samples['legs', suite])}
            for suite in SUITES}


def library_us(alone, suite):
    """A packet, protected or unprotected: half of both."""
    return (alone['suites'][suite]['library_protect_us'] +
            alone['suites'][suite]['library_unprotect_us']) / 2


def srtp(samples):
    """What protection adds to a packet of a leg, beside libsrtp alone, run by run."""
    table = {}
    for suite in SUITES[1:]:
        runs = list(zip(samples['legs', 'clear'], samples['legs', suite],
                        samples['srtp', 'alone']))
        added = [safe['cpu_us_per_packet'] - clear['cpu_us_per_packet']
                 for clear, safe, _ in runs]
        alone = [library_us(library, suite) for _, _, library in runs]
        table[suite] = {
            'clear_us': spread([clear['cpu_us_per_packet'] for clear, _, _ in runs]),
            'protected_us': spread([safe['cpu_us_per_packet'] for _, safe, _ in runs]),
            'added_us': spread(added),
            'library_us': spread(alone),
            'added_times_library': spread([a / b for a, b in zip(added, alone)]),
            'functions_times_library': spread([library['suites'][suite]['ratio']
                                               for _, _, library in runs]),
            'good': all(good(part) for part in runs),
        }
    return table


def start(samples):
    return {variant: {'commands': sum(one['commands'] for one in runs),
                      'answered': sum(one['ms']['count'] for one in runs),
                      'ms': times(runs, 'ms'), 'phase_ms': times(runs, 'phase_ms'),
                      'good': good(runs)}
            for (name, variant), runs in samples.items() if name == 'start'}


def busy(samples):
    return {mode: {'legs': runs[0]['legs'],
                   'keys': sum(one['digit_stop_ms']['count'] for one in runs),
                   'decisions': sum(one['speech_stop_ms']['count'] for one in runs),
                   'unanswered': sum(one['unanswered'] for one in runs),
                   'blocked_share': spread([one['blocked_share'] for one in runs]),
                   'digit_stop_ms': times(runs, 'digit_stop_ms'),
                   'speech_stop_ms': times(runs, 'speech_stop_ms'),
                   'shard_lag_ms': times(runs, 'shard_lag_ms'), 'good': good(runs)}
            for (name, mode), runs in samples.items() if name == 'busy'}


def bridge(samples):
    """Mouth to ear, and what the second worker adds to its mean, its median and its p99."""
    table = {}
    for kind in KINDS:
        one, two = samples['bridge', f'{kind}-1'], samples['bridge', f'{kind}-2']
        table[kind] = {
            'one_worker_ms': times(one, 'ms'), 'two_workers_ms': times(two, 'ms'),
            **{f'added_{name}_ms': spread([b['ms'][name] - a['ms'][name]
                                           for a, b in zip(one, two)])
               for name in ('mean', 'p50', 'p99')},
            'sounds': sum(run['ms']['count'] for run in [*one, *two]),
            'good': good(one) and good(two)}
    return table


def figures(samples):
    return {'memory': memory(samples), 'srtp': srtp(samples), 'start': start(samples),
            'busy': busy(samples), 'bridge': bridge(samples)}


def range_of(figure, digits=2):
    return (f'{figure["median"]:.{digits}f} '
            f'({figure["min"]:.{digits}f} to {figure["max"]:.{digits}f})')


def print_times(label, row):
    print(f'{label} p50 {row["p50"]["median"]:.1f} ms, p99 {row["p99"]["median"]:.1f} ms, '
          f'max {row["max"]["max"]:.1f} ms')


def print_figures(result):
    for suite, row in result.get('memory', {}).items():
        print(f'media-memory: {suite} {range_of(row["kb_per_leg"], 1)} KB PSS a leg')
    for suite, row in result.get('srtp', {}).items():
        print(f'srtp: {suite} adds {range_of(row["added_us"])} µs to a packet of '
              f'{row["clear_us"]["median"]:.2f} µs, libsrtp alone {range_of(row["library_us"])} '
              f'µs: × {range_of(row["added_times_library"])}, our functions alone '
              f'× {range_of(row["functions_times_library"])}')
    for name, row in result.get('start', {}).items():
        print_times(f'{name}: command to first packet', row['ms'])
    for mode, row in result.get('busy', {}).items():
        label = f'busy: shards {mode}, blocked {row["blocked_share"]["median"] * 100:.0f} %'
        print_times(f'{label}: digit to stop', row['digit_stop_ms'])
        print_times(f'{label}: speech decision to stop', row['speech_stop_ms'])
        print_times(f'{label}: event to handler', row['shard_lag_ms'])
    for kind, row in result.get('bridge', {}).items():
        print_times(f'bridge-delay: {kind}, one worker', row['one_worker_ms'])
        print_times(f'bridge-delay: {kind}, two workers', row['two_workers_ms'])
        print(f'bridge-delay: {kind}, the second worker adds {range_of(row["added_mean_ms"], 1)} '
              f'ms in the mean, {range_of(row["added_p99_ms"], 1)} ms at p99')


def verdicts(result):
    """Name and outcome of each case."""
    names = {'memory': 'media-memory', 'srtp': 'srtp', 'start': None, 'busy': 'busy',
             'bridge': 'bridge-delay'}
    for part, table in result.items():
        for variant, row in table.items():
            yield (variant if names[part] is None else f'{names[part]}-{variant}'), row['good']
