# SPDX-License-Identifier: Apache-2.0
"""clang-tidy over the build's own commands. Slow, so part of the full tier only."""

import json
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

from registry import Skip, rule
from tree import Finding

WARNING = re.compile(r'^(.+?):(\d+):\d+: (?:warning|error): (.*)$', re.MULTILINE)


@rule('tidy', 'clang-tidy finds nothing with the checks of .clang-tidy.', full_only=True)
def tidy(tree):
    if not tree.build or not (tree.build / 'compile_commands.json').is_file():
        raise Skip('no build folder given (--build DIR)')
    product = {source.path for source in tree.product_c}
    commands = json.loads((tree.build / 'compile_commands.json').read_text())
    paths = sorted({os.path.relpath(os.path.join(c['directory'], c['file']), tree.root)
                    for c in commands} & product)
    seen = set()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for output in pool.map(lambda path: tidy_output(tree, path), paths):
            for match in WARNING.finditer(output):
                path = source_of(tree, match[1])
                finding = Finding(path, int(match[2]), match[3])
                if path and finding not in seen:
                    seen.add(finding)
                    yield finding


def source_of(tree, named):
    """Of the tree, or None; some are named as seen from the build folder."""
    paths = [os.path.relpath(os.path.join(base, named), tree.root)
             for base in (tree.root, tree.build)]
    return next((path for path in paths if path in tree.sources), None)


def tidy_output(tree, path):
    # The commands are gcc's: clang does not know each of its warnings.
    return subprocess.run(
        ['clang-tidy', '--quiet', '-p', str(tree.build),
         '--extra-arg=-Wno-unknown-warning-option', str(tree.root / path)],
        cwd=tree.root, capture_output=True, text=True).stdout
