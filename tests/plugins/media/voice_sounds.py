# SPDX-License-Identifier: Apache-2.0
"""What callers and prompts say to the voice activity detector, spoken by flite and espeak-ng.

Tuning and judging share no text, no prompt and only some voices: flite's kal, slt and awb speak in
both, its rms and all of the judge's espeak-ng variants are never heard in tuning.
"""
import os
import subprocess

TUNE_CALLERS = ["kal", "slt", "awb", "kal16", "en-us+m1", "en-gb+f1", "en-us+f4",
                "en-gb-scotland+m7", "en-us+croak", "en-029+f3"]
JUDGE_CALLERS = ["kal", "slt", "rms", "awb", "en-us+m3", "en-gb+f2", "en-gb-x-rp+m5", "en-us+f5"]
TUNE_PROMPTERS = ["slt", "awb", "en-us+m2", "kal16"]
JUDGE_PROMPTERS = ["rms", "slt", "en-gb+m4", "awb"]

TUNE_TEXTS = [
    "okay", "hello", "never mind", "help me please", "the first one", "go back", "repeat that",
    "eleven", "twenty two", "six three zero", "account number nine", "my name is Sarah Miller",
    "I would like to book a table", "what is my balance", "transfer to savings", "Friday morning",
    "the third of August", "speak to somebody", "sure", "wait a second", "change my password",
    "fifty dollars", "Hamburg", "Philadelphia", "I lost my card yesterday", "how much does it cost",
    "that is wrong", "start again", "quit", "pizza with mushrooms", "five nine two one",
    "when do you open", "uncle Otto is home", "everything else", "internet connection", "yeah",
]
JUDGE_TEXTS = [
    "yes", "no", "operator", "main menu", "cancel", "four seven one", "eight", "good morning",
    "I want to pay my bill", "thirty five euros", "customer service", "where is my order",
    "agent please", "the blue one", "next Tuesday at noon", "London", "San Francisco", "stop",
    "can you hear me", "I do not understand", "zero zero eight one", "extension one two four",
    "please call me back", "it does not work", "about my invoice", "under the name of Wagner",
]
TUNE_PROMPTS = [
    "Thank you for calling. Please listen carefully, as our options have changed.",
    "For opening hours press one. For directions press two. Otherwise hold the line.",
    "Your present balance is four hundred and twelve dollars and nine cents.",
    "All of our agents are busy. Your estimated waiting time is seven minutes.",
    "Please say the name of the city you would like to travel to, or say help.",
]
JUDGE_PROMPTS = [
    "Welcome to the service line. This call may be recorded for training purposes.",
    "To pay a bill, say bill. To report a fault, say fault. To hear this again, say repeat.",
    "I am sorry, I did not get that. Could you tell me your customer number, digit by digit?",
    "Your next appointment is on Thursday, the twenty first of November, at half past ten.",
    "We are looking for somebody who can help you. Please stay with us for a moment.",
    "If you know the extension of the person you wish to reach, enter it at any time.",
]


def speak(folder, voice, text):
    """The path of a file in which this voice says this; made when it is not there."""
    name = "".join(c if c.isalnum() else "_" for c in f"{voice} {text[:48]}") + ".wav"
    path = os.path.join(folder, name)
    if os.path.exists(path):
        return path
    if voice.startswith("en-"):
        command = ["espeak-ng", "-v", voice, "-w", path + ".new", text]
    else:
        command = ["flite", "-voice", voice, "-t", text, "-o", path + ".new"]
    subprocess.run(command, check=True, timeout=60, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    os.rename(path + ".new", path)
    return path


def speak_all(folder, voices, texts):
    """Every text by every voice; neighbours are of different voices and texts."""
    os.makedirs(folder, exist_ok=True)
    pairs = [(voices[(i + j) % len(voices)], text)
             for j in range(len(voices)) for i, text in enumerate(texts)]
    return [speak(folder, voice, text) for voice, text in pairs]
