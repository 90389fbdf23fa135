# SPDX-License-Identifier: Apache-2.0
"""What every plugin folder and every built plugin must have."""

import re
import subprocess

from registry import Skip, rule
from tree import Finding

README_LIMIT = 40
PLUGIN_SYMBOL = 'mcp_plugin_desc'
# The address sanitizer and the coverage runtime add symbols of their own to whatever is exported.
INSTRUMENTATION = re.compile(r'^(__odr_asan|__asan|__sancov|__start_|__stop_|__llvm|_init$|_fini$)')


@rule('readme', f'Each plugin has a README.md of at most {README_LIMIT} lines.')
def readme(tree):
    for name in tree.plugins():
        path = f'plugins/{name}/README.md'
        if path not in tree.sources:
            yield Finding(f'plugins/{name}/meson.build', 1, 'the folder has no README.md')
        elif len(tree.sources[path].lines) > README_LIMIT:
            yield Finding(path, README_LIMIT + 1, f'{len(tree.sources[path].lines)} lines')


@rule('exports', f'A built plugin exports {PLUGIN_SYMBOL} and nothing else.')
def exports(tree):
    if not tree.build or not tree.build.is_dir():
        raise Skip('no build folder given (--build DIR)')
    for library in sorted(tree.build.glob('plugins/*/*.so')):
        if library.parent.name not in tree.plugins():
            continue
        symbols = exported(library)
        if symbols != [PLUGIN_SYMBOL]:
            shown = ', '.join(symbols[:5]) or 'nothing'
            yield Finding(f'plugins/{library.parent.name}/meson.build', 1,
                          f'{library.name} exports {shown} ({len(symbols)} symbols)')


def exported(library):
    output = subprocess.run(['nm', '-D', '--defined-only', str(library)], check=True,
                            capture_output=True, text=True).stdout
    names = [line.split()[-1].split('@')[0] for line in output.splitlines()]
    return [name for name in names if not INSTRUMENTATION.match(name)]
