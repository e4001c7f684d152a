// SPDX-License-Identifier: Apache-2.0
// Canonical JSON against JavaScript itself, which RFC 8785 is written after: JSON.stringify prints
// numbers and strings, and sorting names by UTF-16 code units is what Array.sort does.
// usage: node jcs_node.js PROGRAM [ROUNDS]. Prints TAP.
'use strict';
const { spawnSync } = require('node:child_process');

let seed = 20261121;
function draw(n) {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 4294967296) * n);
}

const bits = new DataView(new ArrayBuffer(8));
function number() {
  for (;;) {
    let x;
    if (draw(4) === 0) x = draw(2000) / 10 ** draw(8) - 5;
    else if (draw(4) === 0) x = 2 ** (draw(2100) - 1074) * (draw(2) ? 1 : -1);
    else if (draw(4) === 0) x = (draw(9) + 1) * 10 ** (draw(620) - 310);
    else {
      bits.setUint32(0, draw(4294967296));
      bits.setUint32(4, draw(4294967296));
      x = bits.getFloat64(0);
    }
    if (Number.isFinite(x)) return x;
  }
}

const parts = ['a', 'B', '"', '\\', '/', '\u0000', '\u001f', '\b\t\n\f\r', '\u007f', 'é', '\u20ac',
  '\ue000', '\uffff', '\ufb33', '😀', '\ud7ff', '10', ' '];
function text() {
  let s = '';
  for (let k = draw(5); k >= 0; k--) s += parts[draw(parts.length)];
  return s;
}

function value(depth) {
  switch (draw(depth > 4 ? 5 : 7)) {
    case 0: return null;
    case 1: return draw(2) === 0;
    case 2: case 3: return number();
    case 4: return text();
    case 5: return Array.from({ length: draw(5) }, () => value(depth + 1));
    default: {
      const o = {};
      for (let k = draw(6); k > 0; k--) o[text()] = value(depth + 1);
      return o;
    }
  }
}

function canonical(v) {
  if (Array.isArray(v)) return '[' + v.map(canonical).join(',') + ']';
  if (v === null || typeof v !== 'object') return JSON.stringify(v);
  return '{' + Object.keys(v).sort().map((k) => JSON.stringify(k) + ':' + canonical(v[k])).join(',') + '}';
}

const rounds = Number(process.argv[3] || 20000);
const values = Array.from({ length: rounds }, () => (draw(2) ? number() : value(0)));
const run = spawnSync(process.argv[2], { input: values.map((v) => JSON.stringify(v)).join('\n') + '\n',
  maxBuffer: 1 << 30, encoding: 'utf8' });
const got = run.stdout.split('\n');
let bad = 0;
for (let i = 0; i < rounds; i++) {
  const want = canonical(values[i]);
  if (got[i] === want) continue;
  // Whole numbers that yyjson reads as integers and no double holds exactly.
  if (got[i].startsWith('! the integer')) {
    const digits = /integer (-?\d+)/.exec(got[i])[1];
    if (BigInt(digits) !== BigInt(Number(digits)) && want.includes(digits.slice(0, 15))) continue;
  }
  if (bad++ < 5) console.log(`# want ${want}\n# got  ${got[i]}`);
}
console.log(`${bad || run.status ? 'not ok' : 'ok'} 1 - ${rounds} values as JavaScript prints them\n1..1`);
process.exit(bad || run.status ? 1 : 0);
