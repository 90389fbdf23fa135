# SPDX-License-Identifier: Apache-2.0
"""What the operation costs calls: the same hold at an mcpd with all of it on, whose peers are there
and look at it (operation_peers), and at one with all of it off; and how long their looks take."""

from inside import spread

LOOKS = ('page', 'log_page', 'walk')


def looks(file, since, until):
    """ms of each look between two moments (monotonic clock)."""
    rows = [[float(word) for word in line.split()]
            for line in file.read_text(encoding='utf-8').splitlines()]
    within = [row[1:] for row in rows if since <= row[0] <= until]
    return {name: [row[i] for row in within] for i, name in enumerate(LOOKS)}


def figures(on, off, cost):
    """Of runs in pairs: on ÷ off; and all looks."""
    times = {name: [value for run in on for value in run['looks'][name]] for name in LOOKS}
    return {'on_to_off': spread([a['server'][cost] / b['server'][cost] for a, b in zip(on, off)]),
            **{f'{name}_ms': {**spread(values), 'count': len(values)}
               for name, values in times.items() if values}}


def print_figures(name, table):
    ratio = table['on_to_off']
    print(f'{name}: with the operation on × {ratio["median"]:.3f} '
          f'({ratio["min"]:.3f} to {ratio["max"]:.3f})')
    for look, label in zip(LOOKS, ('page of metrics', 'page of log lines', 'snmpwalk')):
        if f'{look}_ms' in table:
            times = table[f'{look}_ms']
            print(f'{name}: {label} {times["median"]:.1f} ms, at most {times["max"]:.1f} '
                  f'({times["count"]} times)')
