#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Speech engines by mcpctl and by the control API: a real mcpd, with flite and pocketsphinx behind
the plugin engines, and one where neither that plugin nor a recognizer runs."""

import argparse
import base64
import contextlib
import http.client
import json
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import wave

OK, FAILED, USAGE, NO_CONNECTION, NOT_FOUND = range(5)
OPTIONS = None
DEADLINE = 60
TRIALS_MAX = 8

CONFIG = """
[core]
plugins = http, grammar, speech, web, control{more}
plugin_path = {plugins}
log_format = json
[web.listener "control"]
socket = {folder}/control.sock
[speech]
recognizer = {recognizer}
"""
CALLS = """
[sip.transport "udp"]
transport = udp
address = 127.0.0.1:{port}
[sip.peer "loopback"]
addresses = 127.0.0.0/8
services = *
[service "page"]
user = page
dialog = vxml
page = file://{folder}/page.vxml
[http]
file_root = {folder}
"""
PAGE = """<vxml xmlns="http://www.w3.org/2001/vxml" version="2.1" xml:lang="en-GB"><form><block>
<prompt>Known to
 the cache.</prompt></block></form></vxml>"""

YES_NO = """<grammar xmlns="http://www.w3.org/2001/06/grammar" version="1.0" xml:lang="en-US"
 root="answer" tag-format="semantics/1.0"><rule id="answer" scope="public"><one-of>
<item>yes<tag>out.agreed = true;</tag></item><item>no<tag>out.agreed = false;</tag></item>
</one-of></rule></grammar>"""
ABNF = '#ABNF 1.0 UTF-8;\nlanguage en-US;\nroot $answer;\npublic $answer = yes | no;\n'
KEYS = YES_NO.replace('root=', 'mode="dtmf" root=').replace('yes', '1').replace('no<', '2<')


def free_port():
    """An even port, so that no RTP socket of the same run wants it."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(('127.0.0.1', 0))
            port = probe.getsockname()[1]
        if port % 2 == 0 and port < 60000:
            return port


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__('mcpd')
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(DEADLINE)
        self.sock.connect(self.path)


class Server:
    def __init__(self, engines, calls=False):
        self.temporary = tempfile.TemporaryDirectory(prefix='speech-')
        self.folder = pathlib.Path(self.temporary.name)
        self.socket = self.folder / 'control.sock'
        self.config = self.folder / 'mcp.conf'
        self.port = free_port()
        more = ', engines' if engines else ''
        if calls:
            more += ', sip, media, vxml'
        text = CONFIG + (CALLS if calls else '')
        self.config.write_text(text.format(plugins=OPTIONS.plugins, folder=self.folder,
                                           port=self.port, more=more,
                                           recognizer='true' if engines else 'false'))
        self.log = open(self.folder / 'log', 'wb')
        self.process = subprocess.Popen([OPTIONS.mcpd, '-c', self.config], stderr=self.log,
                                        stdout=self.log)
        end = time.monotonic() + DEADLINE
        while self.ctl('status').returncode != OK:
            if self.process.poll() is not None or time.monotonic() > end:
                sys.exit((self.folder / 'log').read_text())

    def ctl(self, *arguments, stdin=''):
        return subprocess.run([OPTIONS.mcpctl, '--socket', self.socket, *arguments], text=True,
                              capture_output=True, timeout=120, check=False, input=stdin)

    def stop(self):
        self.process.terminate()
        code = self.process.wait(DEADLINE)
        self.log.close()
        log = (self.folder / 'log').read_text(errors='replace')
        self.temporary.cleanup()
        assert code == 0, log

    def send(self, method, path, body=None, accept=None):
        """The connection of a request whose answer is not waited for."""
        connection = UnixConnection(self.socket)
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        connection.request(method, path, text, {'Accept': accept} if accept else {})
        return connection

    def api(self, method, path, body=None, accept=None):
        with contextlib.closing(self.send(method, path, body, accept)) as connection:
            answer = connection.getresponse()
            return answer.status, answer.getheader('Content-Type'), answer.read()


def write_wave(path, samples, channels=1, rate=8000):
    with wave.open(str(path), 'wb') as audio:
        audio.setnchannels(channels)
        audio.setsampwidth(2)
        audio.setframerate(rate)
        audio.writeframes(samples)


class Case(unittest.TestCase):
    engines = True

    @classmethod
    def setUpClass(cls):
        cls.server = Server(cls.engines)
        cls.folder = cls.server.folder
        cls.grammar = cls.folder / 'answer.grxml'
        cls.grammar.write_text(YES_NO)
        cls.silence = cls.folder / 'silence.wav'
        write_wave(cls.silence, bytes(16000))

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def ctl(self, *arguments, code=OK, stdin=''):
        result = self.server.ctl(*arguments, stdin=stdin)
        self.assertEqual(result.returncode, code, f'{arguments}: {result.stdout}{result.stderr}')
        return result

    def json(self, *arguments, code=OK, stdin=''):
        return json.loads(self.ctl('-o', 'json', *arguments, code=code, stdin=stdin).stdout)

    def hear(self, audio, grammar, code=OK, engine='pocketsphinx'):
        return self.ctl('speech', 'test', engine, '--recognize', audio, '--grammar', grammar,
                        code=code)

    def spoken(self, text):
        path = self.folder / f'{text}.wav'
        self.ctl('speech', 'test', 'flite', '--say', text, '--out', path)
        return path


class Speech(Case):
    def test_status(self):
        lines = self.ctl('speech', 'status').stdout.splitlines()
        self.assertEqual(lines[0].split(), ['ENGINE', 'KIND', 'STATE', 'DONE', 'FAILED', 'MS',
                                            'LAST-ERROR'])
        self.assertEqual([line.split()[:3] for line in lines[1:3]],
                         [['flite', 'synthesizer', 'up'], ['pocketsphinx', 'recognizer', 'up']])
        self.assertIn('prompt cache', lines)
        engines = {one['name']: one for one in self.json('speech', 'status')['engines']}
        done = engines['flite']['succeeded']
        self.ctl('speech', 'test', 'flite', '--say', 'something for the status')
        engines = {one['name']: one for one in self.json('speech', 'status')['engines']}
        self.assertEqual(engines['flite']['succeeded'], done + 1)
        self.assertEqual(sum(engines['flite']['durations_ms'].values()), done + 1)
        self.assertRegex(self.ctl('speech', 'status').stdout, r'(?m)^flite .*(<|more:)\d+')

    def test_say(self):
        path = self.folder / 'said.wav'
        text = self.ctl('speech', 'test', 'flite', '--say', 'Good morning.', '--out', path).stdout
        self.assertRegex(text, r'^flite: \d\.\d s of audio, \d+ bytes; the first after \d+ ms, all '
                               r'after \d+ ms\n$')
        with wave.open(str(path)) as audio:
            self.assertEqual((audio.getnchannels(), audio.getsampwidth(), audio.getframerate()),
                             (1, 2, 8000))
            said = re.search(r'(\d+) bytes', text)[1]
            self.assertEqual(audio.getnframes() * 2, int(said))
        said = self.json('speech', 'test', 'flite', '--say', 'Good morning.', '--language', 'en-US')
        self.assertEqual((said['engine'], said['kept']), ('flite', False))
        self.assertGreaterEqual(said['whole_ms'], said['first_ms'])
        self.assertIn('(kept)', self.ctl('speech', 'test', 'flite', '--say', 'Good morning.',
                                         '--language', 'en-US').stdout)

    def test_say_ssml(self):
        marked = '<speak version="1.0" xml:lang="en">Hi<break time="2s"/></speak>'
        said = self.json('speech', 'test', 'flite', '--say', marked, '--ssml')
        self.assertGreater(said['duration_ms'], 2000)
        refused = self.ctl('speech', 'test', 'flite', '--say', '<speak', '--ssml', code=USAGE)
        self.assertIn('line 1', refused.stderr)

    def test_recognize(self):
        text = self.hear(self.spoken('yes'), self.grammar).stdout
        self.assertRegex(text, r'^pocketsphinx: match after \d+ ms\nCONFIDENCE +WORDS +MEANING\n'
                               r'[01]\.\d+ +yes +\{"agreed":true\}\n$')
        heard = json.loads(self.ctl('-o', 'json', 'speech', 'test', 'pocketsphinx', '--recognize',
                                    self.spoken('no'), '--grammar', self.grammar).stdout)
        self.assertEqual(heard['event'], 'match')
        self.assertEqual(heard['hypotheses'][0]['interpretation'], {'agreed': False})
        self.assertLess(heard['speech_from_ms'], heard['speech_to_ms'])

    def test_recognize_grammars(self):
        abnf = self.folder / 'answer.gram'
        abnf.write_text(ABNF)
        for grammar, meaning in ((abnf, 'yes'), ('builtin:grammar/boolean', 'true')):
            self.assertRegex(self.hear(self.spoken('yes'), grammar).stdout, rf'ye\w +{meaning}\n')

    def test_recognize_nothing(self):
        self.assertIn('no-input', self.hear(self.silence, self.grammar, code=FAILED).stdout)
        other = self.spoken('seventeen bottles of water')
        self.assertIn('no-match', self.hear(other, self.grammar, code=FAILED).stdout)
        # That is no fault of the engine's.
        engines = {one['name']: one for one in self.json('speech', 'status')['engines']}
        self.assertEqual(engines['pocketsphinx']['failed'], 0)

    def test_recognize_refused(self):
        stereo, music = self.folder / 'stereo.wav', self.folder / 'music.wav'
        write_wave(stereo, bytes(3200), channels=2)
        write_wave(music, bytes(3200), rate=44100)
        long, keys = self.folder / 'long.wav', self.folder / 'keys.grxml'
        write_wave(long, bytes(800 * 1024))
        keys.write_text(KEYS)
        for audio, grammar, complaint in (
                (self.grammar, self.grammar, 'no WAV file'), (stereo, self.grammar, 'mono'),
                (music, self.grammar, '44100'), (long, self.grammar, 'more than'),
                (self.folder / 'none.wav', self.grammar, 'none.wav'),
                (self.silence, self.folder / 'none.grxml', 'none.grxml'),
                (self.silence, keys, 'keys'), (self.silence, self.silence, 'silence.wav')):
            self.assertIn(complaint, self.hear(audio, grammar, code=USAGE).stderr)

    def test_no_such_engine(self):
        for arguments in (['--say', 'x'],
                          ['--recognize', self.silence, '--grammar', self.grammar]):
            refused = self.ctl('speech', 'test', 'parrot', *arguments, code=NOT_FOUND)
            self.assertRegex(refused.stderr, r'no (synthesizer|recognizer) "parrot" is running')

    def test_usage(self):
        for arguments in (['flite'], ['flite', '--recognize', self.silence], ['--say', 'x'],
                          ['flite', '--grammar', self.grammar],
                          ['flite', '--say', 'x', '--grammar', self.grammar],
                          ['flite', '--recognize', self.silence, '--grammar', self.grammar,
                           '--voice', 'kal']):
            self.ctl('speech', 'test', *arguments, code=USAGE)
        self.ctl('tts', 'cache', code=USAGE)
        self.ctl('tts', 'cache', 'warm', self.folder / 'none.txt', code=USAGE)
        for text in ('speech test', 'tts cache warm'):
            self.assertIn(text, self.ctl('--help').stdout)

    def test_warm(self):
        lines = 'One for the cache.\n\n  Two for the cache. \n'
        made = self.ctl('tts', 'cache', 'warm', stdin=lines)
        self.assertEqual(made.stdout, '2 made, 0 kept already, 0 failed\n')
        prompts = self.folder / 'prompts.txt'
        prompts.write_text(lines + 'Three for the cache.')
        kept = self.ctl('tts', 'cache', 'warm', prompts)
        self.assertEqual(kept.stdout, '1 made, 2 kept already, 0 failed\n')
        stats = self.json('tts', 'cache', 'stats')
        self.assertGreaterEqual(stats['memory_entries'], 3)
        self.assertRegex(self.ctl('tts', 'cache', 'stats').stdout, r'(?m)^memory hits +[1-9]')
        self.assertIn('no prompts are kept', self.ctl('tts', 'cache', 'flush').stdout)
        self.assertEqual(self.json('tts', 'cache', 'stats')['memory_entries'], 0)
        self.assertEqual(self.json('tts', 'cache', 'warm', prompts),
                         {'made': 3, 'kept': 0, 'failed': 0})
        # Another voice is another prompt.
        self.assertEqual(self.json('tts', 'cache', 'warm', prompts, '--voice', 'slt')['made'], 3)

    def test_warm_fails(self):
        good = '<speak version="1.0" xml:lang="en">Good.</speak>'
        result = self.ctl('tts', 'cache', 'warm', '--ssml', stdin=f'<speak\n{good}\n', code=FAILED)
        self.assertEqual(result.stdout, '1 made, 0 kept already, 1 failed\n')
        self.assertIn('line 1', result.stderr)
        refused = self.ctl('tts', 'cache', 'warm', '--engine', 'parrot', stdin='x\n', code=FAILED)
        self.assertIn('"parrot"', refused.stderr)
        refused = self.ctl('tts', 'cache', 'warm', self.silence, code=FAILED)
        self.assertIn('mcpctl: ', refused.stderr)

    def recognition(self, **more):
        audio = base64.b64encode(self.silence.read_bytes()).decode()
        return {'engine': 'pocketsphinx', 'grammar': YES_NO, 'audio': audio, **more}

    def test_api(self):
        for accept, kind in ((None, 'application/json'), ('audio/x-wav', 'audio/x-wav')):
            status, given, body = self.server.api('POST', '/speech/prompts',
                                                  {'text': 'Hello.', 'rate': 16000,
                                                   'voice': 'slt'}, accept)
            self.assertEqual((status, given), (200, kind))
        path = self.folder / 'hello.wav'
        path.write_bytes(body)
        with wave.open(str(path)) as audio:
            self.assertEqual(audio.getframerate(), 16000)
        self.assertEqual(self.server.api('POST', '/speech/prompts', '{')[0], 400)
        status, _, body = self.server.api('POST', '/speech/prompts', {'text': 'x' * 20000})
        self.assertEqual(status, 500)
        self.assertIn('flite: text has 20000 bytes', json.loads(body)['error'])
        self.assertEqual(self.server.api('POST', '/speech/prompts',
                                         {'text': 'x', 'engine': 'parrot'})[0], 404)
        self.assertEqual(self.server.api('POST', '/speech/recognitions', {})[0], 400)
        status, _, body = self.server.api('POST', '/speech/recognitions',
                                          self.recognition(timeout='10ms'))
        self.assertEqual((status, json.loads(body)['error']), (504, 'not done within 10 ms'))
        self.assertEqual(self.server.api('PUT', '/speech/cache', {})[0], 405)

    def test_too_many(self):
        """All are there before the first one is read; those that run wait for somebody to speak."""
        self.server.process.send_signal(signal.SIGSTOP)
        try:
            trials = [self.server.send('POST', '/speech/recognitions', self.recognition())
                      for _ in range(TRIALS_MAX + 1)]
        finally:
            self.server.process.send_signal(signal.SIGCONT)
        statuses = []
        for trial in trials:
            with contextlib.closing(trial):
                statuses.append(trial.getresponse().status)
        self.assertEqual(sorted(statuses), [200] * TRIALS_MAX + [503])

    def test_stop_amid(self):
        """A trial that runs does not hold the server up, and nothing is left of it."""
        server = Server(True)
        with contextlib.closing(server.send('POST', '/speech/recognitions', self.recognition())):
            server.stop()


class Calls(unittest.TestCase):
    def test_warm_page(self):
        """What was warmed is what a page asks for."""
        server = Server(True, calls=True)
        self.addCleanup(server.stop)
        (server.folder / 'page.vxml').write_text(PAGE)
        for language, source in (('de', 'engine'), ('en-GB', 'cache')):
            server.ctl('tts', 'cache', 'flush')
            warm = server.ctl('tts', 'cache', 'warm', '--language', language,
                              stdin='Known to the cache.\n')
            self.assertEqual(warm.stdout, '1 made, 0 kept already, 0 failed\n')
            call = server.ctl('call', 'place', f'sip:page@127.0.0.1:{server.port}', '--watch-all',
                              '--expect', 'hangup,timeout=30s')
            self.assertEqual(call.returncode, OK, call.stdout + call.stderr)
            self.assertEqual(re.findall(r'prompt +synthesized .*from=(\w+)', call.stdout),
                             [source], call.stdout)


class Plain(Case):
    """Without the plugin engines, and without a recognizer."""
    engines = False

    def test_status(self):
        self.assertEqual(self.json('speech', 'status'),
                         {'engines': [{'name': 'flite', 'kind': 'synthesizer', 'state': 'up',
                                       'details': {}}]})
        self.assertRegex(self.ctl('speech', 'status').stdout, r'(?m)^flite +synthesizer +up +- ')

    def test_recognizer_off(self):
        refused = self.hear(self.silence, self.grammar, code=NOT_FOUND)
        self.assertIn('no recognizer "pocketsphinx" is running', refused.stderr)
        audio = base64.b64encode(self.silence.read_bytes()).decode()
        status, _, body = self.server.api('POST', '/speech/recognitions',
                                          {'grammar': YES_NO, 'audio': audio})
        self.assertEqual((status, json.loads(body)['error']), (503, 'no recognizer is running'))

    def test_cache(self):
        """What an engine keeps itself."""
        self.assertIn('engines does not run', self.ctl('tts', 'cache', 'stats', code=FAILED).stderr)
        for made in (1, 0):
            self.assertEqual(self.json('tts', 'cache', 'warm', stdin='By itself.\n'),
                             {'made': made, 'kept': 1 - made, 'failed': 0})
        self.ctl('tts', 'cache', 'flush')
        self.assertEqual(self.json('tts', 'cache', 'warm', stdin='By itself.\n')['made'], 1)


def main():
    global OPTIONS
    parser = argparse.ArgumentParser()
    for name in ('mcpd', 'mcpctl', 'plugins'):
        parser.add_argument(f'--{name}', required=True)
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=sys.argv[:1] + rest, verbosity=2)


if __name__ == '__main__':
    main()
