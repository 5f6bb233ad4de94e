// How PostgREST renders values: it takes PostgreSQL's own JSON text. The embedded server parses PostgreSQL's text into
// JavaScript values first; these parsers keep what that would change.
import { randomUUID } from 'node:crypto';

// A number that JavaScript would change is written with the digits it came with. JSON.rawJSON is meant for that, but
// in Node 20 it writes other parts of the memory in place of the digits, and of the text before them, once an answer
// holds a character beyond Latin-1. So the digits go through JSON.stringify as marked text, and lose the marks and
// quotes after it.
const mark = randomUUID();
const marked = new RegExp(`"${mark}([^"]*)${mark}"`, 'g');
const stringify = JSON.stringify;

class ExactNumber {
  #text;
  constructor(text) { this.#text = text; }
  toJSON() { return mark + this.#text + mark; }
}

const exact = text => new ExactNumber(text);

/** Makes JSON.stringify write exact numbers as such. The embedded server writes its answers with it. */
export function writeExactNumbers() {
  JSON.stringify = (...args) => {
    const text = stringify(...args);
    return text?.includes(mark) ? text.replace(marked, '$1') : text;
  };
}

/** 2026-01-01 00:00:00.123451+00 as 2026-01-01T00:00:00.123451+00:00; infinity stays as it is. */
export const timestamptz = text => text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00');

export const timestamp = text => text.replace(' ', 'T');

/** int8: exact beyond 2^53. */
export const int8 = text => (Number.isSafeInteger(Number(text)) ? Number(text) : exact(text));

/** numeric and float8: 12.50 stays 12.50; NaN and Infinity become strings, as in PostgreSQL's to_json. */
export const number = text => {
  const value = Number(text);
  if (!Number.isFinite(value)) return /^-?\d/.test(text) ? exact(text) : text;
  return String(value) === text ? value : exact(text);
};

/** json and jsonb: integers beyond 2^53 and decimals keep their digits. */
export const json = text => (/\d{16}|\d\.\d*0(?!\d)/.test(text) ? JSON.parse(text, exactNumber) : JSON.parse(text));

const exactNumber = (key, value, context) => (typeof value === 'number' && String(value) !== context.source ? exact(context.source) : value);

// A function's argument comes as JSON text, a column's value as what it means. Text that is an object in JSON is taken
// for the former: the driver would quote it once more.
export const jsonArgument = value => (isObjectText(value) ? value : JSON.stringify(value));

function isObjectText(value) {
  if (typeof value !== 'string' || !/^\{[^]*\}$/.test(value)) return false;
  try { JSON.parse(value); return true; } catch { return false; }
}

/** For rows that go to a person or a test as one line of JSON: int8 beyond 2^53 and numeric as strings. */
export const plainInt8 = text => (Number.isSafeInteger(Number(text)) ? Number(text) : text);

export const oid = { int8: 20, json: 114, float8: 701, timestamp: 1114, timestamptz: 1184, numeric: 1700, jsonb: 3802 };
