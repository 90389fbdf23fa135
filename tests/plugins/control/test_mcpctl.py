#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""mcpctl against a real mcpd: what each command prints, its exit status, and a call that presses
its way through an application on the same mcpd."""

import argparse
import json
import pathlib
import queue
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import wave

OK, FAILED, USAGE, NO_CONNECTION, NOT_FOUND = range(5)
OPTIONS = None
DEADLINE = 30

CONFIG = """
[core]
plugins = sip, media, http, grammar, vxml, speech, recording, web, control, conference
plugin_path = {plugins}
log_format = json
[sip.transport "udp"]
transport = udp
address = 127.0.0.1:{port}
[sip.peer "loopback"]
addresses = 127.0.0.0/8
services = *
[service "demo"]
user = demo
dialog = vxml
page = file://{demo}/menu.vxml
[service "den"]
user = den*
dialog = conference
parameters = tones=no
[http]
file_root = {demo}
[web.listener "control"]
socket = {folder}/control.sock
[recording]
directory = {folder}/recordings
"""


def free_port():
    """An even port, so that no RTP socket of the same run wants it."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(('127.0.0.1', 0))
            port = probe.getsockname()[1]
        if port < 60000:
            return port


class Server:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.port = free_port()
        self.socket = self.folder / 'control.sock'
        self.config = self.folder / 'mcp.conf'
        (self.folder / 'recordings').mkdir(mode=0o750)
        self.config.write_text(CONFIG.format(plugins=OPTIONS.plugins, demo=OPTIONS.demo,
                                             port=self.port, folder=self.folder))
        self.log = open(self.folder / 'log', 'wb')
        self.process = subprocess.Popen([OPTIONS.mcpd, '-c', self.config], stderr=self.log,
                                        stdout=self.log)
        end = time.monotonic() + 30
        while self.ctl('status').returncode != OK:
            if self.process.poll() is not None or time.monotonic() > end:
                sys.exit((self.folder / 'log').read_text())

    def ctl(self, *arguments):
        return subprocess.run([OPTIONS.mcpctl, '--socket', self.socket, *arguments], text=True,
                              capture_output=True, timeout=90, check=False)

    def stop(self):
        self.process.terminate()
        code = self.process.wait(60)
        self.log.close()
        return code


class Mcpctl(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix='mcpctl-')
        cls.server = Server(cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        log = (cls.server.folder / 'log').read_text(errors='replace')
        cls.folder.cleanup()
        assert code == 0, log

    def ctl(self, *arguments, code=OK):
        result = self.server.ctl(*arguments)
        self.assertEqual(result.returncode, code, f'{arguments}: {result.stdout}{result.stderr}')
        return result

    def json(self, *arguments, code=OK):
        return json.loads(self.ctl('-o', 'json', *arguments, code=code).stdout)

    def test_status(self):
        text = self.ctl('status').stdout
        self.assertRegex(text, r'^mcpd \S+ +running for \d+m \d+s\n')
        self.assertRegex(text, r'\ncalls +\d+\n')
        self.assertLessEqual(self.json('status')['threads']['actual'],
                             self.json('status')['threads']['expected_at_most'])

    def running(self):
        return {call['id'] for call in self.json('calls')['calls'] if call['state'] == 'running'}

    def place(self, user='demo'):
        """A call to a service of this mcpd, kept open: the ids of both ends."""
        before = self.running()
        process = subprocess.Popen([OPTIONS.mcpctl, '--socket', self.server.socket, 'call', 'place',
                                    self.target(user), '--wait', '60s'],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait, 60)
        self.addCleanup(self.ctl, 'hangup', '--all')
        end = time.monotonic() + DEADLINE
        while len(self.running() - before) < 2:
            self.assertLess(time.monotonic(), end, self.ctl('calls').stdout)
        return {call['direction']: call['id'] for call in self.json('calls')['calls']
                if call['id'] in self.running() - before}

    def test_move_refused(self):
        self.assertIn('no such call', self.ctl('call', 'transfer', 'nobody', 'sip:a@b',
                                               code=NOT_FOUND).stderr)
        self.assertIn('no such call', self.ctl('call', 'redirect', 'nobody', 'no-one',
                                               code=NOT_FOUND).stderr)
        self.ctl('call', 'redirect', 'nobody', code=USAGE)
        self.ctl('call', 'transfer', 'nobody', code=USAGE)

    def test_move(self):
        ends = self.place()
        call = ends['incoming']
        self.assertIn('482', self.ctl('call', 'redirect', call, call, code=FAILED).stderr)
        self.assertIn('no such call', self.ctl('call', 'redirect', call, 'nobody',
                                               code=NOT_FOUND).stderr)
        # What is no URI is the asker's fault, who is not there is the network's.
        self.assertIn('400', self.ctl('call', 'transfer', call, 'no uri', code=USAGE).stderr)
        self.assertIn(call, self.running())

    def test_redirect(self):
        """Of two calls, the ends that the application has: media then flow between the scripts."""
        first, second = self.place(), self.place()
        text = self.ctl('call', 'redirect', first['incoming'], second['incoming']).stdout
        self.assertIn('redirected', text)
        shown = self.json('call', 'show', first['incoming'])
        self.assertEqual(shown['state'], 'redirected')
        self.assertEqual(shown['redirected_to'], second['incoming'])
        self.assertIn('redirect', {note['what'] for note in shown['timeline']})
        self.assertIn('redirected_to', self.ctl('call', 'show', second['incoming']).stdout)
        self.assertIn('491', self.ctl('call', 'redirect', first['incoming'], second['incoming'],
                                      code=FAILED).stderr)

    def test_plugins(self):
        lines = self.ctl('plugins').stdout.splitlines()
        self.assertEqual(lines[0].split(), ['NAME', 'VERSION', 'STATE', 'PROVIDES', 'SUMMARY'])
        self.assertEqual({line.split()[0] for line in lines[1:]},
                         {'sip', 'media', 'http', 'grammar', 'vxml', 'speech', 'recording', 'web',
                          'control', 'conference'})
        self.assertEqual({plugin['state'] for plugin in self.json('plugins')['plugins']},
                         {'started'})

    def test_metrics(self):
        text = self.ctl('metrics', 'mcp_http_cache*').stdout
        self.assertIn('mcp_http_cache_total{use="hit"}', text)
        self.assertNotIn('mcp_http_running', text)
        self.assertIn('mcp_http_running', self.ctl('metrics', 'running').stdout)

    def test_memory(self):
        text = self.ctl('metrics', 'mcp_memory_bytes').stdout
        self.assertEqual(re.findall(r'mcp_memory_bytes\{kind="(\w+)"\}', text),
                         ['resident', 'arenas', 'used', 'free', 'mapped'])
        values = {metric['label_value']: metric['value']
                  for metric in self.json('metrics')['metrics']
                  if metric['name'] == 'mcp_memory_bytes'}
        self.assertGreater(values['resident'], 1 << 20)
        # The two parts of the arenas; with a sanitizer's allocator all of them are empty.
        self.assertEqual(values['used'] + values['free'], values['arenas'])

    def test_config(self):
        text = self.ctl('config', 'show').stdout
        self.assertIn('\n[web.listener "control"]\nsocket = ', text)
        origins = self.ctl('config', 'show', '--origins').stdout
        self.assertIn(f'# {self.server.config}:', origins)
        self.assertIn('# default', origins)

    def test_log_level(self):
        self.assertEqual(self.ctl('log', 'level').stdout, 'info\n')
        self.assertEqual(self.ctl('log', 'level', 'debug').stdout, 'debug\n')
        self.assertEqual(self.ctl('log', 'level', 'info').stdout, 'info\n')
        self.assertIn('none of error', self.ctl('log', 'level', 'loud', code=USAGE).stderr)

    def test_reload(self):
        good = self.server.config.read_text()
        self.assertIn('in force', self.ctl('reload').stdout)
        self.server.config.write_text(good + '\n[sip]\nnonsense = 1\n')
        self.assertIn('nonsense', self.ctl('reload', code=FAILED).stderr)
        self.server.config.write_text(good)
        self.ctl('reload')

    def test_usage(self):
        for arguments in ([], ['nonsense'], ['call'], ['call', 'show'], ['status', 'x'],
                          ['hangup'], ['status', '--nonsense'], ['-o', 'xml', 'status'],
                          ['call', 'place', 'tel:1'], ['events', '--type', 'x'],
                          ['call', 'place', 'sip:x@y', '-e', 'rain'],
                          ['call', 'place', 'sip:x@y', '-e', 'audio,of=1'],
                          ['drain', '--deadline', 'soon']):
            self.ctl(*arguments, code=USAGE)
        self.assertIn('call place URI', self.ctl('--help').stdout)
        self.assertIn('--expect', self.ctl('call', 'place', '--help').stdout)

    def test_not_found(self):
        for arguments in (['call', 'show', 'none'], ['hangup', 'none']):
            self.ctl(*arguments, code=NOT_FOUND)

    def test_no_connection(self):
        result = subprocess.run([OPTIONS.mcpctl, 'status'], text=True, capture_output=True,
                                env={'MCP_CONTROL_SOCKET': '/nonexistent/control.sock'},
                                check=False)
        self.assertEqual(result.returncode, NO_CONNECTION)
        self.assertIn('/nonexistent/control.sock', result.stderr)
        self.assertIn('Is mcpd running', result.stderr)

    def target(self, user='demo'):
        return f'sip:{user}@127.0.0.1:{self.server.port}'

    def test_call_refused(self):
        verdict = self.json('call', 'place', self.target('nobody'), '--expect', 'status=404')
        self.assertTrue(verdict['ok'])
        verdict = self.json('call', 'place', self.target('nobody'), code=FAILED)
        self.assertIn('404', verdict['failure'])
        verdict = self.json('call', 'place', self.target(), '--expect', 'status=486', code=FAILED)
        self.assertIn('expected 486', verdict['failure'])

    def test_call_through(self):
        heard = self.server.folder / 'heard.wav'
        text = self.ctl('call', 'place', self.target(), '--watch-all', '--record', heard,
                        '--expect', 'answered', '--expect', 'audio,for=500ms',
                        '--expect', 'silence,for=600ms,timeout=40s', '--dtmf', '9',
                        '--expect', 'hangup,timeout=20s').stdout
        self.assertIn('text=Welcome to the media control platform.', text)
        self.assertRegex(text, r'input +match +digits=9')
        self.assertTrue(text.endswith('PASSED\n'), text)
        with wave.open(str(heard)) as audio:
            self.assertGreater(audio.getnframes() / audio.getframerate(), 3)
        identity = next(line.split()[1].rstrip(':') for line in text.splitlines()
                        if line.startswith('call '))
        ladder = self.ctl('call', 'show', identity, '--ladder').stdout
        for part in ('INVITE', '200 OK', 'ACK', 'BYE'):
            self.assertIn(part, ladder)
        self.assertNotIn('timeline', ladder)
        shown = self.ctl('call', 'show', identity).stdout
        for part in ('timeline', 'PCMU'):
            self.assertIn(part, shown)
        result = self.json('call', 'show', identity)['result']['value']
        self.assertTrue(result['ok'])
        self.assertEqual([step['step'] for step in result['steps']],
                         ['expect answered', 'expect audio', 'expect silence', 'send 9',
                          'expect hangup'])

    def test_call_expectation_fails(self):
        verdict = self.json('call', 'place', self.target(), '--expect', 'hangup,timeout=300ms',
                            code=FAILED)
        self.assertIn('step 1 (expect hangup): not within 300 ms', verdict['failure'])
        verdict = self.json('call', 'place', self.target(), '--play', '/nonexistent.wav',
                            code=FAILED)
        self.assertIn('/nonexistent.wav', verdict['failure'])

    def test_call_progress(self):
        """The demo talks on and on, as a machine does; the reason is shown."""
        text = self.ctl('call', 'place', self.target(), '--expect', 'progress=machine,country=US'
                        ).stdout
        self.assertRegex(text, r'expect progress.*machine.*speech for')
        verdict = self.json('call', 'place', self.target(), '--expect', 'progress=busy',
                            code=FAILED)
        self.assertRegex(verdict['failure'], r'step 1 \(expect progress\): machine.*speech for')
        refused = self.ctl('call', 'place', self.target(), '--expect', 'progress=happy',
                           code=USAGE)
        self.assertIn('verdict is none of busy', refused.stderr)

    def await_room(self, room, condition):
        """The members of the room by the id of their call, once they are as wanted."""
        end = time.monotonic() + DEADLINE
        while True:
            shown = self.json('room', 'list')['rooms']
            members = {member['id']: member for one in shown if one['name'] == room
                       for member in one['members']}
            if condition(members):
                return members
            self.assertLess(time.monotonic(), end, shown)

    def enter(self, room):
        """Another call that is in the room: the id of the member."""
        call = self.place(room)['incoming']
        self.await_room(room, lambda members: call in members)
        return call

    def test_room_list(self):
        call = self.enter('den-list')
        lines = self.ctl('room', 'list').stdout.splitlines()
        self.assertEqual(lines[0].split(), ['NAME', 'MEMBERS', 'RATE', 'FLOOR'])
        self.assertEqual([line.split()[:3] for line in lines if line.startswith('den-list')],
                         [['den-list', '1', '8000']])
        text = self.ctl('room', 'show', 'den-list').stdout
        self.assertRegex(text, r'(?m)^name +den-list$')
        self.assertRegex(text, r'(?m)^recorded +false$')
        self.assertRegex(text, rf'(?m)^{re.escape(call)} +talker ')
        self.assertEqual(self.json('room', 'show', 'den-list')['name'], 'den-list')
        self.ctl('hangup', '--all')
        self.await_room('den-list', lambda members: not members)
        self.ctl('room', 'show', 'den-list', code=NOT_FOUND)

    def test_room_member(self):
        room = 'den-member'
        call, other = self.enter(room), self.enter(room)
        for command, key, value in (('mute', 'muted', True), ('unmute', 'muted', False),
                                    ('deafen', 'deaf', True), ('undeafen', 'deaf', False)):
            self.ctl('room', command, room, call)
            members = self.await_room(room, lambda members: call in members)
            self.assertEqual((command, members[call][key]), (command, value))
            self.assertEqual((members[other]['muted'], members[other]['deaf']), (False, False))
        self.assertIn('done', self.ctl('room', 'gain', room, call, '-3.5').stdout)
        self.ctl('room', 'volume', room, call, '6')
        self.ctl('room', 'role', room, call, 'coach', '--partner', other)
        member = self.await_room(room, lambda members: call in members)[call]
        self.assertEqual((member['gain_db'], member['volume_db']), (-3.5, 6))
        self.assertEqual((member['role'], member['partner']), ('coach', other))
        self.assertRegex(self.ctl('room', 'show', room).stdout,
                         rf'(?m)^{re.escape(call)} +coach +{re.escape(other)} +false +false +-3.5')

    def test_room_member_refused(self):
        room = 'den-refused'
        call = self.enter(room)
        for arguments in (['role', room, call, 'clown'], ['role', room, call, 'coach'],
                          ['gain', room, call, 'loud'], ['gain', room, call, '41'],
                          ['volume', room, call, '-41'], ['mute', room]):
            self.ctl('room', *arguments, code=USAGE)
        member = self.await_room(room, lambda members: call in members)[call]
        self.assertEqual((member['role'], member['gain_db'], member['volume_db']),
                         ('talker', 0, 0))

    def test_room_remove(self):
        room = 'den-remove'
        call, other = self.enter(room), self.enter(room)
        self.assertIn('removed', self.ctl('room', 'remove', room, call).stdout)
        self.await_room(room, lambda members: set(members) == {other})
        self.ctl('room', 'remove', room, call, code=NOT_FOUND)
        shown = self.json('call', 'show', call)
        self.assertIn('removed from the room', json.dumps(shown))

    def test_room_play(self):
        room, path = 'den-play', self.server.folder / 'sound.wav'
        with wave.open(str(path), 'wb') as audio:
            audio.setnchannels(1)
            audio.setsampwidth(2)
            audio.setframerate(8000)
            audio.writeframes(b'\x00\x20\x00\xe0' * 40000)
        self.enter(room)
        self.ctl('room', 'stop', room, code=FAILED)
        self.assertIn('it plays', self.ctl('room', 'play', room, path).stdout)
        self.assertIn('stopped', self.ctl('room', 'stop', room).stdout)
        refused = self.ctl('room', 'play', room, self.server.folder / 'none.wav', code=NOT_FOUND)
        self.assertIn('none.wav', refused.stderr)

    def test_room_record(self):
        room = 'den-record'
        self.enter(room)
        self.ctl('room', 'record', room, code=USAGE)
        self.ctl('room', 'record', room, '--out', 'talk', '--format', 'wax', code=USAGE)
        self.ctl('room', 'record', room, '--stop', code=FAILED)
        self.assertIn('it is recorded', self.ctl('room', 'record', room, '--out', 'talk').stdout)
        self.assertTrue(self.json('room', 'show', room)['recorded'])
        self.ctl('room', 'record', room, '--out', 'again', code=FAILED)
        self.assertIn('ends', self.ctl('room', 'record', room, '--stop').stdout)
        end = time.monotonic() + DEADLINE
        while not list((self.server.folder / 'recordings').rglob('talk*')):
            self.assertLess(time.monotonic(), end, 'there is no recording')

    def test_room_unknown(self):
        for arguments in (['show', 'attic'], ['mute', 'attic', 'x'], ['unmute', 'attic', 'x'],
                          ['deafen', 'attic', 'x'], ['undeafen', 'attic', 'x'],
                          ['role', 'attic', 'x', 'talker'], ['gain', 'attic', 'x', '1'],
                          ['volume', 'attic', 'x', '1'], ['remove', 'attic', 'x'],
                          ['play', 'attic', '/x.wav'], ['stop', 'attic'],
                          ['record', 'attic', '--out', 'x'], ['record', 'attic', '--stop']):
            self.ctl('room', *arguments, code=NOT_FOUND)
        self.enter('den-known')
        for arguments in (['mute', 'den-known', 'x'], ['role', 'den-known', 'x', 'talker'],
                          ['volume', 'den-known', 'x', '1'], ['remove', 'den-known', 'x']):
            self.assertIn('nobody in the room', self.ctl('room', *arguments, code=NOT_FOUND).stderr)

    def follow_events(self):
        """A process that prints events, and a queue of them. Its stream is open: what happens
        before is not told, so calls that are refused are placed until one of them is."""
        events = subprocess.Popen([OPTIONS.mcpctl, '-s', self.server.socket, '-o', 'json',
                                   'events'], text=True, stdout=subprocess.PIPE)
        lines = queue.Queue()

        def read():
            for line in events.stdout:
                lines.put(json.loads(line))

        threading.Thread(target=read, daemon=True).start()
        deadline = time.monotonic() + DEADLINE
        while lines.empty():
            self.assertLess(time.monotonic(), deadline, 'no event is told')
            self.ctl('call', 'place', self.target('nobody'), code=FAILED)
        return events, lines

    def test_hangup_and_events(self):
        events, lines = self.follow_events()
        caller = subprocess.Popen([OPTIONS.mcpctl, '-s', self.server.socket, 'call', 'place',
                                   self.target(), '--wait', '60s'], stdout=subprocess.DEVNULL)
        while lines.get(timeout=DEADLINE)['type'] != 'call-answered':
            pass
        self.assertIn('demo', self.ctl('calls').stdout)
        self.assertRegex(self.ctl('hangup', '--all').stdout, r'^\d+ calls? hung up')
        self.assertEqual(caller.wait(30), FAILED)
        events.terminate()
        events.wait()
        events.stdout.close()


def main():
    global OPTIONS
    parser = argparse.ArgumentParser()
    for name in ('mcpd', 'mcpctl', 'plugins', 'demo'):
        parser.add_argument(f'--{name}', required=True)
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=sys.argv[:1] + rest, verbosity=2)


if __name__ == '__main__':
    main()
