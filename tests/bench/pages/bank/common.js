// SPDX-License-Identifier: Apache-2.0
// What the pages of the bank share: which clips say what.
var CLIPS = 16;

var said = false;

// The first thing of each prompt: what is heard after a key begins with the sound that a load
// generator looks for. A prompt that another one follows takes it from that one.
function cue(more) {
  var name = said ? 'short-' : 'cue-';
  said = more === true;
  turns = turns + 1;
  return '/prompts/' + name + (turns % CLIPS) + '.wav';
}

function hash(text) {
  var sum = 0;
  for (var i = 0; i < text.length; i++)
    sum = (sum * 31 + text.charCodeAt(i)) % 65521;
  return sum;
}

function clip(name) {
  return '/prompts/short-' + (hash(name) % CLIPS) + '.wav';
}

// Long enough for a key to come amid it.
function filler(name) {
  return '/prompts/speech-' + (hash(name) % CLIPS) + '.wav';
}

function digits(text) {
  return String(text).split('').map(function (digit) { return clip('say-' + digit); });
}

function amount(sum, currency) {
  var whole = Math.floor(sum);
  var parts = digits(whole);
  var rest = Math.round((sum - whole) * 100);
  if (rest > 0)
    parts = parts.concat(clip('point'), digits(rest));
  return parts.concat(clip('currency-' + currency));
}

function loan(account) {
  return amount(account.loan, account.currency).concat(amount(account.rate, 'percent'));
}

function postings(list) {
  return list.slice(0, 3).reduce(function (parts, entry) {
    return parts.concat(clip('kind-' + entry.kind), amount(entry.sum, entry.currency));
  }, []);
}

function entries(document) {
  var found = document.getElementsByTagName('rate');
  var list = [];
  for (var i = 0; i < found.length; i++) {
    list.push({term: found.item(i).getAttribute('term'),
               percent: Number(found.item(i).getAttribute('percent'))});
  }
  return list;
}

function rates(list) {
  return list.reduce(function (parts, entry) {
    return parts.concat(clip('term-' + entry.term), amount(entry.percent, 'percent'));
  }, []);
}

function hours(from, to) {
  return [clip('from')].concat(digits(from), clip('to'), digits(to));
}

// Places of a secret of that length, each once, in order.
function pick(length, count) {
  var places = [];
  while (places.length < count) {
    var place = 1 + Math.floor(Math.random() * length);
    if (places.indexOf(place) < 0)
      places.push(place);
  }
  return places.sort();
}
